"""Plain scalars by the core schema of YAML 1.2."""

import itertools
import math

import pytest
import yaml

from launcher.manifest import scalars
from launcher.manifest.scalars import HUGE, Scalar, in_yaml_1_1, resolved


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *((text, None) for text in ("", "~", "null", "Null", "NULL")),
        *((text, True) for text in ("true", "True", "TRUE")),
        *((text, False) for text in ("false", "False", "FALSE")),
        ("0", 0),
        ("-0", 0),
        ("+7", 7),
        ("-19", -19),
        ("012", 12),
        ("0o14", 12),
        ("0x1F", 31),
        ("00000000000000000000000000007", 7),
        ("1.10", 1.1),
        ("1.", 1),
        (".5", 0.5),
        ("-2.50", -2.5),
        ("1e3", 1000),
        ("1E-2", 0.01),
        ("12.0e1", 120),
        (".inf", math.inf),
        ("+.Inf", math.inf),
        ("-.INF", -math.inf),
    ],
)
def test_a_plain_scalar_means_what_editors_read(text: str, value: Scalar) -> None:
    assert resolved(text) == value
    assert type(resolved(text)) is type(value)


@pytest.mark.parametrize("text", [".nan", ".NaN", ".NAN"])
def test_not_a_number_is_a_number(text: str) -> None:
    found = resolved(text)
    assert isinstance(found, float)
    assert math.isnan(found)


@pytest.mark.parametrize(
    "text",
    [
        *("yes", "no", "on", "off", "y", "n", "nUll", "tRUE", "none", "nil"),
        *("1_000", "1:30", "12:30:45", "2026-11-23", "2026-11-23T02:00:00Z", "0b11", "0O7", "0X1"),
        *(
            "-0o7",
            "+0x1",
            "0o8",
            "0xg",
            "0x",
            "0o",
            "1e",
            "e3",
            ".",
            "..",
            "-",
            "+",
            "+-1",
            "1.2.3",
        ),
        *(".iNF", "inf", "nan", "-.nan", "\u0663", "\uff11", "1 2", "10.0.0.1", "=", "<<"),
    ],
)
def test_what_yaml_1_1_took_for_something_else_is_text(text: str) -> None:
    assert resolved(text) == text


@pytest.mark.parametrize(
    "text", ["9" * 20, "9" * 5000, "1" + "0" * 19, "0x" + "f" * 20, "0o" + "7" * 30]
)
def test_a_number_of_more_than_nineteen_digits_is_not_computed(text: str) -> None:
    assert resolved(text) == HUGE


def test_a_number_of_thousands_of_digits_never_reaches_int(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    longest = 0

    def measured(digits: str, base: int = 10) -> int:
        nonlocal longest
        longest = max(longest, len(digits))
        return int(digits, base)

    monkeypatch.setattr(scalars, "int", measured, raising=False)
    for text in ("9" * 5000, "-" + "1" * 5000, "0" * 5000 + "7", "0x" + "a" * 5000, "12345"):
        resolved(text)
    assert longest == 5


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("01001", "513"),
        ("-010", "-8"),
        ("+017", "15"),
        ("08", "text"),
        ("0o17", "text"),
        ("1e3", "text"),
        ("1.5e3", "text"),
        ("0" + "7" * 5000, "another number"),
        *(
            (text, None)
            for text in (
                "0",
                "-0",
                "00",
                "-007",
                "+7",
                "1001",
                "0x1F",
                "1.0",
                "01.5",
                "1.5e+3",
                ".5",
            )
        ),
        *((text, None) for text in (".inf", "-.INF", "true", "~", "yes", "1_000", "1:30", "0b1")),
    ],
)
def test_a_number_that_yaml_1_1_reads_otherwise_is_known(text: str, other: str | None) -> None:
    assert in_yaml_1_1(text) == other


def test_every_other_number_is_the_same_to_a_reader_of_yaml_1_1() -> None:
    """PyYAML is one; it takes a number that starts with a sign and a point for text, as no other does."""
    texts = (
        "".join(signs)
        for length in range(1, 5)
        for signs in itertools.product("-+079.eox", repeat=length)
    )
    numbers = [
        text
        for text in texts
        if isinstance(resolved(text), int | float) and not text.startswith(("-.", "+."))
    ]
    assert len(numbers) > 500
    for text in numbers:
        if in_yaml_1_1(text) is None:
            assert yaml.safe_load(text) == resolved(text), text
        else:
            assert yaml.safe_load(text) != resolved(text), text
