"""Documents to test with: good ones, and what becomes of them by small changes."""

from __future__ import annotations

import copy
import math
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hypothesis.strategies import SearchStrategy

__all__ = ["VALUES", "changed_at", "mutations", "routes"]

WORDS = (
    "",
    " ",
    "*" * 5000 + "x",
    "***" + " " * 5000 + "x",
    "a/" * 3000,
    "a." * 3000,
    "-" * 3000,
    "a",
    "A",
    "web-deploy",
    "x\n",
    "a b",
    "***",
    "******\n",
    "*",
    "0",
    "2",
    "02",
    "10.0.0.1",
    "10.0.0.1\n",
    "10.0.0.256",
    "biz",
    "biz_set",
    "onChange",
    "once",
    "launcher/v1",
    "PlanLaunch",
    "Workspace",
    "sandbox",
    "remote\n",
    "https://ops.example.org/hook",
    "https://u@ops.example.org",
    "https://a..b",
    "http://[::1]:80/?a=b#c",
    "plans/**/*.yaml",
    "../x",
    "/x",
    "a/./b",
    "DB_PASSWORD",
    "db/password",
    ".ssh",
    "30m",
    "86400s",
    "86401s",
    "1440m",
    "25h",
    "30m\n",
    "detach",
    "2026-11-23T02:00:00+08:00",
    "2026-11-23T02:00:00",
    "2026-02-29T02:00:00Z",
    "10:00",
    "24:00",
    "10:00\n",
    "2026-12-24",
    "2026-02-29",
    "2028-02-29\n",
    "UTC",
    "Asia/Shanghai",
    "A/" * 40,
    "git",
    "mon",
    "变量",
    "é",
    "\u00a0",
    "\u2028",
    "x" * 63,
    "x" * 64,
    "true",
    "null",
)
NUMBERS = (
    *(0, 1, -1, 2, 101, 2**31, 2**53, 2**63 - 1, 2**63, -(2**63), 10**19, -(10**19)),
    *(1.0, 2.0, 0.0, -0.0, 0.5, -1.5, 1e300, math.inf, -math.inf, math.nan),
)
VALUES: tuple[Any, ...] = (*WORDS, *NUMBERS, None, True, False, [], {}, [1], ["a"], {"a": "b"})
"""One of everything that a field could be given by mistake."""

_WORDS = st.sampled_from(WORDS)
_NUMBERS = st.sampled_from(NUMBERS)
_KEYS = st.sampled_from(
    [
        "id",
        "name",
        "type",
        "value",
        "hosts",
        "secret",
        "unset",
        "env",
        "file",
        "version",
        "ids",
        "ips",
        "ip",
        "cloud",
        "dynamicGroups",
        "topoNodes",
        "plan",
        "scope",
        "variables",
        "needs",
        "spec",
        "trigger",
        "revision",
        "suspend",
        "callbackUrl",
        "environments",
        "server",
        "ledger",
        "guards",
        "allowSinglePhase",
        "allowedScopes",
        "renamedFrom",
        "notBefore",
        "wait",
        "timeout",
        "onTimeout",
        "retry",
        "maxAttempts",
        "backoff",
        "maxLaunches",
        "allowedPlans",
        "windows",
        "freezes",
        "days",
        "from",
        "to",
        "timezone",
        "reason",
        "defaults",
        "manifests",
        "marker",
        "servers",
        "url",
        "door",
        "appSecret",
        "ticket",
        "poll",
        "[key]",
    ]
)
_SCALARS: SearchStrategy[Any] = st.none() | st.booleans() | _NUMBERS | _WORDS | st.text(max_size=8)
_VALUES: SearchStrategy[Any] = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS | _WORDS, inner, max_size=3),
    max_leaves=6,
)


def routes(data: Any, route: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The route to every value of `data`, the whole first."""
    yield route
    if isinstance(data, dict):
        for key, value in data.items():
            yield from routes(value, (*route, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from routes(value, (*route, index))


def changed_at(data: Any, route: tuple[Any, ...], value: Any) -> Any:
    """`data` with `value` at `route`, which is not the whole."""
    changed = copy.deepcopy(data)
    around = changed
    for part in route[:-1]:
        around = around[part]
    around[route[-1]] = value
    return changed


@st.composite
def mutations(draw: st.DrawFn, good: list[Any]) -> Any:
    """One of `good`, changed in one to three places: a value replaced, removed, added or doubled."""
    data = copy.deepcopy(draw(st.sampled_from(good)))
    for _ in range(draw(st.integers(1, 3))):
        route = draw(st.sampled_from(list(routes(data))))
        if route:
            _change(draw, data, route)
    return data


def _change(draw: st.DrawFn, data: Any, route: tuple[str | int, ...]) -> None:
    for part in route[:-1]:
        data = data[part]
    last: Any = route[-1]
    match draw(st.sampled_from(["replace", "remove", "add", "double", "rename"])):
        case "replace":
            data[last] = draw(_VALUES)
        case "remove":
            del data[last]
        case "add" if isinstance(data, dict):
            data[draw(_KEYS | _WORDS)] = draw(_VALUES)
        case "add" | "double" if isinstance(data, list):
            data.append(copy.deepcopy(data[last]))
        case "rename" if isinstance(data, dict):
            data[draw(_KEYS | _WORDS)] = data.pop(last)
