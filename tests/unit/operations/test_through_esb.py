"""Runs through ESB, which shows less of an instance than the gateway does."""

import pytest

from launcher.engine.changeset import Action, Reason
from launcher.engine.recorded import OutcomeKind
from launcher.errors import ExitCode
from launcher.job.address import Address, Door
from launcher.job.server import SANDBOX_CREDENTIALS, connect
from launcher.operations import observe
from launcher.sandbox.server import serve
from launcher.sandbox.worldfile import parse_faults
from tests.support.guarded import SETTINGS
from tests.support.workspaces import a_manifest, a_place


@pytest.fixture
def esb(tmp_path, monkeypatch):
    """A workspace whose server is asked through ESB, and the server."""
    place = a_place(tmp_path, a_manifest())
    with serve(clock=lambda: place.clock.now) as running:

        def through_esb(_site, _parallelism):
            return connect(
                Address(running.url, Door.ESB),
                SANDBOX_CREDENTIALS,
                now=lambda: place.clock.now,
                monotonic=lambda: place.clock.slept_s,
                sleep=place.clock.sleep,
            )

        monkeypatch.setattr(observe, "connect_server", through_esb)
        yield place, running


def codes(diagnostics):
    return [item.code for item in diagnostics]


def newest(applied):
    return applied.report.recorded.launches["db-migrate"].newest


def test_a_launch_runs_and_says_what_was_not_compared(esb):
    place, running = esb

    applied = place.apply()

    assert applied.exit_code is ExitCode.DONE
    assert newest(applied).outcome is OutcomeKind.SUCCEEDED
    assert newest(applied).not_compared == ("steps", "hosts")
    assert codes(applied.diagnostics).count("L326") == 1
    assert len(running.store.state(0).instances) == 1


def test_a_diff_says_what_will_not_be_compared_if_anything_would_be_launched(esb):
    place, _ = esb

    assert "L326" in codes(place.diff().diagnostics)
    place.apply()
    assert "L326" not in codes(place.diff().diagnostics)


@pytest.mark.parametrize(
    ("guard", "code"), [("requireVerification: true", "L278"), ("maxHosts: 9", "L251")]
)
def test_a_guard_that_needs_what_is_not_shown_refuses_before_anything_is_created(esb, guard, code):
    place, running = esb
    place.write("launcher.yaml", SETTINGS.format(guards=guard))

    diffed, applied = place.diff(), place.apply()

    for changeset in (diffed.changeset, applied.changeset):
        (change,) = changeset.changes
        named = (change.action, change.reason, change.by)
        assert named == (Action.BLOCK, Reason.GUARD, guard.partition(":")[0])
    assert codes(diffed.changeset.diagnostics) == [code]
    assert code in codes(applied.diagnostics)
    assert applied.exit_code is ExitCode.REFUSED
    assert not running.store.state(0).instances


def test_a_guard_that_is_set_aside_asks_for_nothing_that_is_not_shown(esb):
    place, _ = esb
    place.write("launcher.yaml", SETTINGS.format(guards="requireVerification: true"))

    applied = place.apply(override=frozenset({"requireVerification"}), reason="esb alone is left")

    assert newest(applied).outcome is OutcomeKind.SUCCEEDED


def test_an_esb_that_drops_the_field_is_noticed_before_anything_is_created(esb):
    place, running = esb
    fault = "- {fault: esb-drops-start-task, times: always}"
    running.store.add_faults(parse_faults(fault, "test"))

    applied = place.apply()

    assert applied.exit_code is ExitCode.REFUSED
    assert "L231" in codes(applied.diagnostics)
    assert not running.store.state(0).instances
