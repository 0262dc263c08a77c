"""How the variables that a launch sends are merged with those of the job plan.

Source: bk-job, `TaskExecuteServiceImpl.buildFinalTaskVariableValues` and `grantValueForVariable`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from launcher.sandbox.codes import Code
from launcher.sandbox.params import bad_request
from launcher.sandbox.plan_definition import Targets, VariableKind
from launcher.sandbox.refusal import Refused
from launcher.sandbox.targets import Server, bind_server, settle

if TYPE_CHECKING:
    from launcher.sandbox.params import Params
    from launcher.sandbox.places import Places
    from launcher.sandbox.plan_definition import Variable

__all__ = ["Merged", "Sent", "bind_variables", "check_variables", "merge"]


@dataclass(frozen=True, slots=True)
class Sent:
    """One item of `global_var_list`."""

    id: int | None
    name: str | None
    value: str | None
    server: Server | None


@dataclass(frozen=True, slots=True)
class Merged:
    """A variable with the value it will have.

    Attributes:
        targets: of a host variable; `None` where the launch wiped them.
        unknown: hosts that the launch names and the CMDB does not know.
    """

    variable: Variable
    value: str | None
    targets: Targets | None
    unknown: tuple[str, ...] = ()


def bind_variables(params: Params) -> tuple[Sent | None, ...]:
    """The items as they came; nulls kept.

    Raises:
        Refused: an item has a field of the wrong type, an unread one of the shared shape included.
    """
    return tuple(_bound(item) for item in params.items("global_var_list") or [])


def _bound(item: Params | None) -> Sent | None:
    if item is None:
        return None
    item.text("description")
    item.integer("type")
    item.integer("required")
    item.flag("used")
    server = item.inner("server")
    return Sent(
        id=item.integer("id"),
        name=item.text("name"),
        value=item.text("value"),
        server=None if server is None else bind_server(server),
    )


def check_variables(sent: tuple[Sent | None, ...]) -> None:
    """Apply the bean validation.

    Raises:
        Refused: an id below 1, or a server object that breaks a rule.
    """
    for item in sent:
        if item is not None and item.id is not None and item.id < 1:
            raise bad_request("Invalid id of globalVar")
        if item is not None and item.server is not None:
            item.server.check()


def merge(
    places: Places, variables: tuple[Variable, ...], sent: tuple[Sent | None, ...]
) -> tuple[Merged, ...]:
    """Every variable of the plan with its final value.

    By id first, then by exact name; the last of several counts; what fits nothing is ignored.

    Raises:
        Refused: an item is null, or has neither id nor name.
    """
    by_id: dict[int, Sent] = {}
    by_name: dict[str, Sent] = {}
    for item in sent:
        if item is None:
            raise Refused(Code.INTERNAL_ERROR)
        if item.id is not None and item.id > 0:
            by_id[item.id] = item
        elif item.name and item.name.strip():
            by_name[item.name] = item
        else:
            raise Refused(Code.ILLEGAL_NAMED_PARAM, "global_var.id|global_var.name")
    return tuple(_merged(places, item, by_id, by_name) for item in variables)


def _merged(
    places: Places, variable: Variable, by_id: dict[int, Sent], by_name: dict[str, Sent]
) -> Merged:
    item = by_id.get(variable.id) or by_name.get(variable.name)
    if item is None:
        return Merged(variable, variable.value, variable.targets)
    if variable.type is not VariableKind.HOSTS:
        wiped = not item.value and item.server is not None and not item.server.is_empty()
        return Merged(variable, None if wiped else item.value, None)
    # A value beside a host variable wipes its targets, and so does a mention without any.
    if item.value or item.server is None or item.server.is_empty():
        return Merged(variable, item.value, None)
    targets, unknown = settle(places, item.server)
    return Merged(variable, None, targets, unknown)
