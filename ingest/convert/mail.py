"""E-mail: a message (`.eml`), or a mailbox of them (`.mbox`), each message an article.

    Subject → title    From → authors    Date → published    Message-ID → part (of a mailbox)

The text a sender wrote as text is preferred; HTML is used where there is none, or only a line that
sends the reader to it. Attachments are converted as files of their own, without the mail's author
or date, which are not known to be theirs.

Left out: who received it, signatures below `-- `, pictures, and what is encrypted, which is said.
The publisher is what the message calls its list; a sender's domain is none.
"""

from __future__ import annotations

import email.policy
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from itertools import chain, pairwise

from ingest.convert.charset import decoded
from ingest.convert.dates import iso
from ingest.convert.document import Document, Entry, Skipped, Source, inside
from ingest.convert.language import declared
from ingest.convert.markdown import one_line
from ingest.convert.markup import html_to_markdown
from ingest.convert.prose import paragraphs
from ingest.errors import UnreadableSource

# A message of a mailbox begins below a line such as "From a@example.org Tue Nov 30 10:00:00 2021"
# (RFC 4155). Text may have lines with "From " too, so a time is asked for, and headers below.
_DATED = re.compile(
    rb"^From [^\r\n]{0,200}?\d:\d\d[^\r\n]{0,200}\r?\n(?=[!-9;-~]{1,76}:|>From )", re.MULTILINE
)
_UNDATED = re.compile(rb"^From [^\r\n]{0,400}\r?\n(?=[!-9;-~]{1,76}:|>From )", re.MULTILINE)
_ESCAPED = re.compile(rb"^>(>*From )", re.MULTILINE)  # the mboxrd way

_LONGEST_HEADER = 2_000  # characters; email reads one in quadratic time, 16,000 of `"` in 2.5 s
_LONGEST_SIGNATURE = 15  # lines; what is longer below "-- " is text
_SIGNATURE = re.compile(r"^-- ?$", re.MULTILINE)
_SIGNED = re.compile(
    r"\s*-----BEGIN PGP SIGNED MESSAGE-----\n(?:[^\n]{1,200}\n){0,9}\n(.*?)\n"
    r"-----BEGIN PGP SIGNATURE-----",
    re.DOTALL,
)
_DASHED = re.compile(r"^- ", re.MULTILINE)
_LOCKED = ("multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime")
_SEALS = (
    "application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature",
    "application/pgp-keys",
)  # fmt: skip
_ENCRYPTED = "is encrypted. Open it in your mail program, and save what it shows there."
_LIST_NAME = re.compile(r'\s*"?([^"<>]{1,200}?)"?\s*<')
_NUMBER = re.compile(r"\w*\d\w{11,}")  # what mailing services put in the place of a list's name
_ADDRESS = re.compile(r"<?(https?://[^\s<>]{1,2000})")


class _ShortHeaders(email.policy.Compat32):
    """The library's old rules, which no damage stops; its new ones read single headers here."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, value[:_LONGEST_HEADER]


_POLICY = _ShortHeaders()


@dataclass(frozen=True, slots=True)
class _Content:
    """What a part holds: its text as Markdown, and what is attached to it."""

    body: str = ""
    attached: tuple[Message | Skipped, ...] = ()


def read(source: Source) -> Iterator[Document | Entry | Skipped]:
    """One document for each message, and an entry for each attachment.

    `UnreadableSource` where a single message is encrypted or holds no text, and where a mailbox
    holds no message; in a mailbox such a message is skipped.
    """
    data = source.data.lstrip(b"\r\n")
    if not data.startswith(b"From ") and not source.name.lower().endswith(".mbox"):
        yield from _single(data)
        return
    number = 0
    for number, raw in enumerate(_messages(data), start=1):
        yield from _of_mailbox(raw, number)
    if not number:
        raise UnreadableSource("holds no message. A mailbox begins with a line “From …”.")


def _single(data: bytes) -> Iterator[Document | Entry | Skipped]:
    try:
        parts = list(_parts(message_from_bytes(data, policy=_POLICY), None))
    except RecursionError as error:
        raise UnreadableSource("has parts inside parts, too deep to be read.") from error
    if not parts:
        raise UnreadableSource("holds no text.")
    yield from parts


def _of_mailbox(raw: bytes, number: int) -> Iterator[Document | Entry | Skipped]:
    name = f"message {number}"
    try:
        message = message_from_bytes(_ESCAPED.sub(rb"\1", raw), policy=_POLICY)
        name = _header(message, "message-id")[:200] or name
        parts = list(_parts(message, name))
    except UnreadableSource as error:
        parts = [Skipped(name, str(error))]
    except MemoryError:
        raise
    except Exception as error:  # the library's own: this message's fault, not the mailbox's
        parts = [Skipped(name, f"is damaged ({type(error).__name__}).")]
    yield from parts or [Skipped(name, "holds no text.")]


def _messages(data: bytes) -> Iterator[bytes]:
    """The messages of a mailbox, without the lines between them."""
    first = data[: data.find(b"\n") + 1]
    between = _DATED if re.search(rb"\d:\d\d", first) else _UNDATED
    found = chain((one.span() for one in between.finditer(data)), [(len(data), len(data))])
    for (_, start), (end, _) in pairwise(found):
        yield data[start:end]


def _parts(message: Message, name: str | None) -> Iterator[Document | Entry | Skipped]:
    """The message's own document, then what is attached; `name` is its place in the source."""
    content = _content(message)
    if any(map(str.isalnum, content.body)):
        yield _document(message, content.body, name)
    for number, part in enumerate(content.attached, start=1):
        if isinstance(part, Skipped):
            yield part
        elif part.get_content_type() == "message/rfc822":
            yield from _forwarded(part, inside(name, f"attached message {number}"))
        else:
            yield _entry(part, name, number)


def _forwarded(part: Message, name: str) -> Iterator[Document | Entry | Skipped]:
    try:
        for inner in part.get_payload():
            if isinstance(inner, Message):
                yield from _parts(inner, name)
    except UnreadableSource as error:
        yield Skipped(name, str(error))


def _entry(part: Message, name: str | None, number: int) -> Entry:
    called = re.split(r"[/\\]", _words(_from_bytes((_said(part.get_filename) or "")[:500])))[
        -1
    ].strip()
    source = Source(
        name=inside(name, called or f"attachment {number}"),
        data=_bytes(part),
        media_type=part.get_content_type(),
        charset=_said(part.get_content_charset),
    )
    return Entry(source)


def _document(message: Message, body: str, name: str | None) -> Document:
    said = _header(message, "date")
    published = iso(said) if said else None
    address = _ADDRESS.match(_header(message, "archived-at"))  # RFC 5064
    return Document(
        body=body,
        title=_header(message, "subject") or None,
        authors=_authors(message),
        publisher=_list_name(_header(message, "list-id")),
        published=published,
        url=address[1] if address else None,
        language=declared(_header(message, "content-language")),
        part=name,
        remarks=() if published or not said else (f"its date “{said[:80]}” is not a date",),
    )


def _authors(message: Message) -> tuple[str, ...]:
    """The names in `From`; an address where there is no name."""
    try:
        parsed = email.policy.default.header_factory("from", _raw(message, "from"))
        pairs = [(one.display_name, one.addr_spec) for one in parsed.addresses]
    except Exception:  # what a damaged header raises is not listed anywhere
        return ()
    names = [one_line(name) or ("" if address == "<>" else address) for name, address in pairs]
    return tuple(dict.fromkeys(filter(None, names)))


def _list_name(said: str) -> str | None:
    """What a list calls itself (RFC 2919), unless that is a number.

    >>> _list_name("The Daily Tide <daily.example.org>")
    'The Daily Tide'
    """
    found = _LIST_NAME.match(said)
    return None if found is None or _NUMBER.search(found[1]) else found[1].strip() or None


def _header(message: Message, name: str) -> str:
    return _words(_raw(message, name))


def _raw(message: Message, name: str) -> str:
    """A header as it is written, on one line; "" where there is none."""
    values = (str(value) for key, value in message.raw_items() if key.lower() == name)
    return _from_bytes(re.sub(r"[\r\n]+", "", next(values, "")))


def _words(raw: str) -> str:
    """A header's text, with its encoded words (RFC 2047) as what they mean."""
    if "=?" in raw:
        with suppress(Exception):  # as in `_authors`
            raw = str(email.policy.default.header_factory("subject", raw))
    return one_line(raw)


def _from_bytes(text: str) -> str:
    """Headers may hold bytes of any charset, which the library keeps as surrogates."""
    return text if text.isascii() else decoded(text.encode("utf-8", "surrogateescape"))


def _content(part: Message) -> _Content:
    kind = part.get_content_type()
    if kind in _LOCKED:
        raise UnreadableSource(_ENCRYPTED)
    if kind == "message/rfc822" or _is_attached(part, kind):
        return _Content(attached=() if _is_furniture(part, kind) else (part,))
    if part.is_multipart():
        inner = [_content(one) for one in part.get_payload() if isinstance(one, Message)]
        attached = tuple(chain.from_iterable(one.attached for one in inner))
        if kind == "multipart/alternative":
            return _Content(_chosen([one.body for one in inner]), attached)
        return _Content("\n\n".join(one.body for one in inner if one.body), attached)
    text = decoded(_bytes(part), _said(part.get_content_charset)).replace("\r\n", "\n")
    return _Content(html_to_markdown(text) if kind == "text/html" else _own_words(text, part))


def _is_attached(part: Message, kind: str) -> bool:
    if part.is_multipart():
        return False
    shown = kind in ("text/plain", "text/html")
    aside = part.get_content_disposition() == "attachment"
    return not shown or aside or bool(_said(part.get_filename))


def _is_furniture(part: Message, kind: str) -> bool:
    """Seals, and pictures that the text shows."""
    shown = part.get_content_disposition() != "attachment" or "content-id" in part
    return kind in _SEALS or (kind.startswith("image/") and shown)


def _chosen(bodies: list[str]) -> str:
    """The first, which is the plainest, unless it only says that there is a better one."""
    bodies = [body for body in bodies if body.strip()]
    if not bodies:
        return ""
    longest = max(bodies, key=len)
    return bodies[0] if len(bodies[0]) * 5 >= len(longest) else longest


def _own_words(text: str, part: Message) -> str:
    if text.lstrip().startswith("-----BEGIN PGP MESSAGE-----"):
        raise UnreadableSource(_ENCRYPTED)
    signed = _SIGNED.match(text)
    if signed:
        text = _DASHED.sub("", signed[1])
    ends = list(_SIGNATURE.finditer(text))
    if ends and text.count("\n", ends[-1].end()) <= _LONGEST_SIGNATURE:
        text = text[: ends[-1].start()]
    said = {key.lower(): str(value).lower() for key, value in part.get_params([])[1:]}
    return paragraphs(
        text, flowed=said.get("format") == "flowed", delete_space=said.get("delsp") == "yes"
    )


def _said(ask: Callable[[], str | None]) -> str | None:
    """What the library finds in a header, or nothing where the header makes it fail (`\\0`)."""
    try:
        return ask()
    except (ValueError, TypeError, LookupError):
        return None


def _bytes(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""
