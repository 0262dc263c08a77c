"""A call that JOB refuses, and the words it does so with.

Callers must not parse these texts, so they are close to the server's, not equal. English comes
with `Blueking-Language: en`, Chinese with anything else. Integers in a text get thousands
separators, except an instance id. Source: bk-job, `i18n/exception`, `LocaleUtils`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.sandbox.codes import Code

if TYPE_CHECKING:
    from launcher.sandbox.definition import Action
    from launcher.sandbox.state import State

__all__ = ["Denial", "Refused", "text_of"]


class Refused(Exception):
    """The call ends with an error code.

    Attributes:
        facts: fill the text's placeholders.
        text: replaces the code's own text (the first violation of a bean validation).
        state: the world as the call leaves it; `None` if nothing happened.
    """

    def __init__(
        self,
        code: Code,
        *facts: str | int,
        text: str | None = None,
        state: State | None = None,
    ) -> None:
        super().__init__(code, *facts)
        self.code = code
        self.facts = facts
        self.text = text
        self.state = state


class Denial(Refused):
    """The caller lacks a permission.

    Attributes:
        lacking: each missing action with its resources: (type, id, name) from ancestor to leaf.
    """

    def __init__(self, user: str, lacking: tuple[tuple[Action, tuple[Path, ...]], ...]) -> None:
        super().__init__(Code.PERMISSION_DENIED, user)
        self.lacking = lacking


Path = tuple[tuple[str, str, str], ...]
"""A resource by the way to it: (type, id, name) from its oldest ancestor."""


def text_of(code: Code, facts: tuple[str | int, ...], *, english: bool) -> str:
    """The message of `code`."""
    words = tuple(_in_words(code, fact) for fact in facts)
    template = (_ENGLISH if english else _CHINESE)[code]
    for index, word in enumerate(words):
        template = template.replace("{" + str(index) + "}", word)
    return template


def _in_words(code: Code, fact: str | int) -> str:
    if isinstance(fact, str):
        return fact
    return str(fact) if code is Code.REPEATED_START else f"{fact:,}"


_ENGLISH = {
    Code.INTERNAL_ERROR: "Internal Server Error",
    Code.BAD_REQUEST: "Bad Request",
    Code.ILLEGAL_PARAM: "Invalid request parameters",
    Code.UNSUPPORTED_OPERATION: "Unsupported operation",
    Code.ILLEGAL_NAMED_PARAM: "Invalid request parameter [{0}]",
    Code.BAD_NAMED_PARAM: "Missing or invalid request parameter [{0}]",
    Code.ILLEGAL_PARAM_REASON: "Invalid request parameter [{0}], reason: {1}",
    Code.NOT_SUPPORTED: "Not support yet",
    Code.REPEATED_START: ("Unsupported operation,do not repeat start the job,job_instance_id={0}"),
    Code.PLAN_NOT_FOUND: "Job plan does not exist",
    Code.TEMPLATE_NOT_FOUND: "Job template not exist",
    Code.SCOPE_NOT_FOUND: "Business/Business Set not exist or archived",
    Code.HOST_INVALID: "Hosts invalid in business [{0}] of CMDB. Invalid {1} hosts:{2}",
    Code.ACCOUNT_NOT_FOUND: "Account [{0}] does not exist",
    Code.INSTANCE_NOT_FOUND: "Task instance does not exist",
    Code.STEP_NOT_FOUND: "Task step instance does not exist",
    Code.HOST_VARIABLE_NOT_FOUND: "HOST variable [{0}] does not exist",
    Code.PLAN_ILLEGAL: "Job plan is illegal",
    Code.LAUNCH_PLAN_NOT_FOUND: "Job plan does not exist",
    Code.SCRIPT_DISABLED: "Script version has been banned, cannot be executed",
    Code.NOT_CONFIRMER: "Only the confirmer of the step can operate",
    Code.DANGEROUS_SCRIPT: "Dangerous script, cannot be executed",
    Code.FILE_TASKS_LIMIT: "The number of file tasks exceeds the limit:{0}",
    Code.SCRIPT_HOSTS_LIMIT: "The number of script task target servers exceeds the limit: {0}",
    Code.TARGET_EMPTY: "Step [{0}] target execute object is empty",
    Code.SOURCE_EMPTY: "Step [{0}] source execute object is empty",
    Code.HOST_NOT_FOUND: (
        "Execute object referenced by the job does not exist. Number of non-existent execution"
        " objects: {0}, execution object list: [{1}]"
    ),
    Code.SCOPE_QUOTA: (
        "The total number of jobs currently executed exceeds the resource scope quota limit"
    ),
    Code.APP_QUOTA: "The total number of jobs currently executed exceeds the bk app quota limit",
    Code.SYSTEM_QUOTA: (
        "The total number of jobs currently executed exceeds the system quota limit"
    ),
    Code.GROUP_FAILED: (
        "Fail to find host by dynamic group, id:{0}, reason:{1},"
        " please confirm the specified dynamic group in business"
    ),
    Code.MISSING_USER: "Missing user info",
    Code.PERMISSION_DENIED: (
        "User ({0}) permission not allowed,"
        " please confirm and apply permission in IAM and try again"
    ),
}

_CHINESE = {
    Code.INTERNAL_ERROR: "服务器内部异常",
    Code.BAD_REQUEST: "请求有误",
    Code.ILLEGAL_PARAM: "请求参数不合法",
    Code.UNSUPPORTED_OPERATION: "不支持该操作",
    Code.ILLEGAL_NAMED_PARAM: "请求参数[{0}]不合法",
    Code.BAD_NAMED_PARAM: "请求参数[{0}]缺失或不合法",
    Code.ILLEGAL_PARAM_REASON: "请求参数[{0}]不合法, 原因: {1}",
    Code.NOT_SUPPORTED: "暂不支持该功能",
    Code.REPEATED_START: "不支持的操作, 作业不能重复启动, job_instance_id={0}",
    Code.PLAN_NOT_FOUND: "找不到执行方案",
    Code.TEMPLATE_NOT_FOUND: "找不到作业模板",
    Code.SCOPE_NOT_FOUND: "业务或业务集不存在或已归档",
    Code.HOST_INVALID: "主机无效, 业务[{0}], 无效的{1}台主机: {2}",
    Code.ACCOUNT_NOT_FOUND: "找不到账号[{0}]",
    Code.INSTANCE_NOT_FOUND: "找不到作业实例",
    Code.STEP_NOT_FOUND: "找不到步骤实例",
    Code.HOST_VARIABLE_NOT_FOUND: "找不到主机变量[{0}]",
    Code.PLAN_ILLEGAL: "执行方案有误",
    Code.LAUNCH_PLAN_NOT_FOUND: "找不到执行方案",
    Code.SCRIPT_DISABLED: "脚本版本已禁用, 不能执行",
    Code.NOT_CONFIRMER: "仅步骤的确认人可以操作",
    Code.DANGEROUS_SCRIPT: "高危脚本, 不能执行",
    Code.FILE_TASKS_LIMIT: "文件任务数超过上限: {0}",
    Code.SCRIPT_HOSTS_LIMIT: "脚本任务目标主机数超过上限: {0}",
    Code.TARGET_EMPTY: "步骤[{0}]没有目标执行对象",
    Code.SOURCE_EMPTY: "步骤[{0}]没有源执行对象",
    Code.HOST_NOT_FOUND: "引用了不存在的执行对象, 个数: {0}, 列表: [{1}]",
    Code.SCOPE_QUOTA: "正在执行的作业数超过业务配额",
    Code.APP_QUOTA: "正在执行的作业数超过应用配额",
    Code.SYSTEM_QUOTA: "正在执行的作业数超过系统配额",
    Code.GROUP_FAILED: "无法由动态分组查到主机, 分组: {0}, 原因: {1}",
    Code.MISSING_USER: "缺少用户信息",
    Code.PERMISSION_DENIED: "用户({0})没有权限, 请到权限中心申请后重试",
}
