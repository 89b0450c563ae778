"""Contributions, replies, sources and tallies: what was said, elsewhere and before."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.core.events import Audience
from app.core.model import new_id
from app.core.richtext.canonical import PLAIN_VERSION, to_plain
from app.core.richtext.render import to_html
from app.features.harvest.models import Filing
from app.features.imports.batches import Batch, Trace
from app.features.imports.drafts import SourceDraft, Speaker, StatementDraft, TallyDraft
from app.features.statements.models import (
    ModerationReason,
    Revision,
    Side,
    Source,
    Statement,
    StatementState,
    StatementType,
    Tally,
    WithdrawalReason,
)
from app.policy.actor import Capacity

REASONS = {
    StatementState.MODERATED: ModerationReason.IMPORTED.value,
    StatementState.WITHDRAWN: WithdrawalReason.OTHER.value,
}
Ids = Mapping[str, Mapping[str, UUID]]
"""Kind -> external id -> object."""


@dataclass(frozen=True, slots=True)
class Words:
    """A body and what is derived from it, before the transaction begins."""

    markdown: str
    plain: str
    html: str

    @classmethod
    def of(cls, markdown: str) -> Words:
        """Derive."""
        return cls(markdown, to_plain(markdown), to_html(markdown))


@dataclass(frozen=True, slots=True)
class Root:
    """What a reply or a source must know of its contribution, whose row is locked."""

    id: UUID
    space_id: UUID
    state: str
    consent: str


async def _roots(batch: Batch, ids: Mapping[str, UUID], names: set[str]) -> dict[str, Root]:
    rows = await batch.fetch(
        "SELECT id, space_id, state, consent FROM statements WHERE id = ANY(%(ids)s) ORDER BY id FOR NO KEY UPDATE",
        ids=[ids[name] for name in names],
    )
    found = {row[0]: Root(*row) for row in rows}
    return {name: found[ids[name]] for name in names}


async def _standing_themes(batch: Batch, ids: Mapping[str, UUID], names: set[str]) -> dict[str | None, UUID]:
    """Those that co-pilots did not delete since they were imported."""
    rows = await batch.fetch(
        "SELECT id FROM themes WHERE id = ANY(%(ids)s) FOR KEY SHARE", ids=[ids[name] for name in names]
    )
    standing = {theme for (theme,) in rows}
    return {name: ids[name] for name in names if ids[name] in standing}


def _speaker(speaker: Speaker, ids: Ids) -> dict[str, Any]:
    """An organisation's account has no person behind it; whoever is not known is left empty."""
    organisation = ids["organisation"][speaker.organisation] if speaker.organisation else None
    return {
        "person_id": ids["person"][speaker.person] if speaker.person else None,
        "organisation_id": organisation,
        "mandate_id": None,
        "capacity": (Capacity.ORGANISATION if organisation else Capacity.PERSONAL).value,
    }


async def store_statements(
    batch: Batch, kind: str, drafts: Sequence[StatementDraft], words: Mapping[str, Words], ids: Ids
) -> dict[str, UUID]:
    """Statements of one kind with their only revision; their ids by external id."""
    roots = await _roots(batch, ids["contribution"], {it.contribution for it in drafts if it.contribution is not None})
    themes = await _standing_themes(batch, ids["theme"], {it.theme for it in drafts if it.theme is not None})
    new: dict[str, UUID] = {}
    statements, revisions, traces, filings = [], [], [], []
    for it in drafts:
        root = roots[it.contribution] if it.contribution is not None else None
        statement = _statement(batch, it, root, ids)
        new[it.external_id] = statement["id"]
        statements.append(statement)
        revisions.append(_revision(it, words[it.external_id], statement))
        traces.append(Trace(statement["id"], Audience.SPACE, statement["space_id"]))
        if it.theme in themes:
            filings.append((themes[it.theme], statement))
    await batch.copy(Statement, statements)
    await batch.copy(Revision, revisions)
    await batch.copy(Filing, [_filing(batch, theme, statement) for theme, statement in filings])
    await batch.record(f"{kind}.imported", "statement", traces)
    await _count_replies(batch, statements)
    return new


def _statement(batch: Batch, it: StatementDraft, root: Root | None, ids: Ids) -> dict[str, Any]:
    identity = new_id()
    return {
        "id": identity,
        "initiative_id": batch.initiative_id,
        "space_id": root.space_id if root else ids["space"][it.space],
        "type": (StatementType.REPLY if root else StatementType.CONTRIBUTION).value,
        "parent_id": root.id if root else None,
        "root_id": root.id if root else identity,
        "root_state": root.state if root else it.state.value,
        "root_consent": root.consent if root else it.consent.value,
        "kind": it.kind.value if it.kind else None,
        "side": it.side.value if it.side else None,
        "state": it.state.value,
        "state_reason": REASONS.get(it.state),
        "head_id": new_id(),
        "first_n": 1,
        "consent": it.consent.value,
        "language": it.language,
        "tags": [],
        "origin": "import",
        "occurred_at": it.occurred_at,
        "recorded_at": batch.at,
        "published_at": batch.at,
        "version": 1,
        **dict.fromkeys(("replies_for", "replies_against", "replies_other", "sources_count"), 0),
        **dict.fromkeys(("positions_supports", "positions_nuances", "positions_objects"), 0),
        **_speaker(it.speaker, ids),
    }


def _revision(it: StatementDraft, words: Words, statement: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": statement["head_id"],
        "statement_id": statement["id"],
        "initiative_id": statement["initiative_id"],
        "space_id": statement["space_id"],
        "n": 1,
        "title": it.title,
        "markdown": words.markdown,
        "plain": words.plain,
        "plain_sha256": hashlib.sha256(words.plain.encode()).digest(),
        "plain_length": len(words.plain),
        "plain_version": PLAIN_VERSION,
        "html": words.html,
        "consent": it.consent.value,
        "language": it.language,
        "author_id": statement["person_id"],
        "created_at": statement["recorded_at"],
    }


def _filing(batch: Batch, theme: UUID, statement: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "theme_id": theme,
        "statement_id": statement["id"],
        "initiative_id": batch.initiative_id,
        "space_id": statement["space_id"],
        "by_person": batch.actor.person_id,
        "created_at": batch.at,
    }


async def _count_replies(batch: Batch, statements: Sequence[Mapping[str, Any]]) -> None:
    """Counters of the contributions that were answered, in the transaction of the replies."""
    sides: Counter[tuple[UUID, str]] = Counter(
        (it["root_id"], it["side"])
        for it in statements
        if it["side"] is not None and it["state"] == StatementState.PUBLISHED
    )
    roots = sorted({root for root, _ in sides})
    if not roots:
        return
    await batch.fetch(
        "UPDATE statements s SET replies_for = s.replies_for + d.f, replies_against = s.replies_against + d.a, "
        "replies_other = s.replies_other + d.o "
        "FROM unnest(%(ids)s::uuid[], %(f)s::int[], %(a)s::int[], %(o)s::int[]) AS d(id, f, a, o) WHERE s.id = d.id",
        ids=roots,
        f=[sides[root, Side.FOR] for root in roots],
        a=[sides[root, Side.AGAINST] for root in roots],
        o=[sides[root, Side.MIXED] + sides[root, Side.NONE] for root in roots],
    )


async def store_sources(batch: Batch, drafts: Sequence[SourceDraft], ids: Ids) -> dict[str, UUID]:
    """Documents, and how many each contribution leans on; their ids by external id."""
    roots = await _roots(batch, ids["contribution"], {it.contribution for it in drafts})
    rows = [_source(batch, it, roots[it.contribution], ids) for it in drafts]
    await batch.copy(Source, rows)
    traces = [Trace(it["id"], Audience.SPACE, it["space_id"]) for it in rows]
    await batch.record("source.imported", "source", traces)
    leaning = Counter(it["statement_id"] for it in rows)
    await batch.fetch(
        "UPDATE statements s SET sources_count = s.sources_count + d.n "
        "FROM unnest(%(ids)s::uuid[], %(n)s::int[]) AS d(id, n) WHERE s.id = d.id",
        ids=list(leaning),
        n=list(leaning.values()),
    )
    return {it.external_id: row["id"] for it, row in zip(drafts, rows, strict=True)}


def _source(batch: Batch, it: SourceDraft, root: Root, ids: Ids) -> dict[str, Any]:
    return {
        "id": new_id(),
        "statement_id": root.id,
        "initiative_id": batch.initiative_id,
        "space_id": root.space_id,
        "category": it.category.value,
        "title": it.title,
        "url": it.url,
        "note": it.note,
        "origin": "import",
        "occurred_at": it.occurred_at,
        "created_at": batch.at,
        **_speaker(it.speaker, ids),
    }


async def store_tallies(batch: Batch, drafts: Sequence[TallyDraft], label: str, ids: Ids) -> dict[str, UUID]:
    """Votes counted elsewhere; the contributions they are about, by external id."""
    roots = await _roots(batch, ids["contribution"], {it.contribution for it in drafts})
    await batch.copy(
        Tally,
        [
            {
                "statement_id": roots[it.contribution].id,
                "initiative_id": batch.initiative_id,
                "space_id": roots[it.contribution].space_id,
                "source": label,
                "votes_for": it.votes_for,
                "votes_against": it.votes_against,
                "votes_mixed": it.votes_mixed,
                "created_at": batch.at,
            }
            for it in drafts
        ],
    )
    traces = [Trace(roots[it.contribution].id, Audience.SPACE, roots[it.contribution].space_id) for it in drafts]
    await batch.record("tally.imported", "statement", traces)
    return {it.external_id: roots[it.contribution].id for it in drafts}
