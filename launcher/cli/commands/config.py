"""`launcher config`: what settings hold, and where they come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from launcher.cli.completion import complete_environment
from launcher.cli.lazy import Group
from launcher.cli.options import general_options, output_option

if TYPE_CHECKING:
    from launcher.cli.face import Face
    from launcher.errors import ExitCode
    from launcher.operations.config import Shown, ShownServer
    from launcher.render.config import Configuration, ServerSettings, Setting
    from launcher.settings.shown import Row

__all__ = ["config"]


@click.group(cls=Group, short_help="Show settings and where each comes from.")
@general_options
def config() -> None:
    """Show settings and where each comes from."""


@config.command()
@click.option(
    "-e",
    "--environment",
    metavar="ENV",
    help="Show the server of this environment alone; of every environment otherwise.",
    shell_complete=complete_environment,
)
@click.option("--server", metavar="NAME", help="Show this server instead of those of environments.")
@output_option("text", "json")
@general_options
@click.pass_obj
def show(face: Face, /, *, environment: str | None, server: str | None, output: str) -> ExitCode:
    """Print each setting with its value and its origin; sends nothing.

    A flag goes before the environment, that before the user configuration, and that before the
    default. Address and credentials of a server come from one of the two in the middle, as a whole.
    Of secrets it is only said that they are set. Without -e, the servers of all environments are
    shown. Works without a workspace, too. Ends with 1 if a run in the environment that is asked for,
    or in the default one, could not use the settings as they are; without -e the others do not count.
    """
    from launcher.cli.failure import show_diagnostics
    from launcher.cli.surroundings import surroundings_of
    from launcher.operations.config import show as operation
    from launcher.render import json_text
    from launcher.render.config import config_data, render_config

    if environment is not None and server is not None:
        raise click.UsageError("-e and --server exclude each other.")
    found = operation(face.directory, environment, server, surroundings=surroundings_of(face))
    shown = _shown(found)
    if output == "json":
        face.answer.write(json_text.document(config_data(shown, found.diagnostics)))
    else:
        face.answer.write(render_config(shown, face.paint(face.answer)))
    show_diagnostics(found.diagnostics, face, found.root, below=output == "text")
    return found.exit_code


def _shown(found: Shown) -> Configuration:
    from launcher.render.config import Configuration

    return Configuration(
        path=found.config,
        is_named=found.is_named,
        exists=found.exists,
        described=found.described,
        environment=found.environment,
        general=[_setting(row) for row in found.general],
        servers=[_server(item) for item in found.servers],
    )


def _server(found: ShownServer) -> ServerSettings:
    from launcher.model.documents import SANDBOX
    from launcher.render.config import ServerSettings

    said = found.said
    return ServerSettings(
        name=said.name,
        is_sandbox=said.name == SANDBOX,
        source=None if said.source is None else said.source.value,
        settings=[_setting(row) for row in said.rows],
        unused=said.unused,
        environments=found.environments,
        usable=found.usable,
    )


def _setting(row: Row) -> Setting:
    from launcher.render.config import Setting

    return Setting(
        name=row.name,
        value=row.value,
        is_secret=row.is_secret,
        is_set=row.is_set,
        source=row.source.value,
        variable=row.variable,
        secret_file=row.secret_file,
        path=row.place.path if row.place else None,
        line=row.place.span.line if row.place and row.place.span else None,
    )
