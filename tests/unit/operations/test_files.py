"""Use cases that look at files alone: validate, fmt, render."""

from __future__ import annotations

import pytest

from launcher.errors import ExitCode
from launcher.operations.fmt import fmt
from launcher.operations.render_spec import render
from launcher.operations.validate import validate
from tests.support.failures import fails
from tests.support.workspaces import Place, a_manifest, a_place

NUMBER = """\
apiVersion: launcher/v1
kind: PlanLaunch
metadata: {name: numbered}
spec:
  plan: {id: 1001}
  variables: {revision: 1.10}
"""
WORKSPACE = """\
apiVersion: launcher/v1
kind: Workspace
metadata: {name: payments}
spec:
  defaultEnvironment: sandbox
  defaults: {variables: {revision: "1"}}
  environments:
    sandbox: {server: sandbox, scope: {type: biz, id: "2"}}
    rehearsal: {server: sandbox, scope: {type: biz, id: "3"}}
"""


@pytest.fixture
def place(tmp_path) -> Place:
    found = a_place(tmp_path / "work", a_manifest(), workspace=WORKSPACE)
    found.write("plans/bad/numbered.yaml", NUMBER)
    found.write("plans/lonely.yaml", a_manifest("lonely", needs=["numbered", "nobody"]))
    return found


def where(place: Place, *paths: str) -> tuple[int, list[tuple[str, str]]]:
    found = validate(place.root, paths)
    return found.files, [(item.place.path, item.code) for item in found.diagnostics if item.place]


def test_every_problem_of_every_file_is_told_with_its_line(place):
    found = validate(place.root)
    assert found.files == 3
    (problem,) = found.diagnostics
    assert problem.place is not None
    assert problem.place.span is not None
    assert (problem.place.path, problem.place.span.line) == ("plans/bad/numbered.yaml", 6)


def test_a_need_is_judged_once_the_files_can_be_read(place):
    place.write("plans/bad/numbered.yaml", NUMBER.replace("1.10", '"1.10"'))
    assert where(place) == (3, [("plans/lonely.yaml", "L206")])


def test_only_named_files_and_folders_are_told_of(place):
    assert where(place, "plans/m0.yaml") == (1, [])
    assert where(place, "plans/bad") == (1, [("plans/bad/numbered.yaml", "L122")])
    assert where(place, "plans") == (3, [("plans/bad/numbered.yaml", "L122")])
    assert where(place, str(place.root / "plans/bad/numbered.yaml"))[0] == 1
    assert where(place, "launcher.yaml") == (0, [])


def test_a_named_file_that_no_pattern_selects_is_checked_by_itself(place):
    place.write("drafts/numbered.yaml", NUMBER)
    assert where(place, "drafts/numbered.yaml") == (1, [("drafts/numbered.yaml", "L122")])
    assert where(place, "drafts/gone.yaml") == (1, [("drafts/gone.yaml", "L161")])


def test_paths_are_meant_from_where_one_stands(place):
    found = validate(place.root / "plans", ("bad/numbered.yaml",))
    assert (found.files, len(found.diagnostics)) == (1, 1)


@pytest.mark.parametrize("path", ["../other.yaml", "plans/../../other.yaml"])
def test_a_file_outside_the_workspace_is_wrong_usage(place, path):
    (place.root.parent / "other.yaml").write_text(NUMBER)
    fails(lambda: validate(place.root, (path,)), "L540", ExitCode.USAGE)
    fails(lambda: fmt(place.root, (path,), "fix"), "L540", ExitCode.USAGE)


def test_checking_the_layout_writes_nothing(place):
    before = {path: path.read_bytes() for path in place.root.rglob("*.yaml")}

    found = fmt(place.root, (), "check")

    assert {item.path for item in found.files if item.changed} >= {"plans/m0.yaml"}
    assert {path: path.read_bytes() for path in place.root.rglob("*.yaml")} == before


def test_fixing_the_layout_quotes_numbers_and_is_done_after_one_time(place):
    fmt(place.root, (), "fix")

    assert '"1.10"' in (place.root / "plans/bad/numbered.yaml").read_text()
    assert not any(item.changed for item in fmt(place.root, (), "fix").files)
    assert where(place) == (3, [("plans/lonely.yaml", "L206")])


def test_fixing_leaves_the_mode_of_a_file_and_no_draft_behind(place):
    (place.root / "plans/m0.yaml").chmod(0o640)
    fmt(place.root, ("plans/m0.yaml",), "fix")
    assert (place.root / "plans/m0.yaml").stat().st_mode & 0o777 == 0o640
    assert sorted(item.name for item in (place.root / "plans").iterdir()) == [
        "bad",
        "lonely.yaml",
        "m0.yaml",
    ]


def test_one_file_that_cannot_be_laid_out_keeps_no_other_from_it(place):
    place.write("plans/broken.yaml", "kind: [")
    found = fmt(place.root, (), "fix")
    assert {item.place.path for item in found.diagnostics if item.place} == {"plans/broken.yaml"}
    assert not any(item.changed for item in fmt(place.root, ("plans/m0.yaml",), "check").files)


def test_the_effective_spec_is_shown_with_the_origin_of_its_values(tmp_path):
    place = a_place(
        tmp_path,
        a_manifest().replace('"spec"', '"environments": {"sandbox": {}, "rehearsal": {}}, "spec"'),
        workspace=WORKSPACE,
    )

    (found,) = render(place.root, (), "rehearsal")

    assert found.data["variables"] == {"revision": {"value": "1"}}
    assert found.data["scope"] == {"type": "biz", "id": "3"}
    assert found.origins["variables.revision"] == "defaults"
    assert found.origins["plan"] == "spec"
    fails(lambda: render(place.root, ("nobody",), None), "L523", ExitCode.USAGE)
    fails(lambda: render(place.root, (), "nowhere"), "L522", ExitCode.USAGE)


def test_numbers_of_the_workspace_file_are_quoted_as_well(place):
    place.write("launcher.yaml", WORKSPACE.replace('id: "2"', "id: 2"))
    assert [item.code for item in fmt(place.root, (), "check").diagnostics] == ["L122"]
    fixed = fmt(place.root, (), "fix")
    assert fixed.diagnostics == ()
    assert [item.path for item in fixed.files if item.changed][:1] == ["launcher.yaml"]
    assert 'id: "2"' in (place.root / "launcher.yaml").read_text()


def test_a_workspace_that_stays_wrong_keeps_no_named_file_from_its_layout(place):
    place.write("launcher.yaml", WORKSPACE.replace("defaults:", "default:"))
    assert [item.code for item in fmt(place.root, (), "fix").diagnostics] == ["L120"]
    fixed = fmt(place.root, ("plans/bad/numbered.yaml",), "fix")
    assert [(item.path, item.changed) for item in fixed.files] == [
        ("plans/bad/numbered.yaml", True)
    ]
    assert fixed.diagnostics == ()


def test_a_wrong_workspace_is_an_answer_and_not_a_failure(place):
    place.write("launcher.yaml", WORKSPACE.replace('id: "2"', "id: 2"))
    assert where(place) == (0, [("launcher.yaml", "L122")])


def test_a_link_out_of_the_workspace_hides_no_other_problem(place):
    (place.root / "plans" / "out.yaml").symlink_to("/dev/null")
    assert where(place) == (3, [("plans/bad/numbered.yaml", "L122"), ("plans/out.yaml", "L162")])


POLICY = """\
apiVersion: launcher/v1
kind: PlanLaunch
metadata: {name: numbered}
spec:
  plan: {id: 1001}
  trigger: manual
  wait: {timeout: 2h}
environments:
  sandbox: {retry: {maxAttempts: 2}}
  rehearsal: {notBefore: 2026-11-23T02:00:00+08:00}
"""


def test_the_policy_of_a_launch_is_shown_with_its_origins_and_could_be_copied(place):
    place.write("plans/bad/numbered.yaml", POLICY)
    place.write("plans/lonely.yaml", a_manifest("lonely"))
    (here, there) = (
        render(place.root, ("numbered",), name)[0] for name in ("sandbox", "rehearsal")
    )
    assert "notBefore" not in here.data
    assert (here.data["trigger"], here.origins["trigger"]) == ("manual", "spec")
    assert here.data["wait"] == {"timeout": "7200s", "onTimeout": "detach"}
    assert here.origins["retry"] == "environments.sandbox"
    assert there.data["notBefore"] == "2026-11-22T18:00:00+00:00"
    assert there.origins["notBefore"] == "environments.rehearsal"
    assert "retry" not in there.origins


RULES = """\
apiVersion: launcher/v1
kind: Workspace
metadata: {name: payments}
spec:
  defaultEnvironment: sandbox
  environments:
    sandbox:
      server: sandbox
      scope: {type: biz, id: "2"}
      allowedScopes: [{type: biz, id: "3"}]
"""


def test_rules_across_files_are_told_with_lines(tmp_path):
    found = a_place(tmp_path / "other", workspace=RULES)
    found.write("plans/a.yaml", RENAMED.format(name="a", old="b", scope="3"))
    found.write("plans/b.yaml", RENAMED.format(name="b", old="b", scope="4"))
    told = [
        (item.code, item.place.path, item.place.span.line, item.place.span.column)
        for item in validate(found.root).diagnostics
        if item.place is not None and item.place.span is not None
    ]
    assert told == [
        ("L210", "plans/a.yaml", 3, 34),
        ("L209", "plans/b.yaml", 3, 34),
        ("L203", "plans/b.yaml", 4, 33),
    ]


RENAMED = """\
apiVersion: launcher/v1
kind: PlanLaunch
metadata: {{name: {name}, renamedFrom: {old}}}
spec: {{plan: {{id: 1001}}, scope: {{type: biz, id: "{scope}"}}}}
"""
