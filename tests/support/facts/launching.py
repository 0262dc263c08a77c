"""execute_job_plan: request, variables, targets, order of refusals, what is left behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support.facts.rows import (
    APPROVAL,
    FILE,
    STRING,
    Fact,
    a_user,
    code,
    data,
    fact,
    message,
    plan_with,
)
from tests.support.sandbox import a_plan, a_script, a_variable

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.sandbox import Bench

__all__ = ["LAUNCHING"]


def _launch(**params: Any) -> Callable[[Bench], int]:
    return code("execute_job_plan", **{"job_plan_id": 1000, "start_task": False, **params})


def _refusal(**params: Any) -> Callable[[Bench], str]:
    return message("execute_job_plan", **{"job_plan_id": 1000, **params})


def _status_after(table: Bench, **params: Any) -> int:
    made = table.data("execute_job_plan", job_plan_id=1000, **params)
    table.wait(60)
    return table.job_status(made["job_instance_id"])


_REQUEST = (
    fact("2.1 job_plan_id: null", _launch(job_plan_id=None), 1241005),
    fact("2.1 job_plan_id: zero", _launch(job_plan_id=0), 1241005),
    fact(
        "2.1 job_plan_id: named in the message",
        _refusal(job_plan_id=0),
        "Invalid request parameter [job_plan_id]",
    ),
    fact("2.1 job_plan_id: unknown", _launch(job_plan_id=7), 1244012),
    fact("2.1 job_plan_id: of another scope", _launch(bk_scope_id="3"), 1244012),
    fact("2.1 start_task: true by default", _status_after, 3),
    fact("2.1 start_task: false only creates", lambda t: _status_after(t, start_task=False), 1),
    fact(
        "2.1 start_task: null answers 1240002 and leaves an unstarted instance",
        lambda t: (_launch(start_task=None)(t), t.job_status(20000000001)),
        (1240002, 1),
    ),
    fact("2.1 unknown fields: ignored", _launch(idempotency_key="x", name="mine"), 0),
    fact(
        "2.1 name: that of the plan, whatever is sent",
        data(
            "execute_job_plan", "job_instance_name", job_plan_id=1000, task_name="mine", name="mine"
        ),
        "web rollout",
    ),
)


_VARIABLES = (
    STRING,
    a_variable("OTHER", value="o", id=12),
    a_variable("FIXED", value="f", id=13, changeable=False),
    a_variable("MUST", value="m", id=14, required=True),
)
_TEXTS = {"KEY": "default", "OTHER": "o", "FIXED": "f", "MUST": "m"}


def _texts(title: str, sent: list[Any], **changed: str | None) -> Fact:
    """What the String variables are after a launch that sends these items."""
    return fact(
        f"2.1 variables: {title}",
        lambda t: t.texts(t.prepare(global_var_list=sent)),
        {**_TEXTS, **changed},
        plan_with(*_VARIABLES),
    )


_MERGING = (
    _texts("by id", [{"id": 11, "value": "x"}], KEY="x"),
    _texts("by exact name", [{"name": "KEY", "value": "x"}], KEY="x"),
    _texts("names are case-sensitive", [{"name": "key", "value": "x"}]),
    _texts("an unknown name is silently ignored", [{"name": "NO", "value": "x"}]),
    _texts("an unknown id is silently ignored", [{"id": 99, "value": "x"}]),
    _texts("an unknown id does not fall back to the name", [{"id": 99, "name": "KEY"}]),
    _texts("with an id the name is not consulted", [{"id": 11, "name": "OTHER"}], KEY=None),
    _texts("the last of one id wins", [{"id": 11, "value": v} for v in "xy"], KEY="y"),
    _texts("the last of one name wins", [{"name": "KEY", "value": v} for v in "xy"], KEY="y"),
    _texts(
        "the id item wins over the name item",
        [{"id": 11, "value": "id"}, {"name": "KEY", "value": "name"}],
        KEY="id",
    ),
    _texts("not mentioned: the plan's value", []),
    _texts("null overrides the default", [{"id": 11, "value": None}], KEY=None),
    _texts("an absent value is null", [{"id": 11}], KEY=None),
    _texts("empty text overrides the default", [{"id": 11, "value": ""}], KEY=""),
    _texts("required and empty is no error", [{"name": "MUST", "value": ""}], MUST=""),
    _texts("a constant is overridden anyway", [{"name": "FIXED", "value": "x"}], FIXED="x"),
    _texts(
        "a server beside an empty value of a non-host variable wipes it",
        [{"id": 11, "value": "", "server": {"host_id_list": [101]}}],
        KEY=None,
    ),
    _texts(
        "description, type, required and used are ignored",
        [{"id": 11, "value": "x", "description": "d", "type": 4, "required": 1, "used": True}],
        KEY="x",
    ),
    fact(
        "2.1 variables: id below 1",
        _refusal(global_var_list=[{"id": 0}]),
        "Invalid id of globalVar",
    ),
    fact(
        "2.1 variables: neither id nor name",
        _refusal(global_var_list=[{"value": "x"}]),
        "Invalid request parameter [global_var.id|global_var.name]",
    ),
    fact("2.1 variables: a blank name", _launch(global_var_list=[{"name": " "}]), 1241005),
    fact("2.1 variables: a null element", _launch(global_var_list=[None]), 1240002),
)


def _held(**values: str) -> Callable[[Bench], dict[str, str | None]]:
    """What the instance holds of these variables after a launch that sends them."""

    def played(table: Bench) -> dict[str, str | None]:
        sent = [{"name": name, "value": value} for name, value in values.items()]
        instance = table.inside(table.prepare(global_var_list=sent))
        return {item.name: item.value for item in instance.variables if item.name in values}

    return played


_KINDS = (
    fact(
        "2.1 variables: a cipher is stored out of sight, six asterisks are a value like any other",
        lambda t: (_held(PASS="hunter22")(t), "hunter22" in repr(t.state)),
        ({"PASS": "******"}, False),
        plan_with(a_variable("PASS", "cipher")),
    ),
    fact(
        "2.1 variables: arrays and namespaces are raw text",
        _held(MAP="((", LIST="))", SPACE="x"),
        {"MAP": "((", "LIST": "))", "SPACE": "x"},
        plan_with(
            a_variable("MAP", "associative-array"),
            a_variable("LIST", "index-array"),
            a_variable("SPACE", "namespace", changeable=False),
        ),
    ),
)

_HOSTS = a_variable("HOSTS", "hosts", id=21, targets={"hosts": [101]})
_UNUSED = a_plan(a_script(), variables=[_HOSTS])


def _targets(title: str, item: dict[str, Any] | None, found: list[int], **world: Any) -> Fact:
    """The hosts of a host variable that no step uses, after a launch that sends this item."""

    def played(table: Bench) -> list[int]:
        sent = [] if item is None else [{"name": "HOSTS", **item}]
        return list(table.inside(table.prepare(global_var_list=sent)).variables[0].host_ids)

    return fact(f"2.1 host variable: {title}", played, found, _UNUSED, **world)


_PLACES: dict[str, Any] = {
    "groups": [
        {"id": "g", "scope": "biz/2", "hosts": [102, 103]},
        {"id": "rejected", "scope": "biz/2", "broken": True},
        {"id": "empty", "scope": "biz/2"},
        {"id": "foreign", "scope": "biz/2", "hosts": [301]},
    ],
    "nodes": [
        {"type": "module", "id": 1, "scope": "biz/2", "hosts": [101, 102]},
        {"type": "module", "id": 2, "scope": "biz/2", "broken": True},
    ],
}


def _address(ip: str, cloud: int | None = 0) -> dict[str, Any]:
    return {"bk_cloud_id": cloud, "ip": ip}


_HOST_VARIABLES = (
    _targets("not mentioned: the plan's hosts", None, [101]),
    _targets("empty value and a server: the server", {"server": {"host_id_list": [102]}}, [102]),
    _targets(
        "a value: the server is ignored", {"value": "x", "server": {"host_id_list": [102]}}, []
    ),
    _targets("neither value nor server: no target, not the plan's", {}, []),
    _targets("an empty server: no target", {"server": {"host_id_list": []}}, []),
    _targets(
        "host_id_list: ip_list is ignored",
        {"server": {"host_id_list": [102], "ip_list": [_address("10.0.0.13")]}},
        [102],
    ),
    _targets(
        "ip_list: by cloud area and address",
        {"server": {"ip_list": [_address("10.0.0.13")]}},
        [103],
    ),
    _targets(
        "ip_list: bk_host_id in it is ignored",
        {"server": {"ip_list": [{**_address("10.0.0.13"), "bk_host_id": 101}]}},
        [103],
    ),
    _targets(
        "union: hosts, groups, then nodes, without doubles",
        {
            "server": {
                "host_id_list": [103],
                "dynamic_group_list": [{"id": "g"}],
                "topo_node_list": [{"id": 1, "node_type": "module"}],
            }
        },
        [103, 102, 101],
        **_PLACES,
    ),
    _targets(
        "group: business:group is cut to the group",
        {"server": {"dynamic_group_list": [{"id": "2:g"}]}},
        [102, 103],
        **_PLACES,
    ),
    _targets(
        "server.variable: ignored", {"server": {"variable": "NO", "host_id_list": [102]}}, [102]
    ),
)


def _server(title: str, server: dict[str, Any], text: str) -> Fact:
    """The violated rule of a server object."""
    sent = [{"name": "HOSTS", "server": server}]
    return fact(f"2.1 server: {title}", _refusal(global_var_list=sent), text, _UNUSED)


_SERVERS = (
    _server("cloud area missing", {"ip_list": [{"ip": "10.0.0.11"}]}, "Invalid BK-Net"),
    _server("cloud area below 0", {"ip_list": [_address("10.0.0.11", -1)]}, "Invalid BK-Net"),
    _server("no address", {"ip_list": [{"bk_cloud_id": 0}]}, "Invalid IP"),
    _server("IPv6 address", {"ip_list": [_address("fe80::1")]}, "Invalid IP"),
    _server("address with blanks", {"ip_list": [_address(" 10.0.0.11")]}, "Invalid IP"),
    _server("address in other digits", {"ip_list": [_address("10.0.0.1\u0661")]}, "Invalid IP"),
    _server(
        "ip_list is validated even where it is ignored",
        {"host_id_list": [101], "ip_list": [_address("x")]},
        "Invalid IP",
    ),
    _server("group without id", {"dynamic_group_list": [{}]}, "DynamicGroup ID cannot be empty"),
    _server(
        "node without id",
        {"topo_node_list": [{"node_type": "set"}]},
        "Topo node ID can not be empty",
    ),
    _server(
        "node without type", {"topo_node_list": [{"id": 1}]}, "Topo node type can not be empty"
    ),
)


def _resolved(title: str, server: dict[str, Any], expected: int) -> Fact:
    """The code of a launch whose one step uses the host variable that this server is sent for."""
    sent = [{"name": "HOSTS", "server": server}]
    plan = a_plan(a_script(variable="HOSTS"), variables=[_HOSTS])
    return fact(
        f"2.1 resolution: {title}", _launch(global_var_list=sent), expected, plan, **_PLACES
    )


_BROKEN_NODE = {"id": 2, "node_type": "module"}
_MANY = [{"id": number, "node_type": "set"} for number in range(100, 109)]
_RESOLUTION = (
    _resolved("a group that is not there", {"dynamic_group_list": [{"id": "no"}]}, 1211003),
    _resolved(
        "a group that the CMDB rejects", {"dynamic_group_list": [{"id": "rejected"}]}, 1211003
    ),
    _resolved(
        "an empty group leaves the step empty", {"dynamic_group_list": [{"id": "empty"}]}, 1244028
    ),
    _resolved("an unknown host", {"host_id_list": [999]}, 1244030),
    _resolved("an unknown address", {"ip_list": [_address("10.9.9.9")]}, 1244030),
    _resolved("a host of another scope", {"host_id_list": [301]}, 1244002),
    _resolved(
        "a group's host of another scope", {"dynamic_group_list": [{"id": "foreign"}]}, 1244002
    ),
    _resolved(
        "nine nodes: a lookup that fails fails the launch",
        {"topo_node_list": [_BROKEN_NODE, *_MANY[:8]]},
        1240002,
    ),
    _resolved(
        "ten nodes: a lookup that fails counts as no hosts",
        {"host_id_list": [101], "topo_node_list": [_BROKEN_NODE, *_MANY]},
        0,
    ),
    fact(
        "2.1 resolution: unused host variables are resolved too",
        _launch(
            global_var_list=[{"name": "HOSTS", "server": {"dynamic_group_list": [{"id": "no"}]}}]
        ),
        1211003,
        _UNUSED,
    ),
    fact(
        "2.1 resolution: unused host variables may name hosts of other scopes",
        _launch(global_var_list=[{"name": "HOSTS", "server": {"host_id_list": [301]}}]),
        0,
        _UNUSED,
    ),
    fact(
        "2.1 resolution: an agent that is off does not block, and shows later",
        lambda t: [
            host["status"]
            for host in t.status(t.run(), return_ip_result=True)["step_instance_list"][0][
                "step_ip_result_list"
            ]
        ],
        [310, 18],
        a_plan(a_script(targets={"hosts": [101, 102]})),
        hosts=[
            {"id": 101, "ip": "10.0.0.11", "scopes": ["biz/2"], "agent": "offline"},
            {"id": 102, "ip": "10.0.0.12", "scopes": ["biz/2"], "agent": "missing"},
        ],
    ),
    fact(
        "2.1 resolution: containers are not supported",
        _launch(),
        1241011,
        a_plan(a_script(targets={"containers": ["c"]})),
    ),
    fact("2.1 resolution: an empty target", _launch(), 1244028, a_plan(a_script(targets={}))),
    fact(
        "2.1 resolution: an empty source",
        _launch(),
        1244029,
        a_plan({**FILE, "sources": [{"files": ["/a"], "targets": {}}]}),
    ),
)


def _first(title: str, expected: int, *steps: dict[str, Any], **server: Any) -> Fact:
    """The first refusal of a plan that deserves several."""
    return fact(f"2.1 order: {title}", _launch(), expected, a_plan(*steps), server=server)


_FULL = {"quota": {"scope": 0}}
_ORDER = (
    fact("2.1 order: no step", _launch(), 1244011, a_plan(steps=[])),
    _first("no enabled step", 1244011, a_script(enabled=False)),
    _first("banned script before the quota", 1244014, a_script(disabled_script=True), **_FULL),
    _first("account before the quota", 1244003, a_script(account=77), **_FULL),
    _first("host variable before the quota", 1244008, a_script(variable="NO"), **_FULL),
    _first("quota before dangerous scripts", 1244032, a_script(dangerous=True), **_FULL),
    _first(
        "dangerous scripts before hosts",
        1244019,
        a_script(dangerous=True, targets={"hosts": [301]}),
    ),
    _first(
        "hosts of another scope before empty targets",
        1244002,
        a_script("a", targets={}),
        a_script("b", targets={"hosts": [301]}),
    ),
    _first(
        "empty targets of all steps before sizes",
        1244028,
        a_script("a"),
        a_script("b", targets={}),
        max_script_hosts=0,
    ),
    fact(
        "2.1 order: empty targets before permission",
        _launch(),
        1244028,
        a_plan(a_script(targets={})),
        users=[a_user({"action": "launch_job_plan"})],
    ),
    fact(
        "2.1 order: permission comes last, and nothing is saved",
        lambda t: (_launch()(t), len(t.state.instances)),
        (9900403, 0),
        users=[a_user({"action": "launch_job_plan"})],
    ),
    fact(
        "2.1 disabled steps: do not become step instances",
        lambda t: [s["name"] for s in t.status(t.prepare())["step_instance_list"]],
        ["b"],
        a_plan(a_script("a", enabled=False), a_script("b")),
    ),
    fact(
        "2.1 permission: a plan of approvals needs none",
        _launch(),
        0,
        a_plan(APPROVAL),
        users=[a_user({"action": "launch_job_plan"}, {"action": "use_account"})],
    ),
    fact(
        "2.1 plan unreachable: 1244012 can be transient",
        lambda t: (t.arm({"fault": "plan-unreachable"}), _launch()(t), _launch()(t))[1:],
        (1244012, 0),
    ),
    fact(
        "2.1 crash while creating: a row without steps, 1240002",
        lambda t: (
            t.arm({"fault": "half-insert"}),
            _launch()(t),
            t.code("get_job_instance_status", job_instance_id=20000000001),
        )[1:],
        (1240002, 1244007),
    ),
    fact(
        "2.1 queue down: the instance is saved, unstarted, 1240002",
        lambda t: (
            t.arm({"fault": "queue-down"}),
            t.code("execute_job_plan", job_plan_id=1000),
            t.job_status(20000000001),
        )[1:],
        (1240002, 1),
    ),
    fact(
        "2.1 answer: id beyond 32 bits, the plan's name, a null step",
        data("execute_job_plan", job_plan_id=1000),
        {
            "job_instance_id": 20000000001,
            "job_instance_name": "web rollout",
            "step_instance_id": None,
        },
    ),
    fact(
        "2.1 answer: the state is still 1 at that moment",
        lambda t: t.job_status(t.data("execute_job_plan", job_plan_id=1000)["job_instance_id"]),
        1,
    ),
)

LAUNCHING: tuple[Fact, ...] = (
    *_REQUEST,
    *_MERGING,
    *_KINDS,
    *_HOST_VARIABLES,
    *_SERVERS,
    *_RESOLUTION,
    *_ORDER,
)
