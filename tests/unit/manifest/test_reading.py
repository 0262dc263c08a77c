"""Two readers and two parsers, one answer; and no text that breaks them."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from launcher.catalogue import texts
from launcher.diagnostics import Diagnostic
from launcher.errors import InvalidManifests
from launcher.manifest import compose, events, quick
from launcher.manifest.compose import MAX_BYTES, MAX_DEPTH, MAX_NODES
from launcher.manifest.fmt import formatted
from launcher.manifest.load import MOST_PROBLEMS, load_bytes, load_workspace_bytes
from launcher.manifest.nodes import to_data
from launcher.manifest.sources import excerpt, lines_of

CASES = Path(__file__).parents[2] / "cases"
GOOD = [path.read_bytes() for path in sorted((CASES / "good").rglob("*.yaml"))]
BAD = {
    f"{path.parent.name}/{path.stem}": path.read_bytes()
    for path in sorted((CASES / "bad").rglob("*.yaml"))
}

PIECES = st.sampled_from(
    [
        *(
            "a: ",
            "b",
            ": ",
            "- ",
            "? ",
            "[",
            "]",
            "{",
            "}",
            ",",
            "'",
            '"',
            "|\n",
            ">-\n",
            "#",
            "\n",
        ),
        *("\n  ", "\n    ", "\t", " ", "&a ", "*a ", "!!str ", "!", "<<: ", "%YAML 1.1\n", "---\n"),
        *("...\n", "\\", "\r", "\r\n", "\0", "\x85", "\u2028", "\u202e", "\ufeff", "é", "👩", "@"),
        *("1", "0x1", "1.5", "true", "null", "~", ".nan", "*" * 6, "apiVersion: launcher/v1\n"),
    ]
)
TEXTS = st.lists(PIECES, max_size=40).map(lambda pieces: "".join(pieces).encode())


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A good file with a few bytes cut out, put in or overwritten."""
    content = draw(st.sampled_from(GOOD))
    for _ in range(draw(st.integers(1, 4))):
        begin = draw(st.integers(0, len(content)))
        end = min(len(content), begin + draw(st.integers(0, 8)))
        content = content[:begin] + draw(st.binary(max_size=4) | TEXTS) + content[end:]
    return content


def both(content: bytes) -> list[Diagnostic]:
    """What is said of `content`, as a manifest and as a workspace file."""
    problems = list(load_bytes("case.yaml", content)[1])
    try:
        load_workspace_bytes(content, "case.yaml")
    except InvalidManifests as error:
        problems.extend(error.diagnostics)
    return problems


def assert_told_well(problems: list[Diagnostic], content: bytes) -> None:
    lines = lines_of(content)
    for problem in problems:
        assert texts(problem).hint
        assert problem.place is not None
        span = problem.place.span
        if span is not None:
            assert 1 <= span.line <= len(lines) + 1
            assert (span.line, span.column) <= (span.end_line, span.end_column)


@settings(max_examples=300, deadline=None)
@given(content=st.binary(max_size=200) | TEXTS | damaged())
def test_no_bytes_end_in_anything_but_diagnostics(content: bytes) -> None:
    assert_told_well(both(content), content)


@settings(max_examples=300, deadline=None)
@given(content=TEXTS | damaged())
def test_the_quick_reader_gives_up_or_reads_what_the_exact_one_reads(content: bytes) -> None:
    read = quick.read_quickly(content)
    if read is not None:
        composed = compose.compose("case.yaml", content)
        assert composed.diagnostics == ()
        assert composed.root is not None
        assert repr(read[0]) == repr(to_data(composed.root))


def test_the_quick_reader_takes_the_good_files_that_are_ordinary() -> None:
    taken = [content for content in GOOD if quick.read_quickly(content) is not None]
    assert len(taken) > len(GOOD) / 2


@settings(max_examples=100, deadline=None)
@given(content=damaged(), fix=st.booleans())
def test_formatting_keeps_what_a_file_says_or_the_file(content: bytes, *, fix: bool) -> None:
    done = formatted("case.yaml", content, fix=fix)
    if not done.changed:
        return
    before = compose.compose("case.yaml", content).root
    after = compose.compose("case.yaml", done.text.encode()).root
    assert before is not None
    assert after is not None
    if not fix:
        assert repr(in_order(to_data(before))) == repr(in_order(to_data(after)))
    assert not formatted("case.yaml", done.text.encode(), fix=fix).changed


def in_order(data: Any) -> Any:
    """`data` with sorted keys: the layout may move fields."""
    if isinstance(data, dict):
        return {key: in_order(data[key]) for key in sorted(data)}
    return [in_order(item) for item in data] if isinstance(data, list) else data


@pytest.fixture
def _without_libyaml(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "HAS_LIBYAML", False)
    monkeypatch.setattr(quick, "CParser", None)


@pytest.mark.usefixtures("_without_libyaml")
def test_without_libyaml_good_files_are_read_the_same() -> None:
    for path in sorted((CASES / "good" / "manifests").glob("*.yaml")):
        assert quick.read_quickly(path.read_bytes()) is None
        if path.stem != "tabs-between":
            assert both_parsers(path.read_bytes())


@pytest.mark.usefixtures("_without_libyaml")
def test_without_libyaml_tabs_between_key_and_value_are_refused_rather_than_read_otherwise() -> (
    None
):
    content = (CASES / "good" / "manifests" / "tabs-between.yaml").read_bytes()
    assert load_bytes("case.yaml", content)[1][0].code == "L103"


def both_parsers(content: bytes) -> bool:
    slow = compose.compose("case.yaml", content)
    assert slow.diagnostics == ()
    assert slow.root is not None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(events, "HAS_LIBYAML", events.CParser is not None)
        fast = compose.compose("case.yaml", content)
    assert fast.root is not None
    return repr(to_data(slow.root)) == repr(to_data(fast.root))


@pytest.mark.usefixtures("_without_libyaml")
@pytest.mark.parametrize("name", BAD)
def test_without_libyaml_bad_files_get_the_same_codes_on_the_same_lines(name: str) -> None:
    problems = told_of(name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(events, "HAS_LIBYAML", events.CParser is not None)
        expected = told_of(name)
    assert [(item.code, line_of(item)) for item in problems] == [
        (item.code, line_of(item)) for item in expected
    ]


def told_of(name: str) -> tuple[Diagnostic, ...]:
    """What is said of a bad document as the kind that it is."""
    if name.startswith("manifests/"):
        return load_bytes("case.yaml", BAD[name])[1]
    try:
        load_workspace_bytes(BAD[name], "case.yaml")
    except InvalidManifests as error:
        return error.diagnostics
    return ()


def line_of(problem: Diagnostic) -> int:
    return problem.place.span.line if problem.place and problem.place.span else 0


def alias_bomb() -> bytes:
    """Nine levels of nine references each: 3 GB of text, if they were followed."""
    rows = ["a: &a [" + ",".join(["lol"] * 9) + "]"]
    rows += [
        f"{name}: &{name} [" + ",".join([f"*{before}"] * 9) + "]"
        for before, name in zip("abcdefg", "bcdefgh", strict=True)
    ]
    return "\n".join(rows).encode()


def test_an_alias_bomb_is_refused_reference_by_reference() -> None:
    composed = compose.compose("bomb.yaml", alias_bomb())
    assert {item.code for item in composed.diagnostics} == {"L105"}
    assert len(composed.diagnostics) == 8 + 7 * 9
    assert not composed.whole
    assert {item.code for item in both(alias_bomb())} == {"L105"}


class Counting:
    """A parser that counts the events it gives."""

    def __init__(self, content: bytes) -> None:
        self._inner = events.parser_of(content)
        self.given = 0

    def get_event(self) -> yaml.Event | None:
        self.given += 1
        return self._inner.get_event()


@pytest.mark.parametrize(
    ("content", "code", "most"),
    [
        pytest.param(b"[" * 3000, "L113", MAX_DEPTH + 3, id="brackets"),
        pytest.param(b"a: " + b"[" * (MAX_BYTES - 3), "L113", MAX_DEPTH + 5, id="a mebibyte"),
        pytest.param(b"- " * 3000, "L113", MAX_DEPTH + 3, id="dashes"),
        pytest.param(b"a: [" + b"x," * 60_000 + b"]", "L114", MAX_NODES + 3, id="values"),
    ],
)
def test_a_budget_ends_the_reading_while_events_stream(
    content: bytes, code: str, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsers: list[Counting] = []

    def parser_of(content: bytes) -> Counting:
        parsers.append(Counting(content))
        return parsers[-1]

    monkeypatch.setattr(compose, "parser_of", parser_of)
    composed = compose.compose("case.yaml", content)
    assert [item.code for item in composed.diagnostics] == [code]
    assert parsers[0].given <= most
    assert quick.read_quickly(content) is None


@pytest.mark.parametrize(
    "content",
    [b"[" * 3000, b"{a: " * 3000, b"- " * 3000, b"? " * 3000, b": " * 3000, b"a:\n" + b" " * 9000],
)
def test_what_could_be_deep_never_reaches_the_composer_that_recurses(
    content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(quick, "_NodeParser")
    assert quick.read_quickly(content) is None


def test_a_file_over_a_mebibyte_is_not_parsed_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(compose, "parser_of")
    composed = compose.compose("case.yaml", b"#" * (MAX_BYTES + 1))
    assert [item.code for item in composed.diagnostics] == ["L112"]


def test_as_many_values_as_the_budget_allows_are_read() -> None:
    composed = compose.compose("case.yaml", b"a: [" + b"x," * (MAX_NODES - 3) + b"]")
    assert composed.diagnostics == ()


def test_text_of_any_length_behind_the_limit_of_the_quick_reader_is_read_too() -> None:
    content = GOOD[0] + b"#" * 40_000 + b"\n"
    assert quick.read_quickly(content) is None
    assert load_bytes("case.yaml", content)[0] is not None


def test_of_very_many_problems_the_first_are_told_and_the_others_counted() -> None:
    head = "apiVersion: launcher/v1\nkind: PlanLaunch\nmetadata: {name: web}\nspec:\n  variables:\n"
    content = head + "".join(f"    v{number}: 1\n" for number in range(500))
    _, problems = load_bytes("case.yaml", content.encode())
    assert len(problems) == MOST_PROBLEMS + 1
    assert [dict(item.facts) for item in problems if item.code == "L163"] == [
        {"shown": "100", "all": "500"}
    ]


def test_columns_count_code_points_and_a_byte_order_mark_counts_nothing() -> None:
    content = "\ufeffapiVersion: launcher/v1\nkind: PlanLaunch\nmetadata: {title: 部署👩, nme: x}\n"
    problems = load_bytes("case.yaml", content.encode())[1]
    (unknown,) = [item for item in problems if item.code == "L120"]
    assert unknown.place is not None
    assert unknown.place.span is not None
    assert (unknown.place.span.line, unknown.place.span.column) == (3, 24)


def test_the_line_under_a_diagnostic_is_that_of_editors(tmp_path: Path) -> None:
    content = "\ufeffa: b\r\n# x\u2028y\x0bz\r\nc: 'ü'\rd: [1"
    (tmp_path / "case.yaml").write_bytes(content.encode())
    problems = compose.compose(
        "case.yaml", b"apiVersion: launcher/v1\nd: {a: b, a: c}\n"
    ).diagnostics
    assert problems[0].place is not None
    assert excerpt(tmp_path, problems[0].place) is not None
    assert lines_of(content.encode()) == ["a: b", "# x\u2028y\x0bz", "c: 'ü'", "d: [1"]


def test_no_code_of_the_parser_is_left_without_words() -> None:
    for content in BAD.values():
        for problem in both(content):
            words = texts(problem)
            assert not re.search(r"[{}]\w+[{}]", words.detail)


@pytest.mark.parametrize("text", ["010", "-0777", "08", "0o17", "1e3", "1.5e3"])
def test_a_number_that_yaml_1_1_reads_otherwise_is_for_the_exact_reader_wherever_it_stands(
    text: str,
) -> None:
    for shape in ("a: {}", "a: [1, {}]", "a: [{{b: {}}}]", "a:\n- 1\n- {}"):
        assert quick.read_quickly(shape.format(text).encode()) is None, shape
        assert quick.read_quickly(shape.format(f'"{text}"').encode()) is not None, shape
        assert quick.read_quickly(shape.format("007").encode()) is not None, shape
