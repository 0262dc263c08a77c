"""Texts about the command line: L580 to L599."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.catalogue import Entry

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["USAGE"]

USAGE: Mapping[str, Entry] = {
    "L580": Entry(
        summary="Wrong usage",
        detail="{message}",
        cause="The command line holds an argument or an option that the command does not take in this "
        "form, or lacks one that it needs.",
        cure="Read the command's own help, with `--help` after its name.",
        hints={"default": "{command} --help"},
    ),
    "L581": Entry(
        summary="Unknown command",
        detail="`{group}` has no command `{command}`.",
        cause="The name is misspelt, or belongs to another version of launcher.",
        cure="`launcher --help` lists all commands.",
        hints={"nearest": "Did you mean `{group} {nearest}`?", "default": "{group} --help"},
    ),
    "L582": Entry(
        summary="Unknown option",
        detail="`{command}` has no option `{option}`.",
        cause="The name is misspelt, or the option belongs to another command.",
        cure="Read the command's own help, with `--help` after its name.",
        hints={"nearest": "Did you mean `{nearest}`?", "default": "{command} --help"},
    ),
    "L583": Entry(
        summary="Not confirmed",
        detail="There is no terminal to ask whether this is to be done, and `--yes` is missing. Nothing was "
        "sent.",
        cause="`launcher apply`, `launch` and `retry` start jobs, so a person confirms it, or whoever wrote the "
        "pipeline does with `--yes`.",
        cure="Look at `launcher diff` first, then say `--yes`.",
        hints={"default": "Look at `launcher diff`; then give the same command with `--yes`."},
    ),
    "L584": Entry(
        summary="Unknown code",
        detail="There is no diagnostic `{asked}`.",
        cause="The code is misspelt, or belongs to another version of launcher.",
        cure="`launcher explain` without a code lists all of them.",
        hints={"default": "launcher explain"},
    ),
    "L585": Entry(
        summary="The schemas are not up to date",
        detail="{path} is not what this version of launcher writes: {reason}.",
        cause="launcher was updated, or the file was changed by hand. Schemas are generated and committed, "
        "so that editors and CI check manifests as launcher does.",
        cure="Run `launcher schema` and commit what it writes.",
        hints={"default": "launcher schema"},
    ),
    "L586": Entry(
        summary="A file cannot be written",
        detail="{path} cannot be written: {reason}.",
        cause="The folder is missing or read-only, or the disk is full.",
        cure="Make the place writable, or work in another directory with `--directory`.",
        hints={},
    ),
    "L587": Entry(
        summary="Not in the canonical layout",
        detail="{path} is not laid out as `launcher fmt` would do it.",
        cause="The file was edited by hand, or written by another tool.",
        cure="Run `launcher fmt --fix`: it keeps comments and meaning.",
        hints={"default": "launcher fmt --fix"},
    ),
}
