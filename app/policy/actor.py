"""The caller is a value: who asks, and what their mandates of this instant allow. Never a row.

The database is asked at each request; what is remembered is the decoding of its answer, by the answer's own text
(app.policy.standing), so that a mandate that ended is felt at the next request.

Roles are derived, not stored (PRODUCT.md): a person is a co-pilot because an organisation
that co-pilots gave them a mandate that is running now.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from uuid import UUID


class Power(StrEnum):
    """What a mandate lets a person do for the organisation."""

    SPEAKS = "speaks"
    """Engages it: signs, answers review rounds; and contributes."""
    CONTRIBUTES = "contributes"
    """Posts, replies and takes positions in its name."""
    OBSERVES = "observes"
    """Reads."""
    MANAGES = "manages"
    """Invites colleagues, gives and ends their mandates."""


WRITING = frozenset({Power.SPEAKS, Power.CONTRIBUTES})


class ParticipationRole(StrEnum):
    """What an organisation is in an initiative."""

    COPILOT = "copilot"
    PARTICIPANT = "participant"
    OBSERVER = "observer"


class Capacity(StrEnum):
    """As what somebody acts."""

    ORGANISATION = "organisation"
    PERSONAL = "personal"
    OBSERVER = "observer"


@dataclass(frozen=True, slots=True)
class Seat:
    """One mandate in one initiative: the organisation takes part there, the person acts for it."""

    mandate_id: UUID
    organisation_id: UUID
    initiative_id: UUID
    role: ParticipationRole
    powers: frozenset[str]

    @property
    def voices(self) -> bool:
        """Whether it lets the person write in the organisation's name."""
        return self.role != ParticipationRole.OBSERVER and bool(self.powers & WRITING)


NO_SEATS: Mapping[tuple[UUID, UUID], Seat] = MappingProxyType({})
NOTHING: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Actor:
    """Everything the rules need to know of a caller, as sets of ids."""

    person_id: UUID | None = None
    login_id: UUID | None = None
    """The signed-in device or the personal token that carries the request."""
    is_admin: bool = False
    may_write: bool = True
    """False for a personal token made for reading."""
    is_import: bool = False
    acting_for: UUID | None = None
    """The organisation in whose name the request says that it runs things (docs/adr/0011)."""
    organisations: frozenset[UUID] = NOTHING
    """Those that gave this person a mandate, whatever its powers."""
    managed: frozenset[UUID] = NOTHING
    """Organisations that this person manages in every initiative: their card, and all of their people."""
    managed_here: frozenset[tuple[UUID, UUID]] = frozenset()
    """(initiative, organisation): where a seat lets the person manage the organisation's people and words."""
    initiatives: frozenset[UUID] = NOTHING
    """Those in which one of the organisations takes part."""
    public_initiatives: frozenset[UUID] = NOTHING
    """Those that have something public; visitors read their card."""
    piloted: frozenset[UUID] = NOTHING
    inner_spaces: frozenset[UUID] = NOTHING
    """Read from inside: member organisation, facilitator, co-pilot, or an opened access grant. Everybody is named there."""
    outer_spaces: frozenset[UUID] = NOTHING
    """Read from outside (visibility initiative or public): only what its authors let out, attributed as they consent."""
    facilitated: frozenset[UUID] = NOTHING
    seats: Mapping[tuple[UUID, UUID], Seat] = field(default_factory=lambda: NO_SEATS)
    """(initiative, organisation) -> the mandate that runs there."""
    voices: Mapping[tuple[UUID, UUID], UUID] = field(default_factory=lambda: MappingProxyType({}))
    """(space, organisation) -> the mandate by which the person may speak there in its name."""
    speaking_spaces: frozenset[UUID] = NOTHING
    """Spaces where at least one of the organisations may write."""

    remembered: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)
    """`facts` of this actor (app.policy.symbolic), worked out at the first question."""
    judged: dict[tuple[Any, ...], list[str]] = field(default_factory=dict, compare=False, repr=False)
    """`abilities` already worked out (app.policy.decide)."""

    @property
    def signed_in(self) -> bool:
        """Whether somebody is known."""
        return self.person_id is not None

    def seat(self, initiative_id: UUID, organisation_id: UUID) -> Seat | None:
        """The mandate held for this organisation in this initiative."""
        return self.seats.get((initiative_id, organisation_id))

    def manages(self, organisation_id: UUID) -> bool:
        """Whether this person manages the organisation's people, everywhere or in one initiative."""
        return organisation_id in self.managed or any(managed == organisation_id for _, managed in self.managed_here)

    def pilot_seats(self, initiative_id: UUID) -> list[Seat]:
        """The mandates by which this person co-pilots the initiative."""
        return [
            seat
            for (initiative, _), seat in self.seats.items()
            if initiative == initiative_id and seat.role == ParticipationRole.COPILOT and seat.voices
        ]


VISITOR = Actor()
