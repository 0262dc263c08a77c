"""Hold a changeset against what was reviewed."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from launcher.diagnostics import Diagnostic, json_pointer
from launcher.engine.changeset import ACTING, OFFLINE_PREFIX
from launcher.errors import RefusedToAct, SurroundingsFailed
from launcher.manifest.schemas import DIFF, schema

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from launcher.engine.changeset import Changeset

__all__ = ["Review", "check_review", "read_saved", "review_of"]

_LIMIT = 64 * 1024 * 1024
_ACTING = frozenset(action.value for action in ACTING)


@dataclass(frozen=True, slots=True)
class Review:
    """What was reviewed.

    Attributes:
        digest: of the whole changeset; `None` where none was named.
        changes: digests of acting changes by launch name, of a saved changeset; `None` without one.
        environment: which environment the saved changeset is for; `None` without one.
    """

    digest: str | None = None
    changes: Mapping[str, str] | None = None
    environment: str | None = None

    @property
    def digests(self) -> frozenset[str] | None:
        """What `Options.reviewed` takes."""
        return None if self.changes is None else frozenset(self.changes.values())


def review_of(
    digest: str | None, file: Path | None, environment: str | None, environ: Mapping[str, str]
) -> Review:
    """The review that a run names: by a digest, by a saved changeset, or by `LAUNCHER_REVIEWED_DIGEST`.

    Raises:
        SurroundingsFailed: the saved changeset cannot be used, or is for another environment.
        RefusedToAct: it was made without the server.
    """
    named = digest or environ.get("LAUNCHER_REVIEWED_DIGEST") or None
    if file is None:
        return Review(digest=named)
    saved = read_saved(file)
    if environment is not None and environment != saved.environment:
        raise _unusable(file, f"it is for {saved.environment}, not for {environment}")
    return replace(saved, digest=named)


def check_review(review: Review, changeset: Changeset) -> None:
    """Check that what would be done is what was reviewed; a changeset that does nothing needs no review.

    Raises:
        RefusedToAct: it is not, or the review was made without the server.
    """
    if review.digest is not None:
        if review.digest.startswith(OFFLINE_PREFIX):
            raise RefusedToAct(Diagnostic("L531"))
        if changeset.acting and changeset.digest != review.digest:
            facts = {"digest": changeset.digest, "reviewed": review.digest}
            raise RefusedToAct(Diagnostic("L536", {**facts, "environment": changeset.environment}))
    if review.changes is not None:
        found = {change.digest for change in changeset.acting}
        gone = sorted(name for name, digest in review.changes.items() if digest not in found)
        if gone:
            facts = {"names": ", ".join(gone), "environment": changeset.environment}
            raise RefusedToAct(Diagnostic("L533", facts))


def read_saved(path: Path) -> Review:
    """The review that a saved changeset stands for.

    Raises:
        SurroundingsFailed: it cannot be read, or is no saved changeset.
        RefusedToAct: it was made without the server.
    """
    data = _document(path)
    if data["offline"] is not False:
        raise RefusedToAct(Diagnostic("L531"))
    changes = {
        change["name"]: change["change_digest"]
        for change in data["changes"]
        if change["action"] in _ACTING
    }
    return Review(changes=changes, environment=data["environment"])


def _document(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            content = file.read(_LIMIT + 1)
        if len(content) > _LIMIT:
            raise _unusable(path, "it is larger than 64 MiB")
        data = json.loads(content)
    except OSError as error:
        raise _unusable(path, error.strerror or "it cannot be read") from error
    except (ValueError, RecursionError) as error:
        raise _unusable(path, "it is not JSON") from error
    problem = _problem(data)
    if problem is not None:
        raise _unusable(path, problem)
    found: dict[str, Any] = data
    return found


def _problem(data: object) -> str | None:
    """What is wrong with a saved changeset, by the schema of what `diff -o json` prints."""
    # Imported here because only a saved changeset needs it.
    from jsonschema import Draft7Validator  # noqa: PLC0415
    from jsonschema.exceptions import best_match  # noqa: PLC0415

    whole = schema(DIFF)
    # A diff prints a changeset, or why there is none; only the first can be applied.
    changeset = {**whole["anyOf"][0], "definitions": whole["definitions"]}
    error = best_match(Draft7Validator(changeset).iter_errors(data))
    if error is None:
        return None
    place = json_pointer(tuple(error.absolute_path)) or "the whole of it"
    return f"it is not what this version saves, at {place}"


def _unusable(path: Path, problem: str) -> SurroundingsFailed:
    return SurroundingsFailed(Diagnostic("L532", {"path": str(path), "problem": problem}))
