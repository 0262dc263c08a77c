"""Secrets that stand in files of their own."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["MAX_SECRET", "read_secret"]

MAX_SECRET = 64 * 1024
"""Bytes of a file that holds a secret."""


def read_secret(path: Path) -> tuple[str | None, str]:
    """The text in the file `path`, or `None` and why there is none; a last line break is no part of it.

    `path` is resolved: a symbolic link is not followed any more.
    """
    try:
        data = _bytes(path)
    except OSError as error:
        return None, error.strerror or "it cannot be read"
    if data is None:
        return None, f"it is no file of at most {MAX_SECRET} bytes"
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None, "it is not UTF-8 text"
    return text[:-2] if text.endswith("\r\n") else text.removesuffix("\n"), ""


def _bytes(path: Path) -> bytes | None:
    """The content of a plain file; `None` for anything else. Never waits for a pipe's other end."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        data = file.read(MAX_SECRET + 1)
    return data if len(data) <= MAX_SECRET else None
