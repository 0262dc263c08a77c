"""A workspace whose one environment has guards, and runs of it that die on their way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.support.workspaces import Place

__all__ = ["SETTINGS", "dies"]

SETTINGS = """\
apiVersion: launcher/v1
kind: Workspace
metadata: {{name: payments}}
spec:
  marker: LAUNCH_KEY
  defaultEnvironment: sandbox
  environments:
    sandbox:
      server: sandbox
      scope: {{type: biz, id: "2"}}
      guards: {{{guards}}}
"""


class _Dying(list[Any]):
    """Hears how a run goes, and lets it die once something of this kind was answered."""

    def __init__(self, after: str) -> None:
        super().__init__()
        self._after = after

    def append(self, item: Any) -> None:
        if getattr(item, "kind", None) == self._after:
            raise KeyboardInterrupt


def dies(place: Place, *, after: str, **asked: Any) -> None:
    """Apply, and die right after something of this kind was answered."""
    place.heard = _Dying(after)
    with pytest.raises(KeyboardInterrupt):
        place.apply(**asked)
    place.heard = []
