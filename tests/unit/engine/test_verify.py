"""What a frozen copy is compared with, and what that finds."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from launcher.engine.observed import (
    FrozenCopy,
    Host,
    InstanceStatus,
    JobPlan,
    Missing,
    PlanPin,
    PlanVariable,
    Step,
    VariableKind,
)
from launcher.engine.spec import EffectiveSpec, Hosts, Scope, SecretReference, Variable
from launcher.engine.verify import Different, Gone, NotBlank, Same, verify
from tests.support.ledgers import created, intended, prepared, recorded_of

ATTEMPT = recorded_of(created(), intended(), prepared()).launches["web-deploy"].newest
PIN = ATTEMPT.plan or PlanPin(0, "", "", "")
CHECK, COPY, TELL = (
    Step("check", "script", {"script": "true"}, "targets"),
    Step("copy", "file", {"source": "/a"}, "targets"),
    Step("tell", "approval", {"message": "go?"}),
)
PLAN = JobPlan(
    PIN,
    (
        PlanVariable(1, "version", VariableKind.STRING, required=False),
        PlanVariable(2, "targets", VariableKind.HOSTS, required=False),
        PlanVariable(3, "password", VariableKind.CIPHER, required=False),
        PlanVariable(4, "unused", VariableKind.HOSTS, required=False),
        PlanVariable(5, "LAUNCH_KEY", VariableKind.STRING, required=False),
        PlanVariable(6, "space", VariableKind.NAMESPACE, required=False),
    ),
    (CHECK, COPY, TELL),
)
STATUS = InstanceStatus(
    id=20000000001,
    name="Deploy web",
    status=1,
    finished=False,
    created=ATTEMPT.intended_at,
    started=None,
    ended=None,
    steps=(),
)
MARKER = ("LAUNCH_KEY", "l/e/n/1")
COPY_OF_ALL = FrozenCopy(
    STATUS,
    {"version": "1", "LAUNCH_KEY": "l/e/n/1"},
    (CHECK, COPY, TELL),
    (Host(101, 0, "10.0.0.1"), Host(102, 0, "10.0.0.2")),
)
EVERYTHING = Same(("steps", "hosts", "variables"), ())


def spec(*variables):
    return EffectiveSpec(Scope("biz", "2"), 1000, variables)


VERSION = spec(Variable("version", "1"))


def judged(copy=COPY_OF_ALL, wanted=VERSION, *, plan=PLAN, marker=MARKER, attempt=ATTEMPT):
    return verify(attempt, wanted, copy, plan, marker=marker, clock_skew_s=120)


def frozen(**changes):
    return replace(COPY_OF_ALL, **changes)


def at(status):
    return replace(COPY_OF_ALL, status=status)


SAME = {
    "everything as declared": judged(),
    "a step of the plan is disabled": judged(frozen(steps=(CHECK, TELL))),
    "hosts by id": judged(wanted=spec(Variable("targets", Hosts(ids=(101, 102))))),
    "hosts by address": judged(wanted=spec(Variable("targets", Hosts(ips=((0, "10.0.0.2"),))))),
    "addresses beside ids, which JOB ignores": judged(
        wanted=spec(Variable("targets", Hosts(ids=(101,), ips=((0, "10.9.9.9"),))))
    ),
    "hosts of a variable that no step names": judged(
        wanted=spec(Variable("unused", Hosts(ids=(999,))))
    ),
    "a group, which only JOB can resolve": judged(
        wanted=spec(Variable("targets", Hosts(dynamic_groups=("g",))))
    ),
    "a cipher, which cannot be read": judged(
        wanted=spec(Variable("password", SecretReference("env", "A", "1")))
    ),
    "a namespace, which cannot be read": judged(wanted=spec(Variable("space", "x"))),
    "no marker": judged(frozen(texts={"version": "1"}), marker=None),
    "a variable by id": judged(wanted=spec(Variable("v", "1", 1))),
}


@pytest.mark.parametrize("found", SAME.values(), ids=SAME)
def test_nothing_differs(found):
    assert found == EVERYTHING


DIFFERENT = {
    "the job plan moved": (
        judged(plan=replace(PLAN, pin=replace(PIN, digest="v1:sha256:0"))),
        "The job plan was changed after this launch was decided.",
    ),
    "another name": (
        judged(at(replace(STATUS, name="Other"))),
        "The instance is named Other, not Deploy web as the job plan.",
    ),
    "a step was altered": (
        judged(frozen(steps=(CHECK, replace(COPY, facts={"source": "/b"})))),
        "Step copy of the instance is not what the job plan says (source).",
    ),
    "a step of another target": (
        judged(frozen(steps=(replace(CHECK, target_variable="others", kind="file"),))),
        "Step check of the instance is not what the job plan says (kind, target variable).",
    ),
    "steps in another order": (
        judged(frozen(steps=(COPY, CHECK))),
        "Step check of the instance is not in the job plan, or not in this place.",
    ),
    "a step twice": (
        judged(frozen(steps=(CHECK, CHECK))),
        "Step check of the instance is not in the job plan, or not in this place.",
    ),
    "another text": (
        judged(frozen(texts={"version": "2", "LAUNCH_KEY": "l/e/n/1"})),
        "Variable version of the instance is not what was declared.",
    ),
    "a text is missing": (
        judged(frozen(texts={"LAUNCH_KEY": "l/e/n/1"})),
        "Variable version of the instance is not what was declared.",
    ),
    "another marker": (
        judged(frozen(texts={"version": "1", "LAUNCH_KEY": "l/e/n/2"})),
        "Variable LAUNCH_KEY of the instance is not what was declared.",
    ),
    "a host is missing": (
        judged(wanted=spec(Variable("targets", Hosts(ids=(101, 103))))),
        "Host 103 of targets is not among the hosts of the instance.",
    ),
    "an address is missing": (
        judged(wanted=spec(Variable("t", Hosts(ips=((1, "10.0.0.1"),)), 2))),
        "Host 1:10.0.0.1 of t is not among the hosts of the instance.",
    ),
}


@pytest.mark.parametrize(("found", "message"), DIFFERENT.values(), ids=DIFFERENT)
def test_what_differs_is_said(found, message):
    assert found == Different(message)


@pytest.mark.parametrize(
    ("seconds", "fits"), [(-121, False), (-119, True), (0, True), (119, True), (125, False)]
)
def test_an_instance_is_ours_only_if_it_was_created_while_it_was_asked_for(seconds, fits):
    created_at = ATTEMPT.intended_at + timedelta(seconds=seconds)
    found = judged(at(replace(STATUS, created=created_at)))
    assert isinstance(found, Same) is fits


def test_an_instance_that_has_left_status_1_is_not_compared():
    assert judged(at(replace(STATUS, status=2, name="Other"))) == NotBlank(2)


def test_an_instance_that_job_does_not_know_is_gone():
    assert judged(Missing(20000000001)) == Gone()


@pytest.mark.parametrize(
    ("copy", "compared", "not_compared"),
    [
        (frozen(texts=None), ("steps", "hosts"), ("variables",)),
        (frozen(steps=None), ("hosts", "variables"), ("steps",)),
        (frozen(steps=None, texts=None, hosts=None), (), ("steps", "hosts", "variables")),
    ],
)
def test_what_cannot_be_read_back_is_said_and_never_assumed(copy, compared, not_compared):
    assert judged(copy) == Same(compared, not_compared)
