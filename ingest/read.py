"""Corpus files → Articles, byte for byte, and a list of what was skipped and why.

A file is decoded strictly as UTF-8 and never rewritten: no newline clean-up, no normalisation, no
strip. Front matter is YAML between two `---` lines; every value is read as text (a publication date
of 31 February is a remark, not a crash).

Left out: other formats (`convert.py` turns them into Markdown before they enter the corpus).
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any

from ingest.article import Article, Span, shortened
from ingest.errors import CorpusMissing, UnreadableSource
from ingest.split import heading_text

SUFFIXES = (".md", ".markdown", ".txt")
MAX_BYTES = 16_000_000  # about 2.5 million words; ten minutes of embedding on two cores
_SPLIT = "Split it, or raise PINCITE_MAX_MB."
_MAX_FRONT_MATTER = 65_536
_TITLE_CHARS = 200

_FRONT_MATTER = re.compile(
    r"\ufeff?---[ \t]*(?:\r\n?|\n)(.*?)(?<=[\r\n])(?:---|\.\.\.)[ \t]*(?:\r\n?|\n|\Z)", re.DOTALL
)
_SETEXT = re.compile(r"={3,}|-{3,}")
_BLANK_LINE = re.compile(r"(?:\r\n|\r(?!\n)|\n)[ \t]*(?:[\r\n]|\Z)|[ \t]*\Z")
_FIRST_LINE = re.compile(r"\ufeff?\s*([^\r\n]+)")
_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")


def corpus_files(corpus: Path) -> Iterator[Path]:
    """Every article file below `corpus`, in a fixed order; see `corpus_paths`."""
    return (corpus / path for path in corpus_paths(corpus))


def corpus_paths(corpus: Path) -> Iterator[str]:
    """The path of every article below `corpus`, in a fixed order; what is hidden is left out.

    Links to folders are not followed, so a loop cannot trap the walk. `CorpusMissing` where there
    is no such folder, or one that may not be listed: its articles must not look removed. No `Path`
    is made here, which would take most of the time that 100,000 articles need.
    """
    check_folder(corpus)
    root = len(os.path.join(corpus, ""))  # noqa: PTH118
    for folder, folders, files in os.walk(corpus, onerror=_unlisted):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        inside = folder[root:].replace(os.sep, "/")
        for name in sorted(files):
            if name.lower().endswith(SUFFIXES) and not name.startswith("."):
                yield f"{inside}/{name}" if inside else name


def check_folder(corpus: Path) -> None:
    """`CorpusMissing` where there is no such folder."""
    if not corpus.is_dir():
        raise CorpusMissing(
            f"There is no corpus folder at {corpus}. Make one and bring articles in with: "
            "pincite add FILE…  (or name another with --corpus)"
        )


def _unlisted(error: OSError) -> None:
    raise CorpusMissing(f"{error.filename}: cannot be listed ({error.strerror}).") from error


def corpus_path(corpus: Path, file: Path) -> str:
    """A file's name in citations: relative to the corpus, POSIX."""
    return PurePosixPath(*file.relative_to(corpus).parts).as_posix()


def read_article(corpus: Path, file: Path, *, max_bytes: int = MAX_BYTES) -> Article:
    """Read one file; `UnreadableSource` says what is wrong with it and where."""
    return decode_article(corpus_path(corpus, file), read_bytes(file, max_bytes=max_bytes))


def read_bytes(file: Path, *, max_bytes: int = MAX_BYTES, advice: str = _SPLIT) -> bytes:
    """The file's bytes; `UnreadableSource` where it is too large, may not be read, or is written
    at this moment. `advice` is for what is too large.
    """
    try:
        if not stat.S_ISREG(file.stat().st_mode):  # a pipe would be waited for
            raise UnreadableSource(f"{file}: is not a regular file.")
        with file.open("rb") as opened:
            size = os.fstat(opened.fileno()).st_size
            check_size(file, size, max_bytes, advice)
            data = opened.read(size + 1)
    except OSError as error:
        raise UnreadableSource(f"{file}: cannot be read ({error.strerror}).") from error
    if len(data) != size:
        raise UnreadableSource(
            f"{file}: was written to while it was read. Try again when it is whole."
        )
    return data


def check_size(file: Path, size: int, max_bytes: int, advice: str = _SPLIT) -> None:
    """`UnreadableSource` where so many bytes are more than are allowed."""
    if size > max_bytes:
        raise UnreadableSource(
            f"{file}: {size / 1e6:.1f} MB is more than the {max_bytes / 1e6:g} MB it may have. "
            f"{advice}"
        )


def decode_article(path: str, data: bytes) -> Article:
    """Bytes → Article. `data.decode("utf-8")` is the article's text, unchanged.

    >>> decode_article("a.txt", b"Tides\\n\\nThe moon pulls.").title
    'Tides'
    """
    text = decode(path, data)
    front = _FRONT_MATTER.match(text)
    if front is None and re.match(r"\ufeff?---[ \t]*[\r\n]", text) and _looks_like_yaml(text):
        raise UnreadableSource(f"{path}: its front matter, from line 1, has no closing ---.")
    meta = _parse_front_matter(path, front) if front else {}
    start = front.end() if front else (1 if text.startswith("\ufeff") else 0)
    title, body_start = _title(path, text, start, _text(meta, "title"))
    if not text[body_start:].strip():
        raise UnreadableSource(f"{path}: holds {_all_there_is(text, front)}; no text to index.")
    return Article(
        path=path,
        sha256=hashlib.sha256(data).hexdigest(),
        text=text,
        body=Span(body_start, len(text)),
        title=title,
        authors=_texts(meta, "authors") or _texts(meta, "author"),
        publisher=_text(meta, "publisher"),
        published=_date(meta, "published") or _date(meta, "date"),
        modified=_date(meta, "modified"),
        url=_text(meta, "url"),
        accessed=_date(meta, "accessed"),
        language=(_text(meta, "language") or "").split("-")[0].lower() or None,
        source=_text(meta, "source"),
        source_part=_text(meta, "source_part"),
        source_sha256=_text(meta, "source_sha256"),
    )


def _all_there_is(text: str, front: re.Match[str] | None) -> str:
    if not text:
        return "nothing (0 bytes)"
    if front:
        return "only front matter"
    return "only a title" if text.strip("\ufeff \t\r\n") else "only white space"


def decode(path: str, data: bytes) -> str:
    """Strict UTF-8 text; the error names the byte, and what the file seems to be instead."""
    for mark, name in ((b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16")):
        if data.startswith(mark):
            raise UnreadableSource(_not_utf8(path, f"it begins like {name}", name))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        where = f"byte 0x{data[error.start]:02x} at offset {error.start}, line {line}"
        raise UnreadableSource(_not_utf8(path, where, "WINDOWS-1252")) from error
    if "\0" in text:
        raise UnreadableSource(
            f"{path}: holds NUL bytes (the first at offset {data.index(0)}), so it is not plain "
            "text. Save it as UTF-8 text and add it again."
        )
    return text


def _not_utf8(path: str, why: str, encoding: str) -> str:
    return f"{path}: is not UTF-8 ({why}). Convert it, for example: iconv -f {encoding} -t UTF-8"


def _looks_like_yaml(text: str) -> bool:
    second = re.split(r"\r\n?|\n", text, maxsplit=2)[1:2]
    return bool(second and re.match(r"[A-Za-z_]+:", second[0]))


def _parse_front_matter(path: str, front: re.Match[str]) -> dict[str, Any]:
    import yaml

    source = front.group(1)
    if len(source) > _MAX_FRONT_MATTER:
        raise UnreadableSource(
            f"{path}: its front matter is longer than {_MAX_FRONT_MATTER} characters."
        )
    try:
        meta = yaml.load(source, Loader=yaml.BaseLoader)  # text only; C's overflows the stack
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 2}" if mark else ""
        problem = getattr(error, "problem", None) or "not YAML"
        raise UnreadableSource(
            f"{path}{line}: broken front matter: {problem}. Quote the value."
        ) from error
    if meta is None or meta == "":
        return {}
    if not isinstance(meta, dict):
        raise UnreadableSource(f"{path}: the front matter is not a list of `name: value` lines.")
    return meta


def _title(path: str, text: str, start: int, named: str | None) -> tuple[str, int]:
    """The title, and where the body begins: after a plain file's title line."""
    if named:
        return named, start
    if not path.lower().endswith(".txt"):
        return _markdown_title(text[start : start + 10_000]) or PurePosixPath(path).stem, start
    line = _FIRST_LINE.match(text, start)
    if line is None:
        return PurePosixPath(path).stem, start
    title = " ".join(line.group(1).split())
    stands_alone = _BLANK_LINE.match(text, line.end()) is not None
    is_title_line = len(title) <= _TITLE_CHARS and not title.endswith((".", "。")) and stands_alone
    return shortened(title, _TITLE_CHARS), line.end() if is_title_line else start


def _markdown_title(top: str) -> str:
    """The first heading, else the first line of text; the body keeps either."""
    lines = [line.strip() for line in re.split(r"\r\n?|\n", top)]
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        if line.startswith("# "):
            return shortened(heading_text(line.strip("#")), _TITLE_CHARS)
        if line and _SETEXT.fullmatch(below):
            return shortened(heading_text(line), _TITLE_CHARS)
    words = (line for line in lines if any(c.isalnum() for c in line) and line[0] not in "<`~")
    return shortened(heading_text(next(words, "")), _TITLE_CHARS)


def _text(meta: dict[str, Any], name: str) -> str | None:
    value = meta.get(name)
    return (" ".join(value.split()) or None) if isinstance(value, str) else None


def _texts(meta: dict[str, Any], name: str) -> tuple[str, ...]:
    value = meta.get(name)
    values = value if isinstance(value, list) else [value]
    named = [item for item in values if isinstance(item, str) and item.strip()]
    return tuple(" ".join(item.split()) for item in named)


def _date(meta: dict[str, Any], name: str) -> str | None:
    """The day, month or year of a date or timestamp; None for anything else."""
    return iso_date(re.split(r"[T ]", _text(meta, name) or "", maxsplit=1)[0])


def iso_date(text: str) -> str | None:
    """`2021`, `2021-11` or `2021-11-30` as it is, where it is a date; None for anything else.

    >>> iso_date("2021-11"), iso_date("2021-02-31"), iso_date("last week")
    ('2021-11', None, None)
    """
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    year, month, day = match.groups()
    try:
        date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return None
    return text
