"""A changeset for people."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from launcher.engine.changeset import Action, Change, Changeset, FieldDiff, Reason
from launcher.engine.desired import Launch
from launcher.engine.events import NO_HEAD
from launcher.engine.observed import PlanPin, PlanVariable, VariableKind
from launcher.engine.recorded import Attempt
from launcher.engine.spec import EffectiveSpec, Hosts, LaunchKey, PlanName, Scope
from launcher.render import documents
from launcher.render.changeset import SYMBOLS, render_changeset
from launcher.render.why import render_why

DIGEST = "v1:sha256:" + "0" * 64


def a_change(name="web-deploy", action=Action.LAUNCH, reason=Reason.NEW, **more):
    launch = Launch(name, EffectiveSpec(Scope("biz", "2"), 1000), path="plans/web.yaml", line=5)
    change = Change(
        name=name,
        action=action,
        reason=reason,
        launch=launch,
        newest=None,
        previous=None,
        ran_before=None,
        fields=(),
        policy=(),
        needs=(),
        wave=1,
        by=None,
        until=None,
        plan=None,
        rows=(),
        digest=DIGEST,
    )
    return replace(change, **more)


def a_changeset(*changes):
    return Changeset(
        environment="sandbox",
        digest=DIGEST,
        offline=False,
        commit=None,
        lineage=None,
        head=NO_HEAD,
        changes=changes,
        diagnostics=(),
    )


def shown(*changes, every=False):
    return render_changeset(a_changeset(*changes), every=every)


def test_a_change_shows_symbol_name_action_reason_and_manifest():
    assert shown(a_change()) == (
        "Environment sandbox, no ledger yet\n\n"
        "+ web-deploy  launch, NEW: has never run here\n"
        "    job plan 1000 in biz 2, revision 1  plans/web.yaml:5\n\n"
        "1 to launch.\n"
        f"Digest: {DIGEST}\n"
    )


@pytest.mark.parametrize(
    ("field", "line"),
    [
        (FieldDiff("variables.a", None, "x", "spec"), 'variables.a: "x"  (spec)'),
        (FieldDiff("variables.a", "x", "y", "defaults"), 'variables.a: "x" → "y"  (defaults)'),
        (FieldDiff("variables.a", "x", None, None), 'variables.a: "x" → not set'),
        (
            FieldDiff("variables.t.hosts.ids", [1], [1, 2], "environments.x"),
            "variables.t.hosts.ids: [1] → [1, 2]  (environments.x)",
        ),
        (FieldDiff("variables.a", "", "\u202e", "spec"), 'variables.a: "" → "\\u202e"  (spec)'),
        (FieldDiff("variables.a", None, "\n::error::x", "spec"), r'"\n:\u003aerror:\u003ax"'),
    ],
    ids=["set", "changed", "unset", "hosts", "hidden", "command"],
)
def test_a_field_shows_before_after_and_origin(field, line):
    assert line in shown(a_change(fields=(field,)))


def test_what_changes_nothing_that_runs_is_marked_as_policy():
    field = FieldDiff("suspend", before=True, after=False, origin="spec")
    assert "suspend: true → false  (spec)  policy\n" in shown(a_change(policy=(field,)))


def test_a_duration_of_the_policy_is_shown_as_it_is_written():
    field = FieldDiff("wait.timeout", "1800s", "1288s", "spec")
    assert 'wait.timeout: "30m" → "1288s"  (spec)  policy\n' in shown(a_change(policy=(field,)))


def test_what_is_blocked_says_by_what_and_how_to_go_on():
    text = shown(a_change(action=Action.BLOCK, reason=Reason.NEEDS, by="db-migrate"))
    assert "! web-deploy  block, NEEDS: needs db-migrate, which is not in sync" in text
    assert "    launcher why db-migrate -e sandbox\n" in text
    assert "1 blocked." in text


def test_a_hold_shows_until_when():
    text = shown(
        a_change(action=Action.HOLD, reason=Reason.SUSPENDED, until="2026-11-23T00:00:00Z")
    )
    assert "    until 2026-11-23T00:00:00Z\n" in text


def test_where_a_review_is_missing_no_digest_is_shown_that_does_not_cover_it():
    held = a_change("held", Action.HOLD, Reason.UNREVIEWED)
    assert "Digest" not in shown(a_change(), held)
    assert shown(a_change(), held).endswith("\n\n1 to launch, 1 held.\n")


def test_unchanged_launches_are_counted_and_shown_on_demand():
    same = a_change("same", Action.NONE, Reason.IN_SYNC)
    assert "same" not in shown(a_change(), same).replace("1 to launch, 1 in sync.", "")
    assert "  same  none, IN_SYNC" in shown(a_change(), same, every=True)
    assert "No changes. 1 launch in sync.\n" in shown(same)


def test_a_long_value_is_cut():
    text = shown(a_change(fields=(FieldDiff("variables.a", None, "x" * 1000, "spec"),)))
    assert "x…" in text
    assert max(map(len, text.splitlines())) < 160


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_can_be_shown_and_explained(reason):
    text = render_why(a_change(action=Action.BLOCK, reason=reason, by="other"), "sandbox")
    assert reason.value in text
    assert "{" not in text


def test_every_action_has_a_symbol_of_its_own():
    assert len(set(SYMBOLS.values())) == len(Action) == len(SYMBOLS)


def test_when_a_hold_ends_is_said_once_and_as_all_times_are():
    text = shown(
        a_change(action=Action.HOLD, reason=Reason.NOT_BEFORE, until="2026-11-23T00:00:00.5+00:00")
    )
    assert text.count("2026-11-23T00:00:00Z") == 1
    assert "+00:00" not in text


# --- job plans by name, and what is left to them ---------------------------------------------------

PIN = PlanPin(1005, "Deploy web", DIGEST, "2026-01-01T00:00:00Z")


def named(reference, **more):
    change = a_change(**more)
    assert change.launch is not None
    return replace(
        change, launch=replace(change.launch, spec=replace(change.launch.spec, plan=reference))
    )


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (a_change(), "job plan 1000 in biz 2"),
        (a_change(plan=PIN), 'job plan 1000 "Deploy web" in biz 2'),
        (named(PlanName("Deploy web")), 'job plan "Deploy web" in biz 2'),
        (named(PlanName("Deploy web"), plan=PIN), 'job plan 1005 "Deploy web" in biz 2'),
        (
            named(PlanName("Deploy web", "web"), plan=PIN),
            'job plan 1005 "Deploy web" of template "web" in biz 2',
        ),
        (named(PlanName("a\u202eb\n", "c\x1b")), 'job plan "a\\u202eb\\n" of template "c\\u001b"'),
    ],
)
def test_a_job_plan_is_shown_as_it_is_declared_and_as_it_was_read(change, expected):
    assert expected in shown(change)


SCOPE = {"type": "biz", "id": "2"}


@pytest.mark.parametrize(
    ("declared", "ran", "expected"),
    [
        (1000, {"plan": {"id": 1000}, "scope": SCOPE}, 'job plan 1000 "Deploy web" in biz 2'),
        (
            PlanName("Deploy web"),
            {"plan": {"name": "Deploy web"}, "scope": SCOPE},
            'job plan 1000 "Deploy web" in biz 2',
        ),
        (1001, {"plan": {"id": 1000}, "scope": SCOPE}, "job plan 1001 in biz 2"),
        (1000, {"plan": {"id": 1000}, "scope": {**SCOPE, "id": "3"}}, "job plan 1000 in biz 2"),
    ],
    ids=["by id", "by name", "another one", "in another scope"],
)
def test_a_job_plan_that_was_not_read_is_shown_as_it_ran_last(declared, ran, expected):
    failed = an_attempt(ran)
    blocked = named(declared, action=Action.BLOCK, reason=Reason.FAILED, newest=failed)

    assert expected in shown(blocked)


def an_attempt(spec):
    return Attempt(
        number=1,
        key=LaunchKey(1, DIGEST),
        spec=spec | {"variables": {}},
        manifest="plans/web.yaml",
        commit=None,
        single_phase=False,
        nonces=(),
        intended_at=datetime(2026, 1, 1, tzinfo=UTC),
        plan=replace(PIN, id=1000),
    )


def test_a_name_that_stands_for_another_job_plan_now_is_told():
    before = an_attempt({"plan": {"name": "Deploy web"}, "scope": {}})
    moved = named(PlanName("Deploy web"), plan=PIN, previous=before)
    assert "the name now means job plan 1005; it ran as 1000" in shown(moved)
    assert "the name now means" not in shown(replace(moved, plan=before.plan))
    assert "the name now means" not in shown(named(PlanName("Other"), plan=PIN, previous=before))


def left(name, kind, **more):
    return PlanVariable(1, name, kind, required=False, **more)


def test_what_is_left_to_the_job_plan_is_shown_as_it_will_be_used():
    change = a_change(
        omitted=(
            left("targets", VariableKind.HOSTS, hosts=Hosts(ids=(101, 102))),
            left("more", VariableKind.HOSTS, hosts=Hosts(ids=(1,), topo_nodes=(("module", 1000),))),
            left("none", VariableKind.HOSTS),
            left("channel", VariableKind.STRING, value="stable"),
            left("empty", VariableKind.NAMESPACE, value=""),
            left("password", VariableKind.CIPHER),
        )
    )
    assert (
        "    job plan's own: targets = hosts [101, 102]; "
        'more = hosts {"ids": [1], "topoNodes": [{"type": "module", "id": 1000}]}; '
        'none = no hosts; channel = "stable"; empty = ""; password ****** (never shown)\n'
    ) in shown(change)
    assert "job plan's own" not in shown(a_change())


def test_a_text_of_the_job_plan_hides_nothing_and_is_cut_where_it_is_long():
    change = a_change(
        omitted=(left("a\x1bb", VariableKind.STRING, value="x\u202e\n" + "y" * 1000),)
    )
    (line,) = (item for item in shown(change).splitlines() if "job plan's own" in item)
    assert 'a\\u001bb = "x\\u202e\\nyyy' in line
    assert len(line) < 200
    (data,) = documents.changeset(a_changeset(change), every=False)["changes"]
    assert len(data["omitted"][0]["value"]) == 501


def test_what_is_left_to_the_job_plan_stands_in_the_json_answer():
    change = a_change(
        omitted=(
            left("targets", VariableKind.HOSTS, hosts=Hosts(ids=(101,)), used=True),
            left("password", VariableKind.CIPHER),
        )
    )
    (data,) = documents.changeset(a_changeset(change), every=False)["changes"]
    assert data["omitted"] == [
        {
            "name": "targets",
            "kind": "Host",
            "required": False,
            "used": True,
            "value": {"ids": [101]},
        },
        {
            "name": "password",
            "kind": "Ciphertext",
            "required": False,
            "used": None,
            "value": None,
        },
    ]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (a_change(), (1000, None)),
        (a_change(plan=PIN), (1005, "Deploy web")),
        (named(PlanName("Deploy web")), (None, "Deploy web")),
        (named(PlanName("Deploy web"), plan=PIN), (1005, "Deploy web")),
    ],
)
def test_the_json_answer_names_a_job_plan_by_what_is_known_of_it(change, expected):
    (data,) = documents.changeset(a_changeset(change), every=False)["changes"]
    assert (data["plan"]["id"], data["plan"]["name"]) == expected
