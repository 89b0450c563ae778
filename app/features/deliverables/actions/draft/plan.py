"""What a draft proposes, worked out from what was gathered: no database here, so that the choice can be read and tested.

By section, and in a section by theme: the contributions with most support, each quoted from its
own first sentences, with what organisations, imported votes and replies say of it; then how much
of the theme this is; last, which profiles said nothing in the part.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from app.features.deliverables.actions.draft import sentences
from app.features.deliverables.actions.draft.gather import Candidate, Ground, Words
from app.features.deliverables.actions.draft.openings import opening
from app.features.deliverables.models import Angle, Fate, PassageKind, Relation, Section
from app.features.statements.models import Consent, Kind, Side
from app.features.statements.queries.few import FEWEST

RULE = "draft/1"
"""The rule of this module; what it proposes says so, followed by what exactly it is."""


@dataclass(frozen=True, slots=True)
class Source:
    """Words to cite: a span of a statement's head, and what it does."""

    words: Words
    start: int
    end: int
    relation: Relation


@dataclass(frozen=True, slots=True)
class Proposal:
    """A passage to propose. `{0}`, `{1}` in its text stand for the markers of its sources."""

    section_id: UUID
    kind: PassageKind
    template: str
    by_rule: str
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """A theme in a section: all its contributions, and those to propose."""

    section: Section
    key: str
    title: str | None
    """The heading; none when the section itself is the theme, or has no theme at all."""
    members: list[Candidate]
    chosen: list[Candidate]


def groups(ground: Ground, per_theme: int) -> list[Group]:
    """The contributions of the scope by section and theme, the strongest of each chosen."""
    placed: dict[tuple[UUID, UUID | None], list[Candidate]] = {}
    for candidate in ground.candidates:
        if (place := _place(ground, candidate)) is not None:
            placed.setdefault(place, []).append(candidate)
    titles = {theme.id: theme.title for theme in ground.themes}
    order: list[UUID | None] = [*titles, None]
    found = []
    for section in ground.sections:
        themes = [theme for theme in order if (section.id, theme) in placed]
        for theme in themes:
            members = sorted(placed[section.id, theme], key=lambda candidate: candidate.strength)
            title = titles[theme] if theme is not None else sentences.OTHERS if len(themes) > 1 else None
            if theme is not None and section.about_theme_id == theme:
                title = None
            key = f"{section.id}/{theme or 'others'}"
            found.append(Group(section, key, title, members, [c for c in members if _may_stand(c)][:per_theme]))
    return found


def _may_stand(candidate: Candidate) -> bool:
    """What was merged, answered or set aside is not brought back; what stays inside cannot be cited."""
    open_fate = candidate.fate in (Fate.UNTREATED, Fate.OUTDATED, Fate.WAIVED, Fate.CITED)
    return open_fate and candidate.consent != Consent.INTERNAL and opening(candidate.plain) is not None


def _place(ground: Ground, candidate: Candidate) -> tuple[UUID, UUID | None] | None:
    """The section and the theme of a contribution: its first theme in the order of the tree."""
    theme = next((theme.id for theme in ground.themes if theme.id in candidate.themes), None)
    if candidate.kind == Kind.LEARNING:
        for section in ground.sections:
            if section.angle == Angle.LESSONS and section.about_space_id is None:
                return section.id, None
    for section in ground.sections:
        if theme is not None and section.about_theme_id == theme:
            return section.id, theme
    for section in ground.sections:
        if section.about_space_id == candidate.space_id and section.about_theme_id is None:
            return section.id, theme
    return None


def proposals(ground: Ground, grouped: list[Group], replies: Mapping[tuple[UUID, str], Words]) -> Iterator[Proposal]:
    """The passages to propose, in the order of the text, without those that were proposed before."""
    for proposal in _all(ground, grouped, replies):
        if proposal.by_rule not in ground.proposed_by:
            yield proposal


def _all(ground: Ground, grouped: list[Group], replies: Mapping[tuple[UUID, str], Words]) -> Iterator[Proposal]:
    for section in ground.sections:
        own = [group for group in grouped if group.section.id == section.id]
        for group in own:
            yield from _of_group(ground, group, replies)
        if own and (line := sentences.absent(named_absent(ground, own))):
            yield Proposal(section.id, PassageKind.PARAGRAPH, _literal(line), f"{RULE} absent {section.id}")


def _of_group(ground: Ground, group: Group, replies: Mapping[tuple[UUID, str], Words]) -> Iterator[Proposal]:
    if group.title is not None:
        title = _literal(sentences.escaped(group.title))
        yield Proposal(group.section.id, PassageKind.HEADING, title, f"{RULE} heading {group.key}")
    for candidate in group.chosen:
        if candidate.id not in ground.named:
            yield from _of_contribution(group.section, candidate, replies)
    line = sentences.left_out(len(group.members), len(group.chosen), theme=group.title is not None)
    yield Proposal(group.section.id, PassageKind.PARAGRAPH, _literal(line), f"{RULE} left-out {group.key}")


def _of_contribution(
    section: Section, candidate: Candidate, replies: Mapping[tuple[UUID, str], Words]
) -> Iterator[Proposal]:
    """Its own words, then what is said of it."""
    quoted = candidate.consent != Consent.PARAPHRASE
    source = _source(candidate, Relation.QUOTES if quoted else Relation.SUPPORTS)
    if source is None:
        return
    kind = PassageKind.QUOTATION if quoted else PassageKind.PARAGRAPH
    template = "{0}" if quoted else f"{sentences.PARAPHRASE} {{0}}."
    yield Proposal(section.id, kind, template, f"{RULE} words {candidate.id}", (source,))
    sources: list[Source] = []
    best = _reply(candidate, replies, Side.FOR, Relation.SUPPORTS, sources)
    worst = _reply(candidate, replies, Side.AGAINST, Relation.CONTRADICTS, sources)
    lines = [
        sentences.positions(candidate.supports, candidate.nuances, candidate.objects),
        sentences.replies(candidate.replies_for, candidate.replies_against, best, worst),
        _literal(sentences.votes(sentences.escaped(candidate.votes_source), *candidate.votes)),
    ]
    text = " ".join(line for line in lines if line)
    if text and not sources:  # counts rest on the contribution that they are about
        sources, text = [source], f"{text[:-1]} {{0}}."
    if text:
        yield Proposal(section.id, PassageKind.PARAGRAPH, text, f"{RULE} support {candidate.id}", tuple(sources))


def _reply(
    candidate: Candidate,
    replies: Mapping[tuple[UUID, str], Words],
    side: Side,
    relation: Relation,
    sources: list[Source],
) -> str:
    """The place of the reply's marker in the text; empty when there is none to cite."""
    words = replies.get((candidate.id, side))
    source = _source(words, relation) if words else None
    if source is None:
        return ""
    sources.append(source)
    return f"{{{len(sources) - 1}}}"


def _source(words: Words, relation: Relation) -> Source | None:
    span = opening(words.plain)
    return Source(words, *span, relation) if span else None


def absent_profiles(ground: Ground, own: list[Group]) -> list[str]:
    """Profiles that take part in the initiative, and of which no organisation contributed in these groups."""
    spoke = {candidate.profile for group in own for candidate in group.members}
    return sorted(profile for profile in ground.profiles if profile not in spoke)


def named_absent(ground: Ground, own: list[Group]) -> list[str]:
    """Those that a text may name: below three organisations, naming a profile would point at somebody (promise 7)."""
    return [p for p in absent_profiles(ground, own) if ground.profiles[p] >= FEWEST]


def _literal(text: str) -> str:
    """Text in which braces are braces."""
    return text.replace("{", "{{").replace("}", "}}")
