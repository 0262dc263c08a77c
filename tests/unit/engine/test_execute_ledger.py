"""A run and its ledger: sessions, heads that move, answers that are lost."""

from __future__ import annotations

import pytest

from launcher.engine.effects import Append, HeadMoved, NoAnswer, Overtaken
from launcher.engine.events import CLAIMS, Draft, Kind
from launcher.engine.recorded import OutcomeKind
from launcher.engine.report import Stop
from tests.support.scripted import Scripted, at_append_of
from tests.support.simulated import a_launch, a_state

WEB = a_state(a_launch("web-deploy"))
TAKEOVER = Draft(Kind.OPENED, data={"session": "other", "host": "there", "pid": 1})
UNRELATED = Draft(Kind.ANCHORED)


def moved_by(*drafts):
    """Let somebody else write first."""

    def answer(world, effect):
        world.write(drafts)
        return world.as_usual(effect)

    return answer


def overtaken_by(*drafts):
    """Let somebody else write right behind."""

    def answer(world, effect):
        written = world.as_usual(effect)
        return Overtaken((*written.events, *world.write(drafts)))

    return answer


def outcome(world):
    return world.recorded().launches["web-deploy"].newest.outcome


def test_a_head_that_moved_before_the_session_opens_stops_the_run_with_nothing_done():
    world = Scripted().on(Append, moved_by(UNRELATED))
    report = world.apply(WEB)
    assert (report.stop, world.sent(), world.told()) == (Stop.MOVED, [], [])
    assert world.recorded().session is None


def test_a_session_that_was_opened_with_others_behind_it_is_closed_again():
    world = Scripted().on(Append, overtaken_by(UNRELATED))
    report = world.apply(WEB)
    assert (report.stop, world.sent()) == (Stop.MOVED, [])
    assert world.recorded().session is None


@pytest.mark.parametrize("kind", [Kind.INTENDED, Kind.PREPARED, Kind.STARTING, Kind.SETTLED])
def test_an_unrelated_event_is_passed_over(kind):
    world = Scripted().on(Append, at_append_of(kind, moved_by(UNRELATED)))
    assert world.apply(WEB).stop is None
    assert (outcome(world), world.sent().count("prepare web-deploy")) == (OutcomeKind.SUCCEEDED, 1)


def test_an_event_on_a_launch_that_is_about_to_be_claimed_lets_it_be_looked_at_again():
    def touched(world, effect):
        attempt = world.recorded().launches["web-deploy"].newest
        note = Draft(Kind.OBSERVED, "web-deploy", attempt.key, 1, {})
        return moved_by(note)(world, effect)

    world = Scripted().on(Append, at_append_of(Kind.STARTING, touched))
    world.apply(WEB)
    assert [word.split()[0] for word in world.sent()] == ["prepare", "read", "read", "start"]


@pytest.mark.parametrize("kind", [Kind.INTENDED, Kind.PREPARED, Kind.STARTING])
@pytest.mark.parametrize("way", [moved_by, overtaken_by])
def test_after_a_takeover_nothing_more_is_claimed_and_nothing_started(kind, way):
    world = Scripted().on(Append, at_append_of(kind, way(TAKEOVER)))
    report = world.apply(WEB)
    assert (report.stop, [item.code for item in report.diagnostics]) == (
        Stop.LOST_SESSION,
        ["L237"],
    )
    assert not [word for word in world.sent() if word.startswith("start")]
    taken = world.drafts().index(TAKEOVER)
    assert not [item for item in world.drafts()[taken:] if item.kind in CLAIMS]
    session = world.recorded().session
    assert session is not None
    assert session.id == "other"


def test_a_takeover_that_a_note_tells_of_ends_the_claims_as_well():
    state = a_state(a_launch("a"), a_launch("b", needs=["a"]))
    world = Scripted().on(Append, at_append_of(Kind.SETTLED, moved_by(TAKEOVER)))
    report = world.apply(state)
    assert report.stop is Stop.LOST_SESSION
    assert world.told("a")[-1] == "1 settled succeeded"
    assert world.told("b") == []


def test_an_id_that_cannot_be_recorded_any_more_is_found_by_the_next_run():
    world = Scripted().on(Append, at_append_of(Kind.PREPARED, moved_by(TAKEOVER)))
    world.apply(WEB)
    world.apply(WEB)
    assert (len(world.instances), outcome(world)) == (1, OutcomeKind.SUCCEEDED)


def lost(*, kept):
    def answer(world, effect):
        if kept:
            world.as_usual(effect)
        return NoAnswer("the disk is full")

    return answer


@pytest.mark.parametrize("kept", [False, True], ids=["not kept", "kept"])
@pytest.mark.parametrize("kind", [Kind.OPENED, Kind.INTENDED, Kind.PREPARED, Kind.STARTING])
def test_when_the_ledger_does_not_answer_nothing_is_started_and_the_next_run_goes_on(kind, kept):
    world = Scripted().on(Append, at_append_of(kind, lost(kept=kept)))
    report = world.apply(WEB)
    assert (report.stop, [item.code for item in report.diagnostics]) == (Stop.LEDGER, ["L236"])
    assert not [word for word in world.sent() if word.startswith("start")]
    world.apply(WEB)
    assert (sum(item.begun for item in world.instances.values()), outcome(world)) == (
        1,
        OutcomeKind.SUCCEEDED,
    )


def test_when_the_record_of_an_answer_is_lost_nothing_is_started_twice():
    def told(world, effect):
        if effect.drafts[0].data.get("start") == "accepted":
            return NoAnswer("the disk is full")
        return world.as_usual(effect)

    world = Scripted().on(Append, *[told] * 6)
    world.apply(WEB)
    world.apply(WEB)
    assert world.starts_of(20000000001) == 1


def test_notes_that_somebody_else_has_told_of_stop_the_run():
    world = Scripted(runs_for=5)
    world.apply(WEB, wait=False)
    world.let_pass(60)

    def same_news(now, effect):
        (note,) = effect.drafts
        now.write([note])
        return HeadMoved(tuple(now._events[effect.expected.serial :]))

    world.on(Append, None, same_news)
    report = world.apply(a_state(a_launch("web-deploy", "2")))
    assert report.stop is Stop.MOVED
    assert world.recorded().session is None
    assert world.told("web-deploy")[-1] == "1 settled succeeded"


def test_every_run_ends_although_somebody_always_writes_first():
    def stubborn(world, effect):
        world.on(Append, lambda now, it: now.as_usual(it), stubborn)
        return moved_by(UNRELATED)(world, effect)

    world = Scripted().on(Append, None, stubborn)
    assert world.apply(WEB).stop is None
