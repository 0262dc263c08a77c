"""A runner is stopped on its way to START; another one takes over; then the first one goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.fleet import Fleet
from tests.support.ledgers import a_bare_repository
from tests.support.runners import running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WORKSPACE = """\
apiVersion: launcher/v1
kind: Workspace
metadata: {name: fleet}
spec:
  defaultEnvironment: target
  marker: LAUNCH_KEY
  environments:
    target: {server: remote, scope: {type: biz, id: "2"}, ledger: git}
"""
MANIFEST = """\
apiVersion: launcher/v1
kind: PlanLaunch
metadata: {{name: {name}}}
spec: {{plan: {{id: {plan}}}, needs: [{needs}]}}
"""
ONCE = {"db-migrate": 1, "smoke-test": 1}
START = 2
"""JOB's code of the operation."""


def a_runner(folder: Path) -> Path:
    """A checkout of the workspace, with no history of its own."""
    (folder / "plans").mkdir(parents=True)
    (folder / "launcher.yaml").write_text(WORKSPACE)
    for name, plan, needs in (("db-migrate", 1001, ""), ("smoke-test", 1002, "db-migrate")):
        text = MANIFEST.format(name=name, plan=plan, needs=needs)
        (folder / "plans" / f"{name}.yaml").write_text(text)
    return folder


def starts(fleet: Fleet) -> int:
    """How many STARTs came in, whatever was answered."""
    return sum(
        item["operation"] == "operate_job_instance"
        and item["params"].get("operation_code") == START
        and item["params"].get("job_instance_id", 0) > 1
        for item in fleet.requests()
    )


@pytest.fixture
def fleet() -> Iterator[Fleet]:
    with Fleet(names=ONCE) as running_fleet:
        yield running_fleet


@pytest.fixture
def environ(fleet: Fleet, tmp_path: Path) -> dict[str, str]:
    """Two runners on one branch, with short times: stale before the window is over, and that before the grace."""
    return {
        **fleet.environ,
        "LAUNCHER_GIT_REMOTE": str(a_bare_repository(tmp_path / "remote.git")),
        "LAUNCHER_LOCK_STALE": "1s",
        "LAUNCHER_START_WINDOW": "2s",
        "LAUNCHER_START_GRACE": "3s",
    }


@pytest.mark.timeout(300)
@pytest.mark.parametrize("where", ["before-append", "after-append", "before-start"])
def test_a_runner_that_goes_on_after_another_did_its_work_sends_nothing(
    tmp_path: Path, fleet: Fleet, environ: dict[str, str], where: str
) -> None:
    one, two = a_runner(tmp_path / "one"), a_runner(tmp_path / "two")
    with running(one, environ, where) as first:
        assert first.stopped(), first.said
        assert starts(fleet) == 0
        with running(two, environ) as second:
            assert second.ended() == 0, second.said
        assert "L422" in second.said
        sent = len(fleet.requests())
        first.go_on()
        # Nothing is left for it to do: what it wanted has been launched, and it says so.
        assert first.ended() == 0, first.said
    assert {item["method"] for item in fleet.requests()[sent:]} <= {"GET"}
    assert starts(fleet) == 2
    assert fleet.began() == ONCE


@pytest.mark.timeout(300)
@pytest.mark.parametrize("where", ["before-append", "after-append", "before-start"])
def test_a_runner_that_goes_on_while_another_is_at_work_stops_and_sends_nothing(
    tmp_path: Path, fleet: Fleet, environ: dict[str, str], where: str
) -> None:
    """The other one has launched what it was stopped at, and is about to start what comes after."""
    one, two = a_runner(tmp_path / "one"), a_runner(tmp_path / "two")
    with running(one, environ, where) as first:
        assert first.stopped(), first.said
        with running(two, environ, "before-append/2") as second:
            assert second.stopped(), second.said
            sent = starts(fleet)
            first.go_on()
            assert first.ended() == 7, first.said
            assert starts(fleet) == sent
            second.go_on()
            assert second.ended() == 0, second.said
    assert starts(fleet) == 2
    assert fleet.began() == ONCE
