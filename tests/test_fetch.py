"""Fetching: what may be asked, what a bad server can do, and that nothing else fetches."""

from __future__ import annotations

import ast
import gzip
import socket
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import CannotFetch, IngestStopped
from ingest.fetch import Fetched, Fetcher, FetchSettings
from ingest.fetch.address import checked, led, parsed, refusal
from tests.clock import at_most
from tests.site_server import (
    Site,
    answer,
    certified,
    endless,
    in_turn,
    moved,
    raw,
    site,
)  # fmt: skip

PAGE = b"<title>Tides</title><p>The mill stood by the river.</p>"
ROOT = Path(__file__).parents[1]


def fetcher(**settings: Any) -> Fetcher:
    """One that may ask loopback, waits for nobody and gives up soon."""
    patient = {
        "allow_private": True,
        "per_host_seconds": 0.0,
        "seconds": 10.0,
        "max_bytes": 1_000_000,
    }
    return Fetcher(FetchSettings(**(patient | settings)))


def fetch(site: Site, path: str = "/", **settings: Any) -> Fetched:
    return fetcher(**settings).fetch(site.url + path)


def refused(site: Site, path: str = "/", **settings: Any) -> str:
    """The message with which fetching fails; it begins with the address."""
    with pytest.raises(CannotFetch) as caught:
        fetch(site, path, **settings)
    message = str(caught.value)
    assert message.startswith(f"{site.url}{path}: ")
    return message.removeprefix(f"{site.url}{path}: ")


@pytest.fixture
def playing() -> Iterator[Site]:
    """A site whose root is a page."""
    with site({"/": answer(PAGE)}) as running:
        yield running


# ---- addresses -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("ftp://example.org/a", "not an http or https address"),
        ("file:///etc/passwd", "not an http or https address"),
        ("javascript:alert(1)", "not an http or https address"),
        ("example.org/a", "not an http or https address"),
        ("", "not an http or https address"),
        ("https://", "names no host"),
        ("https:///a", "names no host"),
        ("https://user:secret@example.org/", "user name or password"),
        ("https://example.org\\@127.0.0.1/", "user name or password"),
        ("https://example.org\\a/", "no name"),
        ("https://example.org/\r\nHost: evil.example", "control character"),
        ("https://exam\tple.org/", "control character"),
        ("https://exa mple.org/", "no name"),
        ("https://example.org:99999/", "is no address"),
        ("https://example.org:0/", "port 0"),
        ("https://[::1/", "is no address"),
        ("https://[fe80::1%25eth0]/", "odd spelling"),
        ("https://2130706433/", "odd spelling"),
        ("https://0x7f000001/", "odd spelling"),
        ("https://0177.0.0.1/", "odd spelling"),
        ("https://127.1/", "odd spelling"),
        ("https://0x7f.1/", "odd spelling"),
        ("https://1.2.3.4.5/", "odd spelling"),
        ("https://exa%6dple.org/", "no name"),
        ("https://-example-.org/", "no name"),
        ("https://a..b/", "no name"),
        ("https://" + "a" * 64 + ".org/", "no name"),
        ("https://example.org/" + "a" * 9000, "longer than 8,000"),
    ],
)
def test_an_address_that_no_site_has_is_refused_with_the_reason(url: str, why: str) -> None:
    with pytest.raises(CannotFetch, match=why):
        Fetcher().fetch(url)


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("HTTP://Example.ORG", "http://example.org/"),
        ("http://example.org.:80/a#part", "http://example.org/a"),
        ("http://example.org:8080/a?b=c d&é", "http://example.org:8080/a?b=c%20d&%C3%A9"),
        ("https://例え.テスト/道", "https://xn--r8jz45g.xn--zckzah/%E9%81%93"),
        ("https://faß.de/", "https://xn--fa-hia.de/"),
        ("http://[2606:4700:0::1]/", "http://[2606:4700::1]/"),
        ("http://example.org/a/./b/../%2e%2E/c/..", "http://example.org/"),
        ("http://example.org/100%25", "http://example.org/100%25"),
        ("http://a_b.example.org/", "http://a_b.example.org/"),
        ("http://１２７.０.０.１/", "http://127.0.0.1/"),
    ],
)
def test_an_address_is_asked_as_the_web_spells_it(url: str, asked: str) -> None:
    assert str(parsed(url)) == asked
    assert str(parsed(asked)) == asked


@given(st.text(max_size=60) | st.from_regex(r"https?://[^\s/]{1,20}/.{0,20}", fullmatch=True))
def test_any_text_is_an_address_of_safe_parts_or_is_refused(text: str) -> None:
    try:
        found = parsed(text)
    except CannotFetch:
        return
    assert found.target.startswith("/")
    assert str(found).isascii()
    assert not set(str(found)) & set(" \r\n\t\\#")
    assert parsed(str(found)) == found


CLOSED = [
    "0.0.0.0", "0.1.2.3", "169.254.169.254", "224.0.0.1", "239.1.1.1", "240.0.0.1",
    "255.255.255.255", "192.0.0.8", "192.0.2.1", "198.51.100.7", "203.0.113.9", "192.88.99.1", "::",
    "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "2002:7f00:1::", "2002:808:808::",
    "2001:0:808:808::", "2001:db8::1", "2001:10::1", "64:ff9b::169.254.169.254", "64:ff9b:1::1",
    "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "100::1", "3fff::1", "5f00::1", "4000::1",
    "2606:4700::1%eth0", "nonsense",
]  # fmt: skip
PRIVATE = [
    "127.0.0.1", "127.255.255.254", "::1", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
    "100.64.0.1", "100.127.255.255", "198.18.0.1", "fc00::1", "fd12:3456::1", "64:ff9b::10.0.0.1",
    "64:ff9b::127.0.0.1",
]  # fmt: skip
PUBLIC = [
    "8.8.8.8",
    "172.32.0.1",
    "100.128.0.1",
    "93.184.215.14",
    "2606:4700::1",
    "64:ff9b::8.8.8.8",
]


@pytest.mark.parametrize("address", CLOSED)
def test_addresses_that_no_article_has_are_never_asked(address: str) -> None:
    assert refusal(address, allow_private=False)
    assert refusal(address, allow_private=True)


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_asked_only_if_that_is_allowed(address: str) -> None:
    assert refusal(address, allow_private=False)
    assert refusal(address, allow_private=True) is None


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_asked(address: str) -> None:
    assert refusal(address, allow_private=False) is None


def test_one_closed_machine_among_those_of_a_name_closes_the_name() -> None:
    with pytest.raises(
        CannotFetch, match=r"points at a private network.*\(news.example is 10.0.0.1\)"
    ):
        checked("news.example", ["8.8.8.8", "10.0.0.1"], allow_private=False)


def test_without_leave_loopback_is_not_even_connected_to(playing: Site) -> None:
    assert refused(playing, allow_private=False).startswith(
        "points at this computer, which is fetched only"
    )
    assert playing.asked == []


def resolver(*answers: str) -> tuple[Any, list[str]]:
    """A name service that gives one address after another, and the names that it was asked for."""
    left, asked = list(answers), []

    def resolve(host: str, port: int, **_: Any) -> list[tuple[Any, ...]]:
        asked.append(host)
        address = left.pop(0) if len(left) > 1 else left[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    return resolve, asked


def test_a_name_is_looked_up_once_and_the_connection_goes_where_that_said(playing: Site) -> None:
    # 127.0.0.2 has no server: were the name looked up again to connect, the page would be found.
    resolve, asked = resolver("127.0.0.2", "127.0.0.1")
    with pytest.raises(CannotFetch, match="cannot be reached"):
        fetcher(resolve=resolve, respect_robots=False).fetch(f"http://site.example:{playing.port}/")
    assert asked == ["site.example"]
    assert playing.asked == []


def test_a_name_that_changes_to_a_private_address_is_refused_when_it_does(playing: Site) -> None:
    resolve, asked = resolver("127.0.0.1", "169.254.169.254")
    one = fetcher(resolve=resolve, respect_robots=False)
    url = f"http://site.example:{playing.port}/"
    assert one.fetch(url).data == PAGE
    with pytest.raises(CannotFetch, match="link-local"):
        one.fetch(url)
    assert asked == ["site.example"] * 2
    assert playing.asked[0].headers["host"] == f"site.example:{playing.port}"


def test_every_machine_of_a_name_is_tried_until_one_answers(playing: Site) -> None:
    def resolve(_host: str, port: int, **_: Any) -> list[tuple[Any, ...]]:
        return [(0, 0, 0, "", (address, port)) for address in ("127.0.0.2", "127.0.0.1")]

    assert fetcher(resolve=resolve).fetch(f"http://site.example:{playing.port}/").data == PAGE


@pytest.mark.parametrize(
    "error", [socket.gaierror(-2, "Name or service not known"), UnicodeError("label")]
)
def test_a_name_that_does_not_exist_is_said_so(error: Exception) -> None:
    def resolve(*_: Any, **__: Any) -> Any:
        raise error

    with pytest.raises(CannotFetch, match="cannot be looked up"):
        fetcher(resolve=resolve).fetch("http://no.example/")


def test_a_name_service_that_hangs_is_not_waited_for() -> None:
    def resolve(*_: Any, **__: Any) -> Any:
        time.sleep(30)
        return []

    began = time.monotonic()
    with pytest.raises(CannotFetch, match=r"after 0\.5 seconds"):
        fetcher(resolve=resolve, seconds=0.5).fetch("http://slow.example/")
    assert time.monotonic() - began < 10


# ---- an answer -----------------------------------------------------------------------------------


def test_a_page_comes_with_what_its_server_says_of_it(playing: Site) -> None:
    playing.acts["/a"] = answer(
        PAGE,
        Content_Type='text/html; charset="Windows-1251"',
        ETag='"v1"',
        Last_Modified="Tue, 30 Nov 2021 10:00:00 GMT",
    )
    assert fetch(playing, "/a") == Fetched(
        f"{playing.url}/a", 200, PAGE, "text/html", "windows-1251", '"v1"',
        "Tue, 30 Nov 2021 10:00:00 GMT",
    )  # fmt: skip


@pytest.mark.parametrize(
    "said",
    ["", "nonsense", "text/html; charset=no such; charset", "text/html; charset=" + "x" * 900],
)
def test_a_content_type_that_makes_no_sense_is_none(playing: Site, said: str) -> None:
    playing.acts["/"] = answer(PAGE, Content_Type=said)
    assert fetch(playing).charset is None


def test_pincite_says_who_it_is_and_brings_nothing_along(playing: Site) -> None:
    playing.acts["/"] = answer(PAGE, Set_Cookie="seen=1")
    one = fetcher()
    one.fetch(playing.url)
    one.fetch(playing.url)
    told = playing.asked[-1].headers
    assert told["user-agent"].startswith("Pincite/")
    assert told["accept-encoding"] == "gzip, deflate"
    assert not {"cookie", "referer", "authorization"} & set(told)


def test_a_proxy_in_the_environment_is_not_asked(
    playing: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert fetch(playing).data == PAGE


@pytest.mark.parametrize(
    ("status", "why"),
    [
        ("204 No Content", "is empty"), ("206 Partial Content", "206"), ("304 Not Modified", "304"),
        ("400 Bad", "400"), ("401 Unauthorized", "login"), ("402 Pay", "paywall"),
        ("403 Forbidden", "refused"), ("404 Not Found", "does not exist"), ("410 Gone", "for good"),
        ("418 Teapot", "418"), ("451 Unavailable", "legal"), ("500 Oops", "failed (500)"),
        ("503 Busy", "too much to do (503). Try again later"), ("302 Found", "but not where"),
    ],
)  # fmt: skip
def test_a_status_other_than_ok_is_told_in_words(playing: Site, status: str, why: str) -> None:
    playing.acts["/a"] = answer(status=status)
    assert why in refused(playing, "/a")


def test_an_empty_page_is_none(playing: Site) -> None:
    playing.acts["/a"] = answer(b"")
    assert "is empty" in refused(playing, "/a")


def test_what_did_not_change_is_not_sent_again(playing: Site) -> None:
    def act(request: Any, send: Any) -> None:
        same = request.headers.get("if-none-match") == '"v1"'
        since = request.headers.get("if-modified-since") == "Tue, 30 Nov 2021 10:00:00 GMT"
        known = answer(status="304 Not Modified", ETag='"v1"')
        (known if same or since else answer(PAGE, ETag='"v2"'))(request, send)

    playing.acts["/a"] = act
    one = fetcher()
    assert one.fetch(f"{playing.url}/a", etag='"v1"').status == 304
    assert one.fetch(f"{playing.url}/a", last_modified="Tue, 30 Nov 2021 10:00:00 GMT").data == b""
    assert one.fetch(f"{playing.url}/a", etag='"v0"').etag == '"v2"'
    assert one.fetch(f"{playing.url}/a", etag='"v1"\r\nEvil: 1').data == PAGE
    assert "evil" not in playing.asked[-1].headers


# ---- redirects -----------------------------------------------------------------------------------


def test_redirects_are_followed_and_their_end_is_told(playing: Site) -> None:
    for at in range(5):
        playing.acts[f"/{at}"] = moved(f"{at + 1}", status="301 Moved")
    playing.acts["/5"] = answer(PAGE)
    assert fetch(playing, "/0").url == f"{playing.url}/5"


def test_a_sixth_redirect_is_not_followed(playing: Site) -> None:
    for at in range(9):
        playing.acts[f"/{at}"] = moved(f"/{at + 1}")
    assert "more than 5 redirects" in refused(playing, "/0")
    assert "/6" not in playing.targets


def test_a_loop_names_its_stations(playing: Site) -> None:
    playing.acts |= {"/a": moved("/b"), "/b": moved("/c"), "/c": moved("/b")}
    assert f"circle: {playing.url}/b → {playing.url}/c → {playing.url}/b" in refused(playing, "/a")


@pytest.mark.parametrize(
    ("to", "why"),
    [
        ("http://169.254.169.254/latest/meta-data/", "link-local"),
        ("http://[::ffff:127.0.0.1]/", "in disguise"),
        ("http://0.0.0.0/", "no machine"),
        ("http://[fe80::1]/", "link-local"),
        ("//2130706433/", "odd spelling"),
        ("file:///etc/passwd", "not an http or https address"),
        ("ftp://127.0.0.1/", "not an http or https address"),
        ("http://user:secret@127.0.0.1/", "user name"),
        ("gopher:\\x", "not an http or https address"),
        ("http://[::1", "is no address"),
        ("http://inside.example/", r"link-local address.*\(inside.example is 169.254.1.1\)"),
    ],
)
def test_a_redirect_to_where_nobody_may_ask_is_refused(playing: Site, to: str, why: str) -> None:
    import re

    resolve, _ = resolver("169.254.1.1")

    def pick(host: str, port: int, **more: Any) -> Any:
        return (resolve if host == "inside.example" else socket.getaddrinfo)(host, port, **more)

    playing.acts["/a"] = moved(to)
    told = refused(playing, "/a", resolve=pick, respect_robots=False)
    assert told.startswith("leads to ")
    assert re.search(why, told)


def test_a_redirect_from_https_to_http_is_refused() -> None:
    with pytest.raises(CannotFetch, match=r"from https to http://example\.org/b"):
        led(parsed("https://example.org/a"), "http://example.org/b")
    assert (
        str(led(parsed("http://example.org/a"), "https://example.org/b")) == "https://example.org/b"
    )


# ---- size and time -------------------------------------------------------------------------------


def chunked(*pieces: bytes, **headers: str) -> bytes:
    head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    told = f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n{head}\r\n".encode()
    return told + b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)


@pytest.mark.parametrize(
    "act",
    [
        answer(b"x" * 1_000_001),
        answer(b"x", length=1_000_001),
        answer(b"x", length=10**18),
        endless(b"x" * 65536),
        endless(b"10000\r\n" + b"x" * 65536 + b"\r\n", head=chunked()),
        answer(gzip.compress(bytes(60_000_000)), Content_Encoding="gzip"),
        answer(zlib.compress(bytes(60_000_000)), Content_Encoding="deflate"),
        answer(gzip.compress(bytes(500_000)) * 900, Content_Encoding="gzip"),
    ],
    ids=[
        "long",
        "says so",
        "says much",
        "endless",
        "endless chunks",
        "gzip",
        "deflate",
        "many gzips",
    ],
)
def test_what_is_too_large_is_stopped_at_the_limit(playing: Site, act: Any) -> None:
    playing.acts["/a"] = act
    began = time.monotonic()
    assert "more than 1 MB" in refused(playing, "/a", seconds=60.0)
    assert time.monotonic() - began < 20


def test_a_bomb_takes_no_more_memory_than_the_limit(playing: Site) -> None:
    import tracemalloc

    playing.acts["/a"] = answer(gzip.compress(bytes(100_000_000)), Content_Encoding="gzip")
    one = fetcher()
    one.fetch(playing.url)
    tracemalloc.start()
    with pytest.raises(CannotFetch, match="unpacks to more than 1 MB"):
        one.fetch(f"{playing.url}/a")
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 8_000_000  # the limit, one step of unpacking, and what the server above takes


def test_a_page_of_exactly_the_limit_is_fetched(playing: Site) -> None:
    page = b"x" * 1_000_000
    playing.acts["/a"] = answer(page)
    playing.acts["/b"] = answer(gzip.compress(page), Content_Encoding="gzip")
    assert fetch(playing, "/a").data == fetch(playing, "/b").data == page


@pytest.mark.parametrize(
    "act",
    [
        endless(b"x", pause=0.05),
        endless(b"X-A: b\r\n", pause=0.05, head=b"HTTP/1.1 200 OK\r\n"),
        endless(b"HTTP/1.1 102 Wait\r\n\r\n", pause=0.05, head=b"HTTP/1.1 100 Continue\r\n\r\n"),
        endless(b"1\r\nx\r\n", pause=0.05, head=chunked()),
    ],
    ids=["body", "headers", "interim answers", "chunks"],
)
def test_a_server_that_drips_is_left_when_the_time_is_over(playing: Site, act: Any) -> None:
    playing.acts["/a"] = act
    began = time.monotonic()
    assert "was not there after 1 seconds" in refused(
        playing, "/a", seconds=1.0, respect_robots=False
    )
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    "act",
    [raw(b"", pause=30), raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", pause=30)],
    ids=["", "body"],
)
def test_a_server_that_falls_silent_is_left(playing: Site, act: Any) -> None:
    playing.acts["/a"] = act
    began = time.monotonic()
    assert "kept silent for 0.5 seconds" in refused(
        playing, "/a", seconds=60.0, silence_seconds=0.5
    )
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    "act", [raw(b"", pause=30), endless(b"x", pause=0.05)], ids=["silent", "drips"]
)
def test_a_fetch_can_be_called_off_at_any_time(playing: Site, act: Any) -> None:
    playing.acts["/a"] = act
    began = time.monotonic()

    def seen(_done: int, _of: int) -> None:
        if time.monotonic() - began > 0.3:
            raise IngestStopped("stopped")

    with pytest.raises(IngestStopped):
        fetcher(seconds=60.0).fetch(f"{playing.url}/a", seen=seen)
    assert time.monotonic() - began < 10


def test_progress_is_told_in_bytes(playing: Site) -> None:
    playing.acts["/a"] = answer(b"x" * 300_000)
    told: list[tuple[int, int]] = []
    fetcher().fetch(f"{playing.url}/a", seen=lambda done, of: told.append((done, of)))
    assert told[-1] == (300_000, 300_000)
    assert len(told) > 3


# ---- broken answers ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("act", "why"),
    [
        (answer(b"short", length=100), "breaks off before its end"),
        (raw(chunked(b"half")), "breaks off before its end"),
        (raw(chunked(b"half") + b"ff\r\nab"), "breaks off before its end"),
        (raw(chunked() + b"zz\r\nab\r\n0\r\n\r\n"), "does not speak HTTP"),
        (raw(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"), "speak HTTP"),
        (raw(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nabc"), "does not speak HTTP"),
        (raw(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 300_000 + b"\r\n\r\n"), "does not speak HTTP"),
        (raw(b"HTTP/1.1 200 OK\r\nno header\r\n\r\n"), "does not speak HTTP"),
        (raw(b"SSH-2.0-OpenSSH_9.9\r\n"), "closed the connection"),
        (raw(b"220 mail.example ESMTP\r\n\r\n"), "does not speak HTTP"),
        (raw(b""), "closed the connection"),
        (raw(b"HTTP/1.1 200 OK\r\n"), "breaks off|closed the connection"),
        (answer(gzip.compress(PAGE)[:-9], Content_Encoding="gzip"), "in the middle of its gzip"),
        (answer(b"not gzip", Content_Encoding="gzip"), "damaged"),
        (answer(gzip.compress(PAGE)[:-4] + b"0000", Content_Encoding="gzip"), "damaged"),
        (answer(b"x\x9c not deflate", Content_Encoding="deflate"), "damaged"),
        (answer(b"\x78", Content_Encoding="deflate"), "in the middle|is empty"),
        (answer(PAGE, Content_Encoding="br"), "packed as 'br'"),
        (answer(PAGE, Content_Encoding="gzip, gzip"), "packed as 'gzip, gzip'"),
        (answer(gzip.compress(b"") * 2_000, Content_Encoding="gzip"), "far too many pieces"),
    ],
)  # fmt: skip
def test_a_broken_answer_is_an_error_and_never_half_an_article(
    playing: Site, act: Any, why: str
) -> None:
    import re

    playing.acts["/a"] = act
    assert re.search(why, refused(playing, "/a"))


@pytest.mark.parametrize(
    "act",
    [
        answer(PAGE + b"more than was promised", length=len(PAGE)),
        raw(chunked(PAGE[:9], PAGE[9:]) + b"0\r\n\r\n"),
        raw(b"HTTP/1.0 200 OK\r\n\r\n" + PAGE),
        raw(*(bytes([each]) for each in chunked(PAGE, b"") )),
        answer(gzip.compress(PAGE), Content_Encoding="gzip"),
        answer(gzip.compress(PAGE[:9]) + gzip.compress(PAGE[9:]), Content_Encoding="X-GZIP"),
        answer(gzip.compress(PAGE) + bytes(9), Content_Encoding="gzip"),
        answer(zlib.compress(PAGE), Content_Encoding="deflate"),
        answer(zlib.compress(PAGE, wbits=-15), Content_Encoding="deflate"),
        raw(chunked(*(bytes([each]) for each in zlib.compress(PAGE, wbits=-15)), Content_Encoding="deflate") + b"0\r\n\r\n"),
        answer(PAGE, Content_Encoding="identity"),
        answer(PAGE, status="203 From a proxy"),
    ],
)  # fmt: skip
def test_an_odd_but_whole_answer_is_read(playing: Site, act: Any) -> None:
    playing.acts["/a"] = act
    assert fetch(playing, "/a").data == PAGE


def test_nobody_listening_is_told_with_the_place() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(CannotFetch, match=f"connection to 127.0.0.1:{port} failed"):
            fetcher(respect_robots=False).fetch(f"http://127.0.0.1:{port}/")


# ---- https ---------------------------------------------------------------------------------------


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[Site]:
    """An https site called site.example, signed by an authority that nobody knows."""
    with site({"/": answer(PAGE)}, certificate=certified(tmp_path)) as running:
        yield running


def named(name: str, running: Site) -> str:
    return f"{running.scheme}://{name}:{running.port}/"


def test_a_certificate_of_an_unknown_authority_is_refused(secure: Site) -> None:
    resolve, _ = resolver("127.0.0.1")
    with pytest.raises(CannotFetch, match="certificate is not to be trusted"):
        fetcher(resolve=resolve).fetch(named("site.example", secure))
    assert secure.asked == []


def test_a_house_can_name_its_own_authority(secure: Site, tmp_path: Path) -> None:
    resolve, _ = resolver("127.0.0.1")
    one = fetcher(resolve=resolve, certificates=tmp_path / "authority.pem")
    assert one.fetch(named("site.example", secure)).data == PAGE


def test_a_certificate_for_another_name_is_refused(secure: Site, tmp_path: Path) -> None:
    resolve, _ = resolver("127.0.0.1")
    one = fetcher(resolve=resolve, certificates=tmp_path / "authority.pem")
    with pytest.raises(CannotFetch, match=r"[Hh]ostname mismatch"):
        one.fetch(named("other.example", secure))
    assert secure.asked == []


def test_https_to_a_server_without_it_is_told(playing: Site) -> None:
    with pytest.raises(CannotFetch, match="no secure connection is possible"):
        fetcher().fetch(f"https://127.0.0.1:{playing.port}/")


# ---- robots.txt ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rules",
    [
        b"User-agent: *\nDisallow: /a",
        b"\xef\xbb\xbfuser-agent: pincite\ndisallow: /*?\n\nUser-agent: *\nAllow: /\n",
        b"User-agent: *\r\nDisallow: /\r\nAllow: /b$\r\n",
    ],
)
def test_what_robots_txt_forbids_is_not_fetched(playing: Site, rules: bytes) -> None:
    playing.acts |= {"/robots.txt": answer(rules), "/a?b": answer(PAGE), "/b": answer(PAGE)}
    assert f"not be fetched by programs, says {playing.url}/robots.txt" in refused(playing, "/a?b")
    assert "/a?b" not in playing.targets
    assert fetch(playing, "/b").data == PAGE
    assert fetch(playing, "/a?b", respect_robots=False).data == PAGE


def test_robots_txt_is_asked_for_once(playing: Site) -> None:
    one = fetcher()
    for _ in range(3):
        one.fetch(playing.url)
    assert playing.targets == ["/robots.txt", "/", "/", "/"]


@pytest.mark.parametrize("status", ["401 No", "403 No", "404 None", "410 Gone"])
def test_a_site_without_robots_txt_allows_everything(playing: Site, status: str) -> None:
    playing.acts["/robots.txt"] = answer(b"User-agent: *\nDisallow: /", status=status)
    assert fetch(playing).data == PAGE


@pytest.mark.parametrize(
    "act",
    [answer(status="500 Oops"), answer(status="429 Busy"), raw(b""), moved("/robots.txt"),
     moved("http://169.254.1.1/"), answer(b"x", Content_Encoding="br")],
)  # fmt: skip
def test_a_robots_txt_that_cannot_be_read_forbids_everything_for_now(
    playing: Site, act: Any
) -> None:
    playing.acts["/robots.txt"] = act
    assert "robots.txt cannot be read: it" in refused(playing)
    assert "/" not in playing.targets


def test_a_robots_txt_may_be_elsewhere_and_endless(playing: Site) -> None:
    playing.acts["/robots.txt"] = moved("/rules")
    rules = b"User-agent: *\nDisallow: /a\n"
    head = b"HTTP/1.1 200 OK\r\n\r\n" + rules
    playing.acts["/rules"] = endless(b"# and so on\n" * 5_000, head=head)
    assert "not be fetched by programs" in refused(playing, "/a")
    assert fetch(playing).data == PAGE


def test_the_site_that_a_redirect_leads_to_is_asked_for_its_rules_too(playing: Site) -> None:
    acts = {"/robots.txt": answer(b"User-agent: *\nDisallow: /"), "/b": answer(PAGE)}
    with site(acts) as other:
        playing.acts["/a"] = moved(f"{other.url}/b")
        assert f"leads to {other.url}/b, which may not" in refused(playing, "/a")
        assert other.targets == ["/robots.txt"]


def test_hostile_rules_take_no_long(playing: Site) -> None:
    lines = b"User-agent: *\n" + b"Disallow: /" + b"*a" * 2_000 + b"*b\n"
    playing.acts["/robots.txt"] = answer(lines * 100)
    playing.acts["/" + "a" * 4000] = answer(PAGE)
    with at_most(5):
        assert fetch(playing, "/" + "a" * 4000).data == PAGE


# ---- politeness ----------------------------------------------------------------------------------


def test_a_host_is_asked_by_one_at_a_time_with_a_pause(playing: Site) -> None:
    one = fetcher(per_host_seconds=0.3, respect_robots=False)
    one.fetch(playing.url)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(one.fetch, [playing.url] * 4))
    pauses = [later - before for before, later in zip(playing.at, playing.at[1:], strict=False)]
    assert len(pauses) == 4
    assert min(pauses) > 0.1  # a busy machine brings requests nearer to each other on their way
    assert sum(pauses) > 1.0


def test_a_site_may_ask_for_a_longer_pause(playing: Site) -> None:
    playing.acts["/robots.txt"] = answer(b"User-agent: *\nCrawl-delay: 0.7\n")
    one = fetcher()
    one.fetch(playing.url)
    one.fetch(playing.url)
    assert playing.at[2] - playing.at[1] > 0.6


def test_a_busy_host_is_asked_again_when_it_said(playing: Site) -> None:
    busy = answer(status="429 Too Many Requests", Retry_After="1")
    playing.acts["/a"] = in_turn(busy, answer(PAGE))
    assert fetch(playing, "/a", seconds=1.0, respect_robots=False).data == PAGE
    assert 0.9 < playing.at[-1] - playing.at[-2] < 3


def test_a_host_that_stays_busy_is_left(playing: Site) -> None:
    playing.acts["/a"] = answer(status="503 Busy", Retry_After="0")
    assert "too much to do (503)" in refused(playing, "/a")
    assert playing.targets.count("/a") == 2


def test_a_host_that_wants_an_hour_is_left_alone_for_it(playing: Site) -> None:
    playing.acts["/a"] = answer(status="429 Too Many Requests", Retry_After="3600")
    one = fetcher()
    with pytest.raises(CannotFetch, match="Try again after 3600 seconds"):
        one.fetch(f"{playing.url}/a")
    with pytest.raises(CannotFetch, match="left alone for 3600 more seconds"):
        one.fetch(f"{playing.url}/")
    assert playing.targets == ["/robots.txt", "/a"]


# ---- and nothing else fetches --------------------------------------------------------------------

FETCHING = (
    "aiohttp", "asyncore", "curl_cffi", "feedparser.http", "ftplib", "http.client", "httpcore",
    "httpcore2", "httpx", "httpx2", "imaplib", "poplib", "pycurl", "requests", "safehttpx", "smtplib",
    "socket", "ssl", "telnetlib", "trafilatura.downloads", "trafilatura.fetch_response", "trafilatura.fetch_url", "trafilatura.feeds", "trafilatura.sitemaps",
    "trafilatura.spider", "urllib.error", "urllib.request", "urllib.robotparser", "urllib3", "websocket", "websockets",
    "xmlrpc.client",
)  # fmt: skip
CALLS = (
    "ClientSession", "HTTPConnection", "HTTPSConnection", "create_connection", "download_url",
    "fetch_response", "fetch_url", "open_connection", "urlopen", "urlretrieve", "find_feed_urls",
    "sitemap_search", "load_html_url", "download_pandoc", "ensure_pandoc_installed", "hf_hub_download",
    "snapshot_download",
)  # fmt: skip
# Who else may, and why. An entry that is not needed any more fails the test, too.
ELSEWHERE = {
    "answer/llm/__init__.py": ({"httpx"}, "asks the model that the owner configured"),
    "answer/llm/outage.py": ({"httpx"}, "names what goes wrong with that model"),
    "answer/llm/wire.py": ({"httpx"}, "asks the model that the owner configured"),
    "web/client.py": (
        {"http.client", "urllib.error", "urllib.request"}, "asks the owner's own server on loopback",
    ),
    "web/commands.py": ({"socket"}, "finds a free port to listen on"),
    "web/server.py": ({"socket"}, "listens"),
}  # fmt: skip


def product() -> list[Path]:
    packages = ("ingest", "index", "answer", "web")
    return [ROOT / "app.py", *(file for each in packages for file in (ROOT / each).rglob("*.py"))]


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{each.name}" for each in node.names)


def fetches(name: str) -> str | None:
    return next((each for each in FETCHING if name == each or name.startswith(f"{each}.")), None)


def test_only_one_package_can_reach_the_web() -> None:
    found: dict[str, set[str]] = {}
    for file in product():
        where = file.relative_to(ROOT).as_posix()
        if where.startswith("ingest/fetch/"):
            continue
        names = {each for each in map(fetches, imported(ast.parse(file.read_bytes()))) if each}
        if names:
            found[where] = names
    assert found == {where: names for where, (names, _why) in ELSEWHERE.items()}


@pytest.mark.parametrize(
    "line",
    [
        "import requests", "import requests.sessions", "import urllib.request as ask", "import socket",
        "from urllib import request", "from urllib.request import urlopen", "from http import client",
        "def f():\n    from httpx import get", "from trafilatura import fetch_url as fetch",
    ],
)  # fmt: skip
def test_no_way_to_import_what_fetches_is_overlooked(line: str) -> None:
    assert any(map(fetches, imported(ast.parse(line))))


def test_no_parser_is_asked_to_fetch() -> None:
    for file in product():
        where = file.relative_to(ROOT).as_posix()
        if where.startswith("ingest/fetch/"):
            continue
        for node in ast.walk(ast.parse(file.read_bytes())):
            if not isinstance(node, ast.Call):
                continue
            called = ast.unparse(node.func)
            assert called.rpartition(".")[2] not in CALLS, f"{where}:{node.lineno} calls {called}"
            if called.endswith(("feedparser.parse", "etree.parse", "html.parse", "minidom.parse")):
                given = ast.unparse(node.args[0])
                assert given.startswith(("BytesIO(", "io.BytesIO(")), (
                    f"{where}:{node.lineno}: {given}"
                )
            if called.endswith("__import__") or called == "importlib.import_module":
                given = ast.unparse(node.args[0])
                assert fetches(given.strip("'\"")) is None, f"{where}:{node.lineno}: {given}"


def test_a_fetcher_is_light_until_it_fetches() -> None:
    import subprocess
    import sys

    program = "import sys, ingest.fetch; Fetcher = ingest.fetch.Fetcher(); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not {"httpcore", "httpx", "protego", "h11", "idna"} & set(done.stdout.split())
