"""The stored state: kept over restarts, shared by processes, written piece by piece."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from launcher.errors import SurroundingsFailed
from launcher.sandbox.store import StateStore
from launcher.sandbox.wire import Request
from launcher.sandbox.world import World
from launcher.sandbox.worldfile import parse_faults
from tests.support.sandbox import NOON_MS, SCOPE, a_plan, a_script, a_variable, a_world

_HEADERS = {
    "x-bkapi-authorization": json.dumps(
        {"bk_app_code": "app", "bk_app_secret": "top-secret", "bk_username": "alice"},
    ),
}


def _create(**params):
    body = json.dumps({**SCOPE, "job_plan_id": 1000, **params}).encode()
    return Request("POST", "/api/v3/execute_job_plan", (), _HEADERS, body)


def _codes(caught):
    return [item.code for item in caught.value.diagnostics]


def test_a_state_outlives_its_process(tmp_path):
    path = tmp_path / "deep" / "state.sqlite"
    world = World(a_world(id=None))
    first = StateStore(world, path)
    first.exchange(_create(), NOON_MS)
    kept = first.state(NOON_MS + 60_000)
    first.close()
    second = StateStore(world, path)
    assert second.world_id == first.world_id
    assert second.state(NOON_MS + 60_000) == kept
    assert kept.instances[20000000001].status == 3
    second.close()


def test_every_shape_of_step_survives_the_file(tmp_path):
    file = {
        "type": "file",
        "id": 2,
        "name": "push",
        "sources": [{"files": ["/a"], "account": 4, "targets": {"hosts": [102]}}],
        "path": "/data/",
        "account": 4,
        "targets": {"hosts": [101]},
    }
    approval = {"type": "approval", "id": 3, "name": "approve"}
    plan = a_plan(a_script(), file, approval, variables=[a_variable("A", value="ä\x00")])
    world = World(a_world(plan))
    store = StateStore(world, tmp_path / "s.sqlite")
    store.exchange(_create(callback_url="https://o.org/"), NOON_MS)
    store.exchange(_create(), NOON_MS)
    kept = store.state(NOON_MS + 60_000)
    store.close()
    again = StateStore(world, tmp_path / "s.sqlite")
    assert again.state(NOON_MS + 60_000) == kept
    again.close()


def test_worlds_without_an_id_differ(tmp_path):
    world = World(a_world(id=None))
    stores = [StateStore(world, tmp_path / name) for name in ("a", "b")]
    assert stores[0].world_id != stores[1].world_id
    for store in stores:
        store.close()


def test_a_state_of_another_world_is_refused(tmp_path):
    path = tmp_path / "s.sqlite"
    StateStore(World(a_world(id="red")), path).close()
    with pytest.raises(SurroundingsFailed) as caught:
        StateStore(World(a_world(id="blue")), path)
    assert _codes(caught) == ["L606"]
    StateStore(World(a_world(id=None)), path).close()


def test_a_file_that_is_no_state_is_refused(tmp_path):
    noise = tmp_path / "noise"
    noise.write_text("this is not a database, whatever one may think of it" * 50)
    with pytest.raises(SurroundingsFailed) as caught:
        StateStore(World(a_world()), noise)
    assert _codes(caught) == ["L607"]
    with pytest.raises(SurroundingsFailed) as caught:
        StateStore(World(a_world()), tmp_path)
    assert _codes(caught) == ["L607"]


def test_a_state_of_another_format_or_shape_is_refused(tmp_path):
    path = tmp_path / "s.sqlite"
    world = World(a_world())
    store = StateStore(world, path)
    store.exchange(_create(), NOON_MS)
    store.close()
    _alter(path, "UPDATE instances SET body = '{}'")
    with pytest.raises(SurroundingsFailed) as caught:
        StateStore(world, path)
    assert _codes(caught) == ["L607"]
    _alter(path, "PRAGMA user_version = 99")
    with pytest.raises(SurroundingsFailed) as caught:
        StateStore(world, path)
    assert _codes(caught) == ["L607"]


def _alter(path, statement):
    database = sqlite3.connect(path)
    database.execute(statement)
    database.commit()
    database.close()


def test_two_stores_of_one_file_see_each_others_changes(tmp_path):
    world = World(a_world())
    one, two = (StateStore(world, tmp_path / "s.sqlite") for _ in range(2))
    one.exchange(_create(start_task=False), NOON_MS)
    two.exchange(_create(start_task=False), NOON_MS)
    one.add_faults(parse_faults("- {fault: purge}", "f"))
    assert set(two.state(NOON_MS).instances) == {20000000001, 20000000002}
    two.exchange(_create(start_task=False), NOON_MS + 1)
    assert set(one.state(NOON_MS).instances) == {20000000003}
    assert len(one.records()) == 3
    one.close()
    two.close()


def test_threads_lose_no_updates(tmp_path):
    store = StateStore(World(a_world()), tmp_path / "s.sqlite")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: store.exchange(_create(), NOON_MS), range(80)))
    assert len(store.state(NOON_MS).instances) == 80
    store.close()


_WRITER = """
import sys
from pathlib import Path
from tests.unit.sandbox.test_store import many_creations
many_creations(Path(sys.argv[1]), 40)
"""


def many_creations(path, number):
    """What another process does."""
    store = StateStore(World(a_world()), path)
    for _ in range(number):
        store.exchange(_create(), NOON_MS)
    store.close()


def test_processes_lose_no_updates(tmp_path):
    path = tmp_path / "s.sqlite"
    command = [sys.executable, "-c", _WRITER, str(path)]
    writers = [subprocess.Popen(command) for _ in range(2)]  # noqa: S603 - our own interpreter
    many_creations(path, 40)
    assert [writer.wait(60) for writer in writers] == [0, 0]
    store = StateStore(World(a_world()), path)
    assert len(store.state(NOON_MS).instances) == 120
    store.close()


def test_an_exchange_waits_for_another_that_has_begun(tmp_path, monkeypatch):
    world = World(a_world())
    one, two = (StateStore(world, tmp_path / "s.sqlite") for _ in range(2))
    begun, go_on = threading.Event(), threading.Event()
    record = one._record

    def linger(entry):
        begun.set()
        assert go_on.wait(30)
        record(entry)

    monkeypatch.setattr(one, "_record", linger)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(one.exchange, _create(), NOON_MS)
        assert begun.wait(30)
        second = pool.submit(two.exchange, _create(), NOON_MS)
        # Time for the second to get as far as it can.
        assert not go_on.wait(0.2)
        go_on.set()
        ids = [future.result().response.json()["data"] for future in (first, second)]
    assert len({str(found) for found in ids}) == 2
    one.close()
    two.close()


def test_faults_are_armed_once_and_their_count_is_kept(tmp_path):
    faults = parse_faults("- {fault: rate-limited}", "f")
    statuses = []
    for _ in range(2):
        store = StateStore(World(a_world()), tmp_path / "s.sqlite", faults)
        statuses.append(store.exchange(_create(), NOON_MS).response.status)
        store.close()
    assert statuses == [429, 200]


def test_the_clock_can_be_put_forward():
    store = StateStore(World(a_world()))
    store.exchange(_create(), NOON_MS)
    store.shift(3600)
    assert store.state(NOON_MS).instances[20000000001].status == 3
    store.exchange(_create(), NOON_MS)
    created = store.state(NOON_MS).instances[20000000002].create_ms
    assert created == NOON_MS + 3_600_000
    store.close()


def test_an_exchange_that_fails_leaves_everything_as_it_was(tmp_path, monkeypatch):
    store = StateStore(World(a_world()), tmp_path / "s.sqlite")
    store.exchange(_create(), NOON_MS)
    monkeypatch.setattr(store, "_record", _raise)
    with pytest.raises(RuntimeError):
        store.exchange(_create(), NOON_MS)
    monkeypatch.undo()
    assert len(store.state(NOON_MS).instances) == 1
    store.exchange(_create(), NOON_MS)
    assert set(store.state(NOON_MS).instances) == {20000000001, 20000000002}
    store.close()


def _raise(_record):
    raise RuntimeError("died in the middle")


def test_neither_credentials_nor_cipher_values_reach_the_file(tmp_path):
    path = tmp_path / "s.sqlite"
    plan = a_plan(variables=[a_variable("PASS", "cipher")])
    store = StateStore(World(a_world(plan)), path)
    store.exchange(_create(global_var_list=[{"name": "PASS", "value": "hunter22"}]), NOON_MS)
    esb = Request(
        "POST",
        "/api/c/compapi/v2/jobv3/get_job_plan_list/",
        (),
        {},
        json.dumps(
            {**SCOPE, "bk_app_code": "a", "bk_app_secret": "top-secret", "bk_token": "my-token"},
        ).encode(),
    )
    assert store.exchange(esb, NOON_MS).response.status == 200
    records = store.records()
    store.close()
    content = path.read_bytes()
    assert not [word for word in (b"hunter22", b"top-secret", b"my-token") if word in content]
    assert path.stat().st_mode & 0o077 == 0
    assert [record["operation"] for record in records] == ["execute_job_plan", "get_job_plan_list"]


def test_a_thousand_instances_do_not_slow_a_call_down(tmp_path):
    path = tmp_path / "s.sqlite"
    store = StateStore(World(a_world()), path)
    for _ in range(1000):
        store.exchange(_create(start_task=False), NOON_MS)
    changes = store._db.total_changes
    store.exchange(_create(start_task=False), NOON_MS)
    # One instance, the world's own row, one record.
    assert store._db.total_changes - changes == 3
    store.close()
