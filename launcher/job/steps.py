"""Steps in a form that is the same whether a job plan or an instance's frozen copy tells of them.

Only what both tell is a fact. Source: bk-job, `TaskScriptStepDTO.toEsbScriptInfoV3`,
`TaskFileStepDTO.toEsbFileInfoV3` (job plan) and `EsbGetStepInstanceDetailV3ResourceImpl` (instance).

| what | job plan | instance | so |
|---|---|---|---|
| script text, parameters | Base64 | plain | decoded |
| sensitive parameters | shown | `******` | no fact |
| cited script | text may be absent | text | its id and version instead; the text is `more` |
| Windows interpreter | shown | absent | `more` |
| ignore errors | absent | shown | no fact |
| time limit | as entered, or absent | clamped, defaults filled in | the same defaults and limit here |
| account | id | id, name | id |
| target that names a variable | variable | variable and its hosts | variable |
| kind of a file source | absent | shown | no fact |
| speed limits | source, destination | the two may be swapped on the way | as a pair without order; which is which is `more` |
| approvers, channels | shown | absent | `more` |

What is `more` is compared between two readings of a job plan only.
"""

from __future__ import annotations

import base64
import binascii
import json
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from launcher.engine.observed import Step
from launcher.job.envelope import Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from launcher.job.wire import (
        Account,
        ApprovalInfo,
        FileInfo,
        FileSource,
        ScriptInfo,
        SelectedHost,
        ServerSelection,
        StepDetail,
    )

__all__ = ["frozen_step", "plan_step"]

_KINDS = {1: "script", 2: "file", 3: "approval"}
_LANGUAGES = {1: "shell", 2: "bat", 3: "perl", 4: "python", 5: "powershell", 6: "sql"}
_LOCAL_SCRIPT = 1
_APPROVALS = {"1": "anyone of them", "2": "all of them"}

_LONGEST_S = 259_200
_SCRIPT_S = 1000
_FILE_S = 7200
"""Source: bk-job, `TimeoutUtils.adjustTaskTimeout`, `JobConstants`."""


def plan_step(detail: StepDetail) -> Step:
    """A step of `get_job_plan_detail`.

    Raises:
        Unreadable: its script is not Base64 of UTF-8 text, or its kind is unknown.
    """
    script = detail.script_info
    return replace(
        _step(detail, _from_base64),
        more=_more(detail),
        hides_parameters=bool(script is not None and script.is_param_sensitive),
    )


def frozen_step(detail: StepDetail) -> Step:
    """A step of `get_step_instance_detail`.

    Raises:
        Unreadable: its kind is unknown.
    """
    return _step(detail, lambda text: text)


def _step(detail: StepDetail, decoded: Callable[[str], str]) -> Step:
    if detail.type not in _KINDS:
        raise Unreadable(f"step type {detail.type} is not known")
    facts: dict[str, str] = {}
    match detail.type:
        case 1 if detail.script_info is not None:
            facts = _script_facts(detail.script_info, decoded)
        case 2 if detail.file_info is not None:
            facts = _file_facts(detail.file_info)
        case 3 if detail.approval_info is not None:
            facts = _approval_facts(detail.approval_info)
        case _:
            raise Unreadable("a step without its content")
    return Step(detail.name, _KINDS[detail.type], facts, _target_variable(detail))


def _more(detail: StepDetail) -> dict[str, str]:
    """What an instance does not tell, or not as exactly; what is not set is left out."""
    found: dict[str, str | None] = {}
    if (script := detail.script_info) is not None:
        found["interpreter"] = _as_text(script.windows_interpreter)
        if script.script_type not in (None, _LOCAL_SCRIPT) and script.script_content:
            # What runs is said by the version; a text that cannot be read is no reason to read no job plan.
            with suppress(Unreadable):
                found["script text"] = _from_base64(script.script_content)
    if (files := detail.file_info) is not None:
        source, destination = files.source_speed_limit or 0, files.destination_speed_limit or 0
        found["limits"] = f"source {source}, destination {destination}"
    if (approval := detail.approval_info) is not None:
        kind = _as_text(approval.approval_type)
        found["asks"] = _APPROVALS.get(kind, kind)
        found["approvers"] = _as_text(approval.approval_user)
        found["channels"] = _as_text(approval.notify_channel)
    return {key: text for key, text in found.items() if text}


def _as_text(value: Any) -> str:  # noqa: ANN401 - any JSON value
    if isinstance(value, str):
        return value
    return "" if value in (None, [], {}) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _target_variable(detail: StepDetail) -> str | None:
    if detail.script_info is not None:
        server = detail.script_info.server
    elif detail.file_info is not None and detail.file_info.file_destination is not None:
        server = detail.file_info.file_destination.server
    else:
        return None
    return server.variable if server is not None and server.variable else None


def _script_facts(info: ScriptInfo, decoded: Callable[[str], str]) -> dict[str, str]:
    language = info.script_language
    facts = {
        "language": _LANGUAGES.get(language or 0, f"type {language}"),
        "account": _account(info.account),
        "timeout": _timeout(info.script_timeout, _SCRIPT_S),
        "target": _target(info.server),
    }
    if info.script_type in (None, _LOCAL_SCRIPT):
        facts["script"] = decoded(info.script_content or "")
    else:
        facts["script"] = f"cited: {info.script_id} version {info.script_version_id}"
    if not info.is_param_sensitive:
        facts["parameters"] = decoded(info.script_param or "")
    return facts


def _file_facts(info: FileInfo) -> dict[str, str]:
    limits = sorted((info.source_speed_limit or 0, info.destination_speed_limit or 0))
    facts = {
        "sources": json.dumps([_source(item) for item in info.file_source_list or []]),
        "timeout": _timeout(info.timeout, _FILE_S),
        "limits": " and ".join(str(limit) for limit in limits),
        "mode": str(info.transfer_mode),
    }
    if info.file_destination is not None:
        facts["path"] = info.file_destination.path or ""
        facts["account"] = _account(info.file_destination.account)
        facts["target"] = _target(info.file_destination.server)
    return facts


def _approval_facts(info: ApprovalInfo) -> dict[str, str]:
    return {"message": info.approval_message or ""}


def _source(source: FileSource) -> list[object]:
    return [source.file_list or [], _account(source.account), _target(source.server)]


def _account(account: Account | None) -> str:
    return "" if account is None or account.id is None else str(account.id)


def _timeout(seconds: int | None, default: int) -> str:
    if seconds is None:
        return str(default)
    return str(seconds if 0 < seconds <= _LONGEST_S else _LONGEST_S)


def _target(server: ServerSelection | None) -> str:
    """The selection in one line, the same in whatever order JOB lists it."""
    if server is None:
        return ""
    if server.variable:
        return f"variable {server.variable}"
    hosts = (_host(item) for item in server.ip_list or [])
    # Old job plans hold `business:group`; bk-job cuts it when it creates an instance.
    groups = (f"group {item.id.rpartition(':')[2]}" for item in server.dynamic_group_list or [])
    nodes = (f"node {item.node_type} {item.id}" for item in server.topo_node_list or [])
    return ", ".join([*_sorted(hosts), *_sorted(groups), *_sorted(nodes)])


def _host(host: SelectedHost) -> str:
    """The id is the host; an address may move to another one."""
    return f"host {host.bk_host_id}" if host.bk_host_id else f"host {host.bk_cloud_id}:{host.ip}"


def _sorted(items: Iterable[str]) -> list[str]:
    return sorted(set(items))


def _from_base64(text: str) -> str:
    try:
        return base64.b64decode("".join(text.split()), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise Unreadable("a script or its parameters are not Base64 of UTF-8 text") from error
