"""Takes a lockfile from its place, and puts one there whole or not at all."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic
from launcher.errors import SurroundingsFailed
from launcher.ledger.disk import Disk
from launcher.ledger.lockfile import environment_of, parse

if TYPE_CHECKING:
    from pathlib import Path

    from launcher.ledger.lockfile import Lockfile

__all__ = ["read", "write"]

_MODE = 0o644


def read(path: Path, shown: str) -> Lockfile | None:
    """The lockfile at `path`, called `shown` in messages; `None` if there is none.

    Raises:
        SurroundingsFailed: it cannot be read.
        RefusedToAct: it is damaged; see `launcher.ledger.lockfile.parse`.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        problem = (isinstance(error, OSError) and error.strerror) or str(error)
        facts = {"path": shown, "problem": problem}
        raise SurroundingsFailed(Diagnostic("L447", facts)) from error
    return parse(text, shown)


def write(path: Path, text: str, disk: Disk | None = None) -> None:
    """Replace the file at `path` by `text`: temporary file in the same folder, flush, rename, flush of the folder.

    The folder is created if need be; the file is readable by all. Whoever reads `path` meanwhile, or
    after a crash at any point, finds the old text or the new one, never a part.

    Raises:
        SurroundingsFailed: it cannot be written; the old text still stands.
    """
    disk = disk or Disk()
    try:
        disk.make_folder(path.parent)
        _write(path, text.encode(), disk)
    except OSError as error:
        facts = {
            "path": str(path),
            "problem": error.strerror or str(error),
            "environment": environment_of(path.name),
        }
        raise SurroundingsFailed(Diagnostic("L444", facts)) from error


def _write(path: Path, content: bytes, disk: Disk) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(temporary, flags, _MODE)
    try:
        try:
            os.fchmod(descriptor, _MODE)
            disk.write_at(descriptor, content, 0)
            disk.sync(descriptor)
        finally:
            os.close(descriptor)
        temporary.replace(path)
    except OSError:
        with suppress(OSError):
            temporary.unlink()
        raise
    disk.sync_folder(path.parent)
