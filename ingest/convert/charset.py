"""Bytes → text: by its byte order mark, as UTF-8, as declared, then by what its letters look like.

Left out: finding out what a format declares (a `<meta>`, a mail's header); its reader does that.
"""

from __future__ import annotations

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# What these labels mean on the web (WHATWG Encoding Standard, 4.2): the wider encoding that
# software really writes under the narrower one's name.
_WIDER = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874",
    "tis-620": "cp874", "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932",
    "euc_kr": "cp949", "big5": "big5hkscs",
}  # fmt: skip
# In these every byte may be ASCII, so that they would pass for UTF-8.
_SEVEN_BIT = re.compile(r"iso2022|hz$|utf-(?:16|32)")
_NO_TEXT = re.compile(r"utf-7|punycode|idna|escape|undefined|mbcs|oem|palmos")
_FEW = 0.05  # of the characters beyond ASCII: UTF-8 that was cut or glued together stays UTF-8
_SAMPLE = 60_000  # bytes that detection looks at
_SHORTEST = 800


def decoded(data: bytes, declared: str | None = None) -> str:
    """The text of `data`, without its byte order mark; never fails.

    `declared` is the encoding that a header or the file itself names, which is often wrong: bytes
    that are good UTF-8 and not only ASCII are taken for UTF-8, since text in another encoding is
    that only by accident. What fits nothing is decoded as Windows-1252, with U+FFFD for what it has
    not.

    >>> decoded("Живые".encode("windows-1251"), "windows-1251")
    'Живые'
    >>> decoded("Živá".encode("utf-8"), "iso-8859-1")
    'Živá'
    """
    text = marked(data)
    if text is not None:
        return text
    codec = _codec(declared)
    if codec and _SEVEN_BIT.match(codec):
        text = _strictly(data, codec)
        if text is not None:
            return text
    text = _strictly(data, "utf-8")
    if text is None and codec and codec != "utf-8":
        text = _strictly(data, codec)
    if text is None:
        text = _damaged_utf8(data)
    return text if text is not None else data.decode(_detected(data) or "cp1252", "replace")


def marked(data: bytes) -> str | None:
    """The text of bytes that begin with a byte order mark, without it; None where there is none.

    >>> marked(b"\\xff\\xfeA\\x00"), marked(b"A")
    ('A', None)
    """
    for mark, codec in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(codec, "replace")
    return None


def _codec(declared: str | None) -> str | None:
    """Python's name for an encoding that somebody declared; None where it is no text encoding."""
    label = (declared or "").strip(" \t\r\n\"'").lower()
    try:
        found = codecs.lookup(label)
    except (LookupError, ValueError):
        return None
    if not found._is_text_encoding or _NO_TEXT.search(found.name):
        return None
    return _WIDER.get(found.name, found.name)


def _strictly(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except (UnicodeError, LookupError):
        return None


def _damaged_utf8(data: bytes) -> str | None:
    text = data.decode("utf-8", "replace")
    beyond = sum(not character.isascii() for character in text)
    return text if text.count("\ufffd") <= beyond * _FEW else None


def _detected(data: bytes) -> str | None:
    from charset_normalizer import from_bytes

    best = from_bytes(_telling(data)).best()
    codec = _codec(best.encoding) if best is not None else None
    return codec if codec != "utf-8" else None


def _telling(data: bytes) -> bytes:
    """The lines that are not ASCII, since a page's markup says nothing about its letters.

    A short sample is repeated, which charset-normalizer needs: of 16 sentences of 40 to 110
    letters, each in another encoding, it knew 13 as they are and all when repeated.
    """
    kept, size = [], 0
    for line in re.findall(rb"[^\r\n<>]*[\x80-\xff][^\r\n<>]*", data[: 20 * _SAMPLE]):
        kept.append(line[:_SAMPLE])
        size += len(line)
        if size >= _SAMPLE:
            break
    sample = b"\n".join(kept)
    return sample * max(1, _SHORTEST // (len(sample) + 1))
