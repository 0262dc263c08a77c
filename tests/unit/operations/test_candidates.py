"""`resolve NAME` without a word: what the launch may have run as, with the sandbox behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from launcher.engine.candidates import Clue, Weighed
from launcher.engine.observed import Candidate
from launcher.errors import ExitCode
from launcher.operations.candidates import candidates
from launcher.render.candidates import ways_out
from tests.support.failures import fails
from tests.support.workspaces import Place, a_manifest, a_place

if TYPE_CHECKING:
    from pathlib import Path

    from launcher.operations.candidates import Candidates

JOURNAL = ".launcher/ledger/sandbox.jsonl"
WORKSPACE = """\
apiVersion: launcher/v1
kind: Workspace
metadata: {{name: payments}}
spec:
  {marker}defaultEnvironment: sandbox
  environments:
    sandbox:
      server: sandbox
      scope: {{type: biz, id: "2"}}
      guards: {{allowSinglePhase: true}}
"""


def a_lost_launch(root: Path, *, marker: bool = True, **others: str) -> Place:
    """On an older server, the answer to the one request that starts the migration was lost."""
    text = WORKSPACE.format(marker="marker: LAUNCH_KEY\n  " if marker else "")
    place = a_place(root, a_manifest(), *others.values(), workspace=text)
    place.arm(
        {"fault": "older-server", "times": "always"},
        {"fault": "answer-lost", "when": {"operation": "execute_job_plan", "plan": 1001}},
    )
    assert place.apply(only=frozenset({"db-migrate"})).exit_code is ExitCode.UNKNOWN
    return place


def shown(place: Place, name: str = "db-migrate") -> Candidates:
    return candidates(place.root, None, name, surroundings=place.surroundings)


@pytest.fixture
def lost(tmp_path) -> Place:
    return a_lost_launch(tmp_path)


def test_the_one_that_ran_is_found_by_its_marker_and_nothing_is_recorded(lost):
    lost.clock.sleep(60)
    before = (lost.root / JOURNAL).read_bytes()

    found = shown(lost)

    (only,) = found.found
    instance = lost.instances()[0]["job_instance_id"]
    assert (only.candidate.id, only.candidate.operator) == (instance, "admin")
    assert set(only.speaks_for) == {Clue.MARKER, Clue.TIME, Clue.OPERATOR, Clue.BEGUN}
    assert only.speaks_against == ()
    assert ways_out("db-migrate", "sandbox", found.found) == (
        f"launcher resolve db-migrate -e sandbox --ran {instance} --reason TEXT",
        "launcher resolve db-migrate -e sandbox --not-ran --reason TEXT",
    )
    assert (lost.root / JOURNAL).read_bytes() == before


def test_a_launch_of_the_same_job_plan_by_another_workspace_is_told_apart(tmp_path):
    place = a_lost_launch(tmp_path, twin=a_manifest("twin"))
    place.arm({"fault": "older-server", "times": "always"})
    place.apply(only=frozenset({"twin"}))
    place.clock.sleep(30)

    newer, older = shown(place).found

    assert newer.candidate.id > older.candidate.id
    assert {Clue.OTHER_LAUNCH, Clue.OTHER_MARKER} <= set(newer.speaks_against)
    assert Clue.MARKER in older.speaks_for


def test_without_a_marker_no_instance_is_named_in_the_commands(tmp_path):
    place = a_lost_launch(tmp_path, marker=False)
    place.clock.sleep(30)

    found = shown(place).found

    assert [item.speaks_against for item in found] == [()]
    assert "--ran INSTANCE " in ways_out("db-migrate", "sandbox", found)[0]


def test_where_the_request_never_arrived_nothing_is_found(tmp_path):
    place = a_place(tmp_path, a_manifest(), workspace=WORKSPACE.format(marker=""))
    lost = {"fault": "answer-lost", "effect": "before"}
    place.arm(
        {"fault": "older-server", "times": "always"},
        {**lost, "when": {"operation": "execute_job_plan", "plan": 1001}},
    )
    place.apply()

    assert shown(place).found == ()


def test_the_instance_on_record_is_shown_although_the_list_does_not_hold_it(tmp_path):
    place = a_place(tmp_path, a_manifest())
    place.apply(wait=False)
    place.arm({"fault": "purge"})
    place.clock.sleep(60)

    found = shown(place)

    assert found.found == ()
    assert [item.code for item in found.diagnostics] == ["L590"]


def test_an_outcome_that_is_known_has_no_candidates(tmp_path):
    place = a_place(tmp_path, a_manifest())
    place.apply()

    fails(lambda: shown(place), "L560")
    fails(lambda: shown(place, "nobody"), "L523", ExitCode.USAGE)


def test_what_cannot_be_listed_is_no_proof_of_absence(lost):
    lost.arm(
        {
            "fault": "server-error",
            "times": "always",
            "when": {"operation": "get_job_instance_list"},
        }
    )
    fails(lambda: shown(lost), "L592", ExitCode.SURROUNDINGS)


@pytest.mark.parametrize(
    ("found", "named"),
    [
        ([((Clue.MARKER, Clue.BEGUN), ())], "20000000000"),
        ([((Clue.RECORDED, Clue.BEGUN), ())], "20000000000"),
        ([((Clue.MARKER,), (Clue.NOT_BEGUN,))], "INSTANCE"),
        ([((Clue.TIME, Clue.OPERATOR, Clue.BEGUN), ())], "INSTANCE"),
        ([((Clue.MARKER,), ()), ((Clue.MARKER,), ())], "INSTANCE"),
        ([((Clue.TIME,), ()), ((Clue.MARKER,), ())], "20000000001"),
        ([], "INSTANCE"),
    ],
)
def test_the_command_names_an_instance_only_where_one_alone_has_all_on_its_side(found, named):
    weighed = [
        Weighed(Candidate(20000000000 + number, 3, has_steps=True, marker=None), *clues)
        for number, clues in enumerate(found)
    ]

    assert f"--ran {named} " in ways_out("db-migrate", "sandbox", weighed)[0]
