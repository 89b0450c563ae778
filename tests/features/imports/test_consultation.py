"""The consultation of 2015 goes in whole: every figure, counted twice, within thirty seconds.

The files are read here a second time with the plain `csv` module, which knows nothing of mappings.
"""

from __future__ import annotations

import csv
import os
import sys
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import text

from app.core.db import Database
from app.features.imports.actions import run_import
from app.features.imports.command import OPERATOR
from tests.features.imports.contents import contents, wrong_counters

NAME = "republique-numerique-2015"
CHECKOUT = Path(__file__).resolve().parents[3]
FOLDER = Path(os.environ.get("ALLIAGE_DATA", CHECKOUT.parent / "shared" / "data")) / NAME
MOST_SECONDS = 30

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason=f"the consultation is not here: set ALLIAGE_DATA to the folder that holds {NAME}"
)

FIGURES = {
    "organisations": 55,
    "people": 1483,
    "contributions": 696,
    "moderated": 4,
    "articles of the Government": 30,
    "replies": 3994,
    "for": 1960,
    "against": 2034,
    "sources": 326,
    "votes for": 71_940,
    "votes against": 10_735,
    "votes mixed": 5_947,
    "themes": 18,
}
"""As the consultation's description has them."""


def table(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def counted() -> dict[str, int]:
    """The same figures, from the files alone."""
    actors, propositions, arguments = table("actors"), table("propositions"), table("arguments")
    government = {it["actor_id"] for it in actors if it["kind"] == "gouvernement"}
    sides = Counter(it["side"] for it in arguments)
    return {
        "organisations": len({it["name"] for it in actors if it["kind"] != "individu"}),
        "people": sum(it["kind"] == "individu" for it in actors),
        "contributions": len(propositions),
        "moderated": sum(it["is_trashed"] == "1" for it in propositions),
        "articles of the Government": sum(it["author_id"] in government for it in propositions),
        "replies": len(arguments),
        "for": sides["pour"],
        "against": sides["contre"],
        "sources": len(table("sources")),
        "votes for": sum(int(it["votes_ok"]) for it in propositions),
        "votes against": sum(int(it["votes_nok"]) for it in propositions),
        "votes mixed": sum(int(it["votes_mitige"]) for it in propositions),
        "themes": len(table("sections")),
    }


STORED = {
    "organisations": "SELECT count(*) FROM organisations",
    "people": "SELECT count(*) FROM persons WHERE state = 'imported' AND (name, email, password) IS NULL",
    "contributions": "SELECT count(*) FROM statements WHERE type = 'contribution'",
    "moderated": "SELECT count(*) FROM statements WHERE type = 'contribution' AND state = 'moderated'",
    "articles of the Government": "SELECT count(*) FROM statements s JOIN organisations o ON o.id = s.organisation_id "
    "WHERE o.name = 'Gouvernement' AND o.profile = 'state_body' AND s.type = 'contribution'",
    "replies": "SELECT count(*) FROM statements WHERE type = 'reply'",
    "for": "SELECT sum(replies_for) FROM statements WHERE type = 'contribution'",
    "against": "SELECT sum(replies_against) FROM statements WHERE type = 'contribution'",
    "sources": "SELECT sum(sources_count) FROM statements",
    "votes for": "SELECT sum(votes_for) FROM tallies",
    "votes against": "SELECT sum(votes_against) FROM tallies",
    "votes mixed": "SELECT sum(votes_mixed) FROM tallies",
    "themes": "SELECT count(*) FROM themes WHERE space_id IS NOT NULL",
}


async def number(database: Database, query: str) -> int:
    async with database.reading() as connection:
        return int((await connection.execute(text(query))).scalar_one())


def test_the_files_hold_what_is_said_of_them() -> None:
    assert counted() == FIGURES


async def test_the_whole_consultation(target: Database, capsys: pytest.CaptureFixture[str]) -> None:
    report = await run_import(target, OPERATOR, FOLDER, Path(NAME))
    with capsys.disabled():
        sys.stdout.write(f"\nimport of the consultation: {report.seconds:.1f} s\n")
    assert report.refusals == []
    assert {name: await number(target, query) for name, query in STORED.items()} == FIGURES
    assert report.seconds <= MOST_SECONDS
    assert await wrong_counters(target) == 0
    await words_are_those_of_the_files(target)
    await places_and_consents(target)

    before = await contents(target)
    again = await run_import(target, OPERATOR, FOLDER, Path(NAME))
    assert (again.rows, again.added) == ({}, 0)
    assert (await contents(target)).digest == before.digest


async def words_are_those_of_the_files(target: Database) -> None:
    """Every body, to the letter, under its own author and date."""
    names = {it["actor_id"]: it["name"] for it in table("actors") if it["kind"] != "individu"}
    expected = {
        (kind, it["id"]): (it["body"], names.get(it["author_id"]), it["created_at"][:10])
        for kind, rows in (("contribution", table("propositions")), ("reply", table("arguments")))
        for it in rows
    }
    async with target.reading() as connection:
        rows = await connection.execute(
            text(
                "SELECT r.object_type, r.external_id, v.markdown, o.name, "
                "to_char(s.occurred_at AT TIME ZONE 'Europe/Paris', 'YYYY-MM-DD'), v.author_id, a.external_id "
                "FROM external_refs r JOIN statements s ON s.id = r.object_id JOIN revisions v ON v.id = s.head_id "
                "LEFT JOIN organisations o ON o.id = s.organisation_id "
                "LEFT JOIN external_refs a ON a.object_id = s.person_id AND a.object_type = 'person' "
                "WHERE r.object_type IN ('contribution', 'reply')"
            )
        )
        stored = {(it[0], it[1]): tuple(it[2:5]) for it in rows.all()}
    assert stored == expected


async def places_and_consents(target: Database) -> None:
    """Four public spaces, each theme in one, each contribution filed once; nobody's consent is wider than stated."""
    themes = "SELECT count(DISTINCT t.space_id) FROM themes t JOIN spaces s ON s.id = t.space_id AND s.visibility = "
    assert await number(target, f"{themes}'public'") == 4
    filed = "SELECT count(*) FROM filings f JOIN themes t ON t.id = f.theme_id AND t.space_id = f.space_id"
    assert await number(target, filed) == 696
    said = "SELECT count(*) FROM statements WHERE consent <> CASE capacity WHEN 'organisation' THEN "
    assert await number(target, f"{said} 'name' ELSE 'profile' END") == 0
    outside = (
        "SELECT count(*) FROM statements s WHERE capacity = 'organisation' AND NOT EXISTS (SELECT FROM space_members m "
        "WHERE m.space_id = s.space_id AND m.organisation_id = s.organisation_id)"
    )
    assert await number(target, outside) == 0
    participants = "SELECT count(*) FROM participations WHERE role = 'participant' AND during @> now()"
    assert await number(target, participants) == 55
    assert await number(target, "SELECT count(*) FROM events WHERE NOT quiet") == 0
