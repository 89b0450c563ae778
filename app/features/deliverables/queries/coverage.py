"""Who is heard: counts by organisation and by profile, in the order of names. Never a rank, never a score (promise 4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy import Select, case, func, literal, or_, select, union
from sqlalchemy.sql.selectable import CTE, FromClause

from app.core.db import Handle
from app.features.deliverables.models import Fate
from app.features.deliverables.queries.fates import MODERATED_HERE, D, cited_statements, fates
from app.features.deliverables.queries.queue import check_deliverable
from app.features.deliverables.queries.sources import S
from app.features.deliverables.schemas.fates import Counts, CoverageOut, OrganisationCoverage, ProfileCoverage
from app.features.identity.models import Organisation
from app.features.statements.models import StatementState, StatementType
from app.features.statements.queries.few import PA, TAKES_PART
from app.policy.actions import Action
from app.policy.actor import Actor, Capacity

O: FromClause = Organisation.__table__  # noqa: E741 - as in the statements' own queries

COUNTED = tuple(Counts.model_fields)


async def get_coverage(read: Handle, actor: Actor, deliverable_id: UUID) -> CoverageOut:
    """The coverage of a deliverable, or NotFound; two statements, whatever its size."""
    await check_deliverable(read, actor, deliverable_id, Action.COVERAGE_READ)
    return _coverage(deliverable_id, (await read.execute(_by_organisation(deliverable_id))).all())


async def get_counted_coverage(
    read: Handle, actor: Actor, deliverable_id: UUID, by_speaker: Iterable[Mapping[str, Any]]
) -> CoverageOut:
    """The coverage as it was lately counted, with the organisations as they are; two statements."""
    await check_deliverable(read, actor, deliverable_id, Action.COVERAGE_READ)
    counted = {it["organisation_id"]: it for it in by_speaker}
    initiative = select(D.c.initiative_id).where(D.c.id == deliverable_id).scalar_subquery()
    taking_part = select(PA.c.organisation_id).where(PA.c.initiative_id == initiative, TAKES_PART)
    spoke = [UUID(name) for name in counted if name]
    named = (
        select(O.c.id.label("organisation_id"), O.c.name, O.c.profile, O.c.family)
        .where(or_(O.c.id.in_(spoke), O.c.id.in_(taking_part)))
        .order_by(func.lower(func.f_unaccent(O.c.name)), O.c.id)
    )
    nothing = dict.fromkeys(COUNTED, 0)
    rows = [
        SimpleNamespace(
            organisation_id=row.organisation_id,
            name=row.name,
            profile=row.profile,
            family=row.family,
            **_numbers(counted.get(str(row.organisation_id), nothing)),
        )
        for row in await read.execute(named)
    ]
    personal = SimpleNamespace(organisation_id=None, **_numbers(counted.get(None, nothing)))
    return _coverage(deliverable_id, [*rows, personal])


async def count_by_speaker(read: Handle, deliverable_id: UUID) -> list[dict[str, Any]]:
    """What became of what each organisation said, and of what was said personally; ids and numbers. Asks nobody who is calling."""
    rows = await read.execute(_by_organisation(deliverable_id))
    return [
        {
            "organisation_id": str(row.organisation_id) if row.organisation_id else None,
            **{name: getattr(row, name) for name in COUNTED},
        }
        for row in rows
    ]


def _numbers(counts: Mapping[str, Any]) -> dict[str, int]:
    return {name: counts[name] for name in COUNTED}


def _coverage(deliverable_id: UUID, rows: Iterable[Any]) -> CoverageOut:
    listed = list(rows)
    organisations = [_organisation(row) for row in listed if row.organisation_id is not None]
    personal = _sum([Counts.model_validate(row) for row in listed if row.organisation_id is None])
    heard = sum(organisation.heard for organisation in organisations)
    return CoverageOut(
        deliverable_id=deliverable_id,
        organisations=organisations,
        profiles=_by_profile(organisations),
        personal=personal,
        total=_sum([*organisations, personal]),
        organisations_heard=heard,
        organisations_not_heard=len(organisations) - heard,
    )


def _speaker() -> Any:
    """The organisation that a statement speaks for; null when somebody speaks personally."""
    return case((S.c.capacity == Capacity.ORGANISATION, S.c.organisation_id))


def _said(initiative: Any) -> CTE:
    """How many contributions each speaker published; moderating one takes nothing from them."""
    return (
        select(_speaker().label("speaker"), func.count().label("contributed"))
        .where(
            S.c.initiative_id == initiative,
            S.c.type == StatementType.CONTRIBUTION,
            or_(S.c.state == StatementState.PUBLISHED, MODERATED_HERE),
        )
        .group_by("speaker")
        .cte("said")
    )


def _by_organisation(deliverable_id: UUID) -> Select[Any]:
    """A row for each organisation that takes part or spoke, and one of nulls for what was said personally."""
    initiative = select(D.c.initiative_id).where(D.c.id == deliverable_id).scalar_subquery()
    said = _said(initiative)
    cited = cited_statements(deliverable_id)
    each = fates(deliverable_id, cited)
    met = (
        select(
            case((each.c.capacity == Capacity.ORGANISATION, each.c.organisation_id)).label("speaker"),
            func.count().label("in_scope"),
            *(func.count().filter(each.c.fate == fate).label(fate.value) for fate in Fate),
        )
        .group_by("speaker")
        .cte("met")
    )
    quoted = (
        select(_speaker().label("speaker"), func.count().label("words_cited"))
        .select_from(S.join(cited, cited.c.statement_id == S.c.id))
        .group_by("speaker")
        .cte("quoted")
    )
    taking_part = select(PA.c.organisation_id.label("id")).where(
        PA.c.initiative_id == initiative,
        TAKES_PART,
    )
    everybody = union(
        taking_part, select(said.c.speaker), select(quoted.c.speaker), select(literal(None, O.c.id.type))
    ).cte("everybody")
    counts = [func.coalesce(said.c.contributed, 0).label("contributed")]
    counts += [func.coalesce(met.c[name], 0).label(name) for name in ("in_scope", *(fate.value for fate in Fate))]
    counts.append(func.coalesce(quoted.c.words_cited, 0).label("words_cited"))
    return (
        select(everybody.c.id.label("organisation_id"), O.c.name, O.c.profile, O.c.family, *counts)
        .select_from(
            everybody.outerjoin(O, O.c.id == everybody.c.id)
            .outerjoin(said, said.c.speaker.is_not_distinct_from(everybody.c.id))
            .outerjoin(met, met.c.speaker.is_not_distinct_from(everybody.c.id))
            .outerjoin(quoted, quoted.c.speaker.is_not_distinct_from(everybody.c.id))
        )
        .order_by(func.lower(func.f_unaccent(O.c.name)), everybody.c.id)
    )


def _organisation(row: Any) -> OrganisationCoverage:
    return OrganisationCoverage(
        organisation_id=row.organisation_id,
        name=row.name,
        profile=row.profile,
        family=row.family,
        spoke=row.contributed > 0,
        heard=row.words_cited > 0,
        **{name: getattr(row, name) for name in COUNTED},
    )


def _by_profile(organisations: list[OrganisationCoverage]) -> list[ProfileCoverage]:
    of: dict[str, list[OrganisationCoverage]] = {}
    for organisation in organisations:
        of.setdefault(organisation.profile, []).append(organisation)
    return [
        ProfileCoverage(
            profile=profile,
            organisations=len(of[profile]),
            organisations_heard=sum(organisation.heard for organisation in of[profile]),
            **_sum(of[profile]).model_dump(),
        )
        for profile in sorted(of)
    ]


def _sum(counts: Iterable[Counts]) -> Counts:
    listed = list(counts)
    return Counts(**{name: sum(getattr(one, name) for one in listed) for name in COUNTED})
