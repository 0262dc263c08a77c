"""Write a JSON Schema for the manifests of one job plan, so that an editor completes its variables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic
from launcher.errors import WrongUsage
from launcher.model.schema import render
from launcher.operations.find_plans import read_plans
from launcher.operations.observe import connected
from launcher.operations.schemas import FOLDER
from launcher.operations.site import find_site
from launcher.operations.validate import paths_inside
from launcher.operations.writing import replace_file
from launcher.render.plan_schema import plan_schema

if TYPE_CHECKING:
    from pathlib import Path

    from launcher.operations.surroundings import Surroundings

__all__ = ["PlanSchema", "write_plan_schema"]


@dataclass(frozen=True, slots=True)
class PlanSchema:
    """The schema of one job plan.

    Attributes:
        root: the workspace.
        path: the file, relative to the workspace.
        plan: the job plan's id.
        name: its name on JOB.
        variables: how many of its variables a manifest may set.
    """

    root: Path
    path: str
    plan: int
    name: str
    variables: int


def write_plan_schema(
    directory: Path,
    plan: str,
    surroundings: Surroundings,
    *,
    environment: str | None = None,
    out: str | None = None,
) -> PlanSchema:
    """Write the schema of the job plan that `plan` names, over an older one.

    Args:
        directory: where to work.
        plan: its id, its name, or a pattern that fits one name.
        surroundings: what the run is given.
        environment: where it is; `None` for the default one.
        out: the file, as seen from `directory`; `None` for one that is called after the id.

    Raises:
        SurroundingsFailed: JOB could not be asked, or the file cannot be written.
        InvalidManifests: the workspace's settings are invalid.
        WrongUsage: no job plan has such a name, or several have; the file is outside the workspace.
    """
    site = find_site(directory, environment, surroundings)
    with connected(site) as server:
        found = read_plans(server, site, (plan,))
    if len(found) > 1:
        ids = ", ".join(str(item.pin.id) for item in found)
        raise WrongUsage(Diagnostic("L575", {"name": plan, "ids": ids}))
    (only,) = found
    path = f"{FOLDER}/plan-{only.pin.id}.json"
    if out is not None:
        (path,) = paths_inside(site.root, directory, (out,))
    text = render(plan_schema(only, site.workspace.document.marker))
    replace_file(site.root, path, text)
    variables = sum(item.name != site.workspace.document.marker for item in only.variables)
    return PlanSchema(site.root, path, only.pin.id, only.pin.name, variables)
