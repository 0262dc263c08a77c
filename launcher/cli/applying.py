"""Carry out an apply as a command does: ask first, tell how it goes, stop when a person wants it."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING

from launcher import __version__
from launcher.cli.surroundings import StopRequest, surroundings_of, utc_now
from launcher.cli.tell import JsonTeller, Teller, TextTeller
from launcher.diagnostics import Diagnostic
from launcher.errors import WrongUsage

if TYPE_CHECKING:
    from launcher.cli.face import Face
    from launcher.engine.changeset import Changeset
    from launcher.errors import ExitCode
    from launcher.operations.applied import ApplyRequest

__all__ = ["carry_out"]


def carry_out(request: ApplyRequest, face: Face, *, yes: bool, output: str) -> ExitCode:
    """What `request` comes to.

    Args:
        request: what is asked for.
        face: where it is told.
        yes: do not ask.
        output: `text`, or `jsonl` for one JSON object a line.

    Raises:
        WrongUsage: nobody can be asked, and `yes` was not said.
        LauncherError: as the use case raises.
    """
    from launcher.operations.apply import apply as operation

    as_lines = JsonTeller(face, __version__, utc_now) if output == "jsonl" else None
    teller: Teller = as_lines or TextTeller(face)
    stop = StopRequest()
    with as_lines.framed() if as_lines else nullcontext(), stop.watched():
        if not yes and not (sys.stdin.isatty() and face.aside.is_terminal()):
            raise WrongUsage(Diagnostic("L583"))
        applied = operation(
            request,
            surroundings_of(face, stop),
            confirm=_Confirmation(face, stop, shows=as_lines is not None, asks=not yes),
            progress=teller,
        )
        teller.finish(applied)
    return applied.exit_code


class _Confirmation:
    """Asks whether a changeset is to be carried out."""

    def __init__(self, face: Face, stop: StopRequest, *, shows: bool, asks: bool) -> None:
        self._face = face
        self._stop = stop
        self._shows = shows
        self._asks = asks

    def __call__(self, changeset: Changeset) -> bool:
        """Whether it is: with `--yes` always, otherwise if the word `yes` is typed."""
        if not self._asks:
            return True
        if self._shows:
            from launcher.render.changeset import render_changeset

            self._face.aside.write(render_changeset(changeset) + "\n")
        question = f"Carry this out in {changeset.environment}? Only 'yes' will be accepted: "
        with self._stop.left_alone():
            self._face.aside.write(question)
            typed = sys.stdin.readline()
        if not typed:
            self._face.aside.write("\n")
        return typed.strip() == "yes"
