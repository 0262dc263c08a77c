"""A server that keeps a command waiting, and a person who does not want to wait."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.command_line import REPOSITORY
from tests.support.loopback import Loopback, read_request

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator
    from pathlib import Path

LAUNCHER = (sys.executable, "-m", "launcher")
WORKSPACE = """\
apiVersion: launcher/v1
kind: Workspace
metadata: {name: payments}
spec:
  defaultEnvironment: production
  environments:
    production: {server: remote, scope: {type: biz, id: "2"}}
"""
MANIFEST = {
    "apiVersion": "launcher/v1",
    "kind": "PlanLaunch",
    "metadata": {"name": "web"},
    "spec": {"plan": {"id": 1000}},
}
PATIENT_S = 20
"""Far less than a silent server may take, far more than a process takes to end."""


class Silent:
    """Never answers; says when it is asked first."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.over = threading.Event()

    def __call__(self, connection: socket.socket) -> bytes:
        received = read_request(connection)
        self.asked.set()
        assert self.over.wait(60)
        return received


class TurnsAway:
    """Asks everybody to come back in half a minute, on one connection as often as it is asked."""

    def __call__(self, connection: socket.socket) -> bytes:
        received = b""
        connection.settimeout(60)
        with contextlib.suppress(OSError):
            while request := read_request(connection):
                received += request
                head = (
                    "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 30\r\nContent-Length: 0\r\n\r\n"
                )
                connection.sendall(head.encode())
        return received


@contextlib.contextmanager
def running(directory: Path, url: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """`launcher` in a workspace whose server is at `url`; killed at the end."""
    (directory / "plans").mkdir()
    (directory / "launcher.yaml").write_text(WORKSPACE)
    (directory / "plans/web.yaml").write_text(json.dumps(MANIFEST))
    environ = {
        **os.environ,
        "PYTHONPATH": str(REPOSITORY),
        "LAUNCHER_URL": url,
        "LAUNCHER_ALLOW_HTTP": "1",
        "BK_APP_CODE": "app",
        "BK_APP_SECRET": "app-secret",
        "BK_TICKET": "some-ticket",
    }
    process = subprocess.Popen(  # noqa: S603 - our own program
        [*LAUNCHER, *arguments],
        cwd=directory,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environ,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    """The exit code and what was said, of a process that ends soon."""
    _, said = process.communicate(timeout=PATIENT_S)
    return process.returncode, said


@pytest.mark.parametrize(
    "command",
    ["diff", "validate --online", "doctor", "import 1000"],
    ids=lambda text: text.split()[0],
)
def test_an_interrupt_ends_a_look_at_a_server_that_never_answers(empty, command):
    silent = Silent()
    with Loopback(silent) as other:
        try:
            with running(empty.directory, other.url, *command.split()) as process:
                assert silent.asked.wait(PATIENT_S)
                process.send_signal(signal.SIGINT)
                assert ended(process) == (130, "\n")
        finally:
            silent.over.set()


def test_a_run_that_is_to_stop_does_not_wait_for_a_server_that_never_answers(empty):
    silent = Silent()
    with Loopback(silent) as other:
        try:
            with running(empty.directory, other.url, "apply", "--yes") as process:
                assert silent.asked.wait(PATIENT_S)
                process.send_signal(signal.SIGINT)
                code, said = ended(process)
        finally:
            silent.over.set()
    assert said.startswith("Stopping as soon as the record is saved.\n")
    assert code == 130, said


def test_a_second_interrupt_ends_a_run_at_once(empty):
    silent = Silent()
    with Loopback(silent) as other:
        try:
            with running(empty.directory, other.url, "apply", "--yes") as process:
                assert silent.asked.wait(PATIENT_S)
                process.send_signal(signal.SIGINT)
                assert process.stderr is not None
                assert process.stderr.readline() == "Stopping as soon as the record is saved.\n"
                process.send_signal(signal.SIGINT)
                assert ended(process) == (130, "\n")
        finally:
            silent.over.set()


@pytest.mark.parametrize("command", ["apply --yes", "diff"])
def test_a_pause_that_the_server_asks_for_is_told_and_an_interrupt_ends_it(empty, command):
    with Loopback(TurnsAway()) as other:
        with running(empty.directory, other.url, *command.split()) as process:
            assert process.stderr is not None
            told = process.stderr.readline()
            process.send_signal(signal.SIGINT)
            code, _ = ended(process)
        origin = other.origin
    assert told == (
        "warning[L620]: The server asks for a pause: "
        f"{origin} turned a request away and asks to be left alone. It is asked again in 30s.\n"
    )
    assert code == 130
    received: Any = b"".join(other.received)
    assert received.count(b"HTTP/1.1\r\n") == 1
