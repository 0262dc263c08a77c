"""`launcher lock`: the lockfile, which mirrors the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from launcher.cli.lazy import Group
from launcher.cli.options import environment_option, general_options
from launcher.errors import ExitCode

if TYPE_CHECKING:
    from launcher.cli.face import Face

__all__ = ["lock"]


@click.group(cls=Group, short_help="Show, prove or rewrite the lockfile.")
@general_options
def lock() -> None:
    """Show, prove or rewrite the lockfile.

    The lockfile is what the ledger says at present, as one file for people and diffs.
    """


@lock.command()
@environment_option
@general_options
@click.pass_obj
def show(face: Face, /, *, environment: str | None) -> ExitCode:
    """Print the lockfile as the ledger would have it."""
    from launcher.cli.failure import show_diagnostics
    from launcher.cli.surroundings import surroundings_of
    from launcher.operations import lock as operation

    found = operation.show(face.directory, environment, surroundings=surroundings_of(face))
    face.answer.write(found.text)
    show_diagnostics(found.diagnostics, face, found.root, below=True)
    return ExitCode.DONE


@lock.command()
@environment_option
@general_options
@click.pass_obj
def verify(face: Face, /, *, environment: str | None) -> ExitCode:
    """Prove that ledger and lockfile agree, along the whole hash chain."""
    from launcher.cli.failure import show_diagnostics
    from launcher.cli.surroundings import surroundings_of
    from launcher.operations import lock as operation
    from launcher.render.record import render_verified

    found = operation.verify(face.directory, environment, surroundings=surroundings_of(face))
    if not found.differences:
        face.answer.write(render_verified(found.path, found.events, face.paint(face.answer)))
    show_diagnostics((*found.differences, *found.diagnostics), face, found.root)
    return ExitCode.REFUSED if found.differences else ExitCode.DONE


@lock.command()
@environment_option
@general_options
@click.pass_obj
def sync(face: Face, /, *, environment: str | None) -> ExitCode:
    """Write the lockfile again from the ledger."""
    from launcher.cli.failure import show_diagnostics
    from launcher.cli.surroundings import surroundings_of
    from launcher.operations import lock as operation
    from launcher.render.visible import visible

    done = operation.sync(face.directory, environment, surroundings=surroundings_of(face))
    went = "written" if done.changed else "up to date"
    face.answer.write(f"{visible(done.path)}: {went}\n")
    show_diagnostics(done.diagnostics, face, done.root, below=True)
    return ExitCode.DONE
