"""Who did what to a launch, as the events tell it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from launcher.engine.events import Kind
from launcher.engine.fold import fold
from launcher.engine.history import NO_HISTORY, Archived, History, histories
from launcher.engine.recorded import OperationKind, Recorded
from tests.support.ledgers import (
    about,
    adopted,
    an_author,
    created,
    events_of,
    intended,
    operating,
    prepared,
    renamed,
    waived,
)

if TYPE_CHECKING:
    from launcher.engine.events import Draft

NAME = "web-deploy"
RUNNING = (intended(), prepared(), about(Kind.STARTING), about(Kind.OBSERVED, status=2))
FAILED = about(Kind.SETTLED, outcome="failed", status=4)
CANCELLED = about(Kind.SETTLED, outcome="cancelled", status=11)
SUCCEEDED = about(Kind.SETTLED, outcome="succeeded", status=3)
GOES_ON = about(Kind.OBSERVED, status=2)
DONE = about(Kind.OBSERVED, operation="done")
RETRY = operating("retry-failed-hosts", 4, reason="disk cleaned")
CANCEL = operating("terminate", 2, reason="wrong day")


def history(*drafts: Draft, name: str = NAME) -> History:
    """Of a ledger that holds `drafts`; they are events that the present can be folded from."""
    events = events_of(created(), *drafts)
    fold(Recorded(), events)
    return histories(events).get(name, NO_HISTORY)


def kinds(*drafts: Draft) -> tuple[str | None, str | None]:
    """What carried on with the first end, and what led to the second."""
    found = history(*RUNNING, *drafts)
    on, off = found.carried_on(0), found.ended(1)
    return (on.kind.value if on else None, off.kind.value if off else None)


@pytest.mark.parametrize(
    ("drafts", "expected"),
    [
        ((FAILED, GOES_ON, SUCCEEDED), (None, None)),
        ((FAILED, SUCCEEDED), (None, None)),
        ((FAILED, RETRY, DONE, GOES_ON, SUCCEEDED), ("retry-failed-hosts", None)),
        ((FAILED, RETRY, GOES_ON), ("retry-failed-hosts", None)),
        ((FAILED, RETRY, SUCCEEDED), ("retry-failed-hosts", None)),
        (
            (FAILED, RETRY, DONE, GOES_ON, CANCEL, DONE, CANCELLED),
            ("retry-failed-hosts", "terminate"),
        ),
        ((FAILED, GOES_ON, CANCEL, CANCELLED), (None, "terminate")),
        ((CANCEL, DONE, CANCELLED, GOES_ON, FAILED), (None, None)),
        (
            (FAILED, RETRY, about(Kind.OBSERVED, operation="refused"), GOES_ON, SUCCEEDED),
            (None, None),
        ),
        ((FAILED, GOES_ON, FAILED, RETRY, DONE, GOES_ON, SUCCEEDED), (None, None)),
        ((CANCELLED, operating("confirm-restart", 13), DONE, GOES_ON), ("confirm-restart", None)),
        ((FAILED, GOES_ON, operating("confirm-terminate", 7), CANCELLED), (None, "confirm-terminate")),
        ((FAILED, GOES_ON, operating("confirm-continue", 7), CANCELLED), (None, None)),
    ],
)  # fmt: skip
def test_an_end_and_what_follows_are_told_apart_by_the_order_of_events(drafts, expected):
    assert kinds(*drafts) == expected


def test_an_operation_says_whose_it_was_when_and_why():
    asked = history(*RUNNING, FAILED, RETRY, DONE, GOES_ON).carried_on(0)
    assert asked is not None
    assert (asked.kind, asked.actor, asked.reason, asked.timeout, asked.in_doubt) == (
        OperationKind.RETRY_FAILED_HOSTS,
        an_author().actor,
        "disk cleaned",
        None,
        False,
    )
    assert isinstance(asked.at, datetime)


def test_an_operation_that_was_given_up_leaves_a_doubt():
    given_up = about(Kind.OBSERVED, operation="unknown")
    asked = history(*RUNNING, FAILED, RETRY, given_up, GOES_ON).carried_on(0)
    assert asked is not None
    assert asked.in_doubt


def test_a_sure_operation_counts_before_a_doubtful_one():
    given_up = about(Kind.OBSERVED, operation="unknown")
    again = operating("retry-failed-hosts", 4, reason="again")
    asked = history(*RUNNING, FAILED, again, DONE, RETRY, given_up, GOES_ON).carried_on(0)
    assert asked is not None
    assert asked.reason == "again"


def test_what_was_never_sent_did_nothing_though_another_was_asked_for_since():
    events = events_of(created(), *RUNNING, FAILED, RETRY, RETRY)
    of = {"operation": "retry-failed-hosts", "at": events[-2].time.isoformat()}
    late = about(Kind.OBSERVED, operation="not-sent", of=of)
    (left,) = history(*RUNNING, FAILED, RETRY, RETRY, late).asked
    assert left.at == events[-1].time


def test_a_wait_that_is_over_is_no_person():
    ended = operating("terminate", 2, reason="its wait has ended", timeout="30m")
    asked = history(*RUNNING, ended, DONE, CANCELLED).ended(0)
    assert asked is not None
    assert asked.timeout == "30m"


def test_only_the_newest_attempt_is_told_of():
    second = (intended(attempt=2), about(Kind.SETTLED, attempt=2, outcome="cancelled", status=11))
    assert history(*RUNNING, CANCEL, DONE, CANCELLED, *second) == NO_HISTORY
    asked = about(Kind.OPERATING, attempt=2, operation="retry-failed-hosts", status=11)
    late = about(Kind.OBSERVED, operation="refused")
    found = history(*RUNNING, CANCEL, DONE, CANCELLED, *second, asked, late)
    assert [item.kind for item in found.asked] == [OperationKind.RETRY_FAILED_HOSTS]
    assert found.carried_on(0) == found.asked[0]


@pytest.mark.parametrize(
    "draft",
    [adopted(), waived(), adopted(outcome="failed", status=4)],
    ids=["adopted", "waived", "adopted at its end"],
)
def test_what_a_person_has_accepted_has_come_to_an_end(draft):
    retry = about(Kind.OPERATING, attempt=2, operation="retry-failed-hosts", status=4)
    asked = history(*RUNNING, FAILED, draft, retry).carried_on(0)
    assert asked is not None


def test_an_archive_says_when_and_by_whom():
    events = events_of(created(), *RUNNING, SUCCEEDED, about(Kind.ARCHIVED, attempt=None))
    found = histories(events)[NAME].archived
    assert found == Archived(events[-1].time, an_author().actor, events[-1].commit)


def test_the_past_goes_along_with_a_new_name():
    drafts = (*RUNNING, FAILED, RETRY, DONE, GOES_ON, renamed("web", NAME))
    assert history(*drafts, name="web").carried_on(0) is not None
    assert history(*drafts) == NO_HISTORY
