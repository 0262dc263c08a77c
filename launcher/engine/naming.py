"""Which names there are to decide about, and whose history goes on under another one."""

from __future__ import annotations

from graphlib import TopologicalSorter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from launcher.engine.desired import Desired
    from launcher.engine.recorded import Recorded

__all__ = ["Names"]


class Names:
    """The names of one changeset.

    Attributes:
        takers: launches without a history of their own that carry on another's, by the name that has it.
        gone: names on record that nobody declares any more, sorted; one that is renamed here only changes its name.
        deleted: of those, by the digest of what they ran last, and of what they ran or were to run last.
    """

    def __init__(self, desired: Desired, recorded: Recorded) -> None:
        self._launches = desired.launches
        self._known = recorded.launches
        self.takers = self._takers()
        self.gone = sorted(
            name
            for name, record in self._known.items()
            if name not in self._launches and not record.archived and name not in self.takers
        )
        self.deleted = self._deleted()

    def in_order(self) -> list[str]:
        """All of them: what is gone first, then so that needs come before what needs them."""
        graph = {name: launch.policy.needs for name, launch in self._launches.items()}
        # Sorting takes longer than all else that is decided by the names, and many workspaces have no needs.
        ordered = TopologicalSorter(graph).static_order() if any(graph.values()) else graph
        return [*self.gone, *ordered]

    def _takers(self) -> dict[str, list[str]]:
        takers: dict[str, list[str]] = {}
        for name, launch in sorted(self._launches.items()):
            old = launch.renamed_from
            if old is not None and old in self._known and name not in self._known:
                takers.setdefault(old, []).append(name)
        return takers

    def _deleted(self) -> dict[str, str]:
        return {
            attempt.key.digest: name
            for name in self.gone
            for record in (self._known[name],)
            for attempt in (record.newest_started, record.newest)
            if attempt is not None
        }
