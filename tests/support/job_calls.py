"""One call of each kind on a JOB server, and what a good answer to it is."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from launcher.engine.effects import OperationRequest, PrepareRequest, StartRequest
from launcher.engine.observed import InstanceRef
from launcher.engine.recorded import OperationKind
from launcher.engine.spec import EffectiveSpec, Scope
from launcher.job.address import Address, Credentials, Door, Identity
from launcher.job.calls import Kind
from launcher.job.server import connect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from launcher.job.server import JobServer
    from tests.support.loopback import Loopback

__all__ = ["ASK", "CREDENTIALS", "DATA", "REF", "SECRETS", "base_of", "client"]

REF = InstanceRef(Scope("biz", "2"), 2**63 - 1)
"""The largest id there can be."""

CREDENTIALS = Credentials("launcher", "app-secret-1", Identity.TICKET, "ticket-secret-2")
SECRETS = (b"app-secret-1", b"ticket-secret-2")

ASK: dict[Kind, Callable[[JobServer], Any]] = {
    Kind.READ: lambda server: server.read_status(REF),
    Kind.PREPARE: lambda server: server.prepare(
        PrepareRequest(EffectiveSpec(REF.scope, 1000), 1000, None), {}
    ),
    Kind.START: lambda server: server.start(StartRequest(REF), float("inf")),
    Kind.OPERATE: lambda server: server.operate(
        OperationRequest(REF, OperationKind.CONTINUE, 2**53 + 1), float("inf")
    ),
}

DATA: dict[Kind, dict[str, Any]] = {
    Kind.READ: {
        "finished": False,
        "job_instance": {"job_instance_id": REF.id, "name": "web", "status": 1, "create_time": 1},
        "step_instance_list": [],
    },
    Kind.PREPARE: {"job_instance_id": REF.id, "job_instance_name": "web"},
    Kind.START: {"job_instance_id": REF.id},
    Kind.OPERATE: {"job_instance_id": REF.id, "step_instance_id": 2**53 + 1},
}


def base_of(other: Loopback, door: Door) -> str:
    """Where `door` begins at `other`."""
    return other.url if door is Door.GATEWAY else other.origin


@contextmanager
def client(address: Address, **options: Any) -> Iterator[JobServer]:
    """A client that waits for nothing."""
    server = connect(address, CREDENTIALS, sleep=lambda _: None, **options)
    try:
        yield server
    finally:
        server.close()
