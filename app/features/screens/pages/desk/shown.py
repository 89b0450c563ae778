"""What the desk shows: a passage as it stands, what the address asks for, what the selects offer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from app.core.i18n import gettext
from app.features.deliverables.models import PassageKind, SetAsideReason
from app.features.deliverables.queries.hands import Hand
from app.features.deliverables.schemas.fates import InQueue
from app.features.live.schemas import PresenceOut
from app.features.screens.pages.desk.calls import Citations, Cited, Piece, cited_in, pieces_of
from app.web.wording import word

Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Written:
    """A passage of the part as it stands on the page."""

    hand: Hand
    number: str
    pieces: list[Piece]
    cited: list[Cited]
    outdated: list[Mapping[str, Any]]
    writers: list[PresenceOut]
    quote: Mapping[str, Any] | None
    """The citation that a quotation is."""

    @property
    def state(self) -> str:
        """In which of the six states the passage is."""
        if not self.hand.in_force:
            return "prop"
        if any(not it.mine for it in self.writers):
            return "busy"
        if self.outdated:
            return "old"
        return "rest" if self.hand.citations or self.hand.kind == PassageKind.HEADING else "bare"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for; `link` is the address that asks for something else too."""

    deliverable_id: UUID
    partie: UUID | None
    passage: UUID | None
    contribution: UUID | None
    q: str | None
    citees: str

    @classmethod
    def of(cls, deliverable_id: UUID, section: Any, wanted: Any) -> Asked:
        """The same as the address, in the part that is shown."""
        part = section["id"] if section else None
        return cls(deliverable_id, part, wanted.passage, wanted.contribution, wanted.q or None, wanted.citees)

    def link(self, **other: object) -> str:
        """The address of the desk with some of it changed; None leaves out."""
        known = {name: getattr(self, name) for name in ("partie", "passage", "contribution", "q")}
        known["citees"] = self.citees if self.citees != "toutes" else None
        said = {name: str(value) for name, value in (known | other).items() if value}
        return f"/livrables/{self.deliverable_id}/redaction" + (f"?{urlencode(said)}" if said else "")


def passages_of(section: Any, hands: list[Hand], citations: Citations, writers: Sequence[PresenceOut]) -> list[Written]:
    """The passages of a part in their order, each with what is proposed for it."""
    places: dict[UUID, int] = {}
    found = []
    for hand in hands:
        place = places.setdefault(hand.passage_id, len(places) + 1)
        numbers = list(hand.citations)
        found.append(
            Written(
                hand,
                f"{section['number']}.{place}",
                pieces_of(hand.html, citations),
                cited_in(numbers, citations),
                [citations[n] for n in numbers if n in citations and citations[n]["outdated"]] if hand.in_force else [],
                [it for it in writers if it.place == f"passage:{hand.passage_id}"],
                citations.get(numbers[0]) if numbers and hand.kind == PassageKind.QUOTATION else None,
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class Choices:
    """The options of the selects of the page."""

    parts: Pairs
    targets: Pairs
    target: str
    relations: Pairs
    reasons: Pairs
    others: Pairs


def choices_of(
    sections: list[Any],
    passages: list[Written],
    edited: Written | None,
    relations: list[str],
    queue: Sequence[InQueue],
    sent: Mapping[str, str],
) -> Choices:
    """Where a passage can be cited (with the version that is read), what it does there, what else can be said."""
    open_to = [it for it in passages if it.hand.in_force and it.hand.kind not in ("quotation", "heading")]
    targets = [(target_of(it), gettext("dans le passage %(number)s") % {"number": it.number}) for it in open_to]
    chosen = sent["target"] or (target_of(edited) if edited else targets[-1][0] if targets else "")
    return Choices(
        parts=[
            (str(it["id"]), gettext("sous %(number)s") % {"number": f"{it['number']} {it['title']}"}) for it in sections
        ],
        targets=[*targets, ("", gettext("un nouveau passage, qui est la citation"))],
        target=chosen,
        relations=[(it, word(it, "relation")) for it in relations],
        reasons=[(it.value, word(it.value, "reason")) for it in SetAsideReason],
        others=[(str(it.statement_id), it.title) for it in queue],
    )


def target_of(it: Written) -> str:
    """A passage and the version of it that is read, as a select names them."""
    return f"{it.hand.passage_id}:{it.hand.version}"
