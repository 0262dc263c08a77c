"""People who change job plans on JOB's own pages, as the world file of a sandbox tells it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import launcher.sandbox

if TYPE_CHECKING:
    from tests.support.workspaces import Place

__all__ = ["Editor", "an_editor"]

_DEMO = Path(launcher.sandbox.__file__).parent / "demo.yaml"
_FIRST_S = 1_767_000_000
"""When job plans of the sandbox were saved last, unless their world says so."""


@dataclass
class Editor:
    """What `user` does to the job plans in the world file at `path`."""

    path: Path
    user: str = "bob"
    saved: int = 0

    def save(self, plan: int = 1000, **exchanged: str) -> None:
        """Save a job plan, with texts in it exchanged: each keyword names one, as `TEXTS` says; none for no change."""
        self.replace(plan, *((TEXTS[name], text) for name, text in exchanged.items()))

    def replace(self, plan: int, *pairs: tuple[str, str]) -> None:
        """Save a job plan with the first text of each pair, which stands in it once, exchanged for the second."""
        whole = self.path.read_text()
        (part,) = re.findall(
            rf"^  - id: {plan}\n.*?(?=^  - id: |^[a-z]|\Z)", whole, re.MULTILINE | re.DOTALL
        )
        text = re.sub(r"^    (modifier|modified): .*\n", "", part, flags=re.MULTILINE)
        for before, after in pairs:
            assert text.count(before) == 1, f"{before!r} stands {text.count(before)} times"
            text = text.replace(before, after)
        self.saved += 1
        said = f"    modifier: {self.user}\n    modified: {_FIRST_S + 60 * self.saved}\n"
        first, rest = text.split("\n", 1)
        self.path.write_text(whole.replace(part, f"{first}\n{said}{rest}"))


TEXTS = {
    "script": 'systemctl restart web --version "$1"',
    "parameters": "param: ${package_version}",
    "channel": "value: stable",
}
"""What stands once in job plan 1000 of the demo world."""


def an_editor(place: Place) -> Editor:
    """An editor of the demo world, which becomes the world of `place`."""
    path = place.write(".launcher/world.yaml", _DEMO.read_text())
    place.environ["LAUNCHER_SANDBOX_WORLD"] = str(path)
    return Editor(path)
