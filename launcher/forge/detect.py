"""Which CI system runs us, and whether what it runs may still be a stranger's proposal."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Forge", "detect"]

_EVENT_LIMIT = 8 * 1024 * 1024
"""Bytes of GitHub's event file. Source: GitHub caps a webhook payload at 25 MB; those of interest are far below."""


@dataclass(frozen=True, slots=True)
class Forge:
    """Where a run takes place.

    Attributes:
        name: `GitHub`, `GitLab`, `BK-CI`, `CNB`, `Jenkins`, `Azure Pipelines`, `Buildkite`, `CI` for one that we do not
            know, or empty for none.
        proposal: why this run may be about content that nobody has merged; `None` where nothing says so.
        run_url: where people see the run; `None` where the system does not say.
        identity: what events of the ledger record about the run: never a secret.
    """

    name: str = ""
    proposal: str | None = None
    run_url: str | None = None
    identity: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_ci(self) -> bool:
        """Whether a machine runs us."""
        return bool(self.name)


def detect(environ: Mapping[str, str], read: Callable[[str], bytes] | None = None) -> Forge:
    """The forge that `environ` tells of; `read` reads GitHub's event file."""
    if environ.get("GITHUB_ACTIONS") == "true":
        return _github(environ, read or _read)
    if environ.get("GITLAB_CI"):
        return _gitlab(environ)
    if environ.get("BK_CI_BUILD_ID"):
        return _bk_ci(environ)
    if environ.get("CNB") == "true":
        return _cnb(environ)
    if environ.get("JENKINS_URL") and environ.get("BUILD_ID"):
        return _jenkins(environ)
    if environ.get("TF_BUILD", "").lower() == "true":
        return _azure(environ)
    if environ.get("BUILDKITE") == "true":
        return _buildkite(environ)
    if environ.get("CI", "").lower() not in ("", "false", "0"):
        return Forge("CI", identity={"system": "CI"})
    return Forge()


# --- GitHub -----------------------------------------------------------------------------------
# Source: GitHub docs, "Variables reference" and "Events that trigger workflows".


def _github(environ: Mapping[str, str], read: Callable[[str], bytes]) -> Forge:
    server, repository = environ.get("GITHUB_SERVER_URL"), environ.get("GITHUB_REPOSITORY")
    run = environ.get("GITHUB_RUN_ID")
    url = f"{server}/{repository}/actions/runs/{run}" if server and repository and run else None
    return Forge(
        "GitHub",
        _github_proposal(environ, read),
        url,
        _identity(
            environ,
            "GitHub",
            url,
            repository="GITHUB_REPOSITORY",
            event="GITHUB_EVENT_NAME",
            ref="GITHUB_REF",
            run="GITHUB_RUN_ID",
            attempt="GITHUB_RUN_ATTEMPT",
            actor="GITHUB_ACTOR",
        ),
    )


def _github_proposal(environ: Mapping[str, str], read: Callable[[str], bytes]) -> str | None:
    event = environ.get("GITHUB_EVENT_NAME", "")
    if event.startswith("pull_request") or event == "merge_group":
        return f"the event {event}"
    if environ.get("GITHUB_HEAD_REF") or environ.get("GITHUB_REF", "").startswith("refs/pull/"):
        return "the ref of a pull request"
    payload = _payload(environ.get("GITHUB_EVENT_PATH"), read)
    if payload is None:
        return "an event whose description cannot be read"
    if _at(payload, "repository", "fork") is True:
        return "a fork"
    if _at(payload, "issue", "pull_request") is not None:
        return "a comment on a pull request"
    cause = _at(payload, "workflow_run", "event")
    if isinstance(cause, str) and cause.startswith("pull_request"):
        return f"a run that the event {cause} caused"
    return None


def _payload(path: str | None, read: Callable[[str], bytes]) -> Any:  # noqa: ANN401 - any JSON value
    if not path:
        return {}
    try:
        return json.loads(read(path))
    except (OSError, ValueError, RecursionError):
        # What an event does not say cannot be checked, and what cannot be checked is not allowed.
        return None


def _read(path: str) -> bytes:
    with Path(path).open("rb") as file:
        content = file.read(_EVENT_LIMIT + 1)
    if len(content) > _EVENT_LIMIT:
        raise ValueError("the event is too large")
    return content


def _at(data: Any, *keys: str) -> Any:  # noqa: ANN401 - any JSON value
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data


# --- GitLab -----------------------------------------------------------------------------------
# Source: GitLab docs, "Predefined CI/CD variables reference".


def _gitlab(environ: Mapping[str, str]) -> Forge:
    proposal = None
    source = environ.get("CI_PIPELINE_SOURCE", "")
    if source in ("merge_request_event", "external_pull_request_event"):
        proposal = f"the pipeline source {source}"
    elif any(
        environ.get(name)
        for name in (
            "CI_MERGE_REQUEST_ID",
            "CI_MERGE_REQUEST_IID",
            "CI_EXTERNAL_PULL_REQUEST_IID",
        )
    ):
        proposal = "a merge request"
    url = environ.get("CI_JOB_URL") or environ.get("CI_PIPELINE_URL")
    return Forge(
        "GitLab",
        proposal,
        url,
        _identity(
            environ,
            "GitLab",
            url,
            repository="CI_PROJECT_PATH",
            event="CI_PIPELINE_SOURCE",
            ref="CI_COMMIT_REF_NAME",
            run="CI_PIPELINE_ID",
            actor="GITLAB_USER_LOGIN",
        ),
    )


# --- BK-CI ------------------------------------------------------------------------------------
# Source: bk-ci, `com.tencent.devops.process.utils.Constants` and its list of built-in variables; `CodeEventType`.

_BK_CI_PUSHES = ("PUSH", "TAG_PUSH", "CREATE")
_BK_CI_REQUESTS = (
    "BK_CI_HOOK_MR_ID",
    "BK_CI_GIT_MR_NUMBER",
    "BK_CI_GITHUB_PR_NUMBER",
    "BK_CI_REPO_GIT_WEBHOOK_MR_ID",
    "BK_CI_REPO_GIT_WEBHOOK_MR_NUMBER",
)


def _bk_ci(environ: Mapping[str, str]) -> Forge:
    proposal = None
    event = environ.get("BK_CI_REPO_GIT_WEBHOOK_EVENT_TYPE") or environ.get("BK_CI_HOOK_EVENT_TYPE")
    if any(environ.get(name) for name in _BK_CI_REQUESTS):
        proposal = "a merge request"
    elif event and event not in _BK_CI_PUSHES:
        proposal = f"the event {event}"
    url = environ.get("BK_CI_BUILD_URL")
    return Forge(
        "BK-CI",
        proposal,
        url,
        _identity(
            environ,
            "BK-CI",
            url,
            project="BK_CI_PROJECT_NAME",
            pipeline="BK_CI_PIPELINE_ID",
            event="BK_CI_HOOK_EVENT_TYPE",
            ref="BK_CI_HOOK_BRANCH",
            run="BK_CI_BUILD_ID",
            actor="BK_CI_START_USER_NAME",
        ),
    )


# --- CNB --------------------------------------------------------------------------------------
# Source: Cloud Native Build docs, "Built-in environment variables".


def _cnb(environ: Mapping[str, str]) -> Forge:
    proposal = None
    event = environ.get("CNB_EVENT", "")
    if event.startswith("pull_request"):
        proposal = f"the event {event}"
    elif environ.get("CNB_PULL_REQUEST") == "true" or environ.get("CNB_PULL_REQUEST_IID"):
        proposal = "a pull request"
    url = environ.get("CNB_BUILD_WEB_URL")
    return Forge(
        "CNB",
        proposal,
        url,
        _identity(
            environ,
            "CNB",
            url,
            repository="CNB_REPO_SLUG",
            event="CNB_EVENT",
            ref="CNB_BRANCH",
            run="CNB_BUILD_ID",
            actor="CNB_BUILD_USER",
        ),
    )


# --- Jenkins, Azure Pipelines, Buildkite ------------------------------------------------------
# Source: Jenkins handbook, "Using environment variables", and its plugin Branch API (`CHANGE_…`); Azure Pipelines docs,
# "Predefined variables"; Buildkite docs, "Environment variables". JENKINS_URL alone is also what people set who use
# Jenkins' command line, so a build has to be there. None of the three sets CI in every version.


def _jenkins(environ: Mapping[str, str]) -> Forge:
    proposal = "a change request" if environ.get("CHANGE_ID") else None
    url = environ.get("BUILD_URL")
    return Forge(
        "Jenkins",
        proposal,
        url,
        _identity(
            environ, "Jenkins", url, project="JOB_NAME", ref="BRANCH_NAME", run="BUILD_NUMBER"
        ),
    )


def _azure(environ: Mapping[str, str]) -> Forge:
    proposal = None
    if environ.get("BUILD_REASON") == "PullRequest":
        proposal = "the build reason PullRequest"
    elif environ.get("SYSTEM_PULLREQUEST_PULLREQUESTID"):
        proposal = "a pull request"
    server, project = environ.get("SYSTEM_COLLECTIONURI"), environ.get("SYSTEM_TEAMPROJECT")
    run = environ.get("BUILD_BUILDID")
    url = None
    if server and project and run:
        url = f"{server.rstrip('/')}/{quote(project)}/_build/results?buildId={quote(run)}"
    return Forge(
        "Azure Pipelines",
        proposal,
        url,
        _identity(
            environ,
            "Azure Pipelines",
            url,
            repository="BUILD_REPOSITORY_NAME",
            event="BUILD_REASON",
            ref="BUILD_SOURCEBRANCH",
            run="BUILD_BUILDID",
            actor="BUILD_REQUESTEDFOR",
        ),
    )


def _buildkite(environ: Mapping[str, str]) -> Forge:
    is_proposal = environ.get("BUILDKITE_PULL_REQUEST", "false") not in ("false", "")
    url = environ.get("BUILDKITE_BUILD_URL")
    return Forge(
        "Buildkite",
        "a pull request" if is_proposal else None,
        url,
        _identity(
            environ,
            "Buildkite",
            url,
            pipeline="BUILDKITE_PIPELINE_SLUG",
            event="BUILDKITE_SOURCE",
            ref="BUILDKITE_BRANCH",
            run="BUILDKITE_BUILD_ID",
            actor="BUILDKITE_BUILD_CREATOR",
        ),
    )


def _identity(
    environ: Mapping[str, str], system: str, url: str | None, **names: str
) -> Mapping[str, str]:
    said = {key: environ[name] for key, name in names.items() if environ.get(name)}
    return {"system": system, **said, **({"url": url} if url else {})}
