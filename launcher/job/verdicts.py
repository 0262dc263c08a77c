"""What came of a call, decided by what was sent and what came back: one table.

A row says what one signal (an error code of JOB, or the way a request ended without one) means
for one kind of call. A code that no row names is `UNKNOWN` on a call that can change something:
never a guess.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from launcher.job.calls import Kind

__all__ = ["TABLE", "Row", "Signal", "Verdict", "verdict"]


class Verdict(StrEnum):
    """What a signal means."""

    REFUSED = "refused"
    """Nothing happened."""
    FULL = "full"
    """Nothing happened, and the same request may go through later."""
    UNKNOWN = "unknown"
    """It may have happened."""
    ALREADY = "already"
    """It had happened before."""
    NOT_KNOWN = "not known"
    """The server does not know what was asked for; one that does not may have done it unasked."""
    MISSING = "missing"
    """What was asked about does not exist."""
    STEPLESS = "stepless"
    """The instance exists and has no steps: a crash of the server left it behind."""


class Signal(StrEnum):
    """How a request ended without an error code of JOB."""

    NOT_SENT = "not sent"
    LOST = "lost"
    REDIRECT = "redirect"
    UNAUTHORISED = "HTTP 401"
    FORBIDDEN = "HTTP 403"
    NOT_FOUND = "HTTP 404"
    WRONG_METHOD = "HTTP 405"
    TOO_MANY = "HTTP 429"
    SERVER_ERROR = "HTTP 5xx"
    OTHER_STATUS = "other HTTP status"
    UNREADABLE = "unreadable"
    OTHER_CODE = "a code that no row names"


@dataclass(frozen=True, slots=True)
class Row:
    """One decision.

    Attributes:
        signal: an error code of JOB, or how the request ended without one.
        kinds: the kinds of calls that it holds for.
        verdict: what it means there.
        source: why we may say so.
    """

    signal: Signal | int
    kinds: frozenset[Kind]
    verdict: Verdict
    source: str


_ALL = frozenset(Kind)
_PREPARE = frozenset({Kind.PREPARE})
_START = frozenset({Kind.START})
_OPERATE = frozenset({Kind.OPERATE})
_READ = frozenset({Kind.READ})
_WRITES = _PREPARE | _START | _OPERATE

_EARLY = "bk-job raises it before the operation runs: interceptors and bean validation"
_BUILD = (
    "bk-job, TaskExecuteServiceImpl: raised while the instance is built, before any row is saved"
)
_PLATFORM = "API Gateway: the platform turned the request away before it reached JOB"

TABLE: tuple[Row, ...] = (
    # --- no answer, or none of JOB's ---
    Row(Signal.NOT_SENT, _ALL, Verdict.REFUSED, "no byte of the request left this machine"),
    Row(Signal.LOST, _ALL, Verdict.UNKNOWN, "the request left; the answer did not arrive whole"),
    Row(
        Signal.REDIRECT, _ALL, Verdict.REFUSED, "JOB and its gateway never redirect: it went astray"
    ),
    Row(Signal.UNAUTHORISED, _ALL, Verdict.REFUSED, _PLATFORM + "; job-gateway: no user or tenant"),
    Row(Signal.FORBIDDEN, _ALL, Verdict.REFUSED, _PLATFORM),
    Row(Signal.NOT_FOUND, _ALL, Verdict.REFUSED, _PLATFORM + "; or no handler for the path"),
    Row(Signal.WRONG_METHOD, _ALL, Verdict.REFUSED, _PLATFORM + "; or no handler for the method"),
    Row(Signal.TOO_MANY, _ALL, Verdict.REFUSED, _PLATFORM + ": rate limit"),
    Row(Signal.SERVER_ERROR, _ALL, Verdict.UNKNOWN, "502 and 504 say nothing about what JOB did"),
    Row(
        Signal.OTHER_STATUS, _WRITES, Verdict.UNKNOWN, "bk-job answers 200; nobody documents others"
    ),
    Row(Signal.OTHER_STATUS, _READ, Verdict.REFUSED, "a read changes nothing"),
    Row(Signal.UNREADABLE, _ALL, Verdict.UNKNOWN, "an answer that says nothing is no answer"),
    Row(
        Signal.OTHER_CODE,
        _WRITES,
        Verdict.UNKNOWN,
        "not documented as raised before anything is kept",
    ),
    Row(Signal.OTHER_CODE, _READ, Verdict.REFUSED, "a read changes nothing"),
    # --- any call ---
    Row(1240002, _ALL, Verdict.UNKNOWN, "INTERNAL_ERROR: also raised after the rows were saved"),
    Row(1240003, _WRITES, Verdict.REFUSED, "BAD_REQUEST. " + _EARLY),
    Row(1241004, _WRITES, Verdict.REFUSED, "MISSING_PARAM_WITH_PARAM_NAME. " + _EARLY),
    Row(1241005, _WRITES, Verdict.REFUSED, "ILLEGAL_PARAM_WITH_PARAM_NAME. " + _EARLY),
    Row(1243049, _WRITES, Verdict.REFUSED, "APP_NOT_EXIST. " + _EARLY),
    Row(
        9900403, _WRITES, Verdict.REFUSED, "BK_PERMISSION_DENIED: checked before anything is saved"
    ),
    # --- execute_job_plan ---
    Row(1241011, _PREPARE, Verdict.REFUSED, "NOT_SUPPORT_FEATURE. " + _BUILD),
    Row(1211003, _PREPARE, Verdict.REFUSED, "FAIL_TO_FIND_HOST_BY_DYNAMIC_GROUP. " + _BUILD),
    Row(1215002, _PREPARE, Verdict.REFUSED, "IAM_USER_ACCOUNT_FROZEN. " + _BUILD),
    Row(1244002, _PREPARE, Verdict.REFUSED, "HOST_INVALID. " + _BUILD),
    Row(1244003, _PREPARE, Verdict.REFUSED, "ACCOUNT_NOT_EXIST. " + _BUILD),
    Row(1244008, _PREPARE, Verdict.REFUSED, "TASK_INSTANCE_RELATED_HOST_VAR_NOT_EXIST. " + _BUILD),
    Row(1244011, _PREPARE, Verdict.REFUSED, "EXECUTE_TASK_PLAN_ILLEGAL. " + _BUILD),
    Row(1244012, _PREPARE, Verdict.REFUSED, "EXECUTE_TASK_PLAN_NOT_EXIST. " + _BUILD),
    Row(1244014, _PREPARE, Verdict.REFUSED, "SCRIPT_DISABLED_SHOULD_NOT_EXECUTE. " + _BUILD),
    Row(1244019, _PREPARE, Verdict.REFUSED, "DANGEROUS_SCRIPT_FORBIDDEN_EXECUTION. " + _BUILD),
    Row(1244021, _PREPARE, Verdict.REFUSED, "FILE_TASKS_EXCEEDS_LIMIT. " + _BUILD),
    Row(1244022, _PREPARE, Verdict.REFUSED, "SCRIPT_TASK_TARGET_SERVER_EXCEEDS_LIMIT. " + _BUILD),
    Row(1244028, _PREPARE, Verdict.REFUSED, "STEP_TARGET_EXECUTE_OBJECT_EMPTY. " + _BUILD),
    Row(1244029, _PREPARE, Verdict.REFUSED, "STEP_SOURCE_EXECUTE_OBJECT_EMPTY. " + _BUILD),
    Row(1244030, _PREPARE, Verdict.REFUSED, "EXECUTE_OBJECT_NOT_EXIST. " + _BUILD),
    Row(
        1244032, _PREPARE, Verdict.FULL, "RUNNING_JOB_EXCEED_RESOURCE_SCOPE_QUOTA_LIMIT. " + _BUILD
    ),
    Row(1244033, _PREPARE, Verdict.FULL, "RUNNING_JOB_EXCEED_APP_QUOTA_LIMIT. " + _BUILD),
    Row(1244034, _PREPARE, Verdict.FULL, "RUNNING_JOB_EXCEED_SYSTEM_QUOTA_LIMIT. " + _BUILD),
    # --- operate_job_instance, code 2 ---
    Row(
        1241002,
        _START,
        Verdict.NOT_KNOWN,
        "ILLEGAL_PARAM: our ids are good, so it is the code, and who does not know it starts at creation",
    ),
    Row(1241003, _START, Verdict.REFUSED, "UNSUPPORTED_OPERATION: the state is checked first"),
    Row(
        1241015, _START, Verdict.ALREADY, "UNSUPPORTED_OPERATION_REPEAT_START_JOB: status is not 1"
    ),
    Row(1244006, _START, Verdict.REFUSED, "TASK_INSTANCE_NOT_EXIST: looked up before the START"),
    # --- operate_job_instance, code 1, and operate_step_instance ---
    Row(1241002, _OPERATE, Verdict.REFUSED, "ILLEGAL_PARAM: ids and code are checked first"),
    Row(1241003, _OPERATE, Verdict.REFUSED, "UNSUPPORTED_OPERATION: the state is checked first"),
    Row(1244006, _OPERATE, Verdict.REFUSED, "TASK_INSTANCE_NOT_EXIST: looked up before anything"),
    Row(1244007, _OPERATE, Verdict.REFUSED, "STEP_INSTANCE_NOT_EXIST: looked up before anything"),
    Row(1244016, _OPERATE, Verdict.REFUSED, "NOT_IN_CONFIRM_USER_LIST: checked before anything"),
    # --- reads ---
    Row(1244006, _READ, Verdict.MISSING, "TASK_INSTANCE_NOT_EXIST: purged, or another scope"),
    Row(1244007, _READ, Verdict.STEPLESS, "STEP_INSTANCE_NOT_EXIST: an instance without step rows"),
)

_BY_SIGNAL = {(kind, row.signal): row.verdict for row in TABLE for kind in row.kinds}


def verdict(kind: Kind, signal: Signal | int) -> Verdict:
    """What `signal` means for a call of `kind`."""
    found = _BY_SIGNAL.get((kind, signal))
    return _BY_SIGNAL[kind, Signal.OTHER_CODE] if found is None else found
