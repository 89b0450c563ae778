"""What changed between two editions of a deliverable: the published words, passage by passage.

Made when it is asked, so consent that was tightened since holds: words that may not be shown any more are left out.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.sql.selectable import FromClause

from app.core.db import Reader
from app.core.errors import NotFound, invalid
from app.core.richtext.differences import Comparison, apart
from app.features.deliverables.models import PassageRevision
from app.features.editions.models import EditionPassage
from app.features.editions.queries.blocks import LEFT_OUT, blocks_without, words_in
from app.features.editions.queries.shelf import ED, NOT_FOUND, editions, refuse_withdrawn
from app.features.editions.queries.standing import Standing, get_standing
from app.features.editions.schemas import ChangeOut, EditionDifferences, PassageChange
from app.policy.actor import Actor

EP: FromClause = EditionPassage.__table__
PR: FromClause = PassageRevision.__table__

Kind = Literal["added", "removed", "changed", "moved"]


@dataclass(frozen=True, slots=True)
class Published:
    """A passage as an edition prints it."""

    kind: str
    section: str
    words: str
    veiled: bool
    """Whether some of its words are left out."""


async def get_differences(read: Reader, actor: Actor, edition_id: UUID, since: UUID) -> EditionDifferences:
    """From the edition `since` to `edition_id`; NotFound, 410 for a withdrawn one, 422 when they are of two deliverables."""
    rows = {row.id: row for row in (await read.execute(_both(actor, edition_id, since))).all()}
    if edition_id not in rows:
        raise NotFound(NOT_FOUND)
    if since not in rows or rows[since].deliverable_id != rows[edition_id].deliverable_id:
        raise invalid("query:since", "Cette édition n’existe pas, ou n’est pas une édition du même livrable.")
    for row in rows.values():
        refuse_withdrawn(actor, row)
    placed = (await read.execute(_passages([edition_id, since]))).all()
    standing = await get_standing(read, actor, [edition_id, since])
    await read.release()
    return await apart(lambda: _compared(rows[since], rows[edition_id], placed, standing))


def _compared(
    older: Any, newer: Any, placed: Sequence[Any], standing: Mapping[UUID, Mapping[int, Standing]]
) -> EditionDifferences:
    before = _published(older, [row.passage_id for row in placed if row.edition_id == older.id], standing[older.id])
    after = _published(newer, [row.passage_id for row in placed if row.edition_id == newer.id], standing[newer.id])
    changes = list(_changes(before, after, Comparison()))
    counted = Counter(change.change for change in changes)
    same = len(after) - counted["added"] - counted["changed"] - counted["moved"]
    return EditionDifferences(
        since=older.id,
        edition=newer.id,
        added=counted["added"],
        removed=counted["removed"],
        changed=counted["changed"],
        moved=counted["moved"],
        same=same,
        passages=changes,
    )


def _both(actor: Actor, edition_id: UUID, since: UUID) -> Any:
    return editions(actor, ED.c.payload).where(ED.c.id.in_([edition_id, since]))


def _passages(edition_ids: list[UUID]) -> Any:
    return (
        select(EP.c.edition_id, PR.c.passage_id)
        .select_from(EP.join(PR, PR.c.id == EP.c.passage_revision_id))
        .where(EP.c.edition_id.in_(edition_ids))
        .order_by(EP.c.edition_id, EP.c.ordinal)
    )


def _published(edition: Any, passage_ids: list[UUID], standing: Mapping[int, Standing]) -> dict[UUID, Published]:
    """The passages of an edition in its order, by what they are revisions of."""
    payload = json.loads(edition.payload)
    kept_back = {
        citation["number"]: citation["words"]["quote"]
        for citation in payload["citations"]
        if citation["words"] is not None and not _shown(citation, standing)
    }
    return dict(zip(passage_ids, _in_order(payload["sections"], kept_back), strict=True))


def _shown(citation: Mapping[str, Any], standing: Mapping[int, Standing]) -> bool:
    found = standing.get(citation["number"])
    return found is not None and found.shows_words(citation["source"]["state"])


def _in_order(sections: list[Any], kept_back: Mapping[int, str]) -> Iterator[Published]:
    for section in sections:
        for passage in section["passages"]:
            quotes = [kept_back[number] for number in passage["notes"] if number in kept_back]
            whole, words = (_words(passage, less) for less in ((), quotes))
            yield Published(passage["kind"], section["title"], words, words != whole)
        yield from _in_order(section["sections"], kept_back)


def _words(passage: Any, less: Sequence[str]) -> str:
    quote: str | None = passage.get("quote")
    if quote:
        return LEFT_OUT if quote in less else quote
    return words_in(blocks_without(passage["blocks"], less))


def _changes(
    before: dict[UUID, Published], after: dict[UUID, Published], comparison: Comparison
) -> Iterator[PassageChange]:
    for passage_id, now in after.items():
        was = before.get(passage_id)
        if was is None:
            yield _change(comparison, "added", now, "", now.words)
        elif was.words != now.words:
            yield _change(comparison, "changed", now, was.words, now.words, was.section)
        elif was.section != now.section:
            yield _change(comparison, "moved", now, was.words, now.words, was.section)
    for passage_id, was in before.items():
        if passage_id not in after:
            yield _change(comparison, "removed", was, was.words, "")


def _change(
    comparison: Comparison, kind: Kind, passage: Published, before: str, after: str, section_before: str | None = None
) -> PassageChange:
    return PassageChange(
        change=kind,
        kind=passage.kind,
        section=passage.section,
        section_before=section_before if section_before != passage.section else None,
        veiled=passage.veiled,
        changes=[ChangeOut(op=change.op, text=change.text) for change in comparison.differences(before, after)],
    )
