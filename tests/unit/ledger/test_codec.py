from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from launcher.engine.events import NO_HEAD, Draft, Event, Head, Kind
from launcher.engine.spec import LaunchKey
from launcher.ledger.codec import Damage, Part, check_follows, decode, encode, rfc3339
from tests.support.ledgers import NOON, an_author, created

DIGEST = "v1:sha256:" + "d" * 64


def a_line(**changes: Any) -> bytes:
    line = encode(created(), NO_HEAD, NOON, an_author(), random_id="id", part=Part(1, 1))
    return json.dumps({**json.loads(line), **changes}).encode()


def test_an_event_is_one_line_of_sorted_json_and_its_hash_is_that_of_the_line() -> None:
    draft = Draft(Kind.STARTING, "web", LaunchKey(3, DIGEST), 2, {"b": [1, None], "a": "é\n"})
    head = Head(7, "sha256:" + "a" * 64)
    author = an_author("ana", ci={"run": "17"})
    line = encode(draft, head, NOON, author, random_id="r", part=Part(1, 2))
    assert line.decode() == (
        '{"actor":"ana","attempt":2,"ci":{"run":"17"},"commit":"c0ffee","data":{"a":"é\\n","b":[1,null]},'
        f'"id":"r","key":{{"digest":"{DIGEST}","revision":3}},"kind":"starting","name":"web","part":[1,2],'
        f'"previous":"{head.hash}","serial":8,"time":"2026-11-22T12:00:00.000000Z","tool":"0.1.0","v":1}}'
    )
    assert decode(line) == (
        Event(
            serial=8,
            id="r",
            time=NOON,
            draft=draft,
            actor="ana",
            ci={"run": "17"},
            commit="c0ffee",
            tool="0.1.0",
            previous=head.hash,
            hash="sha256:" + hashlib.sha256(line).hexdigest(),
        ),
        Part(1, 2),
    )


def test_times_are_written_in_utc() -> None:
    shanghai = timezone(timedelta(hours=8))
    time = datetime(2026, 11, 23, 2, 0, 0, 5, tzinfo=shanghai)
    assert rfc3339(time) == "2026-11-22T18:00:00.000005Z"
    assert rfc3339(time, timespec="seconds") == "2026-11-22T18:00:00Z"
    assert decode(a_line(time="2026-11-23T02:00:00+08:00"))[0].time == datetime(
        2026, 11, 22, 18, tzinfo=UTC
    )


def test_half_of_a_surrogate_pair_is_written_so_that_any_reader_can_read_it() -> None:
    draft = Draft(Kind.OVERRIDDEN, data={"reason": "a\ud800b"})
    line = encode(draft, NO_HEAD, NOON, an_author(), random_id="r", part=Part(1, 1))
    assert "a\\ud800b" in line.decode("utf-8", "strict")
    assert decode(line)[0].draft == draft


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        pytest.param(b"", "L401", "not JSON", id="empty"),
        pytest.param(b"{", "L401", "not JSON", id="cut"),
        pytest.param(b"\xff\xfe", "L401", "not JSON", id="not UTF-8"),
        pytest.param(b"[" * 9000, "L401", "not JSON", id="deep"),
        pytest.param(b'{"v":' + b"9" * 5000 + b"}", "L401", "not JSON", id="long number"),
        pytest.param(b"[]", "L401", "not a JSON object", id="list"),
        pytest.param(b"{}", "L401", "no format version", id="no version"),
        pytest.param(a_line(v=0), "L401", "no format version", id="version 0"),
        pytest.param(a_line(v=True), "L401", "no format version", id="version true"),
        pytest.param(a_line(v=2), "L403", "", id="newer version"),
        pytest.param(a_line(kind="promoted"), "L404", "", id="unknown kind"),
        pytest.param(a_line(kind=["created"]), "L404", "", id="kind is a list"),
        pytest.param(b'{"v":1,"kind":"created"}', "L401", "'time' is missing", id="no fields"),
        pytest.param(a_line(serial="1"), "L401", "serial", id="serial is text"),
        pytest.param(a_line(serial=0), "L401", "serial", id="serial 0"),
        pytest.param(a_line(time="yesterday"), "L401", "wrong value", id="no time"),
        pytest.param(
            a_line(time="2026-11-22T12:00:00"), "L401", "offset", id="time without offset"
        ),
        pytest.param(
            a_line(time="0001-01-01T00:00:00+23:59"), "L401", "wrong value", id="before all time"
        ),
        pytest.param(a_line(time=5), "L401", "wrong value", id="time is a number"),
        pytest.param(a_line(data=None), "L401", "data", id="data is null"),
        pytest.param(a_line(ci=[]), "L401", "ci", id="ci is a list"),
        pytest.param(a_line(id=None), "L401", "id", id="id is null"),
        pytest.param(a_line(name=1), "L401", "name", id="name is a number"),
        pytest.param(a_line(attempt=1.5), "L401", "attempt", id="attempt is a fraction"),
        pytest.param(a_line(key={}), "L401", "revision", id="key is empty"),
        pytest.param(a_line(key=[]), "L401", "wrong value", id="key is a list"),
        pytest.param(
            a_line(key={"revision": "1", "digest": "d"}), "L401", "revision", id="revision"
        ),
        pytest.param(a_line(part=[2, 1]), "L401", "part", id="part beyond its group"),
        pytest.param(a_line(part=[0, 1]), "L401", "part", id="part 0"),
        pytest.param(a_line(part=1), "L401", "wrong value", id="part is a number"),
    ],
)
def test_a_line_that_is_no_event_is_damage(line: bytes, code: str, words: str) -> None:
    with pytest.raises(Damage) as caught:
        decode(line)
    assert caught.value.code == code
    assert words in caught.value.facts.get("problem", "")


def test_an_event_follows_only_on_the_one_it_was_written_after() -> None:
    event, _ = decode(a_line())
    check_follows(event, NO_HEAD)
    for head in (Head(1, ""), Head(0, "sha256:x")):
        with pytest.raises(Damage) as caught:
            check_follows(event, head)
        assert caught.value.code == "L402"
