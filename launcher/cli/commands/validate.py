"""`launcher validate`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from launcher.cli.options import general_options, output_option
from launcher.errors import ExitCode

if TYPE_CHECKING:
    from launcher.cli.face import Face
    from launcher.operations.validate import Validated

__all__ = ["validate"]


@click.command(short_help="Check workspace and manifests, offline.")
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path())
@output_option("text", "json")
@general_options
@click.pass_obj
def validate(face: Face, /, *, paths: tuple[str, ...], output: str) -> ExitCode:
    """Check workspace and manifests, offline.

    All problems of all files are shown at once. With PATHs, only the problems of these files are
    shown; the rules across files still see every manifest.
    """
    from launcher.operations.validate import validate as operation

    found = operation(face.directory, paths)
    if output == "json":
        _show_json(found, face)
    else:
        _show_text(found, face)
    return ExitCode.DONE if _is_valid(found) else ExitCode.INVALID


def _is_valid(found: Validated) -> bool:
    if not found.diagnostics:
        return True
    from launcher.catalogue import texts
    from launcher.diagnostics import Severity

    return all(texts(item).severity is Severity.WARNING for item in found.diagnostics)


def _show_json(found: Validated, face: Face) -> None:
    from launcher.render import documents, json_text

    data = documents.validated(valid=_is_valid(found), files=found.files, found=found.diagnostics)
    face.answer.write(json_text.document(data))


def _show_text(found: Validated, face: Face) -> None:
    if found.diagnostics:
        from launcher.cli.failure import show_diagnostics

        show_diagnostics(found.diagnostics, face, found.root)
    if _is_valid(found):
        plural = "manifest is" if found.files == 1 else "manifests are"
        good = face.paint(face.answer).good("valid")
        face.answer.write(f"{found.files} {plural} {good}.\n")
