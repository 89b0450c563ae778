"""Treatments, waivers, the gate and the coverage, as the API takes and gives them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator

from app.core.i18n import later
from app.core.schema import Input, Output, choices
from app.core.text import Line, ShortText, Whole
from app.features.deliverables.models import Fate, Outcome, OutdatedBecause, SetAsideReason, WaiverKind
from app.features.deliverables.schemas.citing import OutdatedWhy
from app.features.statements.models import Consent, Kind, StatementState

Sentence = Annotated[ShortText, Field(min_length=10, description="What its author will read: ten characters or more.")]


class Verdict(Input):
    """What became of a contribution, in a sentence that its author will read."""

    outcome: Outcome
    target_id: UUID | None = Field(default=None, description="The contribution that it was merged into.")
    reason_code: SetAsideReason | None = Field(default=None, description="Why it was set aside.")
    sentence: Sentence

    @model_validator(mode="after")
    def _complete(self) -> Verdict:
        if (self.outcome == Outcome.MERGED) != (self.target_id is not None):
            raise ValueError(later("« target_id » va avec « merged », et seulement avec lui."))
        if (self.outcome == Outcome.SET_ASIDE) != (self.reason_code is not None):
            raise ValueError(later("« reason_code » va avec « set_aside », et seulement avec lui."))
        return self


class TreatmentDraft(Verdict):
    """A treatment; it supersedes the current one."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "deliverable_id": "01930d2e-7c00-7000-8000-000000000004",
                    "statement_id": "01930d2e-7c00-7000-8000-000000000007",
                    "outcome": "set_aside",
                    "reason_code": "out_of_mandate",
                    "sentence": "La fiscalité des dons ne relève pas de cette démarche.",
                }
            ]
        }
    )

    deliverable_id: UUID
    statement_id: UUID
    revision_id: UUID | None = Field(
        default=None, description="The revision you judged; refused (412) if there is a newer one."
    )


class TreatmentOut(Output):
    """What became of a contribution."""

    id: UUID
    deliverable_id: UUID
    statement_id: UUID
    revision_id: UUID
    outcome: Annotated[str, choices(Outcome)]
    target_id: UUID | None
    reason_code: Annotated[str, choices(SetAsideReason)] | None
    sentence: str
    by_rule: str | None
    person_id: UUID
    organisation_id: UUID
    superseded_at: datetime | None
    created_at: datetime


class RuleFilter(Input):
    """Which contributions of the scope a rule treats; empty fields narrow nothing."""

    status: list[Fate] = Field(default=[Fate.UNTREATED], description="`untreated` (default), `outdated`.")
    statement_ids: Annotated[list[UUID], Field(max_length=10_000)] | None = Field(
        default=None, description="Those that a rule of your own found, which no field below can say."
    )
    space_id: UUID | None = None
    theme_id: UUID | None = None
    kinds: list[Kind] | None = None
    consent: list[Consent] | None = Field(default=None, description="The consent in force: `internal`, `paraphrase`...")
    imported: bool | None = None
    personal: bool | None = Field(default=None, description="Said personally, or in the name of an organisation.")
    supports_below: Whole | None = Field(default=None, description="Fewer positions of organisations in support.")
    votes_for_below: Whole | None = Field(
        default=None, description="Fewer imported votes in favour; no tally counts 0."
    )
    replies_below: Whole | None = Field(default=None, description="Fewer replies, of any side.")
    shorter_than: Whole | None = Field(default=None, description="Fewer characters.")


class TreatByRule(Verdict):
    """A treatment of everything that a filter finds, recorded with the rule in words."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "deliverable_id": "01930d2e-7c00-7000-8000-000000000004",
                    "rule": "Contributions que leurs auteurs gardent internes à l’espace",
                    "filter": {"consent": ["internal"]},
                    "outcome": "set_aside",
                    "reason_code": "internal",
                    "sentence": "Votre contribution reste interne à l’espace, comme vous l’avez demandé.",
                }
            ]
        }
    )

    deliverable_id: UUID
    rule: Line
    filter: RuleFilter


class TreatedByRule(Output):
    """How many contributions the rule treated."""

    treated: int
    rule: str


class WaiverDraft(Input):
    """A contribution let through the gate, with a reason that the publication report prints."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "deliverable_id": "01930d2e-7c00-7000-8000-000000000004",
                    "statement_id": "01930d2e-7c00-7000-8000-000000000007",
                    "kind": "untreated",
                    "reason": "Arrivée la veille de la clôture ; traitée en tête de la prochaine édition.",
                }
            ]
        }
    )

    deliverable_id: UUID
    statement_id: UUID
    kind: WaiverKind
    reason: Sentence


class WaiverOut(Output):
    """Who let what through, and why."""

    id: UUID
    deliverable_id: UUID
    statement_id: UUID
    revision_id: UUID
    kind: Annotated[str, choices(WaiverKind)]
    reason: str
    person_id: UUID
    organisation_id: UUID
    revoked_at: datetime | None
    created_at: datetime


class QueuedTreatment(Output):
    """The treatment that holds, or held until the words changed."""

    id: UUID
    revision_id: UUID
    outcome: Annotated[str, choices(Outcome)]
    target_id: UUID | None
    reason_code: Annotated[str, choices(SetAsideReason)] | None
    sentence: str
    by_rule: str | None
    person_id: UUID
    created_at: datetime


class InQueue(Output):
    """A contribution of the scope, and what became of it."""

    statement_id: UUID
    space_id: UUID
    kind: Annotated[str, choices(Kind)]
    title: str
    excerpt: str
    organisation_id: UUID | None
    organisation: str | None
    family: str | None = Field(description="Of the organisation that is named.")
    capacity: str
    consent: Annotated[str, choices(Consent)]
    origin: str
    occurred_at: datetime
    published_at: datetime
    revision_id: UUID = Field(description="The revision in force: name it when you treat.")
    state: Annotated[str, choices(StatementState)] = Field(description="Published, or moderated since.")
    status: Annotated[str, choices(Fate)]
    because: Annotated[str, choices(OutdatedBecause)] | None
    treatment: QueuedTreatment | None
    citations: int = Field(description="How many citations of it the accepted text names.")


class Arrived(Output):
    """A contribution published after the cut-off: it belongs to the next edition."""

    statement_id: UUID
    space_id: UUID
    kind: Annotated[str, choices(Kind)]
    title: str
    organisation_id: UUID | None
    organisation: str | None
    capacity: str
    published_at: datetime


class GateStatement(Output):
    """A contribution that stands before the gate."""

    statement_id: UUID
    title: str
    organisation: str | None
    because: OutdatedBecause | None = None
    moderated: bool = Field(False, description="It was hidden since; moderating answers nobody: treat it, or waive it.")


class GateWaiver(Output):
    """A contribution that a waiver lets through."""

    waiver_id: UUID
    statement_id: UUID
    title: str
    kind: Annotated[str, choices(WaiverKind)]
    reason: str
    by_person: UUID
    by_name: str | None
    at: datetime


class GateCitation(Output):
    """A citation that nobody settled."""

    citation_id: UUID
    number: int
    statement_id: UUID
    why: list[Annotated[str, choices(OutdatedWhy)]]


class GateOut(Output):
    """Everything that refuses publication, and what it is good to know beside. Lists stop at 1,000 rows; counts do not."""

    blocks: bool
    empty: bool = Field(description="Nothing is accepted in the text: that blocks.")
    untreated_count: int
    untreated: list[GateStatement]
    outdated_treatments_count: int
    outdated_treatments: list[GateStatement]
    outdated_citations_count: int
    outdated_citations: list[GateCitation]
    consent_violations_count: int
    consent_violations: list[GateCitation] = Field(
        description="Nothing lets these through but taking the citation out."
    )
    waived_count: int
    waived: list[GateWaiver] = Field(description="Let through, with a name and a reason: the report prints them.")
    proposed: int = Field(description="Proposals that nobody accepted: they block nothing and count for nothing.")
    proposed_note: str
    counts: dict[Fate, int]


class Counts(Output):
    """What became of contributions, counted. The seven after `in_scope` add up to it."""

    contributed: int = Field(description="Published in the initiative, in the scope or not.")
    in_scope: int
    cited: int
    merged: int
    answered: int
    set_aside: int
    waived: int
    outdated: int
    untreated: int
    words_cited: int = Field(description="Contributions and replies that the accepted text cites.")


class OrganisationCoverage(Counts):
    """An organisation that takes part: what it said, and what became of it."""

    organisation_id: UUID
    name: str
    profile: str
    family: str | None
    spoke: bool
    heard: bool = Field(description="The accepted text cites at least one thing that it said.")


class ProfileCoverage(Counts):
    """A profile: the sum of its organisations."""

    profile: str
    organisations: int
    organisations_heard: int


class CoverageOut(Output):
    """Who is heard: counts, in the order of names. Neither a rank nor a score."""

    deliverable_id: UUID
    organisations: list[OrganisationCoverage]
    profiles: list[ProfileCoverage]
    personal: Counts = Field(description="Said personally, apart: it speaks for no organisation.")
    total: Counts
    organisations_heard: int
    organisations_not_heard: int


class DraftOrder(Input):
    """How much the draft proposes."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"per_theme": 3}]})

    per_theme: Annotated[int, Field(ge=1, le=50, description="Contributions proposed for each theme, at most.")] = 3


class AbsentProfiles(Output):
    """For co-pilots: the profiles that take part, and of which nobody contributed in a section."""

    section_id: UUID
    title: str
    profiles: list[str]


class DraftReport(Output):
    """What the draft proposed, and what it left out. Everything is only proposed."""

    rule: str
    passages: int = Field(description="Proposed now; 0 when nothing is new.")
    citations: int
    contributions: int = Field(description="Proposed now.")
    left_out: int = Field(
        description="Contributions of the scope that no passage proposes: see the queue of treatments."
    )
    internal: int = Field(description="Of these, those that their authors keep inside their space.")
    not_placed: int = Field(description="Of these, those of a space that no section is about.")
    absent: list[AbsentProfiles]
    queue: str = Field(description="Where to find what was left out.")
