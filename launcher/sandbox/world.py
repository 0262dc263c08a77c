"""A JOB server as a pure state machine: (state, request, now) → (state, reply).

`World.answer` goes the way of a request: its door and credentials, the scripted faults, the scope,
the access to it, the operation. It reads no clock and touches nothing; whoever holds the state
brings the time and delivers the reply.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from uuid import uuid4

from launcher.sandbox.call import Call
from launcher.sandbox.caller import Caller, identify, is_english
from launcher.sandbox.codes import Code, JobOperation
from launcher.sandbox.creation import execute_job_plan
from launcher.sandbox.definition import Action
from launcher.sandbox.delivery import after_effect, before_effect
from launcher.sandbox.envelope import failure, platform_error, request_id, success, unauthorised
from launcher.sandbox.execution import Pace, advance
from launcher.sandbox.faults import Purge
from launcher.sandbox.fields import PARAMETERS, Field
from launcher.sandbox.firing import Occasion, arm, fire
from launcher.sandbox.instance_queries import (
    get_job_instance_global_var_value,
    get_job_instance_list,
    get_job_instance_status,
)
from launcher.sandbox.log_queries import batch_get_job_instance_ip_log, get_job_instance_ip_log
from launcher.sandbox.operating import operate_job_instance, operate_step_instance
from launcher.sandbox.params import Params
from launcher.sandbox.permissions import denial, is_denied
from launcher.sandbox.places import Places
from launcher.sandbox.plan_queries import (
    get_job_plan_detail,
    get_job_plan_list,
    get_job_template_list,
    get_latest_service_version,
)
from launcher.sandbox.records import record_of
from launcher.sandbox.refusal import Refused
from launcher.sandbox.routes import Route, route
from launcher.sandbox.scopes import check_old_field, find_scope
from launcher.sandbox.state import State
from launcher.sandbox.step_queries import get_step_instance_detail, get_step_instance_status
from launcher.sandbox.wire import Json, Reply, Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from launcher.sandbox.call import Result
    from launcher.sandbox.definition import Definition
    from launcher.sandbox.faults import Fault

__all__ = ["World"]

_HANDLERS: dict[str, Callable[[Call], Result]] = {
    "execute_job_plan": execute_job_plan,
    "operate_job_instance": operate_job_instance,
    "operate_step_instance": operate_step_instance,
    "get_job_instance_status": get_job_instance_status,
    "get_job_instance_list": get_job_instance_list,
    "get_job_instance_global_var_value": get_job_instance_global_var_value,
    "get_job_instance_ip_log": get_job_instance_ip_log,
    "batch_get_job_instance_ip_log": batch_get_job_instance_ip_log,
    "get_step_instance_status": get_step_instance_status,
    "get_step_instance_detail": get_step_instance_detail,
    "get_job_plan_list": get_job_plan_list,
    "get_job_plan_detail": get_job_plan_detail,
    "get_job_template_list": get_job_template_list,
    "get_latest_service_version": get_latest_service_version,
}


@dataclass(frozen=True, slots=True)
class _Arrival:
    """A request that found an operation: what is known of it before it is let in.

    Attributes:
        params: its parameters, or the refusal that they lead to once the caller is known.
        trace: the request id of its answer.
        at_ms: the world's time.
    """

    route: Route
    request: Request
    params: Params | Refused
    caller: Caller | None
    trace: str
    at_ms: int

    @property
    def through_esb(self) -> bool:
        return self.route.entrance.door == "esb"

    @property
    def english(self) -> bool:
        return is_english(self.request)

    def failed(self, refused: Refused, status: int = 200) -> Response:
        return failure(
            refused,
            trace=self.trace,
            english=self.english,
            through_esb=self.through_esb,
            status=status,
        )


@dataclass(frozen=True, slots=True)
class World:
    """A definition and the speed at which it lives.

    Attributes:
        speed: 2 makes every lag and every step half as long. The clock itself is not scaled, so
            that times compare with the caller's.
    """

    definition: Definition
    speed: float = 1.0
    places: Places = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "places", Places(self.definition))

    def initial(self, *faults: Fault) -> State:
        """The world before the first request; a definition without an id gets a random one."""
        return State(world_id=self.definition.id or uuid4().hex, faults=arm(faults))

    def advance(self, state: State, now_ms: int) -> State:
        """The state at `now_ms` (real time): what was due by then has happened."""
        pace = Pace(self.definition.server, self.speed)
        return advance(state, pace, now_ms + state.shift_ms)

    def answer(self, state: State, request: Request, now_ms: int) -> tuple[State, Reply]:
        """Answer one request.

        Args:
            state: the world before.
            request: as it came in, door and all.
            now_ms: the real time, epoch milliseconds; the world adds its own shift.

        Returns:
            The world afterwards, and the reply with the way it is delivered.
        """
        state = self.advance(replace(state, calls=state.calls + 1), now_ms)
        at_ms = now_ms + state.shift_ms
        found = route(request.path)
        if found is None or request.method != found.method:
            response = platform_error(404 if found is None else 405, request.path)
            record = record_of(request, found, None, response, at_ms=at_ms, places=self.places)
            return state, Reply(response, record)
        params = _params(found, request)
        body = params.values if isinstance(params, Params) else {}
        arrival = _Arrival(
            route=found,
            request=request,
            params=params,
            caller=identify(self.definition, found.entrance, request, body),
            trace=request_id(state.world_id, state.calls),
            at_ms=at_ms,
        )
        return self._admitted(state, arrival)

    def _admitted(self, state: State, arrival: _Arrival) -> tuple[State, Reply]:
        """Let the request in, or refuse it as the gateways in front of JOB do."""
        request, caller = arrival.request, arrival.caller
        refusal = self._refused_at_the_gate(arrival)
        if refusal is not None or caller is None:
            response = refusal or unauthorised(arrival.trace)
            record = record_of(
                request, arrival.route, caller, response, at_ms=arrival.at_ms, places=self.places
            )
            return state, Reply(response, record)
        state, faults = _fired(state, arrival)
        esb = arrival.route.entrance.door == "esb"
        before = before_effect(faults, request.path, through_esb=esb)
        if before is not None:
            response, delivery = before
        else:
            state, response = self._served(_purged(state, faults, arrival.at_ms), arrival, faults)
            response, delivery = after_effect(faults, response, request.path, through_esb=esb)
        record = record_of(
            request,
            arrival.route,
            caller,
            response,
            at_ms=arrival.at_ms,
            places=self.places,
            faults=tuple(fault.fault for fault in faults),
        )
        return state, Reply(response, record, delivery)

    def _refused_at_the_gate(self, arrival: _Arrival) -> Response | None:
        has_tenant = arrival.request.headers.get("x-bk-tenant-id") and not arrival.through_esb
        if arrival.caller is None or (self.definition.server.tenants and not has_tenant):
            return unauthorised(arrival.trace)
        if arrival.caller.user is None:
            return arrival.failed(Refused(Code.MISSING_USER), status=401)
        return None

    def _served(
        self, state: State, arrival: _Arrival, faults: tuple[Fault, ...]
    ) -> tuple[State, Response]:
        try:
            result = self._perform(state, arrival, faults)
        except Refused as refused:
            return refused.state or state, arrival.failed(refused)
        through_esb = arrival.through_esb
        return result.state, success(result.data, trace=arrival.trace, through_esb=through_esb)

    def _perform(self, state: State, arrival: _Arrival, faults: tuple[Fault, ...]) -> Result:
        if isinstance(arrival.params, Refused):
            raise arrival.params
        operation = arrival.route.operation
        params = arrival.params.declared(PARAMETERS[operation.name])
        header = arrival.request.headers.get("x-bk-tenant-id")
        tenant = header if self.definition.server.tenants else None
        caller = arrival.caller
        call = Call(
            places=self.places,
            speed=self.speed,
            state=state,
            now_ms=arrival.at_ms,
            params=params,
            found_scope=find_scope(self.places, operation, params, tenant),
            user=(caller and caller.user) or "",
            app_code=(caller and caller.app_code) or "",
            door=arrival.route.entrance.door,
            english=arrival.english,
            faults=faults,
        )
        if call.found_scope is not None and is_denied(call, Action.ACCESS):
            raise denial(call, Action.ACCESS)
        if operation.has_scope and not operation.needs_scope:
            check_old_field(params)
        return _HANDLERS[operation.name](call)


def _params(found: Route, request: Request) -> Params | Refused:
    if found.method == "GET":
        return Params.of_query(request.query)
    try:
        return Params.of_body(request.body)
    except Refused as refused:
        return refused


def _fired(state: State, arrival: _Arrival) -> tuple[State, tuple[Fault, ...]]:
    if not state.faults:
        return state, ()
    values = arrival.params.values if isinstance(arrival.params, Params) else {}
    instance_id = _number(values.get("job_instance_id"))
    instance = state.instances.get(instance_id) if instance_id is not None else None
    plan = instance.plan_id if instance is not None else _number(values.get("job_plan_id"))
    code = _number(values.get("operation_code"))
    occasion = Occasion(
        operation=arrival.route.operation.name,
        door=arrival.route.entrance.door,
        plan=plan,
        instance=instance_id,
        code=code,
        starts=_asks_for_start(arrival.route.operation.name, code, values),
    )
    armed, faults = fire(state.faults, occasion)
    return replace(state, faults=armed), faults


def _asks_for_start(operation: str, code: int | None, values: Mapping[str, Json]) -> bool:
    if operation == "execute_job_plan":
        return values.get("start_task", True) is not False
    return operation == "operate_job_instance" and code == JobOperation.START


_ID = (Field("id", "long"),)


def _number(value: Json) -> int | None:
    try:
        return Params({"id": value}).declared(_ID).integer("id")
    except Refused:
        return None


def _purged(state: State, faults: Iterable[Fault], at_ms: int) -> State:
    for fault in faults:
        if isinstance(fault, Purge):
            limit = at_ms - round(fault.older_than_s * 1000)
            old = frozenset(key for key, item in state.instances.items() if item.create_ms <= limit)
            state = state.without(old)
    return state
