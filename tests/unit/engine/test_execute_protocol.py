"""The protocol when nothing goes wrong, and every line of the table of what is true after a death."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest

from launcher.engine.effects import Append, Done, Find, Prepare, ReadStatus, Start, Unknown
from launcher.engine.events import Kind
from launcher.engine.observed import Candidate, Status
from launcher.engine.recorded import OutcomeKind
from tests.support.scripted import Scripted, at_append_of, dies_after, dies_before
from tests.support.simulated import Crash, a_launch, a_state

WEB = a_state(a_launch("web-deploy"))
FIRST, SECOND = 20000000001, 20000000002
WHOLE = [
    "1 intended",
    "1 prepared",
    "1 verified",
    "1 starting",
    "1 observed accepted",
    "1 observed 2",
    "1 settled succeeded",
]


def outcome(world, name="web-deploy"):
    return world.recorded().launches[name].newest.outcome


def dies(world, state=WEB, **how):
    with suppress(Crash):
        world.apply(state, **how)
    return world


def test_a_launch_goes_through_every_line_of_the_protocol_once():
    world = Scripted()
    report = world.apply(WEB)
    assert world.told("web-deploy") == WHOLE
    assert world.sent() == ["prepare web-deploy", f"read back {FIRST}", f"start {FIRST}"]
    assert (report.stop, report.diagnostics, dict(report.blocked), report.started) == (
        None,
        (),
        {},
        ("web-deploy",),
    )


def test_each_line_is_durable_before_the_next_is_sent():
    world = Scripted()
    world.apply(WEB)
    order = [
        "+".join(item.kind.value for item in effect.drafts)
        if isinstance(effect, Append)
        else type(effect).__name__
        for effect in world.trace
        if isinstance(effect, Append | Prepare | Start)
    ]
    assert order == [
        "opened",
        "intended",
        "Prepare",
        "bound+prepared",
        "verified+starting",
        "Start",
        "observed",
        "observed",
        "closed",
        "settled",
    ]


def test_the_session_is_closed_before_observing_when_nothing_is_left_to_claim():
    world = Scripted(runs_for=60)
    world.apply(WEB)
    kinds = [item.kind for item in world.drafts()]
    assert kinds.index(Kind.CLOSED) < kinds.index(Kind.SETTLED)


def test_a_second_apply_sends_nothing():
    world = Scripted()
    world.apply(WEB)
    before = world.sent()
    world.apply(WEB)
    assert world.sent() == before


@pytest.mark.parametrize("death", [dies_before, dies_after])
def test_died_at_the_record_of_the_intention_nothing_ran_and_it_is_prepared(death):
    world = dies(Scripted().on(Append, at_append_of(Kind.INTENDED, death)))
    world.apply(WEB)
    assert world.sent()[-3:] == ["prepare web-deploy", f"read back {FIRST}", f"start {FIRST}"]
    assert outcome(world) is OutcomeKind.SUCCEEDED


def test_died_before_the_prepare_it_is_looked_for_once_and_prepared_with_a_new_nonce():
    world = dies(Scripted().on(Prepare, dies_before))
    world.apply(WEB)
    assert world.sent() == [
        "prepare web-deploy",
        "find",
        "prepare web-deploy",
        f"read back {FIRST}",
        f"start {FIRST}",
    ]
    nonces = [item.data["nonce"] for item in world.durable(Kind.INTENDED)]
    assert len(set(nonces)) == 2
    assert world.told("web-deploy") == ["1 intended", *WHOLE]


def test_died_after_the_prepare_the_instance_is_found_by_its_marker_and_adopted():
    world = dies(Scripted().on(Prepare, dies_after))
    world.apply(WEB)
    assert world.sent() == ["prepare web-deploy", "find", f"read back {FIRST}", f"start {FIRST}"]
    assert world.told("web-deploy") == WHOLE
    assert len(world.instances) == 1


def test_died_before_the_id_was_durable_the_instance_is_adopted():
    world = dies(Scripted().on(Append, at_append_of(Kind.PREPARED, dies_before)))
    world.apply(WEB)
    assert (len(world.instances), outcome(world)) == (1, OutcomeKind.SUCCEEDED)


def test_a_twin_that_is_seen_too_late_stays_unstarted():
    world = dies(Scripted().on(Prepare, dies_after))
    world.instances[FIRST].visible_from += timedelta(hours=1)
    world.apply(WEB)
    assert [item.begun for item in world.instances.values()] == [0, 1]


def candidate(marker, *, id_=FIRST, status=Status.BLANK, has_steps=True):
    return Candidate(id_, status, has_steps=has_steps, marker=marker)


def mine(world):
    nonce = world.durable(Kind.INTENDED)[-1].data["nonce"]
    return f"sim/rehearsal/web-deploy/{nonce}"


@pytest.mark.parametrize(
    "found",
    [
        lambda _: candidate("sim/rehearsal/web-deploy/0"),
        lambda _: candidate(None),
        lambda world: candidate(mine(world), has_steps=False),
    ],
    ids=["another nonce", "no marker", "no steps"],
)
def test_only_an_unstarted_instance_with_steps_and_our_nonce_is_adopted(found):
    world = dies(Scripted().on(Prepare, dies_before))
    world.on(Find, lambda now, _: (Done((found(now),)),))
    world.apply(WEB)
    assert world.told("web-deploy") == ["1 intended", *WHOLE]


def test_of_several_instances_of_ours_the_lowest_is_adopted():
    world = dies(Scripted().on(Prepare, dies_after))
    twin = world.insert(world.instances[FIRST].spec, world.instances[FIRST].marker)
    world.on(
        Find,
        lambda now, _: (
            Done((candidate(mine(now), id_=twin.id), candidate(mine(now), id_=FIRST))),
        ),
    )
    world.apply(WEB)
    assert [item.begun for item in world.instances.values()] == [1, 0]


def test_an_instance_of_ours_that_began_by_itself_counts_as_started_and_is_not_prepared_again():
    world = dies(Scripted().on(Prepare, dies_after))
    world.instances[FIRST].starts_queued.append(world.now)
    report = world.apply(WEB)
    assert world.told("web-deploy") == [
        "1 intended",
        "1 prepared",
        "1 starting by other",
        "1 observed already 2",
        "1 settled succeeded",
    ]
    assert [item.code for item in report.diagnostics] == ["L240"]
    assert world.sent() == ["prepare web-deploy", "find"]


def test_what_cannot_be_looked_for_is_left_for_a_later_run():
    world = dies(Scripted().on(Prepare, dies_before))
    world.on(Find, (Unknown("no answer"),))
    report = world.apply(WEB)
    assert dict(report.blocked) == {"web-deploy": "not looked for"}
    assert world.sent() == ["prepare web-deploy", "find"]


def test_after_three_prepares_without_an_id_the_outcome_is_unknown():
    lost = (Unknown("no answer"),)
    world = Scripted().on(Prepare, lost, lost, lost)
    world.apply(WEB)
    assert world.told("web-deploy") == [
        "1 intended",
        "1 intended",
        "1 intended",
        "1 settled unknown",
    ]
    assert world.sent().count("prepare web-deploy") == 3


def test_died_after_the_id_was_durable_it_is_verified_and_started():
    world = dies(Scripted().on(Append, at_append_of(Kind.PREPARED, dies_after)))
    world.apply(WEB)
    assert world.sent() == ["prepare web-deploy", f"read back {FIRST}", f"start {FIRST}"]
    assert world.told("web-deploy") == WHOLE


def test_died_at_the_record_of_the_start_before_it_was_durable_it_is_verified_again():
    world = dies(Scripted().on(Append, at_append_of(Kind.STARTING, dies_before)))
    world.apply(WEB)
    assert world.sent() == [
        "prepare web-deploy",
        f"read back {FIRST}",
        f"read back {FIRST}",
        f"start {FIRST}",
    ]


def test_died_with_the_start_on_record_it_is_polled_and_not_started_at_once():
    world = dies(Scripted().on(Start, dies_after))
    world.apply(WEB)
    assert world.starts_of(FIRST) == 1
    assert outcome(world) is OutcomeKind.SUCCEEDED


def test_died_while_it_runs_watching_is_resumed():
    world = Scripted(runs_for=60)
    world.apply(WEB, wait=False)
    world.apply(WEB)
    assert world.sent() == ["prepare web-deploy", f"read back {FIRST}", f"start {FIRST}"]
    assert outcome(world) is OutcomeKind.SUCCEEDED


def test_an_unstarted_instance_that_vanished_is_prepared_anew():
    world = dies(Scripted().on(Append, at_append_of(Kind.PREPARED, dies_after)))
    world.instances[FIRST].gone = True
    world.apply(WEB)
    assert world.told("web-deploy") == [
        "1 intended",
        "1 prepared",
        "1 superseded",
        *(line.replace("1 ", "2 ", 1) for line in WHOLE),
    ]


def test_instances_that_vanish_again_and_again_are_left_after_three():
    world = Scripted()

    def vanish(now, effect):
        now.on(Prepare, vanish)
        answer = now.as_usual(effect)
        for item in now.instances.values():
            item.gone = True
        return answer

    report = world.on(Prepare, vanish).apply(WEB)
    assert [item.code for item in report.diagnostics] == ["L239"]
    assert world.sent().count("prepare web-deploy") == 3


def test_a_started_instance_that_vanished_is_unknown_and_never_launched_anew():
    world = Scripted(runs_for=600)
    world.apply(WEB, wait=False)
    world.instances[FIRST].gone = True
    world.apply(WEB)
    world.apply(WEB)
    assert world.told("web-deploy")[-1] == "1 settled unknown"
    assert world.sent().count("prepare web-deploy") == 1


def test_a_prepared_instance_older_than_an_hour_is_read_once_more_and_replaced():
    world = dies(Scripted().on(Append, at_append_of(Kind.PREPARED, dies_after)))
    world.let_pass(3601)
    world.apply(WEB)
    assert world.told("web-deploy") == [
        "1 intended",
        "1 prepared",
        "1 superseded",
        *(line.replace("1 ", "2 ", 1) for line in WHOLE),
    ]
    assert [item.begun for item in world.instances.values()] == [0, 1]


def test_a_prepared_instance_that_somebody_started_is_not_replaced():
    world = dies(Scripted().on(Append, at_append_of(Kind.PREPARED, dies_after)))
    world.instances[FIRST].starts_queued.append(world.now)
    world.let_pass(3601)
    report = world.apply(WEB)
    assert world.told("web-deploy") == [
        "1 intended",
        "1 prepared",
        "1 starting by other",
        "1 observed already 3",
        "1 settled succeeded",
    ]
    assert [item.code for item in report.diagnostics] == ["L240"]


def test_a_prepared_instance_that_cannot_be_read_is_neither_replaced_nor_started():
    world = dies(Scripted().on(Append, at_append_of(Kind.PREPARED, dies_after)))
    world.let_pass(3601)
    report = world.on(ReadStatus, (Unknown("no answer"),)).apply(WEB)
    assert [item.code for item in report.diagnostics] == ["L243"]
    assert world.sent() == ["prepare web-deploy"]
