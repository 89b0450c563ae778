"""Who an edition cites, as a page tells it: counts and names, in the order that was published, never a rank."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.features.editions.pages.notes import Note
from app.features.editions.queries.standing import Home
from app.features.identity.families import by_family


@dataclass(frozen=True, slots=True)
class Named:
    """An organisation that the edition names."""

    name: str
    family: str | None
    href: str
    rank: int
    """Among those that were cited by their name; 0 for one that is not cited."""

    @property
    def cited(self) -> bool:
        """Whether it is cited."""
        return self.rank > 0


@dataclass(frozen=True, slots=True)
class Group:
    """Those of one family: `heard` of `of` are cited by their name."""

    family: str | None
    organisations: list[Named]

    @property
    def heard(self) -> int:
        """Cited by their name."""
        return sum(one.cited for one in self.organisations)

    @property
    def of(self) -> int:
        """Named here, cited or not."""
        return len(self.organisations)


@dataclass(frozen=True, slots=True)
class Heard:
    """What the page says of who was heard."""

    taking_part: int
    cited: int | None
    """All of those cited; unknown where one or two are not named."""
    named: int
    """Cited by their name."""
    groups: list[Group]
    unnamed: int
    """Cited without their name, or not cited and not named."""
    personally: int
    lifted: int
    """Cited by their name when it was published, and whose names consent has taken back since."""


def names_of(payload: Mapping[str, Any]) -> set[str]:
    """The names that the edition released."""
    heard = payload["report"]["organisations"]
    return {*heard["cited_by_name"], *heard["not_cited"]}


def heard_of(payload: Mapping[str, Any], notes: Iterable[Note], homes: Mapping[str, Home]) -> Heard:
    """Who is cited, less the names that may not be told any more.

    Once a name is lifted, those that are not cited are not named either: the one that is missing would be known.
    """
    told = payload["report"]["organisations"]
    still = {note.who.name for note in notes if note.who.by == "organisation"}
    cited = {name: n for n, name in enumerate(told["cited_by_name"], 1) if name in still}
    lifted = len(told["cited_by_name"]) - len(cited)
    silent = [] if lifted else told["not_cited"]
    ranks = cited | dict.fromkeys(silent, 0)
    everybody = [_named(name, homes, rank) for name, rank in ranks.items()]
    whole = "cited_without_their_name" in told
    return Heard(
        taking_part=told["taking_part"],
        cited=len(told["cited_by_name"]) + told["cited_without_their_name"] if whole else None,
        named=len(cited),
        groups=[Group(*group) for group in by_family(everybody, lambda one: one.family)],
        unnamed=told["taking_part"] - len(everybody),
        personally=told["said_personally"],
        lifted=lifted,
    )


def _named(name: str, homes: Mapping[str, Home], rank: int) -> Named:
    home = homes.get(name)
    return Named(name, home.family if home else None, f"/organisations/{home.id}" if home else "", rank)
