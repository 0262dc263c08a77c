"""Logs for people: nothing in them is obeyed, and what is theirs cannot be taken for ours."""

from __future__ import annotations

import re

import pytest

from launcher.engine.observed import StepStatus
from launcher.engine.results import FileLog, HostKey, HostResult, StepResults
from launcher.render.logs import render_log, render_quiet

HOST = HostKey(101, 0, "10.0.0.11")

_OPENERS = re.compile(
    r"^\s*::|##\[|##[a-z]+\[|section_(start|end):\d|[\x00-\x08\x0b-\x1f\x7f-\x9f]"
)


def shown(text: str, *files: FileLog, status: int = 9, exit_code: int = 0, **more) -> str:
    return render_log(HostResult(HOST, status, exit_code), text, files, **more)


def test_what_a_host_printed_stands_behind_a_bar():
    assert shown("one\n\n\ttwo \n") == ("==> 10.0.0.11 (host 101): succeeded\n| one\n|\n| \ttwo \n")


def test_a_host_that_printed_nothing_has_its_heading_alone():
    assert shown("") == "==> 10.0.0.11 (host 101): succeeded\n"


def test_lines_that_end_as_windows_ends_them_are_no_different_and_a_lone_return_is_shown():
    assert shown("a\r\nb\r\n").splitlines()[1:] == ["| a", "| b"]
    assert shown("50%\r100%\n").splitlines()[1:] == ["| 50%\\r100%"]


@pytest.mark.parametrize(
    "line",
    [
        "::set-output name=x::y",
        "   ::error::boom",
        "##[group]x",
        "##vso[task.setvariable variable=x]y",
        "##teamcity[testStarted name='x']",
        "section_start:1560896352:x\r\x1b[0Ktitle",
        "section_end:1560896352:x\r\x1b[0K",
        "\x1b]0;title\x07",
        "\x9b31mred",
        "x\r::error::overwritten",
    ],
)
@pytest.mark.parametrize("where", ["text", "file", "path", "tag"])
def test_no_line_can_become_a_command(line, where):
    if where == "text":
        text = shown(f"before\n{line}\nafter")
    elif where == "file":
        text = shown("", FileLog("10.0.0.20", "/a", "/b", 9, "", "", line))
    elif where == "path":
        text = shown("", FileLog(line, line, line, 9, line, line, ""))
    else:
        text = render_log(HostResult(HOST, 104, 3, line), "", ())
    for each in text.splitlines():
        assert not _OPENERS.search(each), each
        assert each.startswith(("==> ", "| ", "  "))


def test_a_host_without_an_address_is_called_by_its_id():
    assert render_log(HostResult(HostKey(7, None, ""), 9), "", ()) == "==> host 7: succeeded\n"


@pytest.mark.parametrize(
    ("status", "exit_code", "heading"),
    [
        (104, 3, "failed (exit code 3)"),
        (104, 0, "failed (exit code not zero)"),
        (18, 0, "failed (no agent installed)"),
        (13, 137, "failed (time limit passed, exit code 137)"),
        (11, 0, "failed"),
        (3, 0, "succeeded (had succeeded before)"),
        (7, 0, "running"),
        (5, 0, "waiting"),
        (4711, 0, "failed (status 4711)"),
    ],
)
def test_a_heading_says_how_the_host_fared(status, exit_code, heading):
    assert shown("", status=status, exit_code=exit_code) == f"==> 10.0.0.11 (host 101): {heading}\n"


def test_what_begins_anew_and_what_is_too_long_say_so():
    assert "succeeded, from the beginning\n" in shown("a\n", anew=True)
    assert "\n  (longer than can be read)\n" in shown("", too_long=True)


def test_files_show_their_way():
    file = FileLog("10.0.0.20", "/data/web.tgz", "/srv/", 9, "1.0 KB", "100%", "arrived\n")

    assert shown("", file).splitlines()[1:] == [
        "  /data/web.tgz -> /srv/ (from 10.0.0.20, 1.0 KB, 100%, status 9)",
        "| arrived",
    ]


@pytest.mark.parametrize(
    ("status", "kind", "hosts", "failed", "text"),
    [
        (1, "script", (), False, ""),
        (3, "approval", (), False, ""),
        (3, "script", (), False, "  (JOB tells of no host)\n"),
        (3, "script", (HostResult(HOST, 9),), True, "  (no host has failed)\n"),
        (3, "script", (HostResult(HOST, 9),), False, "  (none of the hosts that were named)\n"),
    ],
)
def test_a_step_with_nothing_to_read_says_why(status, kind, hosts, failed, text):
    step = StepResults(StepStatus(1, "x", kind, status), hosts=hosts)

    assert render_quiet(step, failed=failed) == text
