"""CI workflows of a new workspace: proposals are checked and show what would run, what is merged is launched."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from launcher.render.yaml_text import quoted

if TYPE_CHECKING:
    from launcher.render.starter import Target

__all__ = ["Pipeline", "github", "gitlab"]

_CHECKOUT = "actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0"
_PYTHON = "actions/setup-python@e797f83bcb11b83ae66e0230d6156d7c80228e7c # v6.0.0"

_WHAT_TO_INSTALL = """\
# What pip installs launcher from: set it before the first run. launcher is on no package index that we know of, so this
# is the address of its repository (git+https://HOST/PATH@TAG), of a wheel, or its name in an index of your own."""

_ASK = 'test -n "$LAUNCHER_PIP" || { echo "set LAUNCHER_PIP in this file first" >&2; exit 1; }'
_INSTALL = 'python -m pip install --quiet --disable-pip-version-check "$LAUNCHER_PIP"'
_CHECKS = ("launcher validate", "launcher fmt --check", "launcher schema --check")

_NO_LEDGER = """\
# What is merged is not launched from here: {name} has `ledger: file`, which ends with the runner. Once its ledger is on a
# branch (`ledger: git`), delete this file and let `launcher init` write it again.
"""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What a workflow is about.

    Attributes:
        branch: what is merged into.
        folder: where the workspace is in the repository; empty for its top.
        target: where what is merged is launched; `None` for a rehearsal in the sandbox.
        sandbox: the environment of the rehearsal.
    """

    branch: str
    folder: str
    target: Target | None
    sandbox: str = "sandbox"

    @property
    def environment(self) -> str:
        """Where what is merged goes."""
        return self.sandbox if self.target is None else self.target.name

    @property
    def applies(self) -> bool:
        """Whether an apply in CI keeps its record: a ledger in a runner's folder would be lost, and launch all again."""
        return self.target is None or self.target.ledger == "git"


def github(pipeline: Pipeline) -> str:
    """`.github/workflows/launcher.yml`."""
    environment = pipeline.environment
    where = (
        f"defaults:\n  run:\n    working-directory: {quoted(pipeline.folder)}\n\n"
        if pipeline.folder
        else ""
    )
    checks = "".join(f"      - run: {check}\n" for check in _CHECKS)
    text = f"""\
# Written by `launcher init`: pull requests are checked and show what would run; what is merged is launched.
name: launcher

on:
  pull_request:
  push:
    branches: [{quoted(pipeline.branch)}]

permissions: {{}}

{where}env:
{_indented(_WHAT_TO_INSTALL, 2)}
  LAUNCHER_PIP: ""

jobs:
  check:
    runs-on: ubuntu-latest
    timeout-minutes: 10
    permissions:
      contents: read
    concurrency:
      group: launcher-check-${{{{ github.ref }}}}
      cancel-in-progress: true
    steps:
      - uses: {_CHECKOUT}
        with:
          persist-credentials: false
{_github_install()}{checks}      - run: launcher diff --offline -e {environment}
"""
    if not pipeline.applies:
        return text + "\n" + _indented(_NO_LEDGER.format(name=environment).rstrip(), 2) + "\n"
    return text + "\n" + _github_apply(pipeline)


def _github_install() -> str:
    return f"""\
      - uses: {_PYTHON}
        with:
          python-version: "3.12"
      - name: install launcher
        working-directory: .
        run: |
          {_ASK}
          {_INSTALL}
"""


def _github_apply(pipeline: Pipeline) -> str:
    environment, real = pipeline.environment, pipeline.target is not None
    text = f"""\
  apply:
    if: github.event_name == 'push'
    needs: [check]
    runs-on: ubuntu-latest
    timeout-minutes: 120
    permissions:
      contents: {"write" if real else "read"}
    # Only saves waiting: two runs at once could do no harm.
    concurrency:
      group: launcher-apply-{environment}
      cancel-in-progress: false
"""
    if real:
        text += f"""\
    environment: {environment}
    env:
      BK_API_URL_TMPL: ${{{{ vars.BK_API_URL_TMPL }}}}
      BK_APP_CODE: ${{{{ vars.BK_APP_CODE }}}}
      BK_APP_SECRET: ${{{{ secrets.BK_APP_SECRET }}}}
      BK_JOB_ACCESS_TOKEN: ${{{{ secrets.BK_JOB_ACCESS_TOKEN }}}}
      LAUNCHER_GIT_TOKEN: ${{{{ github.token }}}}
"""
    text += f"""\
    steps:
      - uses: {_CHECKOUT}
        with:
          fetch-depth: 0
          persist-credentials: false
{_github_install()}      - run: launcher apply --yes -e {environment}
"""
    return text + (_github_lockfile(environment) if real else "")


def _github_lockfile(environment: str) -> str:
    return f"""\
      # The lockfile is what `diff --offline` compares with. Where the branch takes no push from here, commit it by hand:
      # launcher lock sync -e {environment}
      - name: commit the lockfile
        if: always()
        env:
          TOKEN: ${{{{ github.token }}}}
        run: |
          test -d locks || exit 0
          git add locks
          git diff --cached --quiet && exit 0
          git -c user.name=launcher -c user.email=launcher@users.noreply.github.com commit --quiet -m "locks: {environment}"
          git -c "http.extraheader=Authorization: Basic $(printf 'x-access-token:%s' "$TOKEN" | base64 -w0)" \\
            push "$GITHUB_SERVER_URL/$GITHUB_REPOSITORY" HEAD:"$GITHUB_REF" \\
            || echo "the branch takes no push: launcher lock sync -e {environment}"
"""


def gitlab(pipeline: Pipeline) -> str:
    """`.gitlab-ci.yml`."""
    environment = pipeline.environment
    where = [f"    - {quoted(f'cd {shlex.quote(pipeline.folder)}')}"] if pipeline.folder else []
    before = "\n".join([f"    - '{_ASK}'", f"    - '{_INSTALL}'", *where])
    checks = "".join(f"    - {check}\n" for check in _CHECKS)
    text = f"""\
# Written by `launcher init`: merge requests are checked and show what would run; what is merged is launched.
variables:
{_indented(_WHAT_TO_INSTALL, 2)}
  LAUNCHER_PIP: ""

.launcher:
  image: python:3.12
  before_script:
{before}

launcher-check:
  extends: .launcher
  interruptible: true
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
  script:
{checks}    - launcher diff --offline -e {environment}
"""
    if not pipeline.applies:
        return text + "\n" + _NO_LEDGER.format(name=environment)
    return text + "\n" + _gitlab_apply(pipeline)


def _gitlab_apply(pipeline: Pipeline) -> str:
    environment = pipeline.environment
    text = ""
    if pipeline.target is not None:
        text += """\
# In the project's settings, masked and protected: BK_API_URL_TMPL, BK_APP_CODE, BK_APP_SECRET, BK_JOB_ACCESS_TOKEN, and
# LAUNCHER_GIT_TOKEN, a project access token that may push to launcher-ledger/**.
"""
    text += f"""\
launcher-apply:
  extends: .launcher
  needs: [launcher-check]
  resource_group: launcher-{environment}
  environment: {environment}
  rules:
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
  variables:
    GIT_DEPTH: "0"
"""
    if pipeline.target is not None:
        text += '    LAUNCHER_GIT_REMOTE: "https://oauth2@$CI_SERVER_HOST/$CI_PROJECT_PATH.git"\n'
    text += f"  script:\n    - launcher apply --yes -e {environment}\n"
    if pipeline.target is None:
        return text
    lockfile = f"{pipeline.folder}/locks" if pipeline.folder else "locks"
    lockfile = quoted(f"{lockfile}/{environment}.lock.json")
    return (
        text
        + f"""\
  # The lockfile is what `diff --offline` compares with: commit it, after `launcher lock sync -e {environment}`.
  artifacts:
    when: always
    paths: [{lockfile}]
"""
    )


def _indented(text: str, columns: int) -> str:
    return "\n".join(" " * columns + line for line in text.splitlines())
