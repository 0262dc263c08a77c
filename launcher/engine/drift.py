"""What has changed in a job plan since a launch of it, told from the content that the ledger keeps.

A sensitive parameter and the default of a cipher are never told, neither before nor after, also where they are
marked so on one side only: whether they changed is unknown. So is whether that has changed which stands where a secret
was taken out of what was kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from launcher.engine.content import FORMAT, whole_content_of
from launcher.engine.linediff import Line, likeness_of, line_diff
from launcher.engine.masks import masked_alike, masked_content
from launcher.engine.observed import MASK
from launcher.engine.pairing import Pair, paired
from launcher.engine.spec import digest_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from launcher.engine.observed import JobPlan, PlanPin

__all__ = [
    "UNDER_MASK",
    "Difference",
    "Drift",
    "Found",
    "Kind",
    "Since",
    "Subject",
    "drift_between",
]

Data = dict[str, Any]

_CIPHER = "Ciphertext"
_PARAMETERS = "parameters"
_DEFAULT = "default"
_WORK = frozenset({"script", "sources", "message"})
"""What a step does; the other facts say how."""
_PLAIN, _SENSITIVE = "plain", "sensitive"
UNDER_MASK = "secret"
"""Before and after of what is hidden where a secret was taken out of a text; the rest of the text is told."""


class Since(StrEnum):
    """Since when."""

    RAN = "ran"
    """An attempt of this launch was started."""
    PREPARED = "prepared"
    """An instance of this launch was prepared, which has not been started."""
    PINNED = "pinned"
    """The content that the manifest pins."""


class Found(StrEnum):
    """What the comparison came to."""

    COMPARED = "compared"
    """The differences are told."""
    NOTHING_SHOWN = "nothing-shown"
    """The job plan was saved again, and nothing that JOB shows differs."""
    NOT_COMPARED = "not-compared"
    """Something differs that launcher does not take apart."""
    NOT_KEPT = "not-kept"
    """The content of then is not on record, or was kept in a form that this build does not know."""


class Subject(StrEnum):
    """What a difference is about."""

    PLAN = "plan"
    STEP = "step"
    VARIABLE = "variable"


class Kind(StrEnum):
    """In which way it differs."""

    ADDED = "added"
    REMOVED = "removed"
    RENAMED = "renamed"
    MOVED = "moved"
    CHANGED = "changed"
    HIDDEN = "hidden"
    """It is never told; whether it changed is unknown."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs.

    Attributes:
        subject: what it is about.
        name: of the step or the variable, as it is called now, or was where it is gone; of the job plan.
        kind: in which way.
        field: which fact of it; `None` for the thing as a whole.
        before: JSON value; a name for what is renamed, a place from 1 for what is moved; `None` where there was none.
            What was too long to keep is an object with `digest`, `bytes` and `lines`.
        after: the same of now.
        lines: the lines that differ, with some around them, where the fact is a text of several lines.
        further: how many more lines there are.
    """

    subject: Subject
    name: str
    kind: Kind
    field: str | None = None
    before: Any = None
    after: Any = None
    lines: tuple[Line, ...] = ()
    further: int = 0


@dataclass(frozen=True, slots=True)
class Drift:
    """That a job plan is not what it was.

    Attributes:
        plan: the job plan as it reads now.
        by: who changed it last; empty where JOB does not say.
        since: since when.
        attempt: the attempt that is compared with; `None` for a pin.
        before: the digest of then.
        found: what the comparison came to.
        differences: in the order of steps and of variables.
    """

    plan: PlanPin
    by: str
    since: Since
    attempt: int | None
    before: str
    found: Found
    differences: tuple[Difference, ...] = ()


def drift_between(
    before: str,
    content: Mapping[str, Any] | None,
    plan: JobPlan,
    *,
    since: Since,
    attempt: int | None = None,
    redact: Callable[[str], str] = str,
) -> Drift | None:
    """What differs in `plan` from the `content` whose digest is `before`; `None` where the digest is the same.

    Args:
        before: the digest of then.
        content: what the ledger keeps of it; `None` where it keeps nothing.
        plan: the job plan as it reads now.
        since: since when.
        attempt: the attempt that is compared with.
        redact: takes secrets out of what was kept by whoever did not know them; `plan` holds none that are known.
    """
    if plan.pin.digest == before:
        return None
    differences: tuple[Difference, ...] = ()
    if content is None or content.get("format") != FORMAT:
        found = Found.NOT_KEPT
    else:
        present, past = whole_content_of(plan), masked_content(content, redact)
        differences = tuple(
            item
            for item in _differences(past, present)
            # The substance is a digest of what no secret was taken out of.
            if item.kind is not Kind.HIDDEN
            or item.before != UNDER_MASK
            or not _has_same_substance(past, present)
        )
        found = _found(past, present, differences)
    return Drift(plan.pin, plan.modified_by, since, attempt, before, found, differences)


def _found(
    before: Mapping[str, Any], after: Mapping[str, Any], differences: tuple[Difference, ...]
) -> Found:
    if any(item.kind is not Kind.HIDDEN for item in differences):
        return Found.COMPARED
    same = _has_same_substance(before, after)
    return Found.NOTHING_SHOWN if same else Found.NOT_COMPARED


def _has_same_substance(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    return bool(before["substance"] == after["substance"] != "")


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    if before["name"] != after["name"]:
        names = before["name"], after["name"]
        yield Difference(Subject.PLAN, after["name"], Kind.CHANGED, "name", *names)
    steps = paired(before["steps"], after["steps"], _is_like)
    yield from _about(Subject.STEP, steps, _step_facts)
    variables = paired(before["variables"], after["variables"], _has_id_of)
    yield from _about(Subject.VARIABLE, variables, _variable_facts)


def _is_like(old: Data, new: Data) -> float:
    """How much of two steps of different names is the same, from 0 to 1: first of all what they do."""
    if old["kind"] != new["kind"]:
        return 0
    before, after = old["facts"], new["facts"]
    work = [likeness_of(before[key], after[key]) for key in _WORK if key in before and key in after]
    rest = {*before, *after} - _WORK
    same = sum(_is_same(before.get(key), after.get(key)) for key in rest)
    return 0.7 * max(work, default=0) + 0.3 * (same / len(rest) if rest else 1)


def _has_id_of(old: Data, new: Data) -> float:
    # A variable's id is the template's, and stable over syncs. Source: bk-job, `TaskPlanVariableDAOImpl.extract`.
    return float(old["id"] == new["id"])


def _about(
    subject: Subject, pairs: tuple[Pair, ...], facts_of: Callable[[Data], Data]
) -> Iterator[Difference]:
    for pair in pairs:
        old, new = pair.old, pair.new
        if new is None:
            if old is not None:
                yield Difference(subject, old["name"], Kind.REMOVED, before=pair.was)
            continue
        name = new["name"]
        if old is None:
            yield Difference(subject, name, Kind.ADDED, after=pair.now)
        elif old["name"] != name:
            yield Difference(subject, name, Kind.RENAMED, before=old["name"], after=name)
        # The order of variables means nothing.
        if pair.moved and subject is Subject.STEP:
            yield Difference(subject, name, Kind.MOVED, before=pair.was, after=pair.now)
        yield from _facts_that_differ(subject, name, facts_of(old or {}), facts_of(new))


class _Hidden:
    """Stands for what is never told."""


_HIDDEN = _Hidden()


def _step_facts(step: Data) -> Data:
    if not step:
        return {}
    facts = {"kind": step["kind"], **step["facts"]}
    return {**facts, _PARAMETERS: _HIDDEN} if step.get(_SENSITIVE) else facts


def _variable_facts(variable: Data) -> Data:
    if not variable:
        return {}
    facts = {key: variable[key] for key in ("kind", "required", "description", "used")}
    if variable["kind"] == _CIPHER:
        return {**facts, _DEFAULT: _HIDDEN}
    return {**facts, _DEFAULT: variable.get("hosts", variable.get("value"))}


def _facts_that_differ(
    subject: Subject, name: str, before: Data, after: Data
) -> Iterator[Difference]:
    for key in sorted({*before, *after}, key=_rank):
        old, now = before.get(key), after.get(key)
        new = masked_alike(old, now)
        if old is _HIDDEN or new is _HIDDEN:
            marks = (_mark(old) if before else None), _mark(new)
            yield Difference(subject, name, Kind.HIDDEN, key, *marks)
            continue
        is_short = _digest_kept(old) is not None and isinstance(now, str) and MASK in now
        # A digest of what was not masked says nothing of what is.
        if not is_short and not _is_same(old, new) and (before or new not in (None, "", False)):
            yield _changed(subject, name, key, old, new)
        if is_short or (isinstance(old, str) and MASK in old and isinstance(now, str)):
            # Whatever stands where a secret was taken out may be that secret, and may be anything else.
            yield Difference(subject, name, Kind.HIDDEN, key, UNDER_MASK, UNDER_MASK)


def _mark(value: Any) -> str:  # noqa: ANN401 - a fact, or what hides one
    return _SENSITIVE if value is _HIDDEN else _PLAIN


def _changed(subject: Subject, name: str, key: str, old: Any, new: Any) -> Difference:  # noqa: ANN401 - facts
    lines: tuple[Line, ...] = ()
    further = 0
    texts = [item for item in (old, new) if item is not None]
    if all(isinstance(item, str) for item in texts) and any("\n" in item for item in texts):
        lines, further = line_diff(old, new)
    return Difference(subject, name, Kind.CHANGED, key, old, new, lines, further)


def _is_same(old: Any, new: Any) -> bool:  # noqa: ANN401 - facts, whole or as their digest
    """Whether two facts are the same, one of them perhaps kept as its digest only."""
    if old == new:
        return True
    digests = {_digest_kept(old), _digest_kept(new)}
    if digests == {None}:
        return False
    return (_digest_kept(old) or digest_of(old)) == (_digest_kept(new) or digest_of(new))


def _digest_kept(value: Any) -> str | None:  # noqa: ANN401 - a fact
    is_short = isinstance(value, dict) and set(value) == {"digest", "bytes", "lines"}
    return value["digest"] if is_short else None


_FIRST = ("kind", "script", "script text", _PARAMETERS, "account", "target", "required", _DEFAULT)


def _rank(key: str) -> tuple[int, str]:
    return (_FIRST.index(key) if key in _FIRST else len(_FIRST)), key
