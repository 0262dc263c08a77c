"""The rules that must hold at any moment, whatever the processes believe: checked against the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.engine.effects import HeadMoved, NoAnswer, Overtaken
from launcher.engine.events import CLAIMS, Kind
from launcher.engine.guards import hold_on
from launcher.engine.observed import Status
from launcher.engine.recorded import ENDED_BADLY, IN_FLIGHT, OutcomeKind

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping

    from launcher.engine.effects import AppendOutcome, PrepareRequest
    from launcher.engine.events import Draft, Head
    from launcher.engine.recorded import Attempt, LaunchRecord, Recorded
    from tests.support.seeded.instances import SimInstance
    from tests.support.seeded.runner import Runner
    from tests.support.seeded.server import Server

__all__ = ["Rules"]

_ENDED = ENDED_BADLY | {OutcomeKind.SUCCEEDED}


class Rules:
    """Watches every append and every START.

    Attributes:
        violations: what must never happen and did, in words.
        started_s: when `starting` was first asked to be recorded, by launch name and attempt, in true time.
        voided: nonces whose prepare is told, and acknowledged, to have created nothing.
        jumped: some wall clock was set, so that what was measured by one may be wrong.
    """

    def __init__(self, server: Server) -> None:
        self.violations: list[str] = []
        self.started_s: dict[tuple[str | None, int | None], float] = {}
        self.voided: set[str] = set()
        self.jumped = False
        self._server = server
        self._operations = 0

    # --- appends ------------------------------------------------------------------------------

    def check_append(self, runner: Runner, before: Recorded, drafts: Iterable[Draft]) -> None:
        """Claims come from within an open session, and notes take nothing back."""
        session = before.session.id if before.session else None
        for draft in drafts:
            if draft.kind in CLAIMS and session != runner.errand.session:
                self._say(f"{draft.kind} of {draft.name} outside an open session")
            record = before.launches.get(draft.name or "")
            if record is None:
                continue
            busy = record.newest.outcome in IN_FLIGHT | {OutcomeKind.UNKNOWN}
            if draft.kind is Kind.INTENDED and busy and draft.attempt != record.newest.number:
                self._say(f"{draft.name} is intended while another attempt may run")
            known = record.newest.instance_id
            if draft.kind is Kind.SUPERSEDED and known is not None and known not in runner.read:
                self._say(f"{draft.name} is given up, and nobody has looked at its instance")
            if draft.kind is Kind.ARCHIVED and record.newest.outcome in IN_FLIGHT:
                self._say(f"{draft.name} is archived while it runs")
            if draft.kind is Kind.OPERATING and record.newest.operation is not None:
                self._say(f"{draft.name} is operated on while nobody knows how the last one went")
            if draft.kind in (Kind.OBSERVED, Kind.SETTLED):
                self._check_note(runner, draft, record)

    def check_opening(self, runner: Runner, expected: Head) -> None:
        """A session opens on exactly what its changeset was made from, or right after the first event of all."""
        if expected != runner.recalled and (expected.serial, runner.recalled.serial) != (1, 0):
            self._say(f"{runner} opens a session on a head that nothing was decided on")

    def _check_note(self, runner: Runner, draft: Draft, record: LaunchRecord) -> None:
        attempt = next((it for it in record.attempts if it.number == draft.attempt), None)
        if attempt is None:
            return
        if self._takes_back(attempt, draft.data.get("status")):
            status = draft.data["status"]
            self._say(f"{draft.name}: status {status} is noted after its end at {attempt.status}")
        unknown = draft.data.get("outcome") == OutcomeKind.UNKNOWN
        if unknown and not self._may_be_unknown(runner, draft, attempt):
            self._say(f"{draft.name} is called unknown, and could be known")

    def _takes_back(self, attempt: Attempt, status: int | None) -> bool:
        """Whether `status` is news of an attempt that has ended, and whose instance nobody carried on with."""
        if attempt.outcome not in _ENDED or status in (None, attempt.status):
            return False
        instance = self._server.instances.get(attempt.instance_id or 0)
        return instance is not None and not instance.went_on

    def _may_be_unknown(self, runner: Runner, draft: Draft, attempt: Attempt) -> bool:
        """`unknown` is for what nobody could know, and never the lazy way out."""
        if attempt.single_phase:
            return True
        if attempt.instance_id is None:
            lost = set(attempt.nonces) - self.voided
            return len(lost) >= runner.errand.limits.max_prepares or attempt.starts > 0
        instance = self._server.instances[attempt.instance_id]
        if instance.gone:
            return True
        match draft.data.get("status"):
            case None | Status.BLANK:
                # The limit is counted by the clock of whoever looks; a jump can make it shorter than it was.
                # What was started under another name is not in the book.
                since_s = self.started_s.get((draft.name, draft.attempt), float("-inf"))
                waited_s = self._server.t - since_s
                return self.jumped or waited_s >= runner.errand.limits.start_limit_s - 1
            case Status.ABNORMAL:
                # Who has sent the only START, and heard that JOB took it, knows what the status means.
                knows = runner.heard and instance.id in runner.accepted
                return attempt.starts > 1 or not (attempt.start_answered or knows)
            case _:
                return False

    def ends_session(self, runner: Runner, answer: AppendOutcome) -> bool:
        """Whether it shows that the session of the process is over, or leaves it without an answer."""
        if isinstance(answer, NoAnswer):
            return True
        since = answer.since if isinstance(answer, HeadMoved | Overtaken) else ()
        ours = runner.errand.session
        return any(
            (draft.kind is Kind.OPENED and draft.data["session"] != ours)
            or (draft.kind is Kind.CLOSED and draft.data["session"] == ours)
            for draft in (event.draft for event in since)
        )

    def check_end(self, runner: Runner, present: Recorded) -> None:
        """Whoever was told an id or a refusal, and could write until its end, has recorded it."""
        if runner.over or not runner.heard:
            return
        known = {it.instance_id for record in present.launches.values() for it in record.attempts}
        for number in sorted(runner.prepared - known):
            self._say(f"{runner} was told that it has created {number}, and has not recorded it")
        for record in present.launches.values():
            for attempt in record.attempts:
                refused = runner.refused.intersection(attempt.nonces)
                if refused and attempt.outcome is OutcomeKind.INTENDED:
                    self._say(
                        f"{runner} was told that {refused} is refused, and has not recorded it"
                    )

    # --- prepares -----------------------------------------------------------------------------

    def check_prepare(
        self,
        runner: Runner,
        request: PrepareRequest,
        nonces: Mapping[tuple[str, int], Iterable[str]],
        answered: Container[str],
    ) -> None:
        """An instance is asked for only after the intention is on record, within its window, and while the session lasts.

        `answered` are the nonces of which is on record what came of them.
        """
        if runner.over:
            self._say(f"{runner} prepares though it was told that its session is over")
        if request.marker is None:
            return
        nonce = request.marker[1].rpartition("/")[2]
        if all(nonce not in known for known in nonces.values()):
            self._say(f"{request.marker[1]} is prepared without a record of the intention")
        for before in nonces.values():
            self._check_sought(runner, nonce, list(before), answered)
        asked_s = runner.may_prepare.get(nonce, float("-inf"))
        waited_s = runner.clock.monotonic(self._server.t) - asked_s
        if waited_s > runner.errand.limits.start_window_s:
            self._say(f"{request.marker[1]} is prepared after its window")

    def _check_sought(
        self, runner: Runner, nonce: str, nonces: list[str], answered: Container[str]
    ) -> None:
        """Before an attempt is prepared anew, it is looked for what may have come of the prepare before."""
        before = nonces[: nonces.index(nonce)] if nonce in nonces else []
        # Of those whose id is on record, the instance itself is looked at (`check_append`).
        left = [item for item in before if item not in answered]
        if left and left[-1] not in runner.sought:
            self._say(f"{nonce} is prepared, and nobody has looked for {left[-1]}")

    # --- STARTs -------------------------------------------------------------------------------

    def check_start(self, runner: Runner, instance: SimInstance, present: Recorded) -> None:
        """A START goes out only for what is verified, wanted, ready, on its way by the head, and not too soon."""
        owners = [
            (name, attempt)
            for name, record in present.launches.items()
            for attempt in record.attempts
            if attempt.instance_id == instance.id
        ]
        if len(owners) != 1:
            self._say(f"{instance.id} is started, and on record for {len(owners)} attempts")
            return
        ((name, attempt),) = owners
        for broken in (
            self._too_late(runner, name, attempt),
            self._too_soon(runner, instance),
            "though it was told that the session is over" if runner.over else None,
            _other_than_decided(instance, attempt),
            _not_wanted(runner, name, instance, present),
        ):
            if broken is not None:
                self._say(f"{instance.id} is started {broken}")

    def _too_late(self, runner: Runner, name: str, attempt: Attempt) -> str | None:
        asked_s = runner.may_start.pop((name, attempt.number), None)
        if asked_s is None:
            return "without a record of it that was the head"
        waited_s = runner.clock.monotonic(self._server.t) - asked_s
        return "after its window" if waited_s > runner.errand.limits.start_window_s else None

    def _too_soon(self, runner: Runner, instance: SimInstance) -> str | None:
        limits = runner.errand.limits
        # The window of the one before was open when the record that this one waited for was written.
        grace_s = limits.start_grace_s - limits.start_window_s
        if any(self._server.t - sent_s < grace_s for sent_s, _ in instance.sent):
            return "while another START is in flight"
        return "too often" if len(instance.sent) >= limits.max_starts else None

    # --- operations ---------------------------------------------------------------------------

    def check_operation(self, runner: Runner, instance: SimInstance, recorded: int) -> None:
        """One operation is asked for once, on its way by the head, in time; `recorded` counts all on record."""
        self._operations += 1
        if self._operations > recorded:
            self._say("more operations were asked for than are on record")
        asked_s = runner.may_operate.pop(instance.id, None)
        if asked_s is None:
            self._say(f"{instance.id} is operated on without a record of it that was the head")
        elif runner.clock.monotonic(self._server.t) - asked_s > runner.errand.limits.start_window_s:
            self._say(f"{instance.id} is operated on after its window")

    def _say(self, what: str) -> None:
        self.violations.append(what)


def _other_than_decided(instance: SimInstance, attempt: Attempt) -> str | None:
    if attempt.compared is None:
        return "and was not compared"
    if instance.plan.pin != attempt.plan:
        return "with the content of another job plan than was decided"
    return None if instance.spec.to_data() == attempt.spec else "with other content than decided"


def _not_wanted(runner: Runner, name: str, instance: SimInstance, present: Recorded) -> str | None:
    desired = runner.errand.state.desired
    launch, record = desired.launches.get(name), present.launches[name]
    if launch is None or launch.spec != instance.spec:
        return f"though {name} does not ask for it"
    if record.newest.instance_id != instance.id:
        return "though a newer attempt is on record"
    if runner.looked is None:
        return "without a look at the clock"
    hold = hold_on(launch, desired.environment, runner.looked)
    if hold is not None:
        return f"though {hold.reason} holds {name}"
    for need in launch.policy.needs:
        needed = present.launches.get(need)
        if needed is None or not needed.is_in_sync(desired.launches[need].key):
            return f"though {need} is not in sync"
    return None
