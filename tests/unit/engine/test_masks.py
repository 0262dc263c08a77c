"""Texts out of which secrets were taken, beside texts of which nobody knows whether they hold one."""

from __future__ import annotations

import pytest

from launcher.engine.masks import masked_alike, with_each_text


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("no secret", "pass=hunter22", "pass=hunter22"),
        ("pass=(secret)", "pass=hunter22", "pass=(secret)"),
        ("a (secret) b (secret) c", "a one b two c", "a (secret) b (secret) c"),
        ("(secret)(secret)", "ab", "(secret)(secret)"),
        ("(secret)(secret)", "a", "a"),
        ("pass=(secret)", "pass=", "pass="),
        ("pass=(secret) x", "pass=hunter22 y", "pass=hunter22 y"),
        ("first\npass=(secret)\nlast", "first\npass=hunter22\nnew", "first\npass=(secret)\nnew"),
        ("key: (secret)\nlast", "key: BEGIN\nabc\nEND\nlast", "key: (secret)\nlast"),
        ("pass=(secret)\nx", "moved\nx\npass=hunter22", "moved\nx\npass=(secret)"),
        (None, "pass=hunter22", "pass=hunter22"),
        ({"digest": "d", "bytes": 1, "lines": 1}, "pass=hunter22", "pass=hunter22"),
        ("pass=(secret)", None, None),
    ],
)
def test_a_line_that_differs_only_in_its_secret_is_shown_as_it_was_kept(old, new, shown):
    assert masked_alike(old, new) == shown


def test_each_text_is_changed_and_nothing_else():
    data = {"a": ["b", 1, None, {"c": True}], "d": "e"}
    assert with_each_text(data, str.upper) == {"a": ["B", 1, None, {"c": True}], "d": "E"}
