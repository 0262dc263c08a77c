"""Job plans, templates, version, callbacks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support.facts.rows import APPROVAL, FILE, Fact, code, data, fact, keys, plan_with
from tests.support.sandbox import a_plan, a_script, a_variable

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.sandbox import Bench

__all__ = ["PLANS"]

_TEMPLATES = [
    {"id": 500, "scope": "biz/2", "name": "web", "modified": 1_767_000_030},
    {"id": 501, "scope": "biz/2", "name": "web_api", "creator": "ann", "modified": 1_767_000_010},
    {"id": 502, "scope": "biz/2", "name": "gone", "deleted": True},
    {"id": 600, "scope": "biz/3", "name": "web"},
]
_SHELF = (
    a_plan(id=1, name="web one", creator="ann", modified=1_767_000_001),
    a_plan(id=2, name="web_two", modifier="bob", modified=1_767_000_003),
    a_plan(id=3, name="db", template=501, modified=1_767_000_002, need_update=True),
    a_plan(id=4, name="lost", template=502, modified=1_767_000_004),
    a_plan(id=5, name="web far", template=600),
)


def _listed(operation: str, title: str, found: list[int], total: int, **params: Any) -> Fact:
    section = "2.11" if operation == "get_job_plan_list" else "2.13"

    def played(table: Bench) -> tuple[list[int], int]:
        told = table.data(operation, **params)
        return [row["id"] for row in told["data"]], told["total"]

    return fact(f"{section} {title}", played, (found, total), *_SHELF, templates=_TEMPLATES)


def _plans(title: str, found: list[int], total: int, **params: Any) -> Fact:
    return _listed("get_job_plan_list", title, found, total, **params)


_TIMES = ("create_time_start", "create_time_end", "last_modify_time_start", "last_modify_time_end")
_PLAN_LIST = (
    _plans("order: last changed first; orphans are dropped after paging", [2, 3, 1], 4),
    _plans("paging: a page can be short", [2], 4, length=2),
    _plans("paging: the next page", [3, 1], 4, start=2, length=2),
    _plans("paging: an empty page has total 0", [], 0, start=9),
    _plans("paging: -1 and -1 is everything", [2, 3, 1], 4, start=-1, length=-1),
    _plans("paging: no largest page", [2, 3, 1], 4, length=1_000_000),
    _plans("name: a part of it", [2, 1], 2, name="web"),
    _plans("name: _ is a wildcard", [2, 1], 2, name="web_"),
    _plans("name: % is a wildcard", [1], 1, name="w%one"),
    _plans("creator: exact", [1], 1, creator="ann"),
    _plans("creator: not a part", [], 0, creator="an"),
    _plans("last_modify_user: exact", [2], 1, last_modify_user="bob"),
    _plans("template", [3], 1, job_template_id=501),
    *(_plans(f"{name}: accepted and ignored", [2, 3, 1], 4, **{name: 1}) for name in _TIMES),
    _plans("scope: only its own", [5], 1, bk_scope_id="3"),
    fact(
        "2.11 length: 20 by default, 10 where it is below 1",
        lambda t: [
            t.data("get_job_plan_list", **asked)["length"]
            for asked in ({}, {"length": 0}, {"length": -1}, {"start": 3, "length": -1})
        ],
        [20, 10, 10, 10],
    ),
    fact(
        "2.11 item: need_update",
        data("get_job_plan_list", "data", 0, "need_update"),
        True,
        a_plan(need_update=True),
    ),
    fact(
        "2.11 item: keys, times in seconds",
        data("get_job_plan_list", "data", 0),
        {
            "bk_biz_id": 2,
            "bk_scope_type": "biz",
            "bk_scope_id": "2",
            "id": 1000,
            "job_template_id": 500,
            "name": "web rollout",
            "creator": "admin",
            "create_time": 1_767_000_000,
            "last_modify_user": "admin",
            "last_modify_time": 1_767_000_000,
            "need_update": False,
        },
    ),
    fact(
        "2.11 name: unique within one template only",
        data("get_job_plan_list", "total", name="same"),
        2,
        a_plan(name="same"),
        a_plan(id=2, template=501, name="same"),
        templates=_TEMPLATES,
    ),
)


def _step(*path: str | int) -> Callable[[Bench], Any]:
    return data("get_job_plan_detail", "step_list", 0, *path, job_plan_id=1000)


def _variable(title: str, expected: Any, item: dict[str, Any], /, *path: str, **step: Any) -> Fact:
    return fact(
        f"2.12 variable: {title}",
        data("get_job_plan_detail", "global_var_list", 0, *path, job_plan_id=1000),
        expected,
        plan_with(item, **step),
    )


_HOSTS = a_variable("HOSTS", "hosts", targets={"hosts": [101], "groups": ["g"]})
_DETAIL = (
    fact("2.12 job_plan_id: below 1", code("get_job_plan_detail", job_plan_id=0), 1241007),
    fact("2.12 job_plan_id: null in a POST", code("get_job_plan_detail", door="esb"), 1241007),
    fact("2.12 plan: unknown", code("get_job_plan_detail", job_plan_id=7), 1243009),
    fact(
        "2.12 plan: of another scope",
        code("get_job_plan_detail", job_plan_id=1000, bk_scope_id="3"),
        1243009,
    ),
    fact(
        "2.12 plan: its template is gone",
        code("get_job_plan_detail", job_plan_id=4),
        1243026,
        *_SHELF,
        templates=_TEMPLATES,
    ),
    fact(
        "2.12 plan: keys, no need_update",
        keys("get_job_plan_detail", job_plan_id=1000),
        sorted(
            (
                "bk_biz_id bk_scope_type bk_scope_id id job_template_id name creator create_time"
                " last_modify_user last_modify_time step_list global_var_list"
            ).split()
        ),
    ),
    fact(
        "2.12 times: epoch seconds",
        data("get_job_plan_detail", "create_time", job_plan_id=1000),
        1_767_000_000,
    ),
    fact(
        "2.12 steps: disabled ones too, and nothing tells",
        lambda t: [sorted(s) for s in t.data("get_job_plan_detail", job_plan_id=1000)["step_list"]],
        [sorted("id name type script_info file_info approval_info".split())] * 2,
        a_plan(a_script("a"), a_script("b", enabled=False)),
    ),
    fact(
        "2.12 script step: base64, an account with its id only, targets",
        _step("script_info"),
        {
            "script_type": 1,
            "script_id": None,
            "script_version_id": None,
            "script_content": "ZWNobyBvawo=",
            "script_language": 1,
            "script_param": "LXY=",
            "windows_interpreter": None,
            "script_timeout": 300,
            "account": {"id": 4, "name": None, "alias": None},
            "server": {
                "variable": "HOSTS",
                "ip_list": None,
                "dynamic_group_list": None,
                "topo_node_list": None,
            },
            "is_param_sensitive": 0,
            "is_ignore_error": None,
        },
        plan_with(_HOSTS, variable="HOSTS", param="-v", timeout_s=300),
    ),
    fact(
        "2.12 script step: a sensitive parameter is flagged, not masked",
        lambda t: (
            _step("script_info", "script_param")(t),
            _step("script_info", "is_param_sensitive")(t),
        ),
        ("LXg=", 1),
        a_plan(a_script(param="-x", param_sensitive=True)),
    ),
    fact(
        "2.12 file step: keys as they really are",
        lambda t: sorted(_step("file_info")(t)),
        sorted(
            "file_source_list file_destination timeout source_speed_limit destination_speed_limit transfer_mode is_ignore_error".split()
        ),
        a_plan(FILE),
    ),
    fact(
        "2.12 file step: others are null",
        lambda t: (_step("script_info")(t), _step("approval_info")(t)),
        (None, None),
        a_plan(FILE),
    ),
    fact(
        "2.12 approval step",
        _step("approval_info"),
        {
            "approval_type": 2,
            "approval_user": {"user_list": ["bob"], "role_list": ["ops"]},
            "approval_message": "sure?",
            "notify_channel": ["mail"],
        },
        a_plan(
            {
                **APPROVAL,
                "approval_type": 2,
                "users": ["bob"],
                "roles": ["ops"],
                "message": "sure?",
                "channels": ["mail"],
            }
        ),
    ),
    fact(
        "2.12 variable: keys, the changeable flag is not among them",
        keys("get_job_plan_detail", "global_var_list", 0, job_plan_id=1000),
        sorted("id name value server description type required used".split()),
        plan_with(a_variable("A", changeable=False)),
    ),
    _variable(
        "a cipher with a default is masked", "******", a_variable("P", "cipher", value="x"), "value"
    ),
    _variable(
        "a cipher without a default is masked too", "******", a_variable("P", "cipher"), "value"
    ),
    _variable("required is a number", 1, a_variable("A", required=True), "required"),
    _variable("a host variable has no value", None, _HOSTS, "value"),
    _variable(
        "a host variable tells its hosts in ip_list, never host_id_list",
        {
            "ip_list": [
                {
                    "bk_host_id": 101,
                    "bk_cloud_id": 0,
                    "bk_cloud_name": None,
                    "ip": "10.0.0.11",
                    "ipv6": None,
                    "bk_agent_id": None,
                    "alive": None,
                }
            ],
            "dynamic_group_list": [{"id": "g"}],
            "topo_node_list": None,
        },
        _HOSTS,
        "server",
    ),
    _variable("used: by a script", True, a_variable("A"), "used", script="echo ${A}"),
    _variable("used: by parameters", True, a_variable("A"), "used", param="$A"),
    _variable("used: as a target", True, _HOSTS, "used", variable="HOSTS"),
    _variable(
        "used: not by a disabled step", False, a_variable("A"), "used", script="$A", enabled=False
    ),
    _variable("used: not by a longer name", False, a_variable("A"), "used", script="$AB"),
)

_TEMPLATE_LIST = (
    _listed(
        "get_job_template_list",
        "order: last changed first, deleted ones are not there",
        [500, 501],
        2,
    ),
    _listed("get_job_template_list", "name: a part of it", [501], 1, name="api"),
    _listed("get_job_template_list", "name: _ is a wildcard", [501], 1, name="b_a"),
    _listed("get_job_template_list", "creator: exact", [501], 1, creator="ann"),
    *(
        _listed(
            "get_job_template_list", f"{name}: accepted and ignored", [500, 501], 2, **{name: 1}
        )
        for name in _TIMES
    ),
    _listed("get_job_template_list", "paging: an empty page has total 0", [], 0, start=9),
    fact(
        "2.13 item: description always null, times in seconds",
        data("get_job_template_list", "data", 0),
        {
            "bk_biz_id": 2,
            "bk_scope_type": "biz",
            "bk_scope_id": "2",
            "id": 500,
            "name": "web",
            "creator": "admin",
            "create_time": 1_767_000_000,
            "last_modify_user": "admin",
            "last_modify_time": 1_767_000_000,
            "description": None,
        },
    ),
)

_VERSION = (
    fact("2.14 version", data("get_latest_service_version"), {"version": "3.12.5"}),
    fact(
        "2.14 version: as the world has it",
        data("get_latest_service_version", "version"),
        "3.9.1",
        server={"version": "3.9.1"},
    ),
    fact(
        "2.14 permission",
        code("get_latest_service_version"),
        9900403,
        users=[{"name": "alice", "denied": [{"action": "service_state_access"}]}],
    ),
)


def _url(title: str, url: str | None, expected: int, **server: Any) -> Fact:
    return fact(
        f"2.15 address: {title}",
        code("execute_job_plan", job_plan_id=1000, callback_url=url),
        expected,
        server=server,
    )


def _due(title: str, expected: list[int], *plans: dict[str, Any], act: int | None = None) -> Fact:
    """The states that callbacks tell after a run, and (with `act`) an operation on its first step."""

    def played(table: Bench) -> list[int]:
        instance = table.run(callback_url="https://ops.example.org/hook")
        if act is not None:
            assert table.operate_step(instance, act) == 0
            table.wait(60)
        return [item.status for item in table.inside(instance).callbacks]

    return fact(f"2.15 callback: {title}", played, expected, *plans)


def _ends(*how: str) -> dict[str, Any]:
    return a_plan(a_script(runs=[{"ends": item} for item in how]))


_BASE = {"callback_white_list": ("https://ops.example.org/hooks",)}
_CALLBACKS = (
    _url("https", "https://ops.example.org/hook", 0),
    _url("http with a port", "http://10.0.0.1:8080/x", 0),
    _url("absent", None, 0),
    _url("blank", "  ", 0),
    _url("another scheme", "ftp://ops.example.org", 1240003),
    _url("no host", "http:///hook", 1240003),
    _url("with a user", "https://me@ops.example.org/", 1240003),
    _url("no URI", "https://ops.example.org/a b", 1240003),
    _url("white list: the base itself", "https://ops.example.org/hooks", 0, **_BASE),
    _url("white list: below it", "https://ops.example.org/hooks/1", 0, **_BASE),
    _url("white list: the effective port", "https://ops.example.org:443/hooks", 0, **_BASE),
    _url("white list: only at a slash", "https://ops.example.org/hooks2", 1240003, **_BASE),
    _url("white list: another scheme", "http://ops.example.org/hooks", 1240003, **_BASE),
    _url("white list: another host", "https://a.ops.example.org/hooks", 1240003, **_BASE),
    _due("success", [3]),
    _due("failure", [4], _ends("fail")),
    _due("abnormal", [9], _ends("abnormal")),
    _due("abandoned", [14], _ends("abandoned")),
    _due("again after a retry", [4, 3], _ends("fail", "success"), act=8),
    _due("not while it waits", [], a_plan(APPROVAL)),
    _due("not for 13", [], a_plan(APPROVAL), act=9),
    fact(
        "2.15 callback: stopped",
        lambda t: (
            i := t.run(seconds=1, callback_url="https://o.org/"),
            t.operate(i, 1),
            t.wait(10),
            [item.status for item in t.inside(i).callbacks],
        )[3],
        [11],
        a_plan(a_script(runs=[{"takes_s": 1000}])),
    ),
)

PLANS: tuple[Fact, ...] = (*_PLAN_LIST, *_DETAIL, *_TEMPLATE_LIST, *_VERSION, *_CALLBACKS)
