"""The suite for real servers, run against the served sandbox: it would be of no use if it had rotted."""

import os
import subprocess
import sys

import pytest

from launcher.sandbox.server import serve
from tests.support.command_line import REPOSITORY

SUITE = "tests/contract/test_job_online.py"
WHO = {"BK_APP_CODE": "launcher", "BK_APP_SECRET": "sandbox", "BK_USERNAME": "admin"}


def run(*options, **environ):
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return subprocess.run(  # noqa: S603 - our own suite
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", SUITE, *options],
        cwd=REPOSITORY,
        env=kept | WHO | environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def instances(running):
    return len(running.store.state(0).instances)


@pytest.mark.parametrize("prepare", ["", "1"])
def test_it_passes_against_the_sandbox_and_creates_only_what_it_may(prepare):
    with serve() as running:
        found = run(
            "-m",
            "online",
            LAUNCHER_URL=f"{running.url}/api/bk-job/prod",
            LAUNCHER_ALLOW_HTTP="1",
            LAUNCHER_ONLINE_SCOPE="biz/2",
            LAUNCHER_ONLINE_PLAN="1000",
            LAUNCHER_ONLINE_PREPARE=prepare,
        )
        assert instances(running) == (1 if prepare else 0)

    assert found.returncode == 0, found.stdout
    assert ("8 passed" if prepare else "7 passed, 1 skipped") in found.stdout


def test_nothing_of_it_runs_unless_it_is_asked_for():
    with serve() as running:
        found = run(LAUNCHER_URL=f"{running.url}/api/bk-job/prod", LAUNCHER_ALLOW_HTTP="1")

        assert running.store.records() == []
    assert "8 deselected" in found.stdout


def test_without_a_server_all_of_it_is_skipped_and_says_why():
    found = run("-m", "online")

    assert "8 skipped" in found.stdout
    assert "LAUNCHER_URL" in found.stdout
