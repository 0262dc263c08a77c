"""One JOB server behind one door, in launcher's own words."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from launcher.engine.effects import Done, Instance, Refused, StartAnswer, StartExpired
from launcher.engine.spec import Hosts
from launcher.job import capability, frozen
from launcher.job import search as searching
from launcher.job.address import Credentials, Identity, fingerprint_of, fingerprint_of_world
from launcher.job.asking import Asker
from launcher.job.bodies import launch_body, operation_body, scope_fields, start_body
from launcher.job.calls import (
    EXECUTE_PLAN,
    OPERATE_INSTANCE,
    OPERATE_STEP,
    PLAN_DETAIL,
    PLAN_LIST,
    TEMPLATE_LIST,
    TERMINATE_INSTANCE,
)
from launcher.job.connection import wire_in_process, wire_to
from launcher.job.envelope import Unreadable, outcome
from launcher.job.plans import job_plan, plan_entries, template_entries
from launcher.job.redaction import Redactor
from launcher.job.transport import Expired
from launcher.job.verdicts import Verdict
from launcher.job.wire import Executed, Operated
from launcher.job.words import say

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import httpx

    from launcher.engine.effects import (
        OperationRequest,
        Outcome,
        PrepareRequest,
        Search,
        StartRequest,
    )
    from launcher.engine.observed import (
        Candidate,
        Capability,
        FrozenCopy,
        InstanceRef,
        InstanceStatus,
        JobPlan,
        Missing,
        PlanEntry,
        TemplateEntry,
    )
    from launcher.engine.spec import Scope, SecretReference
    from launcher.job.address import Address

__all__ = ["SANDBOX_CREDENTIALS", "SANDBOX_URL", "JobServer", "connect", "connect_transport"]

SANDBOX_URL = "http://sandbox.invalid/api/bk-job/prod"
"""Where a server in this process claims to be; the name can never be resolved."""

SANDBOX_CREDENTIALS = Credentials("launcher", "sandbox", Identity.USERNAME, "admin")
"""What a rehearsal asks with; no server outside this process ever sees it."""

PARALLELISM = 16
"""Connections kept, and requests in flight at most."""

T = TypeVar("T")


class JobServer:
    """One JOB server behind one door; safe for use from many threads.

    Every method asks the server and says how that went: `Done`, `Refused` (nothing happened) or
    `Unknown` (it was sent, and the answer was lost or says nothing). Expected trouble never raises.

    Attributes:
        fingerprint: which server this is, as a ledger is bound to it: `sha256:…`.
        user: who it is asked as; `None` where only a ticket or a token tells.
    """

    def __init__(self, asker: Asker, fingerprint: str, user: str | None) -> None:
        self._asker = asker
        self.fingerprint = fingerprint
        self.user = user

    def __repr__(self) -> str:
        return f"JobServer({self.fingerprint!r})"

    def probe(self, scope: Scope) -> Outcome[Capability]:
        """Prove, without running anything, what the server can do; three calls at most."""
        return capability.prove(self._asker.ask, scope)

    def read_plan(self, scope: Scope, plan_id: int) -> Outcome[JobPlan]:
        """The job plan as it is now."""

        def read(data: Any) -> JobPlan:  # noqa: ANN401 - any JSON value
            return job_plan(data, plan_id)

        return self._asker.read(PLAN_DETAIL, scope_fields(scope) | {"job_plan_id": plan_id}, read)

    def list_plans(
        self, scope: Scope, *, template: int | None = None
    ) -> Outcome[tuple[PlanEntry, ...]]:
        """All job plans of a scope, or of one template in it, by id.

        In one answer: pages over a list that is sorted by its last change could pass one over. And not by name: JOB's
        filter is a pattern in which `%` and `_` stand for others. Source: bk-job, `TaskPlanDAOImpl`.
        """
        narrowed = {} if template is None else {"job_template_id": template}
        return self._asker.read(PLAN_LIST, _everything(scope) | narrowed, plan_entries)

    def list_templates(self, scope: Scope) -> Outcome[tuple[TemplateEntry, ...]]:
        """All templates of a scope, by id."""
        return self._asker.read(TEMPLATE_LIST, _everything(scope), template_entries)

    def prepare(
        self, request: PrepareRequest, secrets: Mapping[SecretReference, str]
    ) -> Outcome[Instance]:
        """Create one instance; un-started, unless `request.start`. Sent once, whatever comes.

        The values of secrets are taken out of any message that comes back.

        Raises:
            KeyError: `secrets` lacks a value: they are all read before the first effect.
        """
        clash = _clash(request)
        if clash is not None:
            return Refused(say("L311", variable=clash))
        found = self._asker.ask(EXECUTE_PLAN, launch_body(request, secrets))
        return _redacted(outcome(EXECUTE_PLAN.kind, found, _instance), Redactor(secrets.values()))

    def start(
        self, request: StartRequest, deadline_s: float
    ) -> Outcome[StartAnswer] | StartExpired:
        """Start one instance, over a connection of its own. Sent once, whatever comes.

        `deadline_s` is on the monotonic clock that the server was connected with. It is checked before
        connecting and when the request is handed to the socket; a request that is late then is not sent.
        """
        instance = request.instance

        def read(data: Any) -> StartAnswer:  # noqa: ANN401 - any JSON value
            if Operated.model_validate(data).job_instance_id != instance.id:
                raise Unreadable("it is about another instance")
            return StartAnswer.ACCEPTED

        body = start_body(instance.scope, instance.id)
        try:
            found = self._asker.ask(OPERATE_INSTANCE, body, deadline_s=deadline_s)
        except Expired:
            return StartExpired()
        special = {
            Verdict.ALREADY: StartAnswer.ALREADY,
            Verdict.NOT_KNOWN: StartAnswer.NOT_KNOWN,
        }
        return outcome(OPERATE_INSTANCE.kind, found, read, special)

    def operate(self, request: OperationRequest) -> Outcome[None]:
        """Operate on an instance or on one of its steps. Sent once, whatever comes.

        `Done` says that JOB took the request; its queue does the rest later.

        Raises:
            ValueError: the kind of operation and the step do not go together.
        """

        def read(data: Any) -> None:  # noqa: ANN401 - any JSON value
            answer = Operated.model_validate(data)
            if answer.job_instance_id != request.instance.id:
                raise Unreadable("it is about another instance")
            if answer.step_instance_id != request.step:
                raise Unreadable("it is about another step")

        call = TERMINATE_INSTANCE if request.step is None else OPERATE_STEP
        return outcome(call.kind, self._asker.ask(call, operation_body(request)), read)

    def skew_s(self) -> float | None:
        """How far the server's clock is ahead of ours, to within a second, as its newest answer told; sends nothing.

        `None` until an answer has told the time.
        """
        return self._asker.skew_s

    def read_status(self, instance: InstanceRef) -> Outcome[InstanceStatus | Missing]:
        """How far an instance is."""
        return frozen.read_status(self._asker, instance)

    def read_back(self, instance: InstanceRef) -> Outcome[FrozenCopy | Missing]:
        """What an un-started instance will run, as far as JOB lets it be read."""
        return frozen.read_back(self._asker, instance)

    def find(self, search: Search) -> Outcome[tuple[Candidate, ...]]:
        """Every instance that `search` could mean, by id, each with its marker read."""
        return searching.find(self._asker, search)

    def close(self) -> None:
        """Close all connections; further calls are a bug."""
        self._asker.close()


def connect(
    address: Address,
    credentials: Credentials,
    *,
    language: str = "en",
    monotonic: Callable[[], float] = time.monotonic,
    now: Callable[[], datetime] | None = None,
    parallelism: int = PARALLELISM,
    sleep: Callable[[float], object] | None = None,
) -> JobServer:
    """The server at `address`; nothing is sent before the first question.

    `monotonic` is the clock of `start`'s deadline, `now` the one that the server's is compared with; `sleep` waits between the tries of a read.

    Raises:
        SurroundingsFailed: the file of certificates cannot be used.
    """
    wire = wire_to(
        address,
        credentials,
        language=language,
        monotonic=monotonic,
        now=now or _utc_now,
        parallelism=parallelism,
    )
    asker = Asker(wire, address.origin, sleep or _sleep())
    return JobServer(asker, fingerprint_of(address), _user(credentials))


def connect_transport(
    transport: httpx.BaseTransport,
    world_id: str,
    *,
    credentials: Credentials = SANDBOX_CREDENTIALS,
    base_url: str = SANDBOX_URL,
    language: str = "en",
    monotonic: Callable[[], float] = time.monotonic,
    now: Callable[[], datetime] | None = None,
    sleep: Callable[[float], object] | None = None,
) -> JobServer:
    """The server in this process behind `transport`, bound to the id of its world."""
    wire = wire_in_process(
        transport,
        base_url=base_url,
        language=language,
        credentials=credentials,
        monotonic=monotonic,
        now=now or _utc_now,
    )
    asker = Asker(wire, "the sandbox", sleep or _sleep())
    return JobServer(asker, fingerprint_of_world(world_id), _user(credentials))


def _everything(scope: Scope) -> dict[str, Any]:
    """A list without pages. Source: bk-job, `EsbPlanV3ResourceImpl`: -1 and -1 mean all."""
    return scope_fields(scope) | {"start": -1, "length": -1}


def _user(credentials: Credentials) -> str | None:
    return credentials.proof if credentials.identity is Identity.USERNAME else None


def _utc_now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - for whoever has no clock of their own


def _sleep() -> Callable[[float], object]:
    return threading.Event().wait


def _clash(request: PrepareRequest) -> str | None:
    """A variable whose addresses JOB would drop: with host ids beside them, it ignores them in silence.

    Source: bk-job, `JobExecuteCommonV3Processor.convertToServersDTO`.
    """
    for variable in request.spec.variables:
        if isinstance(variable.value, Hosts) and variable.value.ids and variable.value.ips:
            return variable.name
    return None


def _instance(data: Any) -> Instance:  # noqa: ANN401 - any JSON value
    answer = Executed.model_validate(data)
    return Instance(answer.job_instance_id, answer.job_instance_name or "")


def _redacted(found: Outcome[T], redact: Redactor) -> Outcome[T]:
    return found if isinstance(found, Done) else replace(found, message=redact(found.message))
