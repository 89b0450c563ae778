"""The notes of an edition as a page shows them: what was published, less what consent has taken back since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.features.editions.queries.standing import Home, Standing
from app.features.editions.renderers.words import around

UNKNOWN = Standing(width=99, state="same", home=None)
"""A note that leads to no row: nothing of it is shown."""


@dataclass(frozen=True, slots=True)
class Who:
    """Who speaks, as far as they consent today."""

    by: str
    """`organisation`, `profile`, `participating_organisation`, `person`."""
    name: str = ""
    profile: str = ""
    capacity: str = ""
    home: Home | None = None
    rank: int = 0
    """Of an organisation among those cited by their name: the page lists them once, and notes lead there."""

    @property
    def family(self) -> str | None:
        """Of a named organisation only: beside a profile it would tell which one."""
        return self.home.family if self.home else None

    @property
    def href(self) -> str:
        """Where a named organisation is listed, else its page."""
        if self.rank:
            return f"#o{self.rank}"
        return f"/organisations/{self.home.id}" if self.home else ""


@dataclass(frozen=True, slots=True)
class Note:
    """One note, for one reader."""

    number: int
    published: Mapping[str, Any]
    """As the payload has it."""
    who: Who
    quote: str | None
    before: str
    after: str
    standing: Standing
    said_on: date
    passages: list[int] = field(default_factory=list)
    """Where the text calls it, by the numbers of the passages."""

    @property
    def relation(self) -> str:
        """What the words do for the passage."""
        return str(self.published["relation"])

    @property
    def family(self) -> str | None:
        """Struck in its number."""
        return self.who.family

    @property
    def veiled(self) -> bool:
        """Published with its words, which are no longer shown on pages."""
        return self.published["words"] is not None and self.quote is None

    @property
    def since(self) -> str:
        """What happened to the source after the publication; nothing where it was said already."""
        state = self.standing.state
        return state if state not in ("same", self.published["source"]["state"]) else ""


def notes_of(payload: Mapping[str, Any], standing: Mapping[int, Standing], *, beside: bool = True) -> dict[int, Note]:
    """Number -> note. `beside` the text, a name leads to where the page lists it; elsewhere to the organisation's page."""
    cited = payload["report"]["organisations"]["cited_by_name"] if beside else ()
    ranks = {name: n for n, name in enumerate(cited, 1)}
    return {
        citation["number"]: _note(citation, standing.get(citation["number"], UNKNOWN), ranks)
        for citation in payload["citations"]
    }


def _note(citation: Mapping[str, Any], standing: Standing, ranks: Mapping[str, int]) -> Note:
    words = citation["words"]
    shown = words is not None and standing.shows_words(citation["source"]["state"])
    before, after = around(words) if shown else ("", "")
    return Note(
        number=citation["number"],
        published=citation,
        who=_who(citation["attribution"], standing, ranks, told=words is None or shown),
        quote=words["quote"] if shown else None,
        before=before,
        after=after,
        standing=standing,
        said_on=date.fromisoformat(citation["said_on"]),
    )


def _who(attribution: Mapping[str, Any], standing: Standing, ranks: Mapping[str, int], *, told: bool) -> Who:
    """The attribution that was printed, or what is left of it."""
    match attribution["by"]:
        case "organisation" if standing.named and told:
            name = attribution["name"]
            return Who("organisation", name=name, home=standing.home, rank=ranks.get(name, 0))
        case "profile" if told:
            return Who("profile", profile=attribution["profile"])
        case "person":
            name = attribution["name"] if standing.named and told else None
            return Who("person", name=name or "", capacity=attribution["capacity"])
    return Who("participating_organisation")
