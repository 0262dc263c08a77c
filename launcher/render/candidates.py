"""What a launch of unknown outcome may have run as, for people and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from launcher.engine.candidates import Clue
from launcher.render.documents import attempt_data, diagnostics
from launcher.render.json_text import FORMAT_VERSION
from launcher.render.paint import PLAIN
from launcher.render.values import time_text
from launcher.render.visible import one_line, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from launcher.diagnostics import Diagnostic
    from launcher.engine.candidates import Weighed
    from launcher.engine.recorded import Attempt
    from launcher.render.paint import Paint

__all__ = ["candidates_data", "render_candidates", "ways_out"]

_LONGEST = 120

_WORDS = {
    Clue.MARKER: "it carries the marker of this attempt",
    Clue.RECORDED: "it is on record as this attempt's instance",
    Clue.TIME: "it was created at about the time when this attempt was asked for",
    Clue.OPERATOR: "the account that launcher asks with created it",
    Clue.BEGUN: "it has begun",
    Clue.OTHER_MARKER: "it carries the marker of another launch or prepare",
    Clue.NO_MARKER: "it carries no marker",
    Clue.OTHER_LAUNCH: "it is on record as another launch's or attempt's instance",
    Clue.OTHER_TIME: "it was created at another time than this attempt was asked for",
    Clue.OTHER_OPERATOR: "another account created it",
    Clue.NOT_BEGUN: "it has not begun: nothing ran as it",
    Clue.NO_STEPS: "it has no steps: nothing can run as it",
}


def ways_out(name: str, environment: str, found: Sequence[Weighed]) -> tuple[str, str]:
    """The two commands that end an unknown outcome; the first names the instance that alone has all on its side."""
    best = [
        item.candidate.id
        for item in found
        if not item.speaks_against and {Clue.MARKER, Clue.RECORDED} & set(item.speaks_for)
    ]
    instance = str(best[0]) if len(best) == 1 else "INSTANCE"
    said = f"launcher resolve {name} -e {environment}"
    return f"{said} --ran {instance} --reason TEXT", f"{said} --not-ran --reason TEXT"


def render_candidates(
    name: str,
    environment: str,
    attempt: Attempt,
    found: Sequence[Weighed],
    paint: Paint = PLAIN,
) -> str:
    """Each candidate with what speaks for and against it, newest first; then the commands to copy."""
    asked = time_text(attempt.intended_at)
    lines = [
        f"{visible(name)}: {paint.bad('unknown')} (attempt {attempt.number}, asked for {asked})",
        "",
    ]
    for item in found:
        lines.extend(_lines(item, paint))
    if not found:
        lines.append("JOB lists no instance that it may have run as.")
    lines += ["", "Look at them on JOB's own pages; then say which it was, or that it did not run:"]
    lines += [visible(command) for command in ways_out(name, environment, found)]
    return "\n".join(lines) + "\n"


def _lines(item: Weighed, paint: Paint) -> Iterable[str]:
    candidate = item.candidate
    by = "" if candidate.operator is None else f" by {one_line(candidate.operator, _LONGEST)}"
    created = f"created {time_text(candidate.created)}{by}"
    yield f"instance {candidate.id}, status {candidate.status}, {created}"
    for clue in item.speaks_for:
        yield f"  {paint.good('+')} {_WORDS[clue]}"
    for clue in item.speaks_against:
        yield f"  {paint.bad('-')} {_WORDS[clue]}"


def candidates_data(
    name: str,
    environment: str,
    attempt: Attempt,
    found: Sequence[Weighed],
    notes: Iterable[Diagnostic] = (),
) -> dict[str, Any]:
    """The answer of `resolve` where nothing was said yet."""
    return {
        "format_version": FORMAT_VERSION,
        "environment": environment,
        "name": name,
        "newest": attempt_data(attempt),
        "candidates": [
            {
                "instance": item.candidate.id,
                "status": item.candidate.status,
                "created": item.candidate.created.isoformat() if item.candidate.created else None,
                "operator": item.candidate.operator,
                "for": [clue.value for clue in item.speaks_for],
                "against": [clue.value for clue in item.speaks_against],
            }
            for item in found
        ],
        "commands": list(ways_out(name, environment, found)),
        "diagnostics": diagnostics(notes),
    }
