"""The draft: literal, proposed only, the same twice, and honest about what it leaves out."""

from __future__ import annotations

import hashlib
import time
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from app.core.clock import now
from app.core.db import Database
from app.core.model import new_id
from app.features.deliverables.actions.draft import draft, sentences
from app.features.deliverables.models import Citation, Passage, PassageCitation, PassageRevision
from app.features.deliverables.models.markers import numbers_in
from app.features.harvest.models import Extract, Filing, Theme
from app.features.statements.models import Revision, Statement
from tests.factories import (
    change,
    make_contribution,
    make_organisation,
    make_position,
    make_reply,
    make_tally,
    make_theme,
)
from tests.features.deliverables.desk import Desk
from tests.world import World

TEXTS = [
    "Nos adhérents attendent trois mois de subventions. Ils tiennent encore un mois.",
    "Une avance remboursable suffirait à garder l’équipe ! Elle se rembourserait en un an.",
    "Les dossiers sont trop longs : il faut les raccourcir, les relire et les confier à d’autres.",
]


async def _deliverable(desk: Desk, **more: Any) -> Any:
    return await desk.deliverable(template="standard", space_ids=[str(desk.world.restricted.id)], **more)


async def _proposed(desk: Desk, deliverable: Any) -> list[Any]:
    items: list[Any] = (await desk.ok("GET", f"/deliverables/{deliverable['id']}/proposals?limit=200"))["items"]
    return items


async def test_the_standard_template_is_honest_about_the_shared_database(world: World) -> None:
    desk = Desk(world)
    deliverable = await desk.deliverable(template="standard")
    sections = [(s["number"], s["title"], s["angle"]) for s in deliverable["sections"]]
    assert sections == [
        ("1", "La base partagée", "database"),
        ("2", "Les fruits des espaces", "fruits"),
        ("2.1", world.restricted.title, "fruits"),
        ("2.2", world.shared.title, "fruits"),
        ("3", "Les enseignements", "lessons"),
    ]
    first = (await desk.document(deliverable))["sections"][0]["passages"]
    assert len(first) == 1
    assert "n’existe pas encore" in first[0]["markdown"]
    assert (first[0]["sourced"], first[0]["decided_by_rule"]) == (False, "modèle standard")


async def test_what_was_moderated_is_not_proposed(world: World) -> None:
    desk = Desk(world)
    hidden, kept = [await make_contribution(world, text) for text in TEXTS[:2]]
    await make_theme(world, "Trésorerie & délais", hidden, kept)
    deliverable = await _deliverable(desk)
    await desk.ok("POST", f"/contributions/{hidden.id}/moderate", {"reason": "off_topic"})
    await desk.ok("POST", f"/deliverables/{deliverable['id']}/draft", {"per_theme": 2})
    proposed = " ".join(p["markdown"] for p in await _proposed(desk, deliverable))
    assert "[@c1]" in proposed
    assert "[@c2]" not in proposed


async def test_what_has_most_support_comes_first_and_everything_is_proposed(world: World) -> None:
    desk = Desk(world)
    await make_organisation(world, "Troisième", "association", speaks_as="third")
    weak, voted, supported = [await make_contribution(world, text) for text in TEXTS]
    await make_theme(world, "Trésorerie & délais", weak, voted, supported)
    for who in ("outsider", "third"):
        await make_position(world, supported, who=who)
    await make_tally(world, voted, 72, 10, 1)
    await make_tally(world, weak, 71)
    deliverable = await _deliverable(desk)
    report = await desk.ok("POST", f"/deliverables/{deliverable['id']}/draft", {"per_theme": 2})
    proposed = await _proposed(desk, deliverable)
    texts = [p["markdown"] for p in proposed]
    assert texts == [
        "Trésorerie & délais",
        "[@c1]",
        "Moins de trois organisations l’appuient [@c1].",
        "[@c2]",
        "Dans la consultation importée (consultation d’essai) : 72 votes favorables, 10 défavorables et 1 mitigé [@c2].",
        sentences.left_out(3, 2, theme=True),
    ]
    assert [p["kind"] for p in proposed][:4] == ["heading", "quotation", "paragraph", "quotation"]
    assert {p["state"] for p in proposed} == {"proposed"}
    assert all(p["by_rule"].startswith("draft/1") for p in proposed)
    assert (report["contributions"], report["left_out"], report["internal"]) == (2, 1, 0)
    gate = await desk.gate(deliverable)
    assert (gate["untreated_count"], gate["counts"]["cited"], gate["proposed"]) == (3, 0, 6)
    cited = (await desk.ok("GET", f"/citations?deliverable_id={deliverable['id']}"))["items"]
    assert [c["statement_id"] for c in cited] == [str(supported.id), str(voted.id)]
    assert [c["quote"] for c in cited] == [TEXTS[2], TEXTS[1]]
    assert all(c["by_rule"] == "draft/1" and not c["in_force"] for c in cited)


async def test_the_strongest_for_and_against_are_cited(world: World) -> None:
    desk = Desk(world)
    said = await make_contribution(world, TEXTS[0])
    weak = await make_reply(world, said, "Un avis favorable, mais sans aucune voix.", who=None)
    best = await make_reply(world, said, "Un avis favorable que beaucoup ont soutenu.", who=None)
    worst = await make_reply(world, said, "Un avis contraire, au nom d’une organisation.", side="against")
    voted = await make_reply(world, said, "Un avis contraire très voté, de personne.", side="against", who=None)
    secret = await make_reply(world, said, "Un avis gardé à l’intérieur de l’espace.", side="for", consent="internal")
    for reply, votes in ((best, 9), (voted, 50), (secret, 99)):
        await make_tally(world, reply, votes)
    await change(world, said, replies_for=3, replies_against=2)
    deliverable = await _deliverable(desk)
    await desk.ok("POST", f"/deliverables/{deliverable['id']}/draft", {})
    texts = [p["markdown"] for p in await _proposed(desk, deliverable)]
    assert texts[1] == (
        "Trois réponses l’approuvent, dont la plus soutenue [@c2] et deux réponses la contestent, "
        "dont la plus soutenue [@c3]."
    )
    cited = (await desk.ok("GET", f"/citations?deliverable_id={deliverable['id']}"))["items"]
    assert [(c["statement_id"], c["relation"]) for c in cited] == [
        (str(said.id), "quotes"),
        (str(best.id), "supports"),
        (str(worst.id), "contradicts"),
    ]
    assert str(weak.id) not in {c["statement_id"] for c in cited}


async def test_consent_is_kept(world: World) -> None:
    desk = Desk(world)
    await make_contribution(world, TEXTS[0], consent="internal", title="Secret interne")
    await make_contribution(world, TEXTS[1], consent="paraphrase", title="Secret reformulé")
    deliverable = await _deliverable(desk)
    report = await desk.ok("POST", f"/deliverables/{deliverable['id']}/draft", {})
    texts = [p["markdown"] for p in await _proposed(desk, deliverable)]
    assert texts[0].endswith("son auteur n’a pas souhaité que ses mots soient cités [@c1].")
    cited = (await desk.ok("GET", f"/citations?deliverable_id={deliverable['id']}"))["items"]
    assert [(c["relation"], c["shows_words"]) for c in cited] == [("supports", False)]
    assert (report["left_out"], report["internal"]) == (1, 1)
    assert not any("Secret" in text or "avance" in text for text in texts)


async def test_absent_profiles_are_named_only_when_nobody_is_pointed_at(world: World) -> None:
    desk = Desk(world)
    for n in range(3):
        await make_organisation(world, f"Recherche {n}", "research", speaks_as=f"research{n}")
    await make_contribution(world, TEXTS[0])
    deliverable = await _deliverable(desk)
    report = await desk.ok("POST", f"/deliverables/{deliverable['id']}/draft", {})
    texts = [p["markdown"] for p in await _proposed(desk, deliverable)]
    assert texts[-1] == "Profil absent de cette partie : organismes de recherche."
    assert report["absent"][0]["profiles"] == ["foundation", "research", "state_body"]


async def test_a_second_run_proposes_nothing_and_what_was_refused_stays_refused(world: World) -> None:
    desk = Desk(world)
    for text in TEXTS:
        await make_contribution(world, text)
    await make_contribution(world, TEXTS[0], kind="learning")
    deliverable = await _deliverable(desk)
    path = f"/deliverables/{deliverable['id']}/draft"
    first = await desk.ok("POST", path, {"per_theme": 2})
    assert (first["contributions"], first["passages"]) == (3, 5)
    assert (await desk.ok("POST", path, {"per_theme": 2}))["passages"] == 0
    proposed = await _proposed(desk, deliverable)
    refused, *others = [p for p in proposed if p["kind"] == "quotation"]
    await desk.ok("POST", f"/passages/{refused['passage_id']}/suggestions/1/refuse", {"reason": "Déjà dit."})
    for one in others:
        await desk.ok("POST", f"/passages/{one['passage_id']}/suggestions/1/accept")
    again = await desk.ok("POST", path, {"per_theme": 2})
    assert (again["passages"], again["citations"]) == (0, 0)
    more = await desk.ok("POST", path, {"per_theme": 3})
    assert (more["contributions"], more["passages"]) == (1, 1)
    order = {"deliverable_id": deliverable["id"], "rule": "Tout le brouillon", "by_rule": "draft/1"}
    assert (await desk.ok("POST", "/passages/accept-many", order))["accepted"] == 3
    document = await desk.document(deliverable)
    numbers = [n for s in document["sections"] for p in s["passages"] for n in p["citations"]]
    assert len(numbers) == len(set(numbers)) == 3


async def test_treated_contributions_are_not_brought_back_and_cited_ones_are_not_doubled(world: World) -> None:
    desk = Desk(world)
    cited, aside = await make_contribution(world, TEXTS[0]), await make_contribution(world, TEXTS[1])
    deliverable = await _deliverable(desk)
    section = deliverable["sections"][2]
    await desk.cite(deliverable, cited, "Nos adhérents attendent trois mois")
    await desk.passage(section, "[@c1]", "quotation")
    await desk.treat(deliverable, aside, "set_aside", reason_code="duplicate")
    report = await desk.ok("POST", f"/deliverables/{deliverable['id']}/draft", {})
    assert (report["contributions"], report["citations"], report["left_out"]) == (0, 0, 0)


async def test_a_theme_that_looks_like_a_marker_is_only_a_title(world: World) -> None:
    desk = Desk(world)
    said = await make_contribution(world, TEXTS[0])
    await make_theme(world, "{0} [@c9] *gras* <b>", said)
    deliverable = await _deliverable(desk)
    await desk.ok("POST", f"/deliverables/{deliverable['id']}/draft", {})
    heading = (await _proposed(desk, deliverable))[0]
    assert (heading["kind"], heading["citations"]) == ("heading", [])
    assert heading["html"].strip() == "<p>{0} (@c9] *gras* &lt;b&gt;</p>"


async def _crowd(world: World, database: Database, contributions: int, replies: int) -> None:
    """Many contributions in ten themes, and more replies, written in bulk."""
    random = Random(5)
    speaker = world.mandates["participant"]
    who = {"person_id": speaker.person_id, "organisation_id": speaker.organisation_id, "mandate_id": speaker.id}
    place = {"initiative_id": world.initiative.id, "space_id": world.restricted.id}
    statements: list[dict[str, Any]] = []
    revisions: list[dict[str, Any]] = []
    for n in range(contributions + replies):
        root = None if n < contributions else statements[random.randrange(contributions)]
        statement_id, revision_id = new_id(), new_id()
        plain = (
            f"Phrase numéro {n} d’une longue consultation. "
            + "Elle continue avec d’autres mots. " * random.randint(1, 30)
        )
        plain = plain.strip()
        statements.append(
            {"id": statement_id, "head_id": revision_id, "root_id": root["id"] if root else statement_id}
            | {"parent_id": root["id"] if root else None, "type": "reply" if root else "contribution"}
            | {"kind": None if root else "proposal", "side": random.choice(["for", "against"]) if root else None}
            | {"state": "published", "root_state": "published", "consent": "name", "root_consent": "name"}
            | {"capacity": "organisation", "occurred_at": now(), "recorded_at": now(), "published_at": now()}
            | {"first_n": 1, "origin": "posted", "replies_for": 3, "replies_against": 2}
            | who
            | place
        )
        revisions.append(
            {"id": revision_id, "statement_id": statement_id, "n": 1, "markdown": plain, "plain": plain, "html": ""}
            | {"plain_sha256": hashlib.sha256(plain.encode()).digest(), "plain_length": len(plain)}
            | {"consent": "name", "created_at": now()}
            | place
        )
    themes = [{"id": new_id(), "title": f"Thème {n}", "position": n, "created_at": now()} | place for n in range(10)]
    filings = [
        {"theme_id": themes[n % 10]["id"], "statement_id": statements[n]["id"], "created_at": now()} | place
        for n in range(contributions)
    ]
    async with database.sessions() as db:
        for model, rows in ((Theme, themes), (Statement, statements), (Revision, revisions), (Filing, filings)):
            for at in range(0, len(rows), 500):
                await db.execute(insert(model), rows[at : at + 500])
        await db.commit()


async def test_seven_hundred_contributions_and_four_thousand_replies_take_seconds(
    world: World, database: Database
) -> None:
    await _crowd(world, database, 700, 4_000)
    desk = Desk(world)
    deliverable = await _deliverable(desk)
    actor = await world.actor("copilot")
    started = time.perf_counter()
    async with database.sessions() as db:
        report = await draft(db, actor, UUID(deliverable["id"]), per_theme=50)
        await db.commit()
    elapsed = time.perf_counter() - started
    assert (report.contributions, report.left_out) == (500, 200)
    assert report.citations > 1_000
    assert elapsed < 10, f"{elapsed:.1f} s"
    await _every_word_is_found_again(database, UUID(deliverable["id"]))


async def _every_word_is_found_again(database: Database, deliverable_id: UUID) -> None:
    """A separate reading: each quote is in its revision where it says, each marker has its row and each row its marker."""
    async with database.reading() as connection:
        quotes = await connection.execute(
            select(Extract.quote, Extract.start, Extract.end, Revision.plain)
            .join(Citation, Citation.extract_id == Extract.id)
            .join(Revision, Revision.id == Extract.revision_id)
            .where(Citation.deliverable_id == deliverable_id)
        )
        for quote, start, end, plain in quotes.all():
            assert plain[start:end] == quote
            assert 10 <= len(quote) <= 240
            assert len(quote.split()) >= 2
        texts = await connection.execute(
            select(PassageRevision.id, PassageRevision.markdown).where(PassageRevision.deliverable_id == deliverable_id)
        )
        named = await connection.execute(
            select(PassageCitation.passage_revision_id, Citation.number)
            .join(Citation, Citation.id == PassageCitation.citation_id)
            .where(PassageCitation.deliverable_id == deliverable_id)
            .order_by(PassageCitation.ordinal)
        )
        rows: dict[UUID, list[int]] = {}
        for revision_id, number in named.all():
            rows.setdefault(revision_id, []).append(number)
        assert all(numbers_in(markdown) == rows.get(revision_id, []) for revision_id, markdown in texts.all())
        heads = await connection.execute(
            select(Passage.id).where(Passage.deliverable_id == deliverable_id, Passage.head_id.is_not(None))
        )
        assert len(heads.all()) == 1  # the template's own sentence
