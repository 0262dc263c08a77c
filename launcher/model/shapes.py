r"""The shapes of text that documents use, each with the name its explanation goes by.

Every pattern reads the same in ECMA 262, Python and Rust: no `\d`, `\s` or `.`, whose reach differs.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from launcher.model.base import Shape

__all__ = [
    "CallbackUrl",
    "Date",
    "Duration",
    "DynamicGroupId",
    "EndOfDay",
    "GlobPattern",
    "Instant",
    "Ipv4",
    "LabelKey",
    "Line",
    "Name",
    "NodeType",
    "PlanDigest",
    "ScopeId",
    "SecretEnv",
    "SecretFile",
    "ServerName",
    "Text",
    "TimeOfDay",
    "TimeZone",
    "UserVariable",
    "VariableName",
]

_END = r"$(?!\n)"
_NAME = rf"^[a-z0-9]([-a-z0-9]{{0,61}}[a-z0-9])?{_END}"
_LINE = rf"^[^\x00-\x20\x7f-\xa0][^\x00-\x1f\x7f-\x9f]*{_END}"
_OCTET = r"(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_DNS_LABEL = r"[A-Za-z0-9]([-A-Za-z0-9]{0,61}[A-Za-z0-9])?"
_HOST = rf"(\[[0-9A-Fa-f:.]+\]|{_DNS_LABEL}(\.{_DNS_LABEL})*)"
_URL_CHARACTER = r"([-A-Za-z0-9._~:@!$&'()*+,;=/]|%[0-9A-Fa-f]{2})"
_URL_TAIL = rf"(/{_URL_CHARACTER}*)?(\?({_URL_CHARACTER}|\?)*)?(#({_URL_CHARACTER}|\?)*)?"
_FILE_PART = r"[A-Za-z0-9_][-A-Za-z0-9_.]*"
_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]"
_DAY = (
    r"(20[0-9]{2}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])"
    r"|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))"
    r"|20([02468][048]|[13579][26])-02-29)"
)
_SECONDS = r"([1-9][0-9]{0,3}|[1-7][0-9]{4}|8[0-5][0-9]{3}|86[0-3][0-9]{2}|86400)s"
_MINUTES = r"([1-9][0-9]{0,2}|1[0-3][0-9]{2}|14[0-3][0-9]|1440)m"
_HOURS = r"([1-9]|1[0-9]|2[0-4])h"
_ZONE_PART = r"[A-Z][-+A-Za-z0-9_]*"

Name = Annotated[str, Shape("name", _NAME), Field(examples=["web-deploy"])]
"""An identity: it becomes a git ref, a file name and marker text."""

ServerName = Annotated[str, Shape("server", _NAME), Field(examples=["sandbox", "remote"])]

Line = Annotated[str, Shape("line", _LINE)]
"""One line of text that starts with a visible character."""

VariableName = Annotated[str, Shape("variable_name", _LINE)]

LabelKey = Annotated[
    str, Shape("label_key", rf"^[A-Za-z0-9]([-A-Za-z0-9_./]{{0,61}}[A-Za-z0-9])?{_END}")
]

ScopeId = Annotated[str, Shape("scope_id", rf"^[1-9][0-9]{{0,18}}{_END}"), Field(examples=["2"])]

Text = Annotated[str, Shape("unmasked", r"[^* \t\r\n]|[ \t\r\n]\*|^\*{0,2}([ \t\r\n]|$)")]
"""A value as it is sent. Three or more asterisks and nothing else are a mask that JOB or a web page
showed instead of a value; JOB would take them for the value. The pattern says what no mask has, since
one that describes a mask to exclude it makes some engines give up on long texts.

Source: bk-job, `TaskInstanceVariableDAOImpl`: the mask has no special meaning on input.
"""

Ipv4 = Annotated[
    str, Shape("ip", rf"^({_OCTET}\.){{3}}{_OCTET}{_END}"), Field(examples=["10.0.0.11"])
]
"""Source: bk-job, `EsbIpDTO`: the whole text has to be an IPv4 address."""

DynamicGroupId = Annotated[
    str, Shape("dynamic_group", rf"^[!-9;-~]+{_END}"), Field(examples=["blo8gojho0skft7pr5q0"])
]
"""Source: bk-job, `TaskExecuteServiceImpl.standardizeDynamicGroupId`: `biz:group` is cut to `group`."""

NodeType = Annotated[
    str, Shape("node_type", rf"^[A-Za-z][A-Za-z0-9_]*{_END}"), Field(examples=["module", "set"])
]

PlanDigest = Annotated[
    str,
    Shape("plan_digest", rf"^v1:sha256:[0-9a-f]{{64}}{_END}"),
    Field(examples=["v1:sha256:" + "0123456789abcdef" * 4]),
]
"""A digest of a job plan's content; the form is that of all digests, see `launcher.engine.spec.digest_of`."""

CallbackUrl = Annotated[
    str,
    Field(max_length=1024, examples=["https://ops.example.org/hook"]),
    Shape("callback_url", rf"^https?://{_HOST}(:[0-9]{{1,5}})?{_URL_TAIL}{_END}"),
]
"""Source: bk-job, `CallbackUrlValidateServiceImpl`: http or https, a host, no user information; the first migration
of job-execute: a column of 1024 characters, and a longer one fails after the instance was saved."""

SecretEnv = Annotated[
    str, Shape("secret_env", rf"^[A-Z][A-Z0-9_]*{_END}"), Field(examples=["DB_PASSWORD"])
]

UserVariable = Annotated[
    str,
    Shape("user_variable", rf"^[A-Za-z_][A-Za-z0-9_]*{_END}"),
    Field(examples=["BK_APP_SECRET"]),
]
"""Any variable of the environment, in a file that belongs to the user."""

SecretFile = Annotated[
    str,
    Shape("secret_file", rf"^{_FILE_PART}(/{_FILE_PART})*{_END}"),
    Field(examples=["db_password"]),
]

GlobPattern = Annotated[
    str,
    Field(max_length=1024, examples=["plans/**/*.yaml"]),
    Shape("glob", rf"^(?!/)(?!([^/]*/)*(\.\.?)?(/|$))[^\\\x00-\x1f\x7f-\x9f]+{_END}"),
]
"""A path pattern that stays inside the workspace: relative, without `.`, `..` or empty parts."""

Duration = Annotated[
    str,
    Shape("duration", rf"^({_SECONDS}|{_MINUTES}|{_HOURS}){_END}"),
    Field(examples=["30s", "30m", "2h"]),
]
"""A whole number of seconds, minutes or hours, from a second to a day."""

Instant = Annotated[
    str,
    Shape(
        "instant",
        rf"^{_DAY}T{_TIME}:[0-5][0-9](\.[0-9]{{1,6}})?(Z|[-+]{_TIME}){_END}",
    ),
    Field(examples=["2026-11-23T02:00:00+08:00"]),
]
"""A point in time, the same everywhere. Source: RFC 3339, 5.6, without its small letters and leap seconds."""

TimeOfDay = Annotated[str, Shape("time_of_day", rf"^{_TIME}{_END}"), Field(examples=["10:00"])]

EndOfDay = Annotated[
    str, Shape("time_of_day", rf"^({_TIME}|24:00){_END}"), Field(examples=["17:00", "24:00"])
]
"""A time of day at which something ends; only there is `24:00` one."""

Date = Annotated[str, Shape("date", rf"^{_DAY}{_END}"), Field(examples=["2026-12-24"])]
"""A day of this century that the calendar has."""

TimeZone = Annotated[
    str,
    Field(max_length=64, examples=["Asia/Shanghai", "UTC"]),
    Shape("time_zone", rf"^{_ZONE_PART}(/{_ZONE_PART}){{0,2}}{_END}"),
]
"""The form of an IANA name; whether there is such a zone is looked up afterwards.

A capital begins each part: names like `localtime` and `posix/UTC` belong to the machine that reads them.
"""
