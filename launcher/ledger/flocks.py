"""Advisory locks on files that the kernel frees when their holder dies.

Source: flock(2). A lock belongs to one open file, so two objects in one process exclude each other too.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from stat import S_ISDIR
from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic
from launcher.errors import SurroundingsFailed
from launcher.model.times import duration_text

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "exclusive",
    "held_by_someone",
    "living_folder",
    "proof_of_life",
    "shared",
    "sweep",
    "sweep_folders",
]

_ALIVE = "alive"
"""The file in a temporary folder that its owner holds."""

_PAUSE_S = 0.002


@contextmanager
def exclusive(path: Path, patience_s: float) -> Iterator[None]:
    """Hold the lock `path` alone; the file is created if need be and stays.

    Raises:
        SurroundingsFailed: others held it for longer than `patience_s`.
        OSError: it cannot be opened.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        _acquire(descriptor, fcntl.LOCK_EX, path, patience_s)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def shared(path: Path, patience_s: float) -> Iterator[None]:
    """Hold the lock `path` beside other readers; nothing where the file is not there, for then nobody writes.

    Raises:
        SurroundingsFailed: a writer held it for longer than `patience_s`.
        OSError: it cannot be opened.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        yield
        return
    try:
        _acquire(descriptor, fcntl.LOCK_SH, path, patience_s)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def proof_of_life(path: Path) -> Iterator[None]:
    """Hold `path` as long as the context lasts or this process lives; the file goes away at the end.

    Raises:
        OSError: it cannot be created or locked.
    """
    descriptor = _locked_file(path)
    try:
        yield
    finally:
        # A file that stays behind is dead, and the next session sweeps it away.
        with suppress(OSError):
            path.unlink(missing_ok=True)
        os.close(descriptor)


def held_by_someone(path: Path) -> bool | None:
    """Whether a living process holds `path`; `None` where it cannot be told."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    except OSError:
        return None
    try:
        # Shared, so that two who look at the same moment do not take each other for the holder.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return None
    else:
        return False
    finally:
        os.close(descriptor)


def sweep(paths: Iterator[Path]) -> None:
    """Remove those of `paths` whose holder is dead, as far as we may."""
    for path in paths:
        # What is held, gone or another user's is none of ours.
        with suppress(OSError):
            _remove_if_free(path)


def living_folder(prefix: str) -> tuple[Path, int]:
    """A new temporary folder, and what to close after its removal: until then, or until we die, nobody sweeps it.

    Raises:
        OSError: it cannot be created.
    """
    while True:
        folder = Path(tempfile.mkdtemp(prefix=prefix))
        try:
            return folder, _locked_file(folder / _ALIVE)
        except FileNotFoundError:
            # Another process took it for one that was left behind.
            continue


def sweep_folders(folders: Iterator[Path]) -> None:
    """Remove those of `folders`, made by `living_folder`, whose owner is dead, as far as they are ours."""
    for folder in folders:
        with suppress(OSError):
            stat = folder.lstat()
            if S_ISDIR(stat.st_mode) and stat.st_uid == os.getuid():
                _remove_folder_if_free(folder)


def _remove_folder_if_free(folder: Path) -> None:
    descriptor = os.open(folder / _ALIVE, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(descriptor)


def _remove_if_free(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink(missing_ok=True)
    finally:
        os.close(descriptor)


def _locked_file(path: Path) -> int:
    """An open, locked file that `path` names: a sweep may remove it between opening and locking."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if _is_named(descriptor, path):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _is_named(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _acquire(descriptor: int, mode: int, path: Path, patience_s: float) -> None:
    deadline = time.monotonic() + patience_s
    while True:
        try:
            fcntl.flock(descriptor, mode | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise _busy(path, patience_s) from None
            time.sleep(_PAUSE_S)  # noqa: TID251 - an append of another process, over in a moment
        else:
            return


def _busy(path: Path, patience_s: float) -> SurroundingsFailed:
    facts = {"path": str(path), "patience": duration_text(patience_s)}
    return SurroundingsFailed(Diagnostic("L412", facts))
