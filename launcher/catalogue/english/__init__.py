"""The catalogue in English, one module per area."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.catalogue.english import (
    acts,
    decisions,
    job,
    jobplans,
    launches,
    ledger,
    manifests,
    pins,
    runs,
    sandbox,
    surroundings,
    unsent,
    waits,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from launcher.catalogue import Entry

__all__ = ["areas"]


def areas() -> Mapping[str, Mapping[str, Entry]]:
    """The entries of each area by the first two characters of its codes."""
    return {
        "L1": {**manifests.ENTRIES, **pins.MANIFESTS},
        "L2": {
            **launches.ENTRIES,
            **decisions.ENTRIES,
            **jobplans.ENTRIES,
            **runs.ENTRIES,
            **pins.LAUNCHES,
        },
        "L3": job.ENTRIES,
        "L4": ledger.ENTRIES,
        "L5": surroundings.ENTRIES,
        "L6": {**sandbox.ENTRIES, **waits.ENTRIES, **unsent.UNSENT},
        "L7": acts.ENTRIES,
    }
