"""What the states of a host are called, in English and Chinese.

Close to the server's words, not equal: callers must not parse them. Source: bk-job,
`ExecuteObjectTaskStatusEnum` and its texts.
"""

from __future__ import annotations

from launcher.sandbox.codes import HostStatus

__all__ = ["host_status_text"]


def host_status_text(status: int, *, english: bool) -> str:
    """The words for `status`; a number that is no state is called unknown."""
    known = HostStatus(status) if status in set(HostStatus) else HostStatus.UNKNOWN
    return _WORDS[known][0 if english else 1]


_WORDS = {
    HostStatus.UNKNOWN_ERROR: ("Unknown error", "未知错误"),
    HostStatus.AGENT_ERROR: ("Agent error", "Agent异常"),
    HostStatus.INVALID: ("Invalid execute object", "无效的执行对象"),
    HostStatus.SUCCESS_LAST_TIME: ("Success last time", "上次已成功"),
    HostStatus.WAITING: ("Waiting", "等待执行"),
    HostStatus.RUNNING: ("Running", "正在执行"),
    HostStatus.SUCCESS: ("Success", "执行成功"),
    HostStatus.FAILED: ("Failed", "执行失败"),
    HostStatus.SUBMIT_FAILED: ("Submit failed", "任务下发失败"),
    HostStatus.TIMEOUT: ("Timeout", "任务超时"),
    HostStatus.LOG_ERROR: ("Log error", "日志错误"),
    HostStatus.SCRIPT_LOG_TIMEOUT: ("Script log timeout", "脚本日志超时"),
    HostStatus.FILE_LOG_TIMEOUT: ("File log timeout", "文件日志超时"),
    HostStatus.AGENT_NOT_INSTALLED: ("Agent not installed", "Agent未安装"),
    HostStatus.SCRIPT_FAILED: ("Script failed", "脚本执行失败"),
    HostStatus.SCRIPT_TIMEOUT: ("Script timeout", "脚本执行超时"),
    HostStatus.SCRIPT_TERMINATED: ("Script terminated", "脚本执行被终止"),
    HostStatus.NON_ZERO_EXIT: ("Exit code not zero", "脚本返回码非零"),
    HostStatus.FILE_COPY_FAILED: ("File copy failed", "文件传输失败"),
    HostStatus.SOURCE_FILE_MISSING: ("Source file missing", "源文件不存在"),
    HostStatus.FILE_ERROR: ("File task error", "文件任务错误"),
    HostStatus.FILE_TIMEOUT: ("File task timeout", "文件任务超时"),
    HostStatus.AGENT_OFFLINE: ("Agent abnormal", "Agent状态异常"),
    HostStatus.USER_ERROR: ("User name error", "用户名错误"),
    HostStatus.PASSWORD_ERROR: ("Password error", "密码错误"),
    HostStatus.FILE_FETCH_ERROR: ("File fetch error", "文件获取失败"),
    HostStatus.FILE_TOO_LARGE: ("File too large", "文件过大"),
    HostStatus.FILE_TRANSFER_ERROR: ("File transfer error", "文件传输错误"),
    HostStatus.TASK_ERROR: ("Task error", "任务执行出错"),
    HostStatus.FORCE_TERMINATED: ("Terminated by force", "任务强制终止成功"),
    HostStatus.FORCE_TERMINATE_FAILED: ("Force terminate failed", "任务强制终止失败"),
    HostStatus.UNKNOWN: ("Unknown status", "未知状态"),
}
