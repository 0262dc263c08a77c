"""Write new files into a workspace: whole or not at all, and never over another by accident; and name them."""

from __future__ import annotations

import errno
import os
import re
from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic, Place
from launcher.errors import SurroundingsFailed, WrongUsage
from launcher.operations.draft import write_draft

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["check_name", "replace_file", "write_new"]

_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})
"""How file systems without hard links answer. Source: link(2)."""

_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")


def check_name(text: str, what: str) -> None:
    """Check that `text` can be the name of a `what`.

    Raises:
        WrongUsage: it cannot.
    """
    if not _NAME.fullmatch(text):
        raise WrongUsage(Diagnostic("L557", {"text": text, "what": what}))


def write_new(root: Path, path: str, text: str) -> bool:
    """Write `text` to `path` below `root`; false if something of that name is there, which stays as it is.

    Raises:
        SurroundingsFailed: it cannot be written, or a symbolic link leads out of `root`.
    """
    target = _target(root, path)
    draft = _draft(target, path, text)
    try:
        _appear(draft, target)
    except FileExistsError:
        return False
    except OSError as error:
        raise _failed(path, error) from error
    finally:
        draft.unlink(missing_ok=True)
    return True


def replace_file(root: Path, path: str, text: str) -> None:
    """Write `text` to `path` below `root`, whatever is there.

    Raises:
        SurroundingsFailed: it cannot be written, or a symbolic link leads out of `root`.
    """
    target = _target(root, path)
    draft = _draft(target, path, text)
    try:
        if target.exists():
            draft.chmod(target.stat().st_mode)
        draft.replace(target)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise _failed(path, error) from error


def _appear(draft: Path, target: Path) -> None:
    """Let `target` be there with the content of `draft`, if nothing is: not even a link that leads nowhere."""
    try:
        os.link(draft, target)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # Not whole at once any more, but still never over another file.
        with target.open("xb") as file:
            file.write(draft.read_bytes())


def _target(root: Path, path: str) -> Path:
    target = root / path
    folder = target.parent.resolve()
    if not folder.is_relative_to(root.resolve()):
        raise SurroundingsFailed(Diagnostic("L541", {"path": path, "target": str(folder)}))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _failed(path, error) from error
    return folder / target.name


def _draft(target: Path, path: str, text: str) -> Path:
    try:
        return write_draft(target, text.encode())
    except OSError as error:
        raise _failed(path, error) from error


def _failed(path: str, error: OSError) -> SurroundingsFailed:
    facts = {"path": path, "reason": error.strerror or str(error)}
    return SurroundingsFailed(Diagnostic("L586", facts, Place(path)))
