"""The `git` back end: a branch of the repository's own remote, for runners that come and go."""

from __future__ import annotations

import re
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic
from launcher.engine.effects import Appended, HeadMoved, NoAnswer, Overtaken
from launcher.errors import RefusedToAct, SurroundingsFailed
from launcher.ledger.chain import WentBack
from launcher.ledger.codec import MAX_LINE, encode_group
from launcher.ledger.git_commit import Writing, message_of, name_of
from launcher.ledger.git_place import GitPlace, Verdict
from launcher.ledger.git_refusals import in_words, naming, said
from launcher.ledger.git_tree import (
    SNAPSHOT,
    Tree,
    events_in,
    snapshot_of,
    tree_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from launcher.engine.events import Draft, Event, Head
    from launcher.engine.recorded import Recorded, Session
    from launcher.git import Slow
    from launcher.ledger.git_remote import Remote
    from launcher.ledger.port import Author

__all__ = ["GitLedger", "branch_of"]

_TRIES = 4
_PATIENCE = 2
"""How many pushes may go unanswered."""
_PAUSE_S = 0.1
_PASSING = re.compile(r"stale info|lock|failed to update|already exists|fetch first|old value")
"""Refusals that say that somebody else was at work, and not that we may not."""

_UNREAD = object()


def branch_of(workspace: str, environment: str) -> str:
    """The branch that holds the ledger of an environment."""
    return f"launcher-ledger/{workspace}/{environment}"


class GitLedger:
    """A ledger on a branch of a remote; `launcher.ledger.port.Ledger` says what it promises.

    One append is one commit and one push, which takes hold only if the branch is still at the commit that
    was read. Every commit is unique, because the events in it have random ids: if it is found on the
    branch, it is ours. A push without a clear answer is pushed again as the same commit, which changes nothing if
    the first one took hold, and otherwise either takes hold or finds that the branch has moved.

    Whether a session lives cannot be told: one whose branch does not move for long enough counts as dead.
    """

    heartbeat_s: float | None = 30
    notes_s: float = 60

    def __init__(
        self,
        remote: Remote,
        environment: str,
        author: Author,
        clock: Callable[[], datetime],
        entropy: Callable[[int], str],
        *,
        workspace: str,
        limit_s: float = 60,
        slow: Slow | None = None,
        pause: Callable[[float], None] = time.sleep,  # noqa: TID251 - between two pushes of one append
    ) -> None:
        """Touch nothing yet.

        Args:
            remote: where the branch is.
            environment: whose ledger it is.
            author: who writes.
            clock: the time, aware.
            entropy: that many random bytes, in hexadecimal.
            workspace: whose environment it is.
            limit_s: how long one git process may take.
            slow: hears of one that takes long.
            pause: lets seconds pass before a refused push is tried again.
        """
        self._remote = remote
        self._branch = branch_of(workspace, environment)
        self._environment = environment
        self._author = author
        self._clock = clock
        self._entropy = entropy
        self._pause = pause
        self._place = GitPlace(remote, self._ref, limit_s=limit_s, slow=slow)
        self._tree = Tree()
        self._tip: object = _UNREAD
        self._looked_at: object = _UNREAD
        self._held: set[str] = set()
        self._doubt: str | None = None

    @property
    def notes(self) -> tuple[Diagnostic, ...]:
        """Nothing: a commit is there as a whole or not at all, so there is nothing to repair."""
        return ()

    def location(self) -> str:
        """Address and branch."""
        return f"{self._remote.shown} {self._branch}"

    def read(self) -> Recorded:
        """The present; a fetch, and of what has come since the segments that changed."""
        with said(self.location()):
            self._refresh()
        return self._tree.recorded

    def events(self) -> Iterator[Event]:
        """All events from the first, each checked against the chain as it is reached."""
        with said(self.location()):
            tip = self._place.fetch()
            if tip is None:
                return
            segments, _ = tree_of(self._place.listing(tip))
            contents = self._place.contents([item.oid for item in segments])
            with naming(self.location(), segments):
                Tree().take(segments, contents)
            yield from events_in(contents)

    def hash_at(self, serial: int) -> str | None:
        """Hash of the event with that serial, as of the last `read` or `append`."""
        return self._tree.hash_at(serial)

    def append(
        self, drafts: tuple[Draft, ...], expected: Head
    ) -> Appended | Overtaken | HeadMoved | NoAnswer:
        """Record `drafts` with one commit and one push, if the branch still ends at `expected`."""
        if not drafts:
            raise ValueError("nothing to append")
        if self._doubt is not None:
            return NoAnswer(self._doubt)
        with said(self.location()):
            if self._tip is _UNREAD or self._tree.recorded.head != expected:
                self._refresh()
            if self._tree.recorded.head == expected:
                return self._append(drafts)
            if not self._tree.holds(expected):
                raise WentBack(expected, self._tree.recorded.head)
            return HeadMoved(self._since(expected))

    def liveness(self, session: Session) -> bool | None:
        """Yes for a session that this object holds; it cannot be told of any other."""
        return True if session.id in self._held else None

    @contextmanager
    def hold(self, session_id: str) -> Iterator[None]:
        """Remember that the session is ours; what proves its life to others is that the branch moves."""
        self._held.add(session_id)
        try:
            yield
        finally:
            self._held.discard(session_id)

    def set_aside(self) -> str | None:
        """Give the branch another name, so that the ledger is empty; that name, if there was a branch."""
        stamp = self._clock().strftime("%Y%m%dT%H%M%SZ")
        kept = f"{self._branch}.lost-{stamp}-{self._entropy(4)}"
        with said(self.location()):
            tip = self._place.fetch()
            if self._looked_at not in (_UNREAD, tip):
                raise RefusedToAct(Diagnostic("L456", {"path": self.location()}))
            if tip is not None:
                self._move(tip, kept)
        self._tree = Tree()
        self._tip = self._looked_at = _UNREAD
        return None if tip is None else kept

    # --- reading --------------------------------------------------------------------------------

    def _refresh(self) -> None:
        tip = self._looked_at = self._place.fetch()
        if tip == self._tip:
            return
        self._tip = _UNREAD
        if tip is None:
            self._tree.forget()
        else:
            self._take(tip)
        self._tree.check_floor()
        self._tip = tip

    def _take(self, tip: str) -> None:
        segments, snapshot = tree_of(self._place.listing(tip))
        unread = self._tree.unread(segments)
        oids = [item.oid for item in unread]
        if snapshot is not None:
            oids.append(snapshot.oid)
        contents = self._place.contents(oids)
        with naming(self.location(), segments):
            if not self._tree.take(segments, contents[: len(unread)]):
                self._tree.forget()
                self._tree.take(segments, self._place.contents([item.oid for item in segments]))
        if snapshot is not None:
            self._tree.check_snapshot(contents[-1], self._environment)

    def _since(self, head: Head) -> tuple[Event, ...]:
        """The events after `head`, read again, because only their sum is kept."""
        segments = self._tree.holding(head)
        older = self._place.contents([item.oid for item in segments[:-1]])
        found = events_in((*older, self._tree.content_of_last()))
        return tuple(event for event in found if event.serial > head.serial)

    # --- writing --------------------------------------------------------------------------------

    def _append(self, drafts: tuple[Draft, ...]) -> Appended | Overtaken | HeadMoved | NoAnswer:
        head = self._tree.recorded.head
        now = self._clock()
        lines, events = encode_group(drafts, head, now, self._author, self._entropy)
        longest = max(len(line) for line in lines)
        if longest > MAX_LINE:
            facts = {"size": str(longest), "limit": str(MAX_LINE)}
            raise RefusedToAct(Diagnostic("L414", facts))
        # An event that cannot be read back must not get in.
        recorded = self._tree.with_(events)
        grown = self._tree.grown(lines)
        files = grown.files
        snapshot = None if recorded.session else snapshot_of(recorded, self._environment)
        if snapshot is not None:
            files[SNAPSHOT] = snapshot
        message = message_of(events, self._entropy(8))
        return self._publish(Writing(events, recorded, grown, files, message, now), head)

    def _publish(
        self, writing: Writing, expected: Head
    ) -> Appended | Overtaken | HeadMoved | NoAnswer:
        """Push until it is clear what came of it; the same commit every time, as long as the branch stays."""
        unanswered, problem = 0, ""
        for number in range(_TRIES):
            try:
                commit, oids = self._committed(writing)
                pushed = self._place.push(commit, self._ref, writing.parent)
            except SurroundingsFailed as error:
                if not unanswered:
                    raise
                return self._doubtful(f"{problem}. {in_words(error)}")
            if pushed.verdict is Verdict.TOOK:
                self._tree.accept(writing.events, writing.recorded, writing.grown, oids)
                self._tip = self._looked_at = commit
                return Appended(writing.events)
            problem = pushed.problem
            unanswered += pushed.verdict is Verdict.NOT_KNOWN
            outcome = self._found(writing, expected, problem, answered=not unanswered)
            if outcome is not None:
                return outcome
            refused = pushed.verdict is Verdict.REFUSED and not _PASSING.search(problem)
            if refused or unanswered >= _PATIENCE:
                break
            self._pause(_PAUSE_S * 2**number)
        if unanswered:
            return self._doubtful(problem)
        facts = {"path": self.location(), "problem": problem}
        raise SurroundingsFailed(Diagnostic("L453", facts))

    def _committed(self, writing: Writing) -> tuple[str, tuple[str, ...]]:
        """The commit to push and the names of the contents in it; made anew only where the branch was moved."""
        parent = self._parent
        if writing.made is None or writing.parent != parent:
            writing.parent = parent
            writing.made = self._place.commit(
                parent, writing.files, writing.message, name_of(self._author.actor), writing.time
            )
        commit, oids = writing.made
        return commit, oids[: len(writing.grown.firsts)]

    def _found(
        self, writing: Writing, expected: Head, problem: str, *, answered: bool
    ) -> Appended | Overtaken | HeadMoved | NoAnswer | None:
        """What the branch says of a push that did not clearly succeed; `None` if it has not moved."""
        try:
            self._refresh()
        except SurroundingsFailed as error:
            if answered:
                raise
            return self._doubtful(f"{problem}. {in_words(error)}")
        ours, head = writing.events[-1].head, self._tree.recorded.head
        if head == ours:
            return Appended(writing.events)
        if self._tree.holds(ours):
            return Overtaken(self._since(expected))
        return None if head == expected else HeadMoved(self._since(expected))

    def _doubtful(self, problem: str) -> NoAnswer:
        """Give up: the commit may still arrive, so this object appends nothing more."""
        self._doubt = f"{self.location()}: {problem}"
        return NoAnswer(self._doubt)

    def _move(self, tip: str, kept: str) -> None:
        """Let the branch be called `kept`: first the new name, then the old one goes, so that nothing is ever lost."""
        for commit, ref, expected in ((tip, f"refs/heads/{kept}", None), (None, self._ref, tip)):
            pushed = self._place.push(commit, ref, expected)
            if pushed.verdict is not Verdict.TOOK:
                facts = {"path": self.location(), "kept": kept, "problem": pushed.problem}
                raise SurroundingsFailed(Diagnostic("L455", facts))

    @property
    def _ref(self) -> str:
        return f"refs/heads/{self._branch}"

    @property
    def _parent(self) -> str | None:
        return self._tip if isinstance(self._tip, str) else None
