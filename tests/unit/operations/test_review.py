"""Reviews that survive: what a digest covers, what later runs may finish with it, and what makes it void."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from launcher.engine.changeset import Action, Reason
from launcher.engine.effects import Done
from launcher.errors import ExitCode
from launcher.job.server import JobServer
from launcher.render import documents, json_text
from tests.support.failures import fails
from tests.support.guarded import SETTINGS, dies
from tests.support.pages import FAILS_ONCE, fails_once
from tests.support.workspaces import Place, a_manifest, a_place

DEMANDED = "requireReviewedDigest: true"
WINDOW = "windows: [{days: [mon], from: '10:00', to: '17:00', timezone: UTC}]"
MONDAY = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def workspace(*guards: str) -> str:
    return SETTINGS.format(guards=", ".join(guards))


@pytest.fixture
def place(tmp_path) -> Place:
    return a_place(tmp_path, a_manifest(), workspace=workspace(DEMANDED))


def edit(place, **fields):
    place.write("plans/m0.yaml", a_manifest(**fields))


def told(applied):
    return {item.name: f"{item.action} {item.reason}" for item in applied.changeset.changes}


def codes(applied):
    return [item.code for item in applied.diagnostics]


def events(place, kind):
    path = place.root / ".launcher/ledger/sandbox.jsonl"
    lines = path.read_text().splitlines() if path.exists() else []
    found = (json.loads(line) for line in lines)
    return [item for item in found if item["kind"] == kind]


# --- a demand for review ------------------------------------------------------------------------


def test_what_nobody_reviewed_is_held_and_the_run_ends_as_refused(place):
    digest = place.diff().changeset.digest

    applied = place.apply()

    assert (told(applied), applied.exit_code) == (
        {"db-migrate": "hold UNREVIEWED"},
        ExitCode.REFUSED,
    )
    (note,) = [item for item in applied.diagnostics if item.code == "L260"]
    assert (note.facts["names"], note.facts["digest"]) == ("db-migrate", digest)
    assert place.instances() == []


def test_an_approval_is_recorded_before_anything_else(place):
    digest = place.diff().changeset.digest
    (change,) = place.diff().changeset.changes
    assert place.apply(digest=digest).exit_code is ExitCode.DONE
    (approved,) = events(place, "approved")
    assert approved["data"] == {
        "digest": digest,
        "changes": {"db-migrate": change.digest},
        "source": "--digest",
    }
    assert approved["serial"] < events(place, "intended")[0]["serial"]
    assert approved["actor"] == "ana"


def test_the_digest_is_found_in_the_environment_and_in_the_commit(place):
    digest = place.diff().changeset.digest
    place.environ["LAUNCHER_REVIEWED_DIGEST"] = digest
    assert place.apply().exit_code is ExitCode.DONE
    (approved,) = events(place, "approved")
    assert approved["data"]["source"] == "LAUNCHER_REVIEWED_DIGEST"


def in_git(place, message):
    place.write(".gitignore", ".launcher/\nlocks/\n")
    place.git("init", "--quiet", "--initial-branch=main")
    return place.commit(message)


def test_the_digest_is_found_in_a_trailer_of_the_commit(place):
    digest = place.diff().changeset.digest
    message = f"Merge it\n\nBecause.\n\nLauncher-Digest: other v1:sha256:0\nLauncher-Digest: sandbox {digest}"
    commit = in_git(place, message)
    assert place.apply().exit_code is ExitCode.DONE
    (approved,) = events(place, "approved")
    assert approved["data"]["source"] == f"Launcher-Digest of {commit}"


@pytest.mark.parametrize(
    "message",
    [
        "Merge it\n\nLauncher-Digest: production {digest}",
        "Launcher-Digest: sandbox {digest}\n\nis a line of the text, and no trailer.",
        "Merge it\n\nLauncher-Digest: sandbox",
    ],
    ids=["another environment", "no trailer", "no digest"],
)
def test_what_is_no_trailer_for_the_environment_reviews_nothing(place, message):
    in_git(place, message.format(digest=place.diff().changeset.digest))
    assert place.apply().exit_code is ExitCode.REFUSED
    assert place.instances() == []


def test_a_trailer_with_a_digest_that_was_made_offline_is_refused(place):
    in_git(
        place, f"Merge it\n\nLauncher-Digest: sandbox {place.diff(offline=True).changeset.digest}"
    )
    fails(place.apply, "L531")


def test_a_trailer_does_not_stand_in_the_way_of_an_observation(place):
    in_git(place, "Merge it\n\nLauncher-Digest: sandbox v1:sha256:0")
    assert place.apply(refresh_only=True).exit_code is ExitCode.DONE


def test_the_demand_can_be_set_aside_by_a_person_and_that_is_said_and_recorded(place):
    override = {"override": frozenset({"requireReviewedDigest"}), "reason": "it burns"}
    applied = place.apply(**override)
    assert applied.exit_code is ExitCode.DONE
    assert len(place.instances()) == 1
    assert "L262" in codes(applied)
    (overridden,) = events(place, "overridden")
    assert overridden["data"] == {"rule": "requireReviewedDigest", "reason": "it burns"}


def test_a_deletion_needs_a_review_as_well(place):
    place.apply(digest=place.diff().changeset.digest)
    (place.root / "plans/m0.yaml").unlink()
    applied = place.apply()
    assert (told(applied), applied.exit_code) == (
        {"db-migrate": "hold UNREVIEWED"},
        ExitCode.REFUSED,
    )
    assert applied.changeset.changes[0].rows[-1].number == 13
    place.apply(digest=place.diff().changeset.digest)
    assert place.diff().changeset.changes == ()


# --- what survives ------------------------------------------------------------------------------


def test_a_crash_between_prepare_and_start_leaves_the_review_in_force(place):
    place.environ["LAUNCHER_REVIEWED_DIGEST"] = place.diff().changeset.digest
    dies(place, after="prepare")
    del place.environ["LAUNCHER_REVIEWED_DIGEST"]
    place.clock.sleep(1)
    assert events(place, "starting") == []

    applied = place.apply()

    assert applied.exit_code is ExitCode.DONE
    assert [item["began"] for item in place.instances()].count(1) == 1


@pytest.mark.parametrize("pause_s", [60, 2 * 3600], ids=["prepared", "replaced"])
def test_what_was_prepared_under_a_review_is_finished_without_it(place, pause_s):
    place.environ["LAUNCHER_REVIEWED_DIGEST"] = place.diff().changeset.digest
    dies(place, after="read-back")
    del place.environ["LAUNCHER_REVIEWED_DIGEST"]
    place.clock.sleep(pause_s)
    (change,) = place.diff().changeset.changes
    assert change.reason is (Reason.PREPARED if pause_s == 60 else Reason.REPLACED)

    assert place.apply().exit_code is ExitCode.DONE
    assert sum(item["began"] for item in place.instances()) == 1


def test_what_was_prepared_without_a_review_is_not_started_where_one_is_demanded(tmp_path):
    place = a_place(tmp_path, a_manifest(), workspace=workspace())
    dies(place, after="read-back")
    assert place.diff().changeset.changes[0].reason is Reason.PREPARED
    place.write("launcher.yaml", workspace(DEMANDED))
    applied = place.apply()
    assert (told(applied), applied.exit_code) == (
        {"db-migrate": "hold UNREVIEWED"},
        ExitCode.REFUSED,
    )
    assert sum(item["began"] for item in place.instances()) == 0


def test_an_unrelated_merge_leaves_the_review_in_force_and_is_not_covered_by_it(place):
    digest = place.diff().changeset.digest
    for number in range(4):
        place.write(f"plans/more{number}.yaml", a_manifest(f"more{number}", plan=1002))

    applied = place.apply(digest=digest)

    assert applied.exit_code is ExitCode.DONE
    assert told(applied)["db-migrate"] == "launch NEW"
    assert {told(applied)[f"more{number}"] for number in range(4)} == {"hold UNREVIEWED"}
    assert [item["job_plan_id"] for item in place.instances()] == [1001]


def test_a_window_that_opens_tomorrow_leaves_the_review_in_force(tmp_path):
    place = a_place(tmp_path, a_manifest(), workspace=workspace(DEMANDED, WINDOW))
    place.clock.now = MONDAY
    digest = place.diff().changeset.digest
    place.clock.now = MONDAY.replace(hour=20)
    held = place.apply(digest=digest)
    assert (told(held), held.exit_code) == ({"db-migrate": "hold WINDOW"}, ExitCode.DONE)
    assert held.changeset.changes[0].until == "2026-11-30T10:00:00+00:00"
    assert place.instances() == []
    assert [item["data"]["digest"] for item in events(place, "approved")] == [digest]

    place.clock.now = MONDAY.replace(day=30)
    assert place.apply().exit_code is ExitCode.DONE
    assert len(place.instances()) == 1


def test_without_an_approval_on_record_nothing_starts_when_the_window_opens(tmp_path):
    place = a_place(tmp_path, a_manifest(), workspace=workspace(DEMANDED, WINDOW))
    assert told(place.apply()) == {"db-migrate": "hold WINDOW"}
    place.clock.now = MONDAY
    applied = place.apply()
    assert (told(applied), applied.exit_code) == (
        {"db-migrate": "hold UNREVIEWED"},
        ExitCode.REFUSED,
    )


def test_an_attempt_that_is_made_anew_by_itself_is_covered_by_the_review_of_the_first(place):
    fails_once(place)
    edit(place, plan=FAILS_ONCE, retry={"maxAttempts": 3, "backoff": "30s"})
    place.environ["LAUNCHER_REVIEWED_DIGEST"] = place.diff().changeset.digest
    place.apply(wait=False)
    del place.environ["LAUNCHER_REVIEWED_DIGEST"]
    place.clock.sleep(3600)
    assert [item.reason for item in place.diff().changeset.changes] == [Reason.RETRY]
    # Every instance of this job plan fails at first, so that all attempts are made that the review covers.
    assert place.apply().exit_code is ExitCode.JOB_FAILED
    assert len(place.instances()) == 3
    assert [item.reason for item in place.diff().changeset.changes] == [Reason.FAILED]


def test_a_repeated_digest_after_it_was_carried_out_does_nothing(place):
    digest = place.diff().changeset.digest
    place.apply(digest=digest)
    place.write("plans/more.yaml", a_manifest("more", plan=1002))
    applied = place.apply(digest=digest)
    assert (told(applied)["more"], applied.exit_code) == ("hold UNREVIEWED", ExitCode.DONE)
    assert len(events(place, "approved")) == 1


def with_two_approvals(tmp_path) -> tuple[Place, str]:
    """`db-migrate` is approved and held by its window; then `more` comes, and the digest of it alone."""
    place = approved_and_held(tmp_path)
    place.write("plans/more.yaml", a_manifest("more", plan=1002))
    return place, place.diff(names=("more",)).changeset.digest


def test_a_digest_leaves_in_force_what_was_approved_before(tmp_path):
    place, digest = with_two_approvals(tmp_path)
    applied = place.apply(digest=digest)
    assert told(applied) == {"db-migrate": "launch NEW", "more": "launch NEW"}


def test_a_saved_changeset_leaves_to_later_runs_what_was_approved_before(tmp_path):
    place, _ = with_two_approvals(tmp_path)
    data = documents.changeset(place.diff(names=("more",)).changeset, every=False, found=())
    path = place.write("changeset.json", json_text.document(data))
    assert told(place.apply(file=path)) == {
        "db-migrate": "hold UNREVIEWED",
        "more": "launch NEW",
    }
    assert told(place.apply())["db-migrate"] == "launch NEW"


def test_a_launch_that_a_person_asks_for_is_reviewed_by_the_digest_that_is_told(place):
    edit(place, trigger="manual")
    asked = {"only": frozenset({"db-migrate"}), "requested": {"db-migrate": "please"}}
    applied = place.apply(**asked)
    assert applied.exit_code is ExitCode.REFUSED
    (note,) = [item for item in applied.diagnostics if item.code == "L260"]
    assert place.apply(**asked, digest=note.facts["digest"]).exit_code is ExitCode.DONE
    assert len(place.instances()) == 1


def test_a_launch_that_a_person_asks_for_and_that_a_digest_does_not_cover_is_refused(tmp_path):
    place = a_place(tmp_path, a_manifest(trigger="manual"), workspace=workspace())
    place.write("plans/more.yaml", a_manifest("more", plan=1002))
    digest = place.diff(names=("more",)).changeset.digest
    place.apply(digest=digest)
    applied = place.apply(
        only=frozenset({"db-migrate"}), requested={"db-migrate": "please"}, digest=digest
    )
    assert (told(applied), applied.exit_code) == (
        {"db-migrate": "hold UNREVIEWED"},
        ExitCode.REFUSED,
    )
    assert "L260" in codes(applied)


# --- what makes it void -------------------------------------------------------------------------


def approved_and_held(tmp_path) -> Place:
    """A workspace whose one launch is approved, and held because its window is closed."""
    place = a_place(tmp_path, a_manifest(), workspace=workspace(DEMANDED, WINDOW))
    place.clock.now = MONDAY
    digest = place.diff().changeset.digest
    place.clock.now = MONDAY.replace(hour=20)
    assert told(place.apply(digest=digest)) == {"db-migrate": "hold WINDOW"}
    place.environ["OLD"] = digest
    place.clock.now = MONDAY.replace(day=30)
    return place


def test_a_changed_variable_makes_a_review_void(tmp_path):
    place = approved_and_held(tmp_path)
    edit(place, variables={"revision": "7"})
    assert_void(place)


def test_a_changed_job_plan_makes_a_review_void(tmp_path):
    place = approved_and_held(tmp_path)
    edit(place, plan=1002)
    assert_void(place)


def test_a_job_plan_whose_content_moved_makes_a_review_void(tmp_path, monkeypatch):
    place = approved_and_held(tmp_path)
    read = JobServer.read_plan

    def moved(self, scope, plan_id):
        answer = read(self, scope, plan_id)
        assert isinstance(answer, Done)
        plan = answer.value
        return Done(replace(plan, pin=replace(plan.pin, digest="v1:sha256:" + "f" * 64)))

    monkeypatch.setattr(JobServer, "read_plan", moved)
    assert_void(place)


def test_a_changed_guard_makes_a_review_void(tmp_path):
    place = approved_and_held(tmp_path)
    place.write("launcher.yaml", workspace(DEMANDED, WINDOW, "maxHosts: 7"))
    assert_void(place)


POLICIES = {
    "needs": {"needs": ["other"]},
    "retry": {"retry": {"maxAttempts": 2, "backoff": "30s"}},
    "wait": {"wait": {"timeout": "5m", "onTimeout": "terminate"}},
    "notBefore": {"notBefore": "2026-11-01T00:00:00Z"},
    "trigger": {"trigger": "once"},
}


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
def test_a_changed_policy_makes_a_review_void(tmp_path, policy):
    place = approved_and_held(tmp_path)
    if "needs" in policy:
        place.write("plans/other.yaml", a_manifest("other", plan=1002))
        place.apply(
            override=frozenset({"requireReviewedDigest"}), reason="x", only=frozenset({"other"})
        )
    edit(place, **policy)
    assert_void(place)


def assert_void(place):
    before = len(place.instances())
    applied = place.apply()
    assert told(applied)["db-migrate"] == "hold UNREVIEWED"
    assert applied.exit_code is ExitCode.REFUSED
    fails(lambda: place.apply(digest=place.environ["OLD"]), "L261")
    assert len(place.instances()) == before
    assert place.apply(digest=place.diff().changeset.digest).exit_code is ExitCode.DONE
    assert len(place.instances()) == before + 1


# --- saved changesets ---------------------------------------------------------------------------


def saved(place):
    data = documents.changeset(place.diff().changeset, every=False, found=())
    path = place.root / "changeset.json"
    path.write_text(json_text.document(data))
    return path


def test_a_saved_changeset_is_finished_after_a_run_that_did_not_wait(tmp_path):
    after = a_manifest("smoke-test", plan=1002, needs=["db-migrate"])
    place = a_place(tmp_path, a_manifest(), after, workspace=workspace())
    path = saved(place)
    place.apply(file=path, wait=False)
    assert len(place.instances()) == 1
    place.clock.sleep(3600)

    assert place.apply(file=path).exit_code is ExitCode.DONE
    assert [item["job_plan_id"] for item in place.instances()] == [1001, 1002]
    assert place.apply(file=path).exit_code is ExitCode.DONE
    assert len(place.instances()) == 2


def test_a_saved_changeset_satisfies_the_demand_and_is_recorded(place):
    path = saved(place)
    assert place.apply(file=path).exit_code is ExitCode.DONE
    (approved,) = events(place, "approved")
    assert approved["data"]["source"] == "a saved changeset"
    assert approved["data"]["digest"] == json.loads(path.read_text())["digest"]


def test_with_a_file_and_a_digest_only_what_both_cover_is_done(tmp_path):
    more = a_manifest("more", plan=1002)
    place = a_place(tmp_path, a_manifest(), more, workspace=workspace())
    path = saved(place)
    whole = place.diff().changeset.digest
    part = place.diff(names=("more",)).changeset.digest
    applied = place.apply(file=path, digest=part)
    assert told(applied) == {"db-migrate": "hold UNREVIEWED", "more": "launch NEW"}
    assert [item["job_plan_id"] for item in place.instances()] == [1002]
    fails(lambda: place.apply(file=path, digest=whole), "L536")


# --- guards in an apply -------------------------------------------------------------------------


def test_too_many_launches_refuse_the_whole_apply(tmp_path):
    manifests = [a_manifest(f"m{number}", plan=1002) for number in range(3)]
    place = a_place(tmp_path, *manifests, workspace=workspace("maxLaunches: 2"))
    applied = place.apply()
    assert applied.exit_code is ExitCode.REFUSED
    assert set(told(applied).values()) == {"block GUARD"}
    assert {item.by for item in applied.changeset.changes} == {"maxLaunches"}
    (note,) = [item for item in applied.diagnostics if item.code == "L253"]
    assert (note.facts["count"], note.facts["limit"]) == ("3", "2")
    assert place.instances() == []
    assert place.apply(only=frozenset({"m0", "m1"})).exit_code is ExitCode.DONE
    assert place.apply().exit_code is ExitCode.DONE
    assert len(place.instances()) == 3


def test_a_refused_apply_archives_nothing_either(tmp_path):
    place = a_place(tmp_path, a_manifest("gone", plan=1002), workspace=workspace("maxLaunches: 1"))
    place.apply()
    (place.root / "plans/m0.yaml").unlink()
    for number in (1, 2):
        place.write(f"plans/m{number}.yaml", a_manifest(f"m{number}", plan=1001))
    assert place.apply().exit_code is ExitCode.REFUSED
    assert events(place, "archived") == []


@pytest.mark.parametrize(
    ("guard", "name"),
    [
        ("maxLaunches: 1", "maxLaunches"),
        ("allowedPlans: [1]", "allowedPlans"),
        (WINDOW, "windows"),
        ("freezes: [{from: 2026-11-20, to: 2026-11-25, timezone: UTC}]", "freezes"),
        (DEMANDED, "requireReviewedDigest"),
    ],
)
def test_a_guard_is_set_aside_by_its_name(tmp_path, guard, name):
    more = a_manifest("more", plan=1002)
    place = a_place(tmp_path, a_manifest(), more, workspace=workspace(guard))
    place.apply()
    assert place.instances() == []
    applied = place.apply(override=frozenset({name}), reason="we agreed")
    assert applied.exit_code is ExitCode.DONE
    assert len(place.instances()) == 2
    (overridden,) = events(place, "overridden")
    assert overridden["data"] == {"rule": name, "reason": "we agreed"}


def test_the_server_s_clock_is_compared_where_hours_matter(tmp_path):
    place = a_place(tmp_path, a_manifest(), workspace=workspace(WINDOW))
    place.clock.now = MONDAY
    assert place.diff().changeset.changes[0].action is Action.LAUNCH
    assert place.apply().exit_code is ExitCode.DONE


@pytest.mark.parametrize(
    ("skew_s", "code"), [(121.0, "L256"), (-121.0, "L256"), (None, "L255"), (119.0, None)]
)
def test_a_clock_that_is_off_refuses_where_hours_matter(tmp_path, monkeypatch, skew_s, code):
    monkeypatch.setattr(JobServer, "skew_s", lambda _: skew_s)
    place = a_place(tmp_path, a_manifest(), workspace=workspace(WINDOW))
    place.clock.now = MONDAY
    (change,) = place.diff().changeset.changes
    if code is None:
        assert change.action is Action.LAUNCH
        return
    assert (change.reason, change.by) == (Reason.GUARD, "clock")
    applied = place.apply()
    assert applied.exit_code is ExitCode.REFUSED
    assert code in codes(applied)
    assert place.instances() == []
    place.apply(override=frozenset({"clock"}), reason="ours is right")
    assert len(place.instances()) == 1


def test_an_offline_diff_goes_by_our_clock_and_says_so(tmp_path):
    place = a_place(tmp_path, a_manifest(), workspace=workspace(WINDOW))
    found = place.diff(offline=True)
    assert [item.reason for item in found.changeset.changes] == [Reason.WINDOW]
    assert [item.code for item in found.changeset.diagnostics] == ["L257"]
    place.clock.now = MONDAY
    found = place.diff(offline=True)
    assert [item.action for item in found.changeset.changes] == [Action.LAUNCH]
    assert [item.code for item in found.changeset.diagnostics] == ["L257"]
