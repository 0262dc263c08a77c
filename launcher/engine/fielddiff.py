"""What differs between what ran last and what is declared, field by field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from launcher.engine.changeset import FieldDiff
from launcher.engine.desired import Policy
from launcher.engine.spec import digest_of, recordable_spec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from launcher.engine.desired import Launch
    from launcher.engine.recorded import Attempt

__all__ = ["field_diffs", "policy_diffs"]

HIDDEN = "?…"
"""Stands for the part of a callback URL that is not shown, where that is what differs."""

MASKED = "******"
"""Stands for a value that the job plan keeps secret and the manifest does not."""


def field_diffs(
    launch: Launch, previous: Attempt | None, hidden: frozenset[str], plan_id: int | None = None
) -> tuple[FieldDiff, ...]:
    """What differs from `previous`; a value that belongs in a secret is not repeated: a diff goes to more eyes.

    `plan_id` is what a name of a job plan stands for; `None` where that was not looked up.
    """
    before = _flat(previous.spec) if previous else {}
    whole = launch.spec.to_data()
    after = _flat(recordable_spec(whole))
    if previous is not None and _differs_unseen(previous, whole):
        after["callbackUrl"] += HIDDEN
    if "plan.id" in after or plan_id is not None:
        # Both sides say which job plan it was, by whatever they call it.
        after.setdefault("plan.id", plan_id)
        if previous is not None and previous.plan is not None:
            before.setdefault("plan.id", previous.plan.id)
    for path in (f"variables.{name}" for name in hidden):
        after[path if path in after else f"{path}.value"] = MASKED
    return _differences(before, after, launch.origins)


def _differs_unseen(previous: Attempt, whole: Mapping[str, Any]) -> bool:
    """Whether the callback differs in a part that is neither recorded nor shown; only the key's digest tells."""
    url = recordable_spec(whole).get("callbackUrl")
    if url is None or url != previous.spec.get("callbackUrl"):
        return False
    return digest_of({**previous.spec, "callbackUrl": whole["callbackUrl"]}) != previous.key.digest


def policy_diffs(launch: Launch, previous: Attempt | None) -> tuple[FieldDiff, ...]:
    """What differs in when it may run; a policy of a time that did not know a field yet had its default."""
    if previous is None or previous.policy is None:
        return ()
    before = {**Policy().to_data(), **previous.policy}
    return _differences(_flat(before), _flat(launch.policy.to_data()), launch.origins)


def _differences(
    before: Mapping[str, Any], after: Mapping[str, Any], origins: Mapping[str, str]
) -> tuple[FieldDiff, ...]:
    paths = sorted({*before, *after})
    return tuple(
        FieldDiff(
            path,
            before.get(path),
            after.get(path),
            _origin(path, origins) if path in after else None,
        )
        for path in paths
        if before.get(path) != after.get(path)
    )


def _origin(path: str, origins: Mapping[str, str]) -> str | None:
    """The origin of the field that `path` lies in; a scope that no file sets is the environment's."""
    while path not in origins:
        path, dot, _ = path.rpartition(".")
        if not dot:
            return "environment"
    return origins[path]


def _flat(data: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """`data` with one entry for each value that is no mapping, by dotted path; a text value stands at its name."""
    flat: dict[str, Any] = {}
    for key, value in data.items():
        path = f"{prefix}{key}"
        if prefix == "variables." and isinstance(value, dict) and value.keys() == {"value"}:
            flat[path] = value["value"]
        elif isinstance(value, dict):
            flat.update(_flat(value, f"{path}."))
        else:
            flat[path] = value
    return flat
