"""Finding the workspace and its manifests."""

import os
from pathlib import Path

import pytest

from launcher.catalogue import texts
from launcher.errors import ExitCode, InvalidManifests, SurroundingsFailed
from launcher.manifest.discovery import discover, find_root, selects
from launcher.model.documents import WorkspaceDocument


def workspace(*patterns: str) -> WorkspaceDocument:
    return WorkspaceDocument("launcher.yaml", "w", patterns, "a", {}, None, {})


def touch(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).touch()


def test_the_root_is_the_nearest_directory_with_a_workspace_file(tmp_path: Path) -> None:
    touch(tmp_path, "launcher.yaml", "a/launcher.yaml", "a/b/c/x.yaml", "d/x.yaml")
    assert find_root(tmp_path / "a" / "b" / "c") == tmp_path / "a"
    assert find_root(tmp_path / "d") == tmp_path
    assert find_root(tmp_path) == tmp_path


def test_without_a_workspace_the_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SurroundingsFailed) as caught:
        find_root(tmp_path)
    (problem,) = caught.value.diagnostics
    assert (problem.code, caught.value.exit_code) == ("L160", ExitCode.SURROUNDINGS)
    assert "launcher.yaml" in (texts(problem).hint or "")


TREE = (
    "plans/a.yaml",
    "plans/b.yml",
    "plans/web/c.yaml",
    "plans/web/deep/d.yaml",
    "plans/.hidden.yaml",
    "plans/.git/e.yaml",
    "other/f.yaml",
    "g.yaml",
)


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (["plans/**/*.yaml"], ["plans/a.yaml", "plans/web/c.yaml", "plans/web/deep/d.yaml"]),
        (["plans/*.yaml"], ["plans/a.yaml"]),
        (["plans/*.y*ml"], ["plans/a.yaml", "plans/b.yml"]),
        (["plans/?.yaml", "plans/[ab].*"], ["plans/a.yaml", "plans/b.yml"]),
        (["**/c.yaml"], ["plans/web/c.yaml"]),
        (["*.yaml"], ["g.yaml"]),
        (["*/*.yaml"], ["other/f.yaml", "plans/a.yaml"]),
        (["plans/.hidden.yaml"], ["plans/.hidden.yaml"]),
        (["plans/.git/*.yaml"], ["plans/.git/e.yaml"]),
        (["plans/web/**"], ["plans/web/c.yaml", "plans/web/deep/d.yaml"]),
        (["**/**/d.yaml"], ["plans/web/deep/d.yaml"]),
        (["nothing/*.yaml", "plans/a.yaml/x"], []),
    ],
    ids=repr,
)
def test_patterns_select_files_sorted_and_once(
    patterns: list[str], expected: list[str], tmp_path: Path
) -> None:
    touch(tmp_path, *TREE)
    assert discover(tmp_path, workspace(*patterns)) == tuple(expected)
    assert [path for path in sorted(TREE) if any(selects(item, path) for item in patterns)] == (
        expected
    )


def test_a_link_inside_the_workspace_is_followed_and_one_that_leaves_it_is_refused(
    tmp_path: Path,
) -> None:
    outside = tmp_path / "outside"
    root = tmp_path / "root"
    touch(outside, "secret.yaml")
    touch(root, "plans/a.yaml")
    (root / "plans" / "b.yaml").symlink_to("a.yaml")
    assert discover(root, workspace("plans/*.yaml")) == ("plans/a.yaml", "plans/b.yaml")
    (root / "plans" / "c.yaml").symlink_to(outside / "secret.yaml")
    with pytest.raises(InvalidManifests) as caught:
        discover(root, workspace("plans/*.yaml"))
    (problem,) = caught.value.diagnostics
    assert problem.code == "L162"
    assert problem.place is not None
    assert problem.place.path == "plans/c.yaml"


@pytest.mark.parametrize("pattern", ["plans/*.yaml", "plans/**/*.yaml", "*/secret.yaml"])
def test_a_directory_that_is_a_link_out_of_the_workspace_is_refused(
    pattern: str, tmp_path: Path
) -> None:
    touch(tmp_path / "outside", "secret.yaml")
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "plans").symlink_to(tmp_path / "outside")
    with pytest.raises(InvalidManifests) as caught:
        discover(tmp_path / "root", workspace(pattern))
    assert [item.code for item in caught.value.diagnostics] == ["L162"]


def test_a_link_that_goes_round_in_circles_ends(tmp_path: Path) -> None:
    touch(tmp_path, "plans/a.yaml")
    (tmp_path / "plans" / "again").symlink_to(tmp_path / "plans")
    assert discover(tmp_path, workspace("plans/**/*.yaml")) == ("plans/a.yaml",)


def test_a_link_that_leads_nowhere_is_listed_so_that_it_does_not_look_deleted(
    tmp_path: Path,
) -> None:
    (tmp_path / "plans").mkdir()
    (tmp_path / "plans" / "a.yaml").symlink_to("missing.yaml")
    assert discover(tmp_path, workspace("plans/*.yaml")) == ("plans/a.yaml",)


def test_a_directory_that_cannot_be_listed_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch(tmp_path, "plans/web/a.yaml", "plans/b.yaml")
    scandir = os.scandir

    def refused(path: str) -> object:  # the superuser, who may run this, can list everything
        if path.rstrip("/").endswith("web"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refused)
    with pytest.raises(InvalidManifests) as caught:
        discover(tmp_path, workspace("plans/**/*.yaml"))
    (problem,) = caught.value.diagnostics
    assert (problem.code, problem.facts) == ("L161", {"reason": "Permission denied"})


def test_ten_thousand_manifests_are_found(tmp_path: Path) -> None:
    for number in range(100):
        (tmp_path / "plans" / str(number)).mkdir(parents=True)
        for name in range(100):
            os.mknod(tmp_path / "plans" / str(number) / f"{name}.yaml")
    assert len(discover(tmp_path, workspace("plans/**/*.yaml"))) == 10_000
