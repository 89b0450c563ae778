"""Publishing: refused with the lists, then frozen for good."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from app.core.clock import now
from app.core.postgres.cluster import Urls
from app.features.deliverables.models import Deliverable
from tests.factories import make_contribution, make_position, revise
from tests.features.deliverables.desk import Desk
from tests.features.editions.shelf import FILES, files_of, open_to_all, payload_of, publish, ready
from tests.world import World


def editions_of(deliverable: Any) -> str:
    return f"/deliverables/{deliverable['id']}/editions"


async def test_an_empty_text_is_not_published(world: World) -> None:
    desk = Desk(world)
    problem = await desk.refused(409, "POST", editions_of(await desk.deliverable()), {"label": "Rien"})
    assert problem["type"] == "/problems/publication-refused"
    assert problem["empty"] is True


async def test_an_untreated_contribution_refuses_publication_by_name(world: World) -> None:
    forgotten = await make_contribution(world, title="Ne m’oubliez pas")
    text_ = await ready(world)
    problem = await text_.desk.refused(409, "POST", editions_of(text_.deliverable), {"label": "Trop tôt"})
    assert problem["untreated_count"] == 1
    assert [(one["statement_id"], one["title"]) for one in problem["untreated"]] == [
        (str(forgotten.id), "Ne m’oubliez pas")
    ]
    await text_.desk.treat(text_.deliverable, forgotten)
    assert (await publish(text_.desk, text_.deliverable))["n"] == 1


async def test_a_treatment_of_older_words_refuses_publication(world: World) -> None:
    text_ = await ready(world)
    other = await make_contribution(world)
    await text_.desk.ok("PUT", f"/deliverables/{text_.deliverable['id']}/scope", scope_until(text_.deliverable, now()))
    await text_.desk.treat(text_.deliverable, other)
    await revise(world, other, "D’autres mots que ceux qui ont été jugés.")
    problem = await text_.desk.refused(409, "POST", editions_of(text_.deliverable), {"label": "Trop tôt"})
    assert [one["statement_id"] for one in problem["outdated_treatments"]] == [str(other.id)]


def scope_until(deliverable: Any, instant: Any) -> dict[str, Any]:
    return {**deliverable["scope"], "cutoff_at": instant.isoformat()}


async def test_an_outdated_citation_refuses_publication(world: World) -> None:
    text_ = await ready(world)
    await revise(world, text_.statement, "Tout a changé depuis, et les mots aussi.")
    problem = await text_.desk.refused(409, "POST", editions_of(text_.deliverable), {"label": "Trop tard"})
    assert [one["number"] for one in problem["outdated_citations"]] == [text_.citation["number"]]
    assert problem["outdated_citations_count"] == 1


async def test_a_consent_that_was_tightened_refuses_publication(world: World) -> None:
    text_ = await ready(world)
    await revise(world, text_.statement, "Avant. Il manque deux mois de trésorerie partout.", consent="internal")
    problem = await text_.desk.refused(409, "POST", editions_of(text_.deliverable), {"label": "Sans accord"})
    assert problem["consent_violations_count"] == 1


async def test_lists_stop_at_two_hundred_and_counts_do_not(world: World) -> None:
    text_ = await ready(world)
    for _ in range(203):
        await make_contribution(world)
    await text_.desk.ok("PUT", f"/deliverables/{text_.deliverable['id']}/scope", scope_until(text_.deliverable, now()))
    problem = await text_.desk.refused(409, "POST", editions_of(text_.deliverable), {"label": "Foule"})
    assert problem["untreated_count"] == 203
    assert len(problem["untreated"]) == 200


async def test_a_scope_that_is_still_open_refuses_publication(world: World) -> None:
    text_ = await ready(world)
    await text_.desk.ok(
        "PUT",
        f"/deliverables/{text_.deliverable['id']}/scope",
        scope_until(text_.deliverable, now() + timedelta(days=1)),
    )
    problem = await text_.desk.refused(409, "POST", editions_of(text_.deliverable), {"label": "Demain"})
    assert problem["type"] == "/problems/cutoff-ahead"


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("visitor", 404),
        ("stranger", 404),
        ("observer", 404),
        ("outsider", 404),
        ("participant", 404),
        ("lead", 404),
        ("facilitator", 404),
        ("admin", 404),
        ("copilot", 201),
    ],
)
async def test_who_may_publish(world: World, who: str, status: int) -> None:
    text_ = await ready(world)
    path = f"/api/v1{editions_of(text_.deliverable)}"
    answer = await world.post(who, path, {"label": "Essai"}, **{"If-Match": "*"})
    assert answer.status_code == status, answer.text


async def test_publishing_needs_the_version_that_was_read(world: World) -> None:
    text_ = await ready(world)
    path = editions_of(text_.deliverable)
    await text_.desk.refused(428, "POST", path, {"label": "Essai"}, match=None)
    await text_.desk.refused(412, "POST", path, {"label": "Essai"}, match=99)
    version = (await text_.desk.ok("GET", f"/deliverables/{text_.deliverable['id']}"))["version"]
    await text_.desk.ok("POST", path, {"label": "Essai"}, match=version)
    await text_.desk.refused(412, "POST", path, {"label": "Essai, deux fois"}, match=version)


async def test_a_repeated_publication_makes_one_edition(world: World) -> None:
    text_ = await ready(world)
    client = await world.client("copilot")
    headers = {"If-Match": "*", "Idempotency-Key": str(uuid4())}
    path = f"/api/v1{editions_of(text_.deliverable)}"
    first, again = [await client.post(path, json={"label": "Essai"}, headers=headers) for _ in range(2)]
    assert (first.status_code, first.content) == (again.status_code, again.content)
    listed = (await client.get("/api/v1/editions", params={"deliverable_id": text_.deliverable["id"]})).json()
    assert len(listed["items"]) == 1


async def test_what_is_published_says_what_became_of_everything(world: World) -> None:
    await open_to_all(world, world.shared)
    text_ = await ready(world, space=world.shared, title="Trésorerie des associations")
    desk, deliverable = text_.desk, text_.deliverable
    others = [await make_contribution(world, title=f"Autre {n}", space=world.shared) for n in range(3)]
    await desk.ok("PUT", f"/deliverables/{deliverable['id']}/scope", scope_until(deliverable, now()))
    late = await make_contribution(world, space=world.shared, at=now() + timedelta(seconds=2))
    await desk.treat(deliverable, others[0], "merged", target_id=str(text_.statement.id))
    await desk.treat(deliverable, others[1], "set_aside", reason_code="out_of_mandate")
    waiver = {"deliverable_id": deliverable["id"], "statement_id": str(others[2].id), "kind": "untreated"}
    await desk.ok("POST", "/waivers", waiver | {"reason": "Arrivée trop tard pour être lue ensemble."})
    await make_position(world, text_.statement, "objects")
    await desk.passage(text_.section, "Nous avons lu tout ce qui a été écrit.")
    await desk.passage(text_.section, "Un passage seulement proposé.", proposed=True)
    edition = await publish(desk, deliverable)
    payload = await payload_of(world, edition)
    report = payload["report"]
    outcomes = {each["outcome"]: each["count"] for each in report["contributions"]["outcomes"]}
    assert outcomes == {"cited": 1, "merged": 1, "answered": 0, "set_aside": 1, "waived": 1}
    assert (report["contributions"]["in_scope"], report["contributions"]["arrived_after"]) == (4, 1)
    assert {each["title"]: each["outcome"] for each in report["treatments"]} == {
        "Trésorerie des associations": "cited",
        "Autre 0": "merged",
        "Autre 1": "set_aside",
        "Autre 2": "waived",
    }
    assert report["waivers"][0]["by"] == world.persons["copilot"].name
    assert report["waivers"][0]["reason"] == "Arrivée trop tard pour être lue ensemble."
    assert report["passages"] == {
        "sourced": 1,
        "editorial": 1,
        "headings": 0,
        "accepted_by_rule": 0,
        "accepted_by_hand": 2,
    }
    assert payload["citations"][0]["positions"] == {
        "supports": 0,
        "reservations_or_objections": "fewer_than_three",
        "no_answer": 0,
    }
    served = await files_of(world, edition)
    assert "seulement proposé" not in json.dumps(payload, ensure_ascii=False)
    assert "moins de trois réserves ou objections" in served["edition.html"].decode()
    assert late is not None


async def test_a_moderated_contribution_is_counted_and_not_named(world: World) -> None:
    await open_to_all(world, world.shared)
    text_ = await ready(world)
    desk, deliverable = text_.desk, text_.deliverable
    hidden = await make_contribution(world, title="Un titre masqué", space=world.shared)
    await desk.ok("PUT", f"/deliverables/{deliverable['id']}/scope", scope_until(deliverable, now()))
    await desk.ok("POST", f"/contributions/{hidden.id}/moderate", {"reason": "offensive"})
    await desk.refused(409, "POST", editions_of(deliverable), {"label": "Sans elle"})
    await desk.treat(deliverable, hidden, "set_aside", reason_code="off_topic")
    edition = await publish(desk, deliverable)
    counted = (await payload_of(world, edition))["report"]["contributions"]
    assert (counted["in_scope"], counted["moderated"]) == (2, [{"reason": "offensive", "count": 1}])
    files = await files_of(world, edition)
    assert not any("Un titre masqué" in content.decode() for content in files.values())
    for name in ("edition.html", "edition.md"):
        assert "masquée par les modérateurs" in files[name].decode().replace("\u202f", " ").replace("\u00a0", " "), name


async def test_a_shared_database_that_is_empty_says_so(world: World) -> None:
    text_ = await ready(world)
    await text_.desk.section(text_.deliverable, "La base partagée", angle="database")
    edition = await publish(text_.desk, text_.deliverable)
    for name, content in (await files_of(world, edition)).items():
        if name in ("edition.html", "edition.md", "edition.json"):
            assert "n’existe pas encore" in content.decode(), name


async def test_what_is_published_does_not_move(world: World) -> None:
    text_ = await ready(world)
    edition = await publish(text_.desk, text_.deliverable)
    before = await files_of(world, edition)
    assert sorted(before) == sorted(FILES)
    path = f"/api/v1/contributions/{text_.statement.id}"
    author = await world.client("participant")
    answer = await author.patch(path, json={"markdown": "Tout autre chose.", "consent": "internal"}, headers=ANY)
    assert answer.status_code == 200, answer.text
    answer = await author.post(f"{path}/withdraw", json={"reason": "mistake"}, headers=ANY)
    assert answer.status_code == 200, answer.text
    await text_.desk.ok("DELETE", f"/passages/{text_.passage['id']}")
    await text_.desk.ok("PATCH", f"/sections/{text_.section['id']}", {"title": "Autre titre"})
    await text_.desk.ok("PATCH", f"/deliverables/{text_.deliverable['id']}", {"title": "Autre titre"})
    assert await files_of(world, edition) == before
    card = await text_.desk.ok("GET", f"/editions/{edition['id']}")
    assert card["title"] == "Synthèse d’essai"
    assert (card["sha256"], card["fingerprint"]) == (edition["sha256"], edition["fingerprint"])


ANY = {"If-Match": "*"}


async def test_the_next_edition_takes_the_next_number(world: World) -> None:
    text_ = await ready(world)
    assert [(await publish(text_.desk, text_.deliverable))["n"] for _ in range(2)] == [1, 2]


CHANGES = (
    "UPDATE {table} SET {column} = {column} WHERE {key} = :id",
    "UPDATE {table} SET {column} = {other} WHERE {key} = :id",
    "DELETE FROM {table} WHERE {key} = :id",
    "TRUNCATE {table} CASCADE",
)


@pytest.mark.parametrize("role", ["app", "owner"])
@pytest.mark.parametrize(
    ("table", "key", "column", "other"),
    [
        ("editions", "id", "label", "'faux'"),
        ("edition_files", "edition_id", "content", "'faux'::bytea"),
        ("edition_passages", "edition_id", "ordinal", "ordinal + 100"),
        ("edition_citations", "edition_id", "number", "number + 100"),
    ],
)
async def test_the_database_refuses_to_change_an_edition(
    world: World, urls: Urls, role: str, table: str, key: str, column: str, other: str
) -> None:
    text_ = await ready(world)
    edition = await publish(text_.desk, text_.deliverable)
    engine = create_engine(getattr(urls, role))
    for change in CHANGES:
        statement = change.format(table=table, key=key, column=column, other=other)
        with engine.connect() as connection, pytest.raises(DBAPIError) as refused:
            connection.execute(text(statement), {"id": edition["id"]} if ":id" in statement else {})
        assert "never change" in str(refused.value) or "permission denied" in str(refused.value), statement
    engine.dispose()


@pytest.mark.parametrize(
    ("zone", "local", "said_on"),
    [
        ("Europe/Paris", "2020-09-08T00:30:00+02:00", "2020-09-07"),
        ("Pacific/Noumea", "2020-09-08T09:30:00+11:00", "2020-09-08"),
        ("America/Martinique", "2020-09-07T18:30:00-04:00", "2020-09-07"),
    ],
)
async def test_dates_are_those_of_the_initiative_before_anything_is_frozen(
    world: World, zone: str, local: str, said_on: str
) -> None:
    path = f"/api/v1/initiatives/{world.initiative.id}"
    pilot = await world.client("copilot")
    changed = await pilot.patch(path, json={"timezone": zone}, headers={"If-Match": "*"})
    assert (changed.status_code, changed.json()["timezone"]) == (200, zone)
    assert (await pilot.patch(path, json={"timezone": "Paris"}, headers={"If-Match": "*"})).status_code == 422
    said_at, instant = datetime(2020, 9, 7, 20, tzinfo=UTC), datetime(2020, 9, 7, 22, 30, tzinfo=UTC)
    done = await ready(world, at=said_at)
    async with world.database.sessions() as db:
        deliverable = await db.get(Deliverable, UUID(done.deliverable["id"]))
        assert deliverable is not None
        deliverable.cutoff_at = instant
        await db.commit()
    edition = await publish(done.desk, done.deliverable)
    frozen = await payload_of(world, edition)
    assert (frozen["format_version"], frozen["timezone"]) == (3, zone)
    assert (frozen["scope"]["cutoff_at"], frozen["scope"]["cutoff_local"]) == ("2020-09-07T22:30:00Z", local)
    published = datetime.fromisoformat(frozen["edition"]["published_local"])
    assert published == datetime.fromisoformat(frozen["edition"]["published_at"])
    assert published.utcoffset() == published.astimezone(ZoneInfo(zone)).utcoffset()
    assert [citation["said_on"] for citation in frozen["citations"]] == [said_on]
    files = await files_of(world, edition)
    await pilot.patch(path, json={"timezone": "UTC"}, headers={"If-Match": "*"})
    assert await files_of(world, edition) == files
