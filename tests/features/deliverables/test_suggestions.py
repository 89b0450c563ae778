"""Suggestions: proposed on a base, accepted on that base only; a proposal counts for nothing until a person accepts it."""

from __future__ import annotations

from tests.factories import change, make_contribution
from tests.features.deliverables.desk import Desk
from tests.world import World

WHY = {"reason": "Le chiffre est celui de 2019."}
QUOTE = "Il manque deux mois de trésorerie"


async def test_a_suggestion_is_accepted_on_its_base(world: World) -> None:
    desk = Desk(world)
    section = await desk.section(await desk.deliverable())
    passage = await desk.passage(section, "Premiers mots.")
    path = f"/passages/{passage['id']}"
    suggested = await desk.ok("POST", f"{path}/suggestions", {"markdown": "Mots meilleurs."})
    assert suggested["head"]["markdown"] == "Premiers mots."
    assert [(s["n"], s["state"]) for s in suggested["suggestions"]] == [(2, "proposed")]
    done = await desk.ok("POST", f"{path}/suggestions/2/accept", match=1)
    assert (done["head"]["n"], done["head"]["markdown"], done["version"]) == (2, "Mots meilleurs.", 2)
    assert done["head"]["decided_by"] == str(world.persons["copilot"].id)
    assert done["head"]["decided_by_rule"] is None
    await desk.refused(409, "POST", f"{path}/suggestions/2/accept")
    changes = await desk.ok("GET", f"{path}/differences?before=1&after=2")
    assert "".join(c["text"] for c in changes["changes"] if c["op"] != "added") == "Premiers mots."


async def test_accepting_on_another_head_is_412_whatever_if_match_says(world: World) -> None:
    desk = Desk(world)
    section = await desk.section(await desk.deliverable())
    passage = await desk.passage(section, "Premiers mots.")
    path = f"/passages/{passage['id']}"
    await desk.ok("POST", f"{path}/suggestions", {"markdown": "Mots meilleurs."})
    await desk.ok("PUT", f"{path}/text", {"markdown": "Mots nouveaux."}, match=1)
    for match in ("*", 2):
        problem = await desk.refused(412, "POST", f"{path}/suggestions/2/accept", match=match)
        assert problem["type"] == "/problems/head-moved"
    await desk.refused(412, "POST", f"{path}/suggestions/2/refuse", WHY, match=1)
    await desk.refused(428, "POST", f"{path}/suggestions/2/refuse", WHY, match=None)
    assert (await desk.ok("GET", path))["head"]["markdown"] == "Mots nouveaux."
    refused = await desk.ok("POST", f"{path}/suggestions/2/refuse", WHY, match=2)
    assert refused["suggestions"] == []


async def test_a_refusal_says_why_and_whoever_proposed_reads_it(world: World) -> None:
    desk = Desk(world)
    passage = await desk.passage(await desk.section(await desk.deliverable()), "Premiers mots.")
    path = f"/passages/{passage['id']}"
    await desk.ok("POST", f"{path}/suggestions", {"markdown": "Mots meilleurs."})
    for wrong in (None, {}, {"reason": ""}, {"reason": " \n "}, {"reason": "x" * 501}, {"reason": None}):
        await desk.refused(422, "POST", f"{path}/suggestions/2/refuse", wrong)
    assert (await desk.ok("GET", path))["suggestions"][0]["refusal_reason"] is None
    longest = "Le chiffre est celui de 2019.\n" + "é" * 470
    await desk.ok("POST", f"{path}/suggestions/2/refuse", {"reason": f"  {longest} "})
    revisions = (await desk.ok("GET", f"{path}/revisions"))["items"]
    assert [(it["state"], it["refusal_reason"]) for it in revisions] == [("accepted", None), ("refused", longest)]
    await desk.refused(409, "POST", f"{path}/suggestions/2/refuse", {"reason": "Un autre motif."})


async def test_a_stale_or_missing_version_changes_nothing(world: World) -> None:
    desk = Desk(world)
    section = await desk.section(await desk.deliverable())
    passage = await desk.passage(section, "Premiers mots.")
    path = f"/passages/{passage['id']}"
    await desk.ok("PUT", f"{path}/text", {"markdown": "Deuxièmes."}, match=1)
    await desk.refused(412, "PUT", f"{path}/text", {"markdown": "Écrasés."}, match=1)
    await desk.refused(428, "PUT", f"{path}/text", {"markdown": "Écrasés."}, match=None)
    await desk.refused(412, "DELETE", path, match=1)
    assert (await desk.ok("GET", path))["head"]["markdown"] == "Deuxièmes."


async def test_a_proposed_passage_counts_for_nothing_and_refusing_takes_it_away(world: World) -> None:
    desk = Desk(world)
    said = await make_contribution(world)
    deliverable = await desk.deliverable()
    section = await desk.section(deliverable)
    await desk.cite(deliverable, said, QUOTE)
    passage = await desk.passage(section, "Proposé seulement [@c1].", proposed=True)
    assert passage["head"] is None
    gate = await desk.gate(deliverable)
    assert (gate["empty"], gate["untreated_count"], gate["proposed"]) == (True, 1, 1)
    assert (await desk.document(deliverable))["counts"]["sourced"] == 0
    waiting = (await desk.ok("GET", f"/deliverables/{deliverable['id']}/proposals"))["items"]
    assert [w["passage_id"] for w in waiting] == [passage["id"]]
    refused = await desk.ok("POST", f"/passages/{passage['id']}/suggestions/1/refuse", WHY)
    assert refused["removed_at"] is not None
    assert (await desk.gate(deliverable))["proposed"] == 0


async def test_many_are_accepted_by_a_recorded_rule(world: World) -> None:
    desk = Desk(world)
    deliverable = await desk.deliverable()
    section, other = await desk.section(deliverable), await desk.section(deliverable, "Autre")
    said, lost = await make_contribution(world), await make_contribution(world)
    await desk.cite(deliverable, said, QUOTE)
    await desk.cite(deliverable, lost, QUOTE)
    good = await desk.passage(section, "Bon [@c1].", proposed=True)
    broken = await desk.passage(section, "Sans consentement [@c2].", proposed=True)
    elsewhere = await desk.passage(other, "Ailleurs.", proposed=True)
    stale = await desk.passage(section, "Écrit.")
    await desk.ok("POST", f"/passages/{stale['id']}/suggestions", {"markdown": "Suggéré."})
    await desk.ok("PUT", f"/passages/{stale['id']}/text", {"markdown": "Récrit."})
    await change(world, lost, consent="internal")
    order = {"deliverable_id": deliverable["id"], "rule": "Relus ensemble le 3 septembre", "section_id": section["id"]}
    done = await desk.ok("POST", "/passages/accept-many", order)
    assert done == {"accepted": 1, "refused_by_consent": [broken["id"]], "stale": [stale["id"]]}
    accepted = await desk.ok("GET", f"/passages/{good['id']}")
    assert accepted["head"]["decided_by_rule"] == "Relus ensemble le 3 septembre"
    assert accepted["version"] == 2
    assert (await desk.ok("GET", f"/passages/{elsewhere['id']}"))["head"] is None
    assert (await desk.document(deliverable))["counts"]["accepted_by_rule"] == 1
