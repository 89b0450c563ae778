"""Raw SQL against what never changes: as the application, and as the owner of the tables.

The application has no right to; the owner has every right, and is refused by the triggers. Whatever is tried is
rolled back, so that a guard that is missing costs a red test and not the other tests' rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import errors, sql
from sqlalchemy import text

from app.core.clock import now
from app.core.db import driver_address
from app.core.model import Access
from app.core.postgres.cluster import Urls
from app.features.deliverables.models import CitationAck
from app.features.imports.models import ExternalRef
from app.features.sessions.models import Decision, MinutesRevision, MinutesValidation, Session, SessionNote
from app.features.statements.models import Source, Statement
from app.wiring import TABLES
from tests.factories import make_contribution, make_position, make_reply
from tests.features.deliverables.desk import Desk
from tests.features.editions.shelf import Ready, publish, ready
from tests.world import World

FROZEN = (
    "citation_acks",
    "citations",
    "decision_revisions",
    "edition_citations",
    "edition_files",
    "edition_passages",
    "edition_withdrawals",
    "editions",
    "erasures",
    "events",
    "external_refs",
    "extracts",
    "minutes_revisions",
    "minutes_validations",
    "passage_revision_citations",
    "revisions",
    "session_note_revisions",
)
"""Rows of which nothing ever changes (but for a recorded erasure)."""
ENDING = {
    "mandates": "powers = '{speaks}'",
    "positions": "stance = 'objects', reason = 'autre chose'",
    "sources": "url = 'https://ailleurs.example/'",
    "treatments": "sentence = 'Une autre phrase que celle qui fut dite.'",
    "waivers": "reason = 'Une autre raison que celle qui fut dite.'",
    "passage_revisions": "markdown = 'D’autres mots.'",
}
"""Rows of which only the end, or the decision, may be written; and a change that must be refused."""
PLACE = (
    "initiative_id",
    "space_id",
    "parent_id",
    "root_id",
    "person_id",
    "organisation_id",
    "mandate_id",
)
BOTH = pytest.mark.parametrize("role", ["app", "owner"])
REFUSED = {"app": errors.InsufficientPrivilege, "owner": errors.RestrictViolation}


@contextmanager
def connected(urls: Urls, role: str) -> Iterator[psycopg.Connection]:
    """A transaction of that role, which is always undone."""
    with psycopg.connect(driver_address(getattr(urls, role))) as db:
        db.execute("SET lock_timeout = '20s'")
        try:
            yield db
        finally:
            db.rollback()


def refused(urls: Urls, role: str, statement: str, *kinds: type[psycopg.Error], **values: Any) -> None:
    """The statement must be refused in one of these ways."""
    with connected(urls, role) as db, pytest.raises(kinds or REFUSED[role]):
        db.execute(sql.SQL(statement), values)


@pytest.fixture
async def filled(world: World) -> Ready:
    """At least one row in every table that is tried below."""
    waived, treated = await make_contribution(world), await make_contribution(world)
    text_ = await ready(world)
    await text_.desk.treat(text_.deliverable, treated)
    await _waive(text_.desk, text_.deliverable, waived)
    edition = await publish(text_.desk, text_.deliverable)
    await text_.desk.ok("POST", f"/editions/{edition['id']}/withdraw", {"reason": "mistake"})
    await make_position(world, text_.statement)
    await make_reply(world, text_.statement)
    await _rows(world, text_)
    return text_


async def _waive(desk: Desk, deliverable: Any, statement: Statement) -> None:
    body = {
        "deliverable_id": deliverable["id"],
        "statement_id": str(statement.id),
        "kind": "untreated",
        "reason": "Reçue trop tard pour être lue ensemble.",
    }
    await desk.ok("POST", "/waivers", body)


async def _rows(world: World, text_: Ready) -> None:
    """What no short call of the API makes."""
    held = world.mandates["copilot"]
    who = {
        "person_id": held.person_id,
        "organisation_id": held.organisation_id,
        "mandate_id": held.id,
        "capacity": "organisation",
    }
    place = {"initiative_id": world.initiative.id, "space_id": world.restricted.id}
    async with world.database.sessions() as db:
        session = Session(**place, number=1, title="Séance", starts_at=now(), ends_at=now().replace(year=2100))
        db.add(session)
        await db.flush()
        db.add(MinutesRevision(session_id=session.id, **place, n=1, markdown="Dit.", plain="Dit.", html="", **who))
        db.add(Decision(session_id=session.id, **place, n=1, text="Décidé.", **who))
        await db.flush()
        db.add(MinutesValidation(session_id=session.id, **place, n=1, **who))
        db.add(SessionNote(session_id=session.id, **place, markdown="Noté.", html="", **who))
        db.add(ExternalRef(source="essai", object_type="statement", external_id=str(uuid4()), object_id=uuid4()))
        db.add(
            CitationAck(
                citation_id=UUID(text_.citation["id"]),
                deliverable_id=UUID(text_.deliverable["id"]),
                seen_revision_id=text_.statement.head_id,
                seen_state="published",
                choice="kept",
                by_person=held.person_id,
            )
        )
        db.add(
            Source(
                statement_id=text_.statement.id, **place, category="report", title="Un rapport",
                url="https://rapport.example/", occurred_at=now(), **who,
            )
        )  # fmt: skip
        other = await make_contribution(world)
        await db.commit()
        await db.execute(
            text("SELECT erase_revision(:revision, :administrator, 'Demande de la personne concernée')"),
            {"revision": other.head_id, "administrator": world.persons["admin"].id},
        )
        await db.commit()


@BOTH
async def test_nothing_changes_and_nothing_goes(filled: Ready, urls: Urls, role: str) -> None:
    for table in FROZEN:
        with connected(urls, role) as db:
            assert db.execute(sql.SQL("SELECT count(*) > 0 FROM {}").format(sql.Identifier(table))).fetchone() == (
                True,
            ), f"no row of {table} to try"
        for column in TABLES.tables[table].columns:
            if column.computed is None:
                value = "DEFAULT" if column.identity else f'"{column.name}"'
                refused(urls, role, f'UPDATE {table} SET "{column.name}" = {value}')
        refused(urls, role, f"DELETE FROM {table}")
        refused(urls, role, f"TRUNCATE {table} CASCADE")


JOINING = {
    "edition_files": "edition_id, 'ajout.txt', media_type, content, sha256, size, renderer, renderer_version",
    "edition_passages": "edition_id, ordinal + 1000, section_id, passage_revision_id",
    "edition_citations": "edition_id, number + 1000, citation_id, statement_id",
}


@BOTH
async def test_nothing_joins_an_edition_that_is_published(filled: Ready, urls: Urls, role: str) -> None:
    for table, row in JOINING.items():
        joining = f"INSERT INTO {table} SELECT {row} FROM {table} LIMIT 1"
        refused(urls, role, joining, errors.RestrictViolation)
        with connected(urls, role) as db:  # the control: an edition of the same transaction takes its parts, also later
            columns = {column.name: column.name for column in TABLES.tables["editions"].columns}
            values = columns | {"id": "gen_random_uuid()", "n": "n + 1000"}
            another = f"INSERT INTO editions ({', '.join(columns)}) SELECT {', '.join(values.values())} FROM editions"
            [made] = db.execute(sql.SQL(f"{another} LIMIT 1 RETURNING id")).fetchone() or [None]
            db.execute(sql.SQL(joining.replace("edition_id", f"'{made}'::uuid", 1)))


@BOTH
async def test_only_the_end_of_an_act_is_written(filled: Ready, urls: Urls, role: str) -> None:
    for table, change in ENDING.items():
        refused(urls, role, f"UPDATE {table} SET {change}")
        refused(urls, role, f"DELETE FROM {table}")
        refused(urls, role, f"TRUNCATE {table} CASCADE")


@BOTH
async def test_the_end_of_an_act_can_be_written(filled: Ready, urls: Urls, role: str) -> None:
    """The control of the test above: it is the change that is refused, not every change."""
    ends = {
        "mandates": "during = tstzrange(lower(during), now() + interval '1 day') WHERE upper_inf(during) AND lower(during) < now()",
        "positions": "superseded_at = now()",
        "sources": "removed_at = now()",
        "treatments": "superseded_at = now()",
        "waivers": "revoked_at = now()",
    }
    for table, change in ends.items():
        with connected(urls, role) as db:
            assert db.execute(sql.SQL(f"UPDATE {table} SET {change}")).rowcount > 0


@BOTH
async def test_a_decision_says_what_its_last_revision_says(filled: Ready, urls: Urls, role: str) -> None:
    refused(urls, role, "UPDATE decisions SET text = 'Autre chose.'", errors.RestrictViolation)


@BOTH
@pytest.mark.parametrize("column", PLACE)
async def test_a_statement_keeps_its_place_and_its_author(filled: Ready, urls: Urls, role: str, column: str) -> None:
    where = "type = 'reply'" if column in {"parent_id", "root_id"} else "type = 'contribution'"
    change = f"UPDATE statements SET {column} = gen_random_uuid() WHERE {where}"
    refused(urls, role, change, errors.RestrictViolation)


@BOTH
@pytest.mark.parametrize(
    "change",
    ["type = 'reply'", "capacity = 'personal'", "origin = 'import'", "recorded_at = now()", "id = gen_random_uuid()"],
)
async def test_a_statement_keeps_its_nature(filled: Ready, urls: Urls, role: str, change: str) -> None:
    where = f"WHERE id = '{filled.statement.id}'"
    refused(urls, role, f"UPDATE statements SET {change} {where}", errors.RestrictViolation)
    refused(urls, role, f"DELETE FROM statements {where}")
    refused(urls, role, "TRUNCATE statements CASCADE")


async def test_each_column_that_the_application_may_change_is_named_by_its_table(urls: Urls) -> None:
    question = """
        SELECT table_name, array_agg(column_name::text ORDER BY column_name) FROM information_schema.column_privileges
        WHERE grantee = 'alliage_app' AND privilege_type = 'UPDATE' AND table_schema = 'public' GROUP BY 1
    """
    with connected(urls, "owner") as db:
        granted: dict[str, list[str]] = dict(db.execute(question).fetchall())
        deletable = {
            row[0]
            for row in db.execute(
                "SELECT table_name FROM information_schema.table_privileges WHERE grantee = 'alliage_app' "
                "AND privilege_type IN ('DELETE', 'TRUNCATE', 'TRIGGER', 'REFERENCES') AND table_schema = 'public'"
            ).fetchall()
        }
    for table in TABLES.sorted_tables:
        level = table.info["access"]
        if level in (Access.APPEND, Access.READ):
            assert granted.get(table.name, []) == sorted(table.info.get("updatable") or []), table.name
        assert (table.name in deletable) == (level == Access.FULL), table.name


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (n int)",
        "CREATE SCHEMA mine",
        "CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "ALTER TABLE revisions DISABLE TRIGGER ALL",
        "ALTER TABLE revisions DISABLE TRIGGER frozen",
        "DROP TRIGGER frozen ON revisions",
        "ALTER TABLE revisions ADD COLUMN mine int",
        "DROP TABLE revisions",
        "CREATE RULE mine AS ON DELETE TO events DO INSTEAD NOTHING",
        "CREATE TRIGGER mine BEFORE INSERT ON statements EXECUTE FUNCTION refuse_change()",
        "SET session_replication_role = replica",
        "SET ROLE alliage_owner",
        "SELECT find_statement(gen_random_uuid())",
        "INSERT INTO erasures SELECT * FROM erasures",
        "INSERT INTO findables SELECT * FROM findables",
    ],
)
def test_the_application_changes_no_table_and_no_guard(urls: Urls, statement: str) -> None:
    refused(urls, "app", statement, errors.InsufficientPrivilege)


@pytest.mark.parametrize("statement", ["SET session_replication_role = replica", "SET ROLE postgres"])
def test_the_owner_is_no_superuser(urls: Urls, statement: str) -> None:
    refused(urls, "owner", statement, errors.InsufficientPrivilege)


ERASE = "SELECT erase_revision(%(revision)s, %(who)s, %(why)s)"
WHY = "Demande de la personne concernée"


async def test_an_erasure_blanks_the_words_and_keeps_the_rest(world: World, urls: Urls) -> None:
    text_ = await ready(world)
    revision, admin = text_.statement.head_id, world.persons["admin"].id
    whole = "SELECT row_to_json(r)::jsonb - '{title,markdown,plain,html,excerpt,erased_at}'::text[] FROM revisions r WHERE id = %s"
    words = "SELECT title || markdown || plain || html || excerpt, erased_at FROM revisions WHERE id = %s"
    with connected(urls, "app") as db:
        before = db.execute(whole, [revision]).fetchone()
        plain = db.execute("SELECT plain FROM revisions WHERE id = %s", [revision]).fetchone()
        db.execute(ERASE, {"revision": revision, "who": admin, "why": WHY})
        assert db.execute(whole, [revision]).fetchone() == before
        assert plain is not None
        kept = db.execute("SELECT plain_sha256, plain_length FROM revisions WHERE id = %s", [revision]).fetchone()
        assert kept == (hashlib.sha256(plain[0].encode()).digest(), len(plain[0]))
        blank, erased_at = db.execute(words, [revision]).fetchone() or (None, None)
        assert (blank, erased_at is not None) == ("", True)
        extracts = 'SELECT quote || before || after, "end" > start FROM extracts WHERE revision_id = %s'
        assert db.execute(extracts, [revision]).fetchall() == [("", True)]
        recorded = "SELECT person_id, reason, created_at IS NOT NULL FROM erasures WHERE revision_id = %s"
        assert db.execute(recorded, [revision]).fetchall() == [(admin, WHY, True)]
        found = "SELECT count(*) FROM findables WHERE object_id = %s"
        assert db.execute(found, [text_.statement.id]).fetchone() == (0,)
        with pytest.raises(errors.UniqueViolation):
            db.execute(ERASE, {"revision": revision, "who": admin, "why": WHY})


@BOTH
async def test_only_an_administrator_erases_with_a_reason(world: World, urls: Urls, role: str) -> None:
    text_ = await ready(world)
    revision, admin = text_.statement.head_id, world.persons["admin"].id
    for who in (world.persons["copilot"].id, world.persons["participant"].id, uuid4(), None):
        refused(urls, role, ERASE, errors.InsufficientPrivilege, revision=revision, who=who, why=WHY)
    for why in ("", "court", " " * 40):
        refused(urls, role, ERASE, errors.CheckViolation, revision=revision, who=admin, why=why)
    refused(urls, role, ERASE, errors.ForeignKeyViolation, errors.NoDataFound, revision=uuid4(), who=admin, why=WHY)


async def test_a_recorded_erasure_lets_nobody_write_other_words(world: World, urls: Urls) -> None:
    """The owner records an erasure by hand: blank is the only text that may then be written, in that transaction."""
    text_ = await ready(world)
    revision, admin = text_.statement.head_id, world.persons["admin"].id
    record = "INSERT INTO erasures (id, revision_id, person_id, reason, created_at) VALUES (gen_random_uuid(), %s, %s, %s, now())"
    for change in (
        "plain = 'D’autres mots.'",
        "plain = '', markdown = 'D’autres mots.'",
        "title = '', markdown = '', plain = '', html = '', plain_length = 1",
        "title = '', markdown = '', plain = '', html = '', author_id = NULL",
    ):
        with connected(urls, "owner") as db:
            db.execute(record, [revision, admin, WHY])
            with pytest.raises(errors.RestrictViolation):
                db.execute(sql.SQL(f"UPDATE revisions SET {change} WHERE id = %s"), [revision])
    with psycopg.connect(driver_address(urls.app)) as db:
        db.execute(ERASE, {"revision": revision, "who": admin, "why": WHY})
    refused(urls, "owner", "UPDATE revisions SET erased_at = now() WHERE id = %(id)s", id=revision)
    refused(urls, "owner", "UPDATE extracts SET quote = 'x' WHERE revision_id = %(id)s", id=revision)


@BOTH
async def test_a_refusal_is_written_once_with_its_reason(filled: Ready, urls: Urls, role: str) -> None:
    passage = await filled.desk.passage(filled.section, "Proposé seulement.", proposed=True)
    of = f"passage_id = '{passage['id']}'"
    decide = f"UPDATE passage_revisions SET state = 'refused', decided_at = now(), refusal_reason = {{}} WHERE {of}"
    for nothing in ("NULL", "''", "repeat('x', 501)"):
        refused(urls, role, decide.format(nothing), errors.CheckViolation)
    refused(urls, role, f"UPDATE passage_revisions SET refusal_reason = 'Seul.' WHERE {of}", errors.CheckViolation)
    await filled.desk.ok(
        "POST", f"/passages/{passage['id']}/suggestions/1/refuse", {"reason": "Le chiffre est ancien."}
    )
    for change in ("refusal_reason = 'Un autre.'", "refusal_reason = NULL, state = 'proposed'", "state = 'accepted'"):
        refused(urls, role, f"UPDATE passage_revisions SET {change} WHERE {of}", errors.RestrictViolation)
