"""Routes to lines and columns, and the words that were probably meant."""

from pathlib import Path

import pytest

from launcher.diagnostics import Diagnostic, Place, Pointer, Span
from launcher.manifest.locate import locate, locate_in
from launcher.manifest.suggest import distance, nearest

CONTENT = b"""\
metadata:
  name: web
spec:
  needs: [db, cache]
  variables:
    a:
      hosts: {ids: [1, 22]}
"""


@pytest.mark.parametrize(
    ("pointer", "of_key", "expected"),
    [
        (("metadata", "name"), False, Span(2, 9, 2, 12)),
        (("metadata", "name"), True, Span(2, 3, 2, 7)),
        (("spec", "needs", 1), False, Span(4, 15, 4, 20)),
        (("spec", "needs", 1), True, Span(4, 15, 4, 20)),
        (("spec", "variables", "a", "hosts", "ids", 1), False, Span(7, 24, 7, 26)),
        pytest.param(("spec", "plan"), False, Span(3, 1, 3, 5), id="missing: the key around it"),
        pytest.param(("spec", "plan", "id"), True, Span(3, 1, 3, 5), id="missing deeper"),
        pytest.param(("spec", "needs", 7), False, Span(4, 3, 4, 8), id="an item too many"),
        pytest.param(("environments",), False, Span(1, 1, 8, 1), id="missing at the top"),
        pytest.param(("metadata", "name", "x"), False, Span(2, 3, 2, 7), id="below a text"),
    ],
)
def test_a_route_leads_to_a_span(pointer: Pointer, expected: Span, *, of_key: bool) -> None:
    (found,) = locate_in(
        [Diagnostic("L120", place=Place("a.yaml", pointer, of_key=of_key))], lambda _: CONTENT
    )
    assert found.place is not None
    assert found.place.span == expected


def test_both_places_are_located_and_each_file_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(CONTENT)
    (tmp_path / "b.yaml").write_bytes(b"# first\n" + CONTENT)
    pointer = ("metadata", "name")
    problem = Diagnostic("L150", place=Place("b.yaml", pointer), related=Place("a.yaml", pointer))
    (found,) = locate([problem], tmp_path)
    assert found.place is not None
    assert found.related is not None
    assert found.place.span == Span(3, 9, 3, 12)
    assert found.related.span == Span(2, 9, 2, 12)


def test_what_cannot_be_located_or_has_its_lines_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_bytes(b"a: [")
    (tmp_path / "good.yaml").write_bytes(CONTENT)
    problems = (
        Diagnostic("L200"),
        Diagnostic("L201", place=Place("broken.yaml", ("a",))),
        Diagnostic("L202", place=Place("good.yaml", ("metadata",), span=Span(9, 9, 9, 9))),
        Diagnostic("L203", place=Place("missing.yaml", ("a",))),
        Diagnostic("L204", place=Place("missing.yaml")),
    )
    located = locate(problems, tmp_path)
    assert sorted(located, key=lambda item: item.code) == list(problems)


@pytest.mark.parametrize(
    ("left", "right", "steps"),
    [("", "", 0), ("a", "", 1), ("web", "web", 0), ("titel", "title", 1), ("kitten", "sitting", 3)],
)
def test_distance_counts_letters(left: str, right: str, steps: int) -> None:
    assert distance(left, right) == distance(right, left) == steps


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("titel", "title"),
        ("Title", "title"),
        ("callback_url", "callbackUrl"),
        ("owner", "owners"),
        ("x", None),
        ("something", None),
        ("", None),
        ("t" * 5000, None),
    ],
)
def test_the_nearest_word_is_offered_only_if_it_is_near(word: str, expected: str | None) -> None:
    assert nearest(word, ["title", "owners", "labels", "callbackUrl"]) == expected
    assert nearest(word, []) is None
