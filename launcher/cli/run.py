"""Run one command line; the one place where failures become words and exit codes."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from launcher.cli.app import PROGRAM, app
from launcher.cli.face import Face, Stream
from launcher.diagnostics import Diagnostic
from launcher.errors import ExitCode, LauncherError, WrongUsage

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["run"]


def run(arguments: Sequence[str]) -> int:
    """What the process ends with after the command line `arguments`; never raises."""
    face = Face(Stream(sys.stdout), Stream(sys.stderr), os.environ)
    try:
        return _run(arguments, face)
    except Exception as error:  # noqa: BLE001 - the outermost caller: whatever arrives here is our bug
        from launcher.cli.bug import bug_report

        face.aside.write(bug_report(error, arguments, os.environ))
        return ExitCode.BUG


def _run(arguments: Sequence[str], face: Face) -> int:
    try:
        with face.interrupt.obeyed():
            code = app.main(list(arguments), prog_name=PROGRAM, standalone_mode=False, obj=face)
    except (click.Abort, KeyboardInterrupt):
        return ExitCode.INTERRUPTED
    except click.exceptions.NoArgsIsHelpError as error:
        face.aside.write(error.format_message() + "\n")
        return ExitCode.USAGE
    except click.UsageError as error:
        return _failed(_usage(error), face)
    except LauncherError as error:
        return _failed(error, face)
    return code if isinstance(code, int) else ExitCode.DONE


def _failed(error: LauncherError, face: Face) -> ExitCode:
    from launcher.cli.failure import show_failure

    show_failure(error, face)
    return error.exit_code


def _usage(error: click.UsageError) -> WrongUsage:
    command = error.ctx.command_path if error.ctx else PROGRAM
    facts = {"command": command, "message": error.message}
    if not isinstance(error, click.NoSuchOption):
        # Some of click's messages are complete only with the name of what they are about.
        return WrongUsage(Diagnostic("L580", {**facts, "message": error.format_message()}))
    near = error.possibilities or []
    facts |= {"option": error.option_name, "nearest": near[0] if near else ""}
    return WrongUsage(Diagnostic("L582", facts, hint="nearest" if near else "default"))
