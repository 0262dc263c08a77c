"""Comments of a file, however many there are."""

from __future__ import annotations

from launcher.manifest.comments import aligned, belongings
from launcher.manifest.compose import compose


class Counted(list[str]):
    """Lines that count how often one is looked at."""

    looks = 0

    def __getitem__(self, at):
        self.looks += 1
        return super().__getitem__(at)


def looks_a_line(count: int) -> float:
    """How often a line is looked at in a document with `count` comments in a row."""
    lines = Counted(["spec:", *["    # note"] * count, "  plan: {id: 1}"])
    root = compose("plans/web.yaml", "\n".join(lines).encode()).root
    assert root is not None
    above = belongings(lines, root)
    assert above == [False] * count
    assert aligned(lines, root, above)[1:-1] == ["  # note"] * count
    return lines.looks / len(lines)


def test_a_comment_costs_the_same_however_many_stand_together():
    assert looks_a_line(400) <= looks_a_line(40) + 1


def test_a_comment_belongs_to_the_line_whose_column_is_nearer():
    text = "spec:\n  plan:\n    id: 1\n    # of id\n # of retry\n\n  retry: {}\n  # of the end\n"
    lines = text.split("\n")
    root = compose("plans/web.yaml", text.encode()).root
    assert root is not None

    assert belongings(lines, root) == [True, False, True]
