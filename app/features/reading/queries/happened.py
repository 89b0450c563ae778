"""The events since an instant, place by place, and the objects that they name.

Of each space the newest 1,000 events are walked, and at most 101 kept: what is more is said as « et d’autres ». The walk
needs no index of its own, and finds an event that committed late, wherever its number stands.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Integer, Select, Text, Uuid, and_, bindparam, func, select, true, union_all
from sqlalchemy.sql.elements import ColumnElement

from app.core.db import Handle, Question, fetch
from app.core.events import Event
from app.features.editions.models import Edition
from app.features.identity.models import Organisation, Person
from app.features.initiatives.models import Initiative, Milestone, Participation, Phase
from app.features.reading.queries.since import Since, is_new
from app.features.reading.queries.verbs import IN_FRENCH, SAID
from app.features.sessions.models import Decision, MinutesRevision, Session
from app.features.spaces.models import Space, SpaceMember
from app.features.statements.models import Revision, Statement
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import visible
from app.policy.predicates import among, is_one_of
from app.policy.symbolic import CALLER, facts

E, S, R = Event.__table__, Statement.__table__, Revision.__table__
WALKED = 1_000
KEPT = 101
COLUMNS = (
    *("id", "xid", "at", "verb", "object_type", "object_id", "initiative_id", "space_id", "audience"),
    *("person_id", "organisation_id", "capacity", "quiet", "data"),
)


def _walk(*where: ColumnElement[bool], place: Any = None) -> Select[Any]:
    """The newest events of a place that are news to the caller."""
    newest = select(*(E.c[name] for name in COLUMNS)).where(*where).order_by(E.c.id.desc()).limit(WALKED)
    walked = newest.correlate(place).subquery("walked")
    return (
        select(*walked.c)
        .where(
            walked.c.verb == func.any(bindparam("verbs", type_=ARRAY(Text()))),
            ~walked.c.quiet,
            walked.c.person_id.is_distinct_from(bindparam("caller_person_id", type_=Uuid())),
            is_new(walked.c),
            visible(CALLER, walked.c, Action.EVENT_READ),
        )
        .order_by(walked.c.id.desc())
        .limit(bindparam("kept", type_=Integer()))
    )


@lru_cache(maxsize=1)
def _happened() -> Question:
    place = func.unnest(bindparam("places", type_=ARRAY(Uuid()))).table_valued("id", name="place").render_derived()
    inside = _walk(E.c.space_id == place.c.id, place=place).lateral("inside")
    wide = _walk(E.c.initiative_id == bindparam("initiative_id", type_=Uuid()), E.c.space_id.is_(None)).subquery("wide")
    every = union_all(select(*inside.c).select_from(place.join(inside, true())), select(*wide.c)).subquery("every")
    said = and_(every.c.object_type == "statement", is_one_of(every.c.verb, tuple(SAID)), S.c.id == every.c.object_id)
    organisation, person = Organisation.__table__, Person.__table__
    return Question(
        select(
            *every.c,
            organisation.c.name.label("organisation"),
            organisation.c.profile,
            organisation.c.family,
            person.c.name.label("person"),
            func.coalesce(R.c.plain_length, 0).label("length"),
        )
        .select_from(
            every.outerjoin(S, said)
            .outerjoin(R, R.c.id == S.c.head_id)
            .outerjoin(organisation, organisation.c.id == every.c.organisation_id)
            .outerjoin(person, person.c.id == every.c.person_id)
        )
        .order_by(every.c.id.desc())
    )


async def list_happened(read: Handle, actor: Actor, initiative_id: UUID, places: list[UUID], since: Since) -> list[Any]:
    """The events that are news, the newest first: at most 101 of each place and of the initiative as a whole."""
    parameters = {
        **facts(actor),
        **since.parameters(),
        "initiative_id": initiative_id,
        "places": places,
        "verbs": list(IN_FRENCH),
        "kept": KEPT,
    }
    return await fetch(read, _happened(), parameters)


async def list_spaces(read: Handle, actor: Actor, initiative_id: UUID) -> list[Any]:
    """The spaces of the initiative that the caller reads, in their order."""
    s = Space.__table__.c
    question = select(s.id, s.number, s.title).where(
        s.initiative_id == initiative_id, visible(actor, Space, Action.SPACE_READ)
    )
    return list(await read.execute(question.order_by(s.number)))


def _titles(actor: Actor) -> dict[str, Select[Any]]:
    """How the objects of each type are called, as far as the caller may read them; each select has `id` and `title`."""
    session, space, edition = Session.__table__, Space.__table__, Edition.__table__
    meeting = visible(actor, Session, Action.SESSION_READ)

    def of_session(model: Any) -> Select[Any]:
        table = model.__table__
        joined = table.join(session, session.c.id == table.c.session_id)
        return select(table.c.id, session.c.title).select_from(joined).where(meeting)

    def of_organisation(model: Any) -> Select[Any]:
        table, organisation = model.__table__, Organisation.__table__
        joined = table.join(organisation, organisation.c.id == table.c.organisation_id)
        return select(table.c.id, organisation.c.name.label("title")).select_from(joined)

    initiative, dated = Initiative.__table__, {"milestone": Milestone.__table__, "phase": Phase.__table__}
    member = SpaceMember.__table__
    return {
        "session": select(session.c.id, session.c.title).where(meeting),
        "minutes_revision": of_session(MinutesRevision),
        "decision": of_session(Decision),
        "space": select(space.c.id, space.c.title).where(visible(actor, Space, Action.SPACE_READ)),
        "space_member": of_organisation(SpaceMember).where(among(member.c.space_id, actor.inner_spaces)),
        "participation": of_organisation(Participation).where(
            among(Participation.__table__.c.initiative_id, actor.initiatives)
        ),
        "initiative": select(initiative.c.id, initiative.c.title).where(
            visible(actor, Initiative, Action.INITIATIVE_READ)
        ),
        "edition": select(edition.c.id, edition.c.title.concat(" · ").concat(edition.c.label).label("title")).where(
            visible(actor, Edition, Action.EDITION_READ)
        ),
        **{
            kind: select(table.c.id, table.c.title).where(
                table.c.initiative_id == initiative.c.id, visible(actor, Initiative, Action.INITIATIVE_READ)
            )
            for kind, table in dated.items()
        },
    }


async def titles_of(read: Handle, actor: Actor, objects: Iterable[tuple[str, UUID]]) -> dict[UUID, str]:
    """What the objects (type, id) are called now, in one statement; those that are hidden or gone are left out."""
    ids: dict[str, list[UUID]] = {}
    for kind, object_id in objects:
        ids.setdefault(kind, []).append(object_id)
    known = _titles(actor)
    asked = [
        known[kind].where(known[kind].selected_columns["id"].in_(wanted))
        for kind, wanted in ids.items()
        if kind in known
    ]
    if not asked:
        return {}
    each = union_all(*asked).subquery("each")
    return {row.id: row.title for row in await read.execute(select(each.c.id, each.c.title))}
