"""What git says of the commit that a run works for."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic
from launcher.errors import SurroundingsFailed
from launcher.forge.history import Access, signed_in
from launcher.git import Git, problem_of, scrubbed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from launcher.git import Answer, Slow

__all__ = ["Relation", "Repository", "find_repository"]

_ASK_S = 60
_FETCH_S = 300
_NO_ACCESS = Access()
_BLOB_LIMIT = 64 * 1024 * 1024
_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")


class Relation(Enum):
    """How the commit at hand stands to one that was applied before."""

    SAME = "same"
    NEWER = "newer"
    OLDER = "older"
    UNRELATED = "unrelated"
    """Neither comes from the other: they stand on different branches."""
    NOT_KNOWN = "not known"
    """History is missing and could not be fetched."""


@dataclass(frozen=True, slots=True)
class Repository:
    """A git repository around a workspace.

    Attributes:
        root: the folder that holds `.git`.
        workspace: the workspace's folder, inside it.
        environ: what git is run with.
        slow: hears of a git that takes long.
    """

    root: Path
    workspace: Path
    environ: Mapping[str, str]
    slow: Slow | None = field(default=None, compare=False, repr=False)

    def head(self) -> str | None:
        """The commit that is checked out; `None` before the first one."""
        return self.commit("HEAD")

    def commit(self, revision: str) -> str | None:
        """The commit that `revision` names; `None` if there is none."""
        found = self._ask(
            "rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}"
        )
        text = found.stdout.decode("utf-8", "replace").strip()
        return text if found.returncode == 0 and _COMMIT.fullmatch(text) else None

    def is_shallow(self) -> bool:
        """Whether a part of the history is not here."""
        return self._ask("rev-parse", "--is-shallow-repository").stdout.strip() == b"true"

    def remote_address(self) -> str | None:
        """Where the remote is that ledgers are kept on: `origin`, or the only one. Never to be shown: it may hold a password."""
        name = self._remote()
        if name is None:
            return None
        found = self._ask("remote", "get-url", "--", name)
        address = os.fsdecode(found.stdout).strip()
        return address if found.returncode == 0 and address else None

    def main_branch(self) -> str | None:
        """The branch that work is merged into, as far as the clone tells; the one at hand before the first commit."""
        found = self._ask("symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD")
        if found.returncode == 0:
            return os.fsdecode(found.stdout).strip().removeprefix("origin/")
        known = self._ask("for-each-ref", "--format=%(refname:short)", "refs/heads/")
        names = os.fsdecode(known.stdout).split()
        if likely := [name for name in ("main", "master", "trunk") if name in names]:
            return likely[0]
        at_hand = self._ask("symbolic-ref", "--quiet", "--short", "HEAD")
        return os.fsdecode(at_hand.stdout).strip() or None

    def trailers(self, commit: str, key: str) -> tuple[str, ...]:
        """The values of the trailers called `key` in the message of `commit`, in their order.

        Raises:
            SurroundingsFailed: git could not tell.
        """
        found = self._ask(
            "log",
            "--max-count=1",
            "--no-show-signature",
            "--no-color",
            "--encoding=UTF-8",
            f"--format=%(trailers:key={key},valueonly,unfold)",
            "--end-of-options",
            commit,
            "--",
        )
        if found.returncode != 0:
            raise self._failed("log", found)
        lines = found.stdout.decode("utf-8", "replace").splitlines()
        return tuple(line.strip() for line in lines if line.strip())

    def edited(self) -> tuple[str, ...]:
        """Files of the workspace that differ from HEAD, new ones included, relative to the workspace.

        Raises:
            SurroundingsFailed: git could not tell.
        """
        found = self._ask(
            "status",
            "--porcelain=v1",
            "-z",
            "--no-renames",
            "--untracked-files=all",
            "--ignore-submodules=all",
            "--",
            f":(top,literal){self._prefix}" if self._prefix else ":(top)",
        )
        if found.returncode != 0:
            raise self._failed("status", found)
        # Two letters, a blank and a path from the top of the repository.
        paths = (os.fsdecode(item[3:]) for item in found.stdout.split(b"\0") if item)
        return tuple(path.removeprefix(f"{self._prefix}/") for path in paths)

    def file_at(self, commit: str, path: str) -> bytes | None:
        """Content of the workspace's file `path` at `commit`; `None` if it is not there.

        Raises:
            SurroundingsFailed: git could not tell.
        """
        inside = str(PurePosixPath(self._prefix) / path)
        if "\n" in inside:
            return None
        found = self._ask("cat-file", "--batch", stdin=f"{commit}:{inside}\n".encode())
        if found.returncode != 0:
            raise self._failed("cat-file", found)
        header, _, rest = found.stdout.partition(b"\n")
        words = header.split(b" ")
        if len(words) != 3 or words[1] != b"blob":  # noqa: PLR2004 - object, type, size
            return None
        size = int(words[2])
        if size > _BLOB_LIMIT:
            raise SurroundingsFailed(
                Diagnostic("L521", {"what": "cat-file", "problem": f"{path} is too large"})
            )
        return rest[:size]

    def relation(
        self, head: str, recorded: str, *, fetch: bool = True, access: Access = _NO_ACCESS
    ) -> Relation:
        """How `head` stands to the commit that was recorded last; with `fetch`, missing history is fetched.

        `access` is what is said of the remote that it may be fetched from.

        A recorded commit that changes only `locks/` counts as its parent, and so on: committing the lockfile
        after an apply makes no older commit of the one that was applied. What names no commit is not known: the
        record may have been written by anybody who may push to it, so it is no word for git.
        """
        if not _COMMIT.fullmatch(recorded):
            return Relation.NOT_KNOWN
        if head == recorded:
            return Relation.SAME
        known = self._relation(head, recorded)
        if known is Relation.NEWER or not fetch or not self._fetch_missing(recorded, access):
            return known
        return self._relation(head, recorded)

    def _relation(self, head: str, recorded: str) -> Relation:
        if self.commit(recorded) is None:
            return Relation.NOT_KNOWN
        counted = self._content_of(recorded)
        if counted == head:
            return Relation.SAME
        if self._is_ancestor(counted, head):
            return Relation.NEWER
        if self.is_shallow():
            return Relation.NOT_KNOWN
        return Relation.OLDER if self._is_ancestor(head, counted) else Relation.UNRELATED

    def _content_of(self, commit: str) -> str:
        """The commit that `commit` counts as: itself, or its nearest forefather that changes more than lockfiles."""
        found = self._commits("--full-history", commit, "--", ":(top)", self._without("locks"))
        if not found or found == commit:
            return commit
        # Among merges "the one before" has no clear meaning: then the commit counts as itself.
        merges = self._commits("--min-parents=2", f"{found}..{commit}", "--")
        return commit if merges else found

    def _commits(self, *arguments: str) -> str:
        found = self._ask("rev-list", "--max-count=1", *arguments)
        if found.returncode != 0:
            raise self._failed("rev-list", found)
        return found.stdout.decode("ascii", "replace").strip()

    def _is_ancestor(self, older: str, newer: str) -> bool:
        return self._ask("merge-base", "--is-ancestor", older, newer).returncode == 0

    def _fetch_missing(self, recorded: str, access: Access) -> bool:
        """Fetch what the relation needs; false where nothing is missing, or nothing could be fetched."""
        shallow, missing = self.is_shallow(), self.commit(recorded) is None
        remote = self._remote()
        if remote is None or not (shallow or missing):
            return False
        fetched = False
        with signed_in(self._git, remote, access) as git:
            if shallow:
                fetched = _fetch(git, "--unshallow", "--", remote)
            if self.commit(recorded) is None:
                fetched = _fetch(git, "--", remote, recorded) or fetched
        return fetched

    def _remote(self) -> str | None:
        names = self._ask("remote").stdout.decode("utf-8", "replace").split()
        names = [name for name in names if not name.startswith("-")]
        return "origin" if "origin" in names else next(iter(names), None)

    @property
    def _prefix(self) -> str:
        inside = self.workspace.relative_to(self.root).as_posix()
        return "" if inside == "." else inside

    def _without(self, folder: str) -> str:
        return f":(top,exclude,literal){PurePosixPath(self._prefix) / folder}"

    def _ask(self, *arguments: str, stdin: bytes = b"") -> Answer:
        return self._git.ask(*arguments, stdin=stdin, limit_s=_ASK_S)

    @property
    def _git(self) -> Git:
        git = Git(self.root, self.environ)
        return git if self.slow is None else replace(git, slow=self.slow)

    def _failed(self, what: str, found: Answer) -> SurroundingsFailed:
        return SurroundingsFailed(Diagnostic("L521", {"what": what, "problem": problem_of(found)}))


def _fetch(git: Git, *wanted: str) -> bool:
    always = (
        "--quiet",
        "--no-tags",
        "--no-recurse-submodules",
        "--no-write-fetch-head",
        "--no-auto-maintenance",
    )
    return git.ask("fetch", *always, *wanted, limit_s=_FETCH_S).returncode == 0


def find_repository(
    workspace: Path, environ: Mapping[str, str], slow: Slow | None = None
) -> Repository | None:
    """The repository that `workspace` lies in; `None` without git. `slow` hears of a git that takes long.

    Raises:
        SurroundingsFailed: there is one, and git is not installed or does not trust it.
    """
    workspace = workspace.resolve()
    root = next(
        (folder for folder in (workspace, *workspace.parents) if (folder / ".git").exists()), None
    )
    if root is None:
        return None
    repository = Repository(root, workspace, scrubbed(environ), slow)
    found = repository._ask("rev-parse", "--is-inside-work-tree")  # noqa: SLF001 - its own module
    if found.returncode != 0:
        raise repository._failed("rev-parse", found)  # noqa: SLF001 - its own module
    return repository
