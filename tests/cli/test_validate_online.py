"""`launcher validate --online`, as a user types it."""

from __future__ import annotations

import json


def test_good_manifests_are_valid_and_it_is_said_what_nobody_can_know(demo):
    result = demo("validate", "--online")
    assert (result.code, result.err) == (0, "")
    valid, held, *rest = result.out.splitlines()
    assert valid == "4 manifests are valid."
    assert held == "sandbox: 3 launches held against 3 job plans."
    assert "JOB has no dry run." in rest[0]


def test_what_a_job_plan_does_not_take_is_shown_in_the_file(demo):
    demo.edit("plans/web/deploy.yaml", "{id: 1000}", "{name: deploy web}")
    result = demo("validate", "--online")
    assert result.code == 3
    assert "are valid" not in result.out
    assert "error[L280]: No job plan of that name\n  --> plans/web/deploy.yaml:10:9\n" in result.err
    assert 'help: Did you mean one of these? 1000 "Deploy web" of template "web"' in result.err


def test_as_json_it_says_what_was_asked(demo):
    found = json.loads(demo("validate", "--online", "-e", "documented", "-o", "json").out)
    assert found["online"] == {"environment": "documented", "launches": 1, "job_plans": 1}
    assert json.loads(demo("validate", "-o", "json").out)["online"] is None


def test_where_nobody_can_be_asked_it_ends_with_1(demo):
    demo.edit("launcher.yaml", 'id: "1"', 'id: "77"')
    result = demo("validate", "--online", "-e", "documented", "-o", "json")
    found = json.loads(result.out)
    assert (result.code, found["valid"]) == (1, True)
    assert [item["code"] for item in found["diagnostics"]] == ["L295"]
    words = demo("validate", "--online", "-e", "documented")
    assert words.code == 1
    assert words.out == (
        "4 manifests are valid.\ndocumented: 0 launches held against 0 job plans.\n"
    )
    assert "error[L295]: Scope could not be asked" in words.err


def test_offline_problems_come_first(demo):
    demo.edit("plans/web/deploy.yaml", "plan:", "plann:")
    result = demo("validate", "--online")
    assert result.code == 3
    assert result.err.endswith("JOB was not asked: first, nothing may be wrong offline.\n")


def test_an_environment_means_nothing_offline(demo):
    result = demo("validate", "-e", "sandbox")
    assert result.code == 64
    assert "needs --online" in result.err
