"""The tree of commands. Nothing but click is loaded to show it."""

from __future__ import annotations

import click

from launcher import __version__
from launcher.cli.lazy import Entry, LazyGroup
from launcher.cli.options import general_options

__all__ = ["PROGRAM", "app"]

PROGRAM = "launcher"

_COMMANDS = "launcher.cli.commands"

ENTRIES = {
    "init": Entry(
        f"{_COMMANDS}.init:init", "Write a workspace, an example, and what editors and CI need."
    ),
    "import": Entry(
        f"{_COMMANDS}.import_:import_", "Write manifests for job plans as they stand on JOB."
    ),
    "validate": Entry(
        f"{_COMMANDS}.validate:validate", "Check workspace and manifests, offline or against JOB."
    ),
    "fmt": Entry(f"{_COMMANDS}.fmt:fmt", "Show or fix the layout of manifests, comments kept."),
    "render": Entry(
        f"{_COMMANDS}.render:render", "Show what launches, with the origin of every value."
    ),
    "diff": Entry(f"{_COMMANDS}.diff:diff", "Show what apply would do; changes nothing."),
    "apply": Entry(f"{_COMMANDS}.apply:apply", "Start what is declared and has not run yet."),
    "watch": Entry(f"{_COMMANDS}.watch:watch", "Watch what runs until it has ended."),
    "status": Entry(f"{_COMMANDS}.status:status", "Show what has run and what came of it."),
    "logs": Entry(f"{_COMMANDS}.logs:logs", "Show what the job of a launch has printed."),
    "why": Entry(
        f"{_COMMANDS}.why:why", "Tell why a launch has its action, and what would change that."
    ),
    "resolve": Entry(
        f"{_COMMANDS}.resolve:resolve", "Say what came of a launch whose outcome is unknown."
    ),
    "launch": Entry(
        f"{_COMMANDS}.launch:launch", "Start one launch that is started only when asked for."
    ),
    "retry": Entry(
        f"{_COMMANDS}.retry:retry", "Start another attempt of a launch that failed or was refused."
    ),
    "adopt": Entry(
        f"{_COMMANDS}.adopt:adopt", "Let an instance that somebody else started count as a launch."
    ),
    "waive": Entry(f"{_COMMANDS}.waive:waive", "Let a launch count as done without running."),
    "cancel": Entry(f"{_COMMANDS}.cancel:cancel", "End a launch that runs or waits."),
    "confirm": Entry(
        f"{_COMMANDS}.confirm:confirm", "Answer the confirmation that a launch waits for."
    ),
    "pin": Entry(f"{_COMMANDS}.pin:pin", "Pin a launch to what its job plan holds now."),
    "lock": Entry(f"{_COMMANDS}.lock:lock", "Show, prove or rewrite the lockfile."),
    "ledger": Entry(
        f"{_COMMANDS}.ledger:ledger", "Create a ledger, restore it, or bind it to a moved server."
    ),
    "unlock": Entry(f"{_COMMANDS}.unlock:unlock", "End another run's session by hand."),
    "config": Entry(f"{_COMMANDS}.config:config", "Show settings and where each comes from."),
    "doctor": Entry(
        f"{_COMMANDS}.doctor:doctor", "Check what a launch needs, and tell how to cure what is ill."
    ),
    "schema": Entry(
        f"{_COMMANDS}.schema:schema", "Write the JSON Schemas for editors and CI, or check them."
    ),
    "explain": Entry(f"{_COMMANDS}.explain:explain", "Tell cause and cure of a diagnostic's code."),
    "sandbox": Entry(f"{_COMMANDS}.sandbox:sandbox", "Serve the built-in JOB server."),
}
"""Every command: where it is and its help line, in the order of use."""

_EXIT_CODES = """\b
Exit codes:
    0  done, or nothing to do
    1  launcher or its surroundings failed
    2  diff --detailed-exitcode: there are changes that would act
    3  manifests invalid, or a change is an error
    4  refused: acting now would break a promise or a guard
    5  a job failed, was cancelled or refused, now or still from before
    6  an outcome is unknown
    7  the run lock is held
    8  the wait ended and jobs go on
   64  wrong usage
   70  a bug in launcher
  130  interrupted, after the record was saved (143: terminated)"""


@click.group(
    PROGRAM,
    cls=LazyGroup,
    entries=ENTRIES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=_EXIT_CODES,
)
@click.version_option(__version__, "-V", "--version", message=f"{PROGRAM} %(version)s")
@general_options
def app() -> None:
    """Launch BlueKing JOB plans from reviewed manifests in git, each exactly once."""
