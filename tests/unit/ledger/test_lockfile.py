from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from launcher.catalogue import texts
from launcher.engine.events import Draft, Kind
from launcher.engine.fold import fold
from launcher.engine.recorded import LaunchRecord, OutcomeKind
from launcher.errors import LauncherError, RefusedToAct, SurroundingsFailed
from launcher.ledger import lockfile, lockfile_file
from launcher.ledger.disk import Disk
from launcher.ledger.lockfile import Lockfile, Printer, lockfile_of, parse, render
from launcher.ledger.lockfile_model import SCHEMA_FILE, lockfile_schema, problems, schema_files
from tests.support.ledgers import (
    LINEAGE,
    PIN,
    SERVER,
    SPEC,
    a_key,
    a_whole_launch,
    about,
    adopted,
    bound,
    created,
    events_of,
    intended,
    opened,
    operating,
    prepared,
    recorded_of,
    renamed,
    waived,
)

SECRET_SPEC: dict[str, Any] = {
    "scope": {"type": "biz", "id": "2"},
    "plan": {"id": 1000},
    "variables": {
        "password": {"secret": {"env": "DB", "version": "3"}},
        "targets": {
            "id": 436,
            "hosts": {
                "ids": [1],
                "ips": [{"cloud": 0, "ip": "10.0.0.1"}],
                "dynamicGroups": ["g"],
                "topoNodes": [{"type": "module", "id": 9}],
            },
        },
    },
    "callbackUrl": "https://me:pw@ops.example.org/hook?token=s3cr3t#x",
    "pin": {"digest": "v1:sha256:" + "cd" * 32},
}


def again(kind: Kind, key: str = "b", attempt: int = 2, **data: Any) -> Draft:
    return about(kind, key=a_key(key), attempt=attempt, **data)


SECOND = intended(key=a_key("b"), attempt=2, nonce="n2")
STATES: dict[str, tuple[Draft, ...]] = {
    "nothing launched": (),
    "intended": (intended(),),
    "prepared": (intended(), prepared()),
    "refused": (intended(), about(Kind.REFUSED, stage="verify", message="other steps")),
    "starting": (intended(), prepared(), about(Kind.STARTING)),
    "running": (intended(), prepared(), about(Kind.STARTING), about(Kind.OBSERVED, status=2)),
    "waiting": (intended(), prepared(), about(Kind.STARTING), about(Kind.OBSERVED, status=7)),
    "succeeded": a_whole_launch(),
    "failed": (*a_whole_launch()[:-1], about(Kind.SETTLED, outcome="failed", status=4)),
    "cancelled": (*a_whole_launch()[:-1], about(Kind.SETTLED, outcome="cancelled", status=11)),
    "unknown": (*a_whole_launch()[:-1], about(Kind.SETTLED, outcome="unknown", reason="lost")),
    "not-ran": (
        *a_whole_launch()[:-1],
        about(Kind.SETTLED, outcome="unknown"),
        about(Kind.RESOLVED, outcome="not-ran", reason="looked"),
    ),
    "superseded": (intended(), prepared(), about(Kind.SUPERSEDED)),
    "adopted": (adopted(attempt=1),),
    "adopted while it runs": (adopted(attempt=1, outcome="running", status=2),),
    "adopted, then settled": (
        adopted(attempt=1, outcome="running", status=2),
        about(Kind.SETTLED, outcome="failed", status=4),
    ),
    "waived": (*a_whole_launch()[:-1], about(Kind.SETTLED, outcome="failed"), waived()),
    "waived, never launched": (waived(attempt=1),),
    "superseded after an adoption": (adopted(attempt=1), SECOND, again(Kind.SUPERSEDED)),
    "superseded after a waiver": (waived(attempt=1), SECOND, again(Kind.SUPERSEDED)),
    "failed, carried on with, succeeded": (
        *a_whole_launch()[:-1],
        about(Kind.SETTLED, outcome="failed", status=4),
        about(Kind.OBSERVED, status=2),
        about(Kind.SETTLED, outcome="succeeded", status=3),
    ),
    "renamed": (*a_whole_launch("web"), renamed("web-deploy", "web")),
    "under operation": (*a_whole_launch()[:-1], operating()),
    "archived": (*a_whole_launch(), about(Kind.ARCHIVED, attempt=None)),
    "failed after success": (
        *a_whole_launch(),
        SECOND,
        again(Kind.STARTING),
        again(Kind.SETTLED, outcome="failed"),
    ),
    "secrets": (intended(spec=SECRET_SPEC), prepared(), about(Kind.STARTING)),
}


def a_lockfile(*drafts: Draft) -> Lockfile:
    return lockfile_of(recorded_of(created(), bound(), opened(), *drafts), "production")


def entry_of(*drafts: Draft) -> dict[str, Any]:
    return dict(a_lockfile(*drafts).launches["web-deploy"])


# --- printing ---------------------------------------------------------------------------------


@pytest.mark.parametrize("drafts", STATES.values(), ids=STATES)
def test_a_printer_gives_the_same_text_whatever_it_has_printed_before(drafts: tuple[Draft, ...]):
    printer = Printer()
    drafts = (created(), *a_whole_launch("db-migrate"), intended("half \ud800"), bound(), *drafts)
    for count in range(1, len(drafts) + 1):
        recorded = recorded_of(*drafts[:count])
        assert printer(recorded, "production") == render(lockfile_of(recorded, "production"))


def test_a_printer_renders_only_what_has_changed(monkeypatch):
    recorded = recorded_of(created(), intended("web"), intended("db"))
    following = events_of(about(Kind.ARCHIVED, "db"), after=recorded.head)
    printer, entry = Printer(), lockfile._entry
    rendered: list[str] = []

    def noted(record: LaunchRecord) -> dict[str, Any]:
        rendered.append(record.name)
        return entry(record)

    monkeypatch.setattr(lockfile, "_entry", noted)
    printer(recorded, "production")
    printer(fold(recorded, following), "production")
    assert rendered == ["db", "web", "db"]


# --- content ----------------------------------------------------------------------------------


def test_a_lockfile_says_what_ran() -> None:
    recorded = recorded_of(created(), bound(), opened(), *a_whole_launch())
    assert lockfile_of(recorded, "production").to_data() == {
        "lockfileVersion": 1,
        "environment": "production",
        "lineage": LINEAGE,
        "server": SERVER,
        "serial": 9,
        "head": recorded.head.hash,
        "commit": "c0ffee",
        "launches": {
            "web-deploy": {
                "key": {"revision": 1, "digest": a_key().digest},
                "attempt": 1,
                "outcome": "succeeded",
                "instance": {"id": 20000000001, "name": "Deploy web", "url": None},
                "plan": PIN,
                "spec": SPEC,
                "accepted": None,
                "started": "2026-11-22T12:00:07Z",
                "finished": "2026-11-22T12:30:00Z",
                "commit": "c0ffee",
                "manifest": "plans/web-deploy.yaml",
            }
        },
    }


def test_an_empty_ledger_has_no_lockfile() -> None:
    with pytest.raises(ValueError, match="empty ledger"):
        lockfile_of(recorded_of(), "production")


def test_the_text_is_sorted_with_one_value_a_line_and_a_final_newline() -> None:
    text = render(a_lockfile(*a_whole_launch("web"), *a_whole_launch("api")))
    assert text.endswith("}\n")
    assert text == json.dumps(json.loads(text), indent=2, sort_keys=True) + "\n"
    assert text.index('"api"') < text.index('"web"')


def test_names_in_any_script_are_written_as_they_are() -> None:
    found = {"id": 7, "name": "发布 \ud800"}
    text = render(a_lockfile(intended(), about(Kind.PREPARED, nonce="n1", instance=found)))
    assert "发布 \\ud800" in text
    text.encode("utf-8", "strict")
    assert parse(text, "x").launches["web-deploy"]["instance"]["name"] == "发布 \ud800"


def test_no_token_of_a_callback_url_and_no_secret_is_written() -> None:
    spec = entry_of(*STATES["secrets"])["spec"]
    assert spec["callbackUrl"] == "https://ops.example.org/hook"
    assert spec["variables"]["password"] == {"secret": {"env": "DB", "version": "3"}}


def test_the_accepted_attempt_is_named_where_a_newer_one_failed() -> None:
    entry = entry_of(*STATES["failed after success"])
    assert (entry["attempt"], entry["outcome"]) == (2, "failed")
    assert entry["accepted"] == {
        "attempt": 1,
        "key": {"revision": 1, "digest": a_key().digest},
        "outcome": "succeeded",
        "spec": SPEC,
    }


@pytest.mark.parametrize(("state", "outcome"), [("an adoption", "adopted"), ("a waiver", "waived")])
def test_the_accepted_attempt_says_how_it_counts_as_done(state: str, outcome: str) -> None:
    entry = entry_of(*STATES[f"superseded after {state}"])
    assert (entry["outcome"], entry["accepted"]["outcome"]) == ("superseded", outcome)


def test_a_lockfile_that_does_not_say_how_an_attempt_was_accepted_is_read() -> None:
    data = _changed(GOOD, ("launches", "web-deploy", "accepted", "outcome"), None, drop=True)
    assert problems(data) == ()


def test_a_waived_launch_has_no_instance_and_was_never_started() -> None:
    entry = entry_of(*STATES["waived"])
    assert (entry["attempt"], entry["outcome"]) == (2, "waived")
    assert (entry["instance"], entry["started"]) == (None, None)
    assert entry["finished"] is not None


def test_a_rename_moves_the_entry() -> None:
    launches = a_lockfile(*STATES["renamed"]).launches
    assert list(launches) == ["web-deploy"]
    assert launches["web-deploy"]["outcome"] == "succeeded"


def test_an_accepted_attempt_that_was_overwritten_since_is_not_named() -> None:
    """Restored from such a lockfile, the launch would look in sync with what the second attempt overwrote."""
    third = intended(key=a_key("c"), attempt=3, nonce="n3")
    superseded = again(Kind.SUPERSEDED, "c", 3)
    assert entry_of(*STATES["failed after success"], third, superseded)["accepted"] is None
    second_never_started = (SECOND, again(Kind.SUPERSEDED))
    entry = entry_of(*a_whole_launch(), *second_never_started, third, superseded)
    assert entry["accepted"]["attempt"] == 1


def test_archived_launches_stay() -> None:
    assert entry_of(*STATES["archived"])["archived"] is True
    assert "archived" not in entry_of(*STATES["succeeded"])


def test_what_has_not_ended_has_no_end() -> None:
    for state in ("intended", "prepared", "starting", "running", "waiting", "unknown"):
        assert entry_of(*STATES[state])["finished"] is None


# --- reading back -----------------------------------------------------------------------------


@pytest.mark.parametrize("state", STATES)
def test_every_state_survives_and_passes_both_drafts_of_the_schema(state: str) -> None:
    lockfile = a_lockfile(*STATES[state])
    text = render(lockfile)
    data = json.loads(text)
    assert parse(text, "locks/production.lock.json") == lockfile
    assert render(parse(text, "x")) == text
    schema = lockfile_schema()
    jsonschema.Draft7Validator(schema).validate(data)
    jsonschema.Draft202012Validator(schema).validate(data)
    jsonschema_rs.Draft7Validator(schema).validate(data)
    jsonschema_rs.Draft202012Validator(schema).validate(data)


def test_the_states_cover_every_outcome() -> None:
    outcomes = {
        entry["outcome"]
        for drafts in STATES.values()
        for entry in a_lockfile(*drafts).launches.values()
    }
    assert outcomes == {kind.value for kind in OutcomeKind}


def test_the_committed_schema_is_that_of_the_model() -> None:
    committed = Path(__file__).parents[3] / "schemas" / SCHEMA_FILE
    assert schema_files() == {SCHEMA_FILE: committed.read_text()}
    jsonschema.Draft7Validator.check_schema(lockfile_schema())
    jsonschema.Draft202012Validator.check_schema(lockfile_schema())


GOOD = json.loads(render(a_lockfile(*STATES["failed after success"])))


def _routes(node: object, route: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    if not isinstance(node, dict):
        return [route]
    return [route, *(item for key in node for item in _routes(node[key], (*route, key)))]


def _changed(node: Any, route: tuple[str, ...], value: object, *, drop: bool) -> Any:
    if not route:
        return value
    head, *rest = route
    if drop and not rest:
        return {key: item for key, item in node.items() if key != head}
    return {**node, head: _changed(node[head], tuple(rest), value, drop=drop)}


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(), st.builds(dict), st.builds(list)
)


VALIDATORS = (
    jsonschema_rs.Draft7Validator(lockfile_schema()),
    jsonschema_rs.Draft202012Validator(lockfile_schema()),
)


@settings(deadline=None)
@given(route=st.sampled_from(_routes(GOOD)), value=VALUES, drop=st.booleans())
def test_the_model_and_the_schema_say_the_same_of_a_changed_lockfile(
    route: tuple[str, ...], value: object, *, drop: bool
) -> None:
    data = _changed(GOOD, route, value, drop=drop)
    verdicts = {not problems(data), *(item.is_valid(data) for item in VALIDATORS)}
    assert len(verdicts) == 1


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "L440"),
        ("<<<<<<< HEAD\n{}", "L440"),
        ("[" * 100_000, "L440"),
        ('{"lockfileVersion": ' + "1" * 5000 + "}", "L440"),
        ("[]", "L441"),
        ("null", "L441"),
        ("{}", "L441"),
        ('{"lockfileVersion": "1"}', "L441"),
        ('{"lockfileVersion": 2}', "L442"),
        (json.dumps({**GOOD, "extra": 1}), "L441"),
        (json.dumps({**GOOD, "serial": 0}), "L441"),
        (json.dumps({**GOOD, "head": GOOD["head"] + "\n"}), "L441"),
        (json.dumps({**GOOD, "launches": {"Not a name": {}}}), "L441"),
    ],
)
def test_a_damaged_lockfile_is_refused_at_its_place(text: str, code: str) -> None:
    with pytest.raises(RefusedToAct) as caught:
        parse(text, "locks/production.lock.json")
    for found in caught.value.diagnostics:
        assert found.code == code
        assert found.place is not None
        assert found.place.path == "locks/production.lock.json"
        assert texts(found).detail
        if code != "L442":
            assert "launcher lock sync -e production" in (texts(found).hint or "")


def test_what_is_wrong_inside_an_entry_is_pointed_at() -> None:
    data = _changed(
        GOOD, ("launches", "web-deploy", "spec", "variables", "package_version"), 1, drop=False
    )
    with pytest.raises(RefusedToAct) as caught:
        parse(json.dumps(data), "x")
    pointers = {item.place.pointer for item in caught.value.diagnostics if item.place}
    assert pointers == {("launches", "web-deploy", "spec", "variables", "package_version")}


# --- the file ---------------------------------------------------------------------------------


def test_a_lockfile_is_written_whole_readable_by_all_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "locks" / "production.lock.json"
    assert lockfile_file.read(path, "x") is None
    lockfile = a_lockfile(*a_whole_launch())
    before = os.umask(0o077)
    try:
        lockfile_file.write(path, render(a_lockfile()))
        lockfile_file.write(path, render(lockfile))
    finally:
        os.umask(before)
    assert lockfile_file.read(path, "x") == lockfile
    assert path.stat().st_mode & 0o777 == 0o644
    assert [item.name for item in path.parent.iterdir()] == [path.name]


class BrokenDisk(Disk):
    def sync(self, descriptor: int) -> None:
        super().sync(descriptor)
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_write_that_fails_leaves_the_old_lockfile(tmp_path: Path) -> None:
    path = tmp_path / "production.lock.json"
    path.write_text("old")
    with pytest.raises(SurroundingsFailed) as caught:
        lockfile_file.write(path, "new", BrokenDisk())
    assert "No space left" in texts(caught.value.diagnostics[0]).detail
    assert path.read_text() == "old"
    assert [item.name for item in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("content", [b"\xff\xfe", None])
def test_a_lockfile_that_cannot_be_read_is_told(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "production.lock.json"
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    with pytest.raises(LauncherError) as caught:
        lockfile_file.read(path, "locks/production.lock.json")
    (found,) = caught.value.diagnostics
    assert found.code == "L447"
    assert texts(found).detail.startswith("locks/production.lock.json cannot be read")
