"""Acts on one launch as a user types them: cancel, confirm, retry --failed-hosts, and what resolve shows."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.cli.test_answers_and_schemas import hold
from tests.support.command_line import REPOSITORY, quick_world

LAUNCHER = (sys.executable, "-m", "launcher")
APPROVED = """\
apiVersion: launcher/v1
kind: PlanLaunch
metadata: {name: with-approval}
spec:
  plan: {id: 1003}
"""
BECAUSE = ("--reason", "because")


@pytest.fixture
def waiting(demo):
    """One launch that waits for its confirmation."""
    for path in (demo.directory / "plans").rglob("*.yaml"):
        path.unlink()
    (demo.directory / "plans/approved.yaml").write_text(APPROVED)
    assert demo("apply", "--yes", "--no-wait").code == 0
    return demo


def newest(line):
    (launch,) = json.loads(line("status", "--refresh", "-o", "json").out)["launches"]
    return launch["newest"]


def test_a_confirmation_is_given_in_words_and_the_launch_succeeds(waiting):
    result = waiting("confirm", "with-approval", "--continue", *BECAUSE)

    assert result.code == 0, result
    assert result.out.startswith("with-approval: confirmed (step approve).\nIt is running ")
    assert "JOB was asked; waiting until it shows.\n" in result.err
    assert waiting("apply", "--yes").code == 0
    assert newest(waiting)["outcome"] == "succeeded"


def test_acts_answer_in_json_as_their_schema_says(waiting):
    ended = waiting("confirm", "with-approval", "--terminate", *BECAUSE, "-o", "json")
    again = waiting("confirm", "with-approval", "--restart", *BECAUSE, "-o", "json")
    over = waiting("cancel", "with-approval", *BECAUSE, "-o", "json")
    nothing = waiting("retry", "with-approval", "--failed-hosts", *BECAUSE, "-o", "json")

    assert [item.code for item in (ended, again, over, nothing)] == [0, 0, 0, 4]
    answers = [json.loads(item.out) for item in (ended, again, over, nothing)]
    for answer in answers:
        hold("act-v1.json", answer)
    assert [item["newest"]["outcome"] for item in answers[:3]] == [
        "cancelled",
        "waiting",
        "cancelled",
    ]
    assert [item["operation"] for item in answers[:3]] == [
        "confirm-terminate",
        "confirm-restart",
        "terminate",
    ]
    assert [item["code"] for item in answers[3]["diagnostics"]] == ["L334"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("confirm", "with-approval", *BECAUSE),
        ("confirm", "with-approval", "--continue", "--terminate", *BECAUSE),
        ("confirm", "with-approval", "--continue"),
        ("cancel", "with-approval"),
        ("cancel", "nobody", *BECAUSE),
        ("retry", "with-approval", "--failed-hosts", "--yes", *BECAUSE),
        ("retry", "with-approval", "--failed-hosts", "-o", "jsonl", *BECAUSE),
        ("retry", "with-approval", "--step", "approve", *BECAUSE),
        ("resolve", "with-approval", "--ran", "20000000001", "--not-ran", *BECAUSE),
        ("resolve", "with-approval", "--not-ran", "--forgotten", *BECAUSE),
        ("resolve", "with-approval", "--not-ran", "-o", "json", *BECAUSE),
        ("resolve", "with-approval", "--not-ran"),
        ("resolve", "with-approval", *BECAUSE),
    ],
    ids=" ".join,
)
def test_what_makes_no_sense_is_wrong_usage_and_sends_nothing(waiting, arguments):
    assert waiting(*arguments).code == 64
    assert newest(waiting)["outcome"] in ("waiting", "running", "starting")


def test_a_step_that_does_not_wait_is_named_with_those_that_do(waiting):
    result = waiting("confirm", "with-approval", "--continue", "--step", "deploy", *BECAUSE)
    assert result.code == 4
    assert "error[L338]" in result.err
    assert "these are: approve." in result.err


def test_a_running_apply_sees_what_another_process_confirms(waiting, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    process = subprocess.Popen(  # noqa: S603 - our own program
        [*LAUNCHER, "apply", "--yes", "-o", "jsonl"],
        cwd=waiting.directory,
        env=dict(os.environ),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    told = []
    with process.stdout:
        for text in process.stdout:
            told.append(json.loads(text))
            if told[-1]["type"] == "planned":
                done = subprocess.run(  # noqa: S603 - our own program
                    [*LAUNCHER, "confirm", "with-approval", "--continue", *BECAUSE],
                    cwd=waiting.directory,
                    env=dict(os.environ),
                    capture_output=True,
                    text=True,
                    check=False,
                )
                assert done.returncode == 0, done
    assert process.wait() == 0
    assert told[-1]["launches"][0]["outcome"] == "succeeded"
    assert newest(waiting)["attempt"] == 1


def test_candidates_are_shown_in_words_and_as_their_schema_says(demo, tmp_path):
    world = quick_world(tmp_path)
    text = world.read_text()
    assert text.count('version: "3.12.5"') == 1
    world.write_text(text.replace('version: "3.12.5"', 'version: "3.12.5"\n  two_phase: false'))
    for path in (demo.directory / "plans").rglob("*.yaml"):
        path.unlink()
    (demo.directory / "plans/approved.yaml").write_text(APPROVED)
    demo.edit(
        "launcher.yaml",
        'scope: {type: biz, id: "2"}',
        'scope: {type: biz, id: "2"}\n      guards: {allowSinglePhase: true}',
    )
    assert demo("apply", "--yes", "--no-wait").code == 0
    (demo.directory / ".launcher/ledger/sandbox.jsonl").unlink()
    restored = demo("ledger", "restore", "--from-lockfile", *BECAUSE)
    assert restored.code == 0, restored

    told = demo("resolve", "with-approval")

    assert told.code == 6
    assert "  + it is on record as this attempt's instance\n" in told.out
    assert "launcher resolve with-approval -e sandbox --ran 2000000000" in told.out
    assert "launcher resolve with-approval -e sandbox --not-ran --reason TEXT\n" in told.out
    answer = demo("resolve", "with-approval", "-o", "json")
    assert answer.code == 6
    data = json.loads(answer.out)
    hold("candidates-v1.json", data)
    assert [item["for"] for item in data["candidates"]] == [["recorded", "begun"]]
    assert demo("resolve", "with-approval", "--ran", "20000000999", *BECAUSE).code == 4
    instance = str(data["candidates"][0]["instance"])
    assert demo("resolve", "with-approval", "--ran", instance, *BECAUSE).code == 0
