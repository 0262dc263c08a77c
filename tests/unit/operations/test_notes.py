"""Notes of what JOB said, written while others write of the same launch."""

from __future__ import annotations

from typing import Any

from launcher.engine.events import Draft, Kind
from launcher.engine.recorded import OutcomeKind
from launcher.operations.acts import record
from launcher.operations.record import open_ledger
from launcher.operations.site import find_site
from tests.support.workspaces import a_manifest, a_place


class Racing:
    """A ledger in which somebody else is the first to tell how it ended."""

    def __init__(self, place):
        self.site = find_site(place.root, None, place.surroundings)
        self.ledger = open_ledger(self.site)
        self.raced = False

    def append(self, drafts, expected):
        if not self.raced:
            self.raced = True
            attempt = self.ledger.read().launches["db-migrate"].newest
            data = {"outcome": "cancelled", "status": 11}
            draft = Draft(Kind.SETTLED, "db-migrate", attempt.key, attempt.number, data)
            self.ledger.append((draft,), expected)
        return self.ledger.append(drafts, expected)


def test_an_older_answer_does_not_take_back_an_end_that_others_have_recorded(tmp_path):
    place = a_place(tmp_path, a_manifest())
    place.apply(wait=False)
    racing: Any = Racing(place)
    present = racing.ledger.read()
    attempt = present.launches["db-migrate"].newest
    note = Draft(Kind.OBSERVED, "db-migrate", attempt.key, attempt.number, {"status": 2})
    found = record(racing.site, racing, present, lambda _: (note,))
    assert found.launches["db-migrate"].newest.outcome is OutcomeKind.CANCELLED
    assert found == racing.ledger.read()
