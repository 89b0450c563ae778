"""The demonstration's files, and the instants that their local times are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy.dialects.postgresql import Range

from app.core.zones import instant_in

FOLDER = Path(__file__).parent / "content"
ZONE = "Europe/Paris"

Row = dict[str, Any]

# libyaml reads these 450 kB twelve times as fast; a platform without it only waits a little.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Content:
    """Everything that the files say, as they say it; tests/features/demonstration/test_content.py holds them to it."""

    initiative: Row
    persons: list[Row]
    organisations: list[Row]
    spaces: list[Row]
    themes: list[Row]
    sessions: list[Row]
    living: list[Row]
    """Sessions dated from the day of the load."""
    contributions: list[Row]
    """Each with its `space`."""
    synthesis: Row


def read_content(folder: Path = FOLDER) -> Content:
    """Read every file of the folder."""
    people = _load(folder / "organisations.yaml")
    contributions = [
        {**row, "space": file["space"]}
        for file in map(_load, sorted((folder / "contributions").glob("*.yaml")))
        for row in file["contributions"]
    ]
    return Content(
        initiative=_load(folder / "initiative.yaml"),
        persons=people["persons"],
        organisations=people["organisations"],
        spaces=_load(folder / "spaces.yaml")["spaces"],
        themes=_load(folder / "themes.yaml")["themes"],
        sessions=_load(folder / "sessions.yaml")["sessions"],
        living=_load(folder / "living.yaml")["sessions"],
        contributions=contributions,
        synthesis=_load(folder / "synthesis.yaml"),
    )


def at(local: str) -> datetime:
    """The UTC instant of `2020-04-02 14:00` on the clocks of Paris."""
    return instant_in(ZONE, datetime.fromisoformat(local))


def day_begins(day: date) -> datetime:
    """Midnight in Paris."""
    return instant_in(ZONE, datetime(day.year, day.month, day.day))  # noqa: DTZ001 - a local time, on its way to an instant


def during(row: Row) -> Range[datetime]:
    """From the first instant of `from` to the last of `to`, which is included; endless without it."""
    last: date | None = row.get("to")
    return Range(day_begins(row["from"]), None if last is None else day_begins(last + timedelta(days=1)))


def _load(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - both are the safe loader
