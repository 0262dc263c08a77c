"""Real processes, a served sandbox: killed before and after every effect, every answer lost once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.fleet import NEEDS, Fleet, a_fleet
from tests.support.mortal import Mortals

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.mortal import Ended

ONCE = dict.fromkeys(NEEDS, 1)
SHARES = 4
"""The deaths are shared out over several tests, so that they can run at the same time."""


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

    def launcher(self, *arguments: str, fuse: int | None = None, late: bool = False) -> Ended:
        return self.mortals.run(
            arguments,
            directory=self.directory,
            environ=self.fleet.environ,
            fuse=fuse,
            late=late,
        )

    def apply(self, *, fuse: int | None = None, late: bool = False) -> Ended:
        return self.launcher("apply", "--yes", fuse=fuse, late=late)


def count_effects(mortals: Mortals, folder: Path, *, single_phase: bool = False) -> int:
    """How many effects an undisturbed apply of the fleet asks for; polls vary by a few."""
    with Fleet() as fleet:
        if single_phase:
            fleet.arm([{"fault": "older-server", "times": "always"}])
        site = Site(mortals, fleet, a_fleet(folder / "count", single_phase=single_phase))
        ended = site.apply()
        assert ended.code == 0, ended.output
        assert fleet.began() == ONCE
        return ended.effects


def assert_healthy(site: Site, ended: Ended) -> None:
    """Everything was launched exactly once, and the record proves it."""
    assert ended.code == 0, ended.output
    assert site.fleet.began() == ONCE
    verified = site.launcher("lock", "verify")
    assert verified.code == 0, verified.output
    again = site.apply()
    assert again.code == 0, again.output
    assert site.fleet.began() == ONCE


@pytest.mark.timeout(900)
@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("share", range(SHARES))
def test_killed_at_any_effect_every_launch_is_started_exactly_once(mortals, tmp_path, share, late):
    effects = count_effects(mortals, tmp_path)
    assert effects > 20
    for fuse in range(1 + share, effects + 1, SHARES):
        with Fleet() as fleet:
            site = Site(mortals, fleet, a_fleet(tmp_path / f"fuse-{fuse}"))
            died = site.apply(fuse=fuse, late=late)
            assert died.was_killed or died.code == 0, died.output
            assert max(fleet.began().values()) <= 1
            assert_healthy(site, site.apply())


@pytest.mark.timeout(900)
@pytest.mark.parametrize("share", range(SHARES))
def test_with_any_answer_lost_after_its_effect_every_launch_is_started_exactly_once(
    mortals, tmp_path, share
):
    with Fleet() as fleet:
        site = Site(mortals, fleet, a_fleet(tmp_path / "count"))
        assert site.apply().code == 0
        calls = len(fleet.requests())
    for call in range(1 + share, calls + 1, SHARES):
        with Fleet() as fleet:
            fleet.arm([{"fault": "answer-lost", "effect": "after", "when": {"call": call}}])
            site = Site(mortals, fleet, a_fleet(tmp_path / f"call-{call}"))
            site.apply()
            assert max(fleet.began().values()) <= 1
            assert_healthy(site, site.apply())


def test_with_every_answer_to_a_write_lost_nothing_is_started_twice(mortals, tmp_path):
    with Fleet() as fleet:
        fleet.arm(
            [
                {
                    "fault": "answer-lost",
                    "effect": "after",
                    "times": "always",
                    "when": {"operation": "operate_job_instance", "code": 2, "call": 2},
                },
            ]
        )
        site = Site(mortals, fleet, a_fleet(tmp_path / "fleet"))
        site.apply()
        assert_healthy(site, site.apply())


def test_an_older_server_is_refused_with_nothing_sent(mortals, tmp_path):
    with Fleet() as fleet:
        fleet.arm([{"fault": "older-server", "times": "always"}])
        site = Site(mortals, fleet, a_fleet(tmp_path / "fleet"))
        ended = site.apply()
        assert ended.code == 4, ended.output
        assert "L231" in ended.output
        assert fleet.instances() == []


@pytest.mark.timeout(900)
@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
def test_in_single_phase_a_death_never_starts_twice_and_what_is_unknown_can_be_resolved(
    mortals, tmp_path, late
):
    effects = count_effects(mortals, tmp_path, single_phase=True)
    unknown = 0
    for fuse in range(1, effects + 1):
        with Fleet() as fleet:
            fleet.arm([{"fault": "older-server", "times": "always"}])
            directory = a_fleet(tmp_path / f"fuse-{fuse}", single_phase=True)
            site = Site(mortals, fleet, directory)
            site.apply(fuse=fuse, late=late)
            unknown += _settle_single_phase(site)
    assert unknown > 0


def test_in_single_phase_a_lost_answer_is_unknown_until_it_is_resolved(mortals, tmp_path):
    with Fleet() as fleet:
        fleet.arm(
            [
                {"fault": "older-server", "times": "always"},
                {
                    "fault": "answer-lost",
                    "effect": "after",
                    "when": {"operation": "execute_job_plan", "plan": 1001},
                },
            ]
        )
        site = Site(mortals, fleet, a_fleet(tmp_path / "fleet", single_phase=True))
        ended = site.apply()
        assert ended.code == 6, ended.output
        assert fleet.began()["db-migrate"] == 1
        assert fleet.began()["web-deploy"] == 0
        assert site.apply().code == 6
        assert _settle_single_phase(site) == 1


def _settle_single_phase(site: Site) -> int:
    """Apply and resolve until nothing is unknown; how many had to be resolved."""
    resolved = 0
    for _ in range(len(NEEDS) + 1):
        ended = site.apply()
        assert max(site.fleet.began().values()) <= 1
        if ended.code == 0:
            break
        assert ended.code == 6, ended.output
        resolved += _resolve(site)
    assert site.fleet.began() == ONCE
    assert site.launcher("lock", "verify").code == 0
    return resolved


def _resolve(site: Site) -> int:
    """Resolve every unknown outcome by what the sandbox knows."""
    status = site.launcher("status", "-o", "json").json()
    names = [
        item["name"]
        for item in status["launches"]
        if (item["newest"] or {}).get("outcome") == "unknown"
    ]
    for name in names:
        ids = [
            item["job_instance_id"]
            for item in site.fleet.instances()
            if item["variables"]["LAUNCH_KEY"].split("/")[2] == name
        ]
        how = ["--ran", str(ids[0])] if ids else ["--not-ran"]
        done = site.launcher("resolve", name, *how, "--reason", "looked at the sandbox")
        assert done.code == 0, done.output
    return len(names)
