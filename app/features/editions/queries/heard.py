"""Which organisations the text cites, and which it does not, without undoing what consent veils.

Everybody knows who takes part. So each name printed as "cited" or as "not cited" narrows down who
an unnamed quote can come from: were all the others named, the one that is left would be too. The
organisations that are not cited are therefore named only where three or more could have spoken
behind each veil; otherwise they are counted together with those that are cited without their name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.sql.selectable import FromClause

from app.core.db import Handle
from app.features.editions.queries.cited import Cited
from app.features.identity.models import Organisation
from app.features.statements.queries.few import FEWEST, PA, TAKES_PART
from app.policy.actor import ParticipationRole

O: FromClause = Organisation.__table__  # noqa: E741 - as in the statements' own queries

SMALL = "small"
"""The profiles of one or two organisations, which are never printed beside a quote: one group."""


@dataclass(frozen=True, slots=True)
class Participant:
    """An organisation that takes part, and how the text cites it."""

    id: UUID
    name: str
    profile: str
    group: str
    named: bool
    veiled: bool
    pilots: bool

    @property
    def cited(self) -> bool:
        """Whether the text rests on something it said."""
        return self.named or self.veiled


async def get_heard(read: Handle, initiative_id: UUID, cited: list[Cited]) -> dict[str, Any]:
    """Organisations by name where that tells nothing more, and counts by profile; one statement."""
    everybody = await _participants(read, initiative_id, cited)
    named = [one.name for one in everybody if one.named]
    veiled = [one for one in everybody if one.veiled and not one.named]
    silent = [one for one in everybody if not one.cited]
    heard: dict[str, Any] = {
        "taking_part": len(everybody),
        "cited_by_name": named,
        "profiles": _profiles(everybody),
        "said_personally": sum(each.organisation_id is None for each in cited),
    }
    if 0 < len(veiled) < FEWEST:
        return heard | {"not_cited": [], "others": len(veiled) + len(silent)}
    safe = _safe_groups(everybody)
    told = [one.name for one in silent if one.group in safe]
    return heard | {
        "cited_without_their_name": len(veiled),
        "not_cited": told,
        "not_cited_nor_named": len(silent) - len(told),
    }


async def get_copilots(read: Handle, initiative_id: UUID) -> list[str]:
    """The names of the organisations that co-pilot the initiative; one statement."""
    return [row.name for row in await _taking_part(read, initiative_id) if row.pilots]


async def _taking_part(read: Handle, initiative_id: UUID) -> Any:
    pilots = func.bool_or(PA.c.role == ParticipationRole.COPILOT)
    return (
        await read.execute(
            select(
                O.c.id,
                O.c.name,
                O.c.profile,
                func.bool_and(PA.c.role == ParticipationRole.OBSERVER).label("observes"),
                func.bool_or(TAKES_PART).label("takes_part"),
                pilots.label("pilots"),
            )
            .select_from(PA.join(O, O.c.id == PA.c.organisation_id))
            .where(PA.c.initiative_id == initiative_id)
            .group_by(O.c.id)
            .order_by(func.lower(func.f_unaccent(O.c.name)), O.c.id)
        )
    ).all()


async def _participants(read: Handle, initiative_id: UUID, cited: list[Cited]) -> list[Participant]:
    rows = await _taking_part(read, initiative_id)
    sizes = Counter(row.profile for row in rows if row.takes_part)
    by_name = {each.organisation_id for each in cited if each.content["attribution"].get("name")}
    behind_a_veil = {each.organisation_id for each in cited if not each.content["attribution"].get("name")}
    return [
        Participant(
            id=row.id,
            name=row.name,
            profile=row.profile,
            group=row.profile if sizes[row.profile] >= FEWEST else SMALL,
            named=row.id in by_name,
            veiled=row.id in behind_a_veil,
            pilots=row.pilots,
        )
        for row in rows
        if not row.observes or row.id in by_name | behind_a_veil
    ]


def _safe_groups(everybody: Iterable[Participant]) -> set[str]:
    """The groups of which the silent ones may be named: nobody there is veiled, or three and more are cited."""
    groups: dict[str, list[Participant]] = {}
    for one in everybody:
        groups.setdefault(one.group, []).append(one)
    return {
        group
        for group, members in groups.items()
        if not any(one.veiled for one in members) or sum(one.cited for one in members) >= FEWEST
    }


def _profiles(everybody: list[Participant]) -> list[dict[str, Any]]:
    """How many of each profile take part and are cited; profiles with a count below three are merged."""
    taking_part = Counter(one.profile for one in everybody)
    cited = Counter(one.profile for one in everybody if one.cited)

    def tellable(profile: str) -> bool:
        silent = taking_part[profile] - cited[profile]
        return all(count == 0 or count >= FEWEST for count in (cited[profile], silent))

    kept = [profile for profile in sorted(taking_part) if taking_part[profile] >= FEWEST and tellable(profile)]
    merged = sorted(set(taking_part) - set(kept), key=lambda profile: (taking_part[profile], profile))
    while kept and len(merged) == 1:  # merged with nothing, it would be told by subtraction
        smallest = min(kept, key=lambda profile: (taking_part[profile], profile))
        kept.remove(smallest)
        merged.append(smallest)
    lines = [{"profile": one, "taking_part": taking_part[one], "cited": cited[one]} for one in kept]
    if merged:
        total = sum(taking_part[one] for one in merged)
        lines.append({"profile": "merged", "taking_part": total, "cited": sum(cited[one] for one in merged)})
    return lines
