import json
from base64 import b64encode
from urllib.parse import quote, quote_plus

from launcher.job.redaction import Redactor


def test_a_secret_is_replaced_wherever_it_stands():
    assert Redactor(["hunter2"])("pw=hunter2, again hunter2") == "pw=(secret), again (secret)"


def test_a_short_value_is_left_alone():
    assert Redactor(["root"])("user root") == "user root"


def test_the_longer_of_two_nested_values_goes_first():
    assert Redactor(["secret-1", "secret-1-long"])("secret-1-long") == "(secret)"


def test_a_value_is_found_as_json_writes_it_and_line_by_line():
    redact = Redactor(['pass"word\n', "-----BEGIN-----\nabcdefgh\n"])

    assert redact(r'{"v": "pass\"word\n"}') == '{"v": "(secret)"}'
    assert redact("line: abcdefgh") == "line: (secret)"


def test_a_value_is_found_as_urls_and_base64_write_it():
    value = 'pass "word"\n/+ü&'
    redact = Redactor([value])
    in_json = json.dumps(value)[1:-1]
    for form in (value, in_json):
        for told in (quote(form), quote(form, safe=""), quote_plus(form)):
            assert redact(f"?a={told}&b") == "?a=(secret)&b"
        assert redact(f"basic {b64encode(form.encode()).decode()}") == "basic (secret)"
    assert redact(json.dumps(in_json)) == '"(secret)"'


def test_it_never_shows_what_it_knows():
    assert "hunter2" not in repr(Redactor(["hunter2"]))
