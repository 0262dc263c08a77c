"""`launcher pin` as a user types it."""

from __future__ import annotations

import json

from tests.cli.test_answers_and_schemas import hold

PATH = "plans/web/deploy.yaml"


def test_a_pin_is_written_shown_and_taken_out_again(demo):
    before = (demo.directory / PATH).read_text()

    found = demo("pin", "web-deploy")

    assert (found.code, found.err) == (0, "")
    assert found.out.startswith(
        'web-deploy is pinned to job plan 1000 "Deploy web" as it was saved'
    )
    now = (demo.directory / PATH).read_text()
    digest = json.loads(demo("diff", "-o", "json").out)["changes"][1]["plan"]["digest"]
    assert now == before + f'  pin: {{digest: "{digest}"}}\n'
    assert f'pin.digest: "{digest}"  (spec)' in demo("diff").out
    assert f'  digest: "{digest}"' in demo("render", "web-deploy").out
    assert demo("validate").code == 0
    assert demo("pin", "web-deploy", "--remove").code == 0
    assert (demo.directory / PATH).read_text() == before


def test_a_pin_after_the_launch_says_what_it_asks_for(demo):
    assert demo("apply", "--yes").code == 0

    found = demo("pin", "web-deploy")

    assert "warning[L267]" in found.err
    assert "launcher waive -e sandbox web-deploy --reason TEXT" in found.err
    assert demo("diff", "--detailed-exitcode").code == 2


def test_another_content_is_refused_with_its_way_out(demo):
    digest = "v1:sha256:" + "0" * 64
    assert "warning[L266]" in demo("pin", "web-deploy", "--digest", digest).err

    found = demo("diff")

    assert found.code == 4
    assert "block, GUARD: refused by: pin" in found.out
    assert "error[L263]" in found.err
    assert "launcher pin -e sandbox web-deploy" in found.err


def test_what_is_pinned_is_told_to_programs(demo):
    result = demo("pin", "web-deploy", "-o", "json")

    assert (result.code, result.err) == (0, "")
    data = json.loads(result.out)
    hold("pin-v1.json", data)
    digest = data["plan"]["digest"]
    assert f'pin: {{digest: "{digest}"}}' in (demo.directory / PATH).read_text()
    assert data == {
        "format_version": "1.0",
        "environment": "sandbox",
        "name": "web-deploy",
        "manifest": PATH,
        "field": "spec.pin",
        "environments": ["sandbox"],
        "before": None,
        "after": digest,
        "changed": True,
        "plan": {"id": 1000, "name": "Deploy web", "digest": digest},
        "drift": None,
        "diagnostics": [],
    }
    gone = json.loads(demo("pin", "web-deploy", "--remove", "-o", "json").out)
    hold("pin-v1.json", gone)
    assert (gone["before"], gone["after"], gone["plan"]) == (digest, None, None)
    other = "v1:sha256:" + "0" * 64
    warned = json.loads(demo("pin", "web-deploy", "--digest", other, "-o", "json").out)
    hold("pin-v1.json", warned)
    assert [item["code"] for item in warned["diagnostics"]] == ["L266"]


def test_what_makes_no_sense_is_wrong_usage(demo):
    digest = "v1:sha256:" + "0" * 64
    assert demo("pin", "web-deploy", "--digest", "sha256:0").code == 64
    assert demo("pin", "web-deploy", "--digest", digest, "--remove").code == 64
    assert demo("pin", "web-deploi").code == 64
    assert demo("pin").code == 64
