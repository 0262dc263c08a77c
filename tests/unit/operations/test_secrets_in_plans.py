"""Somebody has written a secret into a job plan: it is neither kept nor shown where this process knows it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from launcher.engine.drift import Kind
from launcher.engine.effects import Done
from launcher.engine.recorded import OutcomeKind
from launcher.engine.spec import Scope
from launcher.errors import ExitCode
from launcher.operations.adopt import adopt
from launcher.operations.import_plans import ImportRequest, import_plans
from launcher.operations.pin import PinRequest, pin
from launcher.operations.plan_schema import write_plan_schema
from launcher.operations.secrets import given_secrets
from launcher.operations.server import connect_server
from launcher.operations.site import find_site
from launcher.render import documents
from launcher.render.changeset import render_changeset
from tests.support.saving import Editor, an_editor
from tests.support.workspaces import Place, a_manifest, a_place

if TYPE_CHECKING:
    from pathlib import Path

CANARY = "hunter2-canary"
VARIABLE = "LAUNCHER_SECRET_UNRELATED"
WEB = {"targets": {"hosts": {"ids": [101]}}}
JOURNAL = ".launcher/ledger/sandbox.jsonl"


def web(version: str = "1.4.2") -> str:
    return a_manifest("web-deploy", plan=1000, variables={"package_version": version, **WEB})


def spoilt(place: Place) -> Editor:
    """The demo world, in whose job plan a script, its parameters, and a default hold the secret."""
    editor = an_editor(place)
    editor.save(
        script=f'curl -u "web:{CANARY}" "$1"',
        parameters=f"param: ${{package_version}} --token={CANARY}",
        channel=f"value: {CANARY}",
    )
    return editor


@pytest.fixture
def place(tmp_path) -> Place:
    found = a_place(tmp_path / "workspace", web())
    spoilt(found)
    found.environ[VARIABLE] = CANARY
    return found


@pytest.fixture
def editor(place) -> Editor:
    return Editor(place.root / ".launcher/world.yaml")


def holds(place: Place, *secrets: str) -> list[Path]:
    """Files that hold one of them, the sandbox's own left out."""
    return [
        path
        for path in place.root.rglob("*")
        if path.is_file()
        and path.name != "world.yaml"
        and "sandbox" not in path.relative_to(place.root).parts[1:2]
        and any(secret.encode() in path.read_bytes() for secret in secrets)
    ]


def shown(place: Place) -> str:
    """All that a diff says, in text and in JSON."""
    changeset = place.diff().changeset
    return render_changeset(changeset) + json.dumps(documents.changeset(changeset, every=True))


def content(place: Place) -> str:
    """The content of the job plan as the ledger keeps it."""
    events = [json.loads(line) for line in (place.root / JOURNAL).read_text().splitlines()]
    (found,) = [item["data"]["content"] for item in events if "content" in item["data"]]
    return json.dumps(found)


def test_the_ledger_keeps_the_job_plan_without_the_secret(place):
    assert place.apply().exit_code is ExitCode.DONE

    assert holds(place, CANARY) == []
    kept = content(place)
    for text in ("web:(secret)", "--token=(secret)", '"value": "(secret)"'):
        assert json.dumps(text)[1:-1] in kept or text in kept


def test_a_secret_that_nobody_was_given_is_kept_as_jobs_own_text(place):
    """So that the test above can fail."""
    del place.environ[VARIABLE]
    place.apply()
    assert CANARY in content(place)


def test_a_secret_file_counts_as_a_secret_variable(place, tmp_path):
    del place.environ[VARIABLE]
    folder = tmp_path / "secrets/deep"
    folder.mkdir(parents=True)
    (folder / "token").write_text(f"{CANARY}\n")
    (folder / "binary").write_bytes(b"\xff\xfe")
    (folder / "outside").symlink_to(place.root / "launcher.yaml")
    place.environ["LAUNCHER_SECRETS_DIR"] = str(tmp_path / "secrets")

    place.apply()

    assert CANARY not in content(place)
    site = find_site(place.root, None, place.surroundings)
    assert given_secrets(site.settings) == (CANARY,)


def test_the_digest_is_the_same_for_whoever_knows_the_secret(place):
    def digest() -> str:
        server = connect_server(find_site(place.root, None, place.surroundings), 1)
        found = server.read_plan(Scope("biz", "2"), 1000)
        server.close()
        assert isinstance(found, Done)
        return found.value.pin.digest

    known = digest()
    del place.environ[VARIABLE]
    assert digest() == known


def test_what_is_prepared_is_verified_with_and_without_the_secret(place):
    applied = place.apply()
    assert applied.report is not None
    newest = applied.report.recorded.launches["web-deploy"].newest
    assert newest.outcome is OutcomeKind.SUCCEEDED
    assert "steps" in (newest.compared or ())


def test_a_diff_does_not_show_it(place, editor):
    place.apply()
    editor.replace(1000, (f'curl -u "web:{CANARY}" "$1"', f'curl -k -u "web:{CANARY}" "$1"'))
    place.write("plans/m0.yaml", web("1.4.3"))

    text = shown(place)

    assert CANARY not in text
    assert 'curl -k -u \\"web:(secret)\\"' in text


def test_nor_what_a_record_holds_that_did_not_know_it(place, editor):
    del place.environ[VARIABLE]
    place.apply()
    assert CANARY in content(place)
    place.environ[VARIABLE] = CANARY
    editor.replace(1000, (f"value: {CANARY}", "value: beta"))
    place.write("plans/m0.yaml", web("1.4.3"))

    text = shown(place)

    assert CANARY not in text
    assert "beta" in text


def test_of_what_was_masked_in_the_record_nobody_who_does_not_know_it_can_tell_a_change(
    place, editor
):
    """A job that makes a diff for a pull request is given no secrets."""
    place.apply()
    del place.environ[VARIABLE]
    editor.replace(1000, (f"value: {CANARY}", f"value: {CANARY}, description: new"))
    place.write("plans/m0.yaml", web("1.4.3"))

    change = place.diff().changeset.change("web-deploy")

    assert change is not None
    assert change.drift is not None
    told = [(item.name, item.field, item.kind.value) for item in change.drift.differences]
    assert told == [
        ("restart", "script", "hidden"),
        ("restart", "parameters", "hidden"),
        ("db_password", "default", "hidden"),
        ("release_channel", "default", "hidden"),
        ("release_channel", "description", "changed"),
    ]
    assert CANARY not in str(change.drift)


def test_a_pin_does_not_show_it(place, editor):
    place.apply()
    editor.replace(1000, (f'curl -u "web:{CANARY}" "$1"', f'curl -k -u "web:{CANARY}" "$1"'))

    pinned = pin(PinRequest(place.root, "web-deploy"), place.surroundings)

    assert pinned.drift is not None
    assert "(secret)" in str(pinned.drift)
    assert CANARY not in str(pinned)


def test_an_adopted_instance_keeps_no_secret_either(place):
    place.apply()
    instance = place.instances()[-1]["job_instance_id"]
    (place.root / JOURNAL).unlink()
    for lockfile in (place.root / "locks").iterdir():
        lockfile.unlink()

    adopt(
        place.root,
        None,
        "web-deploy",
        instance=instance,
        reason="because",
        surroundings=place.surroundings,
    )

    assert "(secret)" in content(place)
    assert holds(place, CANARY) == []


def test_an_import_leaves_a_value_that_holds_it_to_job(place):
    import_plans(ImportRequest(place.root, plans=("1000",), environment=None), place.surroundings)
    assert holds(place, CANARY) == []
    written = "".join(path.read_text() for path in (place.root / "plans").rglob("*.yaml"))
    assert "release_channel keeps JOB's own value: it holds a secret of this run" in written


def test_a_schema_of_the_job_plan_does_not_offer_it(place):
    write_plan_schema(place.root, "1000", place.surroundings)
    assert holds(place, CANARY) == []
    text = (place.root / "schemas/plan-1000.json").read_text()
    variable = json.dumps(json.loads(text))
    assert '"default": "(secret)"' not in variable


def test_a_name_that_holds_it_is_no_change(place, editor):
    """A password may be a word that job plans and variables are called by: their names stay as they are."""
    place.environ[VARIABLE] = "release"
    place.apply()
    editor.user = "carol"
    editor.save()
    place.write("plans/m0.yaml", web("1.4.3"))

    change = place.diff().changeset.change("web-deploy")

    assert change is not None
    assert change.drift is not None
    assert [item for item in change.drift.differences if item.kind is not Kind.HIDDEN] == []
