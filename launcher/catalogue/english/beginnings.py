"""Texts about new workspaces and imported job plans: L554 to L559, L574 to L579."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.catalogue import Entry
from launcher.diagnostics import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["BEGINNINGS"]

BEGINNINGS: Mapping[str, Entry] = {
    "L554": Entry(
        "Workspace file kept",
        "{path} is there already and stays as it is, so it got no environment {environment}.",
        "A workspace file is the work of people; `launcher init` never changes one.",
        "Add the environment below `spec.environments` by hand, then `launcher init` again: it writes what is still "
        "missing.",
        {
            "default": 'Add it by hand: `{environment}: {{server: {server}, scope: {{type: {type}, id: "{id}"}}, '
            "ledger: {ledger}}}`"
        },
        Severity.WARNING,
    ),
    "L555": Entry(
        "File in the way",
        "{path} is there already and declares no launch of job plan {plan}. It was kept, and nothing was written.",
        "A file of that name was made by hand, or declares something else.",
        "Give the launch another name, or have it written over with `launcher import PLAN --force`.",
        {"default": "launcher import {plan} --name NAME"},
    ),
    "L556": Entry(
        "One name for several launches",
        "`--name` names one launch, and {count} job plans were asked for. Nothing was written.",
        "A pattern fits several job plans, or several were named.",
        "Import them one by one, or without `--name`.",
        {"default": "Leave `--name` out: each launch is called after its job plan."},
    ),
    "L557": Entry(
        "Not a name",
        "`{text}` cannot be the name of a {what}: it becomes a git ref, a file name and marker text.",
        "Names hold lower-case letters, digits and hyphens, at most 63 of them, and no hyphen at either end.",
        "Choose a name like `web-deploy`.",
        {"default": "Use lower-case letters, digits and hyphens, such as `web-deploy`."},
    ),
    "L558": Entry(
        "Inside another workspace",
        "{folder} is inside the workspace {root}, so no other one was begun there: the two would share manifests.",
        "`launcher init` was run in a folder of a workspace, not at its top.",
        "Run it at the top of the workspace to complete that one. For a second workspace, take a folder beside it.",
        {"default": "launcher init {root}"},
    ),
    "L574": Entry(
        "No such job plan",
        "None of the {count} job plans of the scope is called `{name}`, and none fits it as a pattern.",
        "The name is misspelt, or the job plan is in the scope of another environment. Capitals count.",
        "Look the name up on JOB's page of job plans, or give the job plan's id. `-e` names the environment.",
        {
            "nearest": "Did you mean `{nearest}`?",
            "default": "Give its id, or another environment with `-e`.",
        },
    ),
    "L575": Entry(
        "Several job plans of that name",
        "`{name}` fits the job plans {ids}.",
        "A job plan's name is unique within its template only, and a pattern may fit several.",
        "Give the id of the one that is meant; JOB's page of the job plan shows it.",
        {"default": "Give one of the ids instead: {ids}"},
    ),
    "L576": Entry(
        "JOB refused",
        "{what} of {scope} was refused, so nothing was written. JOB says: {message}",
        "The job plan is not in the scope of this environment, or whoever asks may not see it there.",
        "Compare id and scope with JOB's page of the job plan; name the environment with `-e`.",
        {
            "default": "Compare id and scope with JOB's page of the job plan; `-e` names another environment."
        },
    ),
    "L577": Entry(
        "Variable left to the job plan",
        'A manifest cannot say what `{variable}` of job plan "{plan}" holds ({reason}), so it does not name it, and '
        "JOB's own value is used.",
        "The value holds characters that no manifest may hold, is a mask, or could not be sent the way it is stored.",
        "Nothing has to be done where JOB's own value is right. Otherwise set the variable in the manifest.",
        {},
        Severity.WARNING,
    ),
    "L578": Entry(
        "Not among the manifests",
        "{path} is selected by none of the workspace's patterns ({patterns}), so it launches nothing.",
        "`--out` names a folder that `spec.manifests` of the workspace does not cover.",
        "Add a pattern for it to `spec.manifests`, or write it where manifests are.",
        {"default": "Add a pattern for it to `spec.manifests` in launcher.yaml."},
        Severity.WARNING,
    ),
    "L579": Entry(
        "JOB could not be asked",
        "{what} of {scope} could not be read, so nothing was written: {message}",
        "The network, a proxy, the gateway or JOB itself failed, or the credentials are not accepted.",
        "Mend that and try again.",
        {"default": "Check the variables that name server and credentials, then try again."},
    ),
}
