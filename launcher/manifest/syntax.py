"""What the YAML parser complains about, as diagnostics in our own words.

libyaml and PyYAML's own parser say the same with different words, so both are recognised by what
their messages share.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from yaml.error import MarkedYAMLError

from launcher.diagnostics import Diagnostic, Place, Span
from launcher.manifest.sources import LINE_BREAK

if TYPE_CHECKING:
    from yaml import YAMLError

__all__ = ["refused_directive", "syntax_error"]

_Rule = tuple[re.Pattern[str], str, str, bool]

_RULES: tuple[_Rule, ...] = tuple(
    (re.compile(pattern), code, hint, at_context)
    for pattern, code, hint, at_context in (
        ("tab character", "L103", "default", False),
        ("invalid Unicode character escape", "L102", "escape", False),
        ("end of stream|document (indicator|separator)", "L116", "default", True),
        (r"expected ',' or '[\]}]'", "L117", "default", False),
        ("could not find expected ':'", "L118", "no_colon", True),
        ("expected key|block end|expected '-' indicator", "L118", "default", False),
        ("entries are not allowed", "L118", "dash", False),
        ("mapping values are not allowed", "L119", "colon", False),
        ("cannot start any token", "L119", "indicator", False),
        ("unknown escape character|hexa?decimal", "L119", "escape", False),
        ("expected alphabetic or numeric", "L119", "indicator", True),
    )
)
"""Pattern, code, hint, and whether the place is where the parser began rather than where it ended."""

_DIRECTIVE = re.compile(
    r"(?:(?:[ \t]*(?:#[^\r\n]*)?|%YAML[ \t]+1\.2[ \t]*(?:#[^\r\n]*)?)(?:\r\n|\r|\n))*"
    r"(?P<directive>%[^\r\n]*)"
)


def syntax_error(path: str, text: str, error: YAMLError) -> Diagnostic:
    """Why `text` could not be parsed."""
    if not isinstance(error, MarkedYAMLError) or error.problem_mark is None:
        facts = {"problem": " ".join(str(error).split())}
        return Diagnostic("L101", facts, Place(path, span=Span(1, 1, 1, 1)))
    problem = error.problem or "the text ends too early"
    mark, context = error.problem_mark, error.context_mark or error.problem_mark
    code, hint, at_context = _classified(problem, _character_at(text, mark.line, mark.column))
    begin = context if at_context else mark
    found = _character_at(text, begin.line, begin.column)
    facts = {"problem": problem, "character": found or "the end", "line": str(context.line + 1)}
    related = (
        None
        if at_context or (context.line, context.column) == (mark.line, mark.column)
        else Place(path, span=_at(context.line, context.column))
    )
    return Diagnostic(code, facts, Place(path, span=_at(begin.line, begin.column)), hint, related)


def refused_directive(path: str, text: str) -> Diagnostic | None:
    """The first directive other than `%YAML 1.2`: it would change how the text is read."""
    found = _DIRECTIVE.match(text)
    if found is None:
        return None
    directive = found["directive"].rstrip()
    if re.fullmatch(r"%YAML[ \t]+1\.2(?:[ \t]+#.*)?", directive):
        return None
    line = len(LINE_BREAK.split(text[: found.start("directive")]))
    span = Span(line, 1, line, 1 + len(directive))
    return Diagnostic("L115", {"directive": directive}, Place(path, span=span))


def _classified(problem: str, found: str) -> tuple[str, str, bool]:
    if found == "\t" and "cannot start any token" in problem:
        return "L103", "default", False
    if "document start" in problem and found not in {"]", "}"}:
        # Behind `...` only a new document can follow; a surplus bracket is another matter.
        return "L109", "default", False
    for pattern, code, hint, at_context in _RULES:
        if pattern.search(problem):
            return code, hint, at_context
    return "L101", "default", False


def _character_at(text: str, line: int, column: int) -> str:
    lines = LINE_BREAK.split(text)
    return lines[line][column : column + 1] if line < len(lines) else ""


def _at(line: int, column: int) -> Span:
    return Span(line + 1, column + 1, line + 1, column + 2)
