"""What an attempt of unknown outcome may have run as: where one looks, and what speaks for and against each."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from launcher.engine.candidates import Clue, Seeker, search_for, weigh
from launcher.engine.events import Kind
from launcher.engine.observed import Candidate
from tests.support.ledgers import LINEAGE, NOON, about, created, intended, prepared, recorded_of

LOST = (created(), intended(), about(Kind.STARTING), about(Kind.SETTLED, outcome="unknown"))
RECORDED = recorded_of(*LOST)
ATTEMPT = RECORDED.launches["web-deploy"].newest
SEEKER = Seeker("web-deploy", "production", "LAUNCH_KEY", "launcher", 120)
MARKER = f"{LINEAGE}/production/web-deploy/n1"
ASKED = ATTEMPT.intended_at
OURS = Candidate(20000000007, 3, True, MARKER, ASKED, "launcher")  # noqa: FBT003


def weighed(candidate, seeker=SEEKER, recorded=RECORDED):
    (found,) = weigh(seeker, recorded, recorded.launches["web-deploy"].newest, [candidate])
    return set(found.speaks_for), set(found.speaks_against)


def test_one_that_is_ours_has_everything_on_its_side():
    assert weighed(OURS) == ({Clue.MARKER, Clue.TIME, Clue.OPERATOR, Clue.BEGUN}, set())


@pytest.mark.parametrize(
    ("changes", "lost", "against"),
    [
        ({"marker": "theirs"}, Clue.MARKER, Clue.OTHER_MARKER),
        ({"marker": MARKER + "0"}, Clue.MARKER, Clue.OTHER_MARKER),
        ({"marker": None}, Clue.MARKER, Clue.NO_MARKER),
        ({"marker": ""}, Clue.MARKER, Clue.NO_MARKER),
        ({"operator": "eve"}, Clue.OPERATOR, Clue.OTHER_OPERATOR),
        ({"created": ASKED + timedelta(minutes=4)}, Clue.TIME, Clue.OTHER_TIME),
        ({"created": ASKED - timedelta(minutes=3)}, Clue.TIME, Clue.OTHER_TIME),
        ({"status": 1}, Clue.BEGUN, Clue.NOT_BEGUN),
        ({"has_steps": False}, None, Clue.NO_STEPS),
    ],
)
def test_each_thing_that_does_not_fit_speaks_against_it(changes, lost, against):
    speaks_for, speaks_against = weighed(replace(OURS, **changes))

    assert speaks_against == {against}
    assert speaks_for == {Clue.MARKER, Clue.TIME, Clue.OPERATOR, Clue.BEGUN} - {lost}


@pytest.mark.parametrize("seconds", [-119, 0, 60, 179])
def test_clocks_that_differ_a_little_take_nothing_from_it(seconds):
    at = replace(OURS, created=ASKED + timedelta(seconds=seconds))
    assert Clue.TIME in weighed(at)[0]


def test_what_is_not_known_speaks_neither_for_nor_against():
    unknown = replace(OURS, created=None, operator=None, marker=None)
    seeker = replace(SEEKER, marker=None)

    assert weighed(unknown, seeker) == ({Clue.BEGUN}, set())
    assert weighed(OURS, replace(SEEKER, operator=None))[1] == set()


def test_an_instance_of_another_launch_is_never_ours():
    other = (
        intended("db-migrate", nonce="n9"),
        prepared("db-migrate", instance=OURS.id, nonce="n9"),
    )
    recorded = recorded_of(*LOST, *other)

    assert Clue.OTHER_LAUNCH in weighed(OURS, recorded=recorded)[1]


def test_an_instance_of_an_earlier_attempt_is_not_this_ones():
    recorded = recorded_of(
        created(),
        intended(),
        prepared(instance=OURS.id),
        about(Kind.STARTING),
        about(Kind.SETTLED, outcome="failed", status=4),
        intended(attempt=2, nonce="n2"),
        about(Kind.STARTING, attempt=2),
        about(Kind.SETTLED, attempt=2, outcome="unknown"),
    )

    speaks_for, against = weighed(OURS, recorded=recorded)

    assert {Clue.OTHER_LAUNCH, Clue.OTHER_MARKER} <= against
    assert Clue.RECORDED not in speaks_for


def test_the_instance_on_record_says_so():
    recorded = recorded_of(
        created(),
        intended(),
        prepared(instance=OURS.id),
        about(Kind.STARTING),
        about(Kind.SETTLED, outcome="unknown"),
    )
    assert Clue.RECORDED in weighed(OURS, recorded=recorded)[0]
    unread = replace(OURS, marker=None)
    assert weighed(unread, recorded=recorded)[1] == set(), "its marker was not read"


def test_the_newest_comes_first():
    old = replace(OURS, id=20000000001, created=NOON - timedelta(days=1))
    undated = replace(OURS, id=20000000009, created=None)
    twin = replace(OURS, id=20000000008)

    found = weigh(SEEKER, RECORDED, ATTEMPT, [old, undated, OURS, twin])

    assert [item.candidate.id % 10 for item in found] == [8, 7, 1, 9]


def test_one_looks_from_when_it_was_asked_for_until_a_request_can_have_arrived():
    search = search_for(SEEKER, RECORDED, ATTEMPT, ASKED + timedelta(days=3))

    assert search is not None
    assert (search.plan_id, search.plan_name, search.marker) == (
        1000,
        "Deploy web",
        ("LAUNCH_KEY", MARKER),
    )
    assert search.since == ASKED - timedelta(minutes=2)
    assert search.until == ASKED + timedelta(minutes=12)


def test_one_looks_no_further_than_now():
    search = search_for(SEEKER, RECORDED, ATTEMPT, ASKED + timedelta(seconds=5))
    assert search is not None
    assert search.until == ASKED + timedelta(seconds=125)


def test_one_looks_further_back_for_the_prepares_before_the_newest():
    recorded = recorded_of(*LOST[:2], intended(nonce="n2"), *LOST[2:])
    attempt = recorded.launches["web-deploy"].newest
    search = search_for(SEEKER, recorded, attempt, attempt.intended_at)

    assert search is not None
    assert search.since == attempt.intended_at - timedelta(days=1, minutes=2)
    assert Clue.MARKER in weighed(OURS, recorded=recorded)[0], "every prepare's marker is ours"


def test_nothing_is_looked_for_where_the_record_was_restored():
    assert search_for(SEEKER, RECORDED, replace(ATTEMPT, nonces=()), NOON) is None
    assert search_for(SEEKER, RECORDED, replace(ATTEMPT, plan=None), NOON) is None


def test_a_marker_carries_the_name_that_a_launch_had_then():
    renamed = replace(ATTEMPT, named="old-name")
    search = search_for(SEEKER, RECORDED, renamed, NOON)
    assert search is not None
    assert search.marker[1] == f"{LINEAGE}/production/old-name/n1"
