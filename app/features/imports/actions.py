"""`run_import`: a folder of CSV files and a mapping into an initiative, as often as one likes.

Nothing is written before every file has been read and every row checked. Then batches follow
one another, each a transaction of its own that holds the external ids of what it wrote: run
again, after the end or after a kill, an import writes what is missing and nothing else.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from datetime import time as midnight
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import and_, select

from app.core.clock import now
from app.core.db import Database, Handle
from app.core.model import new_id
from app.features.imports.batches import Batch, batch, known_refs
from app.features.imports.drafts import Draft, OrganisationDraft, StatementDraft
from app.features.imports.lines import MappingRefused
from app.features.imports.mapping import Mapping as Correspondence
from app.features.imports.mapping import read_mapping
from app.features.imports.models import ExternalRef
from app.features.imports.planning import Plan, make_plan
from app.features.imports.report import LABELS, Report
from app.features.imports.storing import (
    Words,
    merged_names,
    store_initiative,
    store_members,
    store_organisations,
    store_people,
    store_sources,
    store_spaces,
    store_statements,
    store_tallies,
    store_themes,
)
from app.features.initiatives.models import Initiative, InitiativeState
from app.features.initiatives.queries import InitiativeArchived
from app.features.spaces.models import Space, SpaceMember
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import require

Callback = Callable[[str, int, int], None]
"""Told after each batch: the kind of object in French, how many are done, how many there are."""

Stored = tuple[dict[str, UUID], int]
"""Objects by external id, and how many of them are new."""
Store = Callable[[Batch, Sequence[Any], Mapping[str, Words]], Awaitable[Stored]]

BATCH_SIZE = 250
"""Rows in one transaction: well under the two seconds that readers of events may wait."""


@dataclass(slots=True)
class Run:
    """One import under way."""

    database: Database
    actor: Actor
    plan: Plan
    report: Report
    progress: Callback | None
    batch_size: int
    initiative_id: UUID
    exists: bool
    """Whether the initiative was there before."""
    known: dict[str, dict[str, UUID]] = field(default_factory=lambda: defaultdict(dict))
    """Kind -> external id -> object, of everything committed."""

    @property
    def mapping(self) -> Correspondence:
        """What the import follows."""
        return self.plan.mapping

    @property
    def since(self) -> datetime:
        """When imported organisations began to take part."""
        first = self.mapping.initiative.starts_on
        return datetime.combine(first, midnight(), ZoneInfo(self.mapping.zone or "UTC")) if first else now()

    def drafts(self) -> dict[str, Mapping[str, Draft]]:
        """What goes in, by kind, in the order of writing."""
        plan = self.plan
        accounts = sorted(plan.organisations.values(), key=lambda it: it.same_as is not None)
        return {
            "space": plan.spaces,
            "theme": plan.themes,
            "organisation": {it.external_id: it for it in accounts},
            "person": plan.people,
            "contribution": plan.contributions,
            "reply": plan.replies,
            "source": plan.sources,
            "tally": plan.tallies,
        }

    def open(self) -> Any:
        """A transaction of this import."""
        return batch(self.database, self.actor, self.mapping.source, self.initiative_id, self.report.rows)

    def tell(self, kind: str, done: int, total: int) -> None:
        """Let whoever waits see how far it is."""
        if self.progress is not None:
            self.progress(LABELS[kind], done, total)


async def run_import(
    database: Database,
    actor: Actor,
    folder: Path,
    mapping: Path,
    *,
    dry_run: bool = False,
    progress: Callback | None = None,
    batch_size: int = BATCH_SIZE,
) -> Report:
    """Import `folder` as `mapping` says, or say what would go in.

    `MappingRefused` when the mapping, a file or a column is wrong: nothing was written.
    """
    require(actor, Action.IMPORT_RUN, None)
    begun = time.monotonic()
    report = Report(dry_run)
    plan = make_plan(read_mapping(mapping), folder, report)
    async with database.reading() as connection:
        known = await known_refs(connection, plan.mapping.source)
        found = await _find_initiative(connection, plan.mapping.initiative.slug)
        if found is not None:
            await _check_numbers(connection, found, plan)
        run = Run(
            database=database,
            actor=actor,
            plan=plan,
            report=report,
            progress=progress,
            batch_size=batch_size,
            initiative_id=found or new_id(),
            exists=found is not None,
        )
        run.known.update(known)
        if dry_run:
            await _foresee(run, connection)
    if not dry_run:
        await _write(run)
    report.seconds = time.monotonic() - begun
    return report


async def _find_initiative(db: Handle, slug: str) -> UUID | None:
    row = (await db.execute(select(Initiative.id, Initiative.state).where(Initiative.slug == slug))).first()
    if row is not None and row.state == InitiativeState.ARCHIVED:
        raise InitiativeArchived("Cette démarche est archivée : l’import n’y ajoute plus rien.")
    return None if row is None else UUID(str(row.id))


async def _check_numbers(db: Handle, initiative_id: UUID, plan: Plan) -> None:
    """Numbers of spaces that somebody else's spaces bear already cannot be given again.

    One statement says which numbers are taken and which spaces are this source's: in two, a
    space that another run of the same import commits in between looks like somebody else's.
    """
    ours = and_(
        ExternalRef.object_id == Space.id,
        ExternalRef.object_type == "space",
        ExternalRef.source == plan.mapping.source,
    )
    statement = select(Space.number, ExternalRef.external_id).outerjoin(ExternalRef, ours)
    rows = (await db.execute(statement.where(Space.initiative_id == initiative_id))).all()
    taken, known = {number for number, _ in rows}, {name for _, name in rows}
    if clash := sorted(it.number for it in plan.spaces.values() if it.external_id not in known and it.number in taken):
        numbers = ", ".join(str(number) for number in clash)
        raise MappingRefused("spaces", [f"Cette démarche a déjà un espace portant le numéro {numbers}."])


async def _write(run: Run) -> None:
    await _initiative(run)
    stores = _stores(run)
    for kind, drafts in run.drafts().items():
        await _stage(run, kind, drafts, stores[kind])
    members = run.plan.members()
    async with run.open() as opened:
        added = await store_members(opened, members, run.known["space"], run.known["organisation"], run.since)
    run.report.counts["member"].added = added
    run.tell("member", len(members), len(members))


def _stores(run: Run) -> dict[str, Store]:
    """How each kind is written."""
    known = run.known

    def simple(write: Callable[[Batch, Sequence[Any]], Awaitable[dict[str, UUID]]]) -> Store:
        async def store(opened: Batch, drafts: Sequence[Any], _words: Mapping[str, Words]) -> Stored:
            ids = await write(opened, drafts)
            return ids, len(ids)

        return store

    def statements(kind: str) -> Store:
        async def store(opened: Batch, drafts: Sequence[Any], words: Mapping[str, Words]) -> Stored:
            ids = await store_statements(opened, kind, drafts, words, known)
            return ids, len(ids)

        return store

    async def organisations(opened: Batch, drafts: Sequence[Any], _words: Mapping[str, Words]) -> Stored:
        return await store_organisations(opened, drafts, known["organisation"], run.since)

    label = run.mapping.tallies.label if run.mapping.tallies else ""
    return {
        "space": simple(store_spaces),
        "theme": simple(lambda opened, drafts: store_themes(opened, drafts, known["space"])),
        "organisation": organisations,
        "person": simple(store_people),
        "contribution": statements("contribution"),
        "reply": statements("reply"),
        "source": simple(lambda opened, drafts: store_sources(opened, drafts, known)),
        "tally": simple(lambda opened, drafts: store_tallies(opened, drafts, label, known)),
    }


async def _stage(run: Run, kind: str, drafts: Mapping[str, Draft], store: Store) -> None:
    """Write one kind, batch by batch."""
    count, known = run.report.counts[kind], run.known[kind]
    missing = [draft for name, draft in drafts.items() if name not in known]
    count.already = done = len(drafts) - len(missing)
    for start in range(0, len(missing), run.batch_size):
        chunk = missing[start : start + run.batch_size]
        words = {it.external_id: Words.of(it.body) for it in chunk if isinstance(it, StatementDraft)}
        async with run.open() as opened:
            taken = await opened.taken(kind, [it.external_id for it in chunk])
            left = [it for it in chunk if it.external_id not in taken]
            known.update(taken)  # by another run, a moment ago: committed
            ids, added = await store(opened, left, words) if left else ({}, 0)
            await opened.refer(kind, ids)
        known.update(ids)
        count.already += len(taken)
        count.added += added
        count.merged += len(ids) - added
        done += len(chunk)
        run.tell(kind, done, len(drafts))


async def _initiative(run: Run) -> None:
    """The initiative of the mapping, unless there is one of this slug, which stays as it is."""
    part = run.mapping.initiative
    async with run.open() as opened:
        found = await _find_initiative(opened.db, part.slug)  # another run may have made it a moment ago
        if found is not None:
            run.initiative_id, run.exists = found, True
        else:
            await store_initiative(opened, part, run.mapping.zone or "Europe/Paris")
        if part.slug not in await opened.taken("initiative", [part.slug]):
            await opened.refer("initiative", {part.slug: run.initiative_id})
    count = run.report.counts["initiative"]
    count.added, count.already = int(not run.exists), int(run.exists)
    run.tell("initiative", 1, 1)


async def _foresee(run: Run, db: Handle) -> None:
    """Count what `_write` would do; organisations are looked up by name, as it would."""
    counts = run.report.counts
    counts["initiative"].added, counts["initiative"].already = int(not run.exists), int(run.exists)
    for kind, drafts in run.drafts().items():
        missing = [draft for name, draft in drafts.items() if name not in run.known[kind]]
        counts[kind].added, counts[kind].already = len(missing), len(drafts) - len(missing)
        run.tell(kind, len(drafts), len(drafts))
    identities = await _identities(run, db)
    before: set[Any] = {it for it in identities.values() if isinstance(it, UUID)}
    accounts = [identities[name] for name in run.plan.organisations if name not in run.known["organisation"]]
    fresh = set(accounts) - before
    counts["organisation"].added, counts["organisation"].merged = len(fresh), len(accounts) - len(fresh)
    rows = await db.execute(
        select(SpaceMember.space_id, SpaceMember.organisation_id).where(SpaceMember.initiative_id == run.initiative_id)
    )
    members = {(run.known["space"].get(it.space, it.space), identities[it.organisation]) for it in run.plan.members()}
    counts["member"].added = len(members - {tuple(row) for row in rows.all()})


async def _identities(run: Run, db: Handle) -> dict[str, UUID | str]:
    """Account -> the organisation that it is or, where it would be new, what makes its name the same."""
    drafts: Mapping[str, OrganisationDraft] = run.plan.organisations
    names = await merged_names(db, [it.name for it in drafts.values()])
    own: dict[str, UUID | str] = {}
    for name, it in drafts.items():
        key, found = names[it.name]
        own[name] = run.known["organisation"].get(name) or found or key
    return {name: own[it.same_as] if it.same_as else own[name] for name, it in drafts.items()}
