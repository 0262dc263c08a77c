"""Hold a changeset against what was reviewed."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from launcher.diagnostics import Diagnostic
from launcher.engine.changeset import ACTING, OFFLINE_PREFIX
from launcher.errors import RefusedToAct, SurroundingsFailed

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
    if not _is_changeset(data):
        raise _unusable(path, "it is not a changeset of this version")
    found: dict[str, Any] = data
    return found


def _is_changeset(data: Any) -> bool:  # noqa: ANN401 - any JSON value
    return (
        isinstance(data, dict)
        and str(data.get("format_version", "")).startswith("1.")
        and isinstance(data.get("environment"), str)
        and isinstance(data.get("offline"), bool)
        and isinstance(data.get("changes"), list)
        and all(
            isinstance(change, dict)
            and all(isinstance(change.get(key), str) for key in ("name", "action", "change_digest"))
            for change in data["changes"]
        )
    )


def _unusable(path: Path, problem: str) -> SurroundingsFailed:
    return SurroundingsFailed(Diagnostic("L532", {"path": str(path), "problem": problem}))
