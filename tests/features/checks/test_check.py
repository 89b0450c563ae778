"""Each thing that must hold is broken by raw SQL, as the superuser and with the triggers asleep, and seen."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from app.core.db import Database
from app.core.postgres.cluster import Cluster
from app.core.postgres.roles import APP, OWNER
from app.features.checks.actions import Finding, check
from app.main import create_app
from app.settings import Settings
from tests.conftest import TEST_SECRET
from tests.features.editions.shelf import Ready, publish, ready
from tests.world import World, make_world


@dataclass
class Broken:
    """An installation with a bit of everything, and a superuser's transaction that is always undone."""

    world: World
    text: Ready
    hand: AsyncSession

    async def break_it(self, *statements: str) -> None:
        """Raw SQL, with neither triggers nor foreign keys."""
        await self.hand.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in statements:
            done = await self.hand.execute(text(statement))
            assert getattr(done, "rowcount", 0) != 0, statement
        await self.hand.execute(text("SET LOCAL session_replication_role = origin"))

    async def look(self, *, repair: bool = False) -> dict[str, Finding]:
        """What is wrong, by its name."""
        return {finding.what: finding for finding in await check(self.hand, repair=repair)}

    async def wrong(self) -> set[str]:
        """The names of what is wrong."""
        return {what for what, finding in (await self.look()).items() if finding.wrong}


@pytest.fixture(scope="module")
async def furnished(cluster: Cluster, template: str) -> AsyncIterator[tuple[World, Ready]]:
    """A database with statements, replies, positions, sources, citations and an edition."""
    name = f"checked_{uuid4().hex[:12]}"
    cluster.create_database(name, template)
    owner = cluster.url(OWNER, name)
    app = create_app(
        Settings(_env_file=None, DATABASE_URL=cluster.url(APP, name), DATABASE_OWNER_URL=owner, secret=TEST_SECRET)
    )
    database: Database = app.state.database
    async with make_world(app, database) as world:
        made = await ready(world)
        path = f"/api/v1/contributions/{made.statement.id}"
        for who, what, body in (
            ("lead", "replies", {"side": "for", "markdown": "Nous aussi."}),
            ("colleague", "replies", {"side": "against", "markdown": "Pas chez nous."}),
            ("lead", "positions", {"stance": "supports"}),
            ("participant", "sources", {"category": "report", "title": "Rapport", "url": "https://exemple.example/r"}),
        ):
            answer = await world.post(who, f"{path}/{what}", body)
            assert answer.status_code == 201, answer.text
        await publish(made.desk, made.deliverable)
        yield world, made
    await database.close()
    cluster.drop_database(name)


@pytest.fixture
async def broken(furnished: tuple[World, Ready]) -> AsyncIterator[Broken]:
    """A hand in the database; what it did is undone after each test."""
    world, made = furnished
    engine = create_async_engine(make_url(world.database.url).set(username="postgres"))
    async with AsyncSession(engine, autoflush=False) as hand:
        yield Broken(world, made, hand)
        await hand.rollback()
    await engine.dispose()


async def test_what_was_written_by_the_application_is_right(broken: Broken) -> None:
    findings = await broken.look()
    assert {what: finding.wrong for what, finding in findings.items() if finding.wrong} == {}
    nothing = {what for what, finding in findings.items() if finding.checked == 0}
    cursors = "Lecteurs d’événements en avance sur la base : lancez le worker"
    assert nothing == {cursors, "Références externes", "Tâches abandonnées"}


BREAKS: dict[str, tuple[str, ...]] = {
    "Lecteurs d’événements en avance sur la base : lancez le worker": (
        "INSERT INTO event_cursors (reader, xid, event_id, cluster) SELECT 'essai', 4611686018427387904, 0, NULL",
    ),
    "Compteurs de réponses": ("UPDATE statements SET replies_for = replies_for + 1 WHERE type = 'contribution'",),
    "Compteurs de positions": ("UPDATE statements SET positions_objects = 3 WHERE type = 'contribution'",),
    "Compteurs de sources": ("UPDATE statements SET sources_count = 0 WHERE sources_count > 0",),
    "Index de recherche : prises de parole": ("DELETE FROM findables WHERE object_type = 'reply'",),
    "Index de recherche : organisations": ("UPDATE findables SET words = '' WHERE object_type = 'organisation'",),
    "Index de recherche : passages publiés": ("UPDATE published_passages SET body = 'D’autres mots.'",),
    "Empreintes des textes canoniques": (
        "ALTER TABLE revisions DROP CONSTRAINT ck_revisions_plain_hash",
        "UPDATE revisions SET plain_sha256 = sha256('x')",
    ),
    "Révisions en vigueur": ("UPDATE statements SET head_id = gen_random_uuid() WHERE type = 'reply'",),
    "Réponses et ce à quoi elles répondent": ("UPDATE statements SET root_state = 'moderated' WHERE type = 'reply'",),
    "Extraits, mot pour mot": ("UPDATE extracts SET quote = quote || '!'",),
    "Passages acceptés": ("UPDATE passage_revisions SET state = 'proposed'",),
    "Empreintes des éditions": (
        "ALTER TABLE editions DROP CONSTRAINT ck_editions_payload_hash",
        "UPDATE editions SET payload = payload || ' '",
    ),
    "Fichiers des éditions": ("UPDATE edition_files SET size = size + 1 WHERE name = 'edition.html'",),
    "Références externes": ("INSERT INTO external_refs VALUES ('x', 'contribution', '1', gen_random_uuid(), now())",),
    "Tâches abandonnées": (
        "INSERT INTO procrastinate_jobs (queue_name, task_name, status) VALUES ('default', 'x', 'failed')",
    ),
    "Textes canoniques, refaits": ("UPDATE revisions SET markdown = markdown || ' et plus'",),
    "Repères et citations des passages": ("DELETE FROM passage_revision_citations",),
    "Manifestes des éditions": ("UPDATE editions SET manifest_sha256 = sha256('x')",),
}


@pytest.mark.parametrize("what", BREAKS)
async def test_each_thing_that_is_broken_is_seen(broken: Broken, what: str) -> None:
    await broken.break_it(*BREAKS[what])
    finding = (await broken.look())[what]
    assert finding.wrong >= 1
    assert finding.examples


async def test_every_check_has_something_that_breaks_it(broken: Broken) -> None:
    assert set(await broken.look()) == set(BREAKS)


@pytest.mark.parametrize(
    "how",
    [
        "UPDATE findables SET released = NOT released WHERE object_type = 'reply'",
        "UPDATE findables SET named = NOT named WHERE object_type = 'contribution'",
        "UPDATE findables SET words = to_tsvector('x') WHERE object_type = 'contribution'",
        "UPDATE statements SET state = 'moderated' WHERE type = 'reply'",
        "DELETE FROM published_passages",
        "UPDATE published_passages SET words = to_tsvector('x')",
        "INSERT INTO edition_withdrawals SELECT id, now(), 'mistake', person_id FROM editions",
        "DELETE FROM edition_files WHERE name = 'citations.csv'",
        "UPDATE edition_files SET name = 'autre.csv' WHERE name = 'citations.csv'",
        "DELETE FROM edition_files WHERE name = 'manifest.json'",
        "UPDATE passage_revisions SET markdown = replace(markdown, '[@c1]', '[@c2]')",
    ],
)
async def test_finer_faults_are_seen_too(broken: Broken, how: str) -> None:
    await broken.break_it(how)
    assert await broken.wrong()


async def test_repair_makes_derived_data_again_and_touches_nothing_else(broken: Broken) -> None:
    repairable = [what for what, finding in (await broken.look()).items() if finding.repairable]
    assert len(repairable) == 6
    for what in repairable:
        await broken.break_it(*BREAKS[what])
    await broken.break_it("UPDATE extracts SET quote = quote || '!'")
    told = await broken.look(repair=True)
    assert all(told[what].wrong for what in repairable)
    assert await broken.wrong() == {"Extraits, mot pour mot"}
    counts = await broken.hand.execute(
        text("SELECT replies_for, replies_against, positions_supports, sources_count FROM statements WHERE id = :id"),
        {"id": broken.text.statement.id},
    )
    assert tuple(counts.one()) == (1, 1, 1, 1)


async def test_the_applications_own_role_may_check_and_repair(furnished: tuple[World, Ready]) -> None:
    world, made = furnished
    async with world.database.sessions() as db:
        assert [finding.what for finding in await check(db) if finding.wrong] == []
        await db.execute(text("UPDATE statements SET replies_for = 9 WHERE id = :id"), {"id": made.statement.id})
        wrong = [finding.what for finding in await check(db, repair=True) if finding.wrong]
        assert wrong == ["Compteurs de réponses"]
        await db.execute(text("SELECT refresh_findable(:id)"), {"id": made.statement.id})
        assert [finding.what for finding in await check(db) if finding.wrong] == []
        await db.rollback()


async def test_many_statements_are_checked_in_a_bounded_time(broken: Broken) -> None:
    # 10,000 copies of one reply: a tenth of the promise (100,000 in a minute), so that the suite stays short.
    await broken.break_it(
        "CREATE TEMP TABLE many AS SELECT gen_random_uuid() AS s, gen_random_uuid() AS r FROM generate_series(1, 10000)",
        "INSERT INTO revisions (id, statement_id, initiative_id, space_id, n, title, markdown, plain, plain_sha256, "
        "plain_length, plain_version, html, consent, language, author_id, created_at) SELECT m.r, m.s, v.initiative_id, "
        "v.space_id, 1, '', v.markdown, v.plain, v.plain_sha256, v.plain_length, 1, v.html, v.consent, 'fr', v.author_id, "
        "v.created_at FROM many m, (SELECT * FROM revisions LIMIT 1) v",
        "INSERT INTO statements (id, initiative_id, space_id, type, parent_id, root_id, root_state, root_consent, side, "
        "state, head_id, first_n, consent, language, tags, origin, occurred_at, recorded_at, published_at, version, "
        "replies_for, replies_against, replies_other, positions_supports, positions_nuances, positions_objects, "
        "sources_count, person_id, organisation_id, mandate_id, capacity) SELECT m.s, t.initiative_id, t.space_id, 'reply', "
        "t.parent_id, t.root_id, t.root_state, t.root_consent, 'none', 'published', m.r, 1, t.consent, 'fr', '{}', 'posted', "
        "now(), now(), now(), 1, 0, 0, 0, 0, 0, 0, 0, t.person_id, t.organisation_id, t.mandate_id, t.capacity "
        "FROM many m, (SELECT * FROM statements WHERE type = 'reply' LIMIT 1) t",
    )
    began = time.monotonic()
    findings = await broken.look()
    assert time.monotonic() - began < 6
    assert findings["Index de recherche : prises de parole"].wrong == 10_000
    await broken.look(repair=True)
    assert await broken.wrong() == set()
