"""Take our own secrets out of what JOB tells of job plans: somebody may have written one into a script or a default.

A digest is made before that, of what JOB tells: it must be the same for whoever knows a secret and whoever does not.
The steps of an instance are masked as those of its job plan are, and both remember what they were, so that they compare
as before: another secret, or the text that stands for one, is not taken for the same.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from launcher.engine.spec import digest_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from launcher.engine.observed import FrozenCopy, JobPlan, PlanVariable, Step

__all__ = ["masked_copy", "masked_plan"]

_BETWEEN = "\0"
"""Stands in no text of JOB's and in no secret."""


def masked_plan(plan: JobPlan, redact: Callable[[str], str]) -> JobPlan:
    """`plan` without secrets in the texts that are shown or kept; its name, and those of variables, are what they are."""
    texts = [text for step in plan.steps for text in _texts(step)]
    texts += [text for item in plan.variables for text in (item.value or "", item.description)]
    if _is_clean(texts, redact):
        return plan
    return replace(
        plan,
        steps=tuple(_step(item, redact) for item in plan.steps),
        variables=tuple(_variable(item, redact) for item in plan.variables),
    )


def masked_copy(copy: FrozenCopy, redact: Callable[[str], str]) -> FrozenCopy:
    """`copy` with its steps as `masked_plan` gives them; the texts of variables are compared with what was declared."""
    if copy.steps is None or _is_clean([text for it in copy.steps for text in _texts(it)], redact):
        return copy
    return replace(copy, steps=tuple(_step(item, redact) for item in copy.steps))


def _is_clean(texts: list[str], redact: Callable[[str], str]) -> bool:
    """Whether none of `texts` holds a secret: asked once for all of them, since nearly none does."""
    together = _BETWEEN.join(texts)
    return redact(together) == together


def _texts(step: Step) -> Iterator[str]:
    yield step.name
    yield from step.facts.values()
    yield from step.more.values()


def _step(step: Step, redact: Callable[[str], str]) -> Step:
    name, facts = redact(step.name), {key: redact(text) for key, text in step.facts.items()}
    is_same = (name, facts) == (step.name, step.facts)
    return replace(
        step,
        name=name,
        facts=facts,
        more={key: redact(text) for key, text in step.more.items()},
        unmasked="" if is_same else digest_of([step.name, dict(step.facts)]),
    )


def _variable(variable: PlanVariable, redact: Callable[[str], str]) -> PlanVariable:
    value = None if variable.value is None else redact(variable.value)
    return replace(
        variable,
        value=value,
        is_masked=value != variable.value,
        description=redact(variable.description),
    )
