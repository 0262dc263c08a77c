"""Job plans and frozen copies out of which secrets were taken, and what they are compared as."""

from __future__ import annotations

from dataclasses import replace

import pytest

from launcher.engine.observed import FrozenCopy, InstanceStatus, JobPlan, PlanPin, Step
from launcher.engine.verify import Different, Same, verify
from launcher.job.masking import masked_copy, masked_plan
from launcher.job.redaction import Redactor
from tests.support.ledgers import created, intended, prepared, recorded_of
from tests.unit.engine.test_verify import spec

REDACT = Redactor(("hunter2-canary", "other-canary"))
ATTEMPT = recorded_of(created(), intended(), prepared()).launches["web-deploy"].newest
STATUS = InstanceStatus(1, "Deploy web", 1, False, ATTEMPT.intended_at, None, None, ())  # noqa: FBT003 - as JOB says it


def step(text: str, name: str = "check") -> Step:
    return Step(name, "script", {"script": text, "language": "shell"}, more={"further": text})


def judged(planned: Step, frozen: Step) -> Same | Different:
    plan = JobPlan(ATTEMPT.plan or PlanPin(0, "", "", ""), (), (planned,))
    found = verify(
        ATTEMPT,
        spec(),
        masked_copy(FrozenCopy(STATUS, {}, (frozen,), ()), REDACT),
        masked_plan(plan, REDACT),
        marker=None,
        clock_skew_s=120,
    )
    assert isinstance(found, Same | Different)
    return found


def test_a_step_with_a_secret_is_the_same_in_the_instance_as_in_the_job_plan():
    # What only the job plan tells is no part of the comparison.
    frozen = replace(step("pass=hunter2-canary"), more={})
    assert isinstance(judged(step("pass=hunter2-canary"), frozen), Same)


@pytest.mark.parametrize("text", ["pass=other-canary", "pass=(secret)"])
def test_what_only_looks_the_same_without_secrets_is_not_taken_for_the_same(text):
    for pair in (
        (step("pass=hunter2-canary"), step(text)),
        (step(text), step("pass=hunter2-canary")),
    ):
        found = judged(*pair)
        assert isinstance(found, Different)
        assert "check" in found.message
        assert "a text that holds a secret of this run" in found.message
        assert "canary" not in str(found)


def test_nor_is_a_name_that_only_looks_the_same():
    found = judged(step("true", "run hunter2-canary"), step("true", "run (secret)"))
    assert isinstance(found, Different)


def test_a_masked_step_holds_no_secret_and_does_not_show_what_it_was():
    (found,) = masked_plan(
        JobPlan(PlanPin(0, "", "", ""), (), (step("x hunter2-canary"),)), REDACT
    ).steps
    assert found.facts == {"script": "x (secret)", "language": "shell"}
    assert found.unmasked
    assert found.unmasked not in repr(found)


def test_a_step_without_a_secret_stays_what_it_is_beside_one_that_has_one():
    plan = JobPlan(PlanPin(0, "", "", ""), (), (step("hunter2-canary"), step("true", "tell")))
    assert masked_plan(plan, REDACT).steps[1] == step("true", "tell")
    assert masked_plan(plan, REDACT).steps[1].unmasked == ""
