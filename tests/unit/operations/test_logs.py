"""What the job of a launch has printed, read against the sandbox in virtual time."""

from __future__ import annotations

import shutil
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from launcher.catalogue import texts
from launcher.errors import ExitCode
from launcher.operations.log_pieces import Piece
from launcher.operations.logs import (
    Began,
    LogsRequest,
    LogsResult,
    Quiet,
    Trouble,
    Waits,
    logs,
)
from tests.support.failures import fails
from tests.support.pages import FAILS_ONCE, Pages, fails_once
from tests.support.workspaces import Clock, Place, a_manifest, a_place

if TYPE_CHECKING:
    from pathlib import Path

FAILS, DEPLOYS, APPROVED = 1004, 1000, 1003
DEPLOY = {"package_version": "1", "targets": {"hosts": {"ids": [101, 102]}}}
BATCH = "batch_get_job_instance_ip_log"


class Reader:
    """Reads logs in a place, and keeps what was heard."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.heard: list[Began | Piece | Quiet | Trouble | Waits] = []

    def __call__(self, name: str = "db-migrate", **asked: Any) -> LogsResult:
        self.heard = []
        request = LogsRequest(self.place.root, None, name, **asked)
        return logs(request, self.place.surroundings, hear=self.heard.append)

    @property
    def printed(self) -> list[tuple[str, str, str]]:
        """Step, host and text of each piece."""
        pieces = [item for item in self.heard if isinstance(item, Piece)]
        return [(item.step.step.name, item.host.host.ip, item.text) for item in pieces]


def a_reader(root: Path, plan: int, *, seconds: float | None = None, **spec: Any) -> Reader:
    """Logs of one launch of `plan`: applied to its end, or only started, `seconds` ago."""
    place = a_place(root / "workspace", a_manifest(plan=plan, **spec))
    place.apply(wait=seconds is None)
    place.clock.sleep(seconds or 0)
    return Reader(place)


@pytest.fixture
def failed(tmp_path) -> Reader:
    return a_reader(tmp_path, FAILS)


@pytest.fixture
def deployed(tmp_path) -> Reader:
    return a_reader(tmp_path, DEPLOYS, variables=DEPLOY)


FAILURE = [
    ("fail", "10.0.0.11", "no space left on 10.0.0.11\n"),
    ("fail", "10.0.0.12", "no space left on 10.0.0.12\n"),
]


# --- what is there ------------------------------------------------------------------------------


def test_the_logs_of_a_failed_job_are_read_and_are_no_failure(failed):
    before = (failed.place.root / ".launcher/ledger/sandbox.jsonl").read_bytes()

    result = failed()

    assert failed.printed == FAILURE
    assert result.exit_code is ExitCode.DONE
    assert result.diagnostics == ()
    assert (failed.place.root / ".launcher/ledger/sandbox.jsonl").read_bytes() == before


def test_every_step_is_read_in_order_with_one_call_for_its_hosts(deployed):
    deployed()

    assert [(step, ip) for step, ip, _ in deployed.printed] == [
        (step, ip)
        for step in ("check", "push package", "restart")
        for ip in ("10.0.0.11", "10.0.0.12")
    ]
    asked = [item for item in deployed.place.requests() if item["operation"] == BATCH]
    assert len(asked) == 3


@pytest.mark.parametrize("step", ["restart", "3"])
def test_a_step_is_meant_by_name_or_number(deployed, step):
    deployed(steps=(step,))

    assert {name for name, _, _ in deployed.printed} == {"restart"}


def test_a_step_is_meant_by_its_id_on_job(deployed):
    found = deployed().found

    deployed(steps=(str(found.steps[0].step.id), "push package"))

    assert {name for name, _, _ in deployed.printed} == {"check", "push package"}


@pytest.mark.parametrize("host", ["10.0.0.12", "102"])
def test_a_host_is_meant_by_address_or_id(deployed, host):
    deployed(hosts=(host,))

    assert {ip for _, ip, _ in deployed.printed} == {"10.0.0.12"}


def test_only_failed_hosts_are_read_and_a_step_without_one_is_quiet(deployed):
    deployed(failed=True)

    assert deployed.printed == []
    assert [item.number for item in deployed.heard if isinstance(item, Quiet)] == [1, 2, 3]
    assert BATCH not in {item["operation"] for item in deployed.place.requests()}


def test_failed_hosts_are_read(failed):
    failed(failed=True)

    assert failed.printed == FAILURE


def test_a_step_that_is_not_there_is_wrong_usage_that_lists_the_steps(deployed):
    error = fails(lambda: deployed(steps=("reboot",)), "L354", ExitCode.USAGE)

    (found,) = error.diagnostics
    assert found.facts["known"] == "1 `check`, 2 `push package`, 3 `restart`"
    assert texts(found).hint == "launcher status db-migrate -e sandbox"


def test_a_host_that_is_not_there_is_wrong_usage_that_lists_hosts(failed):
    error = fails(lambda: failed(hosts=("10.0.0.99", "101")), "L355", ExitCode.USAGE)

    assert error.diagnostics[0].facts["host"] == "10.0.0.99"
    assert error.diagnostics[0].facts["known"] == "10.0.0.11, 10.0.0.12"


# --- which instance -----------------------------------------------------------------------------


def test_an_earlier_attempt_is_read_by_its_number(failed):
    failed.place.apply(retry={"db-migrate": "once more"}, only=frozenset({"db-migrate"}))

    assert failed().attempt.number == 2
    result = failed(attempt=1)

    first, second = (item["job_instance_id"] for item in failed.place.instances())
    assert first < second
    assert result.found.instance.id == first
    fails(lambda: failed(attempt=3), "L356", ExitCode.USAGE)


def test_a_launch_that_nobody_knows_is_wrong_usage(failed):
    fails(lambda: failed("nothing"), "L523", ExitCode.USAGE)


def test_a_launch_that_never_ran_has_nothing_to_read(failed):
    failed.place.write("plans/new.yaml", a_manifest("new"))

    error = fails(lambda: failed("new"), "L351", ExitCode.SURROUNDINGS)

    assert error.diagnostics[0].facts["why"] == "it has never been launched"


def test_an_instance_that_was_not_started_says_so_and_has_no_log(tmp_path):
    reader = a_reader(tmp_path, FAILS)
    reader.place.arm({"fault": "start-stuck", "times": "always"})
    reader.place.write("plans/m0.yaml", a_manifest(plan=FAILS, revision=2))
    reader.place.apply(wait=False)

    result = reader()

    assert result.found.instance.status == 1
    assert reader.printed == []
    assert [type(item) for item in reader.heard] == [Began, Quiet]


def test_what_job_has_forgotten_names_the_outcome_on_record(failed):
    failed.place.clock.sleep(60 * 86_400)

    error = fails(failed, "L352", ExitCode.SURROUNDINGS)

    assert error.diagnostics[0].facts["outcome"] == "failed"


def test_without_its_ledger_the_lockfile_tells_which_instance(failed):
    shutil.rmtree(failed.place.root / ".launcher/ledger")

    result = failed()

    assert failed.printed == FAILURE
    assert [item.code for item in result.diagnostics] == ["L350"]
    assert result.exit_code is ExitCode.DONE


def test_without_ledger_and_lockfile_nothing_is_known(failed):
    shutil.rmtree(failed.place.root / ".launcher/ledger")
    shutil.rmtree(failed.place.root / "locks")

    fails(failed, "L351", ExitCode.SURROUNDINGS)


def test_a_refusal_of_job_is_told_in_its_words(failed):
    failed.place.arm({"fault": "permission-denied", "action": "access_business", "times": "always"})

    error = fails(failed, "L353", ExitCode.SURROUNDINGS)

    assert "access_business" in error.diagnostics[0].facts["message"]


# --- following ----------------------------------------------------------------------------------


def test_following_tells_each_thing_once_and_ends_with_the_job(tmp_path):
    reader = a_reader(tmp_path, DEPLOYS, seconds=0.4, variables=DEPLOY)

    result = reader(follow=True)

    assert [(step, text) for step, ip, text in reader.printed if ip == "10.0.0.11"] == [
        ("check", "checked 10.0.0.11\n"),
        ("push package", ""),
        ("restart", "restarted on 10.0.0.11\n"),
    ]
    assert len(reader.printed) == 6
    assert result.found.instance.finished
    assert result.exit_code is ExitCode.DONE


def test_following_a_job_that_fails_ends_with_5(tmp_path):
    reader = a_reader(tmp_path, FAILS, seconds=0.1)

    result = reader(follow=True)

    assert reader.printed == FAILURE
    assert result.exit_code is ExitCode.JOB_FAILED


def test_a_host_that_was_read_to_its_end_is_not_asked_about_again(tmp_path):
    reader = a_reader(tmp_path, DEPLOYS, seconds=1.6, variables=DEPLOY)

    reader(follow=True)

    asked = [item for item in reader.place.requests() if item["operation"] == BATCH]
    steps = {item.step.step.id for item in reader.heard if isinstance(item, Piece)}
    assert len(steps) == 3
    assert len(asked) <= 5, "once for each step, and again only while its hosts run"


def test_the_pause_begins_at_the_shortest_and_grows_to_half_a_minute(tmp_path):
    reader = a_reader(tmp_path, APPROVED, seconds=2, variables={"package_version": "1"})
    pauses: list[float] = []

    class Watched(Clock):
        def sleep(self, seconds: float) -> None:
            pauses.append(seconds)
            self.now += timedelta(seconds=seconds)
            if len(pauses) == 12:
                raise KeyboardInterrupt

    reader.place.clock = Watched(reader.place.clock.now)
    with pytest.raises(KeyboardInterrupt):
        reader(follow=True)

    assert pauses[:3] == [2.0, 3.0, 4.5]
    assert pauses[-1] == 30
    assert [item for item in reader.heard if isinstance(item, Waits)] == [
        Waits("db-migrate", "sandbox")
    ], "told once"


def test_a_job_that_is_retried_meanwhile_begins_anew(tmp_path):
    reader = Reader(fails_once(a_place(tmp_path / "workspace", a_manifest(plan=FAILS_ONCE))))
    reader.place.apply()
    Pages(reader.place).retry_failed_hosts(reader.place.instances()[0]["job_instance_id"])

    result = reader(follow=True)

    assert result.exit_code is ExitCode.DONE
    assert [item.step.step.executions for item in reader.heard if isinstance(item, Piece)] == [1, 1]


def test_a_look_that_fails_is_told_of_and_made_again(tmp_path):
    reader = a_reader(tmp_path, FAILS, seconds=0.1)
    reader.place.arm({"fault": "server-error", "when": {"operation": BATCH}, "times": 3})

    result = reader(follow=True)

    assert len([item for item in reader.heard if isinstance(item, Trouble)]) == 1
    assert reader.printed == FAILURE
    assert result.exit_code is ExitCode.JOB_FAILED


def test_a_server_that_stays_silent_ends_following(tmp_path):
    reader = a_reader(tmp_path, FAILS, seconds=0.1)
    reader.place.arm({"fault": "server-error", "times": "always"})

    fails(lambda: reader(follow=True), "L353", ExitCode.SURROUNDINGS)

    assert len([item for item in reader.heard if isinstance(item, Trouble)]) == 4


def test_an_instance_that_nothing_will_start_is_not_followed_for_ever(tmp_path):
    place = a_place(tmp_path / "workspace", a_manifest(plan=FAILS))
    place.arm({"fault": "start-lost", "times": "always"})
    place.apply()
    reader = Reader(place)

    result = reader(follow=True)

    assert result.found.instance.status == 1
    assert reader.printed == []
