"""Which CI system runs us, and whether what it runs may be a stranger's proposal."""

from __future__ import annotations

import json

import pytest

from launcher.forge.detect import Forge, detect

GITHUB = {
    "CI": "true",
    "GITHUB_ACTIONS": "true",
    "GITHUB_SERVER_URL": "https://github.example.org",
    "GITHUB_REPOSITORY": "acme/payments",
    "GITHUB_RUN_ID": "77",
    "GITHUB_RUN_ATTEMPT": "1",
    "GITHUB_EVENT_NAME": "push",
    "GITHUB_REF": "refs/heads/main",
    "GITHUB_ACTOR": "ana",
    "GITHUB_TOKEN": "gh-secret",
}
GITLAB = {
    "CI": "true",
    "GITLAB_CI": "true",
    "CI_PIPELINE_SOURCE": "push",
    "CI_PIPELINE_ID": "78",
    "CI_PROJECT_PATH": "acme/payments",
    "CI_COMMIT_REF_NAME": "main",
    "CI_JOB_URL": "https://gitlab.example.org/acme/payments/-/jobs/9",
    "GITLAB_USER_LOGIN": "ana",
    "CI_JOB_TOKEN": "gl-secret",
}
BK_CI = {
    "BK_CI_BUILD_ID": "b-79",
    "BK_CI_PROJECT_NAME": "payments",
    "BK_CI_PIPELINE_ID": "p-1",
    "BK_CI_HOOK_EVENT_TYPE": "PUSH",
    "BK_CI_HOOK_BRANCH": "main",
    "BK_CI_START_USER_NAME": "ana",
}
CNB = {
    "CI": "true",
    "CNB": "true",
    "CNB_EVENT": "push",
    "CNB_REPO_SLUG": "acme/payments",
    "CNB_BRANCH": "main",
    "CNB_BUILD_ID": "80",
    "CNB_BUILD_WEB_URL": "https://cnb.example.org/80",
    "CNB_BUILD_USER": "ana",
    "CNB_PULL_REQUEST": "false",
    "CNB_TOKEN": "cnb-secret",
}
JENKINS = {
    "JENKINS_URL": "https://jenkins.example.org/",
    "BUILD_ID": "81",
    "BUILD_NUMBER": "81",
    "BUILD_URL": "https://jenkins.example.org/job/payments/81/",
    "JOB_NAME": "payments/main",
    "BRANCH_NAME": "main",
}
AZURE = {
    "TF_BUILD": "True",
    "BUILD_BUILDID": "82",
    "BUILD_REASON": "IndividualCI",
    "BUILD_REPOSITORY_NAME": "acme/payments",
    "BUILD_SOURCEBRANCH": "refs/heads/main",
    "BUILD_REQUESTEDFOR": "ana",
    "SYSTEM_COLLECTIONURI": "https://dev.azure.com/acme/",
    "SYSTEM_TEAMPROJECT": "our payments",
    "SYSTEM_ACCESSTOKEN": "azure-secret",
}
BUILDKITE = {
    "BUILDKITE": "true",
    "BUILDKITE_BUILD_ID": "b-83",
    "BUILDKITE_BUILD_URL": "https://buildkite.com/acme/payments/builds/83",
    "BUILDKITE_PULL_REQUEST": "false",
    "BUILDKITE_BRANCH": "main",
    "BUILDKITE_AGENT_ACCESS_TOKEN": "bk-secret",
}


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"CI": ""},
        {"CI": "false"},
        {"CI": "0"},
        {"JENKINS_URL": "https://jenkins.example.org/"},
        {"BUILD_ID": "81"},
    ],
)
def test_a_persons_terminal_is_no_ci(environ):
    assert detect(environ) == Forge()
    assert not detect(environ).is_ci


@pytest.mark.parametrize(
    ("environ", "name", "url"),
    [
        (GITHUB, "GitHub", "https://github.example.org/acme/payments/actions/runs/77"),
        (GITLAB, "GitLab", "https://gitlab.example.org/acme/payments/-/jobs/9"),
        (BK_CI, "BK-CI", None),
        (CNB, "CNB", "https://cnb.example.org/80"),
        (JENKINS, "Jenkins", "https://jenkins.example.org/job/payments/81/"),
        (
            AZURE,
            "Azure Pipelines",
            "https://dev.azure.com/acme/our%20payments/_build/results?buildId=82",
        ),
        (BUILDKITE, "Buildkite", "https://buildkite.com/acme/payments/builds/83"),
        ({"CI": "1"}, "CI", None),
    ],
    ids=lambda item: item if isinstance(item, str) else "",
)
def test_a_push_is_recognised_with_its_system_and_is_no_proposal(environ, name, url):
    forge = detect(environ)

    assert (forge.name, forge.is_ci, forge.proposal, forge.run_url) == (name, True, None, url)
    assert forge.identity["system"] == name
    assert "secret" not in json.dumps(dict(forge.identity))


@pytest.mark.parametrize(
    "environ",
    [
        GITHUB | {"GITHUB_EVENT_NAME": "pull_request"},
        GITHUB | {"GITHUB_EVENT_NAME": "pull_request_target"},
        GITHUB | {"GITHUB_EVENT_NAME": "pull_request_review_comment"},
        GITHUB | {"GITHUB_EVENT_NAME": "merge_group"},
        GITHUB | {"GITHUB_REF": "refs/pull/7/merge"},
        GITHUB | {"GITHUB_HEAD_REF": "feature"},
        GITLAB | {"CI_PIPELINE_SOURCE": "merge_request_event"},
        GITLAB | {"CI_PIPELINE_SOURCE": "external_pull_request_event"},
        GITLAB | {"CI_PIPELINE_SOURCE": "parent_pipeline", "CI_MERGE_REQUEST_IID": "7"},
        BK_CI | {"BK_CI_HOOK_EVENT_TYPE": "MERGE_REQUEST"},
        BK_CI | {"BK_CI_REPO_GIT_WEBHOOK_EVENT_TYPE": "PULL_REQUEST"},
        BK_CI | {"BK_CI_HOOK_EVENT_TYPE": "NOTE"},
        BK_CI | {"BK_CI_REPO_GIT_WEBHOOK_MR_ID": "7"},
        CNB | {"CNB_EVENT": "pull_request"},
        CNB | {"CNB_EVENT": "pull_request.comment"},
        CNB | {"CNB_EVENT": "api_trigger", "CNB_PULL_REQUEST": "true"},
        JENKINS | {"CHANGE_ID": "7"},
        AZURE | {"BUILD_REASON": "PullRequest"},
        AZURE | {"BUILD_REASON": "Manual", "SYSTEM_PULLREQUEST_PULLREQUESTID": "7"},
        BUILDKITE | {"BUILDKITE_PULL_REQUEST": "7"},
    ],
    ids=lambda environ: next(iter(environ.values())),
)
def test_what_nobody_may_have_merged_is_a_proposal(environ):
    assert detect(environ).proposal


@pytest.mark.parametrize(
    ("payload", "is_proposal"),
    [
        ({"repository": {"fork": False}}, False),
        ({"repository": {"fork": True}}, True),
        ({"issue": {"number": 7}}, False),
        ({"issue": {"number": 7, "pull_request": {"url": "…"}}}, True),
        ({"workflow_run": {"event": "push"}}, False),
        ({"workflow_run": {"event": "pull_request"}}, True),
        ([], False),
    ],
)
def test_githubs_event_file_tells_of_forks_and_of_comments(tmp_path, payload, is_proposal):
    event = tmp_path / "event.json"
    event.write_text(json.dumps(payload))

    forge = detect(GITHUB | {"GITHUB_EVENT_PATH": str(event)})

    assert (forge.proposal is not None) is is_proposal


@pytest.mark.parametrize("content", ["", "{", "[" * 100_000])
def test_an_event_that_cannot_be_read_is_not_trusted(tmp_path, content):
    event = tmp_path / "event.json"
    event.write_text(content)

    assert detect(GITHUB | {"GITHUB_EVENT_PATH": str(event)}).proposal
    assert detect(GITHUB | {"GITHUB_EVENT_PATH": str(tmp_path / "gone.json")}).proposal
