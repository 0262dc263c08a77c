"""The record of an environment: its ledger, and the lockfile that mirrors it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic
from launcher.errors import RefusedToAct, SurroundingsFailed
from launcher.ledger.check import check_lineage
from launcher.ledger.file import FileLedger
from launcher.ledger.lockfile import Printer, parse
from launcher.ledger.lockfile_file import write
from launcher.operations.surroundings import slow_git

if TYPE_CHECKING:
    from pathlib import Path

    from launcher.engine.recorded import Recorded
    from launcher.ledger.lockfile import Lockfile
    from launcher.ledger.port import Ledger
    from launcher.operations.site import Site

__all__ = [
    "ledger_folder",
    "lockfile_at",
    "lockfile_in_work_tree",
    "lockfile_name",
    "open_ledger",
    "recall",
    "write_lockfile",
]

_LIMIT = 64 * 1024 * 1024
"""Bytes of a lockfile."""


def ledger_folder(site: Site) -> Path:
    """Where the `file` ledgers of the workspace are; a folder of the operator's may hold several workspaces'."""
    if site.settings.ledger_dir is not None:
        return site.settings.ledger_dir / site.workspace.document.name
    return site.root / ".launcher" / "ledger"


def open_ledger(site: Site) -> Ledger:
    """The ledger of the site's environment; nothing of it is read or made yet.

    Raises:
        SurroundingsFailed: it is kept on a remote, and there is none that can be used.
    """
    if site.environment.ledger == "git":
        return _git_ledger(site)
    return FileLedger(
        ledger_folder(site),
        site.environment.name,
        site.author,
        site.surroundings.now,
        site.surroundings.entropy,
        inside=site.root if site.settings.ledger_dir is None else None,
    )


def _git_ledger(site: Site) -> Ledger:
    # Only an environment with such a ledger pays for it.
    from launcher.ledger.git import GitLedger  # noqa: PLC0415
    from launcher.ledger.git_remote import find_remote  # noqa: PLC0415

    repository = site.repository
    remote = find_remote(
        site.root if repository is None else repository.root,
        site.surroundings.environ,
        is_repository=repository is not None,
        wanted=site.settings.git_remote,
        token=site.settings.git_token,
    )
    return GitLedger(
        remote,
        site.environment.name,
        site.author,
        site.surroundings.now,
        site.surroundings.entropy,
        workspace=site.workspace.document.name,
        slow=slow_git(site.surroundings),
    )


def recall(site: Site, ledger: Ledger, *, may_create: bool = True) -> Recorded:
    """What is on record, if this is the ledger that the lockfiles speak of.

    Raises:
        RefusedToAct: it is lost, older than a lockfile, another one, or may not be created here.
        SurroundingsFailed: it, or a lockfile, cannot be read.
    """
    recorded = ledger.read()
    at_head = None
    if site.repository is not None and site.commit is not None:
        at_head = lockfile_at(site, site.commit)
    problems = check_lineage(
        recorded,
        ledger.hash_at,
        site.environment.name,
        lockfile=lockfile_in_work_tree(site),
        head_lockfile=at_head,
        may_create=may_create,
    )
    if problems:
        raise RefusedToAct(*problems)
    return recorded


# --- the lockfile -----------------------------------------------------------------------------


def lockfile_name(site: Site) -> str:
    """The lockfile, relative to the workspace."""
    return f"locks/{site.environment.name}.lock.json"


def lockfile_in_work_tree(site: Site) -> Lockfile | None:
    """The lockfile as it stands; `None` if there is none.

    Raises:
        RefusedToAct: it is damaged.
        SurroundingsFailed: it cannot be read.
    """
    text = _text(site)
    return None if text is None else parse(text, lockfile_name(site))


def lockfile_at(site: Site, commit: str) -> Lockfile | None:
    """The lockfile at `commit`; `None` if there is none, or no git. Raises as `lockfile_in_work_tree`."""
    if site.repository is None:
        return None
    name = lockfile_name(site)
    content = site.repository.file_at(commit, name)
    if content is None:
        return None
    return parse(_decoded(content, name), name)


def write_lockfile(site: Site, recorded: Recorded, printer: Printer | None = None) -> bool:
    """Write the lockfile of `recorded` if it is not what stands there; whether it was written.

    An empty ledger has none. Whoever writes it often keeps a `printer`.

    Raises:
        SurroundingsFailed: it cannot be written; the old one still stands.
    """
    if recorded.lineage is None:
        return False
    text = (printer or Printer())(recorded, site.environment.name)
    path = _path(site)
    if _stands_there(site, path, text.encode()):
        return False
    write(path, text)
    return True


def _stands_there(site: Site, path: Path, content: bytes) -> bool:
    """Whether the lockfile, which is at `path`, is `content` already; it is read only where its size does not tell."""
    # Reading it says what is wrong with it.
    with suppress(OSError):
        if path.stat().st_size != len(content):
            return False
    return _raw(site) == content


def _path(site: Site) -> Path:
    path = site.root / lockfile_name(site)
    target = path.resolve()
    if not target.is_relative_to(site.root.resolve()):
        facts = {"path": lockfile_name(site), "target": str(target)}
        raise SurroundingsFailed(Diagnostic("L541", facts))
    return path


def _raw(site: Site) -> bytes | None:
    try:
        with _path(site).open("rb") as file:
            return file.read(_LIMIT + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        facts = {"path": lockfile_name(site), "problem": error.strerror or str(error)}
        raise SurroundingsFailed(Diagnostic("L447", facts)) from error


def _text(site: Site) -> str | None:
    content = _raw(site)
    return None if content is None else _decoded(content, lockfile_name(site))


def _decoded(content: bytes, name: str) -> str:
    if len(content) > _LIMIT:
        raise SurroundingsFailed(
            Diagnostic("L447", {"path": name, "problem": "it is larger than 64 MiB"})
        )
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        facts = {"path": name, "problem": "it is not UTF-8 text"}
        raise SurroundingsFailed(Diagnostic("L447", facts)) from error
