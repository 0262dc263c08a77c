"""`launcher init`."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from launcher.cli.options import general_options
from launcher.errors import ExitCode

if TYPE_CHECKING:
    from launcher.cli.face import Face
    from launcher.model.documents import Scope
    from launcher.operations.init import Initialised

__all__ = ["init"]

_TYPES = ("biz", "biz_set", "tenant_set")


class _Scope(click.ParamType["Scope"]):
    name = "scope"

    def convert(
        self,
        value: Any,  # noqa: ANN401 - click's signature
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Scope:
        from launcher.model.documents import Scope

        if isinstance(value, Scope):
            return value
        kind, slash, number = str(value).partition("/")
        fits = slash and kind in _TYPES and number.isascii() and number.isdigit()
        if not fits or number.startswith("0"):
            self.fail(f"{value!r} is no scope: write type and id, such as biz/2.", param, ctx)
        return Scope(kind, number)


@click.command(short_help="Write a workspace, an example, and what editors and CI need.")
@click.argument(
    "folder",
    required=False,
    metavar="[DIRECTORY]",
    type=click.Path(file_okay=False, path_type=Path),
)
@click.option("--name", metavar="NAME", help="Name of the workspace; the folder's otherwise.")
@click.option(
    "-e",
    "--environment",
    metavar="ENV",
    help="An environment beside the sandbox, such as production.",
)
@click.option(
    "--scope", type=_Scope(), metavar="TYPE/ID", help="Where its job plans are, such as biz/2."
)
@click.option(
    "--server",
    default="remote",
    show_default=True,
    metavar="NAME",
    help="What its server is called; variables outside the repository say where it is.",
)
@click.option(
    "--ci",
    type=click.Choice(["github", "gitlab", "none"]),
    help="The CI system; the git remote tells otherwise.",
)
@click.option("--yes", is_flag=True, help="Ask nothing; take what is not given as it comes.")
@general_options
@click.pass_obj
def init(
    face: Face,
    /,
    *,
    folder: Path | None,
    name: str | None,
    environment: str | None,
    scope: Scope | None,
    server: str,
    ci: str | None,
    yes: bool,
) -> ExitCode:
    """Write a workspace, an example, and what editors and CI need.

    The workspace has a sandbox to rehearse in, and with -e an environment of yours. What is there
    already is kept, so it can be run again. Nothing is sent anywhere.
    """
    from launcher.cli.failure import show_diagnostics
    from launcher.cli.surroundings import surroundings_of
    from launcher.model.documents import SANDBOX, WORKSPACE_FILE
    from launcher.operations.init import InitRequest
    from launcher.operations.init import init as operation
    from launcher.operations.starting_files import Ci

    place = face.directory if folder is None else face.directory / folder
    is_new = not (place / WORKSPACE_FILE).exists()
    if is_new and not yes and sys.stdin.isatty() and face.aside.is_terminal():
        environment, scope = _asked(environment, scope)
    if (environment is None) != (scope is None):
        raise click.UsageError("-e and --scope go together: an environment of yours has a scope.")
    if environment == SANDBOX:
        raise click.UsageError("The sandbox is there anyway: -e names an environment beside it.")
    done = operation(
        InitRequest(place, name, environment, server, scope, None if ci is None else Ci(ci)),
        surroundings_of(face),
    )
    face.answer.write(_told(done, place))
    show_diagnostics(done.diagnostics, face, done.root, below=True)
    return ExitCode.DONE


def _asked(environment: str | None, scope: Scope | None) -> tuple[str | None, Scope | None]:
    if environment is None:
        question = "Environment beside the sandbox, such as production (empty for none)"
        environment = click.prompt(question, default="", show_default=False, err=True) or None
    if environment is not None and scope is None:
        scope = click.prompt(f"Scope of {environment}, such as biz/2", type=_Scope(), err=True)
    return environment, scope


def _told(done: Initialised, folder: Path) -> str:
    from launcher.operations.starting_files import Fate
    from launcher.render.visible import visible

    written = [item for item in done.files if item.fate in (Fate.WRITTEN, Fate.EXTENDED)]
    kept = [item for item in done.files if item.fate is Fate.KEPT]
    there = len(done.files) - len(written) - len(kept)
    parts = ["".join(f"{item.fate} {visible(item.path)}\n" for item in written)]
    if not written and not kept:
        parts = [
            "Nothing was written: see below.\n" if done.diagnostics else "Everything is there.\n"
        ]
    elif there:
        was = (
            "1 more was there and stays as it is"
            if there == 1
            else f"{there} more were there and stay as they are"
        )
        parts[0] += f"{was}.\n"
    for item in kept:
        lines = "".join(f"  {line}".rstrip() + "\n" for line in item.to_add.splitlines())
        parts.append(f"kept {visible(item.path)}, which lacks this; add it by hand:\n{lines}")
    parts.append(_notes(done))
    here = os.path.relpath(folder)
    place = "" if here == "." else f" -C {shlex.quote(here)}"
    parts.append("Next:\n" + "".join(f"  {line}\n" for line in _next(done, place)))
    return "\n".join(part for part in parts if part)


def _notes(done: Initialised) -> str:
    """What somebody has to know before the first push."""
    from launcher.operations.starting_files import Ci

    notes = []
    if not done.is_repository:
        notes.append("This is no git repository yet: `git init`, and reviews and history begin.")
    if done.ci is Ci.NONE:
        notes.append("No CI workflow: --ci github or --ci gitlab writes one.")
    else:
        notes.append("The CI workflow installs what LAUNCHER_PIP in it names: set that first.")
    target = done.target
    if target is not None and target.ledger == "file":
        notes.append(
            f"{target.name} keeps its ledger in this folder. For CI, say `ledger: git` once there is a remote."
        )
    return "".join(f"{note}\n" for note in notes)


def _next(done: Initialised, place: str) -> list[str]:
    target = done.target
    if target is None:
        return [
            f"launcher{place} diff",
            f"launcher{place} apply",
            f"launcher{place} status",
        ]
    lines = ["export BK_API_URL_TMPL=… BK_APP_CODE=… BK_APP_SECRET=… BK_JOB_ACCESS_TOKEN=…"]
    if target.ledger == "git":
        lines.append(f"launcher{place} ledger init -e {target.name}")
    lines.append(f"launcher{place} import PLAN -e {target.name}")
    return [*lines, f"launcher{place} diff -e {target.name}"][-4:]
