"""The numbers of the API: run states, host states, operations and error codes.

Source: bk-job, `RunStatusEnum`, `ExecuteObjectTaskStatusEnum`, `TaskOperationEnum`,
`StepOperationEnum`, `ErrorCode`.
"""

from __future__ import annotations

from enum import IntEnum

__all__ = [
    "FINISHED",
    "FINISHED_HOSTS",
    "Code",
    "HostStatus",
    "JobOperation",
    "RunStatus",
    "StepOperation",
]


class RunStatus(IntEnum):
    """State of a job instance or a step instance; 12 does not exist."""

    BLANK = 1
    RUNNING = 2
    SUCCESS = 3
    FAIL = 4
    SKIPPED = 5
    IGNORE_ERROR = 6
    WAITING_USER = 7
    TERMINATED = 8
    ABNORMAL = 9
    STOPPING = 10
    STOP_SUCCESS = 11
    CONFIRM_TERMINATED = 13
    ABANDONED = 14
    ROLLING_WAITING = 15


FINISHED = frozenset(
    {
        RunStatus.SUCCESS,
        RunStatus.FAIL,
        RunStatus.SKIPPED,
        RunStatus.IGNORE_ERROR,
        RunStatus.TERMINATED,
        RunStatus.ABNORMAL,
        RunStatus.STOP_SUCCESS,
        RunStatus.CONFIRM_TERMINATED,
        RunStatus.ABANDONED,
    },
)
"""What `finished` counts; a retry may still lead back out of it."""


class HostStatus(IntEnum):
    """State of one host within one execution of a step; 5 and 7 are not finished."""

    UNKNOWN_ERROR = 0
    AGENT_ERROR = 1
    INVALID = 2
    SUCCESS_LAST_TIME = 3
    WAITING = 5
    RUNNING = 7
    SUCCESS = 9
    FAILED = 11
    SUBMIT_FAILED = 12
    TIMEOUT = 13
    LOG_ERROR = 15
    SCRIPT_LOG_TIMEOUT = 16
    FILE_LOG_TIMEOUT = 17
    AGENT_NOT_INSTALLED = 18
    SCRIPT_FAILED = 101
    SCRIPT_TIMEOUT = 102
    SCRIPT_TERMINATED = 103
    NON_ZERO_EXIT = 104
    FILE_COPY_FAILED = 202
    SOURCE_FILE_MISSING = 203
    FILE_ERROR = 301
    FILE_TIMEOUT = 303
    AGENT_OFFLINE = 310
    USER_ERROR = 311
    PASSWORD_ERROR = 312
    FILE_FETCH_ERROR = 320
    FILE_TOO_LARGE = 321
    FILE_TRANSFER_ERROR = 329
    TASK_ERROR = 399
    FORCE_TERMINATED = 403
    FORCE_TERMINATE_FAILED = 404
    UNKNOWN = 500


FINISHED_HOSTS = frozenset({HostStatus.SUCCESS_LAST_TIME, HostStatus.SUCCESS})
"""The two host states that count as success."""


class JobOperation(IntEnum):
    """`operation_code` of operate_job_instance."""

    TERMINATE = 1
    START = 2


class StepOperation(IntEnum):
    """`operation_code` of operate_step_instance."""

    RETRY_FAILED = 2
    IGNORE_ERROR = 3
    CONFIRM_CONTINUE = 6
    RETRY_ALL = 8
    CONFIRM_TERMINATE = 9
    CONFIRM_RESTART = 10
    NEXT_STEP = 11
    FORCE_SKIP = 12
    ROLLING_CONTINUE = 13


class Code(IntEnum):
    """`code` of an answer; HTTP status is 200 for all but `MISSING_USER`."""

    INTERNAL_ERROR = 1240002
    BAD_REQUEST = 1240003
    ILLEGAL_PARAM = 1241002
    UNSUPPORTED_OPERATION = 1241003
    ILLEGAL_NAMED_PARAM = 1241005
    BAD_NAMED_PARAM = 1241007
    ILLEGAL_PARAM_REASON = 1241010
    NOT_SUPPORTED = 1241011
    REPEATED_START = 1241015
    PLAN_NOT_FOUND = 1243009
    TEMPLATE_NOT_FOUND = 1243026
    SCOPE_NOT_FOUND = 1243049
    HOST_INVALID = 1244002
    ACCOUNT_NOT_FOUND = 1244003
    INSTANCE_NOT_FOUND = 1244006
    STEP_NOT_FOUND = 1244007
    HOST_VARIABLE_NOT_FOUND = 1244008
    PLAN_ILLEGAL = 1244011
    LAUNCH_PLAN_NOT_FOUND = 1244012
    SCRIPT_DISABLED = 1244014
    NOT_CONFIRMER = 1244016
    DANGEROUS_SCRIPT = 1244019
    FILE_TASKS_LIMIT = 1244021
    SCRIPT_HOSTS_LIMIT = 1244022
    TARGET_EMPTY = 1244028
    SOURCE_EMPTY = 1244029
    HOST_NOT_FOUND = 1244030
    SCOPE_QUOTA = 1244032
    APP_QUOTA = 1244033
    SYSTEM_QUOTA = 1244034
    GROUP_FAILED = 1211003
    MISSING_USER = 1247002
    PERMISSION_DENIED = 9900403
