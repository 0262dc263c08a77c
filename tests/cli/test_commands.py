"""Each command as a user types it, in a small workspace against the built-in sandbox."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def applied(demo):
    result = demo("apply", "--yes")
    assert result.code == 0, result
    return demo


def document(result):
    return json.loads(result.out)


# --- validate, fmt, render, explain ------------------------------------------------------------


def test_validate_shows_every_problem_with_its_place(demo):
    demo.edit("plans/web/deploy.yaml", "plan: {id: 1000}", "plann: {id: 1000}")
    demo.edit("plans/web/smoke-test.yaml", "name: smoke-test", "name: Smoke")
    result = demo("validate")
    assert result.code == 3
    assert result.out == ""
    assert "--> plans/web/deploy.yaml:10:3\n" in result.err
    assert "\n 10 |   plann: {id: 1000}\n    |   ^^^^^\n" in result.err
    assert "help: Did you mean `plan`?" in result.err
    assert "--> plans/web/smoke-test.yaml:5:9\n" in result.err
    assert result.err.endswith("errors in 2 files\n")


def test_validate_as_json_has_code_and_place(demo):
    demo.edit("plans/web/deploy.yaml", "plan: {id: 1000}", "plann: {id: 1000}")
    found = document(demo("validate", "-o", "json"))
    assert (found["valid"], found["files"]) == (False, 4)
    first = found["diagnostics"][0]
    assert (first["path"], first["line"], first["column"]) == ("plans/web/deploy.yaml", 10, 3)
    assert (first["end_line"], first["end_column"]) == (10, 8)


def test_validate_as_json_says_that_a_wrong_workspace_is_not_valid(demo):
    demo.edit("launcher.yaml", 'id: "1"', "id: 1")
    found = document(demo("validate", "-o", "json"))
    assert (found["valid"], found["files"]) == (False, 0)
    assert demo("fmt", "--fix").code == 0
    assert document(demo("validate", "-o", "json"))["valid"] is True


def test_a_diff_that_shows_an_error_does_not_end_well(demo):
    demo.edit("plans/web/deploy.yaml", "package_version", "package_versoin")
    result = demo("diff", "--detailed-exitcode")
    assert result.code == 4
    assert "    The diagnostics below say what has to be changed.\n" in result.out
    assert '\n 12 |     package_versoin: "1.4.2"\n    |     ^^^^^^^^^^^^^^^\n' in result.err


def test_paths_are_shown_from_where_one_stands(demo, monkeypatch):
    demo.edit("plans/web/deploy.yaml", "plan: {id: 1000}", "plann: {id: 1000}")
    monkeypatch.chdir(demo.directory / "plans" / "web")
    assert "--> deploy.yaml:10:3\n" in demo("validate").err


def test_fmt_shows_checks_and_fixes(demo):
    demo.edit("plans/web/smoke-test.yaml", "needs: [web-deploy]", "needs:    [web-deploy]  # why")
    shown = demo("fmt")
    assert (shown.code, shown.err) == (0, "")
    assert "-  needs:    [web-deploy]  # why\n" in shown.out
    checked = demo("fmt", "--check")
    assert checked.code == 3
    assert "error[L587]" in checked.err
    assert "plans/web/smoke-test.yaml" in checked.err
    assert "help: launcher fmt --fix" in checked.err
    assert demo("fmt", "--fix").out == ("rewrote plans/web/smoke-test.yaml\n1 rewritten, 4 kept.\n")
    assert demo("fmt", "--check").out == "5 files in the canonical layout.\n"
    assert "# why" in (demo.directory / "plans/web/smoke-test.yaml").read_text()


def test_render_shows_the_origin_of_every_value(demo):
    text = demo("render", "web-deploy").out
    assert "package_version:" in text
    assert "# spec" in text
    assert "# environment" in text
    found = document(demo("render", "-o", "json"))
    assert [item["name"] for item in found["launches"]] == [
        "db-migrate",
        "smoke-test",
        "web-deploy",
    ]
    assert found["launches"][2]["origins"]["variables.package_version"] == "spec"


def test_explain_lists_codes_and_tells_cause_and_cure(demo):
    assert "L205" in demo("explain").out
    told = demo("explain", "l205").out
    assert told.startswith("error[L205]: Variable addressed twice\n")
    assert "Cause: " in told
    assert "Cure: " in told


# --- diff --------------------------------------------------------------------------------------


def test_diff_shows_what_would_be_started_and_changes_nothing(demo):
    result = demo("diff")
    assert result.code == 0
    assert "+ web-deploy  launch, NEW: has never run here" in result.out
    assert 'variables.package_version: "1.4.2"  (spec)' in result.out
    assert "needs db-migrate; wave 2" in result.out
    assert "3 to launch." in result.out
    assert not (demo.directory / "locks").exists()
    assert demo("diff").out == result.out


def test_diff_as_json_holds_every_key_of_the_contract(demo):
    found = document(demo("diff", "-o", "json"))
    assert list(found) == [
        "format_version",
        "environment",
        "digest",
        "offline",
        "commit",
        "ledger",
        "changes",
        "summary",
        "diagnostics",
    ]
    assert found["ledger"] == {"lineage": None, "serial": 0, "head": None}
    change = next(item for item in found["changes"] if item["name"] == "web-deploy")
    assert list(change) == [
        "name",
        "action",
        "reason",
        "key",
        "change_digest",
        "manifest",
        "plan",
        "fields",
        "policy",
        "needs",
        "wave",
        "by",
        "until",
        "attempt",
        "instance",
        "omitted",
        "drift",
    ]
    assert change["manifest"] == {"path": "plans/web/deploy.yaml", "line": 5}
    assert change["plan"]["id"] == 1000
    assert change["plan"]["name"] == "Deploy web"
    assert found["summary"]["launch"] == 3


def test_detailed_exitcode_is_2_only_where_something_would_act(demo):
    assert demo("diff", "--detailed-exitcode").code == 2
    assert demo("apply", "--yes").code == 0
    assert demo("diff", "--detailed-exitcode").code == 0


def test_unchanged_launches_are_shown_on_demand(applied):
    assert "No changes. 3 launches in sync." in applied("diff").out
    assert document(applied("diff", "-o", "json"))["changes"] == []
    everything = document(applied("diff", "-o", "json", "--all"))
    assert [item["action"] for item in everything["changes"]] == ["none"] * 3


def test_a_reverted_edit_says_that_it_runs_once_more_and_undoes_nothing(applied):
    applied.edit("plans/web/deploy.yaml", "1.4.2", "1.4.3")
    changed = applied("diff").out
    assert 'variables.package_version: "1.4.2" → "1.4.3"  (spec)' in changed
    assert "ran this content" not in changed
    assert applied("apply", "--yes").code == 0
    applied.edit("plans/web/deploy.yaml", "1.4.3", "1.4.2")
    assert "attempt 1 ran this content: it runs once more, and nothing is undone" in (
        applied("diff").out
    )


def test_a_callback_is_shown_without_its_query(demo):
    demo.edit(
        "plans/web/smoke-test.yaml",
        "  needs:",
        "  callbackUrl: https://ops.example.org/hook?token=hidden\n  needs:",
    )
    for form in ("text", "json"):
        text = demo("diff", "-o", form).out
        assert "https://ops.example.org/hook" in text
        assert "hidden" not in text
        assert "hidden" not in demo("render", "smoke-test", "-o", form).out


def test_a_failure_in_json_is_a_document_of_its_own(demo):
    demo.edit("plans/web/deploy.yaml", "plan: {id: 1000}", "plann: {id: 1000}")
    result = demo("diff", "-o", "json")
    assert result.code == 3
    found = document(result)
    assert list(found) == ["format_version", "diagnostics"]
    assert "error[" in result.err


def test_the_reason_of_what_is_blocked_comes_with_the_way_out(demo):
    demo.edit("plans/database/migrate.yaml", "  plan:", "  suspend: true\n  plan:")
    text = demo("diff").out
    assert "= db-migrate  hold, SUSPENDED: suspended by its manifest" in text
    assert "    Remove `suspend: true` from the manifest." in text
    assert "! web-deploy  block, NEEDS: needs db-migrate" in text
    assert "    launcher why db-migrate -e sandbox" in text
    assert demo("apply", "--yes").code == 0


# --- apply -------------------------------------------------------------------------------------


def test_apply_reports_each_launch_and_the_lockfile(demo):
    result = demo("apply", "--yes")
    assert result.code == 0
    lines = result.out.splitlines()
    assert [line.split()[:2] for line in lines[:3]] == [
        ["db-migrate", "succeeded"],
        ["web-deploy", "succeeded"],
        ["smoke-test", "succeeded"],
    ]
    assert "3 succeeded." in lines
    assert "Lockfile: locks/sandbox.lock.json" in lines
    assert "+ db-migrate  launch, NEW" in result.err
    assert "prepared: db-migrate" in result.err


def test_applying_again_starts_nothing(applied):
    result = applied("apply", "--yes")
    assert (result.code, result.out) == (0, "Nothing to do. 3 launches in sync.\n")


def lines_of(result):
    return [json.loads(line) for line in result.out.splitlines()]


def test_apply_as_lines_begins_with_the_version_and_ends_with_the_summary(demo):
    result = demo("apply", "--yes", "-o", "jsonl")
    told = lines_of(result)
    assert told[0]["type"] == "version"
    assert told[0]["format_version"] == "1.0"
    assert told[1]["type"] == "planned"
    assert told[-1]["type"] == "summary"
    assert told[-1]["exit_code"] == result.code == 0
    assert told[-1]["started"] == ["db-migrate", "web-deploy", "smoke-test"]
    settled = [item["name"] for item in told if item["type"] == "settled"]
    assert settled == ["db-migrate", "web-deploy", "smoke-test"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["apply", "-o", "jsonl"], 64),
        (["apply", "-o", "jsonl", "--yes", "-e", "nowhere"], 64),
        (["apply", "-o", "jsonl", "--yes", "--digest", "v1:sha256:" + "0" * 64], 4),
    ],
    ids=["no terminal", "no environment", "another digest"],
)
def test_lines_are_complete_after_a_failure(demo, arguments, code):
    result = demo(*arguments)
    told = lines_of(result)
    assert result.code == code, result
    assert [told[0]["type"], told[-2]["type"], told[-1]["type"]] == [
        "version",
        "diagnostic",
        "summary",
    ]
    assert told[-1]["exit_code"] == code


def test_lines_are_complete_after_a_bug(demo, monkeypatch):
    def broken(*_args, **_kwargs):
        raise RuntimeError("bug")

    monkeypatch.setattr("launcher.operations.apply.apply", broken)
    result = demo("apply", "--yes", "-o", "jsonl")
    assert result.code == 70
    assert [item["type"] for item in lines_of(result)] == ["version", "summary"]


def test_a_saved_changeset_is_carried_out_and_nothing_else(demo):
    assert demo("diff", "db-migrate", "--save", "reviewed.json").code == 0
    result = demo("apply", "reviewed.json", "--yes")
    assert "1 succeeded" in result.out, result
    assert "db-migrate" in result.out


def test_a_digest_that_was_reviewed_must_still_hold(demo):
    digest = document(demo("diff", "-o", "json"))["digest"]
    demo.edit("plans/web/deploy.yaml", "1.4.2", "1.4.3")
    stale = demo("apply", "--yes", "--digest", digest)
    assert stale.code == 4
    assert not (demo.directory / "locks").exists()
    assert (
        demo("apply", "--yes", "--digest", document(demo("diff", "-o", "json"))["digest"]).code == 0
    )


# --- what is on record -------------------------------------------------------------------------


def test_status_has_one_line_for_each_launch(applied):
    text = applied("status").out
    assert "web-deploy  yes   succeeded  1         1" in text
    found = document(applied("status", "-o", "json"))
    assert [item["in_sync"] for item in found["launches"]] == [True] * 3
    assert found["launches"][0]["newest"]["outcome"] == "succeeded"


def test_a_launch_that_is_deleted_stays_in_status_as_archived(applied):
    (applied.directory / "plans/web/smoke-test.yaml").unlink()
    assert "- smoke-test  archive, DELETED: no longer declared; nothing is undone" in (
        applied("diff").out
    )
    assert "smoke-test  archived" in applied("apply", "--yes").out
    assert "smoke-test  archived" in applied("status").out


def test_why_shows_the_rows_that_were_tried(applied):
    text = applied("why", "web-deploy").out
    assert text.startswith("web-deploy in sandbox  none, IN_SYNC")
    assert "   9  fits  it is in sync" in text
    found = document(applied("why", "web-deploy", "-o", "json"))
    assert found["rows"][-1]["fits"] is True


def test_the_lockfile_is_shown_proven_and_written_again(applied):
    lockfile = applied.directory / "locks/sandbox.lock.json"
    text = lockfile.read_text()
    assert applied("lock", "show").out == text
    assert (
        "in an unbroken chain, and locks/sandbox.lock.json agrees" in applied("lock", "verify").out
    )
    lockfile.write_text(text.replace('"succeeded"', '"failed"'))
    assert applied("lock", "verify").code == 4
    assert applied("lock", "sync").out == "locks/sandbox.lock.json: written\n"
    assert lockfile.read_text() == text


def test_a_lost_ledger_is_refused_until_it_is_restored(applied):
    (applied.directory / ".launcher/ledger/sandbox.jsonl").unlink()
    refused = applied("apply", "--yes")
    assert refused.code == 4
    assert "launcher ledger restore" in refused.err
    restored = applied("ledger", "restore", "--from-lockfile", "--reason", "disk was replaced")
    assert restored.code == 0, restored
    assert "3 launches on record" in restored.out
    assert applied("apply", "--yes").out == "Nothing to do. 3 launches in sync.\n"


def test_a_ledger_is_made_by_hand_once(demo):
    assert demo("ledger", "init").code == 0
    assert demo("ledger", "init").code == 4


def test_resolve_needs_an_outcome_that_is_unknown(applied):
    result = applied("resolve", "web-deploy", "--not-ran", "--reason", "looked")
    assert result.code == 4
    assert "error[L560]" in result.err


def test_unlock_needs_a_session(applied):
    assert applied("unlock", "--reason", "x").code == 4


def test_a_failure_blocks_what_needs_it_and_stays(demo, tmp_path):
    world = (tmp_path / "quick-world.yaml").read_text()
    start = world.index("runs: [{", world.index("Migrate database"))
    failing = world[start:].replace("runs: [{", "runs: [{ends: fail, exit_code: 3, ", 1)
    (tmp_path / "quick-world.yaml").write_text(world[:start] + failing)
    first = demo("apply", "--yes")
    assert first.code == 5
    assert "  db-migrate  failed" in first.out
    assert "  web-deploy  left  needs db-migrate" in first.out
    assert "L552" not in first.err
    again = demo("apply", "--yes")
    assert again.code == 5
    assert again.out.startswith(
        "Nothing was started. 3 blocked.\nFrom before, and in the exit code: "
    )
    assert "db-migrate (failed)" in again.out
    assert "! db-migrate  block, FAILED" in again.err
    assert demo("diff").code == 0
