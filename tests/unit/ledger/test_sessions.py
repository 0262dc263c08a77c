from __future__ import annotations

from datetime import timedelta

import pytest

from launcher.catalogue import texts
from launcher.engine.events import Draft, Kind
from launcher.engine.fold import fold
from launcher.engine.recorded import Session
from launcher.errors import ExitCode
from launcher.ledger.sessions import (
    Held,
    Takeover,
    closing,
    held_error,
    may_open,
    opening,
    takeover_note,
)
from tests.support.ledgers import (
    NOON,
    an_author,
    created,
    events_of,
    intended,
    opened,
    recorded_of,
)

STALE_S = 120.0
OPEN = recorded_of(created(), opened("s1", host="build-7", pid=77))
SESSION = Session("s1", NOON + timedelta(seconds=2), "ana", "build-7", 77, "c0ffee")


def test_a_session_may_be_opened_where_none_is_open() -> None:
    for recorded in (
        recorded_of(created()),
        recorded_of(created(), opened("s1"), closing("s1")),
    ):
        assert may_open(recorded, alive=True, now=NOON, stale_s=STALE_S) is None


def test_a_dead_session_is_taken_over_at_once() -> None:
    assert may_open(OPEN, alive=False, now=NOON, stale_s=STALE_S) == Takeover(SESSION)


def test_a_living_session_is_never_taken_over_however_old() -> None:
    later = NOON + timedelta(days=30)
    assert may_open(OPEN, alive=True, now=later, stale_s=STALE_S) == Held(SESSION, None)


@pytest.mark.parametrize(("after_s", "held"), [(0, True), (119, True), (120, False), (121, False)])
def test_a_session_elsewhere_is_held_until_its_ledger_stood_still_long_enough(
    after_s: int, *, held: bool
) -> None:
    assert OPEN.last_time is not None
    now = OPEN.last_time + timedelta(seconds=after_s)
    until = OPEN.last_time + timedelta(seconds=STALE_S)
    expected = Held(SESSION, until) if held else Takeover(SESSION)
    assert may_open(OPEN, alive=None, now=now, stale_s=STALE_S) == expected


def test_every_event_of_a_session_elsewhere_renews_it() -> None:
    moved = recorded_of(created(), opened("s1", host="build-7", pid=77), intended())
    assert moved.last_time is not None
    now = moved.last_time + timedelta(seconds=119)
    assert isinstance(may_open(moved, alive=None, now=now, stale_s=STALE_S), Held)


def test_opening_over_a_dead_session_names_it_and_replaces_it() -> None:
    author = an_author("bo", host="build-9", pid=9)
    draft = opening("s2", author, Takeover(SESSION))
    data = {"session": "s2", "host": "build-9", "pid": 9, "takes_over": "s1"}
    assert draft == Draft(Kind.OPENED, data=data)
    recorded = fold(OPEN, events_of(draft, after=OPEN.head, author=author))
    assert recorded.session is not None
    assert (recorded.session.id, recorded.session.actor, recorded.session.pid) == ("s2", "bo", 9)


def test_the_end_of_a_session_that_was_taken_over_does_not_end_the_new_one() -> None:
    recorded = recorded_of(created(), opened("s1"), opened("s2"), closing("s1"))
    assert recorded.session is not None
    assert recorded.session.id == "s2"


def test_a_person_ends_a_session_with_a_reason() -> None:
    assert closing("s1", "it hangs").data == {"session": "s1", "reason": "it hangs"}
    assert closing("s1").data == {"session": "s1"}


@pytest.mark.parametrize(
    ("until", "words"),
    [
        (None, "that process lives"),
        (NOON + timedelta(minutes=2), "taken over from 2026-11-22T12:02:00Z on"),
    ],
)
def test_the_refusal_names_who_where_and_since_when(until: object, words: str) -> None:
    error = held_error(Held(SESSION, until), "production")  # type: ignore[arg-type]
    assert error.exit_code is ExitCode.LOCKED
    said = texts(error.diagnostics[0])
    for part in ("ana", "build-7", "77", "2026-11-22T12:00:02Z", "`production`", words):
        assert part in said.detail
    assert said.hint == "launcher apply -e production --lock-timeout 10m"


def test_a_takeover_is_told() -> None:
    said = texts(takeover_note(Takeover(SESSION)))
    assert "ana opened on build-7 (process 77)" in said.detail
