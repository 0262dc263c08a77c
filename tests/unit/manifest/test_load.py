"""Loading a workspace and its manifests from files."""

import gc
import os
from pathlib import Path

import pytest

from launcher.catalogue import texts
from launcher.diagnostics import Span
from launcher.errors import InvalidManifests
from launcher.manifest.compose import MAX_BYTES
from launcher.manifest.load import (
    load,
    load_contents,
    load_workspace,
    load_workspace_bytes,
    read_source,
)
from launcher.model.documents import (
    Environment,
    Freeze,
    Guards,
    Scope,
    Window,
    WorkspaceDocument,
)

WORKSPACE = b"""\
apiVersion: launcher/v1
kind: Workspace
metadata: {name: payments}
spec:
  defaultEnvironment: sandbox
  environments:
    sandbox: {server: sandbox, scope: {type: biz, id: "2"}}
"""


def manifest(name: str, extra: str = "") -> bytes:
    return (
        "apiVersion: launcher/v1\nkind: PlanLaunch\nmetadata:\n"
        f"  name: {name}\nspec: {{plan: {{id: 1}}}}\n{extra}"
    ).encode()


def write(root: Path, **files: bytes) -> list[str]:
    paths = []
    for name, content in files.items():
        path = f"plans/{name}.yaml"
        (root / "plans").mkdir(exist_ok=True)
        (root / path).write_bytes(content)
        paths.append(path)
    return paths


def test_a_workspace_becomes_typed_values(tmp_path: Path) -> None:
    (tmp_path / "launcher.yaml").write_bytes(WORKSPACE)
    assert load_workspace(tmp_path) == WorkspaceDocument(
        path="launcher.yaml",
        name="payments",
        manifests=("plans/**/*.yaml",),
        default_environment="sandbox",
        environments={"sandbox": Environment("sandbox", "sandbox", Scope("biz", "2"))},
        marker=None,
        defaults={},
    )


GUARDS = Path(__file__).parents[2] / "cases" / "good" / "workspaces" / "guards.yaml"


def test_every_guard_of_an_environment_becomes_a_typed_value() -> None:
    workspace = load_workspace_bytes(GUARDS.read_bytes())
    weekdays = ("mon", "tue", "wed", "thu")
    assert workspace.environments["production"] == Environment(
        name="production",
        server="remote",
        scope=Scope("biz", "3"),
        allowed_scopes=(Scope("biz", "4"), Scope("biz_set", "9000001")),
        ledger="git",
        guards=Guards(
            max_launches=20,
            max_hosts=500,
            allowed_plans=(1000, 2000),
            windows=(
                Window(weekdays, "10:00", "17:00", "Asia/Shanghai"),
                Window(("fri", "sat", "sun"), "22:30", "02:00", "America/Argentina/Buenos_Aires"),
                Window(("sat",), "00:00", "24:00", "UTC"),
            ),
            freezes=(
                Freeze("2026-12-24", "2027-01-02", "Asia/Shanghai", "year end"),
                Freeze("2028-02-29", "2028-02-29", "Etc/GMT+8"),
            ),
            require_reviewed_digest=True,
            require_verification=True,
        ),
    )
    smallest = workspace.environments["smallest"]
    assert (smallest.ledger, smallest.guards) == ("file", Guards(max_launches=1))


def test_an_environment_that_says_nothing_has_no_guards() -> None:
    environment = load_workspace_bytes(WORKSPACE).environments["sandbox"]
    assert (environment.ledger, environment.allowed_scopes) == ("file", ())
    assert environment.guards == Guards()


@pytest.mark.parametrize(
    "line", ["allowSinglePhase: true", "requireReviewedDigest: true", "requireVerification: true"]
)
def test_each_flag_is_one_of_its_own(line: str) -> None:
    text = WORKSPACE.decode().replace('id: "2"}', f'id: "2"}}, guards: {{{line}}}')
    guards = load_workspace_bytes(text.encode()).environments["sandbox"].guards
    flags = {
        "allowSinglePhase": guards.allow_single_phase,
        "requireReviewedDigest": guards.require_reviewed_digest,
        "requireVerification": guards.require_verification,
    }
    assert [name for name, is_set in flags.items() if is_set] == [line.partition(":")[0]]


def test_a_default_environment_that_does_not_exist_is_refused_with_the_nearest_name() -> None:
    content = WORKSPACE.replace(b"defaultEnvironment: sandbox", b"defaultEnvironment: sandbx")
    with pytest.raises(InvalidManifests) as caught:
        load_workspace_bytes(content)
    (problem,) = caught.value.diagnostics
    assert problem.code == "L151"
    assert problem.place is not None
    assert problem.place.span == Span(5, 23, 5, 29)
    assert texts(problem).hint == "Did you mean `sandbox`?"


def test_all_problems_of_all_files_are_told_sorted_by_place(tmp_path: Path) -> None:
    paths = write(
        tmp_path,
        b=manifest("web", "extra: 1\nother: 2\n"),
        a=b"spec: [1",
        c=manifest("db"),
    )
    documents, problems = load(tmp_path, paths)
    assert [document.name for document in documents] == ["db"]
    assert [(item.code, item.place.path if item.place else "") for item in problems] == [
        ("L117", "plans/a.yaml"),
        ("L120", "plans/b.yaml"),
        ("L120", "plans/b.yaml"),
    ]


def test_a_name_given_twice_is_refused_at_the_second_file_with_the_place_of_the_first(
    tmp_path: Path,
) -> None:
    paths = write(tmp_path, b=manifest("web"), a=b"# first\n" + manifest("web"))
    documents, (problem,) = load(tmp_path, paths)
    assert [(document.path, document.line) for document in documents] == [
        ("plans/b.yaml", 4),
        ("plans/a.yaml", 5),
    ]
    assert problem.code == "L150"
    assert problem.place is not None
    assert problem.related is not None
    assert (problem.place.path, problem.place.span) == ("plans/b.yaml", Span(4, 9, 4, 12))
    assert (problem.related.path, problem.related.span) == ("plans/a.yaml", Span(5, 9, 5, 12))


def test_contents_are_loaded_like_files(tmp_path: Path) -> None:
    contents = {"plans/a.yaml": manifest("web"), "plans/b.yaml": manifest("web", "x: 1\n")}
    for path, content in contents.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(content)
    assert load_contents(contents) == load(tmp_path, contents)


def test_a_file_that_is_missing_a_directory_or_a_pipe_is_unreadable_and_nothing_waits(
    tmp_path: Path,
) -> None:
    (tmp_path / "plans" / "directory.yaml").mkdir(parents=True)
    os.mkfifo(tmp_path / "plans" / "pipe.yaml")
    paths = ["plans/directory.yaml", "plans/missing.yaml", "plans/pipe.yaml"]
    documents, problems = load(tmp_path, paths)
    assert documents == ()
    assert [item.code for item in problems] == ["L161"] * 3
    assert [item.place.path for item in problems if item.place] == paths


@pytest.mark.parametrize(
    "size", [0, 1, 64 * 1024 - 1, 64 * 1024, 64 * 1024 + 1, 300_000, MAX_BYTES]
)
def test_a_file_is_read_whole_however_long_it_is(size: int, tmp_path: Path) -> None:
    content = os.urandom(size)
    (tmp_path / "launch.yaml").write_bytes(content)
    assert read_source(tmp_path, "launch.yaml") == content


def test_of_a_file_that_is_too_long_one_byte_more_is_read_than_it_may_have(tmp_path: Path) -> None:
    content = os.urandom(MAX_BYTES + 70_000)
    (tmp_path / "launch.yaml").write_bytes(content)
    assert read_source(tmp_path, "launch.yaml") == content[: MAX_BYTES + 1]


def test_no_file_is_left_open(tmp_path: Path) -> None:
    (tmp_path / "directory.yaml").mkdir()
    (tmp_path / "launch.yaml").write_text("a: 1\n")
    for path in ("launch.yaml", "directory.yaml", "missing.yaml"):
        before = os.open(tmp_path, os.O_RDONLY)
        os.close(before)
        read_source(tmp_path, path)
        after = os.open(tmp_path, os.O_RDONLY)
        os.close(after)
        assert after == before


def test_loading_leaves_the_cycle_collector_as_it_was(tmp_path: Path) -> None:
    states = []
    for enabled in (True, False):
        gc.enable() if enabled else gc.disable()
        load(tmp_path, ["missing.yaml"])
        states.append(gc.isenabled())
    gc.enable()
    assert states == [True, False]


def test_a_document_of_another_kind_is_told_once(tmp_path: Path) -> None:
    paths = write(tmp_path, a=WORKSPACE)
    _, (problem,) = load(tmp_path, paths)
    assert problem.code == "L128"


def test_the_line_of_a_document_is_that_of_its_name_on_both_ways_of_reading() -> None:
    quick = manifest("web")
    exact = manifest("web", "# & makes the exact reader look\n")
    documents, problems = load_contents({"a": quick, "b": exact.replace(b"web", b"db")})
    assert problems == ()
    assert [document.line for document in documents] == [4, 4]
