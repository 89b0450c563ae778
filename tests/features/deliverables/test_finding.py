"""Words are found in the text while it is written, and among what is not cited yet."""

from __future__ import annotations

from tests.factories import make_contribution
from tests.features.deliverables.desk import Desk
from tests.world import World


async def test_a_passage_is_found_by_its_words(world: World) -> None:
    desk = Desk(world)
    deliverable = await desk.deliverable()
    section = await desk.section(deliverable)
    found = await desk.passage(section, "Les trésoreries <i> s’épuisent vite.")
    await desk.passage(section, "Autre chose.")
    other = await desk.section(await desk.deliverable())
    await desk.passage(other, "Une trésorerie ailleurs.")
    gone = await desk.passage(section, "Une trésorerie retirée.")
    await desk.ok("DELETE", f"/passages/{gone['id']}")
    page = await desk.ok("GET", f"/deliverables/{deliverable['id']}/passages?q=trésorerie")
    assert [one["passage_id"] for one in page["items"]] == [found["id"]]
    assert {"text": "trésoreries", "hit": True} in page["items"][0]["text"]
    assert "<i>" in "".join(piece["text"] for piece in page["items"][0]["text"])
    none = await desk.ok("GET", f"/deliverables/{deliverable['id']}/passages?q=trésorerie -vite")
    assert none["items"] == []
    phrase = await desk.ok("GET", f'/deliverables/{deliverable["id"]}/passages?q="épuisent vite"')
    assert len(phrase["items"]) == 1
    await desk.refused(422, "GET", f"/deliverables/{deliverable['id']}/passages?q=les")


async def test_a_quotation_is_found_by_what_it_quotes(world: World) -> None:
    desk = Desk(world)
    said = await make_contribution(world, markdown="Il manque deux mois de trésorerie partout.")
    deliverable = await desk.deliverable()
    citation = await desk.cite(deliverable, said, "deux mois de trésorerie")
    section = await desk.section(deliverable)
    await desk.passage(section, f"[@c{citation['number']}]", "quotation")
    page = await desk.ok("GET", f"/deliverables/{deliverable['id']}/passages?q=trésorerie")
    assert [one["kind"] for one in page["items"]] == ["quotation"]


async def test_what_is_not_cited_yet_is_listed_by_section_and_words(world: World) -> None:
    desk = Desk(world)
    cited = await make_contribution(world, markdown="Il manque deux mois de trésorerie partout.")
    free = await make_contribution(world, markdown="La trésorerie ne suffit plus du tout.")
    other = await make_contribution(world, markdown="Nous cherchons des locaux.", title="Locaux")
    deliverable = await desk.deliverable()
    citation = await desk.cite(deliverable, cited, "deux mois de trésorerie")
    section = await desk.section(deliverable, about_space_id=str(world.restricted.id))
    empty = await desk.section(deliverable, about_space_id=str(world.shared.id))
    await desk.passage(section, f"On le dit [@c{citation['number']}].")
    path = f"/deliverables/{deliverable['id']}/treatments?cited="

    async def listed(query: str) -> set[str]:
        return {one["statement_id"] for one in (await desk.ok("GET", path + query))["items"]}

    assert await listed("false") == {str(free.id), str(other.id)}
    assert await listed("true") == {str(cited.id)}
    assert await listed("false&q=trésorerie") == {str(free.id)}
    assert await listed(f"false&section_id={section['id']}") == {str(free.id), str(other.id)}
    assert await listed(f"false&section_id={empty['id']}") == set()
    elsewhere = await desk.section(await desk.deliverable())
    await desk.refused(422, "GET", f"{path}false&section_id={elsewhere['id']}")
