"""How a run of `execute` was asked for, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from launcher.diagnostics import Diagnostic
    from launcher.engine.changeset import Changeset
    from launcher.engine.desired import Desired
    from launcher.engine.events import Draft
    from launcher.engine.observed import Capability
    from launcher.engine.recorded import Recorded

__all__ = ["Limits", "Order", "Report", "Stop"]


@dataclass(frozen=True, slots=True)
class Limits:
    """The numbers that a run goes by; seconds where the name ends in `_s`.

    Attributes:
        start_window_s: a START, or a prepare, is handed to the socket within this time of asking for its record, or not
            at all.
        start_grace_s: how long status 1 must last, seen by this run, before another START.
        start_limit_s: how long status 1 may last before the outcome is `unknown`.
        max_starts: how many STARTs an attempt gets at most.
        max_prepares: how many prepares may be lost before the outcome is `unknown`.
        poll_s: the shortest pause between two looks at running instances.
        poll_max_s: the longest.
        wait_s: how long a run watches before it leaves jobs to themselves.
        parallelism: calls in flight; a batch holds at most twice as many launches.
        lanes: batches under way at the same time.
        clock_skew_s: how far the server's clock may be from ours when its times are compared.
        stuck_s: how long an instance may stand where it should not before it counts as stuck.
        heartbeat_s: how often an open session is to be heard of; `None` where the ledger knows otherwise that it lives.
        notes_s: the least time between two appends of nothing but notes, those that settle excepted.
    """

    start_window_s: float = 5
    start_grace_s: float = 120
    start_limit_s: float = 600
    max_starts: int = 3
    max_prepares: int = 3
    poll_s: float = 2
    poll_max_s: float = 30
    wait_s: float = 1800
    parallelism: int = 16
    lanes: int = 3
    clock_skew_s: float = 120
    stuck_s: float = 600
    heartbeat_s: float | None = None
    notes_s: float = 0


@dataclass(frozen=True, slots=True)
class Order:
    """What a run is asked to do.

    Attributes:
        changeset: the changes; only acting and resumed ones are carried out.
        desired: the desired state that the changeset was made from.
        recorded: the record that it was made from; the run appends on its head.
        fingerprint: the server's.
        marker: name of the marker variable; `None` where the workspace names none.
        opening: the drafts that open the session (`opened` first, with the session's id), then overrides and the
            approval; empty for a run that only watches and needs no session.
        notes: what observing found before the changeset was made (`with_observed`), to be recorded first.
        wait: watch until everything has ended; `False` ends once everything was started.
        assume: what the server is taken to be able to do, by override; `None` lets it be proven.
        overridden: guards that a person has set aside, by the names they have in the workspace.
        requests: why a person asked for a launch by hand, by its name.
        limits: the numbers to go by.
    """

    changeset: Changeset
    desired: Desired
    recorded: Recorded
    fingerprint: str
    marker: str | None
    opening: tuple[Draft, ...]
    notes: tuple[Draft, ...] = ()
    wait: bool = True
    assume: Capability | None = None
    overridden: frozenset[str] = frozenset()
    requests: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)


class Stop(StrEnum):
    """Why a run ended before everything had come to its end."""

    MOVED = "moved"
    """The ledger had moved on since the changeset was made; nothing was done."""
    LOST_SESSION = "lost-session"
    """Another session took over; what it does from then on is its own."""
    LEDGER = "ledger"
    """The ledger did not answer; nothing was started on the strength of it."""
    SERVER = "server"
    """The server could not be asked, or answered nothing that could be used."""
    NO_TWO_PHASE = "no-two-phase"
    """The server cannot create an instance un-started, and single phase is not allowed."""
    NOT_HELD_BACK = "not-held-back"
    """The server started an instance that was to be created un-started."""
    INTERRUPTED = "interrupted"
    """The user asked to stop."""
    WAITED = "waited"
    """The wait ended; jobs go on."""


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a run.

    Attributes:
        recorded: the record at the end.
        stop: why it ended early; `None` where everything came to its end (or `wait` was off).
        diagnostics: what went wrong on the way, in the order it did.
        blocked: launches that were not carried out, by name, with the need or the reason that held them.
        started: names for which this run sent a START that JOB took, in order.
    """

    recorded: Recorded
    stop: Stop | None
    diagnostics: tuple[Diagnostic, ...]
    blocked: Mapping[str, str]
    started: tuple[str, ...]
