"""What is awaited of the caller's organisations by deadline, and what became of what they said.

Sessions to answer and minutes to validate are asked of `sessions` (its own queries); the screens put the lists together.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from uuid import UUID

from app.core.clock import now
from app.core.db import Handle, Question, fetch
from app.features.initiatives.queries import get_card
from app.features.reading.queries.ruled import ruled
from app.features.reading.schemas import AwaitedOut, ExpectedOut, TreatedOut
from app.features.statements.models import Statement
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.symbolic import facts

MOST = 50
QUESTIONS = 500
"""The newest of each space, among which those without an answer are looked for."""
LATEST = 50
"""The newest contributions of one's organisations, whose outcome is looked up."""


async def expected_of(read: Handle, actor: Actor, reference: str) -> ExpectedOut:
    """Questions that await one's organisations, the nearest deadline first, and the outcomes of what they said, the newest first.

    NotFound when the initiative is hidden. Two statements.
    """
    card = await get_card(read, actor, reference)
    return await expected_in(read, actor, card.id)


async def expected_in(read: Handle, actor: Actor, initiative_id: UUID) -> ExpectedOut:
    """The same for an initiative that the caller reads: one statement, none for who acts for nobody there."""
    mine = sorted(
        {seat.organisation_id for (initiative, _), seat in actor.seats.items() if initiative == initiative_id}
    )
    if not mine:
        return ExpectedOut(awaited=[], more_awaited=False, treated=[])
    voices = sorted(voice for voice in actor.voices if voice[1] in mine)
    values: dict[str, Any] = {
        "initiative_id": initiative_id,
        "spaces": [space for space, _ in voices],
        "voices": [organisation for _, organisation in voices],
        "mine": mine,
        "at": now(),
    }
    [row] = await fetch(read, _expected(), {**facts(actor), **values})
    awaited = [AwaitedOut.model_validate(each) for each in row.awaited or ()]
    treated = [TreatedOut.model_validate(each) for each in row.treated or ()]
    return ExpectedOut(awaited=awaited[:MOST], more_awaited=len(awaited) > MOST, treated=treated)


AWAITED = f"""
SELECT q.id AS contribution_id, sp.id AS space_id, sp.title AS space, q.title, q.excerpt, q.occurred_at,
       o.id AS organisation_id, o.name AS organisation,
       least(meeting.starts_at, phase.ends_at) AS deadline,
       CASE WHEN meeting.starts_at <= coalesce(phase.ends_at, 'infinity') THEN meeting.id END AS before_session_id
FROM unnest(%(spaces)s::uuid[], %(voices)s::uuid[]) AS voice(space_id, organisation_id)
JOIN spaces sp ON sp.id = voice.space_id AND sp.state = 'open'
JOIN initiatives i ON i.id = sp.initiative_id AND i.state = 'open'
JOIN organisations o ON o.id = voice.organisation_id
JOIN space_members m ON m.space_id = sp.id AND m.organisation_id = o.id AND m.during @> %(at)s::timestamptz
LEFT JOIN LATERAL (
  SELECT se.id, se.starts_at FROM sessions se
  WHERE se.initiative_id = i.id AND (se.space_id = sp.id OR se.space_id IS NULL) AND se.state = 'planned'
    AND se.starts_at > %(at)s::timestamptz
  ORDER BY se.starts_at LIMIT 1) AS meeting ON true
LEFT JOIN LATERAL (
  SELECT ((ph.ends_on + 1)::timestamp AT TIME ZONE i.timezone) AS ends_at FROM phases ph
  WHERE ph.initiative_id = i.id AND (%(at)s::timestamptz AT TIME ZONE i.timezone)::date BETWEEN ph.starts_on AND ph.ends_on
  ORDER BY ph.ends_on LIMIT 1) AS phase ON true
CROSS JOIN LATERAL (
  SELECT s.id, s.occurred_at, s.organisation_id, r.title, r.excerpt FROM (
    SELECT * FROM statements WHERE space_id = sp.id AND type = 'contribution' AND state = 'published' AND kind = 'question'
    ORDER BY occurred_at DESC, id DESC LIMIT {QUESTIONS}) AS s
  JOIN revisions r ON r.id = s.head_id
  WHERE s.organisation_id IS DISTINCT FROM o.id AND {{visible}}
    AND NOT EXISTS (SELECT FROM positions p WHERE p.statement_id = s.id AND p.organisation_id = o.id AND p.superseded_at IS NULL)
    AND NOT EXISTS (SELECT FROM statements a WHERE a.root_id = s.id AND a.type = 'reply' AND a.organisation_id = o.id
                    AND a.capacity = 'organisation' AND a.state = 'published')) AS q
ORDER BY deadline NULLS LAST, q.occurred_at, q.id, o.id LIMIT {MOST + 1}
"""  # noqa: S608 - two numbers of ours
"""Each (space, organisation) that the caller speaks for: the organisation is a member, and everything is open."""

TREATED = f"""
SELECT s.id AS contribution_id, r.title, s.organisation_id, became.*
FROM unnest(%(mine)s::uuid[]) AS mine(id)
CROSS JOIN LATERAL (
  SELECT * FROM statements WHERE organisation_id = mine.id AND type = 'contribution' AND state = 'published'
    AND initiative_id = %(initiative_id)s::uuid AND capacity = 'organisation'
  ORDER BY occurred_at DESC, id DESC LIMIT {LATEST}) AS s
JOIN revisions r ON r.id = s.head_id
CROSS JOIN LATERAL (
  SELECT CASE WHEN cited.yes THEN 'cited' ELSE t.outcome END AS outcome,
         CASE WHEN cited.yes THEN NULL ELSE t.sentence END AS sentence,
         CASE WHEN cited.yes THEN NULL ELSE t.reason_code END AS reason_code,
         e.id AS edition_id, e.n AS edition_n, e.label AS edition_label, e.title AS deliverable, e.published_at AS at
  FROM editions e
  CROSS JOIN LATERAL (
    SELECT EXISTS (SELECT FROM edition_citations ec WHERE ec.edition_id = e.id AND ec.statement_id = s.id) AS yes) AS cited
  LEFT JOIN LATERAL (
    SELECT tr.outcome, tr.sentence, tr.reason_code FROM treatments tr
    WHERE tr.deliverable_id = e.deliverable_id AND tr.statement_id = s.id AND tr.id < e.id ORDER BY tr.id DESC LIMIT 1
  ) AS t ON true
  WHERE e.initiative_id = s.initiative_id AND (cited.yes OR t.outcome IS NOT NULL)
    AND NOT EXISTS (SELECT FROM edition_withdrawals w WHERE w.edition_id = e.id)
  ORDER BY e.published_at DESC, e.id DESC LIMIT 1) AS became
WHERE {{visible}} AND s.space_id = ANY (%(caller_inner_spaces)s::uuid[])
ORDER BY became.at DESC, s.id DESC LIMIT {MOST}
"""  # noqa: S608 - two numbers of ours
"""What held when an edition was published, as `/contributions/{id}/treatments` tells members: ids are dated."""


@lru_cache(maxsize=1)
def _expected() -> Question:
    """Both lists, each in its order."""
    lists = (
        f"SELECT (SELECT json_agg(a) FROM ({AWAITED}) a) AS awaited, (SELECT json_agg(t) FROM ({TREATED}) t) AS treated"  # noqa: S608
    )
    return ruled(lists, Statement.__table__.alias("s").c, Action.STATEMENT_READ)
