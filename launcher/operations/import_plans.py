"""Write manifests for job plans as they stand on JOB."""

from __future__ import annotations

import os
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic, Place
from launcher.errors import InvalidManifests, SurroundingsFailed, WrongUsage
from launcher.manifest.discovery import search, selects
from launcher.manifest.fmt import formatted
from launcher.manifest.load import load
from launcher.operations.find_plans import read_plans
from launcher.operations.observe import connected
from launcher.operations.schemas import FOLDER
from launcher.operations.site import find_site
from launcher.operations.validate import paths_inside
from launcher.operations.writing import check_name, replace_file, write_new
from launcher.render.import_answer import ImportedPlan
from launcher.render.imported import NAME_AT_MOST, Request, launch_name, render_manifest

if TYPE_CHECKING:
    from pathlib import Path

    from launcher.engine.observed import JobPlan
    from launcher.model.documents import ManifestDocument
    from launcher.operations.opening import Workspace
    from launcher.operations.site import Site
    from launcher.operations.surroundings import Surroundings

__all__ = ["ImportRequest", "Imported", "import_plans"]

_TOO_LARGE = ("L112", "L114")
"""What can be said against a manifest though each variable in it can be read: a job plan may hold more."""


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """What is asked for.

    Attributes:
        directory: where to work.
        plans: ids, names or patterns of job plans.
        environment: where they are, and where their launches are to run; `None` for the default one.
        out: folder for the manifests, as seen from `directory`; `None` for where the workspace has its manifests.
        name: `metadata.name` of a single one.
        force: write over a manifest of the same launch.
        dry: write nothing.
    """

    directory: Path
    plans: tuple[str, ...]
    environment: str | None = None
    out: str | None = None
    name: str | None = None
    force: bool = False
    dry: bool = False


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of the job plans.

    Attributes:
        root: the workspace.
        environment: whose server was asked.
        is_default: that is the workspace's default environment.
        plans: in the order they were asked for.
        diagnostics: variables that a manifest cannot say, files that were in the way, as warnings.
    """

    root: Path
    environment: str
    is_default: bool
    plans: tuple[ImportedPlan, ...]
    diagnostics: tuple[Diagnostic, ...]


def import_plans(request: ImportRequest, surroundings: Surroundings) -> Imported:
    """Write a manifest for each job plan; nothing is written before all of them are read.

    Raises:
        SurroundingsFailed: JOB could not be asked, a file is in the way or cannot be written.
        InvalidManifests: the workspace's settings are invalid, or a job plan holds more than a manifest may.
        WrongUsage: no job plan has such a name, or several have; the launch's name is none.
    """
    if request.name is not None:
        check_name(request.name, "launch")
    site = find_site(request.directory, request.environment, surroundings)
    with connected(site) as server:
        plans = read_plans(server, site, request.plans)
    if request.name is not None and len(plans) != 1:
        raise WrongUsage(Diagnostic("L556", {"count": str(len(plans))}))
    work = _Work(site, request)
    for plan in plans:
        work.take(plan)
    work.write()
    name = site.environment.name
    return Imported(
        root=site.root,
        environment=name,
        is_default=name == site.workspace.document.default_environment,
        plans=tuple(work.plans),
        diagnostics=tuple(work.problems),
    )


class _Work:
    """Job plans taken so far, as manifests."""

    def __init__(self, site: Site, request: ImportRequest) -> None:
        self.plans: list[ImportedPlan] = []
        self.problems: list[Diagnostic] = []
        self._site = site
        self._request = request
        self._folder = _folder(site.workspace, request)
        # What is wrong with other manifests is for `validate` to tell.
        paths, _ = search(site.root, site.workspace.document)
        declared, _ = load(site.root, paths)
        self._taken: dict[str, tuple[str, frozenset[int | str]]] = {
            item.name: (item.path, _launched_by(item)) for item in declared
        }

    def take(self, plan: JobPlan) -> None:
        """Lay out the manifest of `plan`."""
        name = self._name_for(plan)
        path, launched = self._taken.get(name, (f"{self._folder}{name}.yaml", frozenset()))
        is_there = _is_among(plan, launched)
        self._taken[name] = path, frozenset({plan.pin.id})
        draft = render_manifest(plan, self._asked(name, path))
        # The layout is that of `fmt`, so that it finds nothing to do; it also reads the text again.
        laid_out = formatted(path, draft.text.encode(), fix=False)
        if any(item.code in _TOO_LARGE for item in laid_out.diagnostics):
            raise InvalidManifests(*laid_out.diagnostics)
        if laid_out.diagnostics:
            raise AssertionError(f"the manifest of job plan {plan.pin.id} cannot be laid out")
        self.plans.append(
            ImportedPlan(
                plan.pin.id,
                plan.pin.name,
                name,
                path,
                laid_out.text,
                written=not self._request.dry and (self._request.force or not is_there),
                unfilled=draft.unfilled,
                ciphers=draft.ciphers,
            )
        )
        self._warn(plan, path, draft.kept)

    def write(self) -> None:
        """Write what is to be written.

        Raises:
            SurroundingsFailed: one cannot be written; those before it are. If it is because of a file that declares no
                launch of the same job plan, that file is as it was.
        """
        if self._request.dry:
            return
        root, fresh = self._site.root, [item for item in self.plans if item.written]
        if not self._request.force:
            in_the_way = [item for item in fresh if os.path.lexists(root / item.path)]
            if in_the_way:
                raise SurroundingsFailed(*map(_in_the_way, in_the_way))
        for item in fresh:
            if self._request.force:
                replace_file(root, item.path, item.text)
            elif not write_new(root, item.path, item.text):
                raise SurroundingsFailed(_in_the_way(item))

    def _name_for(self, plan: JobPlan) -> str:
        """The launch's name: the plan's own, with the id behind it where something else has that name."""
        if self._request.name is not None:
            return self._request.name
        name, ending = launch_name(plan.pin.id, plan.pin.name), f"-{plan.pin.id}"
        longer = name[: NAME_AT_MOST - len(ending)].rstrip("-") + ending
        for known in (name, longer):
            if known in self._taken and _is_among(plan, self._taken[known][1]):
                return known
        return longer if name in self._taken else name

    def _asked(self, name: str, path: str) -> Request:
        document = self._site.workspace.document
        environment = self._site.environment.name
        return Request(
            name,
            os.path.relpath(f"{FOLDER}/planlaunch-v1.json", os.path.dirname(path) or "."),  # noqa: PTH120 - text alone
            None if environment == document.default_environment else environment,
            document.marker,
        )

    def _warn(self, plan: JobPlan, path: str, kept: tuple[tuple[str, str], ...]) -> None:
        for variable, reason in kept:
            facts = {"variable": variable, "plan": plan.pin.name, "reason": reason}
            self.problems.append(Diagnostic("L577", facts, Place(path)))
        patterns = self._site.workspace.document.manifests
        if not any(selects(pattern, path) for pattern in patterns):
            facts = {"path": path, "patterns": ", ".join(patterns)}
            self.problems.append(Diagnostic("L578", facts, Place(path)))


def _folder(workspace: Workspace, request: ImportRequest) -> str:
    """Where manifests go, as the beginning of their paths."""
    if request.out is not None:
        (folder,) = paths_inside(workspace.root, request.directory, (request.out,))
        return "" if folder == "." else f"{folder}/"
    first, *_ = workspace.document.manifests
    fixed = takewhile(lambda part: not set(part) & set("*?["), first.split("/")[:-1])
    return "".join(f"{part}/" for part in fixed)


def _launched_by(document: ManifestDocument) -> frozenset[int | str]:
    """The job plans that a manifest launches anywhere: their ids, or names where it goes by those."""
    specs = [document.data["spec"], *document.data.get("environments", {}).values()]
    plans = [spec.get("plan", {}) for spec in specs]
    return frozenset(plan[by] for plan in plans for by in ("id", "name") if by in plan)


def _is_among(plan: JobPlan, launched: frozenset[int | str]) -> bool:
    return plan.pin.id in launched or plan.pin.name in launched


def _in_the_way(item: ImportedPlan) -> Diagnostic:
    return Diagnostic("L555", {"path": item.path, "plan": str(item.id)}, Place(item.path))
