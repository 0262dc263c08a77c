"""Acts on the record as a user types them: launch, retry, adopt, waive, watch."""

from __future__ import annotations

import json

import pytest

from tests.cli.test_answers_and_schemas import hold

BECAUSE = ("--reason", "because")


def a_launch(name, plan, **spec):
    return json.dumps(
        {
            "apiVersion": "launcher/v1",
            "kind": "PlanLaunch",
            "metadata": {"name": name},
            "spec": {"plan": {"id": plan}, **spec},
        }
    )


@pytest.fixture
def one(demo):
    """A workspace with one launch, which is started only when asked for."""
    for path in (demo.directory / "plans").rglob("*.yaml"):
        path.unlink()
    (demo.directory / "plans/migrate.yaml").write_text(
        a_launch("db-migrate", 1001, trigger="manual")
    )
    return demo


@pytest.fixture
def failed(one):
    (one.directory / "plans/migrate.yaml").write_text(a_launch("db-migrate", 1004))
    assert one("apply", "--yes").code == 5
    return one


def newest(line):
    (launch,) = json.loads(line("status", "-o", "json").out)["launches"]
    return launch["newest"]


def lines_of(result):
    return [json.loads(line) for line in result.out.splitlines()]


@pytest.mark.parametrize(
    "command", [("launch",), ("retry",), ("waive",), ("adopt", "--instance", "20000000001")]
)
def test_every_act_needs_a_reason_and_a_launch(one, command):
    name, *rest = command
    assert one(name, "db-migrate", *rest).code == 64
    assert one(name, "nobody", *rest, *BECAUSE).code == 64


@pytest.mark.parametrize("command", ["launch", "retry"])
def test_nothing_is_started_without_a_terminal_or_a_yes(one, command):
    result = one(command, "db-migrate", *BECAUSE)
    assert result.code == 64
    assert "L583" in result.err


def test_a_launch_is_started_by_name_and_told_as_by_apply(one):
    assert "Nothing to do." in one("apply", "--yes").out

    result = one("launch", "db-migrate", "--yes", *BECAUSE)

    assert result.code == 0, result
    assert "db-migrate  succeeded  attempt 1" in result.out
    assert newest(one)["request"] == "because"
    assert "asked for: because" in one("status").out
    again = one("launch", "db-migrate", "--yes", *BECAUSE)
    assert again.code == 4
    assert "Raise `revision` in the manifest of db-migrate." in again.err


def test_a_launch_is_told_as_lines(one):
    result = one("launch", "db-migrate", "--yes", "-o", "jsonl", *BECAUSE)
    assert result.code == 0, result
    events = lines_of(result)
    for event in events:
        hold("apply-event-v1.json", event)
    assert (events[0]["type"], events[-1]["type"]) == ("version", "summary")
    assert events[-1]["started"] == ["db-migrate"]


def test_a_refusal_is_the_last_line_but_one_of_the_lines(one):
    one("launch", "db-migrate", "--yes", *BECAUSE)
    events = lines_of(one("launch", "db-migrate", "--yes", "-o", "jsonl", *BECAUSE))
    assert [event["type"] for event in events] == ["version", "diagnostic", "summary"]
    assert (events[1]["code"], events[-1]["exit_code"]) == ("L726", 4)


def test_a_failed_launch_is_retried_by_name(failed):
    result = failed("retry", "db-migrate", "--yes", *BECAUSE)
    assert result.code == 5, result
    assert "db-migrate  failed  attempt 2" in result.out
    assert newest(failed)["attempt"] == 2


def test_what_has_not_failed_is_not_retried(one):
    result = one("retry", "db-migrate", "--yes", *BECAUSE)
    assert (result.code, "L733" in result.err) == (4, True)


def test_a_launch_is_waived_and_shown_so(failed):
    result = failed("waive", "db-migrate", "--reason", "done by hand")
    assert result.code == 0, result
    assert result.out.startswith("db-migrate: waived (attempt 2)\nLockfile: locks/")
    shown = failed("status").out
    assert "waived: done by hand" in shown
    assert failed("apply", "--yes").code == 0


def test_an_instance_that_is_not_there_is_not_adopted(one):
    result = one("adopt", "db-migrate", "--instance", "20000000999", *BECAUSE)
    assert result.code == 4
    assert "L728" in result.err
    assert "JOB does not know instance 20000000999 in biz 2" in " ".join(result.err.split())


def test_watching_nothing_says_so(one):
    result = one("watch")
    assert (result.code, result.out) == (0, "Nothing runs in sandbox.\n")


def test_what_runs_is_watched_by_name_and_told_as_lines(one):
    one("launch", "db-migrate", "--yes", "--no-wait", *BECAUSE)
    result = one("watch", "db-migrate", "-o", "jsonl")
    assert result.code == 0, result
    events = lines_of(result)
    for event in events:
        hold("apply-event-v1.json", event)
    assert "settled" in [event["type"] for event in events]
    assert newest(one)["outcome"] == "succeeded"


def test_who_does_not_watch_a_job_to_its_end_is_told_that_it_goes_on(one):
    (one.directory / "plans/migrate.yaml").write_text(
        a_launch("db-migrate", 1003, trigger="manual")
    )
    one("launch", "db-migrate", "--yes", "--no-wait", *BECAUSE)
    result = one("watch", "--timeout", "0")
    assert result.code == 8
    assert "Jobs go on" in result.err


def test_what_runs_is_watched_and_told_to_people(one):
    one("launch", "db-migrate", "--yes", "--no-wait", *BECAUSE)
    result = one("watch")
    assert result.code == 0, result
    assert "db-migrate: succeeded" in result.err
    assert newest(one)["outcome"] == "succeeded"


def test_what_failed_before_gives_its_code_to_whoever_watches_it(failed):
    assert failed("watch", "db-migrate").code == 5
    assert failed("watch").code == 0
