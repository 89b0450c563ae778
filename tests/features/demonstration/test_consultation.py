"""The whole way, on the consultation of 2015: from its files to a published text that a second reader traces."""

from __future__ import annotations

import asyncio
import io
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from rich.console import Console
from sqlalchemy import text

from app.core.db import Database
from app.features.demonstration.consultation import ConsultationReport, consult, run_consultation
from app.settings import Settings

NAME = "republique-numerique-2015"
CHECKOUT = Path(__file__).parents[3]
FOLDER = Path(os.environ.get("ALLIAGE_DATA", CHECKOUT.parent / "shared" / "data")) / NAME

Done = tuple[Database, ConsultationReport, Path]
pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(
        not FOLDER.is_dir(), reason=f"the consultation is not here: set ALLIAGE_DATA to the folder that holds {NAME}"
    ),
]

EXPECTED = {
    "organisations": 55,
    "personnes pseudonymisées": 1483,
    "espaces": 4,
    "thèmes": 18,
    "contributions": 696,
    "dont modérées": 4,
    "réponses": 3994,
    "dont pour": 1960,
    "dont contre": 2034,
    "sources": 326,
    "votes d’accord": 71940,
    "votes pas d’accord": 10735,
    "votes mitigés": 5947,
}


def _cut_at(step: str) -> object:
    def follow(what: str) -> None:
        if what == step:
            raise asyncio.CancelledError

    return follow


@pytest.fixture(scope="module")
async def done(own_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Done]:
    """A run that was cut twice on its way, then gone through; what it made, and where."""
    assert own_settings.database_url
    database = Database(own_settings.database_url, pool_size=4)
    out = tmp_path_factory.mktemp("editions")
    for step in ("Brouillon", "Publication"):
        with pytest.raises(asyncio.CancelledError):
            await consult(database, own_settings, FOLDER, out, _cut_at(step))  # type: ignore[arg-type]
    yield database, await consult(database, own_settings, FOLDER, out), out
    await database.close()


async def test_everything_went_in(done: Done) -> None:
    _, report, _ = done
    assert report.counts == EXPECTED
    assert report.refused == 0
    assert report.rows_added_again == 0
    assert report.seconds < 180


async def test_nobody_is_forgotten(done: Done) -> None:
    _, report, _ = done
    outcomes = {it.outcome: it for it in report.outcomes}
    assert report.in_scope == 692
    assert sum(it.count for it in report.outcomes) == 692
    assert all(it.count for it in report.outcomes), "every way of treating is shown"
    assert outcomes["waived"].by_hand == outcomes["waived"].count
    assert outcomes["set_aside"].by_rule == outcomes["set_aside"].count
    assert sum(report.rules.values()) == sum(
        it.count for it in report.outcomes if it.outcome not in ("cited", "waived")
    )


async def test_who_is_heard_is_said(done: Done) -> None:
    database, report, _ = done
    assert len(report.heard) + len(report.not_heard) == 55
    async with database.reading() as connection:
        silent = await connection.execute(
            text(
                "SELECT o.name FROM organisations o JOIN participations p ON p.organisation_id = o.id "
                "WHERE p.role <> 'copilot' AND NOT EXISTS (SELECT FROM statements s WHERE s.organisation_id = o.id "
                "AND s.state = 'published' AND s.root_state = 'published')"
            )
        )
        assert set(report.not_heard) == set(silent.scalars()), "who said something is heard"


async def test_every_quote_leads_back_to_its_words(done: Done) -> None:
    _, report, _ = done
    assert report.trace.whole
    assert report.trace.found == report.trace.quotes > 200
    assert report.sourced > report.editorial
    assert report.verdict.ok
    assert report.ok


async def test_individuals_are_quoted_without_being_named(done: Done) -> None:
    """Their consent is "profile": the payload attributes their words to nobody."""
    _, report, _ = done
    payload = json.loads((report.folder / "edition.json").read_text(encoding="utf-8"))
    personal = [it["attribution"] for it in payload["citations"] if it["attribution"]["by"] != "organisation"]
    assert len(personal) > 50
    assert not [it for it in personal if it.get("name")]


async def test_again_it_only_reads(done: Done, own_settings: Settings) -> None:
    database, report, out = done
    counted = text(
        "SELECT (SELECT count(*) FROM events), (SELECT count(*) FROM editions), (SELECT count(*) FROM persons)"
    )
    async with database.reading() as connection:
        before = (await connection.execute(counted)).one()
    console = Console(file=io.StringIO(), width=160)
    assert await run_consultation(database, own_settings, FOLDER, out, console) == 0
    async with database.reading() as connection:
        assert (await connection.execute(counted)).one() == before
    assert isinstance(console.file, io.StringIO)
    printed = console.file.getvalue()
    for said in (
        "citées",
        "Organisations entendues",
        "Passages sourcés",
        "Second import : 0 ligne",
        report.verdict.fingerprint,
    ):
        assert said in printed


async def test_another_folder_is_refused_in_words(own_settings: Settings, done: Done, tmp_path: Path) -> None:
    console = Console(file=io.StringIO(), width=160)
    assert await run_consultation(done[0], own_settings, tmp_path, tmp_path / "out", console) == 2
    assert isinstance(console.file, io.StringIO)
    assert "rien n’a été importé" in console.file.getvalue()
