"""Take secret values out of text by their value, wherever the text comes from."""

from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64encode
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

from launcher.engine.observed import MASK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["SHORTEST_REDACTED", "Redactor"]

SHORTEST_REDACTED = 6
"""Shorter values are left alone: they would tear holes into text that has nothing to do with them."""


class Redactor:
    """Replaces known secret values in any text; never shows them itself."""

    __slots__ = ("_forms",)

    def __init__(self, values: Iterable[str]) -> None:
        forms: set[str] = set()
        for value in values:
            forms.update(_forms_of(value))
        # The longest first, so that a value which contains another leaves no remainder.
        self._forms = tuple(sorted(forms, key=lambda form: (-len(form), form)))

    def __repr__(self) -> str:
        return f"Redactor({len(self._forms)} forms)"

    def __call__(self, text: str) -> str:
        """`text` with every known value replaced."""
        for form in self._forms:
            text = text.replace(form, MASK)
        return text


def _forms_of(value: str) -> Iterable[str]:
    """The value as it is and line by line, each as JSON writes it, and all that as URLs and base64 do."""
    plain = {
        value,
        value.strip(),
        *value.splitlines(),
        *(line.strip() for line in value.splitlines()),
    }
    forms = plain | {quoted for form in plain for quoted in _in_json(form)}
    forms |= {coded for form in forms for coded in _coded(form)}
    return {form for form in forms if len(form) >= SHORTEST_REDACTED}


def _in_json(form: str) -> Iterator[str]:
    """Inside quotes, and inside the quotes of a text that is in quotes itself."""
    for ascii_only in (True, False):
        once = json.dumps(form, ensure_ascii=ascii_only)[1:-1]
        yield once
        yield json.dumps(once, ensure_ascii=ascii_only)[1:-1]


def _coded(form: str) -> Iterator[str]:
    data = form.encode(errors="surrogatepass")
    yield quote(data)
    yield quote(data, safe="")
    yield quote_plus(data)
    yield b64encode(data).decode()
    yield urlsafe_b64encode(data).decode()
