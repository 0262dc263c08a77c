"""Text that has not the shape it needs: which code tells so, and what would help.

What a shape is stands in `launcher.model.shapes`; the names of the rules are those given there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from launcher.manifest.rules import nearest_time_zone
from launcher.model.times import seconds_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["ill_formed"]

_CODES_OF_SHAPES = {
    "name": "L130",
    "ip": "L131",
    "callback_url": "L132",
    "unmasked": "L133",
    "secret_env": "L137",
    "secret_file": "L137",
    "user_variable": "L137",
    "scope_id": "L138",
    "line": "L139",
    "variable_name": "L139",
    "label_key": "L145",
    "glob": "L141",
    "server": "L143",
    "dynamic_group": "L146",
    "node_type": "L147",
    "duration": "L142",
    "instant": "L153",
    "time_of_day": "L154",
    "date": "L155",
    "time_zone": "L156",
    "plan_digest": "L170",
}

_DATE_FORM = r"20[0-9]{2}-[0-9]{2}-[0-9]{2}"
_INSTANT_FORM = rf"{_DATE_FORM}T[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}(\.[0-9]{{1,6}})?"


def ill_formed(rule: str, text: str) -> tuple[str, str, dict[str, str]]:
    """The code, the hint and the facts for `text`, which does not follow `rule`."""
    choose = _HINTS_OF_SHAPES.get(rule)
    hint = choose(text) if choose else "default"
    close = nearest_time_zone(text) if rule == "time_zone" and hint == "default" else None
    facts = {
        "text": _shown_url(text) if rule == "callback_url" else text,
        "likely": f"0{text}" if rule == "time_of_day" else _as_name(text),
        "close": close or "",
    }
    return _CODES_OF_SHAPES[rule], "near" if close else hint, facts


def _shown_url(text: str) -> str:
    """`text` without what may be secret in a URL: the user's part and the query."""
    return re.sub(r"\?.*", "?…", re.sub(r"//[^/@]*@", "//…@", text), flags=re.DOTALL)


def _url_hint(text: str) -> str:
    if "@" in text.partition("://")[2].partition("/")[0]:
        return "user"
    if re.search(r"\s", text):
        return "blank"
    if not re.match(r"https?://", text):
        return "scheme"
    return "default"


def _hour_hint(text: str) -> str:
    if re.fullmatch(r"[0-9]:[0-5][0-9]", text):
        return "likely"
    return "midnight" if text == "24:00" else "default"


def _as_name(text: str) -> str:
    """`text` made into a name, or nothing if no letter or digit is left."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower())[:63].strip("-")


def _duration_hint(text: str) -> str:
    if re.fullmatch(r"[1-9][0-9]{0,5}", text):
        return "unit"
    return "default" if seconds_of(text) is None else "range"


def _instant_hint(text: str) -> str:
    if re.fullmatch(_DATE_FORM, text):
        return "date"
    if re.fullmatch(_INSTANT_FORM, text):
        return "zone"
    if re.fullmatch(rf"{_INSTANT_FORM}(Z|[-+][0-9]{{2}}:[0-9]{{2}})", text):
        return "missing"
    return "default"


_HINTS_OF_SHAPES: Mapping[str, Callable[[str], str]] = {
    "callback_url": _url_hint,
    "duration": _duration_hint,
    "dynamic_group": lambda text: "business" if ":" in text else "default",
    "glob": lambda text: "outside" if text.startswith("/") or ".." in text else "default",
    "date": lambda text: "missing" if re.fullmatch(_DATE_FORM, text) else "default",
    "instant": _instant_hint,
    "plan_digest": lambda text: "offline" if text.startswith("offline:") else "default",
    "name": lambda text: "likely" if _as_name(text) else "default",
    "secret_file": lambda _: "file",
    "user_variable": lambda _: "variable",
    "server": lambda text: "address" if "://" in text or "." in text else "default",
    "time_of_day": _hour_hint,
    "time_zone": lambda text: "offset" if re.match(r"(UTC|GMT)?[-+][0-9]", text) else "default",
}
