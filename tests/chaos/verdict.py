"""Three accounts of the same facts, compared: the witness's journal, the API and SQL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Any
from uuid import UUID

import psycopg

from app.client import AsyncClient
from app.core.db import driver_address
from tests.chaos.journal import Post

ROWS = """
SELECT s.id::text, r.title, r.markdown, s.version,
       (SELECT count(*) FROM revisions o WHERE o.statement_id = s.id),
       (SELECT count(*) FROM events e WHERE e.object_id = s.id AND e.verb = 'contribution.submitted'),
       (SELECT count(*) FROM findables f WHERE f.object_id = s.id)
FROM statements s JOIN revisions r ON r.id = s.head_id WHERE s.space_id = %(space)s
"""
ANSWERS = "SELECT key, convert_from(body, 'UTF8')::jsonb ->> 'id' FROM idempotency WHERE path = '/api/v1/contributions'"
PREFIX = "Témoin "
READ_WHOLE = 300
"""How many contributions are read again one by one, beside every one that was in flight at a kill."""


@dataclass(frozen=True, slots=True)
class Row:
    """A contribution as SQL sees it."""

    id: str
    title: str
    markdown: str
    version: int
    revisions: int
    events: int
    findables: int

    @property
    def key(self) -> str:
        """The key of the request that says it made this row."""
        return self.title.removeprefix(PREFIX)


@dataclass
class Verdict:
    """What does not agree, by key; all empty, or a promise is broken."""

    lost: set[str] = field(default_factory=set)
    """Acknowledged, and not in SQL or not in the API."""
    duplicated: set[str] = field(default_factory=set)
    """One request, several rows."""
    altered: set[str] = field(default_factory=set)
    """Other words, or another id than the one acknowledged."""
    phantom: set[str] = field(default_factory=set)
    """A row that nobody sent, or that SQL has and the API has not, or the other way round."""
    halved: set[str] = field(default_factory=set)
    """A row without exactly one revision, one event, one search entry and one stored answer."""
    refused: set[str] = field(default_factory=set)
    """Answered by something else than 201, 503 or "still running"."""

    @property
    def clean(self) -> bool:
        """Whether everything agrees."""
        return not any(getattr(self, each.name) for each in fields(self))

    def counts(self) -> dict[str, int]:
        """How many of each."""
        return {each.name: len(getattr(self, each.name)) for each in fields(self)}


def stored(url: str, space: UUID) -> tuple[list[Row], dict[str, str]]:
    """What SQL holds: the contributions of the space, and the id that each key was answered."""
    with psycopg.connect(driver_address(url), autocommit=True) as db:
        rows = [Row(*row) for row in db.execute(ROWS, {"space": space}).fetchall()]
        answers: dict[str, str] = dict(db.execute(ANSWERS).fetchall())
    return rows, answers


async def served(client: AsyncClient, space: UUID, whole: Iterable[str]) -> tuple[dict[str, str], dict[str, Any]]:
    """What the API gives: id to title for the whole space, and some contributions read one by one."""
    listed = {item["id"]: str(item["title"]) async for item in client.contributions(space_id=str(space), limit=200)}
    return listed, {each: await client.contribution(each) for each in whole if each in listed}


def compare_rows(posts: dict[str, Post], rows: list[Row], answers: dict[str, str]) -> Verdict:
    """The journal against SQL."""
    verdict = Verdict(refused={key for key, post in posts.items() if post.refused})
    by_key: dict[str, list[Row]] = {}
    for row in rows:
        by_key.setdefault(row.key, []).append(row)
    verdict.phantom |= by_key.keys() - posts.keys()
    verdict.lost |= {key for key, post in posts.items() if post.acknowledged and key not in by_key}
    for key, found in by_key.items():
        post = posts.get(key)
        if post is None:
            continue
        if len(found) > 1:
            verdict.duplicated.add(key)
        if post.acknowledged and post.id not in {row.id for row in found}:
            verdict.altered.add(key)
        if any((row.title, row.markdown, row.version) != (post.title, post.markdown, 1) for row in found):
            verdict.altered.add(key)
        if any((row.revisions, row.events, row.findables) != (1, 1, 1) for row in found):
            verdict.halved.add(key)
        if answers.get(key) not in {row.id for row in found}:
            verdict.halved.add(key)
    return verdict


def compare_api(
    verdict: Verdict, posts: dict[str, Post], rows: list[Row], listed: dict[str, str], whole: dict[str, Any]
) -> None:
    """The journal and SQL against the API, added to `verdict`."""
    for key, post in posts.items():
        if post.acknowledged and listed.get(post.id or "") != post.title:
            verdict.lost.add(key)
    keys = {row.id: row.key for row in rows}
    for unknown in listed.keys() ^ keys.keys():
        verdict.phantom.add(keys.get(unknown, listed.get(unknown, unknown)))
    titles = Counter(listed.values())
    verdict.duplicated |= {title.removeprefix(PREFIX) for title, count in titles.items() if count > 1}
    for read in whole.values():
        key = read["title"].removeprefix(PREFIX)
        if key in posts and read["markdown"] != posts[key].markdown:
            verdict.altered.add(key)


async def judge(client: AsyncClient, url: str, space: UUID, posts: dict[str, Post]) -> Verdict:
    """The three accounts, compared."""
    rows, answers = stored(url, space)
    verdict = compare_rows(posts, rows, answers)
    unsure = [post.id for post in posts.values() if post.id and post.unsure]
    others = [post.id for post in posts.values() if post.id and not post.unsure]
    step = max(1, len(others) // READ_WHOLE)
    listed, whole = await served(client, space, [*unsure, *others[::step]])
    compare_api(verdict, posts, rows, listed, whole)
    return verdict
