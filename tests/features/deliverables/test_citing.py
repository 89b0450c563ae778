"""Promise 3: a quote is a quote, and a marker is a row."""

from __future__ import annotations

from random import Random
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.core.db import Database
from app.features.deliverables.models import Citation, PassageCitation, PassageRevision
from app.features.deliverables.models.markers import malformed_in, numbers_in
from tests.factories import change, make_contribution, make_reply, plain_of, revise
from tests.features.deliverables.desk import Desk
from tests.world import World

QUOTE = "Il manque deux mois de trésorerie"


async def _rows_of(database: Database, passage_id: str, n: int) -> list[int]:
    """The numbers that the rows of a passage revision name, in order, read by hand."""
    async with database.reading() as connection:
        rows = await connection.execute(
            select(Citation.number)
            .join(PassageCitation, PassageCitation.citation_id == Citation.id)
            .join(PassageRevision, PassageRevision.id == PassageCitation.passage_revision_id)
            .where(PassageRevision.passage_id == UUID(passage_id), PassageRevision.n == n)
            .order_by(PassageCitation.ordinal)
        )
        return list(rows.scalars())


async def test_saving_writes_exactly_the_rows_that_the_markers_name(world: World, database: Database) -> None:
    desk = Desk(world)
    deliverable = await desk.deliverable()
    section = await desk.section(deliverable)
    said = await make_contribution(world)
    one = await desk.cite(deliverable, said, QUOTE)
    two = await desk.cite(deliverable, said, "Les subventions attendues", "supports")
    assert (one["key"], two["key"]) == ("c1", "c2")
    passage = await desk.passage(section, "La trésorerie manque [@c2], et longtemps [@c1] : encore [@c2].")
    assert passage["head"]["citations"] == [2, 1]
    assert await _rows_of(database, passage["id"], 1) == [2, 1]
    document = await desk.document(deliverable)
    assert [c["number"] for c in document["citations"]] == [1, 2]
    assert document["sections"][0]["passages"][0]["sourced"] is True
    assert document["counts"] | {"proposed": 0} == {
        "sourced": 1, "editorial": 0, "headings": 0, "proposed": 0, "outdated": 0, "accepted_by_rule": 0,
    }  # fmt: skip


async def test_unknown_and_malformed_markers_are_refused_with_the_list_and_nothing_is_written(
    world: World, database: Database
) -> None:
    desk = Desk(world)
    deliverable = await desk.deliverable()
    section = await desk.section(deliverable)
    await desk.cite(deliverable, await make_contribution(world), QUOTE)
    passage = await desk.passage(section, "Sans source.")
    text = {"markdown": "Vrai [@c1], faux [@c9], mal écrit [@c01] [@7], ouvert [@c1"}
    problem = await desk.refused(422, "PUT", f"/passages/{passage['id']}/text", text)
    assert problem["type"] == "/problems/unknown-markers"
    assert set(problem["markers"]) == {"[@c9]", "[@c01]", "[@7]", "[@c1"}
    after = await desk.ok("GET", f"/passages/{passage['id']}")
    assert (after["version"], after["head"]["n"]) == (1, 1)
    async with database.reading() as connection:
        found = await connection.execute(
            select(PassageRevision.n).where(PassageRevision.passage_id == UUID(passage["id"]))
        )
        assert list(found.scalars()) == [1]
    hidden = {"markdown": "Caché dans un lien : [@c1](https://exemple.fr)"}
    await desk.refused(422, "PUT", f"/passages/{passage['id']}/text", hidden)


async def test_a_marker_of_another_deliverable_is_unknown(world: World) -> None:
    desk = Desk(world)
    said = await make_contribution(world)
    other = await desk.deliverable(title="Une autre")
    await desk.cite(other, said, QUOTE)
    section = await desk.section(await desk.deliverable())
    body = {"section_id": section["id"], "kind": "paragraph", "markdown": "Copié d’ailleurs [@c1]."}
    assert (await desk.refused(422, "POST", "/passages", body))["markers"] == ["[@c1]"]


async def test_a_quotation_is_one_marker_that_quotes(world: World) -> None:
    desk = Desk(world)
    deliverable = await desk.deliverable()
    section = await desk.section(deliverable)
    said = await make_contribution(world)
    await desk.cite(deliverable, said, QUOTE, "quotes")
    await desk.cite(deliverable, said, QUOTE, "supports")
    for markdown in ("« Il manque » [@c1]", "[@c1] [@c1]", "[@c2]", "Il manque deux mois"):
        body = {"section_id": section["id"], "kind": "quotation", "markdown": markdown}
        assert (await desk.refused(422, "POST", "/passages", body))["type"] == "/problems/not-a-quotation"
    assert (await desk.passage(section, " [@c1]\n", "quotation"))["head"]["citations"] == [1]


async def test_numbers_never_collide_and_the_same_citation_is_told(world: World) -> None:
    desk = Desk(world)
    deliverable = await desk.deliverable()
    said = await make_contribution(world)
    extract = await desk.extract(said, QUOTE)
    again = await desk.extract(said, QUOTE)
    assert again["id"] == extract["id"]
    body = {"deliverable_id": deliverable["id"], "extract_id": extract["id"], "relation": "quotes"}
    first = await desk.ok("POST", "/citations", body)
    problem = await desk.refused(409, "POST", "/citations", body)
    assert (problem["key"], problem["citation_id"]) == ("c1", first["id"])
    assert (await desk.ok("POST", "/citations", body | {"relation": "nuances"}))["key"] == "c2"


async def test_consent_decides_what_may_be_cited(world: World) -> None:
    desk = Desk(world)
    deliverable = await desk.deliverable()
    paraphrase = await make_contribution(world, consent="paraphrase")
    internal = await make_contribution(world, consent="internal")
    profile = await make_contribution(world, consent="profile")
    for said, allowed in ((profile, {"quotes", "supports"}), (paraphrase, {"supports"}), (internal, set[str]())):
        extract = await desk.extract(said, QUOTE)
        for relation in ("quotes", "supports"):
            body = {"deliverable_id": deliverable["id"], "extract_id": extract["id"], "relation": relation}
            answer = await desk.send("POST", "/citations", body)
            assert answer.status_code == (201 if relation in allowed else 409), (said.consent, relation, answer.text)
            if answer.status_code == 409:
                assert answer.json()["type"] == "/problems/consent-forbids"
    cited = (await desk.ok("GET", f"/citations?deliverable_id={deliverable['id']}"))["items"]
    shows = {(c["consent"], c["relation"]): c["shows_words"] for c in cited}
    assert shows == {("profile", "quotes"): True, ("profile", "supports"): True, ("paraphrase", "supports"): False}
    assert all(c["attribution"]["organisation"] is None for c in cited)


async def test_the_strictest_consent_governs_an_old_revision_too(world: World) -> None:
    desk = Desk(world)
    deliverable = await desk.deliverable()
    said = await make_contribution(world, consent="paraphrase")
    old = await desk.extract(said, QUOTE)
    await revise(world, said, "Il manque deux mois de trésorerie, dit autrement.", consent="name")
    body = {"deliverable_id": deliverable["id"], "extract_id": old["id"], "relation": "quotes"}
    await desk.refused(409, "POST", "/citations", body)
    new = await desk.extract(said, "Il manque deux mois")
    assert (await desk.ok("POST", "/citations", body | {"extract_id": new["id"]}))["consent"] == "name"


async def test_tightened_consent_stops_saving_accepting_and_publishing(world: World) -> None:
    desk = Desk(world)
    deliverable = await desk.deliverable()
    section = await desk.section(deliverable)
    said = await make_contribution(world)
    citation = await desk.cite(deliverable, said, QUOTE)
    passage = await desk.passage(section, "[@c1]", "quotation")
    path = f"/passages/{passage['id']}"
    suggested = await desk.ok("POST", f"{path}/suggestions", {"markdown": "[@c1] "})
    await change(world, said, consent="paraphrase")
    gate = await desk.gate(deliverable)
    assert gate["blocks"] is True
    assert [(c["number"], c["why"]) for c in gate["consent_violations"]] == [(1, ["consent"])]
    await desk.refused(409, "PUT", f"{path}/text", {"markdown": "[@c1]"})
    assert suggested["suggestions"][0]["n"] == 2
    await desk.refused(409, "POST", f"{path}/suggestions/2/accept")
    outdated = (await desk.citation(citation))["outdated"]
    assert (outdated["why"], outdated["ways_out"]) == (["consent"], ["removed"])
    for body in ({"choice": "renewed"}, {"choice": "kept", "note": "Nous y tenons."}):
        problem = await desk.refused(409, "POST", f"/citations/{citation['id']}/acknowledge", body)
        assert problem["type"] == "/problems/consent-forbids"
    done = await desk.ok("POST", f"/citations/{citation['id']}/acknowledge", {"choice": "removed"})
    assert done["passages"] == [passage["id"]]
    assert (await desk.document(deliverable))["sections"][0]["passages"] == []


async def test_two_citations_that_lost_consent_are_mended_one_after_the_other(world: World) -> None:
    desk = Desk(world)
    deliverable = await desk.deliverable()
    section = await desk.section(deliverable)
    said = await make_contribution(world)
    one = await desk.cite(deliverable, said, QUOTE)
    two = await desk.cite(deliverable, said, "Les subventions attendues")
    passage = await desk.passage(section, "Vu [@c1] et revu [@c2].")
    await change(world, said, consent="internal")
    await desk.ok("POST", f"/citations/{one['id']}/acknowledge", {"choice": "removed"})
    await desk.ok("POST", f"/citations/{two['id']}/acknowledge", {"choice": "removed"})
    assert (await desk.ok("GET", f"/passages/{passage['id']}"))["head"]["markdown"] == "Vu et revu."
    assert (await desk.gate(deliverable))["consent_violations"] == []


async def test_replies_are_cited_and_ask_for_no_treatment(world: World) -> None:
    desk = Desk(world)
    deliverable = await desk.deliverable(kinds=["solution"])
    section = await desk.section(deliverable)
    reply = await make_reply(world, await make_contribution(world))
    citation = await desk.cite(deliverable, reply, "exactement la même chose", "supports")
    await desk.passage(section, "Partagé ailleurs [@c1].")
    assert citation["statement_type"] == "reply"
    gate = await desk.gate(deliverable)
    assert (gate["blocks"], gate["untreated_count"]) == (False, 0)


async def test_every_quote_is_the_span_that_it_says(world: World) -> None:
    desk = Desk(world)
    deliverable = await desk.deliverable()
    text = "Première **phrase** soulignée. « Deuxième » : 🌱 dit-elle.\n\nTroisième phrase, plus loin."
    said = await make_contribution(world, text)
    cited = await desk.cite(deliverable, said, "« Deuxième » : 🌱 dit-elle.")
    plain = await plain_of(world, said.head_id)
    assert plain[cited["start"] : cited["end"]] == cited["quote"]


MARKDOWN = st.text(alphabet="ab [@c]0123456789()\\*_`<>&#!\n", max_size=60)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(markdowns=st.lists(MARKDOWN, min_size=1, max_size=5))
def test_numbers_are_those_a_slow_reader_finds(markdowns: list[str]) -> None:
    for text in markdowns:
        assert numbers_in(text) == _slowly(text)
        for strange in malformed_in(text):
            assert strange.startswith("[@")
            assert _slowly(strange) == []


def _slowly(text: str) -> list[int]:
    """Markers found character by character, by somebody who never heard of the expression."""
    found: list[int] = []
    for at in range(len(text)):
        if not text.startswith("[@c", at):
            continue
        end = at + 3
        while end < len(text) and text[end].isdigit():
            end += 1
        digits = text[at + 3 : end]
        well = digits and digits[0] != "0" and len(digits) <= 9 and text[end : end + 1] == "]"
        if well and int(digits) not in found:
            found.append(int(digits))
    return found


PIECES = [
    "[@c1]",
    "[@c2]",
    "[@c3]",
    "[@c4]",
    "[@c5]",
    "[@c6]",
    "mot",
    " ",
    "**gras**",
    "\n\n",
    "(",
    ")",
    "> ",
    "`code`",
]
PIECES += ["[lien](https://exemple.fr)", "![](", "\\", "[", "]", "* "]


async def test_rows_equal_markers_whatever_is_saved(world: World, database: Database) -> None:
    """200 random texts: the rows are exactly the markers, or nothing is written."""
    desk = Desk(world)
    deliverable = await desk.deliverable()
    passage = await desk.passage(await desk.section(deliverable), "Au départ.")
    said = await make_contribution(world)
    for quote in ("Les subventions attendues", "ne sont pas versées", QUOTE, "de trésorerie à nos adhérents"):
        await desk.cite(deliverable, said, quote)
    path = f"/passages/{passage['id']}"
    random = Random(7)  # the same texts at every run
    saved = 0
    for _ in range(200):
        markdown = "x" + "".join(random.choices(PIECES, k=random.randint(1, 9)))
        before = await desk.ok("GET", path)
        answer = await desk.send("PUT", f"{path}/text", {"markdown": markdown})
        named = numbers_in(markdown)
        if answer.status_code == 200:
            saved += 1
            assert await _rows_of(database, passage["id"], answer.json()["head"]["n"]) == named
            assert set(named) <= {1, 2, 3, 4}
        else:
            assert answer.status_code == 422, (markdown, answer.text)
            assert (await desk.ok("GET", path))["head"] == before["head"]
    assert saved > 20
