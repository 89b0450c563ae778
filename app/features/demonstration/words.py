"""What was said, from one instant to another: statements, revisions, positions, sources, and what closed them.

It is loaded in stretches, because the synthesis is made between them by the real actions:
an edition must find the heads and the positions of its own day, not those of September.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.events import Audience
from app.core.richtext.canonical import PLAIN_VERSION, to_plain
from app.core.richtext.render import to_html
from app.features.demonstration.content import Row, at
from app.features.demonstration.ledger import Ledger
from app.features.demonstration.places import facilitator_of
from app.features.harvest.models import Filing
from app.features.statements.models import (
    ModerationReason,
    Position,
    Revision,
    Source,
    Statement,
    StatementState,
    StatementType,
    WithdrawalReason,
)
from app.policy.actor import Capacity
from app.policy.speaker import Speaker

LANGUAGE = "fr"

REASONS = {
    "posted_by_mistake": WithdrawalReason.MISTAKE.value,
    "advertising": ModerationReason.OFF_TOPIC.value,
}

RECOUNT = text(
    """
    UPDATE statements s SET
      replies_for = r.pro, replies_against = r.con, replies_other = r.other,
      positions_supports = p.supports, positions_nuances = p.nuances, positions_objects = p.objects,
      sources_count = p.sources,
      version = p.revisions + p.supports + p.nuances + p.objects + p.sources
                + CASE WHEN s.state = 'published' THEN 0 ELSE 1 END
    FROM statements i
    CROSS JOIN LATERAL (
      SELECT count(*) FILTER (WHERE side = 'for') AS pro, count(*) FILTER (WHERE side = 'against') AS con,
             count(*) FILTER (WHERE side NOT IN ('for', 'against')) AS other
      FROM statements WHERE root_id = i.id AND type = 'reply' AND state = 'published') r
    CROSS JOIN LATERAL (
      SELECT count(*) FILTER (WHERE stance = 'supports') AS supports,
             count(*) FILTER (WHERE stance = 'nuances') AS nuances,
             count(*) FILTER (WHERE stance = 'objects') AS objects,
             (SELECT count(*) FROM sources WHERE statement_id = i.id AND removed_at IS NULL) AS sources,
             (SELECT count(*) FROM revisions WHERE statement_id = i.id) AS revisions
      FROM positions WHERE statement_id = i.id AND superseded_at IS NULL) p
    WHERE s.id = i.id AND s.initiative_id = :initiative
    """
)
"""Counters and versions, as the actions would have left them one by one."""


@dataclass(frozen=True, slots=True)
class Window:
    """After `since`, up to `until`."""

    since: datetime
    until: datetime

    def __contains__(self, when: datetime) -> bool:
        return self.since < when <= self.until


@dataclass(slots=True)
class Stretch:
    """What happened in a window, beside the rows that the ledger holds."""

    ledger: Ledger
    window: Window
    heads: list[Row] = field(default_factory=list)
    closures: list[Row] = field(default_factory=list)

    def collect(self) -> None:
        """Put the window's rows in the ledger: contributions first, since replies point to them."""
        contributions = sorted(self.ledger.content.contributions, key=lambda row: str(row["date"]))
        for row in contributions:
            if at(row["date"]) in self.window:
                self._contribution(row)
        for row in contributions:
            self._revisions(row, row["key"], row)
            for reply in row.get("replies", []):
                if at(reply["date"]) in self.window:
                    self._reply(row, reply)
                self._revisions(row, reply["key"], reply)
            for position in row.get("positions", []):
                if at(position["date"]) in self.window:
                    self._position(row, position)
            if "closure" in row and at(row["closure"]["date"]) in self.window:
                self._closure(row)

    async def write(self, db: AsyncSession) -> int:
        """Write the rows, then what they changed: heads, states, counters."""
        written = await self.ledger.write(db)
        connection = await db.connection()
        this = Statement.__table__.c.id == bindparam("statement")
        if self.heads:
            await connection.execute(update(Statement).where(this).values(head_id=bindparam("head")), self.heads)
        if self.closures:
            closing = update(Statement).where(this).values(state=bindparam("to"), state_reason=bindparam("reason"))
            await connection.execute(closing, self.closures)
        await db.execute(RECOUNT, {"initiative": self.ledger.initiative_id})
        return written

    def _contribution(self, row: Row) -> None:
        said, when = self._said(row), at(row["date"])
        theme_id = self.ledger.ids["theme", row["theme"]]
        statement_id = self._statement(
            row,
            row,
            said,
            type=StatementType.CONTRIBUTION.value,
            kind=row["kind"],
            side=None,
            session_id=self.ledger.ids["session", row["session"]] if "session" in row else None,
            tags=row["tags"],
        )
        filer = facilitator_of(self.ledger, row["space"], when)
        self.ledger.add(
            Filing,
            when,
            theme_id=theme_id,
            statement_id=statement_id,
            space_id=self._space(row),
            by_person=filer.person_id,
        )
        self._tell(row, when, "contribution.submitted", statement_id, said)
        for source in row.get("sources", []):
            self._source(row, source, statement_id, said)

    def _reply(self, root: Row, row: Row) -> None:
        said = self._said(row)
        statement_id = self._statement(
            root, row, said, type=StatementType.REPLY.value, kind=None, side=row["side"], session_id=None, tags=[]
        )
        root_id = self.ledger.ids["statement", root["key"]]
        self._tell(
            root,
            at(row["date"]),
            "reply.submitted",
            statement_id,
            said,
            root_id=str(root_id),
            side=row["side"],
        )

    def _statement(self, root: Row, row: Row, said: Speaker, **values: Any) -> UUID:
        """The statement and its first revision."""
        when, ids = at(row["date"]), self.ledger.ids
        own = row is root
        statement_id = self.ledger.add(
            Statement,
            when,
            "statement",
            row["key"],
            space_id=self._space(root),
            parent_id=None if own else ids["statement", root["key"]],
            root_id=None if own else ids["statement", root["key"]],
            root_state=StatementState.PUBLISHED.value,
            root_consent=root["consent"],
            state=StatementState.PUBLISHED.value,
            head_id=None,
            first_n=1,
            consent=row["consent"],
            language=LANGUAGE,
            occurred_at=when,
            recorded_at=when,
            published_at=when,
            **values,
            **said.columns(),
        )
        statement = self.ledger.rows[Statement][-1]
        statement["root_id"] = statement["root_id"] or statement_id
        statement["head_id"] = self._revision(root, row, 1, row["markdown"], when)
        return statement_id

    def _revisions(self, root: Row, key: str, row: Row) -> None:
        """The later revisions of a statement."""
        for revision in row.get("revisions", []):
            when = at(revision["date"])
            if when in self.window:
                head = self._revision(root, row, revision["n"], revision["markdown"], when)
                statement_id = self.ledger.ids["statement", key]
                self.heads.append({"statement": statement_id, "head": head})
                kind = StatementType.CONTRIBUTION if row is root else StatementType.REPLY
                self._tell(root, when, f"{kind.value}.revised", statement_id, self._said(row, when))

    def _revision(self, root: Row, row: Row, n: int, markdown: str, when: datetime) -> UUID:
        plain = to_plain(markdown)
        return self.ledger.add(
            Revision,
            when,
            "revision",
            f"{row['key']}#{n}",
            statement_id=self.ledger.ids["statement", row["key"]],
            space_id=self._space(root),
            n=n,
            title=row.get("title", ""),
            markdown=markdown,
            plain=plain,
            plain_sha256=hashlib.sha256(plain.encode()).digest(),
            plain_length=len(plain),
            plain_version=PLAIN_VERSION,
            html=to_html(markdown),
            consent=row["consent"],
            language=LANGUAGE,
            author_id=self.ledger.ids["person", row["person"]],
        )

    def _source(self, root: Row, row: Row, statement_id: UUID, said: Speaker) -> None:
        when = at(root["date"])
        values = {name: row[name] for name in ("category", "title", "url")}
        self.ledger.add(
            Source,
            when,
            statement_id=statement_id,
            space_id=self._space(root),
            occurred_at=when,
            **values,
            **said.columns(),
        )
        self._tell(root, when, "source.added", statement_id, said, category=row["category"])

    def _position(self, root: Row, row: Row) -> None:
        when = at(row["date"])
        said = self.ledger.speaker(row["organisation"], row["person"], when)
        statement_id = self.ledger.ids["statement", root["key"]]
        self.ledger.add(
            Position,
            when,
            statement_id=statement_id,
            space_id=self._space(root),
            stance=row["stance"],
            reason=row["reason"],
            **said.columns(),
        )
        self._tell(root, when, "position.taken", statement_id, said, stance=row["stance"])

    def _closure(self, row: Row) -> None:
        """Withdrawn by its author, or moderated by whoever runs the space."""
        when = at(row["closure"]["date"])
        reason = REASONS[row["closure"]["reason_code"]]
        moderated = row["state"] == StatementState.MODERATED
        said = facilitator_of(self.ledger, row["space"], when) if moderated else self._said(row, when)
        statement_id = self.ledger.ids["statement", row["key"]]
        self.closures.append({"statement": statement_id, "to": row["state"], "reason": reason})
        self._tell(row, when, f"contribution.{row['state']}", statement_id, said, reason=reason)

    def _said(self, row: Row, when: datetime | None = None) -> Speaker:
        """Who said it, by the mandate of the day it was first said, or of a later day on which they come back to it."""
        day = when or at(row["date"])
        return self.ledger.speaker(row["organisation"], row["person"], day, Capacity(row["capacity"]))

    def _space(self, root: Row) -> UUID:
        return self.ledger.ids["space", root["space"]]

    def _tell(self, root: Row, when: datetime, verb: str, statement_id: UUID, said: Speaker, **data: Any) -> None:
        self.ledger.tell(when, verb, Statement, statement_id, Audience.SPACE, said, space_id=self._space(root), **data)
