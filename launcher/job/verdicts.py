"""What came of a call, and whether the client asks again by itself: one table.

A row says what one signal (an error code of JOB, or the way a request ended without one) means for one kind of call,
and whether the same request may be sent once more, without anybody being asked. A code that no row names is `UNKNOWN`
on a call that can change something: never a guess, and never sent again.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from launcher.job.calls import Kind

__all__ = ["TABLE", "Again", "Row", "Signal", "Verdict", "again", "verdict"]


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


class Again(StrEnum):
    """Whether the client sends the same request once more by itself."""

    NEVER = "never"
    SOON = "soon"
    """After a pause, as long as the run's budget lasts."""
    CONFIRMED = "confirmed"
    """Once, if the job plan that it was about can be read."""


class Signal(StrEnum):
    """How a request ended without an error code of JOB."""

    NOT_SENT = "not sent"
    DISTRUSTED = "certificate not accepted"
    LOST = "lost"
    SLOW = "lost after a long wait"
    REDIRECT = "redirect"
    UNAUTHORISED = "credentials not accepted"
    FORBIDDEN = "app not allowed"
    NOT_FOUND = "no such API"
    WRONG_METHOD = "HTTP 405"
    TOO_MANY = "too many requests"
    TURNED_AWAY = "turned away by the platform"
    SERVER_ERROR = "server error"
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
        again: whether the client sends the same request once more.
        why: why it does, or does not.
    """

    signal: Signal | int
    kinds: frozenset[Kind]
    verdict: Verdict
    source: str
    again: Again
    why: str


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
_PLATFORM = "API Gateway and ESB: the platform turned the request away before it reached JOB"

_SAME = "the answer would be the same"
_MAYBE = "it may have happened"
_PASSES = "a read changes nothing, and this often passes"
_HARMLESS = "nothing happened, and an instance that is created late is started no sooner"
_ENGINE = "the engine looks first, and decides itself"


def _row(signal: Signal | int, kinds: frozenset[Kind], verdict: Verdict, source: str) -> Row:
    """A request that is not sent again."""
    why = _MAYBE if verdict is Verdict.UNKNOWN and kinds <= _WRITES else _SAME
    return Row(signal, kinds, verdict, source, Again.NEVER, why)


_NO_BYTE = "no byte of the request left this machine"
_CUT_OFF = "the request left; the answer did not arrive whole"
_SAYS_NOTHING = "502 and 504 say nothing about what JOB did"
_LIMITED = _PLATFORM + ": rate limit"
_INTERNAL = "INTERNAL_ERROR: also raised after the rows were saved"

TABLE: tuple[Row, ...] = (
    # --- no answer, or none of JOB's ---
    Row(Signal.NOT_SENT, _READ, Verdict.REFUSED, _NO_BYTE, Again.SOON, _PASSES),
    Row(Signal.NOT_SENT, _PREPARE, Verdict.REFUSED, _NO_BYTE, Again.SOON, _HARMLESS),
    Row(Signal.NOT_SENT, _START | _OPERATE, Verdict.REFUSED, _NO_BYTE, Again.NEVER, _ENGINE),
    _row(Signal.DISTRUSTED, _ALL, Verdict.REFUSED, _NO_BYTE),
    Row(Signal.LOST, _READ, Verdict.UNKNOWN, _CUT_OFF, Again.SOON, _PASSES),
    _row(Signal.LOST, _WRITES, Verdict.UNKNOWN, _CUT_OFF),
    Row(Signal.SLOW, _READ, Verdict.UNKNOWN, _CUT_OFF, Again.NEVER, "it would take as long again"),
    _row(Signal.SLOW, _WRITES, Verdict.UNKNOWN, _CUT_OFF),
    _row(
        Signal.REDIRECT, _ALL, Verdict.REFUSED, "JOB and its gateway never redirect: it went astray"
    ),
    _row(
        Signal.UNAUTHORISED, _ALL, Verdict.REFUSED, _PLATFORM + "; job-gateway: no user or tenant"
    ),
    _row(Signal.FORBIDDEN, _ALL, Verdict.REFUSED, _PLATFORM),
    _row(Signal.NOT_FOUND, _ALL, Verdict.REFUSED, _PLATFORM + "; or no handler for the path"),
    _row(Signal.WRONG_METHOD, _ALL, Verdict.REFUSED, _PLATFORM + "; or no handler for the method"),
    Row(Signal.TOO_MANY, _READ, Verdict.REFUSED, _LIMITED, Again.SOON, _PASSES),
    Row(Signal.TOO_MANY, _PREPARE, Verdict.REFUSED, _LIMITED, Again.SOON, _HARMLESS),
    Row(Signal.TOO_MANY, _START | _OPERATE, Verdict.REFUSED, _LIMITED, Again.NEVER, _ENGINE),
    _row(Signal.TURNED_AWAY, _ALL, Verdict.REFUSED, _PLATFORM),
    Row(Signal.SERVER_ERROR, _READ, Verdict.UNKNOWN, _SAYS_NOTHING, Again.SOON, _PASSES),
    _row(Signal.SERVER_ERROR, _WRITES, Verdict.UNKNOWN, _SAYS_NOTHING),
    _row(
        Signal.OTHER_STATUS, _WRITES, Verdict.UNKNOWN, "bk-job answers 200; nobody documents others"
    ),
    _row(Signal.OTHER_STATUS, _READ, Verdict.REFUSED, "a read changes nothing"),
    _row(Signal.UNREADABLE, _READ, Verdict.UNKNOWN, "an answer that says nothing is no answer"),
    _row(Signal.UNREADABLE, _WRITES, Verdict.UNKNOWN, "an answer that says nothing is no answer"),
    _row(
        Signal.OTHER_CODE,
        _WRITES,
        Verdict.UNKNOWN,
        "not documented as raised before anything is kept",
    ),
    _row(Signal.OTHER_CODE, _READ, Verdict.REFUSED, "a read changes nothing"),
    # --- any call ---
    Row(1240002, _READ, Verdict.UNKNOWN, _INTERNAL, Again.SOON, _PASSES),
    _row(1240002, _WRITES, Verdict.UNKNOWN, _INTERNAL),
    _row(1240003, _WRITES, Verdict.REFUSED, "BAD_REQUEST. " + _EARLY),
    _row(1241004, _WRITES, Verdict.REFUSED, "MISSING_PARAM_WITH_PARAM_NAME. " + _EARLY),
    _row(1241005, _WRITES, Verdict.REFUSED, "ILLEGAL_PARAM_WITH_PARAM_NAME. " + _EARLY),
    _row(1243049, _WRITES, Verdict.REFUSED, "APP_NOT_EXIST. " + _EARLY),
    _row(
        9900403, _WRITES, Verdict.REFUSED, "BK_PERMISSION_DENIED: checked before anything is saved"
    ),
    # --- execute_job_plan ---
    _row(1241011, _PREPARE, Verdict.REFUSED, "NOT_SUPPORT_FEATURE. " + _BUILD),
    _row(1211003, _PREPARE, Verdict.REFUSED, "FAIL_TO_FIND_HOST_BY_DYNAMIC_GROUP. " + _BUILD),
    _row(1215002, _PREPARE, Verdict.REFUSED, "IAM_USER_ACCOUNT_FROZEN. " + _BUILD),
    _row(1244002, _PREPARE, Verdict.REFUSED, "HOST_INVALID. " + _BUILD),
    _row(1244003, _PREPARE, Verdict.REFUSED, "ACCOUNT_NOT_EXIST. " + _BUILD),
    _row(1244008, _PREPARE, Verdict.REFUSED, "TASK_INSTANCE_RELATED_HOST_VAR_NOT_EXIST. " + _BUILD),
    _row(1244011, _PREPARE, Verdict.REFUSED, "EXECUTE_TASK_PLAN_ILLEGAL. " + _BUILD),
    Row(
        1244012,
        _PREPARE,
        Verdict.REFUSED,
        "EXECUTE_TASK_PLAN_NOT_EXIST. " + _BUILD,
        Again.CONFIRMED,
        "job-execute says so of any trouble with job-manage. Source: TaskPlanServiceImpl.getPlanById",
    ),
    _row(1244014, _PREPARE, Verdict.REFUSED, "SCRIPT_DISABLED_SHOULD_NOT_EXECUTE. " + _BUILD),
    _row(1244019, _PREPARE, Verdict.REFUSED, "DANGEROUS_SCRIPT_FORBIDDEN_EXECUTION. " + _BUILD),
    _row(1244021, _PREPARE, Verdict.REFUSED, "FILE_TASKS_EXCEEDS_LIMIT. " + _BUILD),
    _row(1244022, _PREPARE, Verdict.REFUSED, "SCRIPT_TASK_TARGET_SERVER_EXCEEDS_LIMIT. " + _BUILD),
    _row(1244028, _PREPARE, Verdict.REFUSED, "STEP_TARGET_EXECUTE_OBJECT_EMPTY. " + _BUILD),
    _row(1244029, _PREPARE, Verdict.REFUSED, "STEP_SOURCE_EXECUTE_OBJECT_EMPTY. " + _BUILD),
    _row(1244030, _PREPARE, Verdict.REFUSED, "EXECUTE_OBJECT_NOT_EXIST. " + _BUILD),
    Row(
        1244032,
        _PREPARE,
        Verdict.FULL,
        "RUNNING_JOB_EXCEED_RESOURCE_SCOPE_QUOTA_LIMIT. " + _BUILD,
        Again.NEVER,
        _ENGINE,
    ),
    Row(
        1244033,
        _PREPARE,
        Verdict.FULL,
        "RUNNING_JOB_EXCEED_APP_QUOTA_LIMIT. " + _BUILD,
        Again.NEVER,
        _ENGINE,
    ),
    Row(
        1244034,
        _PREPARE,
        Verdict.FULL,
        "RUNNING_JOB_EXCEED_SYSTEM_QUOTA_LIMIT. " + _BUILD,
        Again.NEVER,
        _ENGINE,
    ),
    # --- operate_job_instance, code 2 ---
    _row(
        1241002,
        _START,
        Verdict.NOT_KNOWN,
        "ILLEGAL_PARAM: our ids are good, so it is the code, and who does not know it starts at creation",
    ),
    _row(1241003, _START, Verdict.REFUSED, "UNSUPPORTED_OPERATION: the state is checked first"),
    _row(
        1241015, _START, Verdict.ALREADY, "UNSUPPORTED_OPERATION_REPEAT_START_JOB: status is not 1"
    ),
    _row(1244006, _START, Verdict.REFUSED, "TASK_INSTANCE_NOT_EXIST: looked up before the START"),
    # --- operate_job_instance, code 1, and operate_step_instance ---
    _row(1241002, _OPERATE, Verdict.REFUSED, "ILLEGAL_PARAM: ids and code are checked first"),
    _row(1241003, _OPERATE, Verdict.REFUSED, "UNSUPPORTED_OPERATION: the state is checked first"),
    _row(1244006, _OPERATE, Verdict.REFUSED, "TASK_INSTANCE_NOT_EXIST: looked up before anything"),
    _row(1244007, _OPERATE, Verdict.REFUSED, "STEP_INSTANCE_NOT_EXIST: looked up before anything"),
    _row(1244016, _OPERATE, Verdict.REFUSED, "NOT_IN_CONFIRM_USER_LIST: checked before anything"),
    # --- reads ---
    _row(1244006, _READ, Verdict.MISSING, "TASK_INSTANCE_NOT_EXIST: purged, or another scope"),
    _row(
        1244007, _READ, Verdict.STEPLESS, "STEP_INSTANCE_NOT_EXIST: an instance without step rows"
    ),
)

_BY_SIGNAL = {(kind, row.signal): row for row in TABLE for kind in row.kinds}


def verdict(kind: Kind, signal: Signal | int) -> Verdict:
    """What `signal` means for a call of `kind`."""
    return _found(kind, signal).verdict


def again(kind: Kind, signal: Signal | int) -> Again:
    """Whether a call of `kind` that ended with `signal` is sent once more."""
    return _found(kind, signal).again


def _found(kind: Kind, signal: Signal | int) -> Row:
    return _BY_SIGNAL.get((kind, signal)) or _BY_SIGNAL[kind, Signal.OTHER_CODE]
