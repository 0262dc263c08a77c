"""The shape of every operation's `data`, as JSON Schema.

Strict: every key is there, null where there is nothing to tell, and no other key is. Source:
bk-job, the answer classes `Esb*V3DTO`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from launcher.sandbox.wire import Json

    Schema = dict[str, Json]

__all__ = ["ANSWERS", "PERMISSION", "Schema", "listed", "nullable", "shape"]


def shape(optional: tuple[str, ...] = (), /, **properties: Schema) -> Schema:
    """An object with exactly these keys; `optional` ones may be missing."""
    required: list[Json] = [name for name in properties if name not in optional]
    return {
        "type": "object",
        "properties": dict(properties),
        "required": required,
        "additionalProperties": False,
    }


def nullable(schema: Schema) -> Schema:
    """`schema`, or null."""
    kind = schema.get("type")
    if isinstance(kind, str) and "enum" not in schema:
        return {**schema, "type": [kind, "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def listed(schema: Schema) -> Schema:
    """A list of `schema`."""
    return {"type": "array", "items": schema}


def _one_of(*values: int) -> Schema:
    numbers: list[Json] = list(values)
    return {"type": "integer", "enum": numbers}


_INT: Schema = {"type": "integer"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_ID: Schema = {"type": "integer", "minimum": 1}
_TEXT: Schema = {"type": "string"}
_FLAG: Schema = {"type": "boolean"}
_MS: Schema = {"type": "integer", "minimum": 10**12, "description": "epoch milliseconds"}
_SECONDS: Schema = {"type": "integer", "maximum": 10**11, "description": "epoch seconds"}
_RUN_STATUS = _one_of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15)
_EXECUTE_TYPE = _one_of(1, 2, 3, 4)
_STEP_TYPE = _one_of(1, 2, 3)
_YES_NO = _one_of(0, 1)

_SCOPE: dict[str, Schema] = {
    "bk_biz_id": nullable(_INT),
    "bk_scope_type": {"type": "string", "enum": ["biz", "biz_set", "tenant_set"]},
    "bk_scope_id": _TEXT,
}
_TIMES: dict[str, Schema] = {
    "create_time": _MS,
    "start_time": nullable(_MS),
    "end_time": nullable(_MS),
    "total_time": nullable(_COUNT),
}
_AUTHORSHIP: dict[str, Schema] = {
    "creator": _TEXT,
    "create_time": _SECONDS,
    "last_modify_user": _TEXT,
    "last_modify_time": _SECONDS,
}

_LAUNCHED = shape(
    job_instance_id=_ID, job_instance_name=nullable(_TEXT), step_instance_id=nullable(_ID)
)
_HOST_RESULT = shape(
    bk_host_id=_ID,
    ip=_TEXT,
    bk_cloud_id=_COUNT,
    status=_COUNT,
    tag=_TEXT,
    exit_code=_INT,
    error_code=_INT,
    start_time=nullable(_MS),
    end_time=nullable(_MS),
    total_time=_COUNT,
)
_STATUS = shape(
    finished=_FLAG,
    job_instance=shape(**_SCOPE, job_instance_id=_ID, name=_TEXT, status=_RUN_STATUS, **_TIMES),
    step_instance_list=listed(
        shape(
            step_instance_id=_ID,
            name=_TEXT,
            status=_RUN_STATUS,
            type=_EXECUTE_TYPE,
            execute_count=_COUNT,
            **_TIMES,
            step_ip_result_list=nullable(listed(_HOST_RESULT)),
        )
    ),
)
_INSTANCE_ROW = shape(
    **_SCOPE,
    job_instance_id=_ID,
    job_plan_id=_ID,
    job_template_id=_ID,
    name=_TEXT,
    operator=_TEXT,
    launch_mode=_one_of(1, 2, 3),
    status=_RUN_STATUS,
    **_TIMES,
    type=_one_of(0, 1, 2),
)
_VALUES = shape(
    job_instance_id=_ID,
    step_instance_var_list=listed(
        shape(
            step_instance_id=_ID,
            global_var_list=listed(shape(name=_TEXT, value=nullable(_TEXT), type=_one_of(1))),
        )
    ),
)

_HOST = shape(
    bk_host_id=_ID,
    bk_cloud_id=nullable(_COUNT),
    bk_cloud_name=nullable(_TEXT),
    ip=nullable(_TEXT),
    ipv6=nullable(_TEXT),
    bk_agent_id=nullable(_TEXT),
    alive=nullable(_INT),
)
_FILE_LOG = shape(
    mode=_one_of(0, 1),
    src_ip=nullable(_HOST),
    src_path=_TEXT,
    dest_ip=_HOST,
    dest_path=_TEXT,
    status=_COUNT,
    log_content=_TEXT,
    size=nullable(_TEXT),
    speed=nullable(_TEXT),
    process=nullable(_TEXT),
)
_LOG_TYPE = nullable(_one_of(1, 2))
_HOST_LOG = shape(
    log_type=_LOG_TYPE,
    bk_host_id=nullable(_INT),
    bk_cloud_id=nullable(_INT),
    ip=nullable(_TEXT),
    log_content=nullable(_TEXT),
    file_logs=nullable(listed(_FILE_LOG)),
)
_SCRIPT_TASK_LOG = shape(
    host_id=_ID,
    bk_host_id=_ID,
    bk_cloud_id=_COUNT,
    ip=_TEXT,
    ipv6=nullable(_TEXT),
    log_content=_TEXT,
)
_FILE_TASK_LOG = shape(bk_host_id=_ID, bk_cloud_id=_COUNT, ip=_TEXT, file_logs=listed(_FILE_LOG))
_HOST_LOGS = shape(
    job_instance_id=_ID,
    step_instance_id=_ID,
    log_type=_LOG_TYPE,
    script_task_logs=nullable(listed(_SCRIPT_TASK_LOG)),
    file_task_logs=nullable(listed(_FILE_TASK_LOG)),
)

_STEP_HOST = shape(
    bk_host_id=_ID,
    ip=_TEXT,
    ipv6=nullable(_TEXT),
    bk_agent_id=nullable(_TEXT),
    bk_cloud_id=_COUNT,
    bk_cloud_name=nullable(_TEXT),
    status=_COUNT,
    status_desc=_TEXT,
    tag=nullable(_TEXT),
    exit_code=_INT,
    start_time=nullable(_MS),
    end_time=nullable(_MS),
    total_time=_COUNT,
)
_STEP_STATUS = shape(
    ("step_result_group_list",),
    step_instance_id=_ID,
    execute_count=_INT,
    name=_TEXT,
    type=_EXECUTE_TYPE,
    status=_RUN_STATUS,
    **_TIMES,
    step_result_group_list={
        **listed(
            shape(
                result_type=_COUNT,
                result_type_desc=_TEXT,
                tag=nullable(_TEXT),
                host_size=_COUNT,
                host_result_list=listed(_STEP_HOST),
            )
        ),
        "minItems": 1,
    },
)

_SERVER = shape(
    ("variable",),
    variable=_TEXT,
    ip_list=nullable(listed(_HOST)),
    dynamic_group_list=nullable(listed(shape(id=_TEXT))),
    topo_node_list=nullable(listed(shape(id=_COUNT, node_type=_TEXT))),
)
_ACCOUNT = shape(id=_ID, name=nullable(_TEXT), alias=nullable(_TEXT))
_SCRIPT_INFO = shape(
    script_type=_one_of(1, 2, 3),
    script_id=nullable(_TEXT),
    script_version_id=nullable(_ID),
    script_content=_TEXT,
    script_language=_one_of(1, 2, 3, 4, 5, 6),
    script_param=nullable(_TEXT),
    windows_interpreter=nullable(_TEXT),
    script_timeout=_ID,
    account=_ACCOUNT,
    server=_SERVER,
    is_param_sensitive=_YES_NO,
    is_ignore_error=nullable(_YES_NO),
)
_FILE_SOURCE = shape(
    file_list=listed(_TEXT),
    account=nullable(_ACCOUNT),
    server=nullable(_SERVER),
    file_type=_one_of(1, 2, 3, 4),
    file_source_id=nullable(_ID),
    file_source_code=nullable(_TEXT),
)
_FILE_INFO = shape(
    file_source_list=listed(_FILE_SOURCE),
    file_destination=shape(path=_TEXT, account=_ACCOUNT, server=_SERVER),
    timeout=_ID,
    source_speed_limit=nullable(_INT),
    destination_speed_limit=nullable(_INT),
    transfer_mode=_one_of(1, 2, 3, 4),
    is_ignore_error=nullable(_YES_NO),
)
_APPROVAL_INFO = shape(
    approval_type=nullable(_one_of(1, 2)),
    approval_user=nullable(shape(user_list=listed(_TEXT), role_list=listed(_TEXT))),
    approval_message=_TEXT,
    notify_channel=nullable(listed(_TEXT)),
)
_STEP = shape(
    id=_ID,
    name=_TEXT,
    type=_STEP_TYPE,
    script_info=nullable(_SCRIPT_INFO),
    file_info=nullable(_FILE_INFO),
    approval_info=nullable(_APPROVAL_INFO),
)
_VARIABLE = shape(
    id=_ID,
    name=_TEXT,
    value=nullable(_TEXT),
    server=nullable(_SERVER),
    description=_TEXT,
    type=_one_of(1, 2, 3, 4, 5, 6),
    required=_YES_NO,
    used=_FLAG,
)
_PLAN_HEAD: dict[str, Schema] = {
    **_SCOPE,
    "id": _ID,
    "job_template_id": _ID,
    "name": _TEXT,
    **_AUTHORSHIP,
}


def _page(row: Schema, *, empty_is_null: bool) -> Schema:
    data = listed(row)
    if empty_is_null:
        data = nullable({**data, "minItems": 1})
    return shape(start=_INT, length=_INT, total=_COUNT, data=data)


ANSWERS: dict[str, Schema] = {
    "execute_job_plan": _LAUNCHED,
    "operate_job_instance": _LAUNCHED,
    "operate_step_instance": _LAUNCHED,
    "get_job_instance_status": _STATUS,
    "get_job_instance_list": _page(_INSTANCE_ROW, empty_is_null=True),
    "get_job_instance_global_var_value": _VALUES,
    "get_job_instance_ip_log": _HOST_LOG,
    "batch_get_job_instance_ip_log": _HOST_LOGS,
    "get_step_instance_status": _STEP_STATUS,
    "get_step_instance_detail": _STEP,
    "get_job_plan_list": _page(shape(**_PLAN_HEAD, need_update=_FLAG), empty_is_null=False),
    "get_job_plan_detail": shape(
        **_PLAN_HEAD, step_list=listed(_STEP), global_var_list=listed(_VARIABLE)
    ),
    "get_job_template_list": _page(
        shape(**_SCOPE, id=_ID, name=_TEXT, **_AUTHORSHIP, description=nullable(_TEXT)),
        empty_is_null=False,
    ),
    "get_latest_service_version": shape(version=_TEXT),
}
"""`data` of a success, by operation."""

_RESOURCE = shape(id=_TEXT, type=_TEXT, type_name=_TEXT, name=_TEXT)
PERMISSION = shape(
    system_id=_TEXT,
    system_name=_TEXT,
    actions=listed(
        shape(
            id=_TEXT,
            name=_TEXT,
            related_resource_types=listed(
                shape(
                    system_id=_TEXT,
                    system_name=_TEXT,
                    type=_TEXT,
                    type_name=_TEXT,
                    instances=listed(listed(_RESOURCE)),
                )
            ),
        )
    ),
)
"""What a caller lacks; it tells no address to apply at."""
