"""Minutes composed from what was kept, and the page that shows it all in two statements."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.core.db import Reader
from app.core.richtext.canonical import to_plain
from app.core.text import LONGEST_MARKDOWN
from app.features.sessions import queries
from app.features.sessions.actions.composing import escaped
from app.features.sessions.models import SessionState
from tests.climbing import call
from tests.features.sessions.conftest import TOMORROW, Plan, items, made
from tests.world import World


async def filled(world: World, plan: Plan) -> UUID:
    """A session of which something of each kind was kept."""
    session = await plan(SessionState.HELD, days=TOMORROW)
    path = f"/sessions/{session}"
    sheet = [
        {"organisation_id": str(world.organisation.id), "status": "present"},
        {"organisation_id": str(world.other.id), "status": "excused"},
    ]
    assert (await call(world, "copilot", "PUT", f"{path}/attendance", {"entries": sheet})).status_code == 200
    point = {"title": "Bilan *provisoire* #1", "minutes": 90, "presenter_organisation_id": str(world.other.id)}
    item = await made(world, "copilot", f"{path}/agenda", point)
    heard = {"speaker_organisation_id": str(world.organisation.id), "agenda_item_id": item["id"]}
    await made(world, "facilitator", f"{path}/notes", {"markdown": "# Deux mois\n\n- de trésorerie", **heard})
    await made(world, "participant", f"{path}/notes", {"markdown": "Salle trop petite."})
    await made(world, "copilot", f"{path}/decisions", {"text": "Se revoir\nen <mai>."})
    action = {"kind": "action", "text": "Remonter les besoins.", "owner_organisation_id": str(world.other.id)}
    await made(world, "copilot", f"{path}/decisions", {**action, "due_on": "2027-04-15"})
    return session


async def test_minutes_hold_all_that_was_kept_as_it_was_said(world: World, plan: Plan) -> None:
    session = await filled(world, plan)
    composed = await call(
        world, "facilitator", "POST", f"/sessions/{session}/minutes/compose", **{"If-Match": '"v0-0"'}
    )
    assert (composed.status_code, composed.json()["n"]) == (200, 1)
    markdown = composed.json()["markdown"]
    facilitator, association = world.persons["facilitator"].name, world.organisation.name
    for words in (
        f"Présents :\n\n- {association}\n",
        f"Excusés :\n\n- {world.other.name}\n",
        "### 1. Bilan \\*provisoire\\* \\#1",
        f" h 30, présenté par {world.other.name}.*",
        f"**{association}** (noté par {facilitator}, {association}) :\n\n> # Deux mois\n>\n> - de trésorerie",
        f"## Hors de l’ordre du jour\n\nNoté par {world.persons['participant'].name}, {association} :\n\n> Salle",
        "## Décisions\n\n- Se revoir en \\<mai\\>.",
        f"## Actions\n\n- Remonter les besoins. ({world.other.name}, pour le jeudi 15 avril 2027)",
    ):
        assert words in markdown, (words, markdown)
    assert "Bilan *provisoire* #1" in to_plain(markdown)
    path = f"/sessions/{session}/minutes"
    await call(world, "facilitator", "PUT", path, {"markdown": "Relu et corrigé."})
    await made(world, "participant", f"/sessions/{session}/notes", {"markdown": "Une note de plus."})
    again = await call(world, "copilot", "POST", f"{path}/compose", **{"If-Match": '"v2-0"'})
    assert (again.json()["n"], "Une note de plus." in again.json()["markdown"]) == (3, True)
    assert (await call(world, "participant", "GET", f"{path}/revisions/2")).json()["markdown"] == "Relu et corrigé."
    stale = await call(world, "copilot", "POST", f"{path}/compose", **{"If-Match": '"v2-0"'})
    assert stale.status_code == 412


async def test_notes_that_do_not_fit_are_said_to_be_left_out(world: World, plan: Plan) -> None:
    session = await filled(world, plan)
    for _ in range(2):
        note = {"markdown": "mot " * (LONGEST_MARKDOWN // 5)}
        await made(world, "participant", f"/sessions/{session}/notes", note)
    composed = (await call(world, "copilot", "POST", f"/sessions/{session}/minutes/compose")).json()["markdown"]
    assert "4 notes n’ont pas été reprises ici" in composed
    assert len(composed) < LONGEST_MARKDOWN
    assert "Remonter les besoins." in composed


def test_plain_text_reads_as_it_was_typed() -> None:
    for text in ("# titre", "- tiret", "1. un", "12) douze", "*a* _b_ `c` [d](e) <f> |g| ~h~ \\i", "+ plus", "= égal"):
        assert to_plain(f"- {escaped(text)}") == text
        assert to_plain(escaped(text)) == text


async def test_the_page_says_what_the_lists_say_in_two_statements(world: World, plan: Plan) -> None:
    session = await filled(world, plan)
    actor, reader = await world.actor("lead"), Reader(world.database)
    page = await queries.get_session_page(reader, actor, session)
    await reader.release()
    assert reader.statements == 2
    path = f"/sessions/{session}"
    for tail, rows in (
        ("agenda", [point.item for point in page.agenda]),
        ("notes", page.notes),
        ("decisions", page.decisions),
        ("amendments", page.amendments),
    ):
        listed = await items(world, "lead", f"{path}/{tail}")
        assert [row["id"] for row in listed] == [str(row.id) for row in rows], tail
        assert [row["version"] for row in listed] == [row.version for row in rows], tail
    of: tuple[tuple[str, list[Any]], ...] = (
        ("answers", page.answers),
        ("attendance", page.attendance),
        ("minutes/readings", page.readings),
    )
    for tail, held in of:
        listed = await items(world, "lead", f"{path}/{tail}")
        assert [row["organisation_id"] for row in listed] == [str(row.organisation_id) for row in held], tail
    assert [answer.answer for answer in page.answers] == [None]
    [first, second] = page.notes
    assert (first.speaker_name, second.speaker_name) == (world.organisation.name, None)
    assert page.agenda[0].starts_at == page.whole.card.starts_at
    assert first.created_at.tzinfo is not None


async def test_mine_and_awaited_take_one_statement_each(world: World, plan: Plan) -> None:
    await plan(days=TOMORROW)
    actor = await world.actor("lead")
    for asking in (
        lambda read: queries.list_my_upcoming(read, actor, cursor=None, limit=25),
        lambda read: queries.list_awaiting_answer(read, actor),
    ):
        reader = Reader(world.database)
        await asking(reader)
        await reader.release()
        assert reader.statements == 1
