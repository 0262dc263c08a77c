import pytest

from launcher.job.decoding import Unreadable, decode
from launcher.job.envelope import Answer, Fault, read_reply
from launcher.job.transport import Reply
from launcher.job.verdicts import Signal

OK = b'{"code": 0, "result": true, "data": {}}'


def read(body):
    return read_reply(Reply(200, None, body), "https://job.example:443")


def test_an_envelope_needs_neither_message_nor_request_id():
    assert read(OK) == Answer(0, "", {}, None)


def test_a_refusal_without_words_is_given_some():
    assert read(b'{"code": 7, "result": false}').message.endswith("(L313)")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"<html></html>",
        b'{"code": 0}',
        b'{"result": true}',
        b'{"code": 0, "result": false}',
        b'{"code": 5, "result": true}',
        b'{"code": "0", "result": true}',
        b'{"code": false, "result": true}',
        b'{"code": 0.0, "result": true}',
        b'{"code": 0, "result": 1}',
        OK[:-1],
        OK + b"}",
        OK.replace(b"{}", b"NaN"),
        OK.replace(b"{}", b"Infinity"),
        OK.replace(b"{}", b'"\xff"'),
        OK.replace(b"{}", b"9" * 5000),
        OK.replace(b"{}", b"[" * 65 + b"]" * 65),
        OK.replace(b"{}", b"[" * 100_000 + b"]" * 100_000),
        b'{"code": 0, "code": 0, "result": true, "data": {}}',
        OK.replace(b"{}", b'{"job_instance_id": 1, "job_instance_id": 2}'),
    ],
    ids=range(22),
)
def test_what_is_no_envelope_is_unreadable_and_raises_nothing(body):
    found = read(body)

    assert isinstance(found, Fault)
    assert found.signal is Signal.UNREADABLE


def test_whole_numbers_stay_exact_and_fractions_stay_text():
    assert decode(b"[9007199254740993, 1.50, 1e400]") == [9007199254740993, "1.50", "1e400"]


def test_a_pair_of_surrogates_is_a_character_and_half_of_one_is_not():
    assert decode(rb'["\ud83d\ude00"]') == ["\U0001f600"]
    with pytest.raises(Unreadable):
        decode(rb'["\ud83d"]')


def test_nesting_up_to_the_budget_is_read():
    assert decode(b"[" * 64 + b"]" * 64)
    with pytest.raises(Unreadable):
        decode(b"[" * 66 + b"]" * 66)


def test_a_reason_never_quotes_the_answer():
    assert "hunter2" not in read(b'{"code": "hunter2"').message
    assert "hunter2" not in repr(read(OK.replace(b"{}", b'{"password": "hunter2"}')))


def test_the_id_of_a_success_holds_no_secret():
    """A server may say back what it was sent, in any of its headers."""
    sent = Reply(200, "id-s3cret-1", b'{"code": 0, "result": true, "request_id": "s3cret-2"}')
    found = read_reply(sent, "https://job.example:443", lambda text: text.replace("s3cret", "***"))
    assert isinstance(found, Answer)
    assert found.request_id == "id-***-1, ***-2"
