"""How a check is put into words: a diagnostic of ours, or an answer of JOB that is none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from launcher.catalogue import entry, texts
from launcher.diagnostics import Diagnostic
from launcher.render.doctor import Check, State

if TYPE_CHECKING:
    from collections.abc import Iterable

    from launcher.engine.effects import Refused, Unknown
    from launcher.errors import LauncherError

__all__ = ["NO_PERMISSION", "check_of", "checks_of", "not_tested", "of_answer", "well"]

NO_PERMISSION = 9900403
"""Source: bk-job, `ErrorCode.BK_PERMISSION_DENIED`."""

_OURS = re.compile(r"\s*\((L3[0-9]{2})\)(?=$| \(request )")


def well(name: str, message: str) -> Check:
    """It is as it should be."""
    return Check(name, State.OK, message)


def not_tested(name: str, why: str) -> Check:
    """It could not be known."""
    return Check(name, State.NOT_TESTED, f"not tested: {why}")


def check_of(name: str, problem: Diagnostic, state: State = State.PROBLEM) -> Check:
    """What a diagnostic says; where it has no hint for its case, its cure in general."""
    said = texts(problem)
    return Check(name, state, said.detail, problem.code, said.hint or entry(problem.code).cure)


def checks_of(
    name: str, problems: LauncherError | Iterable[Diagnostic], state: State = State.PROBLEM
) -> list[Check]:
    """What several diagnostics say."""
    found = problems if not isinstance(problems, Exception) else problems.diagnostics
    return [check_of(name, item, state) for item in found]


def of_answer(name: str, answer: Refused | Unknown, what: str, *, permission: str) -> Check:
    """What an answer says that is none: it has a code of ours, or JOB has refused `what`.

    `permission` is the one that is missing if JOB says that one is.
    """
    ours = _OURS.search(answer.message)
    if ours is not None and answer.code is None:
        code = ours[1]
        message = answer.message[: ours.start()] + answer.message[ours.end() :]
        return Check(name, State.PROBLEM, message, code, entry(code).cure)
    facts = {"what": what, "message": answer.message, "permission": permission}
    code = "L360" if answer.code == NO_PERMISSION else "L362"
    return check_of(name, Diagnostic(code, facts))
