"""Writes files whole: under a hidden name first, so that a full disk or a kill leaves no half file.

Left out: what is written, and which folder it belongs to.
"""

from __future__ import annotations

import itertools
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def names(target: Path) -> Iterator[Path]:
    """The target, then `name-2`, `name-3`…"""
    yield target
    for number in itertools.count(2):
        yield target.with_name(f"{target.stem}-{number}{target.suffix}")


def write_new(target: Path, data: bytes) -> Path:
    """Write a new file at the first of the target's `names` that is not taken; → that name."""
    unfinished = _unfinished(target, data)
    try:
        return next(name for name in names(target) if _named(unfinished, name))
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Only one process at a time does this to a folder, which is made; the others wait.

    Where the system or the file system has no such locks, all of them do it.
    """
    opened = None
    with suppress(ImportError, OSError):
        import fcntl

        folder.mkdir(parents=True, exist_ok=True)
        opened = os.open(folder, os.O_RDONLY)
        fcntl.flock(opened, fcntl.LOCK_EX)
    try:
        yield
    finally:
        if opened is not None:
            os.close(opened)


def replace_with(target: Path, data: bytes) -> None:
    """Write a file in the place of another, which is there in full until then."""
    unfinished = _unfinished(target, data)
    try:
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


def _unfinished(target: Path, data: bytes) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}.part")
    try:
        with unfinished.open("xb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    return unfinished


def _named(file: Path, name: Path) -> bool:
    """Give a file this name, unless it is taken, even at this moment by another process."""
    try:
        name.hardlink_to(file)
    except FileExistsError:
        return False
    except OSError:  # no links on this file system
        return _named_without_link(file, name)
    return True


def _named_without_link(file: Path, name: Path) -> bool:
    try:
        name.touch(exist_ok=False)
    except FileExistsError:
        return False
    try:
        file.replace(name)
    except BaseException:
        name.unlink(missing_ok=True)
        raise
    return True
