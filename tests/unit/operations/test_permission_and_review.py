"""Where a run may launch, which review it is held against, and which secrets it needs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from launcher.engine.changeset import Action, Reason
from launcher.errors import ExitCode
from launcher.render import documents, json_text
from tests.support.failures import fails
from tests.support.workspaces import Place, a_manifest, a_place

WORKSPACE = """\
apiVersion: launcher/v1
kind: Workspace
metadata: {name: payments}
spec:
  defaultEnvironment: sandbox
  environments:
    sandbox: {server: sandbox, scope: {type: biz, id: "2"}}
    production: {server: remote, scope: {type: biz, id: "3"}}
"""
SECRET = "correct horse battery"  # noqa: S105 - nobody's
PUSH = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "push"}
PULL_REQUEST = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "pull_request"}


@pytest.fixture
def place(tmp_path) -> Place:
    return a_place(tmp_path, a_manifest(), workspace=WORKSPACE)


# --- where --------------------------------------------------------------------------------------


def test_a_pull_request_launches_nothing(place):
    place.environ |= PULL_REQUEST
    fails(lambda: place.apply(environment="production"), "L527")


def test_a_ledger_inside_a_ci_checkout_is_refused(place, tmp_path):
    place.environ |= PUSH
    fails(lambda: place.apply(environment="production"), "L528")
    place.environ["LAUNCHER_LEDGER_DIR"] = str(tmp_path / "ledgers")
    fails(lambda: place.apply(environment="production"), "L528")


def test_a_ci_run_never_starts_a_ledger(place, tmp_path_factory):
    place.environ |= PUSH | {"LAUNCHER_LEDGER_DIR": str(tmp_path_factory.mktemp("ledgers"))}
    fails(lambda: place.apply(environment="production"), "L434")


def test_a_link_does_not_make_a_folder_of_the_checkout_survive(place, tmp_path_factory):
    link = tmp_path_factory.mktemp("outside") / "ledgers"
    link.symlink_to(place.root)
    place.environ |= PUSH | {"LAUNCHER_LEDGER_DIR": str(link)}
    fails(lambda: place.apply(environment="production"), "L528")


@pytest.mark.parametrize("environ", [PUSH, PULL_REQUEST])
def test_the_sandbox_is_exempt_because_it_can_hurt_nobody(place, environ):
    place.environ |= environ
    assert place.apply().exit_code is ExitCode.DONE
    assert len(place.instances()) == 1


def test_a_diff_is_allowed_from_a_pull_request(place):
    place.environ |= PULL_REQUEST
    found = place.diff(environment="production", offline=True)
    assert found.changeset.digest.startswith("offline:")


def test_a_rule_is_overridden_by_people_only(place, tmp_path_factory):
    place.environ |= PUSH | {"LAUNCHER_LEDGER_DIR": str(tmp_path_factory.mktemp("ledgers"))}
    fails(
        lambda: place.apply(
            environment="production", override=frozenset({"CAPABILITY"}), reason="I know it"
        ),
        "L538",
    )


def test_the_run_is_named_in_every_event_of_a_ci_run(place):
    place.environ |= PUSH | {"GITHUB_RUN_ID": "77", "GITHUB_TOKEN": "gh-secret"}
    place.apply()
    journal = (place.root / ".launcher/ledger/sandbox.jsonl").read_text()
    assert '"77"' in journal
    assert "gh-secret" not in journal


def test_an_override_of_an_unknown_rule_or_without_a_reason_is_wrong_usage(place):
    fails(lambda: place.apply(override=frozenset({"GRAVITY"})), "L537", ExitCode.USAGE)
    fails(lambda: place.apply(override=frozenset({"CAPABILITY"})), "L539", ExitCode.USAGE)


def test_an_override_is_recorded_with_its_reason(place):
    place.apply(override=frozenset({"CAPABILITY"}), reason="known good")
    journal = (place.root / ".launcher/ledger/sandbox.jsonl").read_text()
    assert "known good" in journal
    asked = [item["path"].rsplit("/", 1)[-1] for item in place.requests()]
    assert asked.count("operate_job_instance") == 1


def test_a_wrong_override_on_an_older_server_never_makes_a_refusal_of_what_runs(place):
    """Recorded as refused, it would be launched again with the next revision."""
    place.diff()
    place.arm({"fault": "older-server", "times": "always"})
    found = place.apply(override=frozenset({"CAPABILITY"}), reason="I know it")
    assert found.exit_code is ExitCode.REFUSED
    assert [item.code for item in found.diagnostics if item.code == "L244"]
    place.clock.sleep(60)
    assert place.apply().exit_code is ExitCode.DONE
    assert [item["began"] for item in place.instances()] == [1]
    lockfile = json.loads((place.root / "locks/sandbox.lock.json").read_text())
    assert [entry["outcome"] for entry in lockfile["launches"].values()] == ["succeeded"]


# --- review -------------------------------------------------------------------------------------


def test_the_digest_of_a_diff_lets_its_changeset_be_applied(place):
    digest = place.diff().changeset.digest
    assert place.apply(digest=digest).exit_code is ExitCode.DONE
    assert len(place.instances()) == 1


def test_a_changeset_that_was_not_reviewed_is_refused_and_nothing_is_sent(place):
    digest = place.diff().changeset.digest
    place.write("plans/m0.yaml", a_manifest(variables={"revision": "7"}))
    fails(lambda: place.apply(digest=digest), "L536")
    place.environ["LAUNCHER_REVIEWED_DIGEST"] = digest
    fails(place.apply, "L536")
    assert place.instances() == []


def test_a_repeated_run_of_a_reviewed_changeset_does_nothing_and_is_no_failure(place):
    digest = place.diff().changeset.digest
    place.apply(digest=digest)
    assert place.apply(digest=digest).exit_code is ExitCode.DONE
    assert len(place.instances()) == 1


def test_a_digest_made_offline_reviews_nothing(place):
    digest = place.diff(offline=True).changeset.digest
    fails(lambda: place.apply(digest=digest), "L531")


def saved(place: Place, **change: Any) -> Any:
    found = place.diff()
    data = documents.changeset(found.changeset, every=False, found=())
    path = place.root / "changeset.json"
    path.write_text(json_text.document({**json.loads(json_text.document(data)), **change}))
    return path


def test_a_saved_changeset_is_carried_out_and_nothing_else(place):
    path = saved(place)
    place.write("plans/later.yaml", a_manifest("later", plan=1002))

    done = place.apply(file=path)

    assert done.exit_code is ExitCode.DONE
    reasons = {change.name: change.reason for change in done.changeset.changes}
    assert reasons["later"] is Reason.UNREVIEWED
    assert [item["job_plan_id"] for item in place.instances()] == [1001]


def test_a_saved_changeset_that_does_not_hold_any_more_is_refused(place):
    path = saved(place)
    place.write("plans/m0.yaml", a_manifest(variables={"revision": "7"}))
    fails(lambda: place.apply(file=path), "L533")
    assert place.instances() == []


def test_a_saved_changeset_of_another_environment_or_made_offline_is_refused(place):
    path = saved(place)
    fails(lambda: place.apply(file=path, environment="production"), "L532", ExitCode.SURROUNDINGS)
    fails(lambda: place.apply(file=saved(place, offline=True)), "L531")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"format_version": "9.0"}',
        '{"format_version": "1.0", "diagnostics": []}',
        "[" * 5000,
    ],
)
def test_a_file_that_is_no_changeset_is_refused(place, text):
    path = place.write("changeset.json", text)
    error = fails(lambda: place.apply(file=path), "L532", ExitCode.SURROUNDINGS)
    assert "first difference" not in error.diagnostics[0].facts["problem"]


def test_another_run_that_was_quicker_leaves_nothing_to_do(place):
    other = Place(place.root, place.clock, pid=4243)

    def slowly(_: object) -> bool:
        other.apply()
        return True

    assert place.apply(confirm=slowly).exit_code is ExitCode.DONE
    assert len(place.instances()) == 1


def test_what_was_confirmed_is_not_exceeded_when_the_ledger_has_moved(place):
    """Another run launches another content between the question and the answer."""
    text = (place.root / "plans/m0.yaml").read_text()
    other = Place(place.root, place.clock, pid=4243)

    def slowly(_: object) -> bool:
        place.write("plans/m0.yaml", a_manifest(variables={"revision": "9"}))
        other.apply()
        place.write("plans/m0.yaml", text)
        return True

    fails(lambda: place.apply(confirm=slowly), "L534")
    assert len(place.instances()) == 1


def test_a_ledger_that_moved_without_touching_the_changeset_changes_nothing(place):
    place.apply()
    place.write("plans/other.yaml", a_manifest("other", plan=1002))
    place.write("plans/m0.yaml", a_manifest(variables={"revision": "7"}))
    other = Place(place.root, place.clock, pid=4243)

    def slowly(_: object) -> bool:
        other.apply(only=frozenset({"other"}))
        return True

    done = place.apply(only=frozenset({"db-migrate"}), confirm=slowly)

    assert done.exit_code is ExitCode.DONE
    assert [item["job_plan_id"] for item in place.instances()] == [1001, 1002, 1001]


# --- secrets ------------------------------------------------------------------------------------


def a_secret_deploy() -> str:
    return a_manifest(
        "web-deploy",
        plan=1000,
        variables={
            "package_version": "1",
            "targets": {"hosts": {"ids": [101]}},
            "db_password": {"secret": {"env": "DB_PASSWORD", "version": "1"}},
        },
    )


def test_all_secrets_are_read_before_anything_is_sent(tmp_path):
    place = a_place(tmp_path, a_manifest(), a_secret_deploy(), workspace=WORKSPACE)
    fails(place.apply, "L510", ExitCode.SURROUNDINGS)
    assert place.instances() == []
    assert not (place.root / ".launcher/ledger").exists()


def test_a_secret_is_sent_and_never_kept(tmp_path):
    place = a_place(tmp_path, a_secret_deploy(), workspace=WORKSPACE)
    place.environ["LAUNCHER_SECRET_DB_PASSWORD"] = SECRET

    assert place.apply().exit_code is ExitCode.DONE

    kept = (place.root / "locks/sandbox.lock.json").read_text()
    kept += (place.root / ".launcher/ledger/sandbox.jsonl").read_text()
    assert SECRET not in kept
    assert SECRET not in repr(place.heard)
    assert '"DB_PASSWORD"' in kept


# --- offline ------------------------------------------------------------------------------------


def test_an_offline_diff_compares_with_the_lockfile_and_asks_nobody(place):
    place.apply()
    asked = len(place.requests())
    (place.root / ".launcher/ledger/sandbox.jsonl").unlink()
    place.write("plans/m0.yaml", a_manifest(variables={"revision": "7"}))

    found = place.diff(offline=True)

    assert [(item.action, item.reason) for item in found.changeset.changes] == [
        (Action.LAUNCH, Reason.CHANGED)
    ]
    assert found.changeset.head.serial > 1
    assert len(place.requests()) == asked


def test_an_offline_diff_in_git_compares_with_head_or_with_a_revision(tmp_path):
    place = a_place(tmp_path, a_manifest(), workspace=WORKSPACE.replace("remote", "sandbox"))
    place.write(".gitignore", ".launcher/\n")
    place.git("init", "--quiet", "--initial-branch=main")
    place.commit("before")
    place.git("tag", "before")
    place.apply()
    place.commit("after")
    (place.root / "locks/sandbox.lock.json").unlink()

    assert place.diff(offline=True, base="HEAD").changeset.acting == ()
    assert [item.reason for item in place.diff(offline=True, base="before").changeset.acting] == [
        Reason.NEW
    ]
    fails(lambda: place.diff(offline=True, base="nowhere"), "L542", ExitCode.USAGE)


def test_a_saved_changeset_that_was_edited_is_refused_with_the_place(place):
    path = saved(place, changes=[{"name": "m0"}])
    error = fails(lambda: place.apply(file=path), "L532", ExitCode.SURROUNDINGS)
    assert error.diagnostics[0].facts["problem"].endswith("at /changes/0")
