"""What help, catalogue and documents say of commands is what the commands are."""

from __future__ import annotations

import re

import click
import pytest

from launcher.catalogue import catalogue
from launcher.catalogue.english.reasons import REASONS
from launcher.cli.app import app
from launcher.cli.lazy import LazyGroup
from launcher.errors import ExitCode
from tests.support.command_line import REPOSITORY

DOCUMENTS = ("README.md", "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md")
_QUOTED = re.compile(r"`launcher ([a-z][^`]*)`")
_ALONE = re.compile(r"(?:^\s*(?:\$ )?|: )launcher ([a-z].*)$", re.MULTILINE)
_FENCED = re.compile(r"```\w*\n(.*?)```", re.DOTALL)


def commands(group: click.Group = app, path: tuple[str, ...] = ()):
    """Every command by its path."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


ALL = dict(commands())


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_the_table_says_what_the_command_says(path):
    command = ALL[path]
    first = (command.help or "").splitlines()[0]
    assert first.endswith(".")
    assert len(first) <= 72
    assert command.get_short_help_str(200) == first
    parent = ALL.get(path[:-1], app)
    if isinstance(parent, LazyGroup):
        assert parent.entries[path[-1]].help == first


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_every_option_and_argument_is_explained(path):
    for parameter in ALL[path].params:
        if isinstance(parameter, click.Option):
            assert parameter.help, parameter.name
            assert parameter.help.rstrip("]").rstrip().endswith((".", "all")), parameter.help


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_help_can_be_shown(path):
    context = click.Context(ALL[path], info_name=" ".join(("launcher", *path)))
    assert "--help" in ALL[path].get_help(context)


def check(mention: str) -> None:
    words = [word.strip("`.,:;()[]…") for word in mention.split()]
    command: click.Command = app
    while words and isinstance(command, click.Group):
        inner = [command.get_command(click.Context(command), it) for it in words[0].split("|")]
        assert None not in inner, f"no command: launcher {mention}"
        command, words = inner[-1] or app, words[1:]
    known = {option for item in command.params for option in (*item.opts, *item.secondary_opts)}
    known |= {"--help", "-h"}
    for word in words:
        if word.startswith("-") and len(word) > 1:
            assert word.partition("=")[0] in known, f"no option {word}: launcher {mention}"


def mentions():
    """Command lines that texts tell a reader to type, with where they stand."""
    for code, entry in catalogue().items():
        for text in (entry.detail, entry.cause, entry.cure):
            yield from ((code, item) for item in _QUOTED.findall(text))
        for text in entry.hints.values():
            yield from ((code, item) for item in _QUOTED.findall(text) + _ALONE.findall(text))
    for reason, because in REASONS.items():
        yield from ((reason, item) for item in _ALONE.findall(because.way_out))
    for path, command in ALL.items():
        yield from ((" ".join(path), item) for item in _QUOTED.findall(command.help or ""))
    for name in DOCUMENTS:
        text = (REPOSITORY / name).read_text()
        yield from ((name, item) for item in _QUOTED.findall(text))
        for block in _FENCED.findall(text):
            yield from ((name, item) for item in _ALONE.findall(block))


def test_every_command_and_option_that_is_mentioned_exists():
    found = list(mentions())
    for where, mention in found:
        try:
            check(mention.replace("{", "").replace("}", ""))
        except AssertionError as error:
            raise AssertionError(f"{where}: {error}") from error
    assert len(found) > 40


def test_the_check_of_mentions_can_fail():
    for mention in ("polish NAME", "diff --no-such-option", "lock polish"):
        with pytest.raises(AssertionError):
            check(mention)


def test_help_and_readme_list_every_exit_code():
    told = app.epilog or ""
    readme = (REPOSITORY / "README.md").read_text()
    for code in ExitCode:
        assert re.search(rf"\b{code.value}\b", told), code
        assert re.search(rf"^\| {code.value}\b|, {code.value} \|", readme, re.MULTILINE), code
