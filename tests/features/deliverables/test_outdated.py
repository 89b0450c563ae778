"""Promise 3: when a source moves the passage says so, until a co-pilot renews, keeps with a note, or removes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from app.core.db import Database
from app.features.deliverables.queries.around import differences_around, nearest
from app.features.statements.models import Statement
from tests.factories import change, make_contribution, make_reply, plain_of, revise
from tests.features.deliverables.desk import Desk
from tests.world import World

QUOTE = "Il manque deux mois de trésorerie"
SAME_WORDS = "Nous précisons : les subventions tardent. Il manque deux mois de trésorerie à nos adhérents."
OTHER_WORDS = (
    "Les subventions attendues en mars ne sont pas versées. Il manque sept mois de trésorerie à nos adhérents."
)


class Scene:
    """A deliverable with one quotation and one paragraph that rest on one contribution."""

    def __init__(self, world: World) -> None:
        self.world, self.desk = world, Desk(world)

    async def set(self, said: Statement | None = None) -> Scene:
        """Write it."""
        self.said = said or await make_contribution(self.world)
        quote = QUOTE if said is None else "exactement la même chose"
        self.deliverable = await self.desk.deliverable()
        self.section = await self.desk.section(self.deliverable)
        self.citation = await self.desk.cite(self.deliverable, self.said, quote)
        self.quotation = await self.desk.passage(self.section, "[@c1]", "quotation")
        self.paragraph = await self.desk.passage(self.section, "La trésorerie manque [@c1].")
        return self

    async def now(self) -> Any:
        """The first citation as it is now."""
        return await self.desk.citation(self.citation)

    async def settle(self, **wish: Any) -> Any:
        """One of the ways out."""
        return await self.desk.ok("POST", f"/citations/{self.citation['id']}/acknowledge", wish)

    async def refused(self, status: int, **wish: Any) -> Any:
        """A way out that is closed."""
        return await self.desk.refused(status, "POST", f"/citations/{self.citation['id']}/acknowledge", wish)

    async def gate(self) -> Any:
        """What refuses publication."""
        return await self.desk.gate(self.deliverable)


async def test_a_source_that_has_not_moved_asks_for_nothing(world: World) -> None:
    scene = await Scene(world).set()
    assert (await scene.now())["outdated"] is None
    assert (await scene.refused(409, choice="kept", note="Pour rien."))["type"] == "/problems/not-outdated"
    gate = await scene.gate()
    assert (gate["blocks"], gate["counts"]["cited"]) == (False, 1)


async def test_a_revised_source_says_what_changed(world: World) -> None:
    scene = await Scene(world).set()
    revision = await revise(world, scene.said, OTHER_WORDS)
    outdated = (await scene.now())["outdated"]
    assert outdated["why"] == ["revised"]
    assert outdated["still_literal"] is False
    assert outdated["head_revision_id"] == str(revision.id)
    assert "".join(c["text"] for c in outdated["differences"] if c["op"] != "added") == QUOTE
    assert [c["text"].strip() for c in outdated["differences"] if c["op"] == "added"] == ["sept"]
    document = await scene.desk.document(scene.deliverable)
    assert [p["outdated"] for p in document["sections"][0]["passages"]] == [True, True]
    gate = await scene.gate()
    assert gate["blocks"] is True
    assert [c["number"] for c in gate["outdated_citations"]] == [1]
    assert [s["because"] for s in gate["outdated_treatments"]] == ["revised_since_cited"]


async def test_renewing_cites_the_same_words_in_the_head_and_rewrites_the_markers(world: World) -> None:
    scene = await Scene(world).set()
    revision = await revise(world, scene.said, SAME_WORDS)
    assert (await scene.now())["outdated"]["still_literal"] is True
    done = await scene.settle(choice="renewed", seen_revision_id=str(revision.id))
    new = done["replaced_by"]
    assert (new["key"], new["revision_id"], new["quote"]) == ("c2", str(revision.id), QUOTE)
    assert (await plain_of(world, revision.id))[new["start"] : new["end"]] == QUOTE
    assert set(done["passages"]) == {scene.quotation["id"], scene.paragraph["id"]}
    document = await scene.desk.document(scene.deliverable)
    assert [p["markdown"] for p in document["sections"][0]["passages"]] == ["[@c2]", "La trésorerie manque [@c2]."]
    assert [c["number"] for c in document["citations"]] == [2]
    revisions = (await scene.desk.ok("GET", f"/passages/{scene.paragraph['id']}/revisions"))["items"]
    assert [(r["n"], r["state"], r["citations"]) for r in revisions] == [(1, "accepted", [1]), (2, "accepted", [2])]
    assert (await scene.gate())["blocks"] is False


async def test_renewing_needs_the_words_or_a_new_span(world: World) -> None:
    scene = await Scene(world).set()
    revision = await revise(world, scene.said, OTHER_WORDS)
    assert (await scene.refused(409, choice="renewed"))["type"] == "/problems/words-gone"
    await scene.refused(422, choice="renewed", start=0, end=100_000)
    start = OTHER_WORDS.index("Il manque")
    done = await scene.settle(choice="renewed", start=start, end=start + len(QUOTE))
    assert done["replaced_by"]["quote"] == "Il manque sept mois de trésorerie"
    assert done["replaced_by"]["revision_id"] == str(revision.id)


async def test_keeping_takes_a_note_and_holds_for_that_head_only(world: World) -> None:
    scene = await Scene(world).set()
    await revise(world, scene.said, OTHER_WORDS)
    assert (await scene.refused(422, choice="kept"))["errors"][0]["pointer"] == "/note"
    done = await scene.settle(choice="kept", note="La phrase décrit le mois d’avril.")
    assert done["citation"]["outdated"] is None
    assert done["citation"]["acknowledged"]["note"] == "La phrase décrit le mois d’avril."
    assert (await scene.gate())["blocks"] is False
    await revise(world, scene.said, OTHER_WORDS + " Et bien d’autres choses.")
    assert (await scene.now())["outdated"]["why"] == ["revised"]
    assert (await scene.gate())["blocks"] is True


async def test_keeping_a_revised_source_does_not_keep_a_withdrawn_one(world: World) -> None:
    scene = await Scene(world).set()
    await revise(world, scene.said, OTHER_WORDS)
    await scene.settle(choice="kept", note="La phrase décrit le mois d’avril.")
    await change(world, scene.said, state="withdrawn", state_reason="not_agreed")
    outdated = (await scene.now())["outdated"]
    assert (outdated["why"], outdated["ways_out"]) == (["revised", "withdrawn"], ["kept", "removed"])
    gate = await scene.gate()
    assert (gate["blocks"], [c["why"] for c in gate["outdated_citations"]]) == (True, [["revised", "withdrawn"]])
    assert (await scene.refused(409, choice="renewed"))["type"] == "/problems/words-gone"
    await scene.settle(choice="kept", note="Les auteurs ont été prévenus.")
    assert (await scene.gate())["blocks"] is False


@pytest.mark.parametrize("state", ["withdrawn", "moderated"])
async def test_a_source_taken_back_is_outdated_and_removing_takes_the_markers_out(world: World, state: str) -> None:
    scene = await Scene(world).set()
    await change(world, scene.said, state=state, state_reason="other")
    assert (await scene.now())["outdated"]["why"] == [state]
    done = await scene.settle(choice="removed")
    assert set(done["passages"]) == {scene.quotation["id"], scene.paragraph["id"]}
    document = await scene.desk.document(scene.deliverable)
    left = document["sections"][0]["passages"]
    assert [(p["markdown"], p["sourced"]) for p in left] == [("La trésorerie manque.", False)]
    assert document["counts"]["editorial"] == 1
    assert (await scene.gate())["outdated_citations"] == []


async def test_a_citation_that_comes_back_after_its_removal_is_outdated_again(world: World) -> None:
    scene = await Scene(world).set()
    await revise(world, scene.said, OTHER_WORDS)
    await scene.settle(choice="removed")
    await scene.desk.ok("PUT", f"/passages/{scene.paragraph['id']}/text", {"markdown": "De retour [@c1]."})
    assert [c["number"] for c in (await scene.gate())["outdated_citations"]] == [1]


async def test_deciding_on_a_head_that_is_no_longer_the_head_is_412(world: World) -> None:
    scene = await Scene(world).set()
    seen = await revise(world, scene.said, SAME_WORDS)
    await revise(world, scene.said, OTHER_WORDS)
    problem = await scene.refused(412, choice="renewed", seen_revision_id=str(seen.id))
    assert problem["type"] == "/problems/source-moved-again"


async def test_a_reply_whose_contribution_is_moderated_is_outdated(world: World) -> None:
    root = await make_contribution(world)
    scene = await Scene(world).set(await make_reply(world, root))
    await change(world, root, state="moderated", state_reason="off_topic")
    assert (await scene.now())["outdated"]["why"] == ["moderated"]


async def test_erased_words_can_only_be_removed(world: World, database: Database) -> None:
    scene = await Scene(world).set()
    async with database.sessions() as db:
        await db.execute(
            text("SELECT erase_revision(:revision, :admin, 'demande de la personne concernée')"),
            {"revision": scene.said.head_id, "admin": world.persons["admin"].id},
        )
        await db.commit()
    citation = await scene.now()
    assert (citation["quote"], citation["shows_words"]) == ("", False)
    assert (citation["outdated"]["why"], citation["outdated"]["ways_out"]) == (["erased"], ["removed"])
    await scene.refused(409, choice="kept", note="On y tient.")
    assert (await scene.gate())["blocks"] is True
    await scene.settle(choice="removed")
    assert (await scene.gate())["outdated_citations"] == []


async def test_citations_never_change_even_for_the_application(world: World, database: Database) -> None:
    scene = await Scene(world).set()
    for statement in (
        "UPDATE citations SET relation = 'supports' WHERE id = :id",
        "DELETE FROM citations WHERE id = :id",
    ):
        async with database.sessions() as db:
            with pytest.raises(Exception, match="permission denied"):
                await db.execute(text(statement), {"id": UUID(scene.citation["id"])})


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("un deux trois quatre cinq six", "un deux TROIS quatre cinq six"),
        ("un deux trois quatre cinq six", "six cinq quatre"),
        ("un deux trois quatre cinq six", ""),
        ("a b c d", "a b x y c d"),
    ],
)
def test_the_difference_round_a_quote_makes_the_quote_again(before: str, after: str) -> None:
    for start in range(len(before)):
        for end in range(start + 1, len(before) + 1):
            changes = differences_around(before, after, start, end)
            assert "".join(c.text for c in changes if c.op != "added") == before[start:end]


def test_the_nearest_of_several_places_is_found() -> None:
    text_ = "mot ... mot ... mot"
    assert [nearest(text_, "mot", at) for at in (0, 7, 100)] == [0, 8, 16]
    assert nearest(text_, "absent", 0) is None
    assert nearest(text_, "", 0) is None
