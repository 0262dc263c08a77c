"""`launcher logs`, and `launcher status` of one launch, as a user types them."""

from __future__ import annotations

import json
import re

import pytest

from tests.cli.test_answers_and_schemas import hold

FAILS = """\
apiVersion: launcher/v1
kind: PlanLaunch
metadata: {name: fails}
spec: {plan: {id: 1004}}
"""


@pytest.fixture
def applied(demo):
    (demo.directory / "plans/fails.yaml").write_text(FAILS)
    assert demo("apply", "--yes").code == 5
    return demo


def without_numbers(text: str) -> str:
    text = re.sub(r"instance \d+", "instance ID", text)
    return re.sub(r"(?<=, )\d+s\b", "TIME", text)


def lines(result):
    told = [json.loads(text) for text in result.out.splitlines()]
    for item in told:
        hold("logs-event-v1.json", item)
    return told


def test_logs_are_shown_by_step_and_host(applied):
    result = applied("logs", "fails")

    assert (result.code, result.err) == (0, "")
    assert without_numbers(result.out) == (
        "fails, attempt 1, instance ID: failed, TIME\n"
        "\n"
        "1. fail (script): failed, TIME\n"
        "==> 10.0.0.11 (host 101): failed (exit code 3)\n"
        "| no space left on 10.0.0.11\n"
        "==> 10.0.0.12 (host 102): failed (exit code 3)\n"
        "| no space left on 10.0.0.12\n"
    )


def test_what_is_asked_for_is_shown_alone(applied):
    result = applied("logs", "web-deploy", "--step", "restart", "--host", "10.0.0.11")

    assert result.code == 0
    assert "restarted on 10.0.0.11" in result.out
    assert "10.0.0.12" not in result.out
    assert "push package" not in result.out


def test_without_a_failed_host_every_step_says_so(applied):
    assert applied("logs", "web-deploy", "--failed").out.count("(no host has failed)") == 3


def test_following_ends_with_5_for_a_job_that_failed_and_says_how_it_stands(applied):
    result = applied("logs", "fails", "--follow")

    assert result.code == 5
    assert "| no space left on 10.0.0.12\n" in result.out
    assert without_numbers(result.err) == "\nfails, attempt 1, instance ID: failed, TIME\n"


def test_as_json_each_host_has_its_text(applied):
    result = applied("logs", "fails", "-o", "json")

    data = json.loads(result.out)
    hold("logs-v1.json", data)
    assert result.code == 0
    (step,) = data["steps"]
    assert (step["step"], step["words"]) == ("fail", "failed")
    assert [(host["ip"], host["exit_code"], host["text"]) for host in step["hosts"]] == [
        ("10.0.0.11", 3, "no space left on 10.0.0.11\n"),
        ("10.0.0.12", 3, "no space left on 10.0.0.12\n"),
    ]


def test_as_json_files_have_their_way(applied):
    data = json.loads(applied("logs", "web-deploy", "--step", "2", "-o", "json").out)

    hold("logs-v1.json", data)
    first = data["steps"][0]["hosts"][0]
    assert first["text"] == ""
    assert [item["target_path"] for item in first["files"]] == ["/tmp/packages/"]  # noqa: S108


def test_as_lines_the_version_comes_first_and_the_summary_last(applied):
    told = lines(applied("logs", "fails", "--follow", "-o", "jsonl"))

    assert [item["type"] for item in told] == ["version", "instance", "log", "log", "summary"]
    assert told[2]["log"]["text"] == "no space left on 10.0.0.11\n"
    assert told[-1]["exit_code"] == 5


def test_as_lines_a_failure_has_its_summary_too(applied):
    result = applied("logs", "nothing", "-o", "jsonl")

    assert result.code == 64
    assert [item["type"] for item in lines(result)] == ["version", "diagnostic", "summary"]


def test_a_log_cannot_command_whoever_shows_it(applied, tmp_path):
    world = tmp_path / "quick-world.yaml"
    text = world.read_text()
    evil = "::set-output name=x::y\\n##[group]z\\nsection_start:1:a\\r\\e[0K\\n"
    assert text.count("no space left on {ip}\\n") == 1
    world.write_text(text.replace("no space left on {ip}\\n", evil))
    (applied.directory / ".launcher/sandbox/sandbox.sqlite").unlink()
    applied.edit("plans/fails.yaml", "spec: {", "spec: {revision: 2, ")
    assert applied("ledger", "rebind", "--reason", "a new world").code == 0
    assert applied("apply", "--yes", "--only", "fails").code == 5

    result = applied("logs", "fails")

    for line in result.out.splitlines():
        assert "##[" not in line
        assert not re.match(r"\s*::", line)
        assert "section_start:1" not in line
        assert "\x1b" not in line
    raw = json.loads(applied("logs", "fails", "-o", "json").out)
    assert raw["steps"][0]["hosts"][0]["text"] == (
        "::set-output name=x::y\n##[group]z\nsection_start:1:a\r\x1b[0K\n"
    ), "in JSON the value is as it was"


# --- status of one launch -----------------------------------------------------------------------


def test_the_status_of_one_launch_shows_its_steps_and_hosts(applied):
    result = applied("status", "fails")

    assert result.code == 0
    assert "db-migrate" not in result.out
    assert without_numbers(result.out).endswith(
        "fails, attempt 1, instance ID as JOB has it now: failed, TIME\n"
        "  1. fail (script): failed, TIME\n"
        "     2 failed (exit code 3): 10.0.0.11, 10.0.0.12\n"
    )


def test_the_status_of_one_launch_as_json_has_every_host(applied):
    data = json.loads(applied("status", "fails", "-o", "json").out)

    hold("status-v1.json", data)
    assert [item["name"] for item in data["launches"]] == ["fails"]
    (step,) = data["detail"]["steps"]
    assert [(host["ip"], host["result"]) for host in step["hosts"]] == [
        ("10.0.0.11", "failed"),
        ("10.0.0.12", "failed"),
    ]


def test_the_status_of_all_asks_nobody_and_has_no_detail(applied):
    data = json.loads(applied("status", "-o", "json").out)

    hold("status-v1.json", data)
    assert data["detail"] is None
    assert len(data["launches"]) == 4


def test_a_launch_that_never_ran_has_a_status_without_detail(demo):
    result = demo("status", "web-deploy", "-o", "json")

    assert result.code == 0
    assert json.loads(result.out)["detail"] is None
    assert not (demo.directory / ".launcher/sandbox").exists(), "nobody was asked"


def test_a_name_that_nobody_knows_is_wrong_usage(demo):
    result = demo("status", "web-deplyo")

    assert result.code == 64
    assert "Did you mean" in result.err or "web-deploy" in result.err


def test_where_job_cannot_be_asked_the_record_is_shown_with_a_warning(applied):
    text = (applied.directory / "launcher.yaml").read_text()
    assert "server: sandbox" in text
    (applied.directory / "launcher.yaml").write_text(
        text.replace("server: sandbox", "server: remote")
    )

    result = applied("status", "fails")

    assert result.code == 0
    assert re.search(r"^fails +no +failed", result.out, re.MULTILINE)
    assert "warning[L359]: JOB was not asked" in result.err
    assert "BK_API_URL_TMPL" in result.err
