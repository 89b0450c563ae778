"""One-line predicates with two faces: given a row, a bool; given a model's class, a SQL expression.

`==` on columns and `among` do both, because SQLAlchemy overloads them. Discipline: positive
tests only (no `not`, no `!=` on a nullable column), own columns only, never a query. A
predicate that looks into one of the actor's mappings works on rows alone and is marked
`@row_only`: it may stand in a rule for writing, never in one for reading. `@about_state`
marks what is true of the thing rather than of the caller: its refusal is a 409, not a 403.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, any_, bindparam, cast, false, or_
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.elements import BindParameter, ColumnElement

from app.policy.actor import Actor

Predicate = Callable[[Actor, Any], Any]
P = TypeVar("P", bound=Predicate)

ROW_ONLY: set[Predicate] = set()
ABOUT_STATE: set[Predicate] = set()


def row_only(predicate: P) -> P:
    """Usable on a row alone."""
    ROW_ONLY.add(predicate)
    return predicate


def about_state(predicate: P) -> P:
    """A fact of the thing: when it alone is false, the answer is 409."""
    ABOUT_STATE.add(predicate)
    return predicate


def among(value: Any, options: Collection[Any] | BindParameter[Any]) -> Any:
    """`value in options`, or the SQL of it: one array parameter, so that the statement keeps one plan."""
    if isinstance(options, BindParameter):
        return value == any_(options)
    if isinstance(value, ColumnElement | InstrumentedAttribute):
        if not options:
            return false()
        return value == any_(bindparam(None, sorted(options), ARRAY(Uuid()), unique=True))
    return value in options


def pair(ids: tuple[UUID, UUID]) -> str:
    """Two ids as one text: PostgreSQL compares it with the two columns, written alike."""
    return f"{ids[0]}{ids[1]}"


def both_among(one: Any, other: Any, options: Collection[tuple[UUID, UUID]] | BindParameter[Any]) -> Any:
    """`(one, other) in options`, or the SQL of it: one array parameter too, of `pair`s."""
    if isinstance(one, ColumnElement | InstrumentedAttribute):
        pairs = options if isinstance(options, BindParameter) else sorted(map(pair, options))
        if not isinstance(pairs, BindParameter):
            pairs = bindparam(None, pairs, ARRAY(Text()), unique=True)
        return cast(one, Text()).concat(cast(other, Text())) == any_(pairs)
    return (one, other) in options


def is_one_of(value: Any, words: tuple[str, ...]) -> Any:
    """`value in words`, or the SQL of it."""
    if isinstance(value, ColumnElement | InstrumentedAttribute):
        return or_(*(value == word for word in words))
    return value in words


# Who
def anybody(_actor: Actor, _it: Any) -> Any:
    return True


def is_administrator(actor: Actor, _it: Any) -> Any:
    return actor.is_admin


def is_oneself(actor: Actor, it: Any) -> Any:
    return actor.person_id is not None and it.id == actor.person_id


def is_author(actor: Actor, it: Any) -> Any:
    # A visitor has no id, and `= NULL` would be rendered IS NULL: every imported row would be theirs.
    return actor.person_id is not None and it.person_id == actor.person_id


# Organisations
def belongs_to_organisation(actor: Actor, it: Any) -> Any:
    return among(it.organisation_id, actor.organisations)


def manages_organisation(actor: Actor, it: Any) -> Any:
    return among(it.organisation_id, actor.managed)


def manages_organisation_here(actor: Actor, it: Any) -> Any:
    return both_among(it.initiative_id, it.organisation_id, actor.managed_here)


def manages_this_organisation(actor: Actor, it: Any) -> Any:
    return among(it.id, actor.managed)


# Initiatives
def is_for_every_initiative(_actor: Actor, it: Any) -> Any:
    return it.initiative_id == None  # noqa: E711 - as is_of_everybody


def takes_part(actor: Actor, it: Any) -> Any:
    return among(it.initiative_id, actor.initiatives)


def takes_part_here(actor: Actor, it: Any) -> Any:
    return among(it.id, actor.initiatives)


def is_public_initiative(actor: Actor, it: Any) -> Any:
    return among(it.id, actor.public_initiatives)


def pilots(actor: Actor, it: Any) -> Any:
    return among(it.initiative_id, actor.piloted)


def pilots_this(actor: Actor, it: Any) -> Any:
    return among(it.id, actor.piloted)


# Spaces
def is_inside(actor: Actor, it: Any) -> Any:
    return among(it.space_id, actor.inner_spaces)


def is_outside(actor: Actor, it: Any) -> Any:
    return among(it.space_id, actor.outer_spaces)


def is_inside_this(actor: Actor, it: Any) -> Any:
    return among(it.id, actor.inner_spaces)


def is_outside_this(actor: Actor, it: Any) -> Any:
    return among(it.id, actor.outer_spaces)


def facilitates(actor: Actor, it: Any) -> Any:
    return among(it.space_id, actor.facilitated)


def facilitates_this(actor: Actor, it: Any) -> Any:
    return among(it.id, actor.facilitated)


def speaks_in_this(actor: Actor, it: Any) -> Any:
    return among(it.id, actor.speaking_spaces)


def speaks_here(actor: Actor, it: Any) -> Any:
    return among(it.space_id, actor.speaking_spaces)


def is_of_everybody(_actor: Actor, it: Any) -> Any:
    return it.space_id == None  # noqa: E711 - SQL's IS NULL and Python's None in one spelling


@row_only
def voices_its_organisation(actor: Actor, it: Any) -> Any:
    return (it.space_id, it.organisation_id) in actor.voices


@row_only
def speaks_in_the_initiative(actor: Actor, it: Any) -> Any:
    return any(seat.voices for (initiative, _), seat in actor.seats.items() if initiative == it.initiative_id)


@row_only
def voices_it_in_the_initiative(actor: Actor, it: Any) -> Any:
    return _voices(actor, it.initiative_id, it.organisation_id)


@row_only
def voices_its_owner(actor: Actor, it: Any) -> Any:
    return _voices(actor, it.initiative_id, it.owner_organisation_id)


@row_only
def voices_who_spoke(actor: Actor, it: Any) -> Any:
    return _voices(actor, it.initiative_id, it.speaker_organisation_id)


def _voices(actor: Actor, initiative_id: UUID, organisation_id: UUID) -> bool:
    seat = actor.seat(initiative_id, organisation_id)
    return seat is not None and seat.voices


# Statements
def is_released(_actor: Actor, it: Any) -> Any:
    return it.released == True  # noqa: E712 - a column on one face


def is_to_be_named(_actor: Actor, it: Any) -> Any:
    return it.consent == "name"


def answers_what_is_to_be_named(_actor: Actor, it: Any) -> Any:
    return it.root_consent == "name"


def is_standing(_actor: Actor, it: Any) -> Any:
    return it.state == "published"


def is_kept_from_view(_actor: Actor, it: Any) -> Any:
    return it.state == "moderated"


def is_shown(_actor: Actor, it: Any) -> Any:
    return it.shown == True  # noqa: E712 - a column on one face


# Events: an audience never widens what the place of the event allows
def is_public_event(_actor: Actor, it: Any) -> Any:
    return it.audience == "everybody"


def is_told_to_the_initiative(_actor: Actor, it: Any) -> Any:
    return is_one_of(it.audience, ("initiative", "everybody"))


def is_told_to_the_space(_actor: Actor, it: Any) -> Any:
    return is_one_of(it.audience, ("space", "initiative", "everybody"))


def is_told_to_pilots(_actor: Actor, it: Any) -> Any:
    return is_one_of(it.audience, ("space", "initiative", "pilots", "everybody"))


def is_told_to_the_organisation(_actor: Actor, it: Any) -> Any:
    return it.audience == "organisation"


@about_state
def is_editable(_actor: Actor, it: Any) -> Any:
    return it.state in ("draft", "published")


@about_state
def is_open(_actor: Actor, it: Any) -> Any:
    return it.state == "open"


def is_the_organisations_word(_actor: Actor, it: Any) -> Any:
    return it.capacity == "organisation"


@row_only
def is_the_authors_own(_actor: Actor, it: Any) -> Any:
    # A draft was said by nobody yet, personal words by nobody else.
    return it.state == "draft" or it.capacity == "personal"


@about_state
def is_said(_actor: Actor, it: Any) -> Any:
    return it.state == "published"


@about_state
def is_a_draft(_actor: Actor, it: Any) -> Any:
    return it.state == "draft"


@about_state
def is_not_locked(_actor: Actor, it: Any) -> Any:
    return it.state in ("planned", "held", "minutes_open")


@about_state
def is_planned(_actor: Actor, it: Any) -> Any:
    return it.state == "planned"


@about_state
def has_open_minutes(_actor: Actor, it: Any) -> Any:
    return it.state == "minutes_open"


@about_state
def is_being_written(_actor: Actor, it: Any) -> Any:
    return it.state == "writing"


@about_state
def is_moderated(_actor: Actor, it: Any) -> Any:
    return it.state == "moderated"


@about_state
def is_not_archived(_actor: Actor, it: Any) -> Any:
    return it.state in ("preparation", "open", "closed")
