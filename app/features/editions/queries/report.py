"""The publication report: what became of every contribution of the scope, printed with the text (promise 4).

A contribution that a visitor could have read is listed with its title and what became of it; the
others are counted. Waivers are printed with the name of who let what through, and why. What was
moderated is counted by the class of its reason; who answers for it before the reader is whoever
treated or waived it, and who hid it stands in the audit of its space.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.sql.selectable import FromClause

from app.core.db import Handle
from app.core.zones import local_day
from app.features.deliverables.models import Fate, ScopeSpace, WaiverKind
from app.features.deliverables.queries.fates import D, fates
from app.features.deliverables.queries.gate import Gate
from app.features.deliverables.queries.sources import S
from app.features.editions.queries.cited import Cited, attribution, let_out
from app.features.editions.queries.text import Text
from app.features.identity.models import Organisation, Person
from app.features.spaces.models import Space
from app.features.statements.models import Revision, StatementState, StatementType, strictest
from app.features.statements.queries.few import profile_told, spaces_of, told_profiles
from app.features.statements.queries.shape import outside_speaker
from app.features.statements.schemas import Speaker

SC: FromClause = ScopeSpace.__table__
SP: FromClause = Space.__table__
H: FromClause = Revision.__table__.alias("heads")
O: FromClause = Organisation.__table__  # noqa: E741 - as in the statements' own queries
PE: FromClause = Person.__table__

PRINTED = (Fate.CITED, Fate.MERGED, Fate.ANSWERED, Fate.SET_ASIDE, Fate.WAIVED)


async def get_report(
    read: Handle, deliverable: Any, text: Text, cited: list[Cited], gate: Gate, zone: str
) -> dict[str, Any]:
    """What became of each contribution, waivers, passages and what arrived after the cut-off; three statements."""
    rows = (await read.execute(_each(deliverable.id, deliverable.initiative_id))).all()
    arrived = (await read.execute(_arrived_after(deliverable.id))).scalar_one()
    by_hand = _cited_by_hand(text, cited)
    titles = {row.id: row.title for row in rows if let_out(row)}
    listed = [_contribution(row, titles, cited) for row in rows if row.id in titles]
    withheld = Counter(row.fate for row in rows if row.id not in titles)
    return {
        "contributions": {
            "in_scope": len(rows),
            "outcomes": [_outcome(fate, rows, by_hand) for fate in PRINTED],
            "arrived_after": arrived,
            "moderated": _moderated(rows),
        },
        "treatments": listed,
        "not_listed": {fate.value: withheld[fate] for fate in PRINTED},
        "waivers": await _waivers(read, gate, titles, zone),
        "passages": _passages(text),
    }


def _each(deliverable_id: UUID, initiative_id: UUID) -> Select[Any]:
    """Every contribution of the scope with its fate, its title, and who spoke as far as they consent."""
    each = fates(deliverable_id)
    told = told_profiles(spaces_of(initiative_id))
    kept = (
        "id",
        "kind",
        "capacity",
        "organisation_id",
        "person_id",
        "consent",
        "fate",
        "target_id",
        "reason_code",
        "state",
        "state_reason",
    )
    return (
        select(
            *(each.c[name] for name in (*kept, "sentence", "by_rule")),
            S.c.released,
            SP.c.visibility,
            SP.c.number.label("space_number"),
            H.c.title,
            H.c.consent.label("head_consent"),
            O.c.name.label("organisation"),
            O.c.profile,
            O.c.family,
            PE.c.name.label("person"),
            told.c.profile.label("told_profile"),
        )
        .select_from(
            each.join(S, S.c.id == each.c.id)
            .join(SP, SP.c.id == each.c.space_id)
            .join(H, H.c.id == each.c.head_id)
            .outerjoin(O, O.c.id == each.c.organisation_id)
            .outerjoin(PE, PE.c.id == each.c.person_id)
            .outerjoin(told, profile_told(told, S.c.space_id, O.c.profile))
        )
        .order_by(SP.c.number, each.c.occurred_at, each.c.id)
    )


def _arrived_after(deliverable_id: UUID) -> Select[Any]:
    return (
        select(func.count())
        .select_from(D.join(SC, SC.c.deliverable_id == D.c.id).join(S, S.c.space_id == SC.c.space_id))
        .where(
            D.c.id == deliverable_id,
            S.c.type == StatementType.CONTRIBUTION,
            S.c.state == StatementState.PUBLISHED,
            S.c.kind == func.any(D.c.kinds),
            S.c.published_at > D.c.cutoff_at,
        )
    )


def _cited_by_hand(text: Text, cited: list[Cited]) -> set[UUID]:
    """The statements that a passage accepted one by one cites."""
    of = {each.citation_id: each.statement_id for each in cited}
    return {of[id_] for passage in text.passages if not passage.by_rule for id_ in passage.citation_ids}


def _outcome(fate: Fate, rows: Any, by_hand: set[UUID]) -> dict[str, Any]:
    met = [row for row in rows if row.fate == fate]
    by_rule = [row for row in met if (row.id not in by_hand if fate == Fate.CITED else row.by_rule is not None)]
    if fate == Fate.WAIVED:
        by_rule = []
    return {
        "outcome": fate.value,
        "count": len(met),
        "by_rule": len(by_rule),
        "by_hand": len(met) - len(by_rule),
    }


def _contribution(row: Any, titles: dict[UUID, str], cited: list[Cited]) -> dict[str, Any]:
    """A contribution that anybody may read, and what became of it."""
    said: dict[str, Any] = {
        "title": row.title,
        "kind": row.kind,
        "space": row.space_number,
        "attribution": _who(row),
        "outcome": row.fate,
    }
    if row.fate == Fate.CITED:
        said["notes"] = [each.content["number"] for each in cited if each.statement_id == row.id]
    elif row.fate != Fate.WAIVED:
        said |= {"sentence": row.sentence, "by_rule": row.by_rule is not None}
        if row.reason_code is not None:
            said["reason"] = row.reason_code
        if row.target_id in titles:
            said["into"] = titles[row.target_id]
    return said


def _who(row: Any) -> dict[str, Any]:
    return attribution(Speaker.model_validate(outside_speaker(row, strictest(row.consent, row.head_consent))))


async def _waivers(read: Handle, gate: Gate, titles: dict[UUID, str], zone: str) -> list[dict[str, Any]]:
    """Who let what through the gate, for whom, and why."""
    ids = {waiver.organisation_id for waiver in gate.waived}
    names = dict((await read.execute(select(O.c.id, O.c.name).where(O.c.id.in_(ids)))).all()) if ids else {}
    return [
        {
            "title": titles.get(waiver.statement_id),
            "lets_through": WaiverKind(waiver.kind).value,
            "reason": waiver.reason,
            "by": waiver.by_name,
            "for": names[waiver.organisation_id],
            "on": local_day(waiver.at, zone),
        }
        for waiver in gate.waived
    ]


def _moderated(rows: Sequence[Any]) -> list[dict[str, Any]]:
    """How many contributions of the scope are hidden at publication, by the class of the reason."""
    counted = Counter(row.state_reason or "other" for row in rows if row.state == StatementState.MODERATED)
    return [{"reason": reason, "count": counted[reason]} for reason in sorted(counted)]


def _passages(text: Text) -> dict[str, int]:
    counted = Counter(passage.counted_as for passage in text.passages)
    by_rule = sum(passage.by_rule for passage in text.passages)
    return {
        "sourced": counted["sourced"],
        "editorial": counted["editorial"],
        "headings": counted["headings"],
        "accepted_by_rule": by_rule,
        "accepted_by_hand": len(text.passages) - by_rule,
    }
