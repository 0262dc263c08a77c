"""Show what is on record after a person has put something in the place of a launch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.cli.failure import show_diagnostics
from launcher.errors import ExitCode
from launcher.render.resolution import render_resolution

if TYPE_CHECKING:
    from launcher.cli.face import Face
    from launcher.operations.byhand import ByHand

__all__ = ["show_by_hand"]


def show_by_hand(face: Face, done: ByHand) -> ExitCode:
    """The answer of `adopt` and `waive`."""
    face.answer.write(
        render_resolution(
            done.name,
            attempt=done.attempt.number,
            instance=done.attempt.instance_id,
            outcome=done.attempt.outcome,
            lockfile=done.lockfile,
            paint=face.paint(face.answer),
        )
    )
    show_diagnostics(done.diagnostics, face, done.root, below=True)
    return ExitCode.DONE
