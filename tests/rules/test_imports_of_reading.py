"""What loading manifests may cost: good ones need no explanation, so nothing that explains."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

LOAD = """
import sys
from pathlib import Path
from launcher.manifest.discovery import discover, find_root
from launcher.manifest.load import load, load_workspace
root = find_root(Path({root!r}))
documents, problems = load(root, discover(root, load_workspace(root)))
assert documents, "nothing was loaded"
assert bool(problems) == {bad}, problems
print(*sorted({{name.partition(".")[0] for name in sys.modules}}))
"""


def imported_by(root: Path, *, bad: bool) -> set[str]:
    """The top-level modules that are imported once the workspace at `root` is loaded."""
    done = subprocess.run(  # noqa: S603 - our own interpreter and program
        [sys.executable, "-c", LOAD.format(root=str(root), bad=bad)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return set(done.stdout.split())


EXPENSIVE = ("pydantic", "pydantic_core", "httpx", "jsonschema", "ruamel", "rich", "click")


def test_good_manifests_are_loaded_without_what_only_explains_writes_or_shows() -> None:
    assert not imported_by(ROOT, bad=False) & set(EXPENSIVE)


def test_bad_manifests_are_explained_by_the_models(tmp_path: Path) -> None:
    (tmp_path / "plans").mkdir()
    for name in ("launcher.yaml", "plans/web/smoke-test.yaml"):
        (tmp_path / "plans" / Path(name).name).write_bytes((ROOT / name).read_bytes())
    (tmp_path / "launcher.yaml").write_bytes((ROOT / "launcher.yaml").read_bytes())
    assert "pydantic" in imported_by(tmp_path, bad=True)


@pytest.mark.parametrize("module", ["launcher.manifest.load", "launcher.model.documents"])
def test_importing_a_reader_imports_no_model(module: str) -> None:
    program = f"import sys, {module}; print('launcher.model.base' in sys.modules)"
    done = subprocess.run(  # noqa: S603 - our own interpreter and program
        [sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert done.stdout.split() == ["False"]
