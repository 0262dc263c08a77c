"""Hold a changeset against what was reviewed."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from launcher.diagnostics import Diagnostic, json_pointer
from launcher.engine.approval import subset_with
from launcher.engine.changeset import ACTING, OFFLINE_PREFIX, Reason, changeset_digest
from launcher.engine.events import Draft, Kind
from launcher.engine.guards import REVIEWED_DIGEST
from launcher.errors import RefusedToAct, SurroundingsFailed
from launcher.manifest.schemas import DIFF, schema

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from launcher.engine.changeset import Changeset
    from launcher.engine.recorded import Recorded
    from launcher.operations.observe import Decided
    from launcher.operations.site import Site

__all__ = [
    "VARIABLE",
    "Review",
    "approval_of",
    "approved_in",
    "check_review",
    "covered_by",
    "in_commit",
    "is_demanded",
    "read_saved",
    "review_of",
    "unreviewed_note",
]

VARIABLE = "LAUNCHER_REVIEWED_DIGEST"
"""The variable by which a pipeline names what was reviewed."""

TRAILER = "Launcher-Digest"
"""The trailer by which the message of a merge commit names it: `Launcher-Digest: ENVIRONMENT DIGEST`."""

_LIMIT = 64 * 1024 * 1024
_ACTING = frozenset(action.value for action in ACTING)


@dataclass(frozen=True, slots=True)
class Review:
    """What was reviewed.

    Attributes:
        digest: of the whole changeset; `None` where none was named.
        source: where that was found, for people; `None` where none was named.
        changes: digests of acting changes by launch name, of a saved changeset; `None` without one.
        saved: digest of the saved changeset; `None` without one.
        environment: which environment the saved changeset is for; `None` without one.
    """

    digest: str | None = None
    source: str | None = None
    changes: Mapping[str, str] | None = None
    saved: str | None = None
    environment: str | None = None

    @property
    def is_named(self) -> bool:
        """Whether a run says what was reviewed."""
        return self.digest is not None or self.changes is not None


def review_of(
    digest: str | None, file: Path | None, environment: str | None, environ: Mapping[str, str]
) -> Review:
    """The review that a run names: by a digest, by a saved changeset, or by `LAUNCHER_REVIEWED_DIGEST`.

    Raises:
        SurroundingsFailed: the saved changeset cannot be used, or is for another environment.
        RefusedToAct: it was made without the server.
    """
    named, source = digest, "--digest"
    if not named:
        named, source = environ.get(VARIABLE), VARIABLE
    review = Review(digest=named, source=source) if named else Review()
    if file is None:
        return review
    saved = read_saved(file)
    if environment is not None and environment != saved.environment:
        raise _unusable(file, f"it is for {saved.environment}, not for {environment}")
    return replace(saved, digest=review.digest, source=review.source)


def in_commit(site: Site) -> Review:
    """The review that the message of the commit at hand names for the environment; the last one counts.

    Raises:
        SurroundingsFailed: git could not tell.
    """
    if site.repository is None or site.commit is None:
        return Review()
    found = Review()
    for value in site.repository.trailers(site.commit, TRAILER):
        words = value.split()
        if len(words) == 2 and words[0] == site.environment.name:  # noqa: PLR2004 - environment, digest
            found = Review(digest=words[1], source=f"{TRAILER} of {site.commit}")
    return found


def is_demanded(site: Site, overridden: frozenset[str]) -> bool:
    """Whether nothing may act in the environment that no review covers."""
    return site.environment.guards.require_reviewed_digest and REVIEWED_DIGEST not in overridden


def approved_in(recorded: Recorded) -> frozenset[str]:
    """The digests of the changes that a review is on record for."""
    return frozenset(item.change for item in recorded.approvals.values())


def covered_by(review: Review, ahead: Changeset, recorded: Recorded) -> dict[str, str]:
    """Digests of the changes that `review` covers, by launch name.

    Args:
        review: names a digest, a saved changeset or both; what both cover is covered then.
        ahead: everything that would act, now, or later by itself.
        recorded: knows what earlier runs were shown.

    Raises:
        RefusedToAct: it was made without the server, or covers something else than what would be done.
    """
    found: dict[str, str] | None = None
    if review.digest is not None:
        found = _covered_by_digest(review, review.digest, ahead, recorded)
    if review.changes is not None:
        _check_saved(review.changes, ahead, recorded)
        same = review.changes.items() if found is None else review.changes.items() & found.items()
        found = dict(same)
    return found or {}


def check_review(review: Review, covered: Mapping[str, str], changeset: Changeset) -> None:
    """Check that nothing which the review covers would be done otherwise than it was reviewed.

    Raises:
        RefusedToAct: it would.
    """
    void = [
        change.name
        for change in changeset.changes
        if change.reason is Reason.UNREVIEWED and change.name in covered
    ]
    if not void:
        return
    facts = {"names": ", ".join(void), "environment": changeset.environment}
    if review.digest is None:
        raise RefusedToAct(Diagnostic("L533", facts))
    raise RefusedToAct(Diagnostic("L261", {**facts, "reviewed": review.digest}))


def approval_of(
    review: Review, covered: Mapping[str, str], recorded: Recorded
) -> tuple[Draft, ...]:
    """What records that `review` covers these changes; nothing where that is on record."""
    known = recorded.approvals
    if all(name in known and known[name].change == covered[name] for name in covered):
        return ()
    digest, source = review.digest, review.source
    if digest is None:
        digest, source = review.saved, "a saved changeset"
    data = {"digest": digest, "changes": dict(sorted(covered.items())), "source": source}
    return (Draft(Kind.APPROVED, data=data),)


def unreviewed_note(decided: Decided, *, by_hand: bool) -> Diagnostic | None:
    """What to say where changes are held because no review covers them; `by_hand`: a person asked for just these."""
    changeset = decided.changeset
    names = [item.name for item in changeset.changes if item.reason is Reason.UNREVIEWED]
    if not names:
        return None
    facts = {
        "names": ", ".join(names),
        "digest": decided.unrestricted.digest,
        "environment": changeset.environment,
    }
    return Diagnostic("L260", facts, hint="asked" if by_hand else "default")


def _covered_by_digest(
    review: Review, digest: str, ahead: Changeset, recorded: Recorded
) -> dict[str, str]:
    if digest.startswith(OFFLINE_PREFIX):
        raise RefusedToAct(Diagnostic("L531"))
    known = {
        name: item.change for name, item in recorded.approvals.items() if item.changeset == digest
    }
    acting = {change.name: change.digest for change in ahead.acting}
    if known or not acting:
        return known
    others = frozenset(acting.values()) - approved_in(recorded)
    likely = [others]
    if review.changes is not None:
        likely.insert(0, frozenset(review.changes.values()))

    def digest_of(digests: tuple[str, ...]) -> str:
        return changeset_digest(
            environment=ahead.environment,
            server=ahead.server,
            lineage=ahead.lineage,
            digests=digests,
        )

    subset = subset_with(digest, tuple(acting.values()), digest_of, likely)
    if subset is None:
        facts = {"digest": ahead.digest, "reviewed": digest, "environment": ahead.environment}
        raise RefusedToAct(Diagnostic("L536", facts))
    return {name: change for name, change in acting.items() if change in subset}


def _check_saved(saved: Mapping[str, str], ahead: Changeset, recorded: Recorded) -> None:
    """Check that what was saved would still be done, or is what an earlier run has begun to do."""
    acting = {change.digest for change in ahead.acting} | approved_in(recorded)
    gone = sorted(name for name, digest in saved.items() if digest not in acting)
    if gone:
        facts = {"names": ", ".join(gone), "environment": ahead.environment}
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
    return Review(changes=changes, saved=data["digest"], environment=data["environment"])


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
    place = json_pointer(tuple(error.absolute_path))
    where = f"; the first difference is at {place}" if place else ""
    return f"it does not have the form that this version of launcher saves{where}"


def _unusable(path: Path, problem: str) -> SurroundingsFailed:
    return SurroundingsFailed(Diagnostic("L532", {"path": str(path), "problem": problem}))
