"""The canonical form and its digest: fixed for ever under the name `v1`."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.engine.desired import Launch, Policy
from launcher.engine.spec import (
    EffectiveSpec,
    Hosts,
    LaunchKey,
    PlanName,
    Scope,
    SecretReference,
    Variable,
    canonical,
    digest_of,
    hosts_from,
    recordable_spec,
)

SPEC = EffectiveSpec(
    Scope("biz", "2"),
    1000,
    (
        Variable("db_password", SecretReference("env", "DB_PASSWORD", "3")),
        Variable("package_version", "1.4.2"),
        Variable(
            "targets",
            Hosts(
                ids=(101, 102),
                ips=((0, "10.0.0.11"),),
                dynamic_groups=("blo8gojho0skft7pr5q0",),
                topo_nodes=(("module", 1000),),
            ),
            436,
        ),
    ),
    "https://ops.example.org/hook?token=t",
)


def digest(spec):
    return digest_of(spec.to_data())


GOLDEN = {
    "v1:sha256:45842d74a12e5460b811589811207a86a50436dd1d439396d4c3943a9a0bfba1": EffectiveSpec(
        Scope("biz", "2"), 1000
    ),
    "v1:sha256:adcf291de39f9983b2cb52bb3d19385a657dbf9b99a144b5b6056da3f30a45f2": SPEC,
    "v1:sha256:d6b54b51bf3d1b46d54888b98bfbc47cd89cd10f760ba7de422fb51d7a0a0896": EffectiveSpec(
        Scope("biz", "2"), 1000, (Variable("v", ""),)
    ),
    "v1:sha256:05541858683fd5c1986eb91fd95405ff950785564bbd3979c37114977063c00f": EffectiveSpec(
        Scope("biz", "2"), 1000, (Variable("变量", "值"),)
    ),
    "v1:sha256:67488697c7c7965d7e67b52ea1d5ed2f95d61468996deceecacb97760dd8729b": EffectiveSpec(
        Scope("biz", "2"), PlanName("Deploy web")
    ),
    "v1:sha256:65d844f518538d4ed9301196221c46e7421faf30c7a4d60ecb9c26b7293272d0": EffectiveSpec(
        Scope("biz", "2"), PlanName("Deploy web", "web")
    ),
}


@pytest.mark.parametrize(("expected", "spec"), GOLDEN.items())
def test_the_digest_of_a_spec_never_changes(expected, spec):
    assert digest(spec) == expected


def test_the_canonical_form_is_sorted_dense_json_in_utf_8():
    assert canonical(SPEC.to_data()).decode() == (
        '{"callbackUrl":"https://ops.example.org/hook?token=t","plan":{"id":1000},'
        '"scope":{"id":"2","type":"biz"},"variables":{'
        '"db_password":{"secret":{"env":"DB_PASSWORD","version":"3"}},'
        '"package_version":{"value":"1.4.2"},'
        '"targets":{"hosts":{"dynamicGroups":["blo8gojho0skft7pr5q0"],"ids":[101,102],'
        '"ips":[{"cloud":0,"ip":"10.0.0.11"}],"topoNodes":[{"id":1000,"type":"module"}]},'
        '"id":436}}}'
    )


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        (PlanName("Deploy web"), {"name": "Deploy web"}),
        (PlanName("Deploy web", "web"), {"name": "Deploy web", "template": "web"}),
    ],
)
def test_a_job_plan_is_covered_as_it_is_written(plan, expected):
    assert replace(SPEC, plan=plan).to_data()["plan"] == expected


def with_variable(value, id_=None):
    return replace(SPEC, variables=(Variable("v", value, id_),))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (SPEC, replace(SPEC, scope=Scope("biz", "3"))),
        (SPEC, replace(SPEC, scope=Scope("biz_set", "2"))),
        (SPEC, replace(SPEC, plan=1001)),
        (SPEC, replace(SPEC, plan=PlanName("Deploy web"))),
        (replace(SPEC, plan=PlanName("A")), replace(SPEC, plan=PlanName("B"))),
        (replace(SPEC, plan=PlanName("A")), replace(SPEC, plan=PlanName("A", "web"))),
        (replace(SPEC, plan=PlanName("A", "web")), replace(SPEC, plan=PlanName("A", "db"))),
        (SPEC, replace(SPEC, variables=SPEC.variables[1:])),
        (SPEC, replace(SPEC, callback_url=None)),
        (SPEC, replace(SPEC, callback_url="https://ops.example.org/hook?token=u")),
        (with_variable("1.10"), with_variable("1.1")),
        (with_variable(""), replace(SPEC, variables=())),
        (with_variable("a"), with_variable("a", 1)),
        (with_variable("é"), with_variable("e\u0301")),
        (
            with_variable(SecretReference("env", "A", "1")),
            with_variable(SecretReference("env", "A", "2")),
        ),
        (
            with_variable(SecretReference("env", "A", "1")),
            with_variable(SecretReference("file", "A", "1")),
        ),
        (with_variable(Hosts(ids=(1,))), with_variable(Hosts(ids=(1, 2)))),
        (
            with_variable(Hosts(topo_nodes=(("set", 1),))),
            with_variable(Hosts(topo_nodes=(("module", 1),))),
        ),
    ],
)
def test_whatever_changes_what_would_run_changes_the_digest(one, other):
    assert digest(one) != digest(other)


@pytest.mark.parametrize(
    "launch",
    [
        Launch("a", SPEC, title="Other"),
        Launch("a", SPEC, path="plans/moved.yaml", line=9),
        Launch("a", SPEC, policy=Policy(needs=("b",), suspend=True)),
        Launch("a", SPEC, origins={"plan": "defaults"}),
        Launch("b", SPEC),
    ],
    ids=["title", "path", "policy", "origins", "name"],
)
def test_what_runs_nothing_is_not_in_the_key(launch):
    assert launch.key == Launch("a", SPEC).key


def test_the_revision_is_in_the_key_and_not_in_the_digest():
    assert Launch("a", SPEC, revision=2).key == LaunchKey(2, Launch("a", SPEC).key.digest)


def test_host_targets_are_sets():
    written = {
        "ids": [102, 101, 102],
        "ips": [{"cloud": 0, "ip": "10.0.0.2"}, {"ip": "10.0.0.1", "cloud": 0}],
        "dynamicGroups": ["b", "a", "b"],
        "topoNodes": [{"type": "set", "id": 2}, {"type": "module", "id": 3}],
    }
    assert hosts_from(written) == Hosts(
        ids=(101, 102),
        ips=((0, "10.0.0.1"), (0, "10.0.0.2")),
        dynamic_groups=("a", "b"),
        topo_nodes=(("module", 3), ("set", 2)),
    )


@pytest.mark.parametrize("value", [1.5, {"a": [1.0]}, [{"b": 0.0}]])
def test_a_float_has_no_canonical_form(value):
    with pytest.raises(TypeError):
        digest_of(value)


def test_a_lone_surrogate_has_a_digest():
    assert digest_of("\ud800").startswith("v1:sha256:")


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://ops.example.org/hook?token=t", "https://ops.example.org/hook"),
        ("https://ops.example.org/hook#t", "https://ops.example.org/hook"),
        ("https://u:p@ops.example.org/hook", "https://ops.example.org/hook"),
        ("https://ops.example.org/hook", "https://ops.example.org/hook"),
    ],
)
def test_a_callback_is_kept_without_what_may_be_a_token(url, kept):
    assert recordable_spec({"callbackUrl": url}) == {"callbackUrl": kept}


TEXT = st.text(max_size=8)
IDS = st.integers(1, 2**40)
HOSTS = st.builds(
    lambda ids, ips, groups, nodes: hosts_from(
        {
            "ids": ids,
            "ips": [{"cloud": cloud, "ip": ip} for cloud, ip in ips],
            "dynamicGroups": groups,
            "topoNodes": [{"type": kind, "id": node} for kind, node in nodes],
        }
    ),
    st.lists(IDS, max_size=4),
    st.lists(st.tuples(st.integers(0, 3), TEXT), max_size=3),
    st.lists(TEXT, max_size=3),
    st.lists(st.tuples(TEXT, IDS), max_size=3),
)
VALUES = TEXT | HOSTS | st.builds(SecretReference, st.sampled_from(["env", "file"]), TEXT, TEXT)
SPECS = st.builds(
    lambda scope, plan, variables, url: EffectiveSpec(
        scope,
        plan,
        tuple(Variable(name, value, id_) for name, (value, id_) in sorted(variables.items())),
        url,
    ),
    st.builds(Scope, TEXT, TEXT),
    IDS | st.builds(PlanName, TEXT, st.none() | TEXT),
    st.dictionaries(TEXT, st.tuples(VALUES, st.none() | IDS), max_size=4),
    st.none() | TEXT,
)


@given(SPECS)
def test_a_spec_survives_its_canonical_form(spec):
    assert EffectiveSpec.from_data(spec.to_data()) == spec


@given(SPECS, SPECS)
def test_different_specs_have_different_digests(one, other):
    assert (digest(one) == digest(other)) == (one == other)


def test_a_pin_is_part_of_the_digest_only_where_there_is_one():
    pinned = replace(SPEC, pin="v1:sha256:" + "ab" * 32)

    assert pinned.to_data() == {**SPEC.to_data(), "pin": {"digest": "v1:sha256:" + "ab" * 32}}
    assert digest(pinned) != digest(SPEC)
    assert EffectiveSpec.from_data(pinned.to_data()) == pinned
    assert recordable_spec(pinned.to_data())["pin"] == {"digest": "v1:sha256:" + "ab" * 32}
