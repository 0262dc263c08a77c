"""What `import` has made of job plans, for people and as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from launcher.render.documents import diagnostics
from launcher.render.json_text import FORMAT_VERSION
from launcher.render.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from launcher.diagnostics import Diagnostic

__all__ = ["ImportedPlan", "import_answer", "render_import"]


@dataclass(frozen=True, slots=True)
class ImportedPlan:
    """What became of one job plan.

    Attributes:
        id: the job plan.
        title: its name on JOB.
        name: the launch's.
        path: the manifest, relative to the workspace.
        text: the manifest as it was written; as it would be written anew, if it was not.
        written: false where a manifest of this launch is there already and was kept, and where none was to be written.
        unfilled: required variables that somebody has to fill in.
        ciphers: variables whose value JOB keeps to itself.
    """

    id: int
    title: str
    name: str
    path: str
    text: str
    written: bool
    unfilled: tuple[str, ...]
    ciphers: tuple[str, ...]


def render_import(plans: Iterable[ImportedPlan], environment: str | None) -> str:
    """What was written and what is left to do; `environment` is what `-e` has to name, if anything."""
    every = list(plans)
    lines = [line for item in every for line in _told(item)]
    fresh = [item for item in every if item.written]
    return "".join(f"{line}\n" for line in [*lines, *_next(fresh, environment)])


def _told(item: ImportedPlan) -> Iterator[str]:
    path, plan = visible(item.path), f'job plan {item.id} "{visible(item.title)}"'
    if not item.written:
        yield f"kept {path}, which launches {plan} already; --force writes it again"
        return
    yield f"wrote {path}: {plan}"
    if item.unfilled:
        yield f"  fill in: {_listed(item.unfilled)} (required, without a default)"
    if item.ciphers:
        yield f"  left to JOB: {_listed(item.ciphers)} (secret; its comment says how to send one)"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(visible(name) for name in names)


def _next(fresh: list[ImportedPlan], environment: str | None) -> Iterator[str]:
    if fresh:
        where = "" if environment is None else f" -e {visible(environment)}"
        yield ""
        has_gaps = any(item.unfilled for item in fresh)
        yield "Next, once everything is filled in:" if has_gaps else "Next:"
        yield f"  launcher diff{where} {' '.join(item.name for item in fresh)}"


def import_answer(
    plans: Iterable[ImportedPlan], environment: str, found: Iterable[Diagnostic]
) -> dict[str, Any]:
    """The answer of `import` in JSON."""
    return {
        "format_version": FORMAT_VERSION,
        "environment": environment,
        "manifests": [_data(item) for item in plans],
        "diagnostics": diagnostics(found),
    }


def _data(item: ImportedPlan) -> dict[str, Any]:
    return {
        "name": item.name,
        "manifest": item.path,
        "plan": {"id": item.id, "name": item.title},
        "written": item.written,
        "unfilled": list(item.unfilled),
        "ciphers": list(item.ciphers),
        "text": item.text,
    }
