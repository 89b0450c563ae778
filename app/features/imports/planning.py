"""From files to drafts, without writing anything: a dry run is this, an import is this and `storing`.

Every row is checked on every run, also those that went in before: the report of a second run
lists the same refusals as the first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Generic, TypeVar

from app.features.identity.models import Family, Profile, Scale
from app.features.imports import cells as checks
from app.features.imports.cells import Cells, Refused, shown
from app.features.imports.drafts import (
    Draft,
    MemberDraft,
    OrganisationDraft,
    SourceDraft,
    SpaceDraft,
    Speaker,
    StatementDraft,
    TallyDraft,
    ThemeDraft,
)
from app.features.imports.mapping import (
    Cell,
    Contributions,
    Mapping,
    Organisations,
    Replies,
    Said,
    Sources,
    Spaces,
    Table,
    Tallies,
    Themes,
)
from app.features.imports.report import Refusal, Report
from app.features.imports.tables import Records, read_table
from app.features.spaces.models import SpaceState, Visibility
from app.features.statements.models import Consent, Kind, Side, SourceCategory, StatementState
from app.policy.actor import ParticipationRole

D = TypeVar("D", bound=Draft)
P = TypeVar("P", bound=Table)


@dataclass(slots=True)
class Plan:
    """Everything that goes in, by kind and external id, in the order of the files."""

    mapping: Mapping
    spaces: dict[str, SpaceDraft] = field(default_factory=dict)
    themes: dict[str, ThemeDraft] = field(default_factory=dict)
    organisations: dict[str, OrganisationDraft] = field(default_factory=dict)
    people: dict[str, Draft] = field(default_factory=dict)
    contributions: dict[str, StatementDraft] = field(default_factory=dict)
    replies: dict[str, StatementDraft] = field(default_factory=dict)
    sources: dict[str, SourceDraft] = field(default_factory=dict)
    tallies: dict[str, TallyDraft] = field(default_factory=dict)
    counted: set[str] = field(default_factory=set)
    """Contributions that have a tally."""

    def speaker(self, row: Cells, cell: Cell | None) -> Speaker:
        """Whoever the row names: unknown names are refused, an empty one is left empty, never invented."""
        name = row.raw("author", cell).strip()
        if not name:
            return Speaker()
        if name in self.organisations:
            return Speaker(organisation=name)
        if name in self.people:
            return Speaker(person=name)
        raise Refused("author", f"auteur inconnu de cet import, ou refusé : {shown(name)}")

    def consent(self, row: Cells, table: Said, speaker: Speaker) -> Consent:
        """What the row says, else what the mapping says of such speakers."""
        stated = row.choice("consent", table.consent, Consent)
        general = self.mapping.consent
        return stated or (general.organisations if speaker.organisation else general.people)

    def members(self) -> list[MemberDraft]:
        """The organisations that spoke in each space, each once."""
        said: tuple[StatementDraft | SourceDraft, ...] = (
            *self.contributions.values(),
            *self.replies.values(),
            *self.sources.values(),
        )
        pairs = {(it.space, name): None for it in said if (name := it.speaker.organisation)}
        return [MemberDraft(f"{space}/{name}", space, name) for space, name in pairs]


@dataclass(slots=True)
class Reading(Generic[P, D]):
    """How rows of one table become drafts of one kind."""

    kind: str
    table: P | None
    into: dict[str, D]
    make: Callable[[Plan, P, Cells], D]
    lines: dict[str, int] = field(default_factory=dict)
    """External id -> the line that bears it first."""

    def run(self, plan: Plan, records: Records) -> list[Refusal]:
        """Fill `into`; returns what does not go in."""
        assert self.table is not None
        refusals = list(records.refused)
        for row in records.rows:
            cells = Cells(row, plan.mapping)
            try:
                name = cells.identify(self.table.id)
                if name in self.lines:
                    raise Refused("id", f"identifiant en double, déjà à la ligne {self.lines[name]}")
                self.lines[name] = row.line
                self.into[name] = self.make(plan, self.table, cells)
            except Refused as refused:
                name = cells.external_id or row.cells.get(self.table.id.column or "", "")[:200]
                refusals.append(Refusal(records.file, row.line, name, refused.field, refused.reason))
        return refusals


def make_plan(mapping: Mapping, folder: Path, report: Report) -> Plan:
    """Read every file, then every row. `MappingRefused` before anything else when a file or a column is missing."""
    plan = Plan(mapping)
    readings: Iterable[Reading[Any, Any]] = (
        Reading("space", mapping.spaces, plan.spaces, _space),
        Reading("theme", mapping.themes, plan.themes, _theme),
        Reading("organisation", mapping.organisations, plan.organisations, _organisation),
        Reading("person", mapping.people, plan.people, _person),
        Reading("contribution", mapping.contributions, plan.contributions, _contribution),
        Reading("reply", mapping.replies, plan.replies, _reply),
        Reading("source", mapping.sources, plan.sources, _source),
        Reading("tally", mapping.tallies, plan.tallies, _tally),
    )
    wanted = [(reading, read_table(folder, reading.table)) for reading in readings if reading.table is not None]
    files: set[str] = set()
    for reading, records in wanted:
        if records.file in files:
            records.refused.clear()  # broken records belong to the file: the table that read it first said so
        files.add(records.file)
        refusals = reading.run(plan, records)
        if reading.kind == "organisation":
            refusals += _settle_aliases(plan, records.file, reading.lines)
        report.refuse(reading.kind, refusals)
    return plan


def _space(plan: Plan, table: Spaces, row: Cells) -> SpaceDraft:
    number = row.number("number", table.number)
    if number in {space.number for space in plan.spaces.values()}:
        raise Refused("number", f"le numéro {number} est donné à deux espaces")
    return SpaceDraft(
        row.external_id,
        number=number,
        title=row.required("title", table.title, checks.TITLE),
        question=row.optional("question", table.question, checks.SHORT) or "",
        summary=row.optional("summary", table.summary, checks.BODY) or "",
        visibility=row.chosen("visibility", table.visibility, Visibility),
        state=row.chosen("state", table.state, SpaceState),
    )


def _theme(plan: Plan, table: Themes, row: Cells) -> ThemeDraft:
    return ThemeDraft(
        row.external_id,
        title=row.required("title", table.title, checks.TITLE),
        space=row.reference("space", table.space, plan.spaces, "espace"),
        position=len(plan.themes),
    )


def _organisation(_plan: Plan, table: Organisations, row: Cells) -> OrganisationDraft:
    return OrganisationDraft(
        row.external_id,
        name=row.required("name", table.name, checks.NAME),
        profile=row.chosen("profile", table.profile, Profile),
        acronym=row.optional("acronym", table.acronym, checks.NAME),
        family=row.choice("family", table.family, Family),
        scale=row.choice("scale", table.scale, Scale),
        description=row.optional("description", table.description, checks.SHORT) or "",
        website=row.optional("website", table.website, checks.ADDRESS),
        role=row.chosen("role", table.role, ParticipationRole),
    )


def _settle_aliases(plan: Plan, file: str, lines: dict[str, int]) -> list[Refusal]:
    """Point declared aliases at the account they name, which must be there and be no alias itself."""
    table = plan.mapping.organisations
    refusals = []
    for alias, target in table.aliases.items() if table else ():
        if alias not in plan.organisations:
            continue
        if table is None or target not in plan.organisations or target in table.aliases:
            reason = f"l’alias désigne {shown(target)}, absent de l’import ou alias lui-même"
            refusals.append(Refusal(file, lines[alias], alias, "aliases", reason))
            del plan.organisations[alias]
        else:
            plan.organisations[alias] = replace(plan.organisations[alias], same_as=target)
    return refusals


def _person(_plan: Plan, _table: Table, row: Cells) -> Draft:
    return Draft(row.external_id)


def _contribution(plan: Plan, table: Contributions, row: Cells) -> StatementDraft:
    theme = None
    if table.theme is not None and row.raw("theme", table.theme).strip():
        theme = row.reference("theme", table.theme, plan.themes, "rubrique")
    if table.space is not None and (theme is None or row.raw("space", table.space).strip()):
        space = row.reference("space", table.space, plan.spaces, "espace")
    elif theme is not None:
        space = plan.themes[theme].space
    else:
        raise Refused("theme", "ni rubrique ni espace : on ne sait où ranger cette contribution")
    return _statement(
        plan,
        table,
        row,
        space=space,
        theme=theme,
        kind=row.chosen("kind", table.kind, Kind),
        title=row.required("title", table.title, checks.TITLE) if table.title else "",
    )


def _reply(plan: Plan, table: Replies, row: Cells) -> StatementDraft:
    answered = row.reference("contribution", table.contribution, plan.contributions, "contribution")
    return _statement(
        plan,
        table,
        row,
        space=plan.contributions[answered].space,
        contribution=answered,
        side=row.chosen("side", table.side, Side),
    )


def _statement(
    plan: Plan,
    table: Said,
    row: Cells,
    *,
    space: str,
    contribution: str | None = None,
    theme: str | None = None,
    kind: Kind | None = None,
    side: Side | None = None,
    title: str = "",
) -> StatementDraft:
    speaker = plan.speaker(row, table.author)
    return StatementDraft(
        row.external_id,
        space=space,
        contribution=contribution,
        theme=theme,
        kind=kind,
        side=side,
        title=title,
        body=row.required("body", table.body, checks.BODY),
        speaker=speaker,
        state=row.chosen("state", table.state, StatementState),
        consent=plan.consent(row, table, speaker),
        language=row.required("language", table.language, checks.LANGUAGE),
        occurred_at=row.instant("occurred_at", table.occurred_at),
    )


def _source(plan: Plan, table: Sources, row: Cells) -> SourceDraft:
    of = row.reference("contribution", table.contribution, plan.contributions, "contribution")
    return SourceDraft(
        row.external_id,
        contribution=of,
        space=plan.contributions[of].space,
        category=row.chosen("category", table.category, SourceCategory),
        title=row.required("title", table.title, checks.TITLE),
        url=row.required("url", table.url, checks.ADDRESS),
        note=row.optional("note", table.note, checks.BODY) or "",
        speaker=plan.speaker(row, table.author),
        occurred_at=row.instant("occurred_at", table.occurred_at),
    )


def _tally(plan: Plan, table: Tallies, row: Cells) -> TallyDraft:
    of = row.reference("contribution", table.contribution, plan.contributions, "contribution")
    if of in plan.counted:
        raise Refused("contribution", f"le décompte de la contribution {shown(of)} est donné deux fois")
    draft = TallyDraft(
        row.external_id,
        contribution=of,
        votes_for=row.number("votes_for", table.votes_for),
        votes_against=row.number("votes_against", table.votes_against),
        votes_mixed=row.number("votes_mixed", table.votes_mixed),
    )
    plan.counted.add(of)
    return draft
