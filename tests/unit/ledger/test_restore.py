from __future__ import annotations

from typing import Any

import pytest

from launcher.engine.events import Draft, Kind
from launcher.engine.recorded import IN_FLIGHT, UNSTARTED, OutcomeKind
from launcher.ledger.lockfile import Lockfile, lockfile_of
from launcher.ledger.restore import restoration
from tests.support.ledgers import SERVER, a_key, a_whole_launch, bound, created, opened, recorded_of
from tests.unit.ledger.test_lockfile import SECOND, STATES, again


def a_lockfile(*drafts: Draft) -> Lockfile:
    return lockfile_of(recorded_of(created(), bound(), opened(), *drafts), "production")


def restored(lockfile: Lockfile) -> Lockfile:
    drafts = restoration(lockfile, "fresh", "disk died")
    return lockfile_of(recorded_of(*drafts), "production")


def test_a_restored_ledger_names_what_it_was_made_from_and_keeps_server_and_commit() -> None:
    lockfile = a_lockfile(*a_whole_launch())
    recorded = recorded_of(*restoration(lockfile, "fresh", "disk died"))
    assert recorded.lineage == "fresh"
    assert recorded.restored == {
        "lineage": lockfile.lineage,
        "serial": lockfile.serial,
        "head": lockfile.head,
        "commit": "c0ffee",
    }
    assert recorded.commit == "c0ffee"
    assert recorded.server == SERVER
    assert recorded.session is None


def test_a_ledger_that_was_not_bound_is_restored_unbound() -> None:
    lockfile = lockfile_of(recorded_of(created()), "production")
    drafts = restoration(lockfile, "fresh", "disk died")
    assert [item.kind for item in drafts] == [Kind.CREATED]


def test_every_restored_launch_says_why() -> None:
    drafts = restoration(a_lockfile(*a_whole_launch()), "fresh", "disk died")
    assert {item.data["reason"] for item in drafts[1:]} == {"disk died"}


@pytest.mark.parametrize("state", STATES)
def test_every_state_is_restored_but_what_was_on_its_way_is_unknown(state: str) -> None:
    lockfile = a_lockfile(*STATES[state])
    after = restored(lockfile)
    assert after.launches.keys() == lockfile.launches.keys()
    for name, entry in lockfile.launches.items():
        assert after.launches[name] == {**entry, "outcome": _expected(entry)}


@pytest.mark.parametrize(("state", "outcome"), [("an adoption", "adopted"), ("a waiver", "waived")])
def test_how_the_accepted_attempt_counts_as_done_is_restored(state: str, outcome: str) -> None:
    lockfile = a_lockfile(*STATES[f"superseded after {state}"])
    record = recorded_of(*restoration(lockfile, "fresh", "disk died")).launches["web-deploy"]
    assert record.accepted is not None
    assert record.accepted.outcome == outcome
    assert record.accepted.starts == (1 if outcome == "adopted" else 0)


def _expected(entry: Any) -> str:
    outcome = OutcomeKind(entry["outcome"])
    return "unknown" if outcome in IN_FLIGHT | UNSTARTED else outcome.value


@pytest.mark.parametrize("state", STATES)
def test_a_second_restore_changes_nothing_more(state: str) -> None:
    once = restored(a_lockfile(*STATES[state]))
    assert restored(once).launches == once.launches


@pytest.mark.parametrize("state", STATES)
def test_what_was_in_sync_before_is_in_sync_after_and_nothing_else(state: str) -> None:
    before = recorded_of(created(), bound(), opened(), *STATES[state])
    after = recorded_of(
        *restoration(lockfile_of(before, "production"), "fresh", "disk died"),
    )
    for name, record in before.launches.items():
        for key in (a_key("a"), a_key("b"), a_key("c")):
            assert after.launches[name].is_in_sync(key) == record.is_in_sync(key)


def test_what_failed_with_another_key_before_the_newest_attempt_is_not_in_a_lockfile() -> None:
    """A limit of the format, and the reason for the warning in the help of `ledger restore`."""
    drafts = (*STATES["failed"], SECOND, again(Kind.SUPERSEDED))
    before = recorded_of(created(), bound(), opened(), *drafts).launches["web-deploy"]
    after = recorded_of(*restoration(a_lockfile(*drafts), "fresh", "disk died"))
    failed = before.newest_of(before.attempts[0].key)
    assert failed is not None
    assert failed.outcome is OutcomeKind.FAILED
    assert after.launches["web-deploy"].newest_of(failed.key) is None
