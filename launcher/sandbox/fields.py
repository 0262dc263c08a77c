"""Every parameter of every operation, declared once.

What handlers may read (`params.Params` refuses a name or a type that is not declared here) and what
the OpenAPI document tells (`openapi`). Source: bk-job, the request classes `Esb*V3Request`,
`EsbGlobalVarV3DTO` and `EsbServerV3DTO`, and the query parameters of `Esb*V3Resource`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["PARAMETERS", "Field", "Kind", "by_name"]

Kind = Literal["long", "int", "text", "flag", "object", "objects", "longs"]
"""Java's type: 64 and 32 bits, text, boolean, an object, a list of objects, a list of longs."""


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter, or one field of an object in it.

    Attributes:
        help: its meaning, as the OpenAPI document tells it.
        required: the operation always refuses a call without it.
        least: the smallest value that is not refused; of a whole number.
        most: the largest such value.
        choices: the only values that are not refused.
        inner: the fields of an object, or of each object of a list.
    """

    name: str
    kind: Kind
    help: str = ""
    required: bool = False
    least: int | None = None
    most: int | None = None
    choices: tuple[str | int, ...] = ()
    inner: tuple[Field, ...] = ()


def by_name(fields: tuple[Field, ...]) -> Mapping[str, Field]:
    """`fields` by their names."""
    return {item.name: item for item in fields}


_SCOPE_TYPE = Field(
    "bk_scope_type",
    "text",
    "Business, business set or tenant set.",
    choices=("biz", "biz_set", "tenant_set"),
)
_SCOPE_ID = Field("bk_scope_id", "text", "Id within that type; not blank.")
_SCOPE = (
    _SCOPE_TYPE,
    _SCOPE_ID,
    Field(
        "bk_biz_id",
        "long",
        "Deprecated; used where both scope fields are absent. 8000000 to 9999999 are business sets.",
        least=1,
    ),
)
# The two step queries know no bk_biz_id.
_NEW_SCOPE = (
    Field("bk_scope_type", "text", _SCOPE_TYPE.help, required=True, choices=_SCOPE_TYPE.choices),
    Field("bk_scope_id", "text", _SCOPE_ID.help, required=True),
)
_INSTANCE = Field("job_instance_id", "long", "A job instance.", required=True, least=1)
_STEP = Field("step_instance_id", "long", "One of its steps.", required=True, least=1)
_START = Field("start", "int", "Rows to skip.")
_SERVER = (
    Field("variable", "text", "Accepted and ignored."),
    Field("host_id_list", "longs", "Hosts by id; then `ip_list` is only validated."),
    Field(
        "ip_list",
        "objects",
        "Hosts by address.",
        inner=(
            Field("bk_cloud_id", "long", required=True, least=0),
            Field("ip", "text", "IPv4.", required=True),
        ),
    ),
    Field(
        "dynamic_group_list",
        "objects",
        "Resolved when the instance is created.",
        inner=(Field("id", "text", required=True),),
    ),
    Field(
        "topo_node_list",
        "objects",
        "Resolved when the instance is created.",
        inner=(
            Field("id", "long", required=True),
            Field("node_type", "text", required=True),
        ),
    ),
)
_VARIABLE = (
    Field("id", "long", "Wins over the name, even where it fits nothing.", least=1),
    Field("name", "text", "Exact; used without an id."),
    Field("value", "text", "Overrides the default, be it null or empty."),
    Field("server", "object", "Target of a host variable.", inner=_SERVER),
    Field("description", "text", "Accepted and ignored."),
    Field("type", "int", "Accepted and ignored."),
    Field("required", "int", "Accepted and ignored."),
    Field("used", "flag", "Accepted and ignored."),
)
_RANGES = (
    Field("create_time_start", "long", "Accepted and ignored."),
    Field("create_time_end", "long", "Accepted and ignored."),
    Field("last_modify_time_start", "long", "Accepted and ignored."),
    Field("last_modify_time_end", "long", "Accepted and ignored."),
)
_PAGE = (
    Field("name", "text", "A part of the name; % and _ are wildcards."),
    Field("creator", "text", "Exact."),
    Field("last_modify_user", "text", "Exact."),
    *_RANGES,
    _START,
    Field("length", "int", "20 by default, 10 if below 1; -1 with start -1 for everything."),
)
_HOST = (
    Field("bk_host_id", "long", "The host; or its cloud area and address."),
    Field("bk_cloud_id", "long"),
    Field("ip", "text"),
)

PARAMETERS: dict[str, tuple[Field, ...]] = {
    "execute_job_plan": (
        *_SCOPE,
        Field("job_plan_id", "long", "The job plan.", required=True, least=1),
        Field(
            "global_var_list",
            "objects",
            "Variables to override; what fits none of the plan is ignored.",
            inner=_VARIABLE,
        ),
        Field("callback_url", "text", "http or https, with a host and without a user."),
        Field("start_task", "flag", "True by default; false creates only. Null is a trap."),
    ),
    "operate_job_instance": (
        *_SCOPE,
        _INSTANCE,
        Field("operation_code", "int", "1 terminate, 2 start.", required=True, choices=(1, 2)),
    ),
    "operate_step_instance": (
        *_SCOPE,
        _INSTANCE,
        _STEP,
        Field(
            "operation_code",
            "int",
            "2 retry failed hosts, 3 ignore error, 6 confirm, 8 retry all hosts, 9 confirm: end,"
            " 10 confirm: again, 11 next step, 12 force skip, 13 next rolling batch.",
            required=True,
            choices=(2, 3, 6, 8, 9, 10, 11, 12, 13),
        ),
    ),
    "get_job_instance_status": (
        *_SCOPE,
        _INSTANCE,
        Field("return_ip_result", "flag", "Tell the hosts of each step."),
    ),
    "get_job_instance_list": (
        *_SCOPE,
        Field("create_time_start", "long", "Epoch milliseconds.", required=True, least=1),
        Field("create_time_end", "long", "At most 30 days later.", required=True, least=1),
        Field("job_instance_id", "long", "Beats every other filter."),
        Field("operator", "text", "Exact."),
        Field("name", "text", "A part of the name; % and _ are wildcards."),
        Field("launch_mode", "int", "1 web, 2 API, 3 cron.", choices=(1, 2, 3)),
        Field("type", "int", "0 job, 1 script, 2 file.", choices=(0, 1, 2)),
        Field(
            "status",
            "int",
            "Run status.",
            choices=(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15),
        ),
        Field("ip", "text", "Exact address of a target host."),
        Field("job_cron_id", "long", "No filter below 1."),
        _START,
        Field("length", "int", "20 by default.", least=1, most=1000),
    ),
    "get_job_instance_global_var_value": (*_SCOPE, _INSTANCE),
    "get_job_instance_ip_log": (*_SCOPE, _INSTANCE, _STEP, *_HOST),
    "batch_get_job_instance_ip_log": (
        *_SCOPE,
        _INSTANCE,
        _STEP,
        Field("host_id_list", "longs", "Up to 500 hosts; wins over `ip_list`."),
        Field("ip_list", "objects", "Up to 500 hosts.", inner=_HOST),
    ),
    "get_step_instance_detail": (*_NEW_SCOPE, _INSTANCE, _STEP),
    "get_step_instance_status": (
        *_NEW_SCOPE,
        _INSTANCE,
        _STEP,
        Field("execute_count", "int", "The latest by default."),
        Field("batch", "int", "Of a rolling step, which there is none here."),
        Field("max_host_num_per_group", "int", "Cuts the hosts of each group."),
        Field("keyword", "text", "A part of the host's log."),
        Field("search_ip", "text", "A part of the host's address."),
        Field("status", "int", "Host status."),
        Field("tag", "text", "The group's tag."),
    ),
    "get_job_plan_list": (
        *_SCOPE,
        Field("job_template_id", "long", "No filter below 1."),
        *_PAGE,
    ),
    "get_job_plan_detail": (
        *_SCOPE,
        Field("job_plan_id", "long", "The job plan.", required=True, least=1),
    ),
    "get_job_template_list": (*_SCOPE, *_PAGE),
    "get_latest_service_version": (),
}
"""By operation; credentials are not among them."""
