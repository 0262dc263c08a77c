"""The repository's own manifests, held to what the tool asks of others."""

from pathlib import Path

import pytest

from launcher.manifest.discovery import discover
from launcher.manifest.fmt import formatted
from launcher.manifest.load import load, load_workspace

ROOT = Path(__file__).parents[2]
PATHS = discover(ROOT, load_workspace(ROOT))


def test_they_are_valid_and_as_many_as_the_demonstration_needs() -> None:
    documents, problems = load(ROOT, PATHS)
    assert problems == ()
    assert {document.name for document in documents} >= {
        "db-migrate",
        "web-deploy",
        "smoke-test",
        "documented-call",
    }


@pytest.mark.parametrize("path", ["launcher.yaml", *PATHS])
def test_they_are_in_the_canonical_layout(path: str) -> None:
    done = formatted(path, (ROOT / path).read_bytes(), fix=True)
    assert (done.changed, done.diagnostics) == (False, ())


@pytest.mark.parametrize("path", PATHS)
def test_an_editor_finds_their_schema(path: str) -> None:
    first = (ROOT / path).read_text().splitlines()[0]
    schema = first.removeprefix("# yaml-language-server: $schema=")
    assert ((ROOT / path).parent / schema).resolve() == ROOT / "schemas" / "planlaunch-v1.json"
