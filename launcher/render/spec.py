"""Effective specs for people: YAML with the origin of every value beside it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from launcher.engine.spec import recordable_spec
from launcher.render.paint import PLAIN
from launcher.render.visible import NEVER_RAW, visible, width

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from launcher.engine.spec import LaunchKey
    from launcher.render.paint import Paint

__all__ = ["render_spec"]


def render_spec(
    *,
    name: str,
    environment: str,
    path: str,
    key: LaunchKey,
    data: Mapping[str, Any],
    origins: Mapping[str, str],
    paint: Paint = PLAIN,
) -> str:
    """One launch: a heading, then its spec as YAML that a reader could copy."""
    heading = f"# {visible(name)} in {visible(environment)}, from {visible(path)}"
    lines = list(_lines(recordable_spec(data), origins, "", 0))
    widest = max((width(text) for text, _ in lines), default=0)
    body = [
        text + " " * (widest - width(text)) + paint.faint(f"  # {visible(origin)}")
        if origin
        else text
        for text, origin in lines
    ]
    return (
        "\n".join([paint.bold(heading), f"# revision {key.revision}, {key.digest}", *body]) + "\n"
    )


def _lines(
    data: Mapping[str, Any], origins: Mapping[str, str], prefix: str, depth: int
) -> Iterator[tuple[str, str]]:
    """Each line with the origin to be shown beside it; empty for a value inside one whose origin was shown."""
    for key, value in data.items():
        where = f"{prefix}{key}"
        origin = _origin(where, origins, is_container=isinstance(value, dict) and bool(value))
        start = f"{'  ' * depth}{_word(key)}:"
        if isinstance(value, dict) and value:
            yield start, origin
            yield from _lines(value, origins, f"{where}.", depth + 1)
        else:
            yield f"{start} {_flow(value)}", origin


def _origin(where: str, origins: Mapping[str, str], *, is_container: bool) -> str:
    if where in origins:
        return origins[where]
    has_inner = any(item.startswith(f"{where}.") for item in origins)
    inside = any(where.startswith(f"{item}.") for item in origins)
    if inside or (is_container and has_inner) or "." in where:
        return ""
    return "environment" if where == "scope" else "default"


def _flow(value: Any) -> str:  # noqa: ANN401 - any JSON value
    """`value` on one line; JSON is YAML, and its escapes are read alike."""
    text = json.dumps(value, ensure_ascii=False)
    return NEVER_RAW.sub(lambda match: json.dumps(match.group())[1:-1], text)


def _word(key: str) -> str:
    return key if key.replace("_", "").replace("-", "").isalnum() and key.isascii() else _flow(key)
