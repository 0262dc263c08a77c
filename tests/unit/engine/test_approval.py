"""What a review covers when only its digest is known: the set that it was made of, and what carries it on."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from launcher.engine.approval import MOST_HASHES, subset_with
from launcher.engine.changeset import Action, Reason, changeset_digest
from launcher.engine.decide import Observed, Options, make_changeset
from launcher.engine.desired import Policy
from launcher.engine.effects import Done
from launcher.engine.events import Kind
from launcher.engine.recorded import Recorded
from tests.support.ledgers import NOON, a_whole_launch, about, created, recorded_of
from tests.support.simulated import a_launch, a_state
from tests.support.simulated_job import PLAN
from tests.unit.engine.test_rows import tried

WEB = a_launch("web-deploy")


def digest_of(changes):
    return changeset_digest(environment="e", server="s", lineage="l", digests=tuple(changes))


def some(count):
    return [f"v1:sha256:{Random(number).getrandbits(256):064x}" for number in range(count)]


# --- the set ------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1, 2, 3, 8])
def test_every_set_of_a_few_changes_is_found(count):
    changes = some(count)
    for chosen in range(2**count):
        wanted = frozenset(item for bit, item in enumerate(changes) if chosen >> bit & 1)
        assert subset_with(digest_of(wanted), changes, digest_of) == wanted


@pytest.mark.parametrize("missing", [1, 2])
def test_a_few_changes_more_than_were_reviewed_are_told_apart(missing):
    changes = some(60)
    wanted = frozenset(changes[missing:])
    assert subset_with(digest_of(wanted), changes, digest_of) == wanted


@pytest.mark.parametrize("left", [1, 2])
def test_a_few_changes_are_found_among_many(left):
    changes = some(120)
    wanted = frozenset(Random(1).sample(changes, left))
    assert subset_with(digest_of(wanted), changes, digest_of) == wanted


def test_a_set_that_is_likely_is_tried_first_whatever_its_size():
    changes = some(60)
    wanted = frozenset(changes[::2])
    assert subset_with(digest_of(wanted), changes, digest_of) is None
    assert subset_with(digest_of(wanted), changes, digest_of, [wanted]) == wanted


def test_the_search_is_bounded():
    asked = []

    def counted(changes):
        asked.append(len(changes))
        return "none"

    assert subset_with("other", some(60), counted) is None
    assert len(asked) <= MOST_HASHES + 2
    asked.clear()
    assert subset_with("other", some(5000), counted) is None
    assert sum(asked) < 6_000_000


def test_a_set_of_another_environment_is_not_found():
    changes = some(3)
    other = changeset_digest(environment="x", server="s", lineage="l", digests=tuple(changes))
    assert subset_with(other, changes, digest_of) is None


# --- what is carried on ---------------------------------------------------------------------------


def decided(launch, recorded=None, *, plan=PLAN, hours=1, **options):
    state = a_state(launch)
    observed = Observed("sha256:sim", {}, {launch.name: Done(plan)})
    now = NOON.replace(hour=NOON.hour + hours)
    changeset = make_changeset(
        state, recorded or Recorded(), observed, now=now, options=Options(**options)
    )
    return changeset.change(launch.name)


def approved(launch):
    return frozenset({decided(launch).digest})


def on_record(*attempts):
    return recorded_of(created(), *(item for attempt in attempts for item in attempt))


PREPARED = on_record(tried(WEB, until="prepared", because="NEW"))


def test_what_is_prepared_is_the_rest_of_what_was_reviewed():
    change = decided(WEB, PREPARED, hours=0, reviewed=approved(WEB))
    assert change.reason is Reason.PREPARED
    assert decided(WEB, PREPARED, hours=0, reviewed=frozenset()).reason is Reason.UNREVIEWED


def test_what_takes_the_place_of_what_was_prepared_is_too():
    change = decided(WEB, PREPARED, hours=3, reviewed=approved(WEB))
    assert change.reason is Reason.REPLACED
    assert decided(WEB, PREPARED, hours=3, reviewed=frozenset()).reason is Reason.UNREVIEWED


@pytest.mark.parametrize("hours", [0, 3], ids=["prepared", "replaced"])
def test_nothing_is_carried_on_with_another_policy_or_job_plan(hours):
    held = {"reviewed": approved(WEB), "hours": hours}
    moved = replace(PLAN, pin=replace(PLAN.pin, digest="v1:sha256:moved"))
    edited = replace(WEB, policy=Policy(max_attempts=7))
    assert decided(WEB, PREPARED, plan=moved, **held).reason is Reason.UNREVIEWED
    assert decided(edited, PREPARED, **held).reason is Reason.UNREVIEWED


AGAIN = replace(WEB, policy=Policy(max_attempts=3, backoff_s=1))


def failed(number, *, because, follows=None, **said):
    first, *rest = tried(AGAIN, number, outcome="failed", status=4, because=because)
    data = {**first.data, **({"follows": follows} if follows else {}), **said}
    return [replace(first, data=data), *rest]


def test_an_attempt_that_is_made_anew_by_itself_is_the_rest_of_the_first():
    once = on_record(failed(1, because="NEW"))
    assert decided(AGAIN, once, reviewed=approved(AGAIN)).reason is Reason.RETRY
    assert decided(AGAIN, once, reviewed=frozenset()).reason is Reason.UNREVIEWED
    twice = on_record(failed(1, because="NEW"), failed(2, because="RETRY", follows=1))
    assert decided(AGAIN, twice, reviewed=approved(AGAIN)).reason is Reason.RETRY


def test_an_attempt_that_a_person_asks_for_is_the_rest_of_nothing():
    once = on_record(failed(1, because="NEW"))
    asked = {"retry": frozenset({"web-deploy"}), "reviewed": approved(AGAIN)}
    change = decided(AGAIN, once, **asked)
    assert (change.action, change.reason) == (Action.HOLD, Reason.UNREVIEWED)


def test_nothing_is_carried_on_past_an_attempt_that_a_person_asked_for():
    twice = on_record(
        failed(1, because="NEW"), failed(2, because="RETRY", follows=1, request="once more")
    )
    assert decided(AGAIN, twice, reviewed=approved(AGAIN)).reason is Reason.UNREVIEWED
    by_hand = decided(AGAIN, on_record(failed(1, because="NEW")), retry=frozenset({"web-deploy"}))
    assert by_hand.reason is Reason.RETRY
    assert decided(AGAIN, twice, reviewed=frozenset({by_hand.digest})).reason is Reason.RETRY


@pytest.mark.parametrize("then", ["prepared", "unknown"])
def test_what_a_person_asked_for_and_never_started_is_the_rest_of_nothing_either(then):
    how = {"because": "RETRY", "follows": 1, "request": "once more"}
    first, *rest = tried(AGAIN, 2, until="settled" if then == "unknown" else then)
    asked = [replace(first, data={**first.data, **how}), *rest]
    if then == "unknown":
        asked[-1] = replace(asked[-1], data={"outcome": "unknown"})
        asked.append(about(Kind.RESOLVED, key=AGAIN.key, attempt=2, outcome="not-ran", reason="x"))
    recorded = on_record(failed(1, because="NEW"), asked)
    change = decided(AGAIN, recorded, reviewed=approved(AGAIN))
    assert (change.action, change.reason) == (Action.HOLD, Reason.UNREVIEWED)


def test_a_launch_that_follows_another_attempt_is_not_what_was_reviewed():
    before = on_record(tried(a_launch("web-deploy", "0")))
    assert decided(WEB, before, reviewed=approved(WEB)).reason is Reason.UNREVIEWED


def test_a_rename_is_covered_with_the_name_that_the_history_comes_from():
    recorded = recorded_of(created(), *a_whole_launch("a"), *a_whole_launch("b"))
    one, other = (replace(WEB, renamed_from=old) for old in ("a", "b"))
    assert decided(one, recorded).digest != decided(other, recorded).digest
