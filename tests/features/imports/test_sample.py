"""The sample goes in: what is right, once; what is not, in the report with its line."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from sqlalchemy import text

from app.core.db import Database
from app.core.errors import Forbidden, Unauthenticated
from app.core.model import new_id
from app.features.imports.actions import run_import
from app.features.imports.command import OPERATOR, import_command
from app.features.imports.lines import MappingRefused
from app.features.imports.report import COLUMNS, Report
from app.features.initiatives.queries import InitiativeArchived
from app.policy.actor import VISITOR, Actor
from tests.features.events.signatures import WRONGLY_SIGNED
from tests.features.imports.conftest import SAMPLE
from tests.features.imports.contents import contents, wrong_counters

MAPPING = SAMPLE / "mapping.yaml"

REFUSED = [
    ("acteurs.csv", 6, "organisation", "profile"),
    ("acteurs.csv", 7, "organisation", "name"),
    ("acteurs.csv", 10, "person", "id"),
    ("contributions.csv", 11, "contribution", "author"),
    ("contributions.csv", 12, "contribution", "occurred_at"),
    ("contributions.csv", 13, "contribution", "id"),
    ("contributions.csv", 14, "contribution", "theme"),
    ("contributions.csv", 15, "contribution", ""),
    ("contributions.csv", 17, "contribution", "title"),
    ("reponses.csv", 8, "reply", "contribution"),
    ("reponses.csv", 9, "reply", "side"),
    ("reponses.csv", 11, "reply", "occurred_at"),
    ("sources.csv", 4, "source", "url"),
    ("contributions.csv", 11, "tally", "contribution"),
    ("contributions.csv", 12, "tally", "contribution"),
    ("contributions.csv", 13, "tally", "id"),
    ("contributions.csv", 14, "tally", "contribution"),
    ("contributions.csv", 16, "tally", "votes_for"),
    ("contributions.csv", 17, "tally", "contribution"),
]
"""File, physical line (as an editor numbers it), kind, field: read off the sample by eye."""

WRITTEN = {
    "initiatives": 1,
    "spaces": 2,
    "themes": 2,
    "organisations": 2,
    "persons": 2,
    "participations": 2,
    "space_members": 2,
    "statements": 12,
    "revisions": 12,
    "sources": 2,
    "tallies": 5,
    "filings": 6,
}


async def run(database: Database, folder: Path = SAMPLE, **options: Any) -> Report:
    return await run_import(database, OPERATOR, folder, folder / "mapping.yaml", **options)


async def rows(database: Database, query: str) -> list[tuple[Any, ...]]:
    async with database.reading() as connection:
        return [tuple(row) for row in (await connection.execute(text(query))).all()]


async def test_everything_right_goes_in_and_nothing_else(target: Database) -> None:
    report = await run(target)
    found = (await contents(target)).counts
    assert {table: found[table] for table in WRITTEN} == WRITTEN
    assert found["external_refs"] == 1 + 2 + 2 + 4 + 2 + 6 + 6 + 2 + 5
    assert await wrong_counters(target) == 0
    assert [(it.file, it.line, it.kind, it.field) for it in report.refusals] == REFUSED
    assert all(it.reason for it in report.refusals)


async def test_a_second_run_adds_no_row(target: Database) -> None:
    first = await run(target)
    before = await contents(target)
    again = await run(target)
    assert again.rows == {}
    assert again.added == 0
    assert await contents(target) == before
    assert again.refusals == first.refusals
    assert {kind: count.already for kind, count in again.counts.items() if kind != "member"} == {
        kind: count.added + count.merged for kind, count in first.counts.items() if kind != "member"
    }


async def test_the_size_of_batches_changes_nothing(target: Database) -> None:
    await run(target, batch_size=1)
    one_by_one = await contents(target)
    assert await wrong_counters(target) == 0
    assert one_by_one.counts["statements"] == WRITTEN["statements"]
    assert (await run(target, batch_size=1000)).rows == {}
    assert await contents(target) == one_by_one


async def test_a_dry_run_writes_nothing_and_says_what_would_go_in(target: Database) -> None:
    empty = await contents(target)
    foreseen = await run(target, dry_run=True)
    assert await contents(target) == empty
    assert foreseen.rows == {}
    done = await run(target)
    assert done.counts == foreseen.counts
    assert done.refusals == foreseen.refusals
    assert (await run(target, dry_run=True)).added == 0


async def test_what_is_added_to_the_files_later_goes_in_alone(target: Database, folder: Path) -> None:
    await run(target, folder)
    with (folder / "reponses.csv").open("a", encoding="utf-8") as file:
        file.write("10,1,pas d'accord,Ajoutée plus tard.,p2,2020-04-09 12:00\n")
    assert (await run(target, folder)).rows == {"statements": 1, "revisions": 1, "external_refs": 1, "events": 1}
    assert await wrong_counters(target) == 0


async def test_speakers_are_who_they_were(target: Database) -> None:
    await run(target)
    said = {
        name: tuple(rest)
        for name, *rest in await rows(
            target,
            "SELECT r.object_type || r.external_id, s.capacity, o.name, s.person_id IS NULL, s.mandate_id IS NULL, "
            "s.origin FROM external_refs r JOIN statements s ON s.id = r.object_id "
            "LEFT JOIN organisations o ON o.id = s.organisation_id WHERE r.object_type IN ('contribution', 'reply')",
        )
    }
    assert said["contribution1"] == ("organisation", "Les Bancs du marché (exemple)", True, True, "import")
    # the same name but for case and accents, and a declared alias
    assert said["contribution10"][1] == "Les Bancs du marché (exemple)"
    assert said["reply3"][1] == "Tilleul et fils (exemple)"
    assert said["contribution3"] == ("personal", None, False, True, "import")
    assert said["contribution5"] == ("personal", None, True, True, "import"), "nobody is invented"
    people = await rows(target, "SELECT DISTINCT name, email, password, state, is_admin FROM persons")
    assert people == [(None, None, None, "imported", False)]


async def test_words_are_kept_to_the_letter(target: Database) -> None:
    await run(target)
    words = {
        name: tuple(rest)
        for name, *rest in await rows(
            target,
            "SELECT r.external_id, v.title, v.markdown, v.plain, v.html FROM external_refs r "
            "JOIN statements s ON s.id = r.object_id JOIN revisions v ON v.id = s.head_id "
            "WHERE r.object_type = 'contribution'",
        )
    }
    assert words["1"][1] == (
        'Il fait chaud.\n\nLes bancs sont au soleil : "personne" ne s’y assied\n- ni l’été ;\n- ni au printemps.'
    )
    assert "ni l’été ;" in words["1"][2]
    assert "<li>ni au printemps.</li>" in words["1"][3]
    assert words["3"][0] == '=HYPERLINK("http://exemple.invalid")'
    assert words["3"][2] == "=2+2 ; @SOMME(A1) restent des mots"


async def test_states_consents_and_dates(target: Database) -> None:
    await run(target)
    found = {
        name: tuple(rest)
        for name, *rest in await rows(
            target,
            "SELECT r.object_type || r.external_id, s.state, s.state_reason, s.root_state, s.consent, s.root_consent, "
            "s.released, to_char(s.occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'), "
            "s.published_at = s.recorded_at AND s.recorded_at > now() - interval '10 minutes' "
            "FROM external_refs r JOIN statements s ON s.id = r.object_id "
            "WHERE r.object_type IN ('contribution', 'reply')",
        )
    }
    assert found["contribution1"] == (
        *("published", None, "published", "name", "name"),
        *(True, "2020-04-01 08:00", True),  # ten o'clock in Paris, in summer
    )
    assert found["contribution4"][:3] == ("moderated", "imported", "moderated")
    assert found["reply4"][:3] == ("published", None, "moderated")
    assert found["contribution3"][3:6] == ("internal", "internal", False)
    assert found["reply8"][3:7] == ("profile", "internal", False, "2015-10-25 00:30")


async def test_the_default_consent_is_internal(target: Database, folder: Path) -> None:
    mapping = (folder / "mapping.yaml").read_text()
    general = "consent:\n  organisations: name\n  people: profile\n  reason: Exemple.\n"
    stated = "  consent: {by_id: {3: internal}, default: name}\n"
    assert general in mapping
    assert stated in mapping
    (folder / "mapping.yaml").write_text(mapping.replace(general, "").replace(stated, ""))
    await run(target, folder)
    assert await rows(target, "SELECT DISTINCT consent, released FROM statements") == [("internal", False)]


async def test_every_object_leaves_one_quiet_event_without_words(target: Database) -> None:
    await run(target)
    events = await rows(
        target,
        "SELECT verb, count(*)::int, bool_and(quiet), count(person_id)::int, "
        "count(DISTINCT object_id)::int FROM events GROUP BY verb",
    )
    assert {verb: number for verb, number, *_ in events} == {
        "initiative.imported": 1,
        "space.imported": 2,
        "theme.imported": 2,
        "organisation.imported": 2,
        "participation.imported": 2,
        "person.imported": 2,
        "contribution.imported": 6,
        "reply.imported": 6,
        "source.imported": 2,
        "tally.imported": 5,
        "space_member.imported": 2,
    }
    assert all(quiet and not person and number == objects for _, number, quiet, person, objects in events)
    data = await rows(target, "SELECT DISTINCT (data - 'member')::text FROM events")
    assert set(data) == {('{"origin": "import"}',), ('{"role": "participant", "origin": "import"}',)}
    members = "SELECT DISTINCT verb FROM events WHERE data->>'member' IN (SELECT id::text FROM organisations)"
    assert {verb for (verb,) in await rows(target, members)} == {"participation.imported", "space_member.imported"}


async def test_an_import_signs_for_nobody(target: Database) -> None:
    """Who imports acts for no organisation; whose word it was stands in the word itself."""
    await run(target)
    assert await rows(target, WRONGLY_SIGNED) == []


async def test_what_was_imported_says_so_and_invents_nobody(target: Database) -> None:
    """Promise 2, by SQL: no mandate, no name, nobody for whom the files do not know, and two dates."""
    await run(target)
    known = "person_id IS NULL OR EXISTS (SELECT FROM persons p WHERE p.id = a.person_id AND p.state = 'imported')"
    for table, recorded in (("statements", "recorded_at"), ("sources", "created_at")):
        kept = f"origin = 'import' AND mandate_id IS NULL AND ({known}) AND occurred_at < {recorded}"
        assert await rows(target, f"SELECT count(*) > 0, bool_and({kept}) FROM {table} a") == [(True, True)], table
    authors = "SELECT bool_and(author_id IS NOT DISTINCT FROM person_id) FROM revisions r JOIN statements s ON s.id = r.statement_id"
    assert await rows(target, authors) == [(True,)]
    assert await rows(target, "SELECT DISTINCT by_person FROM filings") == [(None,)]
    assert await rows(target, "SELECT bool_and(name IS NULL AND email IS NULL AND password IS NULL) FROM persons") == [
        (True,)
    ]
    at_once = "SELECT bool_and(e.at = s.recorded_at) FROM events e JOIN statements s ON s.id = e.object_id WHERE verb ~ '^(contribution|reply)'"
    assert await rows(target, at_once) == [(True,)], "the audit dates the import, the word dates itself"


async def test_an_organisation_that_is_there_is_taken_as_it_is(target: Database) -> None:
    async with target.sessions.begin() as db:
        await db.execute(
            text(
                "INSERT INTO organisations (id, name, profile, territories, sdgs, description, demonstration, version, "
                "created_at) VALUES (gen_random_uuid(), 'TILLEUL et Fils (exemple)', 'foundation', '{}', '{}', "
                "'Décrite par elle.', false, 7, now())"
            )
        )
    foreseen = await run(target, dry_run=True)
    report = await run(target)
    assert report.counts == foreseen.counts
    assert (report.counts["organisation"].added, report.counts["organisation"].merged) == (1, 3)
    assert await rows(target, "SELECT profile, description, version FROM organisations WHERE name LIKE 'TILLEUL%'") == [
        ("foundation", "Décrite par elle.", 7)
    ]


async def test_what_co_pilots_changed_since_stays(target: Database, folder: Path) -> None:
    await run(target, folder)
    async with target.sessions.begin() as db:
        await db.execute(text("UPDATE space_members SET during = tstzrange(lower(during), now())"))
        await db.execute(text("DELETE FROM themes WHERE title = 'Le bruit'"))
        await db.execute(text("UPDATE statements SET state = 'moderated' WHERE kind = 'need'"))
    with (folder / "contributions.csv").open("a", encoding="utf-8") as file:
        file.write("20;bruit;idée;Après coup;Sa rubrique a été supprimée.;p1;2020-04-09 12:00;non;1;1;1\n")
    with (folder / "reponses.csv").open("a", encoding="utf-8") as file:
        file.write("10,1,d'accord,Après la modération.,p2,2020-04-09 12:00\n")
    report = await run(target, folder)
    assert report.rows["statements"] == 2
    assert "filings" not in report.rows
    assert "space_members" not in report.rows
    after = "SELECT root_state FROM statements JOIN revisions r ON r.id = head_id WHERE plain = 'Après la modération.'"
    assert await rows(target, after) == [("moderated",)]


async def test_only_an_administrator_imports(target: Database) -> None:
    with pytest.raises(Unauthenticated):
        await run_import(target, VISITOR, SAMPLE, MAPPING)
    with pytest.raises(Forbidden):
        await run_import(target, Actor(person_id=new_id()), SAMPLE, MAPPING)


async def test_an_archived_initiative_takes_nothing(target: Database) -> None:
    await run(target)
    async with target.sessions.begin() as db:
        await db.execute(text("UPDATE initiatives SET state = 'archived'"))
    with pytest.raises(InitiativeArchived):
        await run(target)


async def test_the_number_of_somebody_elses_space_is_refused(target: Database, folder: Path) -> None:
    await run(target)
    mapping = folder / "mapping.yaml"
    mapping.write_text(mapping.read_text("utf-8").replace("source: sample", "source: another"), "utf-8")
    with pytest.raises(MappingRefused, match="déjà un espace portant le numéro 1, 2"):
        await run_import(target, OPERATOR, folder, mapping)


async def test_the_command_says_it_in_french_and_writes_an_inert_report(target: Database, folder: Path) -> None:
    with (folder / "sources.csv").open("a", encoding="utf-8") as file:
        file.write("=1+1,1,site,Titre,pas une adresse,,p1,2020-04-09 12:00\n")
    console = Console(record=True, width=140)
    refusals = folder / "refus.csv"
    code = await import_command(target, folder, folder / "mapping.yaml", refusals=refusals, console=console)
    said = console.export_text()
    assert code == 0
    assert "Import terminé" in said
    assert f"{len(REFUSED) + 1} lignes refusées" in said
    assert "contributions.csv, ligne 12 (contributions), occurred_at : date illisible « le 32 avril »" in said
    with refusals.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file, delimiter=";"))
    assert tuple(lines[0]) == COLUMNS
    assert len(lines) == len(REFUSED) + 2
    assert "'=1+1" in [line[3] for line in lines]
    again = Console(record=True, width=140)
    await import_command(target, folder, folder / "mapping.yaml", refusals=refusals, console=again)
    assert "Tout était déjà là : 0 ligne ajoutée." in again.export_text()


async def test_the_command_refuses_a_wrong_folder_without_a_trace(target: Database, folder: Path) -> None:
    (folder / "sources.csv").unlink()
    console = Console(record=True, width=140)
    code = await import_command(target, folder, folder / "mapping.yaml", console=console)
    assert code == 2
    assert "sources.csv : rien n’a été importé." in console.export_text()
    assert sum((await contents(target)).counts.values()) == 0
