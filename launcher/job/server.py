"""One JOB server behind one door, in launcher's own words."""

from __future__ import annotations

import random
import threading
import time
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from launcher.engine.effects import Done, StartAnswer, Unsent
from launcher.engine.observed import Missing
from launcher.job import capability, frozen, logs, plans, preparing
from launcher.job import search as searching
from launcher.job.address import Credentials, Identity, fingerprint_of, fingerprint_of_world
from launcher.job.asking import Asker
from launcher.job.bodies import operation_body, start_body
from launcher.job.bounds import Person
from launcher.job.calls import OPERATE_INSTANCE, OPERATE_STEP, TERMINATE_INSTANCE
from launcher.job.connection import wire_in_process, wire_to
from launcher.job.envelope import Unreadable, outcome
from launcher.job.masking import masked_copy, masked_plan
from launcher.job.redaction import Redactor
from launcher.job.transport import Expired
from launcher.job.verdicts import Verdict
from launcher.job.wire import Operated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    import httpx

    from launcher.engine.effects import (
        Instance,
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
        PlanEntry,
        TemplateEntry,
    )
    from launcher.engine.results import HostKey, HostLog, InstanceResults
    from launcher.engine.spec import Scope, SecretReference
    from launcher.job.address import Address

__all__ = ["SANDBOX_CREDENTIALS", "SANDBOX_URL", "JobServer", "connect", "connect_transport"]

SANDBOX_URL = "http://sandbox.invalid/api/bk-job/prod"
"""Where a server in this process claims to be; the name can never be resolved."""

SANDBOX_CREDENTIALS = Credentials("launcher", "sandbox", Identity.USERNAME, "admin")
"""What a rehearsal asks with; no server outside this process ever sees it."""

_CHANCE = random.SystemRandom().random

_NONE = Person()

PARALLELISM = 16
"""Connections kept, and requests in flight at most."""


class JobServer:
    """One JOB server behind one door; safe for use from many threads.

    Every method asks the server and says how that went: `Done`, `Refused` (nothing happened) or
    `Unknown` (it was sent, and the answer was lost or says nothing). Expected trouble never raises.

    Attributes:
        fingerprint: which server this is, as a ledger is bound to it: `sha256:…`.
        user: who it is asked as; `None` where only a ticket or a token tells.
    """

    def __init__(
        self,
        asker: Asker,
        fingerprint: str,
        user: str | None,
        secrets: Callable[[], Iterable[str]] = tuple,
    ) -> None:
        """`secrets` gives, once and only when a job plan is read, what is taken out of its texts beside credentials."""
        self._asker = asker
        self.fingerprint = fingerprint
        self.user = user
        self._secrets = secrets

    def __repr__(self) -> str:
        return f"JobServer({self.fingerprint!r})"

    def probe(self, scope: Scope) -> Outcome[Capability]:
        """Prove, without running anything, what the server can do; three calls at most."""
        return capability.prove(self._asker.ask, scope)

    def read_plan(self, scope: Scope, plan_id: int) -> Outcome[JobPlan]:
        """The job plan as it is now, without secrets of ours that somebody has written into it."""
        found = plans.read_plan(self._asker, scope, plan_id)
        return Done(masked_plan(found.value, self.redact)) if isinstance(found, Done) else found

    @cached_property
    def redact(self) -> Redactor:
        """Takes credentials and the secrets that this process has been given out of any text."""
        return Redactor((*self._asker.secrets, *self._secrets()))

    def list_plans(
        self, scope: Scope, *, template: int | None = None
    ) -> Outcome[tuple[PlanEntry, ...]]:
        """All job plans of a scope, or of one template in it, by id."""
        return plans.list_plans(self._asker, scope, template)

    def list_templates(self, scope: Scope) -> Outcome[tuple[TemplateEntry, ...]]:
        """All templates of a scope, by id."""
        return plans.list_templates(self._asker, scope)

    def prepare(
        self,
        request: PrepareRequest,
        secrets: Mapping[SecretReference, str],
        deadline_s: float | None = None,
        withdrawn: Callable[[], bool] | None = None,
    ) -> Outcome[Instance] | Unsent:
        """Create one instance; un-started, unless `request.start`, and then sent once, whatever comes.

        An un-started one is asked for again only where nothing can have happened: no byte left, the platform turned
        it away, or JOB denies a job plan that it shows. A refusal without a code is none of the request's content.
        `deadline_s` and `withdrawn` are as those of `start`; what they stop is not sent, nor sent again.
        The values of secrets are taken out of any message that comes back.

        Raises:
            KeyError: `secrets` lacks a value: they are all read before the first effect.
        """
        try:
            return preparing.prepare(self._asker, request, secrets, deadline_s, withdrawn)
        except Expired:
            return Unsent()

    def start(
        self,
        request: StartRequest,
        deadline_s: float,
        withdrawn: Callable[[], bool] | None = None,
    ) -> Outcome[StartAnswer] | Unsent:
        """Start one instance, over a connection of its own. Sent once, whatever comes.

        `deadline_s` is on the monotonic clock that the server was connected with. It is checked before
        connecting and when the request is handed to the socket; a request that is late then is not sent. So is
        `withdrawn`, asked at the same places: whether the request is not to be sent any more.
        """
        instance = request.instance

        def read(data: Any) -> StartAnswer:  # noqa: ANN401 - any JSON value
            if Operated.model_validate(data).job_instance_id != instance.id:
                raise Unreadable("it is about another instance")
            return StartAnswer.ACCEPTED

        body = start_body(instance.scope, instance.id)
        try:
            found = self._asker.ask(
                OPERATE_INSTANCE, body, deadline_s=deadline_s, withdrawn=withdrawn
            )
        except Expired:
            return Unsent()
        special = {
            Verdict.ALREADY: StartAnswer.ALREADY,
            Verdict.NOT_KNOWN: StartAnswer.NOT_KNOWN,
        }
        return outcome(OPERATE_INSTANCE.kind, found, read, special)

    def operate(
        self,
        request: OperationRequest,
        deadline_s: float,
        withdrawn: Callable[[], bool] | None = None,
    ) -> Outcome[None] | Unsent:
        """Operate on an instance or on one of its steps, over a connection of its own. Sent once, whatever comes.

        `Done` says that JOB took the request; its queue does the rest later. `deadline_s` and `withdrawn` are as those
        of `start`.

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
        body = operation_body(request)
        try:
            found = self._asker.ask(call, body, deadline_s=deadline_s, withdrawn=withdrawn)
        except Expired:
            return Unsent()
        return outcome(call.kind, found, read)

    def never_read(self) -> tuple[str, ...]:
        """What of an instance cannot be read back through this door, whatever is asked; sends nothing."""
        return frozen.never_read(self._asker)

    def skew_s(self) -> float | None:
        """How far the server's clock is ahead of ours, to within a second, as its newest answer told; sends nothing.

        `None` until an answer has told the time.
        """
        return self._asker.skew_s

    def read_status(self, instance: InstanceRef) -> Outcome[InstanceStatus | Missing]:
        """How far an instance is."""
        return frozen.read_status(self._asker, instance)

    def read_back(self, instance: InstanceRef) -> Outcome[FrozenCopy | Missing]:
        """What an un-started instance will run, as far as JOB lets it be read; its steps as those of `read_plan`."""
        found = frozen.read_back(self._asker, instance)
        if not isinstance(found, Done) or isinstance(found.value, Missing):
            return found
        return Done(masked_copy(found.value, self.redact))

    def read_results(self, instance: InstanceRef) -> Outcome[InstanceResults | Missing]:
        """How far an instance is, with the hosts of each step's latest execution."""
        return logs.read_results(self._asker, instance)

    def read_logs(
        self, instance: InstanceRef, step: int, hosts: Sequence[HostKey]
    ) -> Iterator[Outcome[tuple[HostLog, ...] | Missing]]:
        """What `hosts` have printed in the latest execution of a step, one outcome a call; see `logs.read_logs`."""
        return logs.read_logs(self._asker, instance, step, hosts)

    def find(self, search: Search) -> Outcome[tuple[Candidate, ...]]:
        """Every instance that `search` could mean, by id, each with its marker read."""
        return searching.find(self._asker, search)

    def plan_of(self, instance: InstanceRef, created: datetime) -> Outcome[int | None]:
        """Id of the job plan that `instance`, created then, was made from; `None` where JOB does not tell."""
        return searching.plan_of(self._asker, instance, created)

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
    chance: Callable[[], float] = _CHANCE,
    person: Person = _NONE,
    secrets: Callable[[], Iterable[str]] = tuple,
) -> JobServer:
    """The server at `address`, through its door; nothing is sent before the first question.

    `monotonic` is the clock of `start`'s deadline, `now` the one that the server's is compared with; `sleep` waits
    between two tries, for a time that `chance` (from 0 to 1) has a part in; `person` is who waits meanwhile.
    `secrets` are as those of `JobServer`.

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
        person=person,
    )
    asker = Asker(
        wire,
        address.origin,
        sleep or _sleep(),
        chance,
        _secrets(credentials),
        person=person,
    )
    return JobServer(asker, fingerprint_of(address), _user(credentials), secrets)


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
    chance: Callable[[], float] = _CHANCE,
    person: Person = _NONE,
    secrets: Callable[[], Iterable[str]] = tuple,
) -> JobServer:
    """The server in this process behind `transport`, bound to the id of its world."""
    wire = wire_in_process(
        transport,
        base_url=base_url,
        language=language,
        credentials=credentials,
        monotonic=monotonic,
        now=now or _utc_now,
        person=person,
    )
    asker = Asker(wire, "the sandbox", sleep or _sleep(), chance, person=person)
    return JobServer(asker, fingerprint_of_world(world_id), _user(credentials), secrets)


def _user(credentials: Credentials) -> str | None:
    return credentials.proof if credentials.identity is Identity.USERNAME else None


def _secrets(credentials: Credentials) -> tuple[str, ...]:
    """What a message must not repeat; a user's name is no secret."""
    return (credentials.app_secret, *(() if _user(credentials) else (credentials.proof,)))


def _utc_now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - for whoever has no clock of their own


def _sleep() -> Callable[[float], object]:
    return threading.Event().wait
