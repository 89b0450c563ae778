"""Search: contributions, replies, organisations and published passages that the caller may read, the best match or the newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.core.db import Handle, fetch
from app.core.paging import LIMIT, CursorRefused, Mark, mark_of
from app.features.search.queries.asked import ask
from app.features.search.queries.candidates import END, HIT, LESS, NARROWING, PUBLISHED, compiled, worded
from app.features.statements.queries.shape import Fields, summary
from app.policy.actor import Actor
from app.policy.symbolic import facts

CANDIDATES = 1_000
"""Ranked at most, the newest; with 2,000 the words of middling frequency took twice as long (docs/adr/0009)."""
SMALLEST_SHARE = 100
READ_AT_ONCE = 400
"""Rows in which a page of the newest looks for a phrase: it may come out short, and its cursor goes on."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What a search is narrowed to; empty fields narrow nothing."""

    type: str | None = None
    initiative_id: UUID | None = None
    space_id: UUID | None = None
    organisation_id: UUID | None = None
    profile: str | None = None
    kind: str | None = None
    side: str | None = None
    tag: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def of_statements(self) -> bool:
        """Whether something is asked that only statements have."""
        return any((self.space_id, self.initiative_id, self.kind, self.side, self.tag))

    @property
    def of_speakers(self) -> bool:
        """Whether something is asked of who speaks, or of where: a published passage is the co-pilots' words, of no space."""
        return any((self.space_id, self.organisation_id, self.profile, self.kind, self.side, self.tag))


@dataclass(frozen=True, slots=True)
class Found:
    """A page of answers, and what was looked at to make it."""

    items: list[Fields]
    next_cursor: str | None = None
    ranked: int | None = None
    """How many candidates were compared; empty when the newest come first."""
    more: bool = False
    """Whether older ones match too and were not compared."""
    explanation: str | None = None


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a page starts: after which row, and below which newest one."""

    rank: float
    last_at: datetime
    last_id: UUID
    edge_at: datetime
    edge_id: UUID

    def cursor(self) -> str:
        key = f"{self.rank!r} {self.last_at.isoformat()} {self.edge_at.isoformat()} {self.edge_id.hex}"
        return Mark(key, self.last_id).cursor()

    @classmethod
    def of(cls, cursor: str | None) -> _Place | None:
        mark = mark_of(cursor, str)
        if mark is None:
            return None
        try:
            rank, last_at, edge_at, edge_id = str(mark.key).split(" ")
            moments = [datetime.fromisoformat(moment) for moment in (last_at, edge_at)]
            if any(moment.tzinfo is None for moment in moments):
                raise ValueError
            return cls(float(rank), moments[0], mark.id, moments[1], UUID(hex=edge_id))
        except ValueError:
            raise CursorRefused("Ce curseur n’a pas été donné par cette recherche : recommencez sans lui.") from None


async def search(
    read: Handle,
    actor: Actor,
    typed: str,
    filters: Filters,
    *,
    best: bool = True,
    cursor: str | None = None,
    limit: int = LIMIT,
) -> Found:
    """One page; an empty one with its explanation when nothing can be looked for. `CursorRefused` for a foreign cursor."""
    after = _Place.of(cursor)
    asked = ask(typed)
    if not asked.words:
        return Found([], explanation=asked.explanation)
    given = {name: value for name in NARROWING if (value := getattr(filters, name)) is not None}
    places = _places(actor, filters)
    organisations = filters.type in (None, "organisation") and not filters.of_statements
    passages = filters.type in (None, "passage") and not filters.of_speakers
    question = compiled(
        frozenset(given),
        best=best,
        onwards=after is not None,
        organisations=organisations,
        passages=passages,
        exact=asked.is_exact,
    )
    most = CANDIDATES if best else limit + 1 if asked.is_exact else READ_AT_ONCE
    share = max(most // max(len(places) + organisations + passages, 1), SMALLEST_SHARE) if best else most
    parameters = {
        **facts(actor),
        **{f"only_{name}": value for name, value in given.items()},
        "places": places,
        "share": share,
        "most": most,
        "rows": limit + 1,
        **(_bounds(after, best=best) if after else {}),
    }
    rows = await fetch(read, worded(question, asked), parameters)
    return _found(actor, rows, after, limit=limit, best=best)


def _places(actor: Actor, filters: Filters) -> list[UUID]:
    if filters.type in ("organisation", "passage"):
        return []
    places = actor.inner_spaces | actor.outer_spaces
    return sorted(places if filters.space_id is None else places & {filters.space_id})


def _bounds(after: _Place, *, best: bool) -> dict[str, Any]:
    if best:
        last = {"last_rank": after.rank, "last_at": after.last_at, "last_id": after.last_id}
        return {"edge_at": after.edge_at, "edge_id": after.edge_id, **last}
    return {"edge_at": after.last_at, "edge_id": after.last_id}


def _found(actor: Actor, rows: list[Any], after: _Place | None, *, limit: int, best: bool) -> Found:
    looked = rows[0]
    found = [row for row in rows if row.found_object_id is not None]
    kept = found[:limit]
    next_place = None
    if len(found) > limit:
        next_place = _after(kept[-1], looked, after)
    elif not best and looked.cut:
        next_place = _Place(0.0, looked.oldest_at, looked.oldest_id, looked.oldest_at, looked.oldest_id)
    return Found(
        [_item(actor, row) for row in kept if _is_there(row)],
        next_place.cursor() if next_place else None,
        ranked=looked.ranked if best else None,
        more=bool(looked.cut) if best else next_place is not None,
    )


def _after(last: Any, looked: Any, after: _Place | None) -> _Place:
    """The next pages compare the candidates of the first: what is posted meanwhile moves nobody."""
    edge_at, edge_id = (after.edge_at, after.edge_id) if after else (looked.newest_at, looked.newest_id)
    return _Place(last.found_rank, last.found_occurred_at, last.found_object_id, edge_at, edge_id)


def _is_there(row: Any) -> bool:
    """Whether what was found may be read: the rule is asked again of what the answer is made of."""
    if row.found_object_type == "passage":
        return row.published_n is not None
    return row.id is not None or row.found_object_type == "organisation"


def _item(actor: Actor, row: Any) -> Fields:
    said, published = row.id is not None, row.published_n is not None
    return {
        "id": row.found_object_id,
        "type": row.found_object_type,
        "title": segments(row.shown_title),
        "excerpt": segments(row.shown_body),
        "statement": summary(actor, row) if said else None,
        "organisation": None if said or published else _organisation(row),
        "passage": _passage(row) if published else None,
    }


def _passage(row: Any) -> Fields:
    at = f"/editions/{row.published_edition_id}#p{row.published_n}"
    return {name: getattr(row, f"published_{name}") for name in PUBLISHED} | {"url": at}


def _organisation(row: Any) -> Fields:
    return {
        "id": row.found_object_id,
        "name": row.organisation,
        "acronym": row.acronym,
        "profile": row.profile,
        "family": row.family,
    }


def segments(marked: str | None) -> list[dict[str, Any]]:
    """The text in pieces that say whether they are what was looked for: nothing for a page to unescape."""
    pieces: list[dict[str, Any]] = []
    for part in (marked or "").replace(LESS, "<").split(HIT):
        hit, end, rest = part.partition(END)
        if end:
            pieces.append({"text": hit, "hit": True})
        else:
            rest = hit
        if rest:
            pieces.append({"text": rest, "hit": False})
    return pieces
