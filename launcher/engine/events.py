"""What a ledger can say: the kinds of events, and an event before and after it is recorded.

Payloads (`data`) by kind; a key marked `?` may be absent:

| kind | payload |
|---|---|
| `created` | `lineage`; `restored`? = `{lineage, serial, head, commit}` of the lockfile it was restored from |
| `bound` | `server`: the fingerprint of the only server this ledger speaks of; `reason`? after a move |
| `opened` | `session`, `host`, `pid`; `takes_over`? = a session that ended without saying so |
| `closed` | `session`; `reason`? where a person ended it |
| `intended` | `nonce`, `phase` (`two` or `single`), `spec` (canonical), `policy`, `plan`? (a pin), `content`? (of the job plan, see `launcher.engine.content`: with the first event that names its digest), `manifest`, `change` (a digest), `because`? (a reason), `follows`? (an attempt), `request`? (what a person said) |
| `prepared` | `nonce`, `instance` = `{id, name}`, `answer`? (JOB's ids of the answer that told it, for whoever reads its logs) |
| `verified` | `compared`, `not_compared`: lists of words |
| `refused` | `stage`, `message`, `code`? |
| `starting` | nothing, or `by` = `other` where somebody else started it: START of this attempt may be on its way from now on |
| `observed` | `status`?; `start`? = `accepted`, `already`, `lost` or `not-sent`, with `answer`? as above; `void`? = a nonce whose prepare certainly created nothing; `declared`? = true where an archived launch is declared again; `operation`? = `done`, `refused`, `unknown` or `not-sent`: how the pending operation went, with `message`? of JOB and `answer`? as above, and `of`? = `{operation, at}` where another one may be pending by then; `operated`? = `accepted` or `lost`: how JOB answered an operation, with `answer` as above, before anything of it shows. Without a launch: `session`, which lives on |
| `settled` | `outcome`, `status`?, `reason`?, `finished`? |
| `operating` | `operation`, `status`, `step`?, `step_status`?, `executions`? (as read before), `reason`?, `timeout`? (the `wait.timeout` that was over, where no person asked) |
| `superseded` | `reason`? |
| `resolved` | `outcome`, `reason`, `instance`?, `status`?; or `restored` = an entry of a lockfile |
| `adopted` | a new attempt: `spec`, `policy`, `plan`?, `content`?, `manifest`, `instance` = `{id, name}`, `outcome` (`adopted`, or what the instance is at), `status`, `started`?, `finished`?, `reason` |
| `waived` | a new attempt: `spec`, `policy`, `manifest`, `reason` |
| `archived` | nothing |
| `renamed` | `from` |
| `overridden` | `rule`, `reason` |
| `approved` | `digest` (of a changeset), `changes` = digests of changes by launch name, `source` |

`anchored` is reserved: known to readers, written by no command yet.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from launcher.engine.spec import LaunchKey

__all__ = ["CLAIMS", "NO_HEAD", "Draft", "Event", "Head", "Kind"]


class Kind(StrEnum):
    """What an event tells."""

    CREATED = "created"
    BOUND = "bound"
    OPENED = "opened"
    CLOSED = "closed"
    INTENDED = "intended"
    PREPARED = "prepared"
    VERIFIED = "verified"
    REFUSED = "refused"
    STARTING = "starting"
    OBSERVED = "observed"
    SETTLED = "settled"
    OPERATING = "operating"
    SUPERSEDED = "superseded"
    RESOLVED = "resolved"
    ADOPTED = "adopted"
    WAIVED = "waived"
    ARCHIVED = "archived"
    RENAMED = "renamed"
    OVERRIDDEN = "overridden"
    APPROVED = "approved"
    ANCHORED = "anchored"


CLAIMS = frozenset(
    {
        Kind.INTENDED,
        Kind.PREPARED,
        Kind.VERIFIED,
        Kind.REFUSED,
        Kind.STARTING,
        Kind.SUPERSEDED,
        Kind.ARCHIVED,
        Kind.RENAMED,
    }
)
"""Kinds that only the holder of the open session may append; the others are notes and acts of people."""


@dataclass(frozen=True, slots=True)
class Head:
    """The newest event of a ledger, by number and by hash.

    Attributes:
        serial: 0 for an empty ledger; the first event has 1.
        hash: `sha256:…` of the event's line; empty for an empty ledger.
    """

    serial: int
    hash: str


NO_HEAD = Head(0, "")


@dataclass(frozen=True, slots=True)
class Draft:
    """An event as its author knows it, before the ledger numbers, times and chains it.

    Attributes:
        kind: what it tells.
        name: the launch it is about; `None` for the ledger as a whole.
        key: the launch key it is about, if it is about an attempt.
        attempt: the number of that attempt.
        data: the payload: JSON values just as they are read back, so a list and no tuple; no secret.
    """

    kind: Kind
    name: str | None = None
    key: LaunchKey | None = None
    attempt: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Event:
    """An event as recorded; never changes.

    Attributes:
        serial: counts from 1 without gaps.
        id: random, so that two writers of the same words still write different events.
        time: when it was appended, by the writer's clock, in UTC.
        draft: what it tells.
        actor: who ran launcher.
        ci: what the CI system says about the run; `None` outside CI.
        commit: the commit the run worked for; `None` without git.
        tool: version of launcher.
        previous: hash of the event before it; empty for the first.
        hash: hash of this event.
    """

    serial: int
    id: str
    time: datetime
    draft: Draft
    actor: str
    ci: Mapping[str, str] | None
    commit: str | None
    tool: str
    previous: str
    hash: str

    @property
    def head(self) -> Head:
        """The head of a ledger that ends with this event."""
        return Head(self.serial, self.hash)
