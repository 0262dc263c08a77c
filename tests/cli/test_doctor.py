"""`launcher doctor`, as a user types it."""

from __future__ import annotations

import json

import pytest

from launcher.render.doctor import Check, State, render_doctor
from tests.cli.test_answers_and_schemas import hold


@pytest.fixture
def checked(demo):
    demo("apply", "--yes")
    return demo


def test_a_working_setup_has_a_line_for_each_check(checked):
    result = checked("doctor")

    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("Environment sandbox\n\nok       workspace")
    assert (
        "\nok       two-phases       an instance can be created without starting it\n" in result.out
    )
    assert "\n-        launch_job_plan  not tested: " in result.out
    assert "\nwarning[L370]: git\n" in result.out
    assert result.out.endswith("help: git init\n\n1 warning; 1 not tested.\n")


def test_in_the_first_hour_everything_that_is_missing_has_its_cure(empty):
    result = empty("doctor")

    assert result.code == 1
    assert "PROBLEM  workspace" in result.out
    assert "problem[L160]: workspace\n" in result.out
    assert (
        "help: export BK_API_URL_TMPL='https://bkapi.example.com/api/{gateway_name}'\n"
        in result.out
    )
    assert "help: export BK_APP_CODE=APP\n      export BK_APP_SECRET=SECRET\n" in result.out


def test_as_json_each_check_has_its_state(checked):
    result = checked("doctor", "-o", "json")

    data = json.loads(result.out)
    hold("doctor-v1.json", data)
    assert result.code == 0
    assert data["environment"] == "sandbox"
    assert data["summary"] == {"ok": 19, "warning": 1, "problem": 0, "not-tested": 1}
    (git,) = (item for item in data["checks"] if item["name"] == "git")
    assert (git["state"], git["code"], git["hint"]) == ("warning", "L370", "git init")


def test_as_json_a_folder_without_a_workspace_is_an_answer_too(empty):
    result = empty("doctor", "-o", "json")

    data = json.loads(result.out)
    hold("doctor-v1.json", data)
    assert (result.code, data["environment"]) == (1, None)


def test_what_is_shown_cannot_hide_or_command():
    check = Check("git", State.PROBLEM, "\x1b[2J::error::x\n##[y]", "L370", "one\n::error::two")

    text = render_doctor("\x1b[31m", [check])

    for bad in ("\x1b", "::error", "##["):
        assert bad not in text
    assert text.endswith("\n1 problem.\n")


def test_where_all_is_well_that_is_the_last_word():
    assert render_doctor(None, [Check("git", State.OK, "here")]) == (
        "ok  git  here\n\n1 check, all well.\n"
    )
