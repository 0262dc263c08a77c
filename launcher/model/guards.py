"""Rules of an environment that can refuse a launch or hold it back."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from launcher.model.base import (
    Absentable,
    DistinctList,
    FromOne,
    Id,
    ManifestModel,
    NonEmptyList,
    only_boolean,
)
from launcher.model.shapes import Date, EndOfDay, Line, TimeOfDay, TimeZone

__all__ = ["Freeze", "Guards", "Window"]

_Flag = Annotated[bool, BeforeValidator(only_boolean)]

_TIME_ZONE = Field(
    title="Time zone",
    description="The zone by whose clocks this is meant, by its IANA name. An offset is none: it does not know summer time.",
)


class Window(ManifestModel):
    """Hours in which launches may start."""

    days: Annotated[
        DistinctList[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]],
        Field(
            min_length=1,
            title="Days",
            description="The days on which the window opens. One that lasts past midnight belongs to the day on which it opens.",
            examples=[["mon", "tue", "wed", "thu"]],
        ),
    ]
    start: Annotated[
        TimeOfDay,
        Field(
            alias="from",
            title="From",
            description="When the window opens, as `HH:MM`.",
        ),
    ]
    end: Annotated[
        EndOfDay,
        Field(
            alias="to",
            title="To",
            description="When it closes, as `HH:MM`; this minute is outside. Earlier than `from`: on the next day. `24:00` is the end of the day.",
        ),
    ]
    timezone: Annotated[TimeZone, _TIME_ZONE]


class Freeze(ManifestModel):
    """Days on which nothing may start."""

    first: Annotated[
        Date,
        Field(
            alias="from",
            title="From",
            description="The first day of the freeze, as `YYYY-MM-DD`.",
        ),
    ]
    last: Annotated[
        Date,
        Field(
            alias="to",
            title="To",
            description="The last day of the freeze, as `YYYY-MM-DD`; it is frozen as well.",
        ),
    ]
    timezone: Annotated[TimeZone, _TIME_ZONE]
    reason: Annotated[
        Absentable[Line],
        Field(
            title="Reason",
            description="Why nothing may start: shown to whoever is held back.",
            examples=["year end"],
        ),
    ] = None


class Guards(ManifestModel):
    """Rules that can refuse a launch."""

    max_launches: Annotated[
        Absentable[FromOne],
        Field(
            title="Most launches",
            description="How many launches one apply may start. If it would be more, none is started.",
            examples=[20],
        ),
    ] = None
    max_hosts: Annotated[
        Absentable[FromOne],
        Field(
            title="Most hosts",
            description="How many hosts one launch may run on, counted after groups and nodes are resolved.",
            examples=[500],
        ),
    ] = None
    allowed_plans: Annotated[
        Absentable[DistinctList[Id]],
        Field(
            min_length=1,
            title="Allowed job plans",
            description="Ids of the job plans that may be launched, however a manifest names them. Left out, any may.",
            examples=[[1000, 2000]],
        ),
    ] = None
    windows: Annotated[
        Absentable[NonEmptyList[Window]],
        Field(
            title="Windows",
            description="Hours in which launches may start: one open window is enough. Left out, any time will do.",
            examples=[
                [
                    {
                        "days": ["mon", "tue", "wed", "thu"],
                        "from": "10:00",
                        "to": "17:00",
                        "timezone": "Asia/Shanghai",
                    }
                ]
            ],
        ),
    ] = None
    freezes: Annotated[
        Absentable[list[Freeze]],
        Field(
            title="Freezes",
            description="Days on which nothing may start, windows or not. What is running goes on.",
            examples=[
                [
                    {
                        "from": "2026-12-24",
                        "to": "2027-01-02",
                        "timezone": "Asia/Shanghai",
                        "reason": "year end",
                    }
                ]
            ],
        ),
    ] = None
    require_reviewed_digest: Annotated[
        _Flag,
        Field(
            title="Require a reviewed digest",
            description="`true`: only what a review has approved is started.",
        ),
    ] = False
    require_verification: Annotated[
        _Flag,
        Field(
            title="Require verification",
            description="`true`: refuse a launch where JOB's own copy of it cannot be read back before it is started.",
        ),
    ] = False
    allow_single_phase: Annotated[
        _Flag,
        Field(
            title="Allow single phase",
            description="`true`: launch also on a JOB server that is too old to create an instance without starting it. An answer that is lost then leaves the launch `unknown`.",
        ),
    ] = False
