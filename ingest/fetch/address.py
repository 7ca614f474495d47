"""Which addresses may be asked: their spelling, and the machines that their names stand for.

A name is looked up once for each connection; every machine that it stands for must be a public
one, and the connection goes to one of them, so what was checked is what is asked. The ranges are
those of IANA's special-purpose registries (RFC 6890 and its updates), written out, since what
Python calls global differs between its versions.

Left out: ports (a house's server may listen on any), and names that merely look like others.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import quote, urljoin, urlsplit

from ingest.errors import CannotFetch

_PORTS = {"http": 80, "https": 443}
_LONGEST = 8_000  # characters; RFC 9110 (4.1) has servers take that much, and hardly any take more
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_NUMBER = re.compile(r"(?:\d+|0x[0-9a-f]*)")  # such a last label makes a host an IPv4 address
_SAFE = "!$%&'()*+,/:;=?@[]~"

_PRIVATE = tuple(map(ip_network, (
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "198.18.0.0/15", "fc00::/7",
)))  # fmt: skip
_LOOPBACK = tuple(map(ip_network, ("127.0.0.0/8", "::1/128")))
_CLOSED = tuple((ip_network(block), what) for block, what in (
    ("0.0.0.0/8", "no machine at all"), ("::/128", "no machine at all"),
    ("169.254.0.0/16", "a link-local address"), ("fe80::/10", "a link-local address"),
    ("224.0.0.0/4", "a multicast address"), ("ff00::/8", "a multicast address"),
    ("::ffff:0:0/96", "an IPv4 address in disguise"), ("::/96", "an IPv4 address in disguise"),
    ("2002::/16", "an IPv4 address in disguise (6to4)"),
    ("2001::/32", "an IPv4 address in disguise (Teredo)"),
    ("192.0.0.0/24", "a reserved address"), ("192.0.2.0/24", "a reserved address"),
    ("192.88.99.0/24", "a reserved address"), ("198.51.100.0/24", "a reserved address"),
    ("203.0.113.0/24", "a reserved address"), ("240.0.0.0/4", "a reserved address"),
    ("2001::/23", "a reserved address"), ("2001:db8::/32", "a reserved address"),
    ("3fff::/20", "a reserved address"),
))  # fmt: skip
_PUBLIC_6 = ip_network("2000::/3")  # of all IPv6, what is given out to the public
_NAT64 = ip_network("64:ff9b::/96")  # how networks without IPv4 reach it (RFC 6052): unwrapped


class Unreachable(CannotFetch):
    """The machine itself may not or cannot be asked, whatever is asked for."""


@dataclass(frozen=True, slots=True)
class Address:
    """An http address in its parts, all ASCII; `target` is path and query, percent-encoded."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        """Host, and port where it is not the scheme's own, as the Host header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme and authority, for which one robots.txt holds."""
        return f"{self.scheme}://{self.authority}"

    def __str__(self) -> str:
        return self.origin + self.target


def parsed(url: str) -> Address:
    """The parts of an address; `CannotFetch` where it is none that may be asked.

    >>> str(parsed(" HTTPS://Bücher.example:443/a b/../ä?q=1#top "))
    'https://xn--bcher-kva.example/%C3%A4?q=1'
    """
    url = url.strip()
    if len(url) > _LONGEST:
        raise CannotFetch(f"is longer than {_LONGEST:,} characters. Check the address.")
    if _CONTROL.search(url):
        raise CannotFetch("holds a control character. Copy the address again.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise CannotFetch(f"is no address ({error}). Check it for typing errors.") from error
    if parts.scheme not in _PORTS:
        raise CannotFetch("is not an http or https address; others are not fetched.")
    if "@" in parts.netloc:
        raise CannotFetch(
            "holds a user name or password, which would be kept beside the article. Remove it; "
            "save pages that are behind a login in a browser, and add the files."
        )
    if port == 0:
        raise CannotFetch("names port 0, which no server has.")
    host = _host(parts.netloc)
    path = _without_dots(parts.path or "/")
    target = quote(path + (f"?{parts.query}" if parts.query else ""), safe=_SAFE)
    return Address(parts.scheme, host, port or _PORTS[parts.scheme], target)


def led(address: Address, location: str) -> Address:
    """Where a redirect leads; `CannotFetch` where it may not be followed.

    From https to http it may not: on the way back, anyone could change what is going to be cited.

    >>> str(led(parsed("https://example.org/a/b"), "../c"))
    'https://example.org/c'
    """
    try:
        there = parsed(urljoin(str(address), location))
    except CannotFetch as error:
        raise CannotFetch(f"leads to {location[:200]!r}, which {error}") from error
    except ValueError as error:
        raise CannotFetch(f"leads to {location[:200]!r}, which is no address ({error}).") from error
    if address.scheme == "https" and there.scheme == "http":
        raise CannotFetch(
            f"leads from https to {there}, where anyone on the way can change what is read. Add "
            "that address itself if you trust the network."
        )
    return there


def checked(host: str, found: list[str], *, allow_private: bool) -> tuple[str, ...]:
    """The machines that a host stands for, in order; `Unreachable` if any of them is closed.

    >>> checked("example.org", ["93.184.215.14"], allow_private=False)
    ('93.184.215.14',)
    """
    if not found:
        raise Unreachable(f"has a host name, {host}, that does not exist. Check its spelling.")
    for each in found:
        why = refusal(each, allow_private=allow_private)
        if why is not None:
            raise Unreachable(f"{why}." if each == host else f"{why} ({host} is {each}).")
    return tuple(dict.fromkeys(found))


def refusal(address: str, *, allow_private: bool) -> str | None:
    """Why this IP address is not asked, None where it may be.

    >>> refusal("169.254.169.254", allow_private=True)
    'points at a link-local address, which is never fetched'
    >>> refusal("64:ff9b::7f00:1", allow_private=False).split(",")[0]
    'points at this computer'
    """
    try:
        ip = ip_address(address)
    except ValueError:
        return "points at an address that cannot be read"
    if ip in _NAT64:
        ip = IPv4Address(int(ip) & 0xFFFFFFFF)
    inside = "this computer" if _within(ip, _LOOPBACK) else "a private network"
    if _within(ip, _LOOPBACK) or _within(ip, _PRIVATE):
        if allow_private:
            return None
        return f"points at {inside}, which is fetched only with --allow-private yes"
    what = next((what for block, what in _CLOSED if ip in block), None)
    if what is None and isinstance(ip, IPv6Address) and (ip not in _PUBLIC_6 or ip.scope_id):
        what = "a reserved address"
    return None if what is None else f"points at {what}, which is never fetched"


def _within(ip: IPv4Address | IPv6Address, blocks: tuple[object, ...]) -> bool:
    return any(ip in block for block in blocks)  # type: ignore[operator]


def _host(netloc: str) -> str:
    """The host of an authority: an ASCII name, or an IP address in its usual spelling."""
    if netloc.startswith("["):
        return _address_of(netloc[1:].partition("]")[0])
    name = _ascii(netloc.partition(":")[0]).removesuffix(".").lower()
    if not name:
        raise CannotFetch("names no host. Check the address.")
    if _NUMBER.fullmatch(name.rpartition(".")[2]):
        return _address_of(name)
    if len(name) > 253 or not _NAME.fullmatch(name):
        raise CannotFetch(f"has a host, {name[:100]!r}, that is no name. Check its spelling.")
    return name


def _address_of(text: str) -> str:
    """`0177.1`, `2130706433` and `fe80::1%eth0` are spellings that only hide where they lead."""
    try:
        ip = ip_address(text)
    except ValueError:
        ip = None
    if ip is None or "%" in text:
        raise CannotFetch(
            f"has a host, {text[:100]!r}, that is an odd spelling of an IP address. Write it as "
            "four decimal numbers with dots between, or give the site's name."
        )
    return str(ip)


def _ascii(host: str) -> str:
    """A name in any script as the domain name system has it (UTS #46)."""
    if host.isascii():
        return host
    import idna

    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError) as error:
        raise CannotFetch(f"has a host, {host[:100]!r}, that is no name ({error}).") from error


def _without_dots(path: str) -> str:
    """`/a/../b` as `/b`, so that rules for paths see what the server serves (RFC 3986, 5.2.4)."""
    kept: list[str] = []
    segments = path.split("/")[1:]
    for at, segment in enumerate(segments):
        plain = segment.lower().replace("%2e", ".")
        if plain not in (".", ".."):
            kept.append(segment)
            continue
        if plain == ".." and kept:
            kept.pop()
        if at == len(segments) - 1:
            kept.append("")
    return "/" + "/".join(kept)
