"""What is asked again right before a prepare and right before a START, with the time that it is then."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from launcher.engine.effects import (
    Append,
    Done,
    ReadBack,
    ReadPlans,
    ReadSkew,
    Start,
    Unknown,
)
from launcher.engine.events import Kind
from launcher.engine.execute import execute
from launcher.engine.observed import Host
from launcher.engine.recorded import OutcomeKind
from launcher.engine.report import Limits
from launcher.model.documents import Freeze, Guards, Window
from tests.support.scripted import Scripted, at_append_of, dies_before
from tests.support.simulated import Crash, a_launch, a_state
from tests.support.simulated_job import DAWN, PLAN

FIRST = 20000000001
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EARLY = Window(DAYS, "00:00", "06:00", "UTC")
TOMORROW = Freeze("2026-01-02", "2026-01-02", "UTC", "year end")
HOURS = 3600


def guarded(state, **guards):
    return replace(state, environment=replace(state.environment, guards=Guards(**guards)))


def a_guarded_state(launch=None, **guards):
    return guarded(a_state(launch or a_launch("web-deploy")), **guards)


def not_before(at):
    launch = a_launch("web-deploy")
    return replace(launch, policy=replace(launch.policy, not_before=at))


def newest(world, name="web-deploy"):
    return world.recorded().launches[name].newest


def passes(seconds):
    """Time passes before the answer comes."""

    def answer(world, effect):
        world.let_pass(seconds)
        return world.as_usual(effect)

    return answer


def codes(report):
    return [item.code for item in report.diagnostics]


# --- rules about time -------------------------------------------------------------------------

HELD = {
    "a window that closed": (a_guarded_state(windows=(EARLY,)), 7 * HOURS, "WINDOW"),
    "a freeze that began": (a_guarded_state(freezes=(TOMORROW,)), 25 * HOURS, "FREEZE"),
}


@pytest.mark.parametrize(("state", "seconds", "word"), HELD.values(), ids=HELD)
def test_before_a_prepare_nothing_is_intended_any_more(state, seconds, word):
    world = Scripted().on(ReadPlans, passes(seconds))
    report = world.apply(state)
    assert (dict(report.blocked), codes(report)) == ({"web-deploy": word}, ["L270"])
    assert (world.told(), world.sent(), report.stop) == ([], [], None)


@pytest.mark.parametrize(("state", "seconds", "word"), HELD.values(), ids=HELD)
def test_before_a_start_the_instance_stays_prepared(state, seconds, word):
    world = Scripted().on(ReadBack, passes(seconds))
    report = world.apply(state)
    assert (dict(report.blocked), codes(report)) == ({"web-deploy": word}, ["L270"])
    assert (newest(world).outcome, newest(world).starts) == (OutcomeKind.PREPARED, 0)
    assert world.sent() == ["prepare web-deploy", f"read back {FIRST}"]


def test_what_is_said_names_when_the_hold_ends():
    world = Scripted().on(ReadBack, passes(7 * HOURS))
    (said,) = world.apply(a_guarded_state(windows=(EARLY,))).diagnostics
    assert said.facts["until"] == "2026-01-02T00:00:00+00:00"


def test_a_launch_that_a_rule_holds_lets_the_others_go_on():
    def set_back(world, effect):
        world.now = DAWN
        return world.as_usual(effect)

    # The clock was right when it was decided, and is set once the first of the two was started.
    world = Scripted().on(Start, set_back)
    world.let_pass(2 * HOURS)
    report = world.apply(a_state(not_before(DAWN.replace(hour=1)), a_launch("report", "2")))
    assert dict(report.blocked) == {"web-deploy": "NOT_BEFORE"}
    assert newest(world, "report").outcome is OutcomeKind.SUCCEEDED


SKEWED = {"not known": (None, "L255"), "ahead": (121.0, "L256"), "behind": (-500.0, "L256")}


@pytest.mark.parametrize(("skew", "code"), SKEWED.values(), ids=SKEWED)
def test_a_clock_that_cannot_be_trusted_holds_where_hours_are_set(skew, code):
    world = Scripted()

    def drifts(now, effect):
        now.skew_s = skew
        return now.as_usual(effect)

    world.on(ReadBack, drifts)
    report = world.apply(a_guarded_state(windows=(EARLY,)))
    assert (dict(report.blocked), codes(report)) == ({"web-deploy": "GUARD"}, [code])
    assert newest(world).outcome is OutcomeKind.PREPARED


def test_the_clock_is_not_asked_for_where_nothing_goes_by_the_time():
    world = Scripted()
    world.apply(a_state(a_launch("web-deploy")))
    assert not [item for item in world.trace if isinstance(item, ReadSkew)]


# --- rules about content ----------------------------------------------------------------------


def seen(hosts=(), steps=(), **changes):
    def answer(world, effect):
        world.on(ReadBack, answer)
        return tuple(
            Done(replace(item.value, hosts=hosts, steps=steps, **changes))
            for item in world.as_usual(effect)
        )

    return answer


TWO = (Host(1, 0, "10.0.0.1"), Host(2, 0, "10.0.0.2"))
REFUSED = {
    "too many hosts": (a_guarded_state(max_hosts=1), seen(TWO), "L251", "2 hosts"),
    "hosts that cannot be counted": (a_guarded_state(max_hosts=1), seen(None), "L251", "unknown"),
    "steps that cannot be read back": (
        a_guarded_state(require_verification=True),
        seen(steps=None),
        "L278",
        "steps",
    ),
    "hosts that cannot be read back": (
        a_guarded_state(require_verification=True),
        seen(None),
        "L278",
        "hosts",
    ),
    "variables that cannot be read back": (
        a_guarded_state(require_verification=True),
        seen(texts=None),
        "L278",
        "variables",
    ),
}


@pytest.mark.parametrize(("state", "copy", "code", "word"), REFUSED.values(), ids=REFUSED)
def test_a_guard_on_what_the_instance_holds_closes_the_attempt(state, copy, code, word):
    world = Scripted().on(ReadBack, copy)
    report = world.apply(state)
    assert world.told("web-deploy")[-1] == "1 refused guard"
    assert codes(report) == [code]
    assert [item.hint for item in report.diagnostics] == ["refused"], "an apply takes it up no more"
    assert word in str(newest(world).reason)
    assert not [item for item in world.sent() if item.startswith("start")]


UNSEEN = {
    "hosts": ({"max_hosts": 5}, "L251"),
    "whatever it runs": ({"require_verification": True}, "L278"),
}


@pytest.mark.parametrize(("guards", "code"), UNSEEN.values(), ids=UNSEEN)
def test_what_starts_unseen_is_refused_where_a_guard_looks_into_it(guards, code):
    world = Scripted(older=True)
    report = world.apply(a_guarded_state(allow_single_phase=True, **guards))
    assert (codes(report), dict(report.blocked)) == ([code], {"web-deploy": "GUARD"})
    assert (world.told(), world.sent()) == ([], [])


def order_of(world, state) -> Any:
    """What an apply of `state` would be asked to do."""
    flow: Any = world.begin(state)
    return flow.gi_frame.f_locals["order"]


def with_guards(world, state, **guards):
    """Carry out what was decided without `guards` under them: somebody else's launcher.yaml, so to say."""
    order = order_of(world, state)
    return world.drive(execute(replace(order, desired=guarded(order.desired, **guards))))


def test_a_job_plan_that_is_not_allowed_closes_an_attempt_that_is_prepared():
    world = Scripted().on(Append, at_append_of(Kind.STARTING, dies_before))
    state = a_guarded_state()
    with suppress(Crash):
        world.apply(state)
    report = with_guards(world, state, allowed_plans=(7,))
    assert world.told("web-deploy")[-1] == "1 refused guard"
    assert codes(report) == ["L250"]


def test_a_job_plan_that_is_not_allowed_is_not_prepared():
    world = Scripted()
    report = with_guards(world, a_guarded_state(), allowed_plans=(7,))
    assert (world.told(), codes(report)) == ([], ["L250"])


def test_a_guard_that_a_person_has_set_aside_is_not_asked():
    world = Scripted().on(ReadBack, seen(None, steps=None))
    state = a_guarded_state(max_hosts=1, require_verification=True, windows=(EARLY,))
    order = order_of(world, state)
    aside = frozenset({"maxHosts", "requireVerification", "windows"})
    world.on(ReadPlans, passes(7 * HOURS))
    report = world.drive(execute(replace(order, overridden=aside)))
    assert (newest(world).outcome, codes(report)) == (OutcomeKind.SUCCEEDED, [])


def test_hosts_within_the_limit_are_started():
    world = Scripted().on(ReadBack, seen(TWO))
    world.apply(a_guarded_state(max_hosts=2, require_verification=True))
    assert newest(world).outcome is OutcomeKind.SUCCEEDED


def test_without_a_text_to_compare_none_has_to_be_read():
    launch = a_launch("web-deploy")
    bare = replace(launch, spec=replace(launch.spec, variables=()))
    world = Scripted().on(ReadBack, seen(texts=None))
    world.apply(a_guarded_state(bare, require_verification=True))
    assert newest(world).outcome is OutcomeKind.SUCCEEDED


def test_a_difference_that_is_found_outside_the_window_still_closes_the_attempt():
    def moved(world, _effect):
        world.let_pass(7 * HOURS)
        return (Done(replace(PLAN, pin=replace(PLAN.pin, digest="v1:sha256:1"))),)

    world = Scripted().on(ReadPlans, None, moved)
    world.apply(a_guarded_state(windows=(EARLY,)))
    assert world.told("web-deploy")[-1] == "1 refused verify"


# --- another START ----------------------------------------------------------------------------

AGAIN = {
    "a window that closed": (a_guarded_state(windows=(EARLY,)), 7 * HOURS),
    "a freeze that began": (a_guarded_state(freezes=(TOMORROW,)), 25 * HOURS),
}


@pytest.mark.parametrize(("state", "seconds"), AGAIN.values(), ids=AGAIN)
def test_another_start_obeys_the_same_rules(state, seconds):
    def lost(world, _effect):
        world.let_pass(seconds)
        return (Unknown("no answer"),)

    world = Scripted().on(Start, lost)
    report = world.apply(state, limits=Limits(poll_s=1, start_limit_s=9999))
    assert world.told("web-deploy").count("1 starting") == 1
    assert codes(report) == ["L270"]


LATER = {
    "too many hosts": ({"max_hosts": 1}, seen(TWO), "L251"),
    "hosts that cannot be read": ({"max_hosts": 1}, seen(None), "L251"),
    "steps that cannot be read": ({"require_verification": True}, seen(steps=None), "L278"),
    "a job plan that is not allowed any more": ({"allowed_plans": (7,)}, None, "L250"),
}


@pytest.mark.parametrize(("guards", "copy", "code"), LATER.values(), ids=LATER)
def test_another_start_obeys_a_guard_that_was_set_since(guards, copy, code):
    world = Scripted(lag=1e6)
    world.apply(a_guarded_state(), wait=False)
    world.on(ReadBack, copy)
    report = world.apply(a_guarded_state(**guards), limits=Limits(poll_s=1))
    assert world.told("web-deploy").count("1 starting") == 1
    assert codes(report) == [code]
    assert [item.hint for item in report.diagnostics] == ["default"], "an apply goes on with it"


def test_another_start_within_the_guards_is_sent():
    world = Scripted(lag=1e6)
    world.apply(a_guarded_state(), wait=False)
    world.on(ReadBack, seen(TWO))
    world.apply(a_guarded_state(max_hosts=2), limits=Limits(poll_s=1))
    assert world.told("web-deploy").count("1 starting") == 3
