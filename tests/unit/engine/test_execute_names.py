"""What an attempt is asked for by, and a launch that goes by another name now."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest

from launcher.engine.changeset import Action, Reason
from launcher.engine.effects import Append, Done, Find, HeadMoved, Prepare
from launcher.engine.events import Draft, Kind
from launcher.engine.recorded import OutcomeKind
from launcher.engine.report import Limits
from tests.support.scripted import Scripted, at_append_of, dies_after, dies_before
from tests.support.simulated import Crash, a_launch, a_state

OLD = a_state(a_launch("web-release"))
NEW = a_state(a_launch("web-deploy"))
FIRST = 20000000001


class Renaming(Scripted):
    """A world in which `web-deploy` is declared to be what `web-release` was."""

    def _changeset(self, desired, recorded, statuses):
        whole = super()._changeset(desired, recorded, statuses)
        if "web-release" not in recorded.launches or "web-deploy" in recorded.launches:
            return whole
        changes = tuple(
            replace(item, action=Action.RENAME, reason=Reason.RENAMED, by="web-release")
            for item in whole.changes
            if item.name == "web-deploy"
        )
        others = (item for item in whole.changes if item.name not in ("web-deploy", "web-release"))
        return replace(whole, changes=(*changes, *others))


def newest(world, name="web-deploy"):
    return world.recorded().launches[name].newest


def test_the_intention_says_what_asked_for_it():
    world = Scripted()
    world.apply(NEW)
    changed = a_state(a_launch("web-deploy", "2"))
    digest = world.changeset(changed).changes[0].digest
    world.apply(changed)
    first, second = world.recorded().launches["web-deploy"].attempts
    assert (first.because, first.follows, first.request) == ("NEW", None, None)
    assert (second.because, second.follows, second.change) == ("CHANGED", 1, digest)


def test_what_only_carries_on_keeps_the_change_that_was_reviewed():
    world = Scripted().on(Append, at_append_of(Kind.STARTING, dies_before))
    with suppress(Crash):
        world.apply(NEW)
    digest = newest(world).change
    approved = {"digest": "v1:sha256:d", "changes": {"web-deploy": digest}, "source": "--digest"}
    world.write([Draft(Kind.APPROVED, data=approved)])
    world.let_pass(3601)
    assert world.changeset(NEW).changes[0].reason is Reason.REPLACED
    world.apply(NEW)
    assert (newest(world).number, newest(world).change, newest(world).because) == (2, digest, "NEW")


def test_a_renamed_launch_keeps_its_history_and_runs_nothing():
    world = Renaming()
    world.apply(OLD)
    world.apply(NEW)
    assert list(world.recorded().launches) == ["web-deploy"]
    assert newest(world).outcome is OutcomeKind.SUCCEEDED
    assert world.sent().count("prepare web-deploy") == 0


def test_names_are_moved_and_others_archived_in_one_append():
    world = Renaming()
    world.apply(a_state(*OLD.launches.values(), a_launch("report", "9")))
    world.apply(NEW)
    together = [
        [draft.kind for draft in item.drafts]
        for item in world.trace
        if isinstance(item, Append) and any(d.kind is Kind.RENAMED for d in item.drafts)
    ]
    assert together == [[Kind.RENAMED, Kind.ARCHIVED]]


def test_a_renamed_launch_that_runs_is_watched_under_its_new_name():
    world = Renaming(runs_for=60)
    world.apply(OLD, wait=False)
    world.apply(NEW)
    assert newest(world).outcome is OutcomeKind.SUCCEEDED


def test_a_renamed_launch_of_another_content_is_not_started_again():
    world = Renaming(lag=1e6)
    world.apply(OLD, wait=False)
    world.apply(a_state(a_launch("web-deploy", "2")), limits=Limits(poll_s=1, wait_s=400))
    assert list(world.recorded().launches) == ["web-deploy"]
    assert world.starts_of(FIRST) == 1


def test_a_renamed_launch_whose_start_was_lost_is_started_again():
    world = Renaming(lag=1e6)
    world.apply(OLD, wait=False)
    world.apply(NEW, limits=Limits(poll_s=1, wait_s=400))
    assert world.starts_of(FIRST) > 1


@pytest.mark.parametrize("about", ["web-release", "web-deploy"])
def test_news_of_either_name_lets_the_rename_be_decided_again(about):
    def news(world, effect):
        draft = Draft(Kind.OBSERVED, "web-release", newest(world, "web-release").key, 1, {})
        if about == "web-deploy":
            draft = Draft(Kind.RENAMED, "web-deploy", data={"from": "web-release"})
        world.write([draft])
        return HeadMoved(tuple(world._events[effect.expected.serial :]))

    world = Renaming()
    world.apply(OLD)
    world.on(Append, at_append_of(Kind.RENAMED, news))
    world.apply(NEW)
    assert len(world.durable(Kind.RENAMED)) == (1 if about == "web-deploy" else 0)


def test_a_prepare_that_was_lost_under_the_old_name_is_found_by_the_old_marker():
    world = Renaming().on(Prepare, dies_after)
    with suppress(Crash):
        world.apply(OLD)
    world.apply(NEW)
    world.apply(NEW)
    searched = next(item for item in world.trace if isinstance(item, Find)).searches
    assert searched[0].marker[1].startswith("sim/rehearsal/web-release/")
    assert (len(world.instances), newest(world).outcome) == (1, OutcomeKind.SUCCEEDED)


def test_an_instance_prepared_under_the_old_name_is_verified_by_the_old_marker():
    world = Renaming().on(Append, at_append_of(Kind.PREPARED, dies_after))
    with suppress(Crash):
        world.apply(OLD)
    world.apply(NEW)
    world.apply(NEW)
    assert (world.starts_of(FIRST), newest(world).outcome) == (1, OutcomeKind.SUCCEEDED)


def test_an_instance_of_the_old_name_that_began_by_itself_counts_as_started():
    world = Renaming().on(Prepare, dies_after)
    with suppress(Crash):
        world.apply(OLD)
    world.apply(NEW)
    # A second prepare, under the new name, is lost as well; then the first is seen to run.
    world.instances[FIRST].visible_from = world.now.replace(year=2027)
    world.on(Find, (Done(()),)).on(Prepare, dies_before)
    with suppress(Crash):
        world.apply(NEW)
    world.instances[FIRST].visible_from = world.now
    world.instances[FIRST].starts_queued.append(world.now)
    world.apply(NEW)
    assert newest(world).outcome is OutcomeKind.SUCCEEDED
    assert [item.begun for item in world.instances.values()] == [1]
