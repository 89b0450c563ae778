"""Which organisations the text cites, and which it does not, without undoing what consent veils.

Everybody knows who takes part. So each name printed as "cited" or as "not cited" narrows down who
an unnamed quote can come from: were all the others named, the one that is left would be too. An
organisation that is not cited is therefore named only where, without it, three or more of those that
speak in the same space stay behind each veil; otherwise it is counted with those that are not named.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.sql.selectable import FromClause

from app.core.db import Handle
from app.features.editions.queries.cited import Cited
from app.features.identity.models import Organisation
from app.features.spaces.models import SpaceMember
from app.features.statements.queries.few import FEWEST, PA, TAKES_PART, profile_told, spaces_of, told_profiles
from app.policy.actor import ParticipationRole

O: FromClause = Organisation.__table__  # noqa: E741 - as in the statements' own queries
SM: FromClause = SpaceMember.__table__


@dataclass(frozen=True, slots=True)
class Participant:
    """An organisation that takes part, and how the text cites it."""

    id: UUID
    name: str
    profile: str
    named: bool
    veiled: bool
    pilots: bool

    @property
    def cited(self) -> bool:
        """Whether the text rests on something it said."""
        return self.named or self.veiled


async def get_heard(read: Handle, initiative_id: UUID, cited: list[Cited]) -> dict[str, Any]:
    """Organisations by name where that tells nothing more, and counts by profile; two statements."""
    rows = await _taking_part(read, initiative_id)
    everybody = _participants(rows, cited)
    named = [one.name for one in everybody if one.named]
    veiled = [one for one in everybody if one.veiled and not one.named]
    silent = [one for one in everybody if not one.cited]
    heard: dict[str, Any] = {
        "taking_part": len(everybody),
        "observed": len(rows) > len(everybody),
        "cited_by_name": named,
        "profiles": _profiles(everybody),
        "said_personally": sum(each.organisation_id is None for each in cited),
    }
    if 0 < len(veiled) < FEWEST:
        return heard | {"not_cited": [], "others": len(veiled) + len(silent)}
    hidden = veils(everybody, cited, await _voices(read, initiative_id))
    told = [one.name for one in silent if one.id not in hidden]
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


def _participants(rows: Any, cited: list[Cited]) -> list[Participant]:
    by_name = {each.organisation_id for each in cited if each.content["attribution"].get("name")}
    behind_a_veil = {each.organisation_id for each in cited if not each.content["attribution"].get("name")}
    return [
        Participant(
            id=row.id,
            name=row.name,
            profile=row.profile,
            named=row.id in by_name,
            veiled=row.id in behind_a_veil,
            pilots=row.pilots,
        )
        for row in rows
        if not row.observes or row.id in by_name | behind_a_veil
    ]


async def _voices(read: Handle, initiative_id: UUID) -> dict[UUID, dict[UUID, bool]]:
    """Space -> the members that may speak there, and whether their profile is told beside their words; one statement."""
    told = told_profiles(spaces_of(initiative_id))
    rows = await read.execute(
        select(SM.c.space_id, SM.c.organisation_id, told.c.profile.is_not(None).label("told"))
        .select_from(
            SM.join(O, O.c.id == SM.c.organisation_id).outerjoin(told, profile_told(told, SM.c.space_id, O.c.profile))
        )
        .where(SM.c.initiative_id == initiative_id, SM.c.during.contains(func.now()))
    )
    voices: dict[UUID, dict[UUID, bool]] = {}
    for row in rows:
        voices.setdefault(row.space_id, {})[row.organisation_id] = row.told
    return voices


def veils(
    everybody: Iterable[Participant], cited: Iterable[Cited], voices: Mapping[UUID, Mapping[UUID, bool]]
) -> set[UUID]:
    """The organisations whose silence is not told: without them, fewer than three could have said an unnamed quote."""
    known = {one.id: one for one in everybody}
    hidden: set[UUID] = set()
    for each in cited:
        profile = each.content["attribution"].get("profile")
        if each.organisation_id is None or each.content["attribution"].get("name"):
            continue
        # A quote without a profile is of one whose profile is not told there; a paraphrase may be anybody's.
        anybody = profile is None and each.content["words"] is None
        behind = [
            known[organisation]
            for organisation, told in voices.get(each.space_id, {}).items()
            if organisation in known and (anybody or (known[organisation].profile == profile if profile else not told))
        ]
        if sum(one.cited for one in behind) < FEWEST:
            hidden |= {one.id for one in behind if not one.cited}
    return hidden


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
