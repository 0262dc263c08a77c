"""The texts of all diagnostics, by code: what is said, what caused it, how to cure it.

One module per area holds the entries (`english/`); this package joins them and fills in facts.
Codes are a public contract: a code is never reused for another meaning.

| codes | area |
|---|---|
| L1xx | text and shape of one file (`english/manifests.py`) |
| L2xx | launches: rules across files, changesets, the protocol (`english/launches.py`) |
| L3xx | the JOB server and what it answers (`english/job.py`) |
| L4xx | ledger and lockfile (`english/ledger.py`) |
| L5xx | surroundings: settings, git, CI, command line (`english/surroundings.py`) |
| L6xx | the sandbox (`english/sandbox.py`); L63x: operations that were not sent (`english/unsent.py`) |
| L7xx | acts of people on one launch (`english/acts.py`) |
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from launcher.diagnostics import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from launcher.diagnostics import Diagnostic

__all__ = ["Entry", "Texts", "catalogue", "entry", "texts"]


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of one code.

    Attributes:
        summary: a few fixed words without user data, so that people learn to recognise it.
        detail: full sentences with `{fact}` placeholders: what is wrong with what, and why it matters.
        hints: what to do, by the name a diagnostic picks it with; may hold `{fact}` placeholders.
        cause: for `launcher explain`: how one gets here.
        cure: for `launcher explain`: how one gets out, step by step where there are steps.
        severity: how much it weighs.
    """

    summary: str
    detail: str
    cause: str
    cure: str
    hints: Mapping[str, str]
    severity: Severity = Severity.ERROR


@dataclass(frozen=True, slots=True)
class Texts:
    """A diagnostic in words; the facts are not yet made safe to show."""

    severity: Severity
    summary: str
    detail: str
    hint: str | None


@cache
def catalogue() -> Mapping[str, Entry]:
    """Every entry by code, sorted.

    Raises:
        ValueError: two areas define the same code, or a code is outside its area's range.
    """
    from launcher.catalogue.english import areas  # noqa: PLC0415 - a good run needs no texts

    merged: dict[str, Entry] = {}
    for prefix, entries in areas().items():
        for code, item in entries.items():
            if code in merged or not code.startswith(prefix):
                raise ValueError(f"{code} is defined twice or outside {prefix}xx")
            merged[code] = item
    return dict(sorted(merged.items()))


def entry(code: str) -> Entry:
    """The entry of `code`.

    Raises:
        KeyError: there is no such code.
    """
    return catalogue()[code]


def texts(diagnostic: Diagnostic) -> Texts:
    """`diagnostic` in words.

    Raises:
        KeyError: the code, the hint or a fact is missing: a bug in whoever made the diagnostic.
    """
    found = entry(diagnostic.code)
    facts = dict(diagnostic.facts)
    # A code without hints needs no `hint=None` at each of its places.
    use_hint = diagnostic.hint is not None and (found.hints or diagnostic.hint != "default")
    hint = found.hints[diagnostic.hint].format_map(facts) if use_hint and diagnostic.hint else None
    return Texts(found.severity, found.summary, found.detail.format_map(facts), hint)
