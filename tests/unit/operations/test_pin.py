"""`launcher pin`: an edit of one manifest, and what an apply makes of it."""

from __future__ import annotations

import difflib

import pytest

from launcher.engine.changeset import Action, Reason
from launcher.engine.drift import Kind, Since
from launcher.errors import ExitCode, InvalidManifests, WrongUsage
from launcher.manifest.load import load_bytes
from launcher.operations import rewrite
from launcher.operations.pin import Pinned, PinRequest, pin
from launcher.operations.validate import validate
from launcher.operations.waive import waive
from launcher.render.pin import PinAnswer, render_pin
from tests.support.failures import fails
from tests.support.saving import Editor, an_editor
from tests.support.workspaces import Place, a_place

WORKSPACE = """\
apiVersion: launcher/v1
kind: Workspace
metadata: {name: payments}
spec:
  defaultEnvironment: sandbox
  environments:
    sandbox: {server: sandbox, scope: {type: biz, id: "2"}}
    staging: {server: sandbox, scope: {type: biz, id: "2"}}
    production: {server: sandbox, scope: {type: biz, id: "2"}}
"""
MANIFEST = """\
# What the web team deploys.
apiVersion: launcher/v1
kind: PlanLaunch
metadata:   {name:   web-deploy}     # an odd layout

spec:
    variables:
        package_version:   '1.4.2'   # as of today
        targets: {hosts: {ids: [ 101,102 ]}}
        # nothing else
    plan:  {id:  1000}

# Where.
environments:
    sandbox: {}
    staging: {variables: {package_version: "1.4.3"}}
    production:
        plan: {id: 1003}  # with an approval
"""
PATH = "plans/m0.yaml"
OTHER = "v1:sha256:" + "0" * 64


@pytest.fixture
def place(tmp_path) -> Place:
    return a_place(tmp_path, MANIFEST, workspace=WORKSPACE)


@pytest.fixture
def editor(place) -> Editor:
    return an_editor(place)


def pinned(place: Place, environment: str | None = None, **asked) -> Pinned:
    request = PinRequest(place.root, asked.pop("name", "web-deploy"), environment, **asked)
    return pin(request, place.surroundings)


def text(place: Place) -> str:
    return (place.root / PATH).read_bytes().decode()


def changed_lines(place: Place) -> list[str]:
    lines = difflib.ndiff(MANIFEST.splitlines(keepends=True), text(place).splitlines(keepends=True))
    return [line for line in lines if line[0] in "+-"]


def codes(found: Pinned) -> list[str]:
    return [item.code for item in found.diagnostics]


def test_the_digest_of_now_is_written_and_nothing_else_is_touched(place):
    found = pinned(place)

    assert found.plan is not None
    digest = found.plan.pin.digest
    assert changed_lines(place) == [f'+     pin: {{digest: "{digest}"}}\n']
    assert (found.field, found.before, found.after, found.changed) == (
        "spec.pin",
        None,
        digest,
        True,
    )
    # The other environment launches another job plan, which is not pinned by that.
    (said,) = validate(place.root).diagnostics
    assert (said.code, said.facts["environment"]) == ("L298", "production")
    pinned(place, environment="production")
    assert validate(place.root).diagnostics == ()


def test_it_stands_beside_the_job_plan_that_it_speaks_of(place):
    found = pinned(place, "production")

    assert found.plan is not None
    assert found.plan.pin.id == 1003
    assert found.field == "environments.production.pin"
    assert found.environments == ("production",)
    assert changed_lines(place) == [f'+         pin: {{digest: "{found.after}"}}\n']


def test_it_counts_where_the_same_job_plan_is_launched(place):
    assert pinned(place, "staging").environments == ("sandbox", "staging")
    assert pinned(place, "production").environments == ("production",)
    assert place.diff(environment="staging").changeset.changes[0].action is Action.LAUNCH
    assert place.diff(environment="production").changeset.changes[0].action is Action.LAUNCH


def test_a_pin_that_an_environment_has_of_its_own_is_rewritten_there(place):
    place.write(PATH, MANIFEST.replace("staging: {", f'staging: {{pin: {{digest: "{OTHER}"}}, '))

    found = pinned(place, "staging")

    assert (found.field, found.before) == ("environments.staging.pin", OTHER)
    assert OTHER not in text(place)


# --- job plans by name ------------------------------------------------------------------------

NAMED = MANIFEST.replace("{id:  1000}", "{name: Deploy web, template: web}")


def at_two_scopes(place: Place) -> None:
    place.write(PATH, NAMED)
    place.write(
        "launcher.yaml",
        WORKSPACE.replace('staging: {server: sandbox, scope: {type: biz, id: "2"}}', STAGING),
    )


STAGING = 'staging: {server: sandbox, scope: {type: biz, id: "1"}}'


def test_a_name_is_looked_up_and_what_it_stands_for_is_pinned(place):
    place.write(PATH, NAMED)
    found = pinned(place)

    assert found.plan is not None
    assert (found.plan.pin.id, found.field) == (1000, "spec.pin")
    assert found.environments == ("sandbox", "staging")
    assert place.diff().changeset.changes[0].action is Action.LAUNCH
    assert pinned(place, remove=True).changed
    assert text(place) == NAMED


def test_a_name_that_is_looked_up_elsewhere_too_is_pinned_for_one_environment(place):
    at_two_scopes(place)
    found = pinned(place)

    assert (found.field, found.environments) == ("environments.sandbox.pin", ("sandbox",))
    assert place.diff().changeset.changes[0].action is Action.LAUNCH
    assert validate(place.root).diagnostics == ()
    assert not pinned(place, "staging", remove=True).changed
    assert pinned(place, remove=True).changed
    assert text(place).count("pin:") == 0


def test_a_pin_of_all_environments_can_be_taken_out_of_any_of_them(place):
    at_two_scopes(place)
    place.write(
        PATH,
        NAMED.replace("    plan:  {name", f"    pin: {{digest: '{OTHER}'}}\n    plan:  {{name"),
    )

    found = pinned(place, remove=True)

    assert (found.field, found.changed) == ("spec.pin", True)
    assert text(place) == NAMED


def test_a_name_that_means_no_job_plan_is_not_pinned(place):
    place.write(PATH, NAMED.replace("Deploy web", "Deploy wbe"))
    fails(lambda: pinned(place), "L280", ExitCode.INVALID)
    assert "pin:" not in text(place)


def test_what_is_pinned_already_is_not_written_again(place):
    first = pinned(place)
    stamp = (place.root / PATH).stat().st_mtime_ns

    found = pinned(place)

    assert (found.changed, found.before) == (False, first.after)
    assert (place.root / PATH).stat().st_mtime_ns == stamp
    assert "already; nothing was written." in shown(found)


def test_taking_it_out_leaves_the_file_as_it_was(place):
    pinned(place)

    found = pinned(place, remove=True)

    assert text(place) == MANIFEST
    assert (found.after, found.changed, found.environments) == (None, True, ("sandbox", "staging"))
    assert pinned(place, remove=True).changed is False


def test_a_digest_that_is_named_is_written_with_a_warning_where_the_job_plan_has_another(place):
    found = pinned(place, digest=OTHER)

    assert found.after == OTHER
    assert codes(found) == ["L266"]
    assert found.plan is not None
    assert codes(pinned(place, digest=found.plan.pin.digest)) == []


# --- what an apply makes of it ----------------------------------------------------------------


def test_a_job_plan_that_was_changed_since_is_refused_and_what_changed_is_shown(place, editor):
    place.apply()
    pinned(place)
    place.apply()
    editor.save(channel="value: beta")
    place.write(PATH, text(place).replace("1.4.2", "1.5.0"))

    found = place.diff()
    (change,) = found.changeset.changes

    assert (change.action, change.reason, change.by) == (Action.BLOCK, Reason.GUARD, "pin")
    assert [item.code for item in found.changeset.diagnostics] == ["L263"]
    assert change.drift is not None
    assert change.drift.since is Since.PINNED
    assert [item.after for item in change.drift.differences if item.kind is Kind.CHANGED] == [
        "beta"
    ]
    done = place.apply()
    assert (done.exit_code, len(place.instances())) == (ExitCode.REFUSED, 2)


def test_pinning_it_anew_lets_it_run_and_shows_what_has_changed(place, editor):
    pinned(place)
    place.apply()
    editor.save(channel="value: beta")
    place.write(PATH, text(place).replace("1.4.2", "1.5.0"))

    found = pinned(place)

    assert found.drift is not None
    assert 'variable release_channel: default "stable" → "beta"' in shown(found)
    assert place.apply().exit_code is ExitCode.DONE
    assert len(place.instances()) == 2


def test_nobody_sets_a_pin_aside(place, editor):
    pinned(place)
    editor.save()

    with pytest.raises(WrongUsage):
        place.apply(override=frozenset({"pin"}), reason="because")

    assert place.instances() == []


def test_without_a_server_a_pin_is_one_more_field(place):
    found = pinned(place)

    (change,) = place.diff(offline=True).changeset.changes

    assert ("pin.digest", found.after) in [(item.path, item.after) for item in change.fields]
    assert change.action is Action.LAUNCH


def test_a_pin_before_the_first_launch_costs_nothing(place):
    assert codes(pinned(place)) == []


def test_a_pin_after_it_asks_for_a_new_launch_and_says_so(place):
    place.apply()

    found = pinned(place)

    assert codes(found) == ["L267"]
    assert place.diff().changeset.changes[0].reason is Reason.CHANGED
    assert codes(pinned(place)) == []
    waive(place.root, None, "web-deploy", reason="only pinned", surroundings=place.surroundings)
    assert place.diff().changeset.changes[0].reason is Reason.IN_SYNC
    assert codes(pinned(place, remove=True)) == ["L267"]


def test_what_would_run_again_anyway_is_not_blamed_on_the_pin(place):
    place.apply()
    place.write(PATH, MANIFEST.replace("1.4.2", "1.5.0"))

    assert codes(pinned(place)) == []


def test_where_the_trigger_is_once_the_way_out_is_another(place):
    place.write(PATH, MANIFEST.replace("\n    plan:", "\n    trigger: once\n    plan:"))
    place.apply()

    assert [item.hint for item in pinned(place).diagnostics] == ["once"]
    assert place.diff().changeset.changes[0].reason is Reason.EDITED


# --- what stands in the way -------------------------------------------------------------------


def test_a_workspace_with_errors_is_left_alone(place):
    place.write("plans/bad.yaml", "apiVersion: launcher/v1\n")

    with pytest.raises(InvalidManifests):
        pinned(place)

    assert text(place) == MANIFEST


def test_a_link_out_of_the_workspace_is_not_followed(place, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "web.yaml"
    outside.write_text(MANIFEST)
    (place.root / PATH).unlink()
    (place.root / PATH).symlink_to(outside)

    fails(lambda: pinned(place), "L162", ExitCode.INVALID)

    assert outside.read_text() == MANIFEST


def test_a_link_inside_stays_a_link(place):
    place.write("shared/web.yaml", MANIFEST)
    (place.root / PATH).unlink()
    (place.root / PATH).symlink_to("../shared/web.yaml")

    pinned(place)

    assert (place.root / PATH).is_symlink()
    assert "pin:" in (place.root / "shared/web.yaml").read_text()


def test_a_job_plan_that_does_not_exist_is_not_pinned(place):
    place.write(PATH, MANIFEST.replace("1000", "77"))

    fails(lambda: pinned(place), "L221", ExitCode.INVALID)


def test_a_server_that_does_not_answer_leaves_the_file_alone(place):
    pinned(place, remove=True)
    place.arm({"fault": "server-error", "times": "always"})

    fails(lambda: pinned(place), "L573", ExitCode.SURROUNDINGS)

    assert text(place) == MANIFEST


def test_a_launch_that_is_not_declared_is_not_known(place):
    fails(lambda: pinned(place, name="web"), "L523", ExitCode.USAGE)


def test_a_pin_of_the_workspace_is_not_taken_out(place):
    defaults = f'  defaults: {{plan: {{id: 1000}}, pin: {{digest: "{OTHER}"}}}}\n'
    place.write("launcher.yaml", WORKSPACE.replace("spec:\n", f"spec:\n{defaults}"))

    error = fails(lambda: pinned(place, remove=True), "L268", ExitCode.INVALID)

    assert [item.place and item.place.path for item in error.diagnostics] == ["launcher.yaml"]


def test_a_file_that_changes_meanwhile_is_left_alone(place, monkeypatch):
    def saved_by_an_editor(path, content):
        place.write(PATH, MANIFEST + "# saved\n")
        return load_bytes(path, content)

    monkeypatch.setattr(rewrite, "load_bytes", saved_by_an_editor)

    fails(lambda: pinned(place), "L172", ExitCode.SURROUNDINGS)

    assert text(place) == MANIFEST + "# saved\n"


@pytest.mark.parametrize("step", ["write_draft", "chmod", "replace"])
def test_a_file_that_cannot_be_written_stays_whole(place, monkeypatch, step):
    def full(*_):
        raise OSError(28, "No space left on device")

    whose = "launcher.operations.rewrite" if step == "write_draft" else "pathlib.Path"
    monkeypatch.setattr(f"{whose}.{step}", full)

    fails(lambda: pinned(place), "L544", ExitCode.SURROUNDINGS)

    assert text(place) == MANIFEST
    assert list((place.root / "plans").iterdir()) == [place.root / PATH]


# --- what is said -----------------------------------------------------------------------------


def shown(found: Pinned) -> str:
    answer = PinAnswer(
        environment=found.environment,
        name=found.name,
        path=found.path,
        field=found.field,
        environments=found.environments,
        before=found.before,
        after=found.after,
        changed=found.changed,
        plan=found.plan,
        drift=found.drift,
    )
    return render_pin(answer)


def test_it_says_what_was_written_and_where_it_counts(place, editor):
    editor.save()

    found = pinned(place)

    assert shown(found) == (
        'web-deploy is pinned to job plan 1000 "Deploy web" as it was saved by bob at 2025-12-29T09:21:00Z.\n'
        f'    plans/m0.yaml: spec.pin.digest: "{found.after}"\n'
        "    counts in: sandbox, staging\n"
    )
    assert shown(pinned(place, digest=OTHER)).startswith(f"web-deploy is pinned to {OTHER}.\n")
    assert shown(pinned(place, remove=True)).startswith("web-deploy is not pinned any more.\n")
    assert shown(pinned(place, remove=True)) == "web-deploy is not pinned; nothing was written.\n"
