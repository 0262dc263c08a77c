"""`launcher unlock`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from launcher.cli.options import environment_option, general_options, reason_option
from launcher.errors import ExitCode

if TYPE_CHECKING:
    from launcher.cli.face import Face

__all__ = ["unlock"]


@click.command(short_help="End another run's session by hand.")
@environment_option
@reason_option
@general_options
@click.pass_obj
def unlock(face: Face, /, *, environment: str | None, reason: str) -> ExitCode:
    """End another run's session by hand.

    A run that is still at work finds out before it claims anything else, and stops; nothing can be
    started twice by this.
    """
    from launcher.cli.failure import show_diagnostics
    from launcher.cli.surroundings import surroundings_of
    from launcher.operations.unlock import unlock as operation
    from launcher.render.record import render_unlocked

    done = operation(face.directory, environment, reason=reason, surroundings=surroundings_of(face))
    face.answer.write(render_unlocked(done.environment, done.session))
    show_diagnostics(done.diagnostics, face, done.root, below=True)
    return ExitCode.DONE
