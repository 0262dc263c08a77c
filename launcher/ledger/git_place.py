"""The bare repository in which git works for one ledger: fetches, reads, writes and pushes its branch.

It is a place of its own, made when it is first needed and removed with its owner: the user's work tree, index,
branches and objects are not touched, and a shallow clone, a detached head or no clone at all serve as well.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import weakref
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic
from launcher.errors import SurroundingsFailed
from launcher.git import Git, GitHung, asking_for, problem_of
from launcher.ledger import flocks
from launcher.ledger.git_commit import import_stream, person_of
from launcher.ledger.git_remote import NAME, without_secrets
from launcher.ledger.git_tree import Blob

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from launcher.git import Answer, Slow
    from launcher.ledger.git_remote import Remote

__all__ = ["GitPlace", "Pushed", "Verdict"]

_OID = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_TOOK = frozenset(" *+")
"""Flags of a ref that was updated. Source: git-push(1), "OUTPUT"; `=` (nothing to do) is none of them."""

_PREFIX = "launcher-ledger-"

_OURS = "refs/launcher/ours"
_SEEN = "refs/launcher/seen"


class Verdict(Enum):
    """How a push went."""

    TOOK = "took"
    REFUSED = "refused"
    """The remote, or git before it, refused: it has no effect, now or later."""
    NOT_KNOWN = "not known"
    """No clear answer: it may have taken hold, or may still do so."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """How a push went, and what git said about it.

    Attributes:
        verdict: see `Verdict`.
        problem: git's words; empty where it took hold.
    """

    verdict: Verdict
    problem: str = ""


class GitPlace:
    """Git at work for one branch of one remote. One object belongs to one thread."""

    def __init__(
        self, remote: Remote, ref: str, *, limit_s: float, slow: Slow | None = None
    ) -> None:
        """Touch nothing yet.

        Args:
            remote: where the branch is.
            ref: its full name.
            limit_s: how long one git process may take.
            slow: hears of one that takes long.
        """
        self._slow = slow
        self._remote = remote
        self._ref = ref
        self._limit_s = limit_s

    def fetch(self) -> str | None:
        """Fetch the branch's newest commit, and that one only; its name, `None` where there is no branch.

        Raises:
            SurroundingsFailed: the remote cannot be asked.
        """
        found = self._fetch()
        if found.returncode != 0:
            if self._look() is None:
                return None
            # Between a fetch that found no branch and a look for it, another run may have created it.
            found = self._fetch()
        if found.returncode != 0:
            raise self._failed("L452", found)
        with self._local():
            oid = (self._folder / "FETCH_HEAD").read_text("utf-8", "replace").partition("\t")[0]
        if not _OID.fullmatch(oid):
            raise SurroundingsFailed(Diagnostic("L452", self._facts("git names no commit")))
        return oid

    def listing(self, commit: str) -> tuple[Blob, ...]:
        """Everything in the tree of `commit`."""
        found = self._said("ls-tree", "-r", "-l", "-t", "-z", "--full-tree", commit)
        blobs = []
        for item in found.stdout.split(b"\0"):
            words, _, path = item.partition(b"\t")
            if not item:
                continue
            mode, kind, oid, size = words.decode().split()
            if kind == "tree" and path == b"events":
                continue
            blobs.append(
                Blob(
                    mode,
                    oid,
                    int(size) if kind == "blob" else None,
                    path.decode("utf-8", "replace"),
                )
            )
        return tuple(blobs)

    def contents(self, oids: Sequence[str]) -> tuple[bytes, ...]:
        """The contents that git calls `oids`, in that order; one process, and none for nothing."""
        if not oids:
            return ()
        rest = self._said("cat-file", "--batch", stdin="".join(f"{oid}\n" for oid in oids).encode())
        data, at, contents = rest.stdout, 0, []
        for oid in oids:
            end = data.index(b"\n", at)
            header = data[at:end].split(b" ")
            if header[:2] != [oid.encode(), b"blob"]:
                problem = f"cat-file does not know {oid}"
                raise SurroundingsFailed(Diagnostic("L452", self._facts(problem)))
            size = int(header[2])
            contents.append(data[end + 1 : end + 1 + size])
            at = end + size + 2
        return tuple(contents)

    def commit(
        self,
        parent: str | None,
        files: Mapping[str, bytes],
        message: str,
        author: str,
        time: datetime,
    ) -> tuple[str, tuple[str, ...]]:
        """A commit on `parent` that changes `files`, written here and pushed nowhere.

        Gives its name, and those of the contents of `files`, in order.

        Raises:
            SurroundingsFailed: it could not be written.
        """
        stream = import_stream(_OURS, parent, files, message, person_of(author, time))
        found = self._ask("fast-import", "--quiet", "--force", stdin=stream)
        names = found.stdout.decode().split()
        if found.returncode != 0 or len(names) != len(files) + 1:
            raise self._failed("L453", found)
        return names[0], tuple(names[1:])

    def push(self, commit: str | None, ref: str, expected: str | None) -> Pushed:
        """Let `ref` of the remote be `commit` (`None` deletes it) if it is still `expected` (`None` for absent)."""
        try:
            found = self._ask(
                "push",
                "--porcelain",
                "--no-verify",
                "--no-follow-tags",
                "--no-recurse-submodules",
                f"--force-with-lease={ref}:{expected or ''}",
                NAME,
                f"{commit or ''}:{ref}",
            )
        except GitHung as hung:
            return Pushed(Verdict.NOT_KNOWN, hung.diagnostics[0].facts["problem"])
        return self._verdict(found, ref)

    # --- git ------------------------------------------------------------------------------------

    def _verdict(self, found: Answer, ref: str) -> Pushed:
        """What the porcelain output says of `ref`; the exit code says nothing."""
        for line in found.stdout.decode("utf-8", "replace").splitlines():
            flag, _, rest = line.partition("\t")
            names, _, summary = rest.partition("\t")
            if len(flag) != 1 or names.rpartition(":")[2] != ref:
                continue
            if flag in _TOOK or flag == "-":
                return Pushed(Verdict.TOOK)
            problem = self._clean(summary)
            if flag == "!" and summary.startswith(("[rejected]", "[remote rejected]")):
                return Pushed(Verdict.REFUSED, problem)
            return Pushed(Verdict.NOT_KNOWN, problem)
        return Pushed(Verdict.NOT_KNOWN, self._clean(problem_of(found)))

    def _look(self) -> str | None:
        """The branch's newest commit, without fetching it."""
        found = self._read_remote("ls-remote", "--quiet", NAME, self._ref)
        if found.returncode != 0:
            raise self._failed("L452", found)
        for line in found.stdout.decode("utf-8", "replace").splitlines():
            oid, _, name = line.partition("\t")
            if name == self._ref:
                return oid
        return None

    def _fetch(self) -> Answer:
        return self._read_remote(
            "fetch",
            "--quiet",
            "--depth=1",
            "--no-tags",
            "--no-recurse-submodules",
            "--no-auto-maintenance",
            "--force",
            NAME,
            f"{self._ref}:{_SEEN}",
        )

    def _read_remote(self, *arguments: str) -> Answer:
        try:
            return self._ask(*arguments)
        except GitHung as hung:
            # It is the remote that is silent, so it has to be named.
            problem = hung.diagnostics[0].facts["problem"]
            raise SurroundingsFailed(Diagnostic("L452", self._facts(problem))) from hung

    def _said(self, *arguments: str, stdin: bytes = b"") -> Answer:
        found = self._ask(*arguments, stdin=stdin)
        if found.returncode != 0:
            raise self._failed("L452", found)
        return found

    def _ask(self, *arguments: str, stdin: bytes = b"") -> Answer:
        try:
            found = self._git.ask(*arguments, stdin=stdin, limit_s=self._limit_s)
        except GitHung:
            self._drop_locks()
            raise
        if found.returncode < 0:
            self._drop_locks()
        return found

    def _drop_locks(self) -> None:
        """After git was ended, and so was all that it started, nobody holds its locks any more."""
        for lock in self._folder.rglob("*.lock"):
            with suppress(OSError):
                lock.unlink()

    @cached_property
    def _folder(self) -> Path:
        with self._local():
            flocks.sweep_folders(Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"))
            folder, held = flocks.living_folder(_PREFIX)
        weakref.finalize(self, _leave, folder, held)
        return folder

    @cached_property
    def _git(self) -> Git:
        remote, folder = self._remote, self._folder
        environ = {**remote.environ, "GIT_CONFIG_GLOBAL": str(folder / "global")}
        with self._local():
            (folder / "global").write_text(_trusting(remote.safe))
        if remote.token is not None:
            with self._local():
                environ |= asking_for(remote.token, folder)
        made = Git(remote.folder, environ).ask(
            "init",
            "--quiet",
            "--bare",
            "--template=",
            f"--object-format={remote.object_format}",
            str(folder),
        )
        if made.returncode != 0:
            raise self._failed("L452", made)
        git = Git(remote.folder, {**environ, **remote.configuration}, folder)
        return git if self._slow is None else replace(git, slow=self._slow)

    @contextmanager
    def _local(self) -> Iterator[None]:
        """Say in our own words that nothing can be written beside the remote."""
        try:
            yield
        except OSError as error:
            problem = f"there is no place for temporary files ({error.strerror})"
            raise SurroundingsFailed(Diagnostic("L452", self._facts(problem))) from error

    def _failed(self, code: str, found: Answer) -> SurroundingsFailed:
        return SurroundingsFailed(Diagnostic(code, self._facts(self._clean(problem_of(found)))))

    def _facts(self, problem: str) -> dict[str, str]:
        return {"path": f"{self._remote.shown} {self._ref}", "problem": problem}

    def _clean(self, text: str) -> str:
        return without_secrets(text, self._remote.token)


def _leave(folder: Path, held: int) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    os.close(held)


def _trusting(folders: Sequence[str]) -> str:
    quoted = (item.replace("\\", "\\\\").replace('"', '\\"') for item in folders)
    return "[safe]\n" + "".join(f'\tdirectory = "{item}"\n' for item in quoted)
