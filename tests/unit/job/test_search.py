from datetime import UTC, datetime, timedelta

import pytest

from launcher.engine.effects import Done, Refused, Search, Unknown
from launcher.engine.observed import Candidate
from launcher.engine.spec import Scope
from launcher.job import search as searching
from tests.support.job_app import JobApp, failure, success

SINCE = datetime(2026, 1, 5, 8, 0, 0, 500, tzinfo=UTC)
SEARCH = Search(
    Scope("biz", "2"), 1000, "web", SINCE, SINCE + timedelta(minutes=2), ("KEY", "l/e/n/0")
)


def row(number, status=1, plan=1000, name="web", **more):
    given = {"job_instance_id": number, "job_plan_id": plan, "name": name, "status": status}
    return given | more


def listed(*rows, total=None):
    return success({"start": 0, "length": 1000, "total": total or len(rows), "data": list(rows)})


def has_steps(values):
    number = int(values["job_instance_id"])
    steps = [{"step_instance_id": 1, "name": "s", "type": 1, "status": 1}]
    row = {"job_instance_id": number, "name": "web", "status": 1, "create_time": 1}
    return success({"finished": False, "job_instance": row, "step_instance_list": steps})


def marked(values):
    text = f"marker of {values['job_instance_id']}"
    variables = [{"global_var_list": [{"name": "KEY", "value": text}]}]
    return success({"step_instance_var_list": variables})


def app(**changes):
    reactions = {
        "get_job_instance_list": listed(row(3), row(1)),
        "get_job_instance_status": has_steps,
        "get_job_instance_global_var_value": marked,
    }
    return JobApp(**reactions | changes)


def found(**changes):
    return app(**changes).connect().find(SEARCH)


def test_candidates_come_by_id_with_their_markers():
    assert found() == Done(
        (Candidate(1, 1, True, "marker of 1"), Candidate(3, 1, True, "marker of 3"))  # noqa: FBT003
    )


def test_a_candidate_tells_when_and_by_whom_it_was_created():
    rows = listed(row(1, create_time=1767600000500, operator="ana"))

    (candidate,) = found(get_job_instance_list=rows).value

    assert (candidate.created, candidate.operator) == (SINCE.replace(microsecond=500_000), "ana")


def test_a_row_whose_time_is_no_time_is_unreadable():
    assert isinstance(found(get_job_instance_list=listed(row(1, create_time=10**30))), Unknown)


def test_the_window_is_asked_for_in_whole_milliseconds_that_hold_it():
    asking = app()
    asking.connect().find(SEARCH)

    assert asking.bodies("get_job_instance_list") == [
        {
            "bk_scope_type": "biz",
            "bk_scope_id": "2",
            "create_time_start": "1767600000000",
            "create_time_end": "1767600120001",
            "type": "0",
            "launch_mode": "2",
            "start": "0",
            "length": "1000",
            "name": "web",
        }
    ]


def test_rows_that_only_the_servers_pattern_meant_are_left_out():
    rows = listed(row(1, plan=2000), row(2, name="web-2"), row(3, plan=None), row(4))

    result = found(get_job_instance_list=rows)

    assert isinstance(result, Done)
    assert [candidate.id for candidate in result.value] == [4]


def test_an_empty_page_is_null():
    assert found(get_job_instance_list=success({"total": 0, "data": None})) == Done(())


def test_all_pages_are_read_and_a_row_that_comes_twice_counts_once(monkeypatch):
    monkeypatch.setattr(searching, "PAGE", 2)
    pages = [listed(row(5), row(4)), listed(row(4), row(3)), listed(row(2))]
    asking = app(get_job_instance_list=pages)

    result = asking.connect().find(SEARCH)

    assert isinstance(result, Done)
    assert [candidate.id for candidate in result.value] == [2, 3, 4, 5]
    assert [body["start"] for body in asking.bodies("get_job_instance_list")] == ["0", "2", "4"]


def test_a_window_with_too_many_instances_is_refused(monkeypatch):
    monkeypatch.setattr(searching, "PAGE", 1)

    result = found(get_job_instance_list=listed(row(1)))

    assert isinstance(result, Refused)
    assert "(L314)" in result.message


def test_a_row_without_steps_is_marked_as_such():
    result = found(
        get_job_instance_list=listed(row(1)),
        get_job_instance_status=failure(1244007),
        get_job_instance_global_var_value=success({"step_instance_var_list": []}),
    )

    assert result == Done((Candidate(1, 1, False, None),))  # noqa: FBT003


def test_an_instance_that_has_started_is_listed_and_its_status_not_asked_for_again():
    asking = app(get_job_instance_list=listed(row(1, status=3)))

    assert asking.connect().find(SEARCH) == Done((Candidate(1, 3, True, "marker of 1"),))  # noqa: FBT003
    assert asking.bodies("get_job_instance_status") == []


def test_an_instance_of_somebody_else_has_no_marker_that_we_may_see():
    result = found(
        get_job_instance_list=listed(row(1, status=2)),
        get_job_instance_global_var_value=failure(9900403),
    )

    assert result == Done((Candidate(1, 2, True, None),))  # noqa: FBT003


def test_an_instance_that_vanishes_meanwhile_is_left_out():
    assert found(get_job_instance_status=failure(1244006)) == Done(())


@pytest.mark.parametrize(
    "broken",
    ["get_job_instance_list", "get_job_instance_status", "get_job_instance_global_var_value"],
)
def test_one_answer_that_is_missing_leaves_the_search_without_result(broken):
    assert isinstance(found(**{broken: failure(1240002)}), Unknown)


def test_a_name_with_a_backslash_is_not_used_as_a_pattern():
    asking = app(get_job_instance_list=listed())
    search = Search(SEARCH.scope, 1, "a\\b", SEARCH.since, SEARCH.until, SEARCH.marker)

    asking.connect().find(search)

    assert "name" not in asking.bodies("get_job_instance_list")[0]
