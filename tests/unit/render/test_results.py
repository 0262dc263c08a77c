"""How steps and hosts fared, in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from launcher.engine.observed import InstanceStatus, StepStatus
from launcher.engine.results import HostKey, HostResult, InstanceResults, Result, StepResults
from launcher.render.results import groups_of, host_words, render_instance, run_words

BEGAN = datetime(2026, 1, 5, 8, tzinfo=UTC)

RUN_STATUSES = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15)
HOST_STATUSES = (
    *(0, 1, 2, 3, 5, 7, 9, 11, 12, 13, 15, 16, 17, 18, 101, 102, 103, 104, 202, 203),
    *(301, 303, 310, 311, 312, 320, 321, 329, 399, 403, 404, 500),
)


def a_host(number: int, status: int, exit_code: int = 0, tag: str = "") -> HostResult:
    return HostResult(HostKey(number, 0, f"10.0.0.{number}"), status, exit_code, tag)


def shown(*hosts: HostResult) -> list[str]:
    """The lines below the step."""
    step = StepResults(StepStatus(901, "check", "script", 4, 1), BEGAN, None, hosts)
    instance = InstanceStatus(
        id=20_000_000_417,
        name="web",
        status=4,
        finished=True,
        created=BEGAN,
        started=BEGAN,
        ended=BEGAN + timedelta(seconds=65),
        steps=(step.step,),
    )
    text = render_instance("web-deploy", 2, InstanceResults(instance, (step,)))
    head, line, *rest = text.splitlines()
    assert head == ("web-deploy, attempt 2, instance 20000000417 as JOB has it now: failed, 1m5s")
    assert line == "  1. check (script): failed, executed again 1 time"
    return [item.strip() for item in rest]


@pytest.mark.parametrize("status", RUN_STATUSES)
def test_every_run_status_has_words(status):
    assert "status" not in run_words(status)


@pytest.mark.parametrize("status", HOST_STATUSES)
def test_every_host_status_has_words(status):
    assert "status" not in host_words(status)


def test_a_number_that_nobody_knows_is_shown_as_such():
    assert (run_words(12), host_words(4711)) == ("status 12", "status 4711")


def test_hosts_that_fared_alike_stand_together_the_failed_ones_first_and_by_name():
    assert shown(
        *(a_host(number, 9) for number in range(20, 60)),
        a_host(11, 104, 3),
        a_host(12, 104, 3),
        a_host(13, 104, 1),
        a_host(14, 18),
        a_host(15, 7),
    ) == [
        "2 failed (exit code 3): 10.0.0.11, 10.0.0.12",
        "1 failed (no agent installed): 10.0.0.14",
        "1 failed (exit code 1): 10.0.0.13",
        "1 running: 10.0.0.15",
        "40 succeeded",
    ]


def test_a_tag_tells_results_apart():
    assert shown(a_host(11, 9, tag="canary"), a_host(12, 9)) == [
        '1 succeeded (tag "canary")',
        "1 succeeded",
    ]


def test_a_long_list_of_hosts_is_cut_with_a_count():
    (line,) = shown(*(a_host(number, 104, 3) for number in range(1, 43)))

    assert line.startswith("42 failed (exit code 3): 10.0.0.1, ")
    assert line.endswith("10.0.0.10 and 32 more")


def test_an_exit_code_of_zero_says_nothing_where_there_is_no_script_to_have_one():
    (group,) = groups_of([a_host(1, 18), HostResult(HostKey(2, 0, "10.0.0.2"), 18, None)])

    assert (group.exit_code, group.result, len(group.hosts)) == (None, Result.FAILED, 2)


def test_what_a_host_is_called_cannot_command():
    (line,) = shown(HostResult(HostKey(1, 0, "\x1b[2J::error::x"), 104, 3, "##[group]"))

    assert "\x1b" not in line
    assert "::error" not in line
    assert "##[" not in line
