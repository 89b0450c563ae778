"""As whom somebody acts here: one person, one organisation, one mandate, one capacity (promise 2).

The mandate is chosen here and nowhere else, so that what is written beside an act is always a
mandate that ran at that instant and that allowed it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.core.errors import Forbidden, Unauthenticated, invalid
from app.policy.actor import Actor, Capacity, ParticipationRole, Power, Seat


class NoMandateHere(Forbidden):
    """No mandate of yours allows this act here in this capacity. The detail says which one is missing."""

    title = "Aucun mandat pour cet acte"


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who acts, for whom, by which mandate, as what: the four columns of `ActedBy`."""

    person_id: UUID
    organisation_id: UUID
    mandate_id: UUID
    capacity: Capacity

    def columns(self) -> dict[str, Any]:
        """The values of a row that mixes in `ActedBy`."""
        return {
            "person_id": self.person_id,
            "organisation_id": self.organisation_id,
            "mandate_id": self.mandate_id,
            "capacity": self.capacity,
        }


def speaker(
    actor: Actor,
    initiative_id: UUID,
    space_id: UUID | None = None,
    organisation_id: UUID | None = None,
    capacity: Capacity = Capacity.ORGANISATION,
) -> Speaker:
    """As whom `actor` speaks in the space, or in the initiative when there is no space.

    `organisation_id` is needed only by somebody who has several mandates there (422 at
    `/organisation_id` otherwise). Raises `NoMandateHere` when no mandate allows it.
    """
    person_id = require_signed_in(actor)
    seats = [seat for seat in _seats(actor, initiative_id) if _may_speak(actor, seat, space_id, capacity)]
    if organisation_id is not None:
        seats = [seat for seat in seats if seat.organisation_id == organisation_id]
        if not seats:
            raise NoMandateHere(
                "Vous n’avez pas, pour cette organisation, de mandat qui permette cet acte ici. "
                "Demandez-le à la personne qui la représente."
            )
    if not seats:
        raise NoMandateHere(_missing(capacity, space_id))
    if len(seats) > 1:
        raise invalid("/organisation_id", "Vous avez ici plusieurs mandats : indiquez au nom de quelle organisation.")
    return _as(person_id, seats[0], capacity)


def pilot_speaker(actor: Actor, initiative_id: UUID, space_id: UUID | None = None) -> Speaker:
    """As whom `actor` runs things here: their co-pilot mandate, else the one by which they facilitate the space.

    Raises `NoMandateHere` for anybody else, administrators without a mandate included, and `Invalid` (422) when
    several co-pilot organisations gave a mandate and the request names none of them.
    """
    found = find_pilot_speaker(actor, initiative_id, space_id)
    if found is None:
        raise NoMandateHere(
            "Cet acte se fait au nom d’une organisation co-pilote ou comme animateur de l’espace : "
            "aucun de vos mandats ne le permet."
        )
    return found


def find_pilot_speaker(actor: Actor, initiative_id: UUID, space_id: UUID | None = None) -> Speaker | None:
    """`pilot_speaker`, or None: an administrator edits an initiative for no organisation."""
    person_id = require_signed_in(actor)
    if seats := actor.pilot_seats(initiative_id):
        return _as(person_id, _chosen(actor, seats), Capacity.ORGANISATION)
    if space_id is None or space_id not in actor.facilitated:
        return None
    seats = [seat for seat in _seats(actor, initiative_id) if seat.voices]
    # A facilitator may have several mandates: the one of a member organisation comes first.
    seats.sort(key=lambda seat: (space_id, seat.organisation_id) not in actor.voices)
    return _as(person_id, seats[0], Capacity.ORGANISATION) if seats else None


def find_taker_back(actor: Actor, it: Any) -> Speaker | None:
    """As whom `actor` takes back the words `it`: for their organisation while a mandate of it allows that.

    Somebody who has left it takes back what is their own by the mandate that runs now, never by the past one.
    """
    person_id = require_signed_in(actor)
    seat = actor.seat(it.initiative_id, it.organisation_id)
    if seat and (seat.voices or Power.MANAGES in seat.powers):
        return _as(person_id, seat, Capacity(it.capacity))
    seats = sorted(_seats(actor, it.initiative_id), key=lambda seat: not seat.voices)
    return _as(person_id, seats[0], Capacity.PERSONAL if seats[0].voices else Capacity.OBSERVER) if seats else None


def _chosen(actor: Actor, seats: list[Seat]) -> Seat:
    """The co-pilot mandate that signs: the one that the request names, and nobody guesses among several."""
    if actor.acting_for is not None:
        for seat in seats:
            if seat.organisation_id == actor.acting_for:
                return seat
        raise NoMandateHere("L’en-tête Acting-For nomme une organisation dont aucun mandat ne vous fait co-pilote ici.")
    if len(seats) > 1:
        raise invalid(
            "header:Acting-For",
            "Plusieurs organisations co-pilotes vous ont donné mandat : indiquez par l’en-tête Acting-For celle au nom "
            "de laquelle vous agissez.",
        )
    return seats[0]


def signature(found: Speaker | None) -> dict[str, Any]:
    """What an event keeps of a speaker: `record(..., **signature(found))`."""
    if found is None:
        return {"organisation_id": None, "capacity": None}
    return {"organisation_id": found.organisation_id, "capacity": found.capacity}


def managing(actor: Actor, organisation_id: UUID) -> dict[str, Any]:
    """The same of whoever manages an organisation's people and card; others (administrators, the invited) act for nobody.

    Its people are told either way: `organisation_id` is the organisation's own, whoever acts.
    """
    manages = organisation_id in actor.managed
    return {"organisation_id": organisation_id, "capacity": Capacity.ORGANISATION if manages else None}


def require_signed_in(actor: Actor) -> UUID:
    """The person who acts; 401 for a visitor, before their body is looked into."""
    if actor.person_id is None:
        raise Unauthenticated("Connectez-vous pour continuer.")
    return actor.person_id


def _seats(actor: Actor, initiative_id: UUID) -> list[Seat]:
    return [seat for (initiative, _), seat in actor.seats.items() if initiative == initiative_id]


def _may_speak(actor: Actor, seat: Seat, space_id: UUID | None, capacity: Capacity) -> bool:
    if capacity == Capacity.OBSERVER:
        # Observers answer what is put to the whole initiative; in a space they read.
        return space_id is None and (seat.role == ParticipationRole.OBSERVER or Power.OBSERVES in seat.powers)
    return seat.voices if space_id is None else (space_id, seat.organisation_id) in actor.voices


def _missing(capacity: Capacity, space_id: UUID | None) -> str:
    where = "cette démarche" if space_id is None else "cet espace"
    sentences: dict[Capacity, str] = {
        Capacity.ORGANISATION: f"Aucune organisation ne vous a donné mandat de contribuer dans {where}.",
        Capacity.PERSONAL: f"Pour parler en votre nom dans {where}, il faut un mandat qui permette d’y contribuer.",
        Capacity.OBSERVER: f"Aucun mandat ne vous permet d’agir comme observateur dans {where}.",
    }
    return sentences[capacity]


def _as(person_id: UUID, seat: Seat, capacity: Capacity) -> Speaker:
    return Speaker(person_id, seat.organisation_id, seat.mandate_id, capacity)
