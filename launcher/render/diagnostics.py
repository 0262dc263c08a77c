"""Diagnostics for people: what is wrong, where exactly, and what to do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from launcher.catalogue import texts
from launcher.diagnostics import Severity, in_order
from launcher.render.paint import PLAIN, Paint
from launcher.render.visible import cells, visible, width

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from launcher.diagnostics import Diagnostic, Place, Span

__all__ = ["View", "counted", "headline", "hint_of", "render_diagnostic", "render_diagnostics"]

_WIDEST = 100
"""Columns of a source line that are shown; a longer one is cut around what is meant."""


def _no_sources(_path: str) -> Sequence[str] | None:
    return None


@dataclass(frozen=True, slots=True)
class View:
    """What the reader has before them.

    Attributes:
        paint: colours, or none.
        sources: the lines of a file by the path that a place names; `None` where it cannot be read.
        name: how such a path is shown: relative to where the reader stands.
    """

    paint: Paint = PLAIN
    sources: Callable[[str], Sequence[str] | None] = _no_sources
    name: Callable[[str], str] = str


def render_diagnostics(diagnostics: Iterable[Diagnostic], view: View | None = None) -> str:
    """All of them, sorted by place, with a closing line that counts them; empty for none."""
    ordered = in_order(diagnostics)
    if not ordered:
        return ""
    blocks = [render_diagnostic(item, view) for item in ordered]
    # Under a single one that is about no file, a count would only be noise.
    if len(ordered) > 1 or ordered[0].place is not None:
        blocks.append(counted(ordered) + "\n")
    return "\n".join(blocks)


def render_diagnostic(diagnostic: Diagnostic, view: View | None = None) -> str:
    """One of them: headline, place, source line with a caret, detail, related place, hint."""
    view = view or View()
    said = texts(_safe(diagnostic))
    strong = view.paint.bad if said.severity is Severity.ERROR else view.paint.careful
    title = strong(f"{said.severity.value}[{diagnostic.code}]")
    lines = [title + view.paint.bold(f": {said.summary}")]
    if diagnostic.place is not None:
        lines += _excerpt(diagnostic.place, "-->", strong, view)
    lines.append(said.detail)
    if diagnostic.related is not None:
        lines += _excerpt(diagnostic.related, "see", view.paint.quiet, view)
    if said.hint:
        first, *rest = said.hint.splitlines()
        lines.append(view.paint.good("help: ") + first)
        lines += [f"      {line}" for line in rest]
    return "\n".join(lines) + "\n"


def headline(diagnostic: Diagnostic) -> str:
    """It in one line, without place and hint: for where a line is all there is."""
    said = texts(_safe(diagnostic))
    return f"{said.severity.value}[{diagnostic.code}]: {said.summary}: {said.detail}"


def hint_of(diagnostic: Diagnostic) -> str:
    """What to do about it; empty where there is nothing to say."""
    return texts(_safe(diagnostic)).hint or ""


def counted(diagnostics: Sequence[Diagnostic]) -> str:
    """How many there are, of what weight and in how many files: `2 errors and 1 warning in 2 files`."""
    severities = [texts(item).severity for item in diagnostics]
    parts = [
        f"{count} {severity.value}{'' if count == 1 else 's'}"
        for severity in Severity
        if (count := severities.count(severity))
    ]
    files = len({item.place.path for item in diagnostics if item.place is not None})
    where = f" in {files} file{'' if files == 1 else 's'}" if files else ""
    return " and ".join(parts) + where


def _safe(diagnostic: Diagnostic) -> Diagnostic:
    return replace(
        diagnostic, facts={key: visible(value) for key, value in diagnostic.facts.items()}
    )


def _excerpt(place: Place, arrow: str, strong: Callable[[str], str], view: View) -> list[str]:
    quiet = view.paint.quiet
    shown = visible(view.name(place.path))
    if place.span is None:
        return [f"  {quiet(arrow)} {shown}"]
    lines = [f"  {quiet(arrow)} {shown}:{place.span.line}:{place.span.column}"]
    text = view.sources(place.path)
    if text is None or not 0 < place.span.line <= len(text):
        return lines
    number = str(place.span.line)
    source, caret = _pointed_at(text[place.span.line - 1], place.span)
    margin = " " * len(number)
    lines.append(quiet(f" {margin} |"))
    lines.append(f" {quiet(f'{number} |')} {source}".rstrip())
    lines.append(f" {quiet(f'{margin} |')} {_strong_at(caret, strong)}")
    return lines


def _strong_at(caret: str, strong: Callable[[str], str]) -> str:
    """The line below a source line, its spaces left alone."""
    blanks = len(caret) - len(caret.lstrip(" "))
    return caret[:blanks] + strong(caret[blanks:])


def _pointed_at(line: str, span: Span) -> tuple[str, str]:
    """The source line as it is shown, and the line with carets below it."""
    shown = cells(line)
    first = min(span.column - 1, len(shown))
    last = min(span.end_column - 1, len(shown)) if span.end_line == span.line else len(shown)
    last = max(last, first + 1)
    start, stop = _window(shown, first, last)
    head, tail = "…" if start else "", "…" if stop < len(shown) else ""
    before = width(head) + width("".join(shown[start:first]))
    carets = max(1, width("".join(shown[first : min(last, stop)])))
    return head + "".join(shown[start:stop]) + tail, " " * before + "^" * carets


def _window(shown: Sequence[str], first: int, last: int) -> tuple[int, int]:
    """Which cells to show: all of a short line, of a long one those around `first`."""
    if width("".join(shown)) <= _WIDEST:
        return 0, len(shown)
    start, room = first, _WIDEST // 3
    while start > 0 and (room := room - width(shown[start - 1])) >= 0:
        start -= 1
    stop, room = start, _WIDEST
    while stop < len(shown) and (room := room - width(shown[stop])) >= 0:
        stop += 1
    return start, max(stop, min(first + 1, last, len(shown)))
