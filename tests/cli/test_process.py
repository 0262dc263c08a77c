"""What only shows in a process of its own: signals, terminals, completion, a served sandbox."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import urllib.request
from typing import TYPE_CHECKING

import pytest

from tests.support.command_line import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

LAUNCHER = (sys.executable, "-m", "launcher")


@pytest.fixture
def slow(demo, tmp_path, monkeypatch):
    """A workspace whose database migration takes long."""
    text = (REPOSITORY / "launcher/sandbox/demo.yaml").read_text()
    world = tmp_path / "slow-world.yaml"
    world.write_text(re.sub(r"takes_s: [\d.]+", "takes_s: 600", text))
    monkeypatch.setenv("LAUNCHER_SANDBOX_WORLD", str(world))
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    return demo


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["SIGINT", "SIGTERM"]
)
def test_a_signal_saves_the_record_and_says_how_to_go_on(slow, number, code):
    process = subprocess.Popen(  # noqa: S603 - our own program
        [*LAUNCHER, "apply", "--yes", "-o", "jsonl"],
        cwd=slow.directory,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    told = []
    for line in process.stdout:
        told.append(json.loads(line))
        if told[-1]["type"] == "observed" and told[-1]["outcome"] == "running":
            process.send_signal(number)
    assert process.stderr is not None
    error = process.stderr.read()
    process.stdout.close()
    process.stderr.close()
    assert process.wait() == code
    assert told[-1]["type"] == "summary"
    assert told[-1]["exit_code"] == code
    assert told[-1]["stop"] == "interrupted"
    assert "Stopping as soon as the record is saved." in error
    found = slow("status", "-o", "json")
    newest = json.loads(found.out)["launches"][0]["newest"]
    assert newest["outcome"] == "running"
    assert "> db-migrate  resume, RUNNING" in slow("diff").out
    assert slow("lock", "verify").code == 0


@pytest.mark.parametrize("form", ["text", "jsonl"])
def test_following_ends_quietly_once_nobody_reads_what_it_shows(slow, form):
    started = slow("apply", "--yes", "--no-wait", "--only", "db-migrate")
    assert started.code == 0, started
    process = subprocess.Popen(  # noqa: S603 - our own program
        [*LAUNCHER, "logs", "db-migrate", "--follow", "-o", form],
        cwd=slow.directory,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        assert process.stdout.readline()
        process.stdout.close()
        # The job takes ten minutes.
        assert process.wait(timeout=30) == 0
        assert process.stderr.read() == ""
    finally:
        process.kill()
        process.stderr.close()


def answered(directory: Path, answer: str, *arguments: str) -> tuple[int, str]:
    """What `launcher` gives on a terminal on which `answer` is typed at the question."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(directory)
        os.execv(sys.executable, [*LAUNCHER, *arguments])  # noqa: S606 - our own program
    shown, typed = b"", False
    while select.select([terminal], [], [], 60)[0]:
        try:
            piece = os.read(terminal, 65536)
        except OSError:  # the other end is closed: Linux says EIO
            break
        if not piece:
            break
        shown += piece
        if not typed and b"will be accepted: " in shown:
            os.write(terminal, answer.encode())
            typed = True
    os.close(terminal)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status), shown.decode()


def test_apply_asks_on_a_terminal_and_goes_on_at_yes(demo, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    code, shown = answered(demo.directory, "yes\n", "apply")
    assert code == 0, shown
    assert "Carry this out in sandbox? Only 'yes' will be accepted: " in shown
    assert "\x1b[32m+\x1b[0m" in shown
    assert "3 succeeded." in shown


@pytest.mark.parametrize("answer", ["y\n", "\n", "YES\n", "\x04"], ids=repr)
def test_nothing_but_yes_is_taken_for_yes(demo, monkeypatch, answer):
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    monkeypatch.setenv("NO_COLOR", "1")
    code, shown = answered(demo.directory, answer, "apply")
    assert code == 0, shown
    assert "Nothing was started. 3 to launch." in shown
    assert "\x1b[" not in shown
    assert demo("status").out.count("succeeded") == 0


def test_an_interrupt_at_the_question_ends_the_command(demo, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    code, shown = answered(demo.directory, "\x03", "apply")
    assert code == 130, shown
    assert "Traceback" not in shown


def served(directory: Path, *more: str) -> subprocess.Popen[str]:
    """A sandbox in a process of its own."""
    return subprocess.Popen(  # noqa: S603 - our own program
        [*LAUNCHER, "sandbox", "serve", "--port", "0", *more],
        cwd=directory,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )


def test_that_no_faults_are_armed_in_an_old_state_is_said(demo, tmp_path):
    faults = tmp_path / "faults.yaml"
    faults.write_text("[{fault: older-server, times: always}]\n")
    said = []
    for _ in range(2):
        process = served(demo.directory, "--state", "state.json", "--faults", str(faults))
        assert process.stdout is not None
        assert process.stdout.readline().startswith("listening on ")
        process.terminate()
        said.append(process.communicate(timeout=30)[1])
    assert said == [
        "Stopping.\n",
        "The state is not new: no faults are armed but those that it holds.\nStopping.\n",
    ]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_sandbox_is_served_until_it_is_stopped(demo, number):
    process = served(demo.directory, "--speed", "10")
    assert process.stdout is not None
    first = process.stdout.readline()
    match = re.fullmatch(r"listening on (http://127\.0\.0\.1:\d+)\n", first)
    assert match is not None, first
    with urllib.request.urlopen(f"{match[1]}/_sandbox/instances") as answer:  # noqa: S310 - loopback
        assert json.load(answer)["instances"] == []
    process.send_signal(number)
    out, error = process.communicate(timeout=30)
    assert (process.returncode, out, error) == (0, "", "Stopping.\n")


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("launcher diff -e ", ["documented", "sandbox"]),
        ("launcher why we", ["web-deploy"]),
        ("launcher apply --only ", ["db-migrate", "documented-call", "smoke-test", "web-deploy"]),
        ("launcher explain l58", [f"L58{digit}" for digit in range(8)]),
        ("launcher lock ", ["show", "sync", "verify"]),
    ],
)
def test_the_shell_completes_names(demo, words, offered):
    told = subprocess.run(  # noqa: S603 - our own program
        LAUNCHER,
        cwd=demo.directory,
        env={
            **os.environ,
            "PYTHONPATH": str(REPOSITORY),
            "_LAUNCHER_COMPLETE": "bash_complete",
            "COMP_WORDS": words,
            "COMP_CWORD": str(len(words.split(" ")) - 1),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.stderr == ""
    assert [line.partition(",")[2] for line in told.stdout.splitlines()] == offered


def test_completion_is_silent_where_nothing_can_be_read(empty):
    (empty.directory / "launcher.yaml").write_text("kind: [\n")
    told = subprocess.run(  # noqa: S603 - our own program
        LAUNCHER,
        cwd=empty.directory,
        env={
            **os.environ,
            "PYTHONPATH": str(REPOSITORY),
            "_LAUNCHER_COMPLETE": "bash_complete",
            "COMP_WORDS": "launcher diff -e ",
            "COMP_CWORD": "3",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert (told.stdout.strip(), told.stderr) == ("", "")


def asked_on_a_terminal(line, monkeypatch, answers):
    """What `launcher init` comes to on a terminal; each prompt gets the next answer."""
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(line.directory)
        os.execv(sys.executable, [*LAUNCHER, "init"])  # noqa: S606 - our own program
    shown, left = b"", list(answers)
    while select.select([terminal], [], [], 60)[0]:
        try:
            piece = os.read(terminal, 65536)
        except OSError:  # the other end is closed: Linux says EIO
            break
        if not piece:
            break
        shown += piece
        if left and shown.endswith(b": "):
            os.write(terminal, f"{left.pop(0)}\n".encode())
    os.close(terminal)
    _, status = os.waitpid(pid, 0)
    assert left == []
    return os.waitstatus_to_exitcode(status), shown.decode()


def test_init_asks_for_an_environment_and_its_scope(empty, monkeypatch):
    code, shown = asked_on_a_terminal(empty, monkeypatch, ["production", "biz3", "biz/3"])
    assert code == 0, shown
    assert "'biz3' is no scope: write type and id, such as biz/2." in shown
    text = (empty.directory / "launcher.yaml").read_text()
    assert '    production:\n      server: remote\n      scope: {type: biz, id: "3"}\n' in text


def test_init_asks_nothing_more_where_the_sandbox_is_enough(empty, monkeypatch):
    code, shown = asked_on_a_terminal(empty, monkeypatch, [""])
    assert code == 0, shown
    assert "production" not in (empty.directory / "launcher.yaml").read_text()
    assert asked_on_a_terminal(empty, monkeypatch, [])[0] == 0
