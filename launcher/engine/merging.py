"""One spec out of the workspace's defaults, a manifest's `spec` and its overlay for an environment.

Mappings merge by key down to one variable: every other field, and each entry of `variables`, is replaced whole, so
that production never inherits half of staging's hosts. A layer that names another job plan, or another scope for the
name of one, leaves the pin of the layers below it behind: it speaks of the content of theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from launcher.diagnostics import Place, Pointer
from launcher.engine.spec import Scope

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from launcher.model.documents import Environment, ManifestDocument, WorkspaceDocument

__all__ = ["DEFAULTS", "SPEC", "LeftPin", "Merged", "environments_of", "merge"]

DEFAULTS = "defaults"
SPEC = "spec"


@dataclass(frozen=True, slots=True)
class LeftPin:
    """A pin that does not hold, because a layer above it says anew which job plan is meant, and gives no pin.

    Attributes:
        layer: the layer that says it anew, as in `Launch.origins`.
        plan: where it says so: file and route of its `plan`, or of the `scope` in which a name is looked up.
        below: the layer of the pin.
        pin: where that stands.
    """

    layer: str
    plan: tuple[str, Pointer]
    below: str
    pin: tuple[str, Pointer]


@dataclass(frozen=True, slots=True)
class Merged:
    """The merged spec of one manifest for one environment, as plain data.

    Attributes:
        data: fields as in a manifest's `spec`; no `unset` is left in it.
        origins: by path of field, see `Launch.origins`.
        pointers: where each field stands, by its path: file and route.
        left_pin: the pin that was left behind last, where none holds now.
    """

    data: Mapping[str, Any]
    origins: Mapping[str, str]
    pointers: Mapping[str, tuple[str, Pointer]]
    left_pin: LeftPin | None = None

    def place(self, of: str, fallback: Place) -> Place:
        """The place of the field `of`, or `fallback` where no file sets it."""
        if of not in self.pointers:
            return fallback
        path, pointer = self.pointers[of]
        return Place(path, pointer)


def environments_of(workspace: WorkspaceDocument, manifest: ManifestDocument) -> tuple[str, ...]:
    """Where a manifest launches: its own environments, or the workspace's default."""
    declared = manifest.data.get("environments")
    return (workspace.default_environment,) if declared is None else tuple(declared)


def merge(workspace: WorkspaceDocument, manifest: ManifestDocument, environment: str) -> Merged:
    """The spec of `manifest` for `environment`, with the origin and the place of every field."""
    overlay = (manifest.data.get("environments") or {}).get(environment) or {}
    layers: Sequence[tuple[str, str, Pointer, Mapping[str, Any]]] = (
        (DEFAULTS, workspace.path, ("spec", "defaults"), workspace.defaults),
        (SPEC, manifest.path, ("spec",), manifest.data["spec"]),
        (f"environments.{environment}", manifest.path, ("environments", environment), overlay),
    )
    target = workspace.environments.get(environment)
    data: dict[str, Any] = {}
    origins: dict[str, str] = {}
    pointers: dict[str, tuple[str, Pointer]] = {}
    left: LeftPin | None = None
    for origin, path, root, layer in layers:
        if not layer:
            continue
        # A pin speaks of one job plan; whoever names another leaves it behind. Below the first one that is named, a
        # pin can only speak of that.
        another = "plan" in data and _job_plan({**data, **layer}, target) != _job_plan(data, target)
        if another and data.pop("pin", None) is not None:
            field = "plan" if "plan" in layer else "scope"
            pin = origins.pop("pin"), pointers.pop("pin")
            left = LeftPin(origin, (path, (*root, field)), *pin)
        for key, value in layer.items():
            if key != "variables":
                data[key] = value
                origins[key], pointers[key] = origin, (path, (*root, key))
                continue
            variables = data.setdefault("variables", {})
            for name, item in value.items():
                where = f"variables.{name}"
                origins[where], pointers[where] = origin, (path, (*root, key, name))
                variables[name] = item
    variables = data.setdefault("variables", {})
    for name in [name for name, item in variables.items() if _is_unset(item)]:
        del variables[name], origins[f"variables.{name}"]
    return Merged(data, origins, pointers, None if "pin" in data else left)


def _job_plan(data: Mapping[str, Any], target: Environment | None) -> Any:  # noqa: ANN401 - only compared
    """What tells which job plan is meant: of a name, also the scope that it is looked up in."""
    plan = data.get("plan")
    if plan is None or "name" not in plan:
        return plan
    scope = data.get("scope")
    if scope is not None:
        return plan, Scope(scope["type"], scope["id"])
    return plan, None if target is None else target.scope


def _is_unset(item: Any) -> bool:  # noqa: ANN401 - a variable as written
    return isinstance(item, dict) and "unset" in item
