"""Groups of commands: one that answers a wrong name, and one that loads a command's module only to run it."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING

import click

from launcher.diagnostics import Diagnostic
from launcher.errors import WrongUsage

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Entry", "Group", "LazyGroup"]


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a command is, and what is said of it in the list of commands.

    Attributes:
        attribute: module and name, `package.module:command`.
        help: the first line of its own help; a test keeps the two alike.
    """

    attribute: str
    help: str

    def load(self) -> click.Command:
        """The command itself."""
        module, _, name = self.attribute.partition(":")
        command = getattr(import_module(module), name)
        if not isinstance(command, click.Command):
            raise TypeError(f"{self.attribute} is no command")
        return command


class Group(click.Group):
    """A group of commands that answers an unknown name with the nearest one."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that `args` begin with, and what is left for it.

        Raises:
            WrongUsage: there is no such command.
        """
        name, known = args[0], self.list_commands(ctx)
        if name not in known and not name.startswith("-") and not ctx.resilient_parsing:
            near = get_close_matches(name, known, 1)
            facts = {
                "command": name,
                "group": ctx.command_path,
                "nearest": near[0] if near else "",
            }
            raise WrongUsage(Diagnostic("L581", facts, hint="nearest" if near else "default"))
        return super().resolve_command(ctx, args)


class LazyGroup(Group):
    """A group of commands that are not loaded before one is called."""

    def __init__(self, *, entries: Mapping[str, Entry], **settings: object) -> None:
        super().__init__(**settings)  # type: ignore[arg-type]  # handed through to click as they are
        self.entries = entries

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """All names, in the order of the table, which is the order of use."""
        return list(self.entries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """The command called `cmd_name`, loaded now."""
        entry = self.entries.get(cmd_name)
        return None if entry is None else entry.load()

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """The list of commands, out of the table: help loads no command."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in self.entries.items()])
