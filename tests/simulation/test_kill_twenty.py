"""Twenty launches in batches, real processes, a served sandbox: killed at effects and at requests.

A sample: killed before every third effect, and after every third, at others. With five launches,
`test_kill.py` tries them all. Within an effect, requests of a whole batch are on their way.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal

import pytest

from tests.support.fleet import TWENTY, Fleet, twenty
from tests.support.mortal import Mortals

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.mortal import Ended

ONCE = dict.fromkeys(TWENTY, 1)
EVERY = 3
"""Every how many effects a run is killed."""

REQUESTS = 8
"""At how many requests a run is killed, before they are sent and after their answer."""


@pytest.fixture(scope="module")
def mortals() -> Iterator[Mortals]:
    with Mortals() as running:
        yield running


class Site:
    """One workspace against one served sandbox."""

    def __init__(self, mortals: Mortals, fleet: Fleet, directory: Path) -> None:
        self.mortals = mortals
        self.fleet = fleet
        self.directory = directory

    def apply(
        self,
        *,
        fuse: int | None = None,
        late: bool = False,
        at: Literal["effect", "request"] = "effect",
    ) -> Ended:
        return self.mortals.run(
            ("apply", "--yes", "--parallelism", "8"),
            directory=self.directory,
            environ=self.fleet.environ,
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
            ("lock", "verify"), directory=self.directory, environ=self.fleet.environ
        )
        assert verified.code == 0, verified.output
        assert self.named() <= {item["job_instance_id"] for item in self.fleet.instances()}

    def named(self) -> set[int]:
        """The instances that the ledger names."""
        journal = self.directory / ".launcher/ledger/target.jsonl"
        events = map(json.loads, journal.read_text().splitlines())
        return {item["data"]["instance"]["id"] for item in events if "instance" in item["data"]}


def count(mortals: Mortals, folder: Path, at: Literal["effect", "request"]) -> int:
    """How many effects, or requests, an undisturbed apply makes; polls vary by a few."""
    with Fleet(names=TWENTY) as fleet:
        site = Site(mortals, fleet, twenty(folder / "count"))
        ended = site.apply(at=at)
        assert ended.code == 0, ended.output
        assert fleet.began() == ONCE
        assert len(site.named()) == len(TWENTY)
        return ended.effects


@pytest.mark.timeout(900)
@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
def test_killed_at_any_effect_each_of_twenty_launches_begins_exactly_once(mortals, tmp_path, late):
    effects = count(mortals, tmp_path, "effect")
    assert effects > 40
    for fuse in range(2 if late else 1, effects + 1, EVERY):
        with Fleet(names=TWENTY) as fleet:
            site = Site(mortals, fleet, twenty(tmp_path / f"fuse-{fuse}"))
            site.assert_healthy_after(site.apply(fuse=fuse, late=late))


@pytest.mark.timeout(900)
@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
def test_killed_within_a_batch_each_of_twenty_launches_begins_exactly_once(mortals, tmp_path, late):
    requests = count(mortals, tmp_path, "request")
    assert requests > 6 * len(TWENTY)
    step = requests // REQUESTS
    for fuse in range(step if late else step // 2, requests + 1, step):
        with Fleet(names=TWENTY) as fleet:
            site = Site(mortals, fleet, twenty(tmp_path / f"fuse-{fuse}"))
            site.assert_healthy_after(site.apply(fuse=fuse, late=late, at="request"))
