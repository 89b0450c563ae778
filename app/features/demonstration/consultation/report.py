"""What `make demo-consultation` found and prints."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from rich.console import Console
from rich.table import Table
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.richtext.typography import counted, figure
from app.core.text import on_a_terminal
from app.features.deliverables.queries.coverage import get_coverage
from app.features.demonstration.consultation.pilot import ORGANISATION
from app.features.editions.trace import Trace
from app.features.editions.verify import Verdict
from app.features.imports.report import Report
from app.policy.actor import Actor

COUNTED: tuple[tuple[str, str], ...] = (
    ("organisations", "SELECT count(*) FROM participations WHERE initiative_id = :id AND role <> 'copilot'"),
    (
        "personnes pseudonymisées",
        """SELECT count(DISTINCT object_id) FROM external_refs WHERE object_type = 'person'
           AND source = (SELECT source FROM external_refs WHERE object_type = 'initiative' AND object_id = :id)""",
    ),
    ("espaces", "SELECT count(*) FROM spaces WHERE initiative_id = :id"),
    ("thèmes", "SELECT count(*) FROM themes WHERE initiative_id = :id"),
    ("contributions", "SELECT count(*) FROM statements WHERE initiative_id = :id AND type = 'contribution'"),
    (
        "dont modérées",
        "SELECT count(*) FROM statements WHERE initiative_id = :id AND type = 'contribution' AND state = 'moderated'",
    ),
    ("réponses", "SELECT count(*) FROM statements WHERE initiative_id = :id AND type = 'reply'"),
    ("dont pour", "SELECT count(*) FROM statements WHERE initiative_id = :id AND side = 'for'"),
    ("dont contre", "SELECT count(*) FROM statements WHERE initiative_id = :id AND side = 'against'"),
    ("sources", "SELECT count(*) FROM sources WHERE initiative_id = :id"),
    ("votes d’accord", "SELECT coalesce(sum(votes_for), 0) FROM tallies WHERE initiative_id = :id"),
    ("votes pas d’accord", "SELECT coalesce(sum(votes_against), 0) FROM tallies WHERE initiative_id = :id"),
    ("votes mitigés", "SELECT coalesce(sum(votes_mixed), 0) FROM tallies WHERE initiative_id = :id"),
)
"""What the import left, counted in the tables."""

OUTCOMES = {
    "cited": "citées",
    "merged": "fusionnées",
    "answered": "répondues",
    "set_aside": "écartées",
    "waived": "dispensées",
}


@dataclass(frozen=True, slots=True)
class OutcomeCount:
    """Contributions that met one fate."""

    outcome: str
    count: int
    by_rule: int
    by_hand: int


@dataclass(frozen=True, slots=True)
class ConsultationReport:
    """From the files to the published text, in figures."""

    counts: dict[str, int]
    """What the import left, by name."""
    refused: int
    """Rows that the import refused."""
    import_seconds: float
    rows_added_again: int
    """By a second import: 0."""
    outcomes: tuple[OutcomeCount, ...]
    in_scope: int
    rules: dict[str, int]
    """Treatments, by the rule recorded beside them."""
    heard: tuple[str, ...]
    not_heard: tuple[str, ...]
    sourced: int
    editorial: int
    headings: int
    trace: Trace
    verdict: Verdict
    folder: Path
    edition_id: UUID
    deliverable_id: UUID
    steps: dict[str, float]
    """Seconds, by step."""
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether everything published leads back to its words, the files verify and nothing was added twice."""
        return self.trace.whole and self.verdict.ok and self.rows_added_again == 0


async def read_report(
    db: AsyncSession,
    actor: Actor,
    initiative_id: UUID,
    deliverable_id: UUID,
    edition_id: UUID,
    *,
    payload: bytes,
    imported: Report,
    again: Report,
    traced: Trace,
    verdict: Verdict,
    folder: Path,
    steps: Mapping[str, float],
    seconds: float,
) -> ConsultationReport:
    """Read what was published, and what the tables hold."""
    said = json.loads(payload)["report"]
    passages = said["passages"]
    # The demonstration's own co-pilot took no part in the consultation: it is neither heard nor forgotten.
    coverage = await get_coverage(db, actor, deliverable_id)
    organisations = [it for it in coverage.organisations if it.name != ORGANISATION]
    return ConsultationReport(
        counts={name: (await db.execute(text(sql), {"id": initiative_id})).scalar_one() for name, sql in COUNTED},
        refused=len(imported.refusals),
        import_seconds=imported.seconds,
        rows_added_again=sum(again.rows.values()),
        outcomes=tuple(
            OutcomeCount(it["outcome"], it["count"], it["by_rule"], it["by_hand"])
            for it in said["contributions"]["outcomes"]
        ),
        in_scope=said["contributions"]["in_scope"],
        rules=await _rules(db, deliverable_id),
        heard=tuple(it.name for it in organisations if it.heard),
        not_heard=tuple(it.name for it in organisations if not it.heard),
        sourced=passages["sourced"],
        editorial=passages["editorial"],
        headings=passages["headings"],
        trace=traced,
        verdict=verdict,
        folder=folder,
        edition_id=edition_id,
        deliverable_id=deliverable_id,
        steps=dict(steps),
        seconds=seconds,
    )


async def _rules(db: AsyncSession, deliverable_id: UUID) -> dict[str, int]:
    rows = await db.execute(
        text(
            "SELECT by_rule, count(*) AS treated FROM treatments WHERE deliverable_id = :id AND superseded_at IS NULL "
            "AND by_rule IS NOT NULL GROUP BY by_rule ORDER BY count(*) DESC, by_rule"
        ),
        {"id": deliverable_id},
    )
    return {row.by_rule: row.treated for row in rows}


def show(report: ConsultationReport, out: Console) -> None:
    """Print it."""
    table = Table(title=f"Importé en {figure(report.import_seconds)} s", title_justify="left", show_header=False)
    for name, count in report.counts.items():
        table.add_row(name, figure(count))
    out.print(table)
    outcomes = Table(title="Ce que sont devenues les contributions", title_justify="left")
    for heading in ("", "nombre", "par règle", "à la main"):
        outcomes.add_column(heading, justify="left" if heading == "" else "right")
    for it in report.outcomes:
        outcomes.add_row(OUTCOMES.get(it.outcome, it.outcome), str(it.count), str(it.by_rule), str(it.by_hand))
    outcomes.add_row("dans le périmètre", str(report.in_scope), "", "")
    out.print(outcomes)
    for line in _lines(report):
        out.print(on_a_terminal(line), markup=False, soft_wrap=True)


def _lines(report: ConsultationReport) -> Iterator[str]:
    for rule, count in report.rules.items():
        yield f"  {count:>4}  {rule}"
    yield f"Organisations entendues : {len(report.heard)} ; non entendues : {len(report.not_heard)}"
    if report.not_heard:
        yield f"  {', '.join(report.not_heard)}"
    yield f"Passages sourcés : {report.sourced} ; éditoriaux : {report.editorial} ; titres : {report.headings}"
    traced = report.trace
    yield (
        f"Relecture indépendante : {traced.found} citations retrouvées à la lettre sur {traced.quotes}"
        + (f", {traced.paraphrases} reformulations" if traced.paraphrases else "")
        + (f" ; INTROUVABLES : {traced.not_found}" if traced.not_found else "")
    )
    yield f"Livrable {report.deliverable_id}"
    yield f"Édition {report.edition_id} : {report.folder} ; empreinte {report.verdict.fingerprint}"
    yield from (f"  {finding.file} : {finding.message}" for finding in report.verdict.findings)
    yield f"Second import : {counted(report.rows_added_again, 'ligne ajoutée', 'lignes ajoutées')} ; lignes refusées au premier : {report.refused}"
    yield "Étapes : " + ", ".join(f"{name} {figure(seconds)} s" for name, seconds in report.steps.items())
    yield f"En tout : {figure(report.seconds)} s"
