"""Permissions that are missing, in words.

JOB names each action with what it is about: for each type of resource a list of paths, from the outermost ancestor
down to the thing itself. It gives no address to apply at. Source: bk-job, `OpenApiApplyPermissionDTO`.
"""

from __future__ import annotations

from typing import Any

__all__ = ["missing_permissions"]

_LONGEST_NAME = 64
_MOST_ACTIONS = 10
_MOST_NAMES = 3
"""Of one type in one place; a launch may be about thousands of hosts."""


def missing_permissions(permission: Any) -> str:  # noqa: ANN401 - any JSON value
    """Such as `launch_job_plan (Launch Job Plan) on Job Plans web, Hosts 10.0.0.11 in Business demo`; empty for none."""
    actions = [item for item in _objects(permission, "actions") if "id" in item]
    words = [_action(item) for item in actions[:_MOST_ACTIONS]]
    if len(actions) > _MOST_ACTIONS:
        words.append(f"{len(actions) - _MOST_ACTIONS} more")
    return "; ".join(words)


def _action(action: dict[str, Any]) -> str:
    identity, name = _text(action, "id"), _text(action, "name")
    words = f"{identity} ({name})" if name and name != identity else identity
    resources = [_resources(item) for item in _objects(action, "related_resource_types")]
    about = ", ".join(item for item in resources if item)
    return f"{words} on {about}" if about else words


def _resources(related: dict[str, Any]) -> str:
    """One type of resource; things with the same ancestors stand together."""
    kind = _text(related, "type_name") or _text(related, "type")
    places: dict[str, list[str]] = {}
    for path in _list(related, "instances"):
        parts = [part for part in path if isinstance(part, dict)] if isinstance(path, list) else []
        if parts:
            # The innermost ancestor first, as one would say it.
            place = "".join(f" in {_thing(part)}" for part in reversed(parts[:-1]))
            places.setdefault(place, []).append(_name(parts[-1]))
    if not places:
        return kind
    first = list(places.items())[:_MOST_NAMES]
    words = [f"{kind} {_some(names)}{place}" for place, names in first]
    if len(places) > _MOST_NAMES:
        words.append(f"{kind} in {len(places) - _MOST_NAMES} more places")
    return ", ".join(words)


def _some(names: list[str]) -> str:
    more = len(names) - _MOST_NAMES
    return " and ".join([*names[:_MOST_NAMES], *([f"{more} more"] if more > 0 else [])])


def _thing(part: dict[str, Any]) -> str:
    return f"{_text(part, 'type_name') or _text(part, 'type')} {_name(part)}".strip()


def _name(part: dict[str, Any]) -> str:
    return _text(part, "name") or _text(part, "id")


def _text(item: dict[str, Any], key: str) -> str:
    value = item.get(key)
    return str(value)[:_LONGEST_NAME] if isinstance(value, str | int) else ""


def _objects(item: Any, key: str) -> list[dict[str, Any]]:  # noqa: ANN401 - any JSON value
    found = _list(item, key) if isinstance(item, dict) else []
    return [each for each in found if isinstance(each, dict)]


def _list(item: dict[str, Any], key: str) -> list[Any]:
    found = item.get(key)
    return found if isinstance(found, list) else []
