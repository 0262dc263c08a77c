"""`launcher config`: what settings hold, and where they come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from launcher.cli.lazy import Group
from launcher.cli.options import environment_option, general_options, output_option

if TYPE_CHECKING:
    from launcher.cli.face import Face
    from launcher.errors import ExitCode
    from launcher.operations.config import Shown
    from launcher.render.config import Configuration, ServerSettings, Setting
    from launcher.settings.shown import Row, ServerRows

__all__ = ["config"]


@click.group(cls=Group, short_help="Show settings and where each comes from.")
@general_options
def config() -> None:
    """Show settings and where each comes from."""


@config.command()
@environment_option
@click.option(
    "--server", metavar="NAME", help="Show this server instead of the one of an environment."
)
@output_option("text", "json")
@general_options
@click.pass_obj
def show(face: Face, /, *, environment: str | None, server: str | None, output: str) -> ExitCode:
    """Print each setting with its value and its origin; sends nothing.

    A flag goes before the environment, that before the user configuration, and that before the
    default. Address and credentials of a server come from one of the two in the middle, as a whole.
    Of secrets it is only said that they are set. Works without a workspace, too. Ends with 1 if a
    run could not use the settings as they are.
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
        servers=found.servers,
        environment=found.environment,
        general=[_setting(row) for row in found.general],
        server=None if found.server is None else _server(found.server),
    )


def _server(found: ServerRows) -> ServerSettings:
    from launcher.model.documents import SANDBOX
    from launcher.render.config import ServerSettings

    return ServerSettings(
        name=found.name,
        is_sandbox=found.name == SANDBOX,
        source=None if found.source is None else found.source.value,
        settings=[_setting(row) for row in found.rows],
        unused=found.unused,
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
