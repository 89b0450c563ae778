"""Times on a wall clock somewhere: from what people type to an instant, and back.

An hour that a change of clock skips does not exist, one that it repeats is two instants: both
are refused with the question to answer, instead of being shifted by an hour unseen.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field

from app.core.i18n import gettext, later
from app.core.text import Line


@cache
def _known_zones() -> frozenset[str]:
    # A key is looked up in this list before any file is opened: `../../etc/passwd` and `Europe` are no zones.
    return frozenset(available_timezones()) - {"localtime", "Factory"}


def _zone_name(value: str) -> str:
    if value not in _known_zones():
        raise ValueError(later("Un fuseau horaire connu est attendu, par exemple Europe/Paris."))
    return value


ZoneName = Annotated[
    Line, AfterValidator(_zone_name), Field(description="A zone of the IANA database.", examples=["Europe/Paris"])
]
"""`Europe/Paris`, `Indian/Reunion`."""


def _no_number(value: object) -> object:
    if isinstance(value, int | float):
        raise ValueError(later("Une date et heure est attendue (2020-09-07T14:00)."))  # noqa: TRY004 - Pydantic reads ValueError
    return value


def _within_centuries(value: datetime) -> datetime:
    if not 1900 <= value.year <= 2200:
        raise ValueError(later("Une date entre 1900 et 2200 est attendue."))
    return value


WallTime = Annotated[
    datetime,
    BeforeValidator(_no_number),
    AfterValidator(_within_centuries),
    Field(
        description="With an offset, that instant; without one, the time on the clocks of the zone.",
        examples=["2020-09-07T14:00", "2020-09-07T14:00:00+02:00"],
    ),
]
"""A date and time, with its offset or read in the zone that goes with it."""


class NoSuchTime(ValueError):
    """The clocks skipped this hour, or showed it twice."""


def instant_in(zone: str, value: datetime) -> datetime:
    """The UTC instant of `value`; without an offset it is read on the clocks of `zone`. May raise `NoSuchTime`."""
    if value.tzinfo is not None:
        return value.astimezone(UTC)
    local = value.replace(tzinfo=ZoneInfo(zone), fold=0)
    second = local.replace(fold=1)
    if local.utcoffset() == second.utcoffset():
        return local.astimezone(UTC)
    if local.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) != value:
        raise NoSuchTime(gettext("Cette heure n’existe pas ce jour-là : les horloges passent à l’heure d’été."))
    raise NoSuchTime(
        gettext("Cette heure existe deux fois ce jour-là : précisez le décalage ({one} ou {other}).").format(
            one=_offset(local), other=_offset(second)
        )
    )


def local_iso(instant: datetime, zone: str) -> str:
    """`2020-09-07T14:00:00+02:00`: the instant as the clocks of `zone` show it."""
    return instant.astimezone(ZoneInfo(zone)).isoformat()


def local_day(instant: datetime, zone: str) -> str:
    """`2020-09-07`: the day that it was in `zone`."""
    return instant.astimezone(ZoneInfo(zone)).date().isoformat()


def _offset(value: datetime) -> str:
    return value.isoformat()[-6:]
