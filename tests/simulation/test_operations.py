"""Real processes operate on one instance: stopped, killed, and at once. Nothing is sent twice, late, or for another state."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.fleet import Fleet
from tests.support.ledgers import a_bare_repository
from tests.support.mortal import Mortals
from tests.support.runners import running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WORKSPACE = """\
apiVersion: launcher/v1
kind: Workspace
metadata: {{name: fleet}}
spec:
  defaultEnvironment: target
  marker: LAUNCH_KEY
  environments:
    target: {{server: remote, scope: {{type: biz, id: "2"}}, ledger: {ledger}}}
"""
MANIFEST = """\
apiVersion: launcher/v1
kind: PlanLaunch
metadata: {{name: web}}
spec: {{plan: {{id: {plan}}}}}
"""
MIGRATES, APPROVED, FAILS = 1001, 1003, 1004
WHY = ("--reason", "because")
RETRY = ("retry", "web", "--failed-hosts", *WHY)
CONTINUE = ("confirm", "web", "--continue", *WHY)
END = ("confirm", "web", "--terminate", *WHY)
CANCEL = ("cancel", "web", *WHY)
LOOK = ("apply", "--refresh-only")
APPLY = ("apply", "--yes", "--no-wait")
ON_RECORD = ("after-append", "before-start", "before-socket")
"""Where the operation is on record when the process is stopped."""

pytestmark = pytest.mark.timeout(300)


def a_runner(folder: Path, plan: int, ledger: str = "git") -> Path:
    (folder / "plans").mkdir(parents=True)
    (folder / "launcher.yaml").write_text(WORKSPACE.format(ledger=ledger))
    (folder / "plans/web.yaml").write_text(MANIFEST.format(plan=plan))
    return folder


class Place:
    """Two runners on one branch and one server, with a launch that stands where a test begins."""

    def __init__(self, root: Path, fleet: Fleet, plan: int) -> None:
        self.fleet = fleet
        self.environ = {
            **fleet.environ,
            "LAUNCHER_GIT_REMOTE": str(a_bare_repository(root / "remote.git")),
            "LAUNCHER_LOCK_STALE": "1s",
            "LAUNCHER_START_WINDOW": "2s",
            "LAUNCHER_START_GRACE": "3s",
        }
        self.one, self.two = a_runner(root / "one", plan), a_runner(root / "two", plan)

    def launched(self) -> Place:
        self.does(self.one, *APPLY)
        while self.status() in (1, 2):
            pass
        self.does(self.one, *LOOK)
        return self

    def does(self, runner: Path, *words: str) -> tuple[int, str]:
        with running(runner, self.environ, arguments=words) as run:
            return run.ended(), run.said

    def status(self) -> int:
        found: int = self.fleet.instances()[-1]["status"]
        return found

    def shown(self) -> dict[str, Any]:
        """The newest attempt as `status` tells it."""
        code, text = self.does(self.two, "status", "-o", "json")
        assert code == 0, text
        newest: dict[str, Any] = json.loads(text)["launches"][0]["newest"]
        return newest


def operations(fleet: Fleet) -> list[int]:
    """JOB's codes of what it was asked to do to an instance or a step of it, STARTs left out."""
    return [
        item["params"]["operation_code"]
        for item in fleet.requests()
        if item["operation"].startswith("operate_")
        and item["params"]["job_instance_id"] != 1
        and (item["operation"], item["params"]["operation_code"]) != ("operate_job_instance", 2)
    ]


@pytest.fixture
def fleet() -> Iterator[Fleet]:
    with Fleet(names=["web"]) as running_fleet:
        yield running_fleet


# --- stopped --------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["after-look", "before-append", *ON_RECORD])
def test_who_goes_on_after_others_have_retried_retries_nothing(tmp_path, fleet, where):
    """Its hosts were retried meanwhile, and failed again for a good reason."""
    place = Place(tmp_path, fleet, FAILS).launched()
    with running(place.one, place.environ, where, RETRY) as first:
        assert first.stopped(), first.said
        if where in ON_RECORD:
            code, said = place.does(place.two, *RETRY)
            assert (code, operations(fleet)) == (6, []), said
        code, said = place.does(place.two, *RETRY)
        assert (code, operations(fleet)) == (0, [2]), said
        while place.status() != 4:
            pass
        place.does(place.two, *LOOK)
        first.go_on()
        assert first.ended() == 4, first.said
    assert operations(fleet) == [2]
    assert ("L630" if where in ON_RECORD else "L631") in first.said
    unsent = place.shown()["unsent"]
    assert (unsent is not None) is (where in ON_RECORD)
    if where in ON_RECORD:
        assert "retry-failed-hosts was put on record" in place.does(place.two, "why", "web")[1]


@pytest.mark.parametrize("where", ["after-append", "before-socket"])
def test_who_goes_on_too_late_sends_nothing_and_may_ask_again(tmp_path, fleet, where):
    place = Place(tmp_path, fleet, APPROVED).launched()
    with running(place.one, place.environ, where, CONTINUE) as first:
        assert first.stopped(), first.said
        # Another one waits for what this one has asked for, which takes longer than the window.
        assert place.does(place.two, *CONTINUE)[0] == 6
        first.go_on()
        assert first.ended() == 4, first.said
    assert "L630" in first.said
    assert "JOB was asked" not in first.said
    assert (operations(fleet), place.status()) == ([], 7)
    assert place.shown()["unsent"]["operation"] == "confirm-continue"
    code, said = place.does(place.one, *CONTINUE)
    assert (code, operations(fleet)) == (0, [6]), said
    assert place.shown()["unsent"] is None


@pytest.mark.parametrize("where", ["after-look", "before-start"])
def test_a_yes_that_comes_after_a_no_is_not_sent(tmp_path, fleet, where):
    place = Place(tmp_path, fleet, APPROVED).launched()
    with running(place.one, place.environ, where, CONTINUE) as first:
        assert first.stopped(), first.said
        if where in ON_RECORD:
            assert place.does(place.two, *CANCEL)[0] == 6
        code, said = place.does(place.two, *CANCEL)
        assert (code, operations(fleet)) == (0, [9]), said
        first.go_on()
        assert first.ended() == 4, first.said
    assert (operations(fleet), place.status()) == ([9], 13)


def test_a_yes_is_not_given_to_a_confirmation_that_was_asked_for_anew(tmp_path, fleet):
    place = Place(tmp_path, fleet, APPROVED).launched()
    with running(place.one, place.environ, "before-append", CONTINUE) as first:
        assert first.stopped(), first.said
        for words in (END, ("confirm", "web", "--restart", *WHY)):
            code, said = place.does(place.two, *words)
            assert code == 0, said
        assert place.status() == 7
        first.go_on()
        assert first.ended() == 4, first.said
    assert "L631" in first.said
    assert (operations(fleet), place.status()) == ([9, 10], 7)


@pytest.mark.parametrize(
    ("where", "code"),
    [("before-append", "L347"), ("after-append", "L336"), ("before-start", "L336")],
)
def test_what_is_not_begun_is_not_cancelled_and_the_person_is_told(tmp_path, fleet, where, code):
    """An apply is on its way from prepare to START."""
    place = Place(tmp_path, fleet, MIGRATES)
    with running(place.one, place.environ, where) as first:
        assert first.stopped(), first.said
        ended, said = place.does(place.two, *CANCEL)
        assert (ended, operations(fleet)) == (4, []), said
        assert code in said
        first.go_on()
        assert first.ended() == 0, first.said
    assert (fleet.began(), operations(fleet)) == ({"web": 1}, [])


# --- at once --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("plan", "words", "sent"), [(FAILS, RETRY, 2), (APPROVED, CONTINUE, 6), (APPROVED, CANCEL, 9)]
)
def test_of_two_at_once_one_is_sent(tmp_path, fleet, plan, words, sent):
    place = Place(tmp_path, fleet, plan).launched()
    with (
        running(place.one, place.environ, arguments=words) as first,
        running(place.two, place.environ, arguments=words) as second,
    ):
        codes = [first.ended(), second.ended()]
    assert operations(fleet) == [sent], first.said + second.said
    assert sorted(codes) in ([0, 0], [0, 4]), first.said + second.said


def test_of_a_yes_and_a_no_at_once_one_is_sent(tmp_path, fleet):
    place = Place(tmp_path, fleet, APPROVED).launched()
    with (
        running(place.one, place.environ, arguments=CONTINUE) as first,
        running(place.two, place.environ, arguments=END) as second,
    ):
        codes = sorted([first.ended(), second.ended()])
    assert len(operations(fleet)) == 1, first.said + second.said
    assert codes == [0, 4], first.said + second.said


# --- killed ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("words", [CONTINUE, CANCEL], ids=["confirm", "cancel"])
def test_wherever_a_process_is_killed_the_next_one_sees_it_through(tmp_path, fleet, words, late):
    environ = fleet.environ
    with Mortals() as mortals:
        for fuse in itertools.count(1):
            folder = a_runner(tmp_path / f"{fuse}", APPROVED, "file")
            here = {"directory": folder, "environ": environ}
            mortals.run(APPLY, **here)
            while fleet.instances()[-1]["status"] != 7:
                pass
            before = len(operations(fleet))
            died = mortals.run(words, fuse=fuse, late=late, **here)
            codes: list[int] = []
            while fleet.instances()[-1]["status"] == 7 or not codes:
                codes.append(mortals.run(words, **here).code)
                assert len(codes) < 4, codes
            assert set(codes) <= {0, 4, 6}, (fuse, codes)
            assert len(operations(fleet)) == before + 1, (fuse, codes)
            if died.code == 0:
                break
    assert fuse > 8
