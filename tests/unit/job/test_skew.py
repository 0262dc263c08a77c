"""How far a server's clock is ahead of ours, from the `Date` of its newest answer."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from launcher.engine.spec import Scope
from tests.support.job_app import JobApp, failure

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)
SCOPE = Scope("biz", "2")


def dated(text):
    answer = failure(1243009)
    return httpx.Response(200, headers={"Date": text}, content=answer.content)


def asked(*texts, now=lambda: NOW):
    server = JobApp(get_job_plan_detail=[dated(text) for text in texts]).connect(now=now)
    found = []
    for _ in texts:
        server.read_plan(SCOPE, 1)
        found.append(server.skew_s())
    return found


def test_the_clock_is_read_in_the_middle_of_the_call():
    times = iter([NOW, NOW + timedelta(seconds=40)])

    assert asked("Mon, 05 Jan 2026 08:03:20 GMT", now=lambda: next(times)) == [180]


def test_a_server_may_be_behind():
    assert asked("Mon, 05 Jan 2026 07:57:00 GMT") == [-180]


def test_the_newest_answer_counts():
    assert asked("Mon, 05 Jan 2026 08:00:10 GMT", "Mon, 05 Jan 2026 08:00:00 GMT") == [10, 0]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "Mon, 05 Jan 2026",
        "05",
        "Mon, 05 Jan 2026 08:00:00 -0000",
        "Mon, 05 Jan 99999999999 08:00:00 GMT",
    ],
)
def test_what_is_no_time_says_nothing(text):
    assert asked("Mon, 05 Jan 2026 08:00:10 GMT", text) == [10, 10]
