"""The payload of an edition: everything that it will ever say, as plain values. Its files are made from it alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import rfc8785
from sqlalchemy import select
from sqlalchemy.sql.selectable import FromClause

from app.core.db import Handle
from app.core.richtext.canonical import to_plain
from app.core.zones import local_iso
from app.features.deliverables.models import Deliverable, PassageKind, ScopeSpace
from app.features.deliverables.queries.gate import Gate
from app.features.editions.queries.cited import Cited, get_cited
from app.features.editions.queries.heard import get_copilots, get_heard
from app.features.editions.queries.report import get_report
from app.features.editions.queries.text import Text, get_text
from app.features.initiatives.models import Initiative
from app.features.spaces.models import Space, Visibility
from app.policy.actor import Actor

SC: FromClause = ScopeSpace.__table__
SP: FromClause = Space.__table__
I: FromClause = Initiative.__table__  # noqa: E741 - one letter for a table, as elsewhere

FORMAT = "alliage-edition"
FORMAT_VERSION = 3
"""2: times are printed on the clocks of the initiative, and days are those of its zone. 1 was universal time."""


@dataclass(frozen=True, slots=True)
class Frozen:
    """A payload, and the rows that lead back from it to what was frozen."""

    payload: bytes
    """RFC 8785."""
    text: Text
    cited: list[Cited]


async def freeze(
    read: Handle, actor: Actor, deliverable: Deliverable, gate: Gate, *, n: int, label: str, published_at: datetime
) -> Frozen:
    """The payload of the deliverable as it stands; eleven statements, whatever its length."""
    text = await get_text(read, deliverable.id)
    question = select(I.c.title, I.c.note, I.c.timezone).where(I.c.id == deliverable.initiative_id)
    initiative = (await read.execute(question)).one()
    zone = initiative.timezone
    cited = await get_cited(read, actor, deliverable.id, text, zone)
    _quote(text, cited)
    report = await get_report(read, deliverable, text, cited, gate, zone)
    report["organisations"] = await get_heard(read, deliverable.initiative_id, cited)
    payload: dict[str, Any] = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "language": deliverable.language,
        "timezone": zone,
        "initiative": {
            "title": initiative.title,
            "note": to_plain(initiative.note),
            "copilots": await get_copilots(read, deliverable.initiative_id),
        },
        "deliverable": {"title": deliverable.title, "summary": deliverable.summary},
        "edition": {"n": n, "label": label, **moments("published", published_at, zone)},
        "scope": await _scope(read, deliverable, zone),
        "sections": text.sections,
        "citations": [each.content for each in cited],
        "report": report,
    }
    return Frozen(rfc8785.dumps(payload), text, cited)


def instant(at: datetime) -> str:
    """An instant in UTC, to the second: `2020-09-07T14:05:00Z`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moments(name: str, at: datetime, zone: str) -> dict[str, str]:
    """An instant twice: in UTC for programs, and on the clocks of the zone, which is what files print.

    Resolved here, since whoever renders knows the payload alone: the rules of a zone may change after it is frozen.
    """
    return {f"{name}_at": instant(at), f"{name}_local": local_iso(at.replace(microsecond=0), zone)}


def _quote(text: Text, cited: list[Cited]) -> None:
    """Give each quotation the words of its citation: it has none of its own."""
    words = {each.content["number"]: each.content["words"] for each in cited}
    for passage in text.passages:
        if passage.content["kind"] == PassageKind.QUOTATION:
            said = words[passage.content["notes"][0]] if passage.content["notes"] else None
            passage.content["quote"] = said["quote"] if said else None


async def _scope(read: Handle, deliverable: Deliverable, zone: str) -> dict[str, Any]:
    """What the deliverable answers for. A space that visitors do not read is counted, not named."""
    rows = await read.execute(
        select(SP.c.number, SP.c.title, SP.c.visibility)
        .select_from(SC.join(SP, SP.c.id == SC.c.space_id))
        .where(SC.c.deliverable_id == deliverable.id)
        .order_by(SP.c.number)
    )
    spaces = rows.all()
    told = [{"number": row.number, "title": row.title} for row in spaces if row.visibility == Visibility.PUBLIC]
    return {
        "spaces": told,
        "restricted_spaces": len(spaces) - len(told),
        "kinds": sorted(deliverable.kinds),
        **moments("cutoff", deliverable.cutoff_at, zone),
    }
