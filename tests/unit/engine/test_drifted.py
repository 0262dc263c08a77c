"""Since when a job plan is compared: its pin, what was prepared, what last ran."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from launcher.engine.content import content_of
from launcher.engine.desired import Launch
from launcher.engine.drift import Found, Since
from launcher.engine.drifted import drift_of
from launcher.engine.events import Kind
from launcher.engine.fold import fold
from launcher.engine.observed import JobPlan, PlanPin
from launcher.engine.recorded import Recorded, pin_data
from launcher.engine.spec import EffectiveSpec, Scope
from tests.support.ledgers import a_key, about, created, events_of, intended, prepared, waived


def a_plan(digit: str, number: int = 1000) -> JobPlan:
    pin = PlanPin(number, "Deploy web", "v1:sha256:" + digit * 64, "2026-11-01T00:00:00Z")
    return JobPlan(pin, (), (), None, "bob", digit)


def ran(digit: str, attempt: int = 1, *, kept: bool = True, number: int = 1000) -> list[Any]:
    """An attempt that ran the job plan as it was at `digit`, and what is on record of it."""
    return [*prepared_from(digit, attempt, kept=kept, number=number), *ended(attempt)]


def prepared_from(
    digit: str, attempt: int = 1, *, kept: bool = True, number: int = 1000
) -> list[Any]:
    plan = a_plan(digit, number)
    data: dict[str, Any] = {"plan": pin_data(plan.pin), "attempt": attempt, "key": a_key(digit)}
    data["spec"] = {"scope": {"type": "biz", "id": "2"}, "plan": {"id": number}, "variables": {}}
    if kept:
        data["content"] = content_of(plan)
    return [intended(**data), prepared(attempt=attempt)]


def ended(attempt: int) -> list[Any]:
    return [
        about(Kind.STARTING, attempt=attempt),
        about(Kind.SETTLED, attempt=attempt, outcome="succeeded", status=3),
    ]


def recorded(*drafts: Any) -> Recorded:
    return fold(Recorded(), events_of(created(), *drafts))


def a_launch(pin: str | None = None, scope: str = "2") -> Launch:
    digest = None if pin is None else "v1:sha256:" + pin * 64
    return Launch("web-deploy", EffectiveSpec(Scope("biz", scope), 1000, pin=digest))


NOW = a_plan("f")
CASES: dict[str, tuple[list[Any], str | None, tuple[Since, int | None, Found] | None]] = {
    "what last ran": (ran("a"), None, (Since.RAN, 1, Found.NOT_COMPARED)),
    "the newest of what ran": (
        [*ran("a"), *ran("b", 2)],
        None,
        (Since.RAN, 2, Found.NOT_COMPARED),
    ),
    "what was prepared": (
        [*ran("f"), *prepared_from("b", 2)],
        None,
        (Since.PREPARED, 2, Found.NOT_COMPARED),
    ),
    "what ran, where it was prepared as it is now": (
        [*ran("a"), *prepared_from("f", 2)],
        None,
        (Since.RAN, 1, Found.NOT_COMPARED),
    ),
    "nothing, where it ran as it is now": (ran("f"), None, None),
    "nothing, where another job plan ran": (ran("a", number=7), None, None),
    "the last that ran this job plan": (
        [*ran("a"), *ran("b", 2, number=7)],
        None,
        (Since.RAN, 1, Found.NOT_COMPARED),
    ),
    "nothing, where it has never run": ([], None, None),
    "nothing, where nothing was run but waived": ([waived(attempt=1)], None, None),
    "what ran, of which nothing is kept": (
        ran("a", kept=False),
        None,
        (Since.RAN, 1, Found.NOT_KEPT),
    ),
    "the pin, where its content is kept": (
        [*ran("a"), *ran("b", 2)],
        "a",
        (Since.PINNED, None, Found.NOT_COMPARED),
    ),
    "what ran, where the pin's content is not kept": (
        ran("a"),
        "c",
        (Since.RAN, 1, Found.NOT_COMPARED),
    ),
    "the pin, where nothing has run": ([], "c", (Since.PINNED, None, Found.NOT_KEPT)),
    "what ran, where it is pinned as it is now": (
        ran("a"),
        "f",
        (Since.RAN, 1, Found.NOT_COMPARED),
    ),
}


@pytest.mark.parametrize(("drafts", "pin", "expected"), CASES.values(), ids=CASES)
def test_it_is_compared_with(drafts, pin, expected):
    found = drift_of(a_launch(pin), recorded(*drafts), NOW)

    assert (found and (found.since, found.attempt, found.found)) == expected


def test_a_job_plan_of_another_scope_is_another():
    assert drift_of(a_launch(scope="3"), recorded(*ran("a")), NOW) is None
    assert drift_of(a_launch(), recorded(*ran("a")), NOW) is not None


def test_another_name_has_its_own_history():
    launch = replace(a_launch(), name="other")

    assert drift_of(launch, recorded(*ran("a")), NOW) is None
