"""Take secret values out of text by their value, wherever the text comes from."""

from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64encode
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["SHORTEST_REDACTED", "Redactor"]

SHORTEST_REDACTED = 6
"""Shorter values are left alone: they would tear holes into text that has nothing to do with them."""

_MASK = "(secret)"


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
            text = text.replace(form, _MASK)
        return text


def _forms_of(value: str) -> Iterable[str]:
    """The value as it is, line by line, and as JSON, URLs and base64 write it."""
    candidates = {
        value,
        value.strip(),
        *value.splitlines(),
        *(s.strip() for s in value.splitlines()),
    }
    for form in tuple(candidates):
        candidates.add(json.dumps(form)[1:-1])
        candidates.add(json.dumps(form, ensure_ascii=False)[1:-1])
        data = form.encode(errors="surrogatepass")
        candidates.add(quote(data, safe=""))
        candidates.add(quote(data))
        candidates.add(quote_plus(data))
        candidates.add(b64encode(data).decode())
        candidates.add(urlsafe_b64encode(data).decode())
    return {form for form in candidates if len(form) >= SHORTEST_REDACTED}
