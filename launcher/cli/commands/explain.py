"""`launcher explain`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from launcher.cli.options import general_options
from launcher.errors import ExitCode, WrongUsage

if TYPE_CHECKING:
    from launcher.cli.face import Face

__all__ = ["explain"]


def _complete(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    from launcher.catalogue import catalogue

    return [code for code in catalogue() if code.startswith(incomplete.upper())]


@click.command(short_help="Tell cause and cure of a diagnostic's code.")
@click.argument("code", required=False, shell_complete=_complete)
@general_options
@click.pass_obj
def explain(face: Face, /, *, code: str | None) -> ExitCode:
    """Tell cause and cure of a diagnostic's code.

    Without a code, lists all of them.
    """
    from launcher.catalogue import catalogue
    from launcher.diagnostics import Diagnostic
    from launcher.render.explanation import render_code, render_codes

    paint = face.paint(face.answer)
    known = catalogue()
    if code is None:
        face.answer.write(render_codes(known, paint))
        return ExitCode.DONE
    found = known.get(code.upper())
    if found is None:
        raise WrongUsage(Diagnostic("L584", {"asked": code}))
    face.answer.write(render_code(code.upper(), found, paint))
    return ExitCode.DONE
