"""The audit: what happened, as far as the caller may know it, the newest first.

A caller reads events for one of a few reasons (their spaces, their initiatives, their organisations, their own
acts, what is public), and each reason has its index. Each gives its newest rows, the newest of those are kept:
one walk down the whole table would, for somebody who sees one event in a thousand, read the thousand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    DateTime,
    Integer,
    Select,
    Text,
    Uuid,
    any_,
    bindparam,
    cast,
    exists,
    func,
    literal_column,
    or_,
    select,
    text,
    true,
    union,
)
from sqlalchemy.sql.elements import BindParameter, ColumnElement

from app.core.db import Handle, Question, fetch
from app.core.events import UPON, Audience, Event
from app.core.paging import LIMIT, CursorRefused, Mark, Page, mark_of, page_of
from app.core.text import LARGEST_BIGINT
from app.features.identity.queries.organisations import get_organisation
from app.features.initiatives.models import AccessGrant, Participation
from app.features.spaces.models import SpaceMember
from app.features.statements.models import Statement
from app.policy.actions import Action
from app.policy.actor import Actor, Capacity
from app.policy.decide import require, visible
from app.policy.predicates import among
from app.policy.symbolic import CALLER, facts

E = Event.__table__
Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Filters:
    """What the audit is narrowed to; empty fields narrow nothing."""

    object_type: str | None = None
    object_id: UUID | None = None
    verb: str | None = None
    person_id: UUID | None = None
    organisation_id: UUID | None = None
    initiative_id: UUID | None = None
    space_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


def _only(name: str, type_: Any) -> BindParameter[Any]:
    return bindparam(f"only_{name}", type_=type_)


def _knows_who() -> ColumnElement[bool]:
    """Who did it is for those who work there; a published event read from outside says which organisation."""
    return or_(
        among(E.c.initiative_id, CALLER.initiatives),
        cast(CALLER.is_admin, Boolean()),
        E.c.person_id == CALLER.person_id,
        among(E.c.organisation_id, CALLER.organisations),
    )


NARROWING: dict[str, Callable[[], ColumnElement[bool]]] = {
    "object_type": lambda: E.c.object_type == _only("object_type", Text()),
    "object_id": lambda: E.c.object_id == _only("object_id", Uuid()),
    "verb": lambda: E.c.verb == _only("verb", Text()),
    "person_id": lambda: (E.c.person_id == _only("person_id", Uuid())) & _knows_who(),
    "organisation_id": lambda: E.c.organisation_id == _only("organisation_id", Uuid()),
    "initiative_id": lambda: E.c.initiative_id == _only("initiative_id", Uuid()),
    "space_id": lambda: E.c.space_id == _only("space_id", Uuid()),
    "since": lambda: E.c.at >= _only("since", DateTime(timezone=True)),
    "until": lambda: E.c.at < _only("until", DateTime(timezone=True)),
}
"""What each filter means."""

_WIDE = or_(E.c.space_id.is_(None), E.c.audience == literal_column(f"'{Audience.INITIATIVE.value}'"))
_PUBLIC = E.c.audience == literal_column(f"'{Audience.EVERYBODY.value}'")


def _newest(*conditions: Any, narrowed: frozenset[str], onwards: bool) -> Select[Any]:
    return (
        select(E.c.id)
        .where(
            *conditions,
            *(NARROWING[name]() for name in sorted(narrowed)),
            visible(CALLER, Event, Action.EVENT_READ),
            E.c.id < bindparam("after", type_=BigInteger()) if onwards else true(),
        )
        .order_by(E.c.id.desc())
        .limit(bindparam("rows", type_=Integer()))
    )


def _reasons(narrowed: frozenset[str], *, onwards: bool) -> Iterator[Any]:
    """One select for each reason; whatever it yields is held to the rule again."""
    for column, ids, more in (
        (E.c.space_id, "inner_spaces", true()),
        (E.c.space_id, "outer_spaces", _WIDE),
        (E.c.initiative_id, "initiatives", _WIDE),
        (E.c.organisation_id, "organisations", E.c.audience == literal_column(f"'{Audience.ORGANISATION.value}'")),
    ):
        places = bindparam(f"caller_{ids}", type_=ARRAY(Uuid()))
        place = func.unnest(places).table_valued("id", name=f"of_{ids}").render_derived()
        rows = _newest(column == place.c.id, more, narrowed=narrowed, onwards=onwards).lateral(f"by_{ids}")
        yield select(rows.c.id).select_from(place.join(rows, true()))
    for name, condition in (("person", E.c.person_id == CALLER.person_id), ("public", _PUBLIC)):
        alone = _newest(condition, narrowed=narrowed, onwards=onwards).subquery(f"by_{name}")
        yield select(alone.c.id)


@lru_cache(maxsize=512)
def _audit(narrowed: frozenset[str], *, onwards: bool, everything: bool) -> Question:
    """The page's statement; an administrator reads everything, so that one walk down the table is enough."""
    if everything:
        ids: Any = _newest(narrowed=narrowed, onwards=onwards)
    else:
        ids = union(*_reasons(narrowed, onwards=onwards))  # the same event is often read for several reasons
    kept = ids.subquery("kept")
    return Question(
        select(*E.c, _knows_who().label("knows_who"))
        .join(kept, kept.c.id == E.c.id)
        .order_by(E.c.id.desc())
        .limit(bindparam("rows", type_=Integer()))
    )


def _place(cursor: str | None) -> Mark | None:
    after = mark_of(cursor, int)
    if after is not None and not 0 <= int(after.key) <= LARGEST_BIGINT:  # type: ignore[arg-type]
        raise CursorRefused("Ce curseur n’a pas été donné par cette liste : recommencez sans « cursor ».")
    return after


async def list_events(
    read: Handle, actor: Actor, filters: Filters, cursor: str | None = None, limit: int = LIMIT
) -> Page[Fields]:
    """What happened, the newest first: the fields of `EventOut`."""
    after = _place(cursor)
    given = {name: value for name in NARROWING if (value := getattr(filters, name)) is not None}
    question = _audit(frozenset(given), onwards=after is not None, everything=actor.is_admin)
    parameters = {
        **facts(actor),
        **{f"only_{name}": value for name, value in given.items()},
        "rows": limit + 1,
        "after": after.key if after else None,
    }
    page = page_of(await fetch(read, question, parameters), limit, lambda row: Mark(row.id, row.object_id))
    return Page([_event(actor, row) for row in page.items], page.next_cursor)


def _event(actor: Actor, row: Any) -> Fields:
    mine = actor.person_id is not None and row.person_id == actor.person_id
    return {
        "id": row.id,
        "at": row.at,
        "verb": row.verb,
        "object_type": row.object_type,
        "object_id": row.object_id,
        "initiative_id": row.initiative_id,
        "space_id": row.space_id,
        "audience": row.audience,
        "person_id": row.person_id if row.knows_who else None,
        "organisation_id": row.organisation_id,
        "capacity": row.capacity,
        "login_id": row.login_id if actor.is_admin or mine else None,
        "quiet": row.quiet,
        "data": row.data,
    }


@lru_cache(maxsize=2)
def _own(*, onwards: bool) -> Question:
    """The audit of one organisation, for those who manage it: each reason has its index, as above."""
    organisation = bindparam("organisation_id", type_=Uuid())
    before = E.c.id < bindparam("after", type_=BigInteger()) if onwards else true()

    def newest(*conditions: Any) -> Any:
        return (
            select(E.c.id).where(*conditions, before).order_by(E.c.id.desc()).limit(bindparam("rows", type_=Integer()))
        )

    def of(model: Any, kind: str, *conditions: Any) -> Any:
        """What happened to rows that are about the organisation, whoever did it."""
        rows = select(model.id).where(*conditions).correlate(None).scalar_subquery()
        return newest(E.c.object_type == literal_column(f"'{kind}'"), E.c.object_id.in_(rows))

    done = newest(
        E.c.organisation_id == organisation,
        E.c.capacity.is_distinct_from(Capacity.PERSONAL.value),
        E.c.audience != Audience.PERSON.value,
        E.c.audience != Audience.ADMINISTRATOR.value,
        visible(CALLER, Event, Action.AUDIT_READ),
    )
    said = select(Statement.id).where(
        Statement.id == E.c.object_id,
        Statement.organisation_id == organisation,
        Statement.capacity == Capacity.ORGANISATION.value,
    )
    upon = newest(
        among(E.c.space_id, CALLER.inner_spaces),
        text(UPON),
        exists(said),
        visible(CALLER, Event, Action.EVENT_READ),
    )
    granted = of(
        AccessGrant,
        "access_grant",
        AccessGrant.initiative_id == any_(bindparam("taken_part_in", type_=ARRAY(Uuid()))),
    )
    placed = (
        of(model, kind, model.organisation_id == organisation, visible(CALLER, model, Action.AUDIT_READ))
        for model, kind in ((SpaceMember, "space_member"), (Participation, "participation"))
    )
    each = [reason.subquery(f"reason_{n}") for n, reason in enumerate((done, upon, granted, *placed))]
    kept = union(*(select(reason.c.id) for reason in each)).subquery("kept")
    return Question(
        select(*E.c, true().label("knows_who"))
        .join(kept, kept.c.id == E.c.id)
        .order_by(E.c.id.desc())
        .limit(bindparam("rows", type_=Integer()))
    )


async def list_audit(
    read: Handle, actor: Actor, organisation_id: UUID, cursor: str | None = None, limit: int = LIMIT
) -> Page[Fields]:
    """What was done for an organisation, or to its words, mandates, places and spaces, the newest first.

    Left out: what its people say in their own name, drafts, sign-ins. Whoever manages it in one initiative reads what is of
    that initiative. NotFound for an organisation that does not exist; 403 for those who do not manage it.
    """
    await get_organisation(read, actor, organisation_id)
    here = [initiative for initiative, organisation in actor.managed_here if organisation == organisation_id]
    thing = SimpleNamespace(organisation_id=organisation_id, initiative_id=here[0] if here else None)
    require(actor, Action.AUDIT_READ, thing)
    after = _place(cursor)
    parameters = {
        **facts(actor),
        "organisation_id": organisation_id,
        "taken_part_in": sorted(here),
        "rows": limit + 1,
        "after": after.key if after else None,
    }
    rows = await fetch(read, _own(onwards=after is not None), parameters)
    page = page_of(rows, limit, lambda row: Mark(row.id, row.object_id))
    return Page([_event(actor, row) for row in page.items], page.next_cursor)
