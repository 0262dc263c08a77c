"""Texts out of which secrets were taken, beside texts of which nobody knows whether they hold one."""

from __future__ import annotations

from typing import Any

import pytest

from launcher.engine.masks import masked_alike, masked_content


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


def test_what_was_kept_is_masked_where_a_job_plan_is_that_is_read():
    kept: dict[str, Any] = {
        "format": 1,
        "name": "pass",
        "substance": "pass",
        "modifiedBy": "pass",
        "steps": [
            {
                "name": "run pass",
                "kind": "pass",
                "facts": {"pass": "a pass", "long": {"digest": "pass", "bytes": 1}},
            }
        ],
        "variables": [
            {
                "id": 1,
                "name": "pass",
                "kind": "pass",
                "description": "a pass",
                "value": "pass=1",
                "used": True,
            },
            {
                "id": 2,
                "name": "hosts",
                "kind": "Host",
                "description": "",
                "hosts": {"ips": ["pass"]},
            },
        ],
    }

    found = masked_content(kept, lambda text: text.replace("pass", "(secret)"))

    assert found == {
        **kept,
        "steps": [
            {
                "name": "run (secret)",
                "kind": "pass",
                "facts": {"pass": "a (secret)", "long": {"digest": "pass", "bytes": 1}},
            }
        ],
        "variables": [
            {**kept["variables"][0], "description": "a (secret)", "value": "(secret)=1"},
            kept["variables"][1],
        ],
    }
