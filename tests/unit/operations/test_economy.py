"""How much a run asks for and writes: counts, never times."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from launcher.errors import ExitCode
from launcher.ledger.disk import Disk
from tests.support.workspaces import Place, a_manifest, a_place

if TYPE_CHECKING:
    from collections.abc import Callable

LAUNCHES = 21
JOURNAL = ".launcher/ledger/sandbox.jsonl"


@pytest.fixture
def place(tmp_path) -> Place:
    return a_place(tmp_path, *(a_manifest(f"launch-{number}") for number in range(LAUNCHES)))


@pytest.fixture
def counts(monkeypatch) -> Counter[str]:
    """How often files are flushed, and how often a journal is opened."""
    found: Counter[str] = Counter()

    def counted(name: str, method: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **named: object) -> object:
            found[name] += name != "journals" or str(arguments[0]).endswith(".jsonl")
            return method(*arguments, **named)

        return call

    monkeypatch.setattr(Disk, "sync", counted("flushes", Disk.sync))
    monkeypatch.setattr(Disk, "sync_folder", counted("flushes", Disk.sync_folder))
    monkeypatch.setattr(Path, "open", counted("journals", Path.open))
    return found


def asked(place: Place) -> Counter[str]:
    """How often each operation was asked for."""
    return Counter(item["operation"] for item in place.requests())


def test_a_diff_of_what_is_in_sync_asks_nobody_and_reads_the_ledger_once(place, counts):
    assert place.apply().exit_code is ExitCode.DONE
    before = asked(place)
    counts.clear()
    place.diff()
    assert counts["journals"] == 1
    assert asked(place) == before


def test_a_batch_is_recorded_with_a_few_flushes(place, counts):
    assert place.apply(parallelism=5, wait=False).exit_code is ExitCode.DONE
    records = len((place.root / JOURNAL).read_bytes().splitlines())
    assert records > 5 * LAUNCHES
    assert counts["flushes"] <= 0.7 * records


def test_each_launch_costs_its_own_calls_and_each_batch_one_look_at_the_job_plan(place):
    assert place.apply(parallelism=5, wait=False).exit_code is ExitCode.DONE
    found = asked(place)
    proofs = 2
    assert found["execute_job_plan"] == LAUNCHES + proofs
    assert found["operate_job_instance"] == LAUNCHES + 1
    assert found["get_job_instance_status"] == LAUNCHES
    assert found["get_job_instance_global_var_value"] == LAUNCHES
    # Once for the diff and once before the first prepare; then after the prepares of the first, and of two batches.
    assert found["get_job_plan_detail"] == 2 + 3
