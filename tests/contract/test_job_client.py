"""The JOB client over the sandbox, in this process and served through both doors: the same answers everywhere."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from launcher.engine.effects import (
    Done,
    Instance,
    OperationRequest,
    PrepareRequest,
    Refused,
    Search,
    StartAnswer,
    StartRequest,
    Unknown,
)
from launcher.engine.observed import (
    Candidate,
    Capability,
    FrozenCopy,
    Host,
    InstanceRef,
    InstanceStatus,
    Missing,
    Status,
    VariableKind,
)
from launcher.engine.recorded import OperationKind
from launcher.engine.results import HostKey, HostLog, InstanceResults, StepResults
from launcher.engine.spec import EffectiveSpec, Hosts, Scope, SecretReference, Variable
from launcher.engine.verify import unread
from launcher.job.address import Address, Door
from launcher.job.server import SANDBOX_CREDENTIALS, JobServer, connect, connect_transport
from launcher.sandbox.server import serve
from launcher.sandbox.store import StateStore
from launcher.sandbox.transport import SandboxTransport
from launcher.sandbox.world import World
from launcher.sandbox.worldfile import demo_definition, parse_faults

if TYPE_CHECKING:
    from collections.abc import Iterator

SCOPE = Scope("biz", "2")
NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)
MARKER = ("LAUNCH_KEY", "lineage/staging/web/nonce-1")
SECRET = SecretReference("env", "PW", "1")
WEB = EffectiveSpec(
    SCOPE,
    1000,
    (
        Variable("db_password", SECRET),
        Variable("package_version", "1.4.2"),
        Variable(
            "targets",
            Hosts(
                ids=(101,),
                dynamic_groups=("blo8gojho0skft7pr5q0",),
                topo_nodes=(("module", 1000),),
            ),
        ),
    ),
)


@dataclass
class Rig:
    server: JobServer
    store: StateStore
    door: Door

    def break_(self, *faults: str) -> None:
        self.store.add_faults(parse_faults("\n".join(f"- {fault}" for fault in faults), "test"))

    def prepare(self, spec: EffectiveSpec = WEB):
        plan_id = spec.plan
        assert isinstance(plan_id, int)
        return self.server.prepare(PrepareRequest(spec, plan_id, MARKER), {SECRET: "hunter2"})

    def prepared(self, spec: EffectiveSpec = WEB) -> InstanceRef:
        found = self.prepare(spec)
        assert isinstance(found, Done)
        return InstanceRef(spec.scope, found.value.id)

    def start(self, instance: InstanceRef):
        return self.server.start(StartRequest(instance), float("inf"))

    def status(self, instance: InstanceRef) -> InstanceStatus:
        found = self.server.read_status(instance)
        assert isinstance(found, Done)
        assert isinstance(found.value, InstanceStatus)
        return found.value

    def operate(self, instance: InstanceRef, kind: OperationKind, step: int | None = None):
        return self.server.operate(OperationRequest(instance, kind, step), float("inf"))

    def running(self, plan_id: int, *, after_s: float) -> InstanceRef:
        instance = self.prepared(EffectiveSpec(SCOPE, plan_id))
        assert self.start(instance) == Done(StartAnswer.ACCEPTED)
        self.store.shift(after_s)
        return instance

    def find(self) -> tuple[Candidate, ...]:
        found = self.server.find(search())
        assert isinstance(found, Done)
        return found.value

    def launches(self) -> int:
        return len(self.store.state(milliseconds(NOW)).instances)


def milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def search() -> Search:
    day = timedelta(days=1)
    return Search(SCOPE, 1000, "Deploy web", NOW - day, NOW + day, MARKER)


def no_sleep(_: float) -> None:
    """Nothing needs time to pass: the world's clock is moved by hand."""


BASES = {Door.GATEWAY: "/api/bk-job/prod", Door.ESB: ""}


@pytest.fixture(params=["in process", *Door])
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    if request.param in BASES:
        door = Door(request.param)
        with serve(clock=lambda: NOW) as running:
            address = Address(running.url + BASES[door], door)
            server = connect(address, SANDBOX_CREDENTIALS, now=lambda: NOW, sleep=no_sleep)
            yield Rig(server, running.store, door)
            server.close()
            used = {record["door"] for record in running.store.records()}
            assert used <= {str(door)}, "nothing takes the other door"
        return
    store = StateStore(World(demo_definition()))
    transport = SandboxTransport(store, lambda: NOW)
    server = connect_transport(transport, transport.world_id, now=lambda: NOW, sleep=no_sleep)
    yield Rig(server, store, Door.GATEWAY)
    server.close()


def test_a_server_that_knows_both_is_two_phase_and_nothing_was_created(rig):
    assert rig.server.probe(SCOPE) == Done(Capability.TWO_PHASE)
    assert rig.launches() == 0


def test_an_older_server_is_single_phase_and_nothing_was_created(rig):
    rig.break_("{fault: older-server, times: always}")

    assert rig.server.probe(SCOPE) == Done(Capability.SINGLE_PHASE)
    assert rig.launches() == 0


def test_a_probe_without_permission_or_without_answer_proves_nothing(rig):
    rig.break_("{fault: permission-denied}")
    assert isinstance(rig.server.probe(SCOPE), Refused)
    rig.break_("{fault: answer-lost}")
    assert isinstance(rig.server.probe(SCOPE), Unknown)
    assert isinstance(rig.server.probe(Scope("biz", "999")), Refused)


def test_a_job_plan_is_read_whole_and_always_the_same(rig):
    found = rig.server.read_plan(SCOPE, 1000)

    assert found == rig.server.read_plan(SCOPE, 1000)
    assert isinstance(found, Done)
    plan = found.value
    assert (plan.pin.id, plan.pin.name) == (1000, "Deploy web")
    kinds = {variable.name: variable.kind for variable in plan.variables}
    assert kinds["targets"] is VariableKind.HOSTS
    assert kinds["db_password"] is VariableKind.CIPHER
    assert set(kinds.values()) == set(VariableKind)
    assert [step.name for step in plan.steps][-1] == "old health check", "disabled ones included"
    assert plan.steps[0].facts["script"] == '#!/bin/bash\ntest -n "${package_version}"\n'


def test_the_job_plans_and_templates_of_a_scope_are_listed(rig):
    plans, templates = rig.server.list_plans(SCOPE), rig.server.list_templates(SCOPE)
    of_web = rig.server.list_plans(SCOPE, template=500)

    assert [item.id for item in plans.value] == [1000, 1001, 1002, 1003, 1004]
    assert [item.name for item in templates.value] == ["web", "database", "checks"]
    assert {item.template for item in of_web.value} == {500}
    assert len(of_web.value) == 2


def test_a_job_plan_that_is_not_there_is_refused(rig):
    found = rig.server.read_plan(SCOPE, 7)

    assert isinstance(found, Refused)
    assert found.code == 1243009


def test_a_prepared_instance_is_created_and_not_started(rig):
    found = rig.prepare()

    assert found == Done(Instance(20000000001, "Deploy web"))
    rig.store.shift(3600)
    status = rig.status(InstanceRef(SCOPE, 20000000001))
    assert (status.status, status.name, status.started) == (Status.BLANK, "Deploy web", None)
    assert status.created == NOW


def test_a_door_that_drops_the_field_is_single_phase_and_the_other_one_is_not(rig):
    rig.break_("{fault: esb-drops-start-task, times: always}")

    found = rig.server.probe(SCOPE)

    drops = rig.door is Door.ESB
    assert found == Done(Capability.SINGLE_PHASE if drops else Capability.TWO_PHASE)
    assert rig.launches() == 0


@pytest.mark.parametrize("plan_id", [1000, 1001, 1002, 1003, 1004])
def test_the_frozen_steps_are_an_ordered_part_of_the_job_plans(rig, plan_id):
    spec = WEB if plan_id == 1000 else EffectiveSpec(SCOPE, plan_id)
    plan = rig.server.read_plan(SCOPE, plan_id)
    copy = rig.server.read_back(rig.prepared(spec))

    assert isinstance(plan, Done)
    assert isinstance(copy, Done)
    assert isinstance(copy.value, FrozenCopy)
    if rig.door is Door.ESB:
        assert copy.value.steps is None, "ESB does not have the call"
        return
    rest = iter(plan.value.steps)
    assert copy.value.steps
    assert all(step in rest for step in copy.value.steps)


def test_what_was_sent_is_read_back_as_far_as_job_shows_it(rig):
    copy = rig.server.read_back(rig.prepared())

    assert isinstance(copy, Done)
    assert isinstance(copy.value, FrozenCopy)
    assert copy.value.texts == {"package_version": "1.4.2", "LAUNCH_KEY": MARKER[1]}
    hosts = tuple(Host(100 + n, 0, f"10.0.0.1{n}") for n in (1, 2, 3))
    assert copy.value.hosts == (None if rig.door is Door.ESB else hosts)
    assert copy.value.status.status == Status.BLANK


def test_what_a_door_does_not_show_is_not_taken_for_compared(rig):
    plan = rig.server.read_plan(SCOPE, 1000)
    copy = rig.server.read_back(rig.prepared())
    assert isinstance(plan, Done)
    assert isinstance(copy, Done)
    assert isinstance(copy.value, FrozenCopy)

    missing = unread(copy.value, WEB, plan.value)

    assert missing == (("steps", "hosts") if rig.door is Door.ESB else ())


def test_the_answers_that_create_and_start_an_instance_have_ids_of_their_own(rig):
    created = rig.prepare()
    instance = InstanceRef(SCOPE, created.value.id)
    answers = [created, rig.start(instance)]
    rig.store.shift(1)
    answers.append(rig.start(instance))

    assert answers[1:] == [Done(StartAnswer.ACCEPTED), Done(StartAnswer.ALREADY)]
    ids = [answer.request_id for answer in answers]
    assert all(ids)
    assert len(set(ids)) == len(ids)


def test_a_start_is_taken_once_and_then_had_happened_before(rig):
    instance = rig.prepared()

    assert rig.start(instance) == Done(StartAnswer.ACCEPTED)
    assert rig.status(instance).status == Status.BLANK, "START takes effect later"
    rig.store.shift(1)
    assert rig.status(instance).status == Status.RUNNING
    assert rig.start(instance) == Done(StartAnswer.ALREADY)
    rig.store.shift(60)
    ended = rig.status(instance)
    assert (ended.status, ended.finished) == (Status.SUCCESS, True)
    assert ended.ended is not None
    assert rig.start(instance) == Done(StartAnswer.ALREADY)


def test_an_instance_that_job_forgot_is_missing(rig):
    instance = rig.prepared()
    rig.break_("{fault: purge}")

    assert rig.server.read_status(instance) == Done(Missing(instance.id))
    assert rig.server.read_back(instance) == Done(Missing(instance.id))
    assert isinstance(rig.start(instance), Refused)


LOST = [
    "{fault: answer-lost, when: {operation: execute_job_plan}}",
    "{fault: server-error, status: 504, effect: after, when: {operation: execute_job_plan}}",
    "{fault: reset, after_bytes: 0, when: {operation: execute_job_plan}}",
    "{fault: reset, after_bytes: 20, when: {operation: execute_job_plan}}",
    "{fault: error-after-effect, when: {operation: execute_job_plan}}",
]


@pytest.mark.parametrize("fault", LOST)
def test_a_prepare_whose_answer_is_lost_is_unknown_and_can_be_found(rig, fault):
    rig.break_(fault)

    assert isinstance(rig.prepare(), Unknown)
    assert rig.find() == (
        Candidate(20000000001, Status.BLANK, True, MARKER[1], NOW, "admin"),  # noqa: FBT003
    )


def test_a_prepare_that_was_lost_on_its_way_is_unknown_and_nothing_is_found(rig):
    rig.break_("{fault: answer-lost, effect: before}")

    assert isinstance(rig.prepare(), Unknown)
    assert rig.find() == ()


def test_a_row_that_a_crash_left_without_steps_is_found_as_such(rig):
    rig.break_("{fault: half-insert}")

    assert isinstance(rig.prepare(), Unknown)
    assert [candidate.has_steps for candidate in rig.find()] == [False]


def test_an_instance_is_of_the_job_plan_that_its_row_names(rig):
    for plan_id in (1001, 1002, 1003):
        instance = rig.prepared(EffectiveSpec(SCOPE, plan_id))
        assert rig.server.plan_of(instance, rig.status(instance).created) == Done(plan_id)


def test_the_job_plan_of_an_instance_is_told_whatever_time_is_named(rig):
    """JOB wants a time even beside an id, and looks at the id alone then."""
    instance = rig.prepared()
    times = (
        datetime(1970, 1, 1, tzinfo=UTC),
        NOW + timedelta(days=400),
        NOW + timedelta(microseconds=700),
    )

    found = [rig.server.plan_of(instance, created) for created in times]

    assert found == [Done(1000)] * len(times)


def test_of_an_instance_of_another_scope_or_of_none_no_job_plan_is_told(rig):
    instance = rig.prepared()

    assert rig.server.plan_of(InstanceRef(SCOPE, instance.id + 1), NOW) == Done(None)
    assert rig.server.plan_of(InstanceRef(Scope("biz", "3"), instance.id), NOW) == Done(None)


def test_whose_instance_it_is_stays_open_where_job_gives_no_answer(rig):
    instance = rig.prepared()
    rig.break_("{fault: server-error, times: always, when: {operation: get_job_instance_list}}")

    assert isinstance(rig.server.plan_of(instance, NOW), Unknown)


def test_instances_of_other_launches_are_found_with_their_own_markers(rig):
    theirs = PrepareRequest(WEB, 1000, ("LAUNCH_KEY", "theirs"))
    rig.server.prepare(theirs, {SECRET: "hunter2"})
    rig.server.prepare(PrepareRequest(EffectiveSpec(SCOPE, 1001), 1001, MARKER), {})
    rig.prepared()

    assert [candidate.marker for candidate in rig.find()] == ["theirs", MARKER[1]]


@pytest.mark.parametrize(
    ("fault", "full"),
    [
        ("{fault: quota, level: scope}", True),
        ("{fault: quota, level: app}", True),
        ("{fault: quota, level: system}", True),
        ("{fault: permission-denied, action: launch_job_plan}", False),
        ("{fault: rate-limited, times: always}", False),
        ("{fault: plan-unreachable, times: always}", False),
    ],
)
def test_what_is_refused_before_anything_is_kept_is_a_refusal(rig, fault, full):
    rig.break_(fault)

    found = rig.prepare()

    assert isinstance(found, Refused)
    assert found.full is full
    assert rig.launches() == 0


@pytest.mark.parametrize("fault", ["rate-limited, times: 2", "plan-unreachable"])
def test_what_passes_before_anything_is_kept_leaves_one_instance(rig, fault):
    rig.break_(f"{{fault: {fault}}}")

    assert isinstance(rig.prepare(), Done)
    assert rig.launches() == 1


def test_a_job_plan_that_job_denies_and_shows_is_no_refusal_of_the_launch(rig):
    rig.break_("{fault: plan-unreachable, times: always}")

    found = rig.prepare()

    assert isinstance(found, Refused)
    assert found.code is None
    assert "Deploy web" in found.message


def test_a_permission_that_is_missing_is_named_with_what_it_is_about(rig):
    rig.break_("{fault: permission-denied, action: launch_job_plan}")

    found = rig.prepare()

    assert isinstance(found, Refused)
    wanted = "missing permission launch_job_plan (Launch Job Plan) on Job Plans Deploy web, Hosts 10.0.0.11"
    assert found.message.startswith(wanted)


def test_every_id_of_an_answer_is_kept_and_shown(rig):
    found = rig.server.read_plan(SCOPE, 7)

    assert isinstance(found, Refused)
    ids = (found.request_id or "").split(", ")
    assert len(ids) == (2 if rig.door is Door.ESB else 1), "ESB has one of its own"
    assert found.message.endswith(f"(request {found.request_id})")


@pytest.mark.parametrize(
    "fault",
    [
        "{fault: answer-lost, effect: after}",
        "{fault: answer-lost, effect: before}",
        "{fault: server-error}",
        "{fault: queue-down}",
    ],
)
def test_a_start_whose_answer_says_nothing_is_unknown(rig, fault):
    instance = rig.prepared()
    rig.break_(fault)

    assert isinstance(rig.start(instance), Unknown)


def test_a_read_survives_what_passes(rig):
    instance = rig.prepared()
    rig.break_("{fault: server-error}", "{fault: answer-lost, effect: before}")

    assert rig.status(instance).status == Status.BLANK


def test_what_goes_wrong_between_two_reads_leaves_no_half_copy(rig):
    instance = rig.prepared()
    for call in itertools.count(1):
        rig.break_(f"{{fault: permission-denied, when: {{call: {call}}}}}")
        found = rig.server.read_back(instance)
        if isinstance(found, Done):
            break
        assert isinstance(found, Refused)
    calls = 2 if rig.door is Door.ESB else 8
    assert call == calls + 1, "the status, the variables, and two for each of three steps"


# --- operations -----------------------------------------------------------------------------------

APPROVED = 1003
FAILS = 1004
MIGRATES = 1001


def test_a_running_instance_is_terminated_once_the_queue_has_got_round_to_it(rig):
    instance = rig.running(MIGRATES, after_s=1)

    assert rig.operate(instance, OperationKind.TERMINATE) == Done(None)

    assert rig.status(instance).status == Status.RUNNING, "the answer says nothing of the effect"
    rig.store.shift(60)
    assert rig.status(instance).status == Status.STOP_SUCCESS


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        (OperationKind.CONTINUE, (), Status.SUCCESS),
        (OperationKind.END, (), Status.CONFIRM_TERMINATED),
        (OperationKind.RESTART, (OperationKind.END,), Status.WAITING_USER),
    ],
)
def test_a_confirmation_is_continued_ended_and_asked_for_again(rig, kind, before, after):
    instance = rig.running(APPROVED, after_s=5)
    step = rig.status(instance).steps[0]
    assert (step.kind, step.status) == ("approval", Status.WAITING_USER)
    for earlier in before:
        assert rig.operate(instance, earlier, step.id) == Done(None)
        rig.store.shift(60)

    assert rig.operate(instance, kind, step.id) == Done(None)

    rig.store.shift(60)
    assert rig.status(instance).status == after


def test_failed_hosts_are_retried_and_the_step_counts_it(rig):
    instance = rig.running(FAILS, after_s=60)
    (step,) = rig.status(instance).steps
    assert (step.status, step.executions) == (Status.FAIL, 0)

    assert rig.operate(instance, OperationKind.RETRY_FAILED_HOSTS, step.id) == Done(None)

    (step,) = rig.status(instance).steps
    assert step.executions == 1


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (OperationKind.RETRY_FAILED_HOSTS, 1241003),
        (OperationKind.RESTART, 1241003),
        (OperationKind.TERMINATE, 1241003),
    ],
)
def test_an_operation_that_does_not_fit_is_refused_and_changes_nothing(rig, kind, code):
    plan = MIGRATES if kind is OperationKind.TERMINATE else APPROVED
    instance = rig.running(plan, after_s=60 if kind is OperationKind.TERMINATE else 5)
    before = rig.status(instance)
    step = None if kind is OperationKind.TERMINATE else before.steps[0].id

    found = rig.operate(instance, kind, step)

    assert isinstance(found, Refused)
    assert found.code == code
    assert rig.status(instance) == before


def test_an_operation_on_what_is_not_there_is_refused(rig):
    instance = rig.running(APPROVED, after_s=5)
    nowhere = InstanceRef(SCOPE, 20000000999)

    for where, step, code in (
        (nowhere, 1, 1244006),
        (instance, 1, 1244007),
        (nowhere, None, 1244006),
    ):
        kind = OperationKind.TERMINATE if step is None else OperationKind.CONTINUE
        found = rig.operate(where, kind, step)
        assert isinstance(found, Refused)
        assert found.code == code


@pytest.mark.parametrize(
    "fault",
    [
        "{fault: answer-lost, effect: after}",
        "{fault: answer-lost, effect: before}",
        "{fault: server-error}",
        "{fault: queue-down}",
    ],
)
def test_an_operation_whose_answer_says_nothing_is_unknown_and_was_sent_once(rig, fault):
    instance = rig.running(APPROVED, after_s=5)
    step = rig.status(instance).steps[0].id
    rig.break_(fault)

    assert isinstance(rig.operate(instance, OperationKind.CONTINUE, step), Unknown)
    asked = [item for item in rig.store.records() if item["operation"] == "operate_step_instance"]
    assert len(asked) == 1


# --- the server's clock ---------------------------------------------------------------------------


def test_the_newest_answer_tells_how_far_the_servers_clock_is_ahead(rig):
    assert rig.server.skew_s() is None, "nothing has been asked"
    rig.server.read_plan(SCOPE, 1000)
    assert rig.server.skew_s() == 0
    rig.store.shift(180)
    rig.server.read_plan(SCOPE, 7)
    assert rig.server.skew_s() == 180, "a refusal tells the time as well"


def test_an_answer_that_is_lost_leaves_the_skew_as_it_was(rig):
    rig.server.read_plan(SCOPE, 1000)
    rig.store.shift(180)
    rig.break_("{fault: answer-lost, effect: before, times: always}")

    rig.server.read_plan(SCOPE, 1000)

    assert rig.server.skew_s() == 0


# --- hosts and what they have printed -------------------------------------------------------------


def results_of(rig: Rig, instance: InstanceRef) -> InstanceResults:
    found = rig.server.read_results(instance)
    assert isinstance(found, Done)
    assert isinstance(found.value, InstanceResults)
    return found.value


def logs_of(rig: Rig, instance: InstanceRef, step: StepResults) -> dict[str, HostLog]:
    hosts = [host.host for host in step.hosts]
    answers = list(rig.server.read_logs(instance, step.step.id, hosts))
    (answer,) = answers
    assert isinstance(answer, Done)
    assert isinstance(answer.value, tuple)
    return {log.host.ip: log for log in answer.value}


def test_a_job_that_failed_tells_of_each_host_what_came_of_it_and_what_it_printed(rig):
    instance = rig.running(1004, after_s=10)

    found = results_of(rig, instance)

    (step,) = found.steps
    assert found.has_hosts
    assert (step.step.name, step.step.status) == ("fail", Status.FAIL)
    assert [(host.host, host.status, host.exit_code) for host in step.hosts] == [
        (HostKey(101, 0, "10.0.0.11"), 104, 3),
        (HostKey(102, 0, "10.0.0.12"), 104, 3),
    ]
    assert {ip: log.text for ip, log in logs_of(rig, instance, step).items()} == {
        "10.0.0.11": "no space left on 10.0.0.11\n",
        "10.0.0.12": "no space left on 10.0.0.12\n",
    }


def test_a_file_step_tells_of_the_files_that_came(rig):
    instance = rig.prepared()
    rig.start(instance)
    rig.store.shift(60)

    step = results_of(rig, instance).steps[1]

    assert step.step.kind == "file"
    log = logs_of(rig, instance, step)["10.0.0.11"]
    assert log.text == ""
    (file,) = log.files
    assert (file.source, file.source_path, file.target_path) == (
        "10.0.0.20",
        "/data/packages/web.tgz",
        "/tmp/packages/",  # noqa: S108 - a path on another machine
    )
    assert file.text == "web.tgz arrived on 10.0.0.11\n"


def test_an_instance_that_was_not_started_has_no_hosts_yet(rig):
    found = results_of(rig, rig.prepared())

    assert found.instance.status == Status.BLANK
    assert [step.hosts for step in found.steps] == [(), (), ()]


def test_logs_of_an_instance_that_nobody_knows_are_missing(rig):
    nobody = InstanceRef(SCOPE, 20_000_009_999)

    assert rig.server.read_results(nobody) == Done(Missing(nobody.id))
    answers = list(rig.server.read_logs(nobody, 7, [HostKey(101, 0, "10.0.0.11")]))
    assert answers == [Done(Missing(nobody.id))]
