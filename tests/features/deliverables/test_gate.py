"""Promise 4: nobody is forgotten. The gate lists what refuses publication, and each entry can be made to appear and go."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import select

from app.core.clock import now
from app.core.db import Database
from app.features.deliverables.models import Deliverable, Fate, Treatment
from app.features.deliverables.queries.gate import LONGEST_LIST, Gate, Unsettled, gate_out, publication_gate
from app.features.deliverables.schemas.citing import OutdatedWhy
from tests.factories import change, make_contribution, make_reply, revise
from tests.features.deliverables.desk import Desk
from tests.world import World

QUOTE = "Il manque deux mois de trésorerie"
NEW = "Les subventions attendues ne sont toujours pas versées, et le temps passe."


async def test_an_empty_deliverable_does_not_pass(world: World) -> None:
    desk = Desk(world)
    deliverable = await desk.deliverable()
    gate = await desk.gate(deliverable)
    assert (gate["blocks"], gate["empty"], gate["untreated"]) == (True, True, [])
    passage = await desk.passage(await desk.section(deliverable), "Des mots.")
    assert (await desk.gate(deliverable))["blocks"] is False
    await desk.ok("DELETE", f"/passages/{passage['id']}")
    assert (await desk.gate(deliverable))["empty"] is True


async def test_the_scope_is_spaces_kinds_and_instant(world: World) -> None:
    desk = Desk(world)
    cutoff = now() - timedelta(minutes=30)
    before, after = cutoff - timedelta(minutes=1), cutoff + timedelta(minutes=1)
    inside = await make_contribution(world, at=before, title="Dedans")
    at_last = await make_contribution(world, at=cutoff, title="Au dernier instant")
    later = await make_contribution(world, at=after, title="Après")
    await make_contribution(world, at=before, kind="question")
    await make_contribution(world, at=before, space=world.shared)
    await make_contribution(world, at=before, state="draft")
    withdrawn = await make_contribution(world, at=before)
    await change(world, withdrawn, state="withdrawn", state_reason="mistake")
    await make_reply(world, inside)
    deliverable = await desk.deliverable(
        space_ids=[str(world.restricted.id)], kinds=["need"], cutoff_at=cutoff.isoformat()
    )
    gate = await desk.gate(deliverable)
    assert {s["statement_id"] for s in gate["untreated"]} == {str(inside.id), str(at_last.id)}
    arrived = (await desk.ok("GET", f"/deliverables/{deliverable['id']}/arrived-after"))["items"]
    assert [a["statement_id"] for a in arrived] == [str(later.id)]
    scope = {"space_ids": [str(world.restricted.id), str(world.shared.id)], "cutoff_at": now().isoformat()}
    await desk.refused(412, "PUT", f"/deliverables/{deliverable['id']}/scope", scope, match=9)
    await desk.ok("PUT", f"/deliverables/{deliverable['id']}/scope", scope, match=1)
    assert (await desk.gate(deliverable))["untreated_count"] == 5


async def test_what_only_a_removed_or_proposed_passage_cites_is_not_cited(world: World) -> None:
    desk = Desk(world)
    said = await make_contribution(world)
    deliverable = await desk.deliverable()
    section = await desk.section(deliverable)
    await desk.cite(deliverable, said, QUOTE)
    passage = await desk.passage(section, "Vu [@c1].")
    await desk.passage(section, "Proposé [@c1].", proposed=True)
    assert (await desk.gate(deliverable))["counts"]["cited"] == 1
    await desk.ok("PUT", f"/passages/{passage['id']}/text", {"markdown": "Sans source, désormais."})
    assert (await desk.gate(deliverable))["untreated_count"] == 1
    await desk.ok("PUT", f"/passages/{passage['id']}/text", {"markdown": "De nouveau [@c1]."})
    assert (await desk.gate(deliverable))["counts"]["cited"] == 1
    await desk.ok("DELETE", f"/passages/{passage['id']}")
    gate = await desk.gate(deliverable)
    assert (gate["untreated_count"], gate["counts"]["cited"], gate["empty"]) == (1, 0, True)


async def test_treating_opens_the_gate_until_the_words_change(world: World, database: Database) -> None:
    desk = Desk(world)
    said = await make_contribution(world)
    deliverable = await desk.deliverable()
    await desk.passage(await desk.section(deliverable), "Des mots.")
    assert (await desk.gate(deliverable))["untreated_count"] == 1
    first = await desk.treat(deliverable, said)
    assert (await desk.gate(deliverable))["blocks"] is False
    await revise(world, said, NEW)
    gate = await desk.gate(deliverable)
    assert (gate["blocks"], gate["untreated_count"], gate["outdated_treatments_count"]) == (True, 0, 1)
    assert gate["outdated_treatments"][0]["because"] == "revised_since_treated"
    await desk.treat(deliverable, said, "set_aside", reason_code="too_vague")
    gate = await desk.gate(deliverable)
    assert (gate["blocks"], gate["counts"]["set_aside"]) == (False, 1)
    async with database.reading() as connection:
        rows = await connection.execute(select(Treatment.id).where(Treatment.superseded_at.is_not(None)))
        assert UUID(first["id"]) in set(rows.scalars())


async def test_moderating_takes_nothing_out_of_the_scope(world: World) -> None:
    """Hidden before the publication and shown again after it, a contribution would be forgotten."""
    desk = Desk(world)
    said = await make_contribution(world)
    await make_contribution(world, who=None, state="draft")
    deliverable = await desk.deliverable()
    await desk.passage(await desk.section(deliverable), "Des mots.")
    await desk.refused(422, "POST", f"/contributions/{said.id}/moderate", {"reason": "imported"})
    await desk.ok("POST", f"/contributions/{said.id}/moderate", {"reason": "off_topic"})
    gate = await desk.gate(deliverable)
    assert (gate["blocks"], gate["untreated_count"], gate["untreated"][0]["moderated"]) == (True, 1, True)
    assert (await desk.ok("GET", f"/deliverables/{deliverable['id']}/treatments"))["items"][0]["state"] == "moderated"
    coverage = await desk.ok("GET", f"/coverage?deliverable_id={deliverable['id']}")
    assert (coverage["total"]["contributed"], coverage["total"]["in_scope"], coverage["total"]["untreated"]) == (
        1,
        1,
        1,
    )
    waiver = {"deliverable_id": deliverable["id"], "statement_id": str(said.id), "kind": "untreated"}
    waived = await desk.ok("POST", "/waivers", waiver | {"reason": "Une publicité, masquée le jour même."})
    assert (await desk.gate(deliverable))["blocks"] is False
    await desk.ok("POST", f"/waivers/{waived['id']}/revoke")
    await desk.treat(deliverable, said, "set_aside", reason_code="off_topic")
    assert (await desk.gate(deliverable))["blocks"] is False
    await desk.ok("POST", f"/contributions/{said.id}/restore")
    assert (await desk.gate(deliverable))["counts"]["set_aside"] == 1


async def test_what_was_hidden_where_it_came_from_is_not_answered_for(world: World) -> None:
    desk = Desk(world)
    said = await make_contribution(world, who=None)
    deliverable = await desk.deliverable()
    await change(world, said, state="moderated", state_reason="imported")
    assert (await desk.gate(deliverable))["untreated_count"] == 0


async def test_a_treatment_is_of_the_words_that_were_read(world: World) -> None:
    desk = Desk(world)
    said = await make_contribution(world)
    deliverable = await desk.deliverable()
    read = str(said.head_id)
    await revise(world, said, NEW)
    body = {
        "deliverable_id": deliverable["id"],
        "statement_id": str(said.id),
        "revision_id": read,
        "outcome": "answered",
        "sentence": "Répondu par lettre.",
    }
    assert (await desk.refused(412, "POST", "/treatments", body))["type"] == "/problems/revised-since"
    await desk.ok("POST", "/treatments", body | {"revision_id": str(said.head_id)})


async def test_only_the_scope_is_treated_and_outcomes_are_complete(world: World) -> None:
    desk = Desk(world)
    said, reply = await make_contribution(world), None
    reply = await make_reply(world, said)
    deliverable = await desk.deliverable(kinds=["solution"])
    body = {"deliverable_id": deliverable["id"], "outcome": "answered", "sentence": "Répondu par lettre."}
    refusals = [
        await desk.refused(422, "POST", "/treatments", body | {"statement_id": str(statement)})
        for statement in (said.id, reply.id, UUID(int=7))
    ]
    assert len({r["detail"] for r in refusals}) == 1
    body = body | {"statement_id": str(said.id)}
    for wrong in (
        {"outcome": "merged"},
        {"outcome": "set_aside"},
        {"reason_code": "off_topic"},
        {"sentence": "Court."},
    ):
        await desk.refused(422, "POST", "/treatments", body | wrong)


async def test_merging_follows_its_target(world: World) -> None:
    desk = Desk(world)
    one, two, three = [await make_contribution(world, title=title) for title in ("Un", "Deux", "Trois")]
    deliverable = await desk.deliverable()
    section = await desk.section(deliverable)
    await desk.cite(deliverable, three, QUOTE)
    cited = await desk.passage(section, "Réuni [@c1].")
    await desk.treat(deliverable, one, "merged", target_id=str(two.id))
    await desk.treat(deliverable, two, "merged", target_id=str(three.id))
    body = {
        "deliverable_id": deliverable["id"],
        "statement_id": str(three.id),
        "outcome": "merged",
        "target_id": str(one.id),
        "sentence": "En boucle, par erreur.",
    }
    assert (await desk.refused(422, "POST", "/treatments", body))["type"] == "/problems/merged-in-circle"
    await desk.refused(422, "POST", "/treatments", body | {"target_id": str(three.id)})
    gate = await desk.gate(deliverable)
    assert (gate["blocks"], gate["counts"]["merged"], gate["counts"]["cited"]) == (False, 2, 1)
    await change(world, three, state="withdrawn", state_reason="mistake")
    gate = await desk.gate(deliverable)
    assert [s["because"] for s in gate["outdated_treatments"]] == ["target_gone"]
    await desk.ok("DELETE", f"/passages/{cited['id']}")
    assert (await desk.gate(deliverable))["outdated_treatments"][0]["statement_id"] == str(two.id)


async def test_a_target_hidden_unknown_or_elsewhere_is_one_refusal(world: World) -> None:
    desk = Desk(world)
    said = await make_contribution(world)
    draft = await make_contribution(world, state="draft")
    reply = await make_reply(world, said)
    outside = await make_contribution(world, space=world.shared)
    deliverable = await desk.deliverable(space_ids=[str(world.restricted.id)])
    body = {
        "deliverable_id": deliverable["id"],
        "statement_id": str(said.id),
        "outcome": "merged",
        "sentence": "Réunie avec une autre.",
    }
    answers = [
        await desk.refused(422, "POST", "/treatments", body | {"target_id": str(target)})
        for target in (draft.id, reply.id, outside.id, UUID(int=9))
    ]
    assert len({answer["detail"] for answer in answers}) == 1
    await desk.cite(deliverable, outside, QUOTE)
    await desk.passage(await desk.section(deliverable), "Venu d’ailleurs [@c1].")
    await desk.ok("POST", "/treatments", body | {"target_id": str(outside.id)})


async def test_waivers_open_the_gate_for_the_words_they_were_given_for(world: World) -> None:
    desk = Desk(world)
    said = await make_contribution(world)
    deliverable = await desk.deliverable()
    await desk.passage(await desk.section(deliverable), "Des mots.")
    body = {
        "deliverable_id": deliverable["id"],
        "statement_id": str(said.id),
        "kind": "untreated",
        "reason": "Arrivée la veille de la clôture.",
    }
    await desk.refused(422, "POST", "/waivers", body | {"reason": "Bof."})
    assert (await desk.refused(409, "POST", "/waivers", body | {"kind": "outdated_citation"}))["type"] == (
        "/problems/nothing-to-waive"
    )
    waiver = await desk.ok("POST", "/waivers", body)
    gate = await desk.gate(deliverable)
    assert (gate["blocks"], gate["counts"]["waived"]) == (False, 1)
    assert [(w["reason"], w["by_name"]) for w in gate["waived"]] == [
        ("Arrivée la veille de la clôture.", world.persons["copilot"].name)
    ]
    await desk.refused(409, "POST", "/waivers", body)
    await revise(world, said, NEW)
    assert (await desk.gate(deliverable))["blocks"] is True
    again = await desk.ok("POST", "/waivers", body)
    assert (await desk.gate(deliverable))["blocks"] is False
    assert (await desk.ok("GET", f"/waivers/{waiver['id']}"))["revoked_at"] is not None
    await desk.refused(412, "POST", f"/waivers/{again['id']}/revoke", match=2)
    await desk.ok("POST", f"/waivers/{again['id']}/revoke", match=1)
    assert (await desk.gate(deliverable))["blocks"] is True


async def test_an_outdated_citation_can_be_waived_but_not_a_withdrawn_one_nor_consent(world: World) -> None:
    desk = Desk(world)
    said = await make_contribution(world)
    deliverable = await desk.deliverable()
    await desk.cite(deliverable, said, QUOTE)
    await desk.passage(await desk.section(deliverable), "Vu [@c1].")
    await revise(world, said, NEW)
    body = {
        "deliverable_id": deliverable["id"],
        "statement_id": str(said.id),
        "kind": "outdated_citation",
        "reason": "La version d’avril reste la bonne.",
    }
    await desk.ok("POST", "/waivers", body)
    gate = await desk.gate(deliverable)
    assert (gate["blocks"], gate["counts"]["cited"], len(gate["waived"])) == (False, 1, 1)
    await change(world, said, consent="internal")
    assert (await desk.gate(deliverable))["blocks"] is True
    await change(world, said, consent="name", state="withdrawn", state_reason="mistake")
    assert [c["why"] for c in (await desk.gate(deliverable))["outdated_citations"]] == [["revised", "withdrawn"]]
    await desk.refused(409, "POST", "/waivers", body)


async def test_the_queue_gives_each_contribution_one_status(world: World) -> None:
    desk = Desk(world)
    said = [await make_contribution(world, title=f"N° {n}") for n in range(6)]
    deliverable = await desk.deliverable()
    await desk.cite(deliverable, said[0], QUOTE)
    await desk.passage(await desk.section(deliverable), "Vu [@c1].")
    await desk.treat(deliverable, said[1])
    await desk.treat(deliverable, said[2], "set_aside", reason_code="duplicate")
    await desk.treat(deliverable, said[3], "merged", target_id=str(said[0].id))
    await desk.treat(deliverable, said[4])
    await revise(world, said[4], NEW)
    path = f"/deliverables/{deliverable['id']}/treatments"
    everything = (await desk.ok("GET", path))["items"]
    statuses = {item["statement_id"]: item["status"] for item in everything}
    expected = ["cited", "answered", "set_aside", "merged", "outdated", "untreated"]
    assert [statuses[str(s.id)] for s in said] == expected
    for statement, status in zip(said, expected, strict=True):
        found = (await desk.ok("GET", f"{path}?status={status}"))["items"]
        assert [item["statement_id"] for item in found] == [str(statement.id)]
    seen: list[str] = []
    cursor = ""
    while True:
        page = await desk.ok("GET", f"{path}?limit=4{cursor}")
        seen += [item["statement_id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == [item["statement_id"] for item in everything]


async def test_a_rule_treats_what_it_says_and_says_so(world: World) -> None:
    desk = Desk(world)
    internal = await make_contribution(world, consent="internal")
    other = await make_contribution(world, kind="question")
    treated = await make_contribution(world, consent="internal")
    deliverable = await desk.deliverable()
    await desk.treat(deliverable, treated)
    order = {
        "deliverable_id": deliverable["id"],
        "rule": "Internes à l’espace",
        "filter": {"consent": ["internal"]},
        "outcome": "set_aside",
        "reason_code": "internal",
        "sentence": "Votre contribution reste interne, comme vous l’avez demandé.",
    }
    assert (await desk.ok("POST", "/treatments/by-rule", order))["treated"] == 1
    path = f"/treatments?deliverable_id={deliverable['id']}&statement_id="
    rows = (await desk.ok("GET", path + str(internal.id)))["items"]
    assert [(r["outcome"], r["by_rule"]) for r in rows] == [("set_aside", "Internes à l’espace")]
    assert [r["by_rule"] for r in (await desk.ok("GET", path + str(treated.id)))["items"]] == [None]
    merge = {key: order[key] for key in ("deliverable_id", "rule", "sentence")} | {
        "filter": {"status": ["untreated", "set_aside"], "shorter_than": 10_000, "votes_for_below": 1},
        "outcome": "merged",
        "target_id": str(other.id),
    }
    assert (await desk.ok("POST", "/treatments/by-rule", merge))["treated"] == 1
    assert (await desk.ok("GET", path + str(other.id)))["items"] == []


async def test_the_gate_is_four_statements_whatever_the_size(world: World, database: Database) -> None:
    desk = Desk(world)
    for n in range(5):
        await make_contribution(world, title=f"N° {n}")
    deliverable = await desk.deliverable()
    async with database.sessions() as db:
        row = (await db.execute(select(Deliverable).where(Deliverable.id == UUID(deliverable["id"])))).scalar_one()
        gate = await publication_gate(db, row)
    assert (gate.blocks, len(gate.untreated), gate.empty) == (True, 5, True)


async def test_until_publication_only_co_pilots_see_any_of_it(world: World) -> None:
    desk = Desk(world)
    said = await make_contribution(world)
    deliverable = await desk.deliverable()
    citation = await desk.cite(deliverable, said, QUOTE)
    section = await desk.section(deliverable)
    passage = await desk.passage(section, "Vu [@c1].")
    treatment = await desk.treat(deliverable, said)
    paths = [
        f"/deliverables/{deliverable['id']}",
        f"/deliverables/{deliverable['id']}/document",
        f"/deliverables/{deliverable['id']}/gate",
        f"/deliverables/{deliverable['id']}/treatments",
        f"/deliverables/{deliverable['id']}/proposals",
        f"/deliverables/{deliverable['id']}/arrived-after",
        f"/sections/{section['id']}",
        f"/passages/{passage['id']}",
        f"/passages/{passage['id']}/revisions",
        f"/citations/{citation['id']}",
        f"/citations?deliverable_id={deliverable['id']}",
        f"/treatments/{treatment['id']}",
        f"/waivers?deliverable_id={deliverable['id']}",
        f"/coverage?deliverable_id={deliverable['id']}",
    ]
    for path in paths:
        await desk.ok("GET", path)
    for who in ("visitor", "stranger", "observer", "outsider", "participant", "lead", "facilitator", "admin"):
        other = Desk(world, who)
        for path in paths:
            unknown = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", str(UUID(int=5)), path)
            hidden = await other.refused(404, "GET", path)
            assert hidden["type"] == "/problems/not-found", (who, path)
            assert hidden["detail"] == (await other.refused(404, "GET", unknown))["detail"], (who, path)
        assert (await other.ok("GET", "/deliverables"))["items"] == []
        if who != "visitor":
            body = {"deliverable_id": deliverable["id"], "title": "Intrus"}
            one = await other.refused(422, "POST", "/sections", body)
            two = await other.refused(422, "POST", "/sections", body | {"deliverable_id": str(UUID(int=5))})
            assert one["errors"] == two["errors"]


def test_lists_of_the_gate_stop_and_their_counts_do_not() -> None:
    many = tuple(Unsettled(uuid4(), n, uuid4(), (OutdatedWhy.REVISED,)) for n in range(LONGEST_LIST + 1))
    said = gate_out(Gate((), (), many, (), (), dict.fromkeys(Fate, 0), accepted=1, proposed=0))
    assert (len(said.outdated_citations), said.outdated_citations_count) == (LONGEST_LIST, LONGEST_LIST + 1)
    assert (said.consent_violations_count, said.waived_count, said.blocks) == (0, 0, True)
