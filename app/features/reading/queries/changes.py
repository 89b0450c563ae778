"""What changed since somebody's last visit, a week or a day, grouped by space: facts that a French sentence is made of.

Six statements at most, whatever happened. Every object is read again under the rules of now: what was taken back or hidden
since says so, and what left the caller's reach is not there.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, and_, bindparam, func, select

from app.core.db import Handle, Question, Reader, fetch
from app.core.richtext.differences import Comparison, apart
from app.features.initiatives.queries import get_card
from app.features.reading.queries.happened import KEPT, list_happened, list_spaces, titles_of
from app.features.reading.queries.since import Since, since_of
from app.features.reading.queries.verbs import IN_FRENCH, REVISED, SAID
from app.features.reading.schemas import ChangeLine, ChangesOut, DifferenceOut, SinceKind, SpaceChanges
from app.features.statements.models import Revision, Statement
from app.features.statements.queries.shape import S, joined, reads_words, speaker_of
from app.features.statements.schemas import Speaker
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import visible
from app.policy.symbolic import CALLER, facts

LINES = 10
"""Of each space, unless a page asks for fewer."""
CHARACTERS_A_MINUTE = 200 * 6
"""200 words, of six characters with their space: the mean of the consultation of 2015 is 6.1."""
LONGEST_SENTENCE = 240
_SENTENCE = re.compile(r"[^.!?…\n]+[.!?…]*")
R = Revision.__table__


@dataclass
class _Line:
    """Events that are one line: the same thing done to the same object, by the same organisation."""

    event: Any
    """The newest."""
    times: int = 1
    first_at: datetime | None = None
    difference: DifferenceOut | None = field(default=None)


async def changed_since(
    read: Handle, actor: Actor, reference: str, asked: datetime | SinceKind = SinceKind.VISIT, limit: int = LINES
) -> ChangesOut:
    """The news of an initiative for the caller, their own acts and imports left out; NotFound when it is hidden."""
    card = await get_card(read, actor, reference)
    return await changes_of(read, actor, card.id, await since_of(read, actor, card.id, asked), limit)


async def changes_of(
    read: Handle,
    actor: Actor,
    initiative_id: UUID,
    since: Since,
    limit: int = LINES,
    spaces: Sequence[Any] | None = None,
) -> ChangesOut:
    """The same for an initiative that the caller reads, since an instant that is known: five statements at most.

    `spaces`: those that they read there, where somebody asked already.
    """
    if spaces is None:
        spaces = await list_spaces(read, actor, initiative_id)
    events = await list_happened(read, actor, initiative_id, [space.id for space in spaces], since)
    by_place: dict[UUID | None, list[Any]] = {}
    for event in events:
        by_place.setdefault(event.space_id, []).append(event)
    lines = {place: _lines(found) for place, found in by_place.items()}
    shown = {place: found[:limit] for place, found in lines.items()}
    kept = [line for found in shown.values() for line in found]
    said = await _statements(read, actor, [li.event.object_id for li in kept if li.event.object_type == "statement"])
    titles = await titles_of(read, actor, [(li.event.object_type, li.event.object_id) for li in kept])
    await _compare(read, actor, kept, said)
    groups = []
    for place in [*spaces, None]:
        key = place.id if place else None
        told = [_told(actor, line, said, titles) for line in shown.get(key, [])]
        items = [line for line in told if line is not None]
        if items:
            more = min(len(lines[key]) - len(shown[key]), KEPT - 1)
            if len(by_place[key]) == KEPT:
                more = KEPT - 1
            groups.append(_group(place, items, more))
    length = sum(event.length for event in events)
    return ChangesOut(
        since=since.kind,
        since_at=since.at,
        first_visit=since.first_visit,
        reading_minutes=math.ceil(length / CHARACTERS_A_MINUTE),
        groups=groups,
    )


def _group(place: Any, items: list[ChangeLine], others: int) -> SpaceChanges:
    if place is None:
        return SpaceChanges(space_id=None, number=None, title=None, items=items, others=others)
    return SpaceChanges(space_id=place.id, number=place.number, title=place.title, items=items, others=others)


def _lines(events: Iterable[Any]) -> list[_Line]:
    """The events of a place, the newest first, repeated ones together."""
    lines: dict[tuple[Any, ...], _Line] = {}
    for event in events:
        key = (event.verb, event.object_id, event.organisation_id, event.capacity, event.data.get("stance"))
        if line := lines.get(key):
            line.times += 1
            line.first_at = event.at
        else:
            lines[key] = _Line(event, first_at=event.at)
    return list(lines.values())


@lru_cache(maxsize=1)
def _said() -> Question:
    ids = bindparam("ids", type_=ARRAY(Uuid()))
    return Question(
        joined(CALLER, S, whole=False).where(S.c.id == func.any(ids), visible(CALLER, Statement, Action.STATEMENT_READ))
    )


async def _statements(read: Handle, actor: Actor, ids: list[UUID]) -> dict[UUID, Any]:
    if not ids:
        return {}
    return {row.id: row for row in await fetch(read, _said(), {**facts(actor), "ids": ids})}


@lru_cache(maxsize=1)
def _versions() -> Question:
    """The head of each statement, and the revision before the first that was made since."""
    asked = (
        func.unnest(bindparam("ids", type_=ARRAY(Uuid())), bindparam("firsts", type_=ARRAY(R.c.created_at.type)))
        .table_valued("id", "at", name="asked")
        .render_derived()
    )
    made = (
        select(func.max(R.c.n) - 1)
        .where(R.c.statement_id == asked.c.id, R.c.created_at <= asked.c.at)
        .correlate(asked)
        .scalar_subquery()
    )
    head, before = R.alias("head"), R.alias("before")
    return Question(
        select(S.c.id, head.c.plain.label("after"), before.c.plain.label("before"))
        .select_from(
            asked.join(S, S.c.id == asked.c.id)
            .join(head, head.c.id == S.c.head_id)
            .join(before, and_(before.c.statement_id == S.c.id, before.c.n == made, before.c.n >= S.c.first_n))
        )
        .where(visible(CALLER, Statement, Action.STATEMENT_READ), S.c.space_id == func.any(CALLER.inner_spaces))
    )


async def _compare(read: Handle, actor: Actor, lines: Sequence[_Line], said: dict[UUID, Any]) -> None:
    """Put beside each revision what it changed: inside the space, where earlier words are read too."""
    revised = {
        line.event.object_id: line
        for line in lines
        if line.event.verb in REVISED and (row := said.get(line.event.object_id)) and reads_words(actor, row)
    }
    if not revised:
        return
    firsts = [line.first_at for line in revised.values()]
    rows = await fetch(read, _versions(), {**facts(actor), "ids": list(revised), "firsts": firsts})
    if isinstance(read, Reader):
        await read.release()
    comparison = Comparison()
    found = await apart(lambda: [difference(comparison, row.before, row.after) for row in rows])
    for row, each in zip(rows, found, strict=True):
        revised[row.id].difference = each


def difference(comparison: Comparison, before: str, after: str) -> DifferenceOut | None:
    """One line: how many words came and went, and the first sentence that changed; None where the words are the same."""
    changes = comparison.differences(before, after)
    if all(change.op == "same" for change in changes):
        return None
    counts = {op: sum(len(change.text.split()) for change in changes if change.op == op) for op in ("added", "removed")}
    at = 0
    for change in changes:
        if change.op == "added" or (change.op == "removed" and not any(c.op == "added" for c in changes)):
            break
        at += len(change.text) if change.op == "same" else 0
    return DifferenceOut(added=counts["added"], removed=counts["removed"], sentence=_sentence_at(after, at))


def _sentence_at(text: str, at: int) -> str:
    """The sentence of `text` around a place; the last one for its end."""
    sentence = ""
    for found in _SENTENCE.finditer(text):
        if found[0].strip():
            sentence = found[0].strip()
        if found.end() > at and found[0][max(at - found.start(), 0) :].strip():
            break
    return sentence if len(sentence) <= LONGEST_SENTENCE else sentence[: LONGEST_SENTENCE - 1].rstrip() + "…"


def _told(actor: Actor, line: _Line, said: dict[UUID, Any], titles: dict[UUID, str]) -> ChangeLine | None:
    """The line as the caller may read it; None when its object has left their reach."""
    event = line.event
    row = said.get(event.object_id)
    if event.object_type == "statement" and row is None:
        return None
    words = row if row is not None and reads_words(actor, row) else None
    return ChangeLine(
        event_id=event.id,
        at=event.at,
        verb=event.verb,
        sentence=IN_FRENCH[event.verb],
        times=line.times,
        object_type=event.object_type,
        object_id=event.object_id,
        title=(words and words.title) or titles.get(event.object_id),
        root_id=row.root_id if row else None,
        kind=row.kind if row else None,
        excerpt=words.excerpt if words and event.verb in SAID else None,
        by=_by(actor, event, row),
        difference=line.difference,
        data={name: event.data[name] for name in _kept(event) if name in event.data},
    )


def _kept(event: Any) -> tuple[str, ...]:
    """What a line tells of its event; the session of what was kept of one, so that the line leads there."""
    told = ("stance", "side", "reason", "n")
    return (*told, "session") if event.object_type in ("decision", "minutes_revision") else told


def _by(actor: Actor, event: Any, row: Any) -> Speaker | None:
    """Who did it: of somebody's own words as they consent, of the rest those who work there are told."""
    inside = event.space_id in actor.inner_spaces
    own = row is not None and event.person_id == row.person_id and event.organisation_id == row.organisation_id
    if own and event.verb != "position.taken":
        return Speaker.model_validate(speaker_of(row, inside=inside))
    if event.capacity is None and event.organisation_id is None:
        return None
    here = inside or (event.space_id is None and event.initiative_id in actor.initiatives)
    return Speaker(
        capacity=event.capacity,
        organisation_id=event.organisation_id,
        organisation=event.organisation,
        profile=event.profile,
        family=event.family,
        person_id=event.person_id if here else None,
        person=event.person if here else None,
        anonymous=False,
    )
