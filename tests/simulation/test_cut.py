"""The connection is cut at every byte of the answer to a prepare and to a START: nothing starts twice."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from launcher.errors import ExitCode
from launcher.operations.lock import verify
from tests.support.cutting import PREPARE, START, Cut, CuttingServer
from tests.support.mortal import Mortals
from tests.support.workspaces import Clock, Place, a_manifest, a_place

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.mortal import Ended

WORKSPACE = """\
apiVersion: launcher/v1
kind: Workspace
metadata: {name: cut}
spec:
  defaultEnvironment: target
  marker: LAUNCH_KEY
  environments:
    target: {server: remote, scope: {type: biz, id: "2"}}
"""
SHARES = 4
"""The offsets are shared out over several tests, so that they can run at the same time."""

RESETS = 8
"""Every how many bytes the connection is reset instead of closed."""

SAMPLE = 15
"""Offsets of each answer that are tried with real processes."""

JOURNAL = ".launcher/ledger/target.jsonl"


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def server(clock) -> Iterator[CuttingServer]:
    with CuttingServer(lambda: clock.now, speed=1000) as running:
        yield running


def a_site(root: Path, server: CuttingServer, clock: Clock, pid: int = 4242) -> Place:
    """One launch, on that server, in virtual time."""
    place = a_place(root, a_manifest("smoke-test", plan=1002), workspace=WORKSPACE)
    return Place(place.root, clock, server.environ, pid=pid)


def events(root: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (root / JOURNAL).read_text().splitlines()]


def assert_nothing_was_guessed(root: Path, server: CuttingServer, cut: Cut) -> None:
    """What the record says about the answer is what was received of it; and one START was asked for."""
    whole = cut.offset == server.lengths[cut.operation]
    told = events(root)
    kinds = [item["kind"] for item in told]
    assert kinds.count("starting") == 1
    assert kinds.count("prepared") == 1
    if cut.operation == PREPARE:
        # Without the whole answer, the instance is known only because it was looked for.
        assert ("get_job_instance_list" in server.asked) is not whole
    answers = [item["data"]["start"] for item in told if "start" in item["data"]]
    lost = cut.operation == START and not whole
    assert answers == ["lost" if lost else "accepted"]


def assert_began_once(server: CuttingServer, root: Path) -> None:
    instances = server.instances()
    assert [item.began for item in instances] == [1]
    assert server.asked.count(PREPARE) == server.asked.count(START) == 1
    named = {item["data"]["instance"]["id"] for item in events(root) if "instance" in item["data"]}
    assert named == {item.id for item in instances}


@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.parametrize("operation", [PREPARE, START])
def test_cut_at_any_byte_of_an_answer_the_launch_begins_once(
    tmp_path, server, clock, operation, share
):
    length = length_of(operation, server, clock, tmp_path)
    for offset in range(share, length + 1, SHARES):
        cut_and_run_again(tmp_path / str(offset), server, clock, Cut(operation, offset))


@pytest.mark.parametrize("operation", [PREPARE, START])
def test_reset_within_an_answer_the_launch_begins_once(tmp_path, server, clock, operation):
    length = length_of(operation, server, clock, tmp_path)
    for offset in range(0, length, RESETS):
        cut = Cut(operation, offset, reset=True)
        cut_and_run_again(tmp_path / str(offset), server, clock, cut)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("operation", [PREPARE, START])
def test_real_processes_cut_within_an_answer_begin_the_launch_once(tmp_path, operation):
    with Mortals() as mortals, CuttingServer(lambda: datetime.now(UTC)) as server:  # noqa: TID251 - real processes see the real time

        def apply(root: Path, *more: str) -> Ended:
            return mortals.run(("apply", "--yes", *more), directory=root, environ=server.environ)

        assert apply(a_site(tmp_path / "whole", server, Clock()).root).code == 0
        length = server.lengths[operation]
        for offset in sorted({length * number // (SAMPLE - 1) for number in range(SAMPLE)}):
            cut = Cut(operation, offset)
            server.renew(cut)
            root = a_site(tmp_path / str(offset) / "site", server, Clock()).root
            first = apply(root, "--no-wait")
            assert first.code == 0, first.output
            assert server.was_cut
            second = apply(root)
            assert second.code == 0, second.output
            assert_began_once(server, root)
            assert_nothing_was_guessed(root, server, cut)
            verified = mortals.run(("lock", "verify"), directory=root, environ=server.environ)
            assert verified.code == 0, verified.output


def length_of(operation: str, server: CuttingServer, clock: Clock, folder: Path) -> int:
    """Bytes of a whole answer to `operation`."""
    server.renew()
    assert a_site(folder / "whole", server, clock).apply().exit_code is ExitCode.DONE
    assert server.lengths[operation] > 200
    return server.lengths[operation]


def cut_and_run_again(root: Path, server: CuttingServer, clock: Clock, cut: Cut) -> None:
    """One run whose answer is cut, and one on a healthy server."""
    server.renew(cut)
    first = a_site(root, server, clock).apply(wait=False)
    assert server.was_cut
    assert first.exit_code is ExitCode.DONE, first.diagnostics
    second = a_site(root, server, clock, pid=4243)
    assert second.apply().exit_code is ExitCode.DONE
    assert_began_once(server, root)
    assert_nothing_was_guessed(root, server, cut)
    verified = verify(root, None, surroundings=second.surroundings)
    assert verified.events == len(events(root))
    assert verified.differences == ()
    shutil.rmtree(root)
