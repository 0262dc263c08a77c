"""Every error code that the sandbox can answer with, once, with its English text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support.facts.rows import APPROVAL, FILE, WINDOW, Fact, a_user, fact
from tests.support.sandbox import SCOPE, a_plan, a_script, a_variable

if TYPE_CHECKING:
    from tests.support.sandbox import Bench

__all__ = ["ERRORS"]


def _said(
    section: str,
    number: int,
    text: str,
    operation: str,
    *plans: dict[str, Any],
    world: dict[str, Any] | None = None,
    **params: Any,
) -> Fact:
    """The code and text of one refusal."""

    def played(table: Bench) -> tuple[int, str]:
        answer = table.send(operation, **{**SCOPE, **params}).response.json()
        return answer["code"], answer["message"]  # type: ignore[return-value]  # as every envelope has them

    return fact(f"{section} {number}: {text}", played, (number, text), *plans, **(world or {}))


def _launch(number: int, text: str, *steps: dict[str, Any], **world: Any) -> Fact:
    plan = a_plan(*steps, variables=world.pop("variables", []))
    return _said("4.2", number, text, "execute_job_plan", plan, world=world, job_plan_id=1000)


def _begun(table: Bench) -> tuple[int, str]:
    instance = table.run()
    answer = table.call("operate_job_instance", job_instance_id=instance, operation_code=2)
    return answer["code"], answer["message"]


def _not_confirmer(table: Bench) -> tuple[int, str]:
    instance = table.run()
    answer = table.call(
        "operate_step_instance",
        job_instance_id=instance,
        step_instance_id=table.step_id(instance),
        operation_code=6,
    )
    return answer["code"], answer["message"]


_DENIED = (
    "User (alice) permission not allowed, please confirm and apply permission in IAM and try again"
)
_QUOTA = "The total number of jobs currently executed exceeds the {} quota limit"
_CALLBACK = (
    "Callback url is invalid or not in the allowed list,"
    " please contact the platform administrator to add it"
)
_GENERIC = (
    _said("4.1", 1240002, "Internal Server Error", "get_job_instance_list", **WINDOW, status=12),
    _said("4.1", 1240003, "Bad Request", "get_job_plan_list", start="x"),
    _said("4.1", 1241002, "Invalid request parameters", "operate_job_instance"),
    fact(
        "4.1 1241003: Unsupported operation",
        lambda t: t.call("operate_job_instance", job_instance_id=t.prepare(), operation_code=1)[
            "message"
        ],
        "Unsupported operation",
    ),
    _said(
        "4.1",
        1241005,
        "Invalid request parameter [bk_scope_type]",
        "get_job_plan_list",
        bk_scope_type="farm",
    ),
    _said(
        "4.1",
        1241007,
        "Missing or invalid request parameter [job_plan_id]",
        "get_job_plan_detail",
        job_plan_id=0,
    ),
    _said(
        "4.1",
        1241010,
        "Invalid request parameter [start], reason: start must be less than 5",
        "get_job_instance_list",
        world={"server": {"max_list_start": 5}},
        **WINDOW,
        start=6,
    ),
    _said(
        "4.1",
        1241011,
        "Not support yet",
        "execute_job_plan",
        a_plan(a_script(targets={"containers": ["c"]})),
        job_plan_id=1000,
    ),
    fact(
        "4.1 1241015: the id has no thousands separators",
        _begun,
        (1241015, "Unsupported operation,do not repeat start the job,job_instance_id=20000000001"),
    ),
    _said("4.1", 1243009, "Job plan does not exist", "get_job_plan_detail", job_plan_id=7),
    _said(
        "4.1",
        1243026,
        "Job template not exist",
        "get_job_plan_detail",
        a_plan(),
        world={"templates": [{"id": 500, "scope": "biz/2", "name": "x", "deleted": True}]},
        job_plan_id=1000,
    ),
    _said(
        "4.1",
        1243049,
        "Business/Business Set not exist or archived",
        "get_job_plan_list",
        bk_scope_id="9",
    ),
    _said(
        "4.1",
        1247002,
        "Missing user info",
        "get_job_plan_list",
        headers={"x-bkapi-authorization": '{"bk_app_code": "a", "bk_app_secret": "s"}'},
    ),
    _said(
        "4.1",
        9900403,
        _DENIED,
        "get_job_plan_list",
        world={"users": [a_user({"action": "access_business"})]},
    ),
)

_FOREIGN = {"hosts": [301]}
_LAUNCH = (
    _launch(
        1244002,
        "Hosts invalid in business [demo] of CMDB. Invalid 1 hosts:10.3.0.1",
        a_script(targets=_FOREIGN),
    ),
    _launch(1244003, "Account [77] does not exist", a_script(account=77)),
    _launch(1244008, "HOST variable [NO] does not exist", a_script(variable="NO")),
    _launch(1244011, "Job plan is illegal", a_script(enabled=False)),
    _said("4.2", 1244012, "Job plan does not exist", "execute_job_plan", job_plan_id=7),
    _launch(
        1244014,
        "Script version has been banned, cannot be executed",
        a_script(disabled_script=True),
    ),
    _launch(1244019, "Dangerous script, cannot be executed", a_script(dangerous=True)),
    _launch(
        1244021, "The number of file tasks exceeds the limit:0", FILE, server={"max_file_tasks": 0}
    ),
    _launch(
        1244022,
        "The number of script task target servers exceeds the limit: 1",
        a_script(targets={"hosts": [101, 102]}),
        server={"max_script_hosts": 1},
    ),
    _launch(1244028, "Step [check] target execute object is empty", a_script(targets={})),
    _launch(
        1244029,
        "Step [push] source execute object is empty",
        {**FILE, "sources": [{"files": ["/a"], "targets": {}}]},
    ),
    _said(
        "4.2",
        1244030,
        "Execute object referenced by the job does not exist. Number of non-existent execution"
        " objects: 2, execution object list: [(host_id:998),(host_id:999)]",
        "execute_job_plan",
        a_plan(variables=[a_variable("H", "hosts")]),
        job_plan_id=1000,
        global_var_list=[{"name": "H", "server": {"host_id_list": [998, 999]}}],
    ),
    _said(
        "4.2",
        1244030,
        "Execute object referenced by the job does not exist. Number of non-existent execution"
        " objects: 1, execution object list: [(ip:10.9.9.9)]",
        "execute_job_plan",
        a_plan(variables=[a_variable("H", "hosts")]),
        job_plan_id=1000,
        global_var_list=[
            {"name": "H", "server": {"ip_list": [{"bk_cloud_id": 0, "ip": "10.9.9.9"}]}}
        ],
    ),
    _launch(1244032, _QUOTA.format("resource scope"), server={"quota": {"scope": 0}}),
    _launch(1244033, _QUOTA.format("bk app"), server={"quota": {"app": 0}}),
    _launch(1244034, _QUOTA.format("system"), server={"quota": {"system": 0}}),
    _launch(
        1211003,
        "Fail to find host by dynamic group, id:no, reason:group not found or rejected by CMDB,"
        " please confirm the specified dynamic group in business",
        a_script(targets={"groups": ["no"]}),
    ),
)

_INSTANCES = (
    _said(
        "4.3", 1244006, "Task instance does not exist", "get_job_instance_status", job_instance_id=1
    ),
    fact(
        "4.3 1244007: Task step instance does not exist",
        lambda t: t.call(
            "operate_step_instance",
            job_instance_id=t.prepare(),
            step_instance_id=5,
            operation_code=2,
        )["message"],
        "Task step instance does not exist",
    ),
    fact(
        "4.3 1244016: Only the confirmer of the step can operate",
        _not_confirmer,
        (1244016, "Only the confirmer of the step can operate"),
        a_plan({**APPROVAL, "roles": ["ops"]}),
    ),
)


def _rule(text: str, operation: str, **params: Any) -> Fact:
    return _said("4.3", 1240003, text, operation, door="esb", **params)


_RULES = (
    _rule("Invalid bk_scope_type", "get_job_plan_list", bk_scope_type=""),
    _rule("Invalid bk_scope_id", "get_job_plan_list", bk_scope_id=""),
    _rule("Invalid bk_biz_id", "get_job_plan_list", bk_biz_id=-1),
    _rule("Invalid id of globalVar", "execute_job_plan", global_var_list=[{"id": -1}]),
    _rule(_CALLBACK, "execute_job_plan", callback_url="ftp://x"),
    _rule("The param 'length' must be in range: [1,1000]", "get_job_instance_list", length=0),
    _rule(
        "Job instance id must be a positive number", "get_job_instance_ip_log", job_instance_id=0
    ),
    _rule(
        "Step instance id must be a positive number",
        "get_job_instance_ip_log",
        job_instance_id=1,
        step_instance_id=0,
    ),
    fact(
        "4.1 numbers in a text have thousands separators",
        lambda t: t.call("execute_job_plan", job_plan_id=1000)["message"],
        "The number of file tasks exceeds the limit:1,000",
        a_plan(
            {
                **FILE,
                "sources": [{"files": [f"/{n}" for n in range(1001)], "targets": {"hosts": [102]}}],
            }
        ),
        server={"max_file_tasks": 1000},
    ),
)

ERRORS: tuple[Fact, ...] = (*_GENERIC, *_LAUNCH, *_INSTANCES, *_RULES)
