"""`launcher validate`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from launcher.cli.options import environment_option, general_options, output_option
from launcher.errors import ExitCode

if TYPE_CHECKING:
    from launcher.cli.face import Face
    from launcher.operations.validate import Validated
    from launcher.operations.validate_online import Asked

__all__ = ["validate"]


@click.command(short_help="Check workspace and manifests, offline or against JOB.")
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path())
@click.option(
    "--online",
    is_flag=True,
    help="Also hold launches against the job plans on JOB; changes nothing there, reads no secret.",
)
@environment_option
@output_option("text", "json")
@general_options
@click.pass_obj
def validate(
    face: Face,
    /,
    *,
    paths: tuple[str, ...],
    online: bool,
    environment: str | None,
    output: str,
) -> ExitCode:
    """Check workspace and manifests, offline or against JOB.

    All problems of all files are shown at once. With PATHs, only the problems of these files are
    shown; the rules across files still see every manifest.

    With --online, JOB is asked once nothing is wrong offline: whether the job plans of one environment are
    there, and take what its launches would send.
    """
    if environment is not None and not online:
        raise click.UsageError("-e/--environment needs --online: offline, all of them are checked.")
    found, asked = _found(face, paths, environment, online=online)
    if output == "json":
        _show_json(found, asked, face)
    else:
        _show_text(found, asked, face, online=online)
    return _exit_code(found, asked)


def _found(
    face: Face, paths: tuple[str, ...], environment: str | None, *, online: bool
) -> tuple[Validated, Asked | None]:
    if not online:
        from launcher.operations.validate import validate as operation

        return operation(face.directory, paths), None
    from launcher.cli.surroundings import surroundings_of
    from launcher.operations.validate_online import validate_online

    return validate_online(face.directory, paths, environment, surroundings_of(face))


def _exit_code(found: Validated, asked: Asked | None) -> ExitCode:
    if not _is_valid(found):
        return ExitCode.INVALID
    return ExitCode.SURROUNDINGS if asked is not None and asked.failures else ExitCode.DONE


def _is_valid(found: Validated) -> bool:
    if not found.diagnostics:
        return True
    from launcher.catalogue import texts
    from launcher.diagnostics import Severity

    return all(texts(item).severity is Severity.WARNING for item in found.diagnostics)


def _show_json(found: Validated, asked: Asked | None, face: Face) -> None:
    from launcher.render import documents, json_text

    data = documents.validated(
        valid=_is_valid(found),
        files=found.files,
        found=(*found.diagnostics, *(asked.failures if asked is not None else ())),
        online=None
        if asked is None
        else {
            "environment": asked.environment,
            "launches": asked.launches,
            "job_plans": asked.job_plans,
        },
    )
    face.answer.write(json_text.document(data))


def _show_text(found: Validated, asked: Asked | None, face: Face, *, online: bool) -> None:
    failures = asked.failures if asked is not None else ()
    if found.diagnostics or failures:
        from launcher.cli.failure import show_diagnostics

        show_diagnostics((*failures, *found.diagnostics), face, found.root)
    if _is_valid(found):
        plural = "manifest is" if found.files == 1 else "manifests are"
        good = face.paint(face.answer).good("valid")
        face.answer.write(f"{found.files} {plural} {good}.\n")
    if asked is not None:
        from launcher.render.validated import render_asked

        face.answer.write(render_asked(asked.environment, asked.launches, asked.job_plans))
    elif online:
        face.aside.write("JOB was not asked: first, nothing may be wrong offline.\n")
