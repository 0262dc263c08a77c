"""Twenty launches in batches, real processes, a served sandbox: killed at effects and at requests.

A sample: killed before every fourth effect, and after every fourth, at others; over the `git` ledger
before and after every sixteenth. With five launches, `test_kill.py` tries them all. Within an effect,
requests of a whole batch are on their way.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal

import pytest

from tests.support.fleet import TWENTY, Fleet, twenty
from tests.support.ledgers import a_bare_repository, git
from tests.support.mortal import Mortals

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.mortal import Ended

ONCE = dict.fromkeys(TWENTY, 1)
EVERY = {"file": 4, "git": 16}
"""Every how many effects a run is killed, by the ledger."""

REQUESTS = 6
"""At how many requests a run is killed, before they are sent and after their answer."""


@pytest.fixture(scope="module")
def mortals() -> Iterator[Mortals]:
    with Mortals() as running:
        yield running


class Site:
    """One workspace against one served sandbox, in a folder of its own."""

    def __init__(
        self, mortals: Mortals, fleet: Fleet, folder: Path, ledger: Literal["file", "git"] = "file"
    ) -> None:
        self.mortals = mortals
        self.fleet = fleet
        self.directory = twenty(folder / "site", ledger=ledger)
        self.remote = a_bare_repository(folder / "remote") if ledger == "git" else None
        self.environ = {
            **fleet.environ,
            "LAUNCHER_GIT_REMOTE": str(self.remote or ""),
            # Nobody can tell whether a session over git lives, but by its age.
            "LAUNCHER_LOCK_STALE": "1",
        }

    def apply(
        self,
        *,
        fuse: int | None = None,
        late: bool = False,
        at: Literal["effect", "request"] = "effect",
    ) -> Ended:
        return self.mortals.run(
            ("apply", "--yes", "--parallelism", "8", "--lock-timeout", "60s"),
            directory=self.directory,
            environ=self.environ,
            fuse=fuse,
            late=late,
            at=at,
        )

    def assert_healthy_after(self, died: Ended) -> None:
        """Everything was launched exactly once, and the record proves it and names what JOB had."""
        assert died.was_killed or died.code == 0, died.output
        assert max(self.fleet.began().values()) <= 1
        ended = self.apply()
        assert ended.code == 0, ended.output
        assert self.fleet.began() == ONCE
        verified = self.mortals.run(
            ("lock", "verify"), directory=self.directory, environ=self.environ
        )
        assert verified.code == 0, verified.output
        assert self.named() <= {item["job_instance_id"] for item in self.fleet.instances()}

    def named(self) -> set[int]:
        """The instances that the ledger names."""
        events = map(json.loads, self._journal().splitlines())
        return {item["data"]["instance"]["id"] for item in events if "instance" in item["data"]}

    def _journal(self) -> str:
        if self.remote is None:
            return (self.directory / ".launcher/ledger/target.jsonl").read_text()
        branch = "launcher-ledger/fleet/target"
        names = git(self.remote, "ls-tree", "--name-only", f"{branch}:events").split()
        return "\n".join(git(self.remote, "show", f"{branch}:events/{name}") for name in names)


def count(
    mortals: Mortals,
    folder: Path,
    at: Literal["effect", "request"],
    ledger: Literal["file", "git"] = "file",
) -> int:
    """How many effects, or requests, an undisturbed apply makes; polls vary by a few."""
    with Fleet(names=TWENTY) as fleet:
        site = Site(mortals, fleet, folder / "count", ledger)
        ended = site.apply(at=at)
        assert ended.code == 0, ended.output
        assert fleet.began() == ONCE
        assert len(site.named()) == len(TWENTY)
        return ended.effects


@pytest.mark.timeout(900)
@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("ledger", ["file", "git"])
def test_killed_at_any_effect_each_of_twenty_launches_begins_exactly_once(
    mortals, tmp_path, ledger, late
):
    effects = count(mortals, tmp_path, "effect", ledger)
    assert effects > 40
    every = EVERY[ledger]
    for fuse in range(1 + every // 2 if late else 1, effects + 1, every):
        with Fleet(names=TWENTY) as fleet:
            site = Site(mortals, fleet, tmp_path / f"fuse-{fuse}", ledger)
            site.assert_healthy_after(site.apply(fuse=fuse, late=late))


@pytest.mark.timeout(900)
@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
def test_killed_within_a_batch_each_of_twenty_launches_begins_exactly_once(mortals, tmp_path, late):
    requests = count(mortals, tmp_path, "request")
    assert requests > 6 * len(TWENTY)
    step = requests // REQUESTS
    for fuse in range(step if late else step // 2, requests + 1, step):
        with Fleet(names=TWENTY) as fleet:
            site = Site(mortals, fleet, tmp_path / f"fuse-{fuse}")
            site.assert_healthy_after(site.apply(fuse=fuse, late=late, at="request"))
