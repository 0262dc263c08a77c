"""What the ledger keeps of a job plan: what a reader can compare, nothing secret, and not too much."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from launcher.engine.content import LIMITS, MOST_BYTES, content_of, shortened, with_contents
from launcher.engine.effects import Append
from launcher.engine.events import Draft, Kind
from launcher.engine.fold import fold
from launcher.engine.observed import JobPlan, PlanPin, PlanVariable, Step, VariableKind
from launcher.engine.recorded import Recorded, pin_data
from launcher.engine.spec import Hosts, canonical, digest_of
from tests.support.ledgers import created, events_of, intended
from tests.support.scripted import Scripted
from tests.support.simulated import a_launch, a_state

SCRIPT = Step("check", "script", {"script": "exit 0\n", "parameters": "-v", "account": "4"})


def a_plan(*steps: Step, digest: str = "a", variables: tuple[PlanVariable, ...] = ()) -> JobPlan:
    pin = PlanPin(1000, "Deploy web", "v1:sha256:" + digest * 64, "2026-11-01T00:00:00Z")
    return JobPlan(pin, variables, steps or (SCRIPT,), modified_by="bob", substance="s")


def variable(kind: VariableKind, **more) -> PlanVariable:
    return PlanVariable(7, "v", kind, required=True, **more)


def kept(plan: JobPlan):
    found = content_of(plan)
    assert found is not None
    return found


def test_steps_are_kept_with_their_facts_and_what_only_a_job_plan_tells():
    step = replace(SCRIPT, more={"interpreter": "py.exe"})

    assert kept(a_plan(step)) == {
        "format": 1,
        "name": "Deploy web",
        "modifiedBy": "bob",
        "substance": "s",
        "steps": [
            {
                "name": "check",
                "kind": "script",
                "facts": {
                    "script": "exit 0\n",
                    "parameters": "-v",
                    "account": "4",
                    "interpreter": "py.exe",
                },
            }
        ],
        "variables": [],
    }


def test_of_sensitive_parameters_only_that_they_are_is_kept():
    # Whoever reads steps leaves them out already; they are not believed.
    hidden = replace(SCRIPT, hides_parameters=True)

    (step,) = kept(a_plan(hidden))["steps"]

    assert step["sensitive"] is True
    assert "parameters" not in step["facts"]


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (variable(VariableKind.STRING, value="x"), {"value": "x"}),
        (variable(VariableKind.CIPHER, value="hunter2"), {}),
        (variable(VariableKind.HOSTS), {"hosts": None}),
        (variable(VariableKind.HOSTS, hosts=Hosts(ids=(1,))), {"hosts": {"ids": [1]}}),
    ],
)
def test_defaults_are_kept_but_those_of_ciphers(item, expected):
    (found,) = kept(a_plan(variables=(item,)))["variables"]

    common = {"id", "name", "kind", "required", "description", "used"}
    assert {key: value for key, value in found.items() if key not in common} == expected


def test_a_text_that_is_too_long_is_kept_as_its_digest_and_size():
    text = "x\n" * LIMITS[0]

    assert shortened(text, LIMITS[0]) == {
        "digest": digest_of(text),
        "bytes": 2 * LIMITS[0],
        "lines": LIMITS[0] + 1,
    }
    assert shortened("x" * LIMITS[0], LIMITS[0]) == "x" * LIMITS[0]
    assert shortened("值" * (LIMITS[0] // 3 + 1), LIMITS[0])["lines"] == 1
    (step,) = kept(a_plan(replace(SCRIPT, facts={"script": text})))["steps"]
    assert step["facts"]["script"] == shortened(text, LIMITS[0])


def test_many_texts_that_are_too_much_together_are_kept_shorter():
    steps = [replace(SCRIPT, name=str(n), facts={"script": "x" * 20_000}) for n in range(30)]
    small = replace(SCRIPT, name="small")

    found = kept(a_plan(*steps, small))

    assert len(canonical(found)) <= MOST_BYTES
    assert {type(item["facts"]["script"]) for item in found["steps"][:-1]} == {dict}
    assert found["steps"][-1]["facts"]["script"] == "exit 0\n"


def test_what_is_too_much_however_short_is_not_kept():
    steps = [replace(SCRIPT, name="n" * 500 + str(n)) for n in range(2000)]

    assert content_of(a_plan(*steps)) is None
    (draft,) = with_contents([an_intention("a")], [a_plan(*steps)], {})
    assert "content" not in draft.data


def an_intention(digest: str, name: str = "web") -> Draft:
    pin = pin_data(a_plan(digest=digest).pin)
    return Draft(Kind.INTENDED, name, data={"plan": pin, "nonce": "n"})


def test_a_content_goes_with_the_first_intention_that_names_its_digest():
    drafts = [
        Draft(Kind.SUPERSEDED, "web"),
        an_intention("a"),
        an_intention("a", "other"),
        an_intention("b"),
        an_intention("c"),
    ]
    plans = [a_plan(digest=digest) for digest in "aabc"]

    found = with_contents(drafts, plans, {a_plan(digest="c").pin.digest: {}})

    assert ["content" in draft.data for draft in found] == [False, True, False, True, False]
    assert found[1].data == {**drafts[1].data, "content": content_of(a_plan(digest="a"))}


def test_folding_keeps_the_first_content_of_a_digest_and_passes_over_events_without_one():
    pin = pin_data(a_plan().pin)
    one, two = {"format": 1, "name": "one"}, {"format": 1, "name": "two"}
    drafts = [
        created(),
        intended(),
        intended(attempt=2, plan=pin, content=one),
        intended(attempt=3, plan=pin, content=two),
    ]
    events = events_of(*drafts)

    whole = fold(Recorded(), events)

    assert whole.contents == {a_plan().pin.digest: one}
    assert fold(fold(Recorded(), events[:3]), events[3:]) == whole
    assert fold(Recorded(), events[:2]).contents == {}


def test_launches_of_one_job_plan_cost_one_copy_of_it():
    world = Scripted()
    names = [f"launch-{number}" for number in range(9)]

    world.apply(a_state(*map(a_launch, names)), parallelism=2)

    told = [
        draft
        for effect in world.trace
        if isinstance(effect, Append)
        for draft in effect.drafts
        if draft.kind is Kind.INTENDED
    ]
    assert len(told) == len(names)
    assert sum("content" in draft.data for draft in told) == 1
    assert len(world.recorded().contents) == 1
    assert json.dumps(dict(world.recorded().contents))
