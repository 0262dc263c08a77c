"""Texts about a setup that is looked at by `launcher doctor`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.catalogue import Entry
from launcher.diagnostics import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DOCTOR"]

DOCTOR: Mapping[str, Entry] = {
    "L360": Entry(
        summary="A permission is missing",
        detail="JOB refuses {what}: {message} The user needs the permission `{permission}`.",
        cause="The user that launcher asks on behalf of has not been granted it in the permission centre (IAM).",
        cure="Let the user apply for the permission in the permission centre, in the system of JOB, for the scope of the environment.",
        hints={
            "default": "Apply for `{permission}` in the permission centre, for the user that launcher asks as."
        },
    ),
    "L361": Entry(
        summary="The scope does not exist",
        detail="JOB does not know the scope {scope}: {message}",
        cause="`scope` of the environment holds another id, the business was archived, or it belongs to another tenant.",
        cure="Correct `scope` of the environment in launcher.yaml, or set BK_TENANT_ID to the scope's tenant.",
        hints={
            "default": "Correct `scope` of {environment} in launcher.yaml, or set BK_TENANT_ID."
        },
    ),
    "L362": Entry(
        summary="JOB gave no usable answer",
        detail="JOB did not answer {what} as it should: {message}",
        cause="Trouble inside JOB or a service behind it, or an answer that launcher does not know.",
        cure="Run it again. If it stays, tell who runs JOB the message and the time.",
        hints={},
    ),
    "L363": Entry(
        summary="The clocks differ",
        detail="JOB's clock is {skew} {way} ours; more than {limit} is too much for windows, freezes and `notBefore`.",
        cause="The clock of this machine or of the server is wrong.",
        cure="Let this machine's clock follow a time server. If it is right, tell who runs JOB.",
        hints={"default": "Check the clock of this machine: date -u"},
        severity=Severity.WARNING,
    ),
    "L364": Entry(
        summary="The job plan does not exist",
        detail="JOB knows no job plan {plan} in {scope}, which {names} would launch.",
        cause="The id is wrong, the job plan was deleted, or it belongs to another scope.",
        cure="Correct `plan` in the manifest, or `scope`, where the job plan is in another one.",
        hints={"default": "launcher validate"},
    ),
    "L365": Entry(
        summary="The workspace has no marker",
        detail="The workspace names no `marker`. If the answer to a prepare is lost, its instance cannot be found again, and the "
        "launch goes on with another one.",
        cause="`marker` in launcher.yaml is optional.",
        cure="Add a String variable to the job plans, and name it as `marker` under `spec` of launcher.yaml.",
        hints={"default": "In launcher.yaml, below `spec`:\nmarker: LAUNCH_KEY"},
        severity=Severity.WARNING,
    ),
    "L366": Entry(
        summary="The job plan does not carry the marker",
        detail="Job plan {plan} ({name}) cannot carry the marker {marker}: it {why}. If the answer to a prepare is lost, its "
        "instance cannot be found again.",
        cause="The marker is a String variable of each job plan, which its script steps show.",
        cure="On JOB's pages, add a String variable of that name to the template and sync the job plan.",
        hints={
            "default": "Add the String variable {marker} to the template of job plan {plan}, and sync the job plan."
        },
        severity=Severity.WARNING,
    ),
    "L367": Entry(
        summary="What will run cannot be read back",
        detail="The steps of an instance cannot be read: {message} Before a START, what would run cannot be compared with what was approved.",
        cause="JOB's entrance lacks the calls that show steps, the app may not use them, or the server failed.",
        cure="Use the API gateway (LAUNCHER_DOOR=gateway), and grant the app `get_step_instance_detail` and `get_step_instance_status`.",
        hints={},
        severity=Severity.WARNING,
    ),
    "L368": Entry(
        summary="Manifests are invalid",
        detail="The manifests have {count} errors, so nothing can be decided from them.",
        cause="A file cannot be read, or breaks a rule.",
        cure="`launcher validate` shows each of them with its place.",
        hints={"default": "launcher validate"},
    ),
    "L370": Entry(
        summary="No git repository",
        detail="{path} is in no git repository. An older commit that is applied late is then not noticed.",
        cause="The workspace is a plain folder.",
        cure="Keep the workspace in a git repository: git init",
        hints={"default": "git init"},
        severity=Severity.WARNING,
    ),
    "L371": Entry(
        summary="The clone is shallow",
        detail="{path} holds only a part of its history. Apply fetches what it lacks to tell whether a commit is older than the last one "
        "that was applied; where that fails, it refuses.",
        cause="CI systems fetch one commit unless they are told otherwise.",
        cure="Fetch the whole history: `fetch-depth: 0` at GitHub, `GIT_DEPTH: 0` at GitLab. Or: git fetch --unshallow",
        hints={"default": "git fetch --unshallow"},
        severity=Severity.WARNING,
    ),
    "L373": Entry(
        summary="A session was left open",
        detail="The session that {actor} opened on {host} at {since} ended without saying so, or has been silent for long. "
        "The next apply takes it over.",
        cause="A run was killed, or its machine died.",
        cure="Apply again: the next run carries on from what is recorded.",
        hints={"default": "launcher apply -e {environment}"},
        severity=Severity.WARNING,
    ),
}
