"""What readers are shown of spaces: from outside, the card and counts; from inside, who runs them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import func, or_, select, tuple_
from sqlalchemy.sql.elements import ColumnElement

from app.core.db import Handle
from app.core.errors import NotFound, WrongState
from app.core.paging import Mark, Page, mark_of, page_of
from app.features.identity.models import Mandate, Organisation, Person, PersonState
from app.features.initiatives.models import Initiative, Participation
from app.features.spaces.models import AccessRequest, Facilitator, Space, SpaceMember, SpaceState
from app.policy.actions import Action
from app.policy.actor import WRITING, Actor, ParticipationRole
from app.policy.decide import allowed, require, visible

MISSING = "Cet espace n’existe pas, ou vous n’y avez pas accès."
NAMED_MOST = 50


class SpaceClosed(WrongState):
    """The space is closed: it is read, and takes no contribution until a co-pilot opens it again."""

    title = "Espace fermé"
    sentence = "Cet espace est fermé : il ne reçoit plus de contribution."


@dataclass(frozen=True, slots=True)
class SpaceRow:
    """A space, with what hangs on it today."""

    read_from: Literal["inside", "outside"]
    id: UUID
    initiative_id: UUID
    number: int
    title: str
    question: str
    visibility: str
    state: str
    created_at: datetime
    version: int
    summary: str
    members_count: int
    facilitators_count: int
    initiative_state: str
    """An open space takes contributions while its initiative is open too."""


@dataclass(frozen=True, slots=True)
class MemberRow:
    """An organisation in a space."""

    space_id: UUID
    organisation_id: UUID
    organisation_name: str
    organisation_profile: str
    since: datetime | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class FacilitatorRow:
    """A person who runs a space."""

    space_id: UUID
    person_id: UUID
    person_name: str | None
    since: datetime | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Inside:
    """What the rule about names asks: which space."""

    space_id: UUID


_S = Space.__table__.c
COLUMNS = (
    *(_S.id, _S.initiative_id, _S.number, _S.title, _S.question, _S.visibility, _S.state),
    *(_S.created_at, _S.version, _S.summary),
)
_MEMBER = (
    *(SpaceMember.space_id, SpaceMember.organisation_id, Organisation.name, Organisation.profile),
    *(func.lower(SpaceMember.during), func.upper(SpaceMember.during)),
)
_FACILITATOR = (
    *(Facilitator.space_id, Facilitator.person_id, Person.name),
    *(func.lower(Facilitator.during), func.upper(Facilitator.during)),
)


async def list_spaces(
    read: Handle,
    actor: Actor,
    *,
    initiative_id: UUID | None,
    state: SpaceState | None,
    cursor: str | None,
    limit: int,
) -> Page[SpaceRow]:
    """Those that the caller may read, by number."""
    mark = mark_of(cursor, int)
    question = select(*COLUMNS, *_beside()).where(visible(actor, Space, Action.SPACE_READ))
    if initiative_id is not None:
        question = question.where(_S.initiative_id == initiative_id)
    if state is not None:
        question = question.where(_S.state == state)
    if mark is not None:
        question = question.where(tuple_(_S.number, _S.id) > (mark.key, mark.id))
    rows = await read.execute(question.order_by(_S.number, _S.id).limit(limit + 1))
    return page_of([_row(actor, row) for row in rows], limit, lambda row: Mark(row.number, row.id))


async def get_space(read: Handle, actor: Actor, space_id: UUID) -> SpaceRow:
    """The space; `NotFound` when hidden or unknown."""
    question = select(*COLUMNS, *_beside()).where(_S.id == space_id, visible(actor, Space, Action.SPACE_READ))
    row = (await read.execute(question)).first()
    if row is None:
        raise NotFound(MISSING)
    return _row(actor, row)


async def get_made(db: Handle, space_id: UUID) -> SpaceRow:
    """A space that the caller has just opened: their rights, read before, do not name it yet."""
    row = (await db.execute(select(*COLUMNS, *_beside()).where(_S.id == space_id))).one()
    return SpaceRow("inside", *row)


async def list_members(
    read: Handle, space_id: UUID, *, running: bool, cursor: str | None, limit: int
) -> Page[MemberRow]:
    """Organisations by name; with those that left unless `running`. The caller was allowed to read the space."""
    mark = mark_of(cursor, str)
    name = func.lower(func.f_unaccent(Organisation.name))
    question = (
        select(*_MEMBER, name.label("sorted"), SpaceMember.id)
        .join(Organisation, Organisation.id == SpaceMember.organisation_id)
        .where(SpaceMember.space_id == space_id)
    )
    if running:
        question = question.where(_now(SpaceMember))
    if mark is not None:
        question = question.where(tuple_(name, SpaceMember.id) > (mark.key, mark.id))
    rows = (await read.execute(question.order_by(name, SpaceMember.id).limit(limit + 1))).all()
    page = page_of(rows, limit, lambda row: Mark(row.sorted, row.id))
    return Page([MemberRow(*row[: len(_MEMBER)]) for row in page.items], page.next_cursor)


async def get_member(read: Handle, member_id: UUID) -> MemberRow:
    """One membership, for whoever just wrote it."""
    question = select(*_MEMBER).join(Organisation, Organisation.id == SpaceMember.organisation_id)
    return MemberRow(*(await read.execute(question.where(SpaceMember.id == member_id))).one())


async def list_facilitators(
    read: Handle, actor: Actor, space_id: UUID, *, running: bool, cursor: str | None, limit: int
) -> Page[FacilitatorRow]:
    """The latest first; with those who stopped unless `running`. 403 from outside, where they are a number."""
    require(actor, Action.FACILITATOR_READ, Inside(space_id))
    mark = mark_of(cursor)
    since = func.lower(Facilitator.during)
    question = (
        select(*_FACILITATOR, Facilitator.id, since.label("sorted"))
        .join(Person, Person.id == Facilitator.person_id)
        .where(Facilitator.space_id == space_id, visible(actor, Facilitator, Action.FACILITATOR_READ))
    )
    if running:
        question = question.where(_now(Facilitator))
    if mark is not None:
        question = question.where(tuple_(since, Facilitator.id) < (mark.key, mark.id))
    rows = (await read.execute(question.order_by(since.desc(), Facilitator.id.desc()).limit(limit + 1))).all()
    page = page_of(rows, limit, lambda row: Mark(row.sorted, row.id))
    return Page([FacilitatorRow(*row[: len(_FACILITATOR)]) for row in page.items], page.next_cursor)


async def named_facilitators(read: Handle, actor: Actor, space_id: UUID) -> list[FacilitatorRow]:
    """Those of today, for a reader inside; nobody for one outside."""
    if not allowed(actor, Action.FACILITATOR_READ, Inside(space_id)):
        return []
    found = await list_facilitators(read, actor, space_id, running=True, cursor=None, limit=NAMED_MOST)
    return list(found.items)


async def get_facilitator(read: Handle, facilitator_id: UUID) -> FacilitatorRow:
    """One assignment, for whoever just wrote it."""
    question = select(*_FACILITATOR).join(Person, Person.id == Facilitator.person_id)
    return FacilitatorRow(*(await read.execute(question.where(Facilitator.id == facilitator_id))).one())


def _row(actor: Actor, row: Any) -> SpaceRow:
    return SpaceRow("inside" if row.id in actor.inner_spaces else "outside", *row)


def _now(model: type[SpaceMember | Facilitator]) -> ColumnElement[bool]:
    running: ColumnElement[bool] = model.during.op("@>")(func.now())
    return running


def _beside() -> tuple[Any, ...]:
    """The two counts, and the state of the initiative."""
    counts = (
        select(func.count()).select_from(model).where(model.space_id == _S.id, _now(model)).scalar_subquery()
        for model in (SpaceMember, Facilitator)
    )
    return (*counts, select(Initiative.state).where(Initiative.id == _S.initiative_id).scalar_subquery())


REQUESTS_MOST = 50
_A = AccessRequest.__table__.c


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A request, and the organisations by which the person could come in: pairs (id, name)."""

    id: UUID
    person: str | None
    reason: str
    created_at: datetime
    answered_at: datetime | None
    granted: bool | None
    organisations: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class RequestLetter:
    """What its mail says."""

    id: UUID
    space_id: UUID
    initiative_id: UUID
    space: str
    person: str
    answered_at: datetime | None
    told_at: datetime | None


def _running(model: Any) -> Any:
    return model.during.op("@>")(func.now())


def _seated(initiative_id: Any) -> tuple[Any, ...]:
    """The joins of a person's mandates with where their organisation takes part."""
    return (
        Participation.organisation_id == Mandate.organisation_id,
        Participation.initiative_id == initiative_id,
        or_(Mandate.initiative_id.is_(None), Mandate.initiative_id == initiative_id),
        _running(Mandate),
        _running(Participation),
    )


async def list_requests(read: Handle, actor: Actor, space_id: UUID) -> list[RequestRow]:
    """Those of a space that wait, then those that were answered, the newest first, 50 at most."""
    theirs = (
        select(func.json_agg(func.json_build_array(Organisation.id, Organisation.name)))
        .select_from(Mandate)
        .join(Organisation, Organisation.id == Mandate.organisation_id)
        .join(Participation, Participation.organisation_id == Mandate.organisation_id)
        .where(Mandate.person_id == _A.person_id, *_seated(_A.initiative_id))
        .scalar_subquery()
        .label("organisations")
    )
    question = (
        select(_A.id, Person.name, _A.reason, _A.created_at, _A.answered_at, _A.granted, theirs)
        .join(Person, Person.id == _A.person_id)
        .where(_A.space_id == space_id, visible(actor, AccessRequest, Action.REQUEST_READ))
        .order_by(_A.answered_at.is_not(None), _A.created_at.desc())
        .limit(REQUESTS_MOST)
    )
    return [
        RequestRow(
            row.id,
            row.name,
            row.reason,
            row.created_at,
            row.answered_at,
            row.granted,
            [(str(id_), name) for id_, name in row.organisations or []],
        )
        for row in await read.execute(question)
    ]


async def find_request(read: Handle, request_id: UUID) -> RequestLetter | None:
    """The facts of a request, whoever asks: for the worker."""
    question = (
        select(_A.id, _A.space_id, _A.initiative_id, Space.title, Person.name, _A.answered_at, _A.told_at)
        .join(Space, Space.id == _A.space_id)
        .join(Person, Person.id == _A.person_id)
        .where(_A.id == request_id, Person.state == PersonState.ACTIVE)
    )
    row = (await read.execute(question)).first()
    return None if row is None else RequestLetter(*row)


async def list_runners(read: Handle, letter: RequestLetter) -> list[tuple[UUID, str]]:
    """Co-pilots of the initiative and facilitators of the space, with their addresses."""
    pilots = (
        select(Mandate.person_id)
        .join(Participation, Participation.organisation_id == Mandate.organisation_id)
        .where(
            *_seated(letter.initiative_id),
            Participation.role == ParticipationRole.COPILOT,
            Mandate.powers.overlap(sorted(WRITING)),
        )
    )
    facilitators = select(Facilitator.person_id).where(Facilitator.space_id == letter.space_id, _running(Facilitator))
    question = select(Person.id, Person.email).where(
        Person.id.in_(pilots.union(facilitators)), Person.state == PersonState.ACTIVE, Person.email.is_not(None)
    )
    return [(row.id, row.email) for row in await read.execute(question.order_by(Person.id))]
