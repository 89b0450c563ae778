"""Consent, resolved before anything is frozen: every word that may not leave is searched for in every file."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import update
from sqlalchemy.dialects.postgresql import Range

from app.core.clock import now
from app.features.editions.queries import heard
from app.features.editions.queries.cited import Cited
from app.features.identity.models import Person
from app.features.initiatives.models import Participation
from app.features.spaces.models import Space
from tests.factories import make_contribution, make_organisation, make_position, make_reply
from tests.features.deliverables.desk import Desk
from tests.features.editions.shelf import Ready, canary, files_of, marker, payload_of, publish
from tests.world import World, from_now


class Said:
    """A contribution of which every part holds a word of its own."""

    def __init__(self) -> None:
        self.before, self.quote, self.after = canary("avant"), canary("motcite"), canary("apres")
        self.title, self.organisation, self.person = canary("titre"), canary("Organisation"), canary("Personne")

    @property
    def words(self) -> str:
        return f"Dire {self.before} puis citer {self.quote} ici même et finir {self.after}."

    @property
    def cited(self) -> str:
        return f"citer {self.quote} ici même"


async def cited_as(
    world: World, said: Said, *, consent: str, capacity: str, profile: str, relation: str, visibility: str = "public"
) -> Ready:
    """A deliverable that rests on one contribution of an organisation (or person) with a name of its own."""
    await make_organisation(world, said.organisation, profile, speaks_as="speaker")
    async with world.database.sessions() as db:
        await db.execute(update(Space).where(Space.id == world.shared.id).values(visibility=visibility))
        person = world.persons["speaker"].id
        await db.execute(update(Person).where(Person.id == person).values(name=said.person))
        await db.commit()
    desk = Desk(world)
    statement = await make_contribution(
        world,
        said.words,
        who="speaker",
        title=said.title,
        consent=consent,
        capacity=capacity,
        space=world.shared,
    )
    deliverable = await desk.deliverable()
    section = await desk.section(deliverable)
    citation = await desk.cite(deliverable, statement, said.cited, relation)
    passage = await desk.passage(section, f"Un constat partagé {marker(citation)}.")
    return Ready(desk, deliverable, section, statement, citation, passage)


async def crowd(world: World) -> None:
    """Two more associations in the initiative: one becomes an observer, one leaves."""
    an_hour = Range(now() - timedelta(hours=2), now() - timedelta(hours=1, minutes=1))
    for who in ("watcher", "gone"):
        held = await make_organisation(world, canary("Pair"), LARGE, speaks_as=who)
        async with world.database.sessions() as db:
            theirs = Participation.organisation_id == held.id
            await db.execute(update(Participation).where(theirs).values(during=an_hour))
            if who == "watcher":
                here = {"initiative_id": world.initiative.id, "organisation_id": held.id, "during": from_now()}
                db.add(Participation(role="observer", **here))
            await db.commit()


LARGE, SMALL = "association", "research"
# consent, capacity, profile, what may be read in the files
CASES: list[tuple[str, str, str, set[str]]] = [
    ("name", "organisation", LARGE, {"quote", "organisation"}),
    ("name", "organisation", SMALL, {"quote", "organisation"}),
    ("name", "personal", LARGE, {"quote", "person"}),
    ("profile", "organisation", LARGE, {"quote"}),
    ("profile", "organisation", SMALL, {"quote"}),
    ("profile", "personal", LARGE, {"quote"}),
    ("paraphrase", "organisation", LARGE, set()),
    ("paraphrase", "organisation", SMALL, set()),
    ("paraphrase", "personal", LARGE, set()),
]


@pytest.mark.parametrize("visibility", ["members", "initiative", "public"])
@pytest.mark.parametrize(("consent", "capacity", "profile", "released"), CASES)
async def test_what_leaves_is_what_was_consented_to(
    world: World, consent: str, capacity: str, profile: str, released: set[str], visibility: str
) -> None:
    said = Said()
    for n in range(3):
        await make_organisation(world, canary("Pair"), LARGE, speaks_as=f"pair{n}")
    for n in range(2):  # behind the veil there are three, so that the veil itself names nobody
        await make_organisation(world, canary("Autre"), "company", speaks_as=f"other{n}")
    relation = "supports" if consent == "paraphrase" else "quotes"
    text = await cited_as(
        world, said, consent=consent, capacity=capacity, profile=profile, relation=relation, visibility=visibility
    )
    edition = await publish(text.desk, text.deliverable)
    # What a visitor could have read whole may stand round the quote, and its title in the report.
    open_to_all = visibility == "public" and consent in ("name", "profile")
    allowed = released | ({"before", "after", "title"} if open_to_all else set())
    for name, content in (await files_of(world, edition)).items():
        found = {part for part, word in vars(said).items() if word.casefold() in content.decode().casefold()}
        # Who takes part is public, and the files list who is not cited: the author's organisation may be there.
        assert found <= allowed | {"organisation"}, (name, found)
    payload = await payload_of(world, edition)
    del payload["report"]["organisations"]
    told = json.dumps(payload, ensure_ascii=False)
    assert {part for part, word in vars(said).items() if word in told} == allowed
    citation = payload["citations"][0]
    assert (citation["words"] is not None) == ("quote" in released)
    assert citation["attribution"]["by"] == expected_attribution(consent, capacity, profile)


def expected_attribution(consent: str, capacity: str, profile: str) -> str:
    if capacity == "personal":
        return "person"
    if consent == "name":
        return "organisation"
    return "profile" if consent == "profile" and profile == LARGE else "participating_organisation"


async def test_an_observer_and_one_that_left_veil_nobody(world: World) -> None:
    """Three associations, of which one observes and one has left: behind the profile there is one."""
    await crowd(world)
    said = Said()
    desk = Desk(world)
    async with world.database.sessions() as db:
        await db.execute(update(Space).where(Space.id == world.shared.id).values(visibility="public"))
        await db.commit()
    statement = await make_contribution(world, said.words, consent="profile", space=world.shared)
    deliverable = await desk.deliverable()
    section = await desk.section(deliverable)
    citation = await desk.cite(deliverable, statement, said.cited)
    assert citation["attribution"]["profile"] is None
    await desk.passage(section, f"Un constat partagé {marker(citation)}.")
    payload = await payload_of(world, await publish(desk, deliverable))
    assert payload["citations"][0]["attribution"] == {"by": "participating_organisation"}
    assert payload["report"]["treatments"][0]["attribution"] == {"by": "participating_organisation"}
    outside = await world.client("observer")
    for path in (f"/contributions?space_id={world.shared.id}", f"/search?q={said.quote}"):
        [item] = (await outside.get(f"/api/v1{path}")).json()["items"]
        assert item.get("statement", item)["speaker"]["profile"] is None, path
    found = await outside.get(f"/api/v1/search?q={said.quote}&profile={LARGE}")
    assert found.json()["items"] == []


async def test_words_that_were_tightened_stay_so_when_later_ones_are_wider(world: World) -> None:
    """Quoted from the first revision, by name; the author takes the name back, then gives it again, for new words."""
    said, desk = Said(), Desk(world)
    statement = await make_contribution(world, said.words, consent="name", space=world.shared)
    deliverable = await desk.deliverable()
    section = await desk.section(deliverable)
    citation = await desk.cite(deliverable, statement, said.cited)
    await desk.passage(section, f"Un constat partagé {marker(citation)}.")
    author = await world.client("participant")
    path = f"/api/v1/contributions/{statement.id}"
    for patch in ({"consent": "profile"}, {"consent": "name", "markdown": f"{said.words} Ajout."}):
        assert (await author.patch(path, json=patch, headers={"If-Match": "*"})).status_code == 200
    assert (await desk.citation(citation))["consent"] == "profile"
    await desk.ok("POST", f"/citations/{citation['id']}/acknowledge", {"choice": "kept", "note": "Les mêmes mots."})
    payload = await payload_of(world, await publish(desk, deliverable))
    assert payload["citations"][0]["attribution"] == {"by": "participating_organisation"}
    await author.patch(path, json={"consent": "internal"}, headers={"If-Match": "*"})
    await author.patch(path, json={"consent": "name"}, headers={"If-Match": "*"})
    assert (await desk.citation(citation))["consent"] == "internal"


async def test_internal_words_never_pass_the_gate(world: World) -> None:
    said = Said()
    desk = Desk(world)
    statement = await make_contribution(world, said.words, title=said.title, consent="internal")
    deliverable = await desk.deliverable()
    citation = await desk.send(
        "POST",
        "/citations",
        {
            "deliverable_id": deliverable["id"],
            "extract_id": (await desk.extract(statement, said.cited))["id"],
            "relation": "supports",
        },
    )
    assert citation.status_code == 409, citation.text
    section = await desk.section(deliverable)
    await desk.passage(section, "Un texte sans source.")
    await desk.treat(deliverable, statement, "set_aside", reason_code="internal")
    edition = await publish(desk, deliverable)
    payload = await payload_of(world, edition)
    assert payload["report"]["treatments"] == []
    assert payload["report"]["not_listed"]["set_aside"] == 1
    for name, content in (await files_of(world, edition)).items():
        for part, word in vars(said).items():
            assert word not in content.decode(), (name, part)


async def test_no_identifier_of_the_database_is_published(world: World) -> None:
    text = await cited_as(world, Said(), consent="name", capacity="organisation", profile=LARGE, relation="quotes")
    edition = await publish(text.desk, text.deliverable)
    inside = [text.statement.id, text.statement.head_id, text.citation["id"], text.citation["extract_id"]]
    inside += [text.passage["id"], text.section["id"], world.shared.id, world.initiative.id]
    inside += [world.mandates["speaker"].organisation_id, world.persons["speaker"].id, world.persons["copilot"].id]
    for name, content in (await files_of(world, edition)).items():
        for identifier in inside:
            assert str(identifier) not in content.decode(), name


async def test_a_reply_under_an_internal_contribution_leaves_alone(world: World) -> None:
    said = Said()
    root = await make_contribution(world, said.words, title=said.title, consent="internal", space=world.shared)
    beside = canary("acote")
    reply = await make_reply(world, root, f"Nous le voyons aussi chez nous, et {beside} encore.")
    desk = Desk(world)
    deliverable = await desk.deliverable()
    section = await desk.section(deliverable)
    citation = await desk.cite(deliverable, reply, "Nous le voyons aussi", "supports")
    await desk.passage(section, f"D’autres le voient {marker(citation)}.")
    await desk.treat(deliverable, root, "set_aside", reason_code="internal")
    edition = await publish(desk, deliverable)
    # Outside the thread is not read; the quote leaves under its own author's consent, with nothing of what it answers.
    outside = await world.client("observer")
    assert (await outside.get(f"/api/v1/replies/{reply.id}")).status_code == 404
    [quoted] = (await payload_of(world, edition))["citations"]
    assert quoted["words"]["quote"] == "Nous le voyons aussi"
    assert quoted["attribution"] == {"by": "organisation", "name": world.organisation.name}
    assert "positions" not in quoted
    for name, content in (await files_of(world, edition)).items():
        assert not any(word in content.decode() for word in (*vars(said).values(), beside)), name


def test_the_words_of_one_who_is_veiled_cannot_be_told_by_elimination() -> None:
    space = uuid4()

    def one(name: str, *, named: bool = False, veiled: bool = False, profile: str = LARGE) -> heard.Participant:
        return heard.Participant(uuid4(), name, profile, named, veiled, pilots=False)

    def hidden(*everybody: heard.Participant, profile: str | None = LARGE, told: bool = True) -> set[str]:
        """The names whose silence is not told, when the first says one quote without their name."""
        content = {"attribution": {"profile": profile}, "words": {"quote": "…"}}
        said = Cited(uuid4(), uuid4(), everybody[0].id, space, content)
        found = heard.veils(everybody, [said], {space: {each.id: told for each in everybody}})
        return {each.name for each in everybody if each.id in found}

    silent, other = [one("C"), one("D")], one("E", profile=SMALL)
    assert hidden(one("B", veiled=True), one("A", named=True), *silent) == {"C", "D"}
    assert hidden(one("B", veiled=True), one("A", veiled=True), one("F", named=True), *silent) == set()
    assert hidden(one("B", veiled=True), one("A", named=True), other) == set(), (
        "another profile is not behind this veil"
    )
    assert hidden(one("B", veiled=True), other, profile=None, told=False) == {"E"}, "without a profile, it is"
    lines = heard._profiles([*silent, other])
    assert [line["profile"] for line in lines] == ["merged"]


async def test_silence_and_objections_are_printed(world: World) -> None:
    said = Said()
    for n in range(4):
        await make_organisation(world, canary("Pair"), LARGE, speaks_as=f"pair{n}")
    text = await cited_as(world, said, consent="name", capacity="organisation", profile=LARGE, relation="quotes")
    for who in ("pair0", "pair1", "pair2"):
        await make_position(world, text.statement, "objects", who=who)
    # Who answered another contribution is still silent on this one.
    await make_position(world, await make_contribution(world, space=world.shared), "supports", who="pair3")
    edition = await publish(text.desk, text.deliverable)
    files = await files_of(world, edition)
    for name in ("edition.html", "edition.md"):
        printed = files[name].decode().replace("\u202f", " ").replace("\u00a0", " ")
        assert "3 objections" in printed, name
        assert "3 organisations sans réponse" in printed, name


async def test_a_profile_is_counted_with_those_below_three(world: World) -> None:
    text = await cited_as(world, Said(), consent="name", capacity="organisation", profile=SMALL, relation="quotes")
    edition = await publish(text.desk, text.deliverable)
    payload: Any = await payload_of(world, edition)
    assert [line["profile"] for line in payload["report"]["organisations"]["profiles"]] == ["merged"]
    assert payload["report"]["organisations"]["observed"] is True
    assert b"sans compter celles qui l" in (await files_of(world, edition))["edition.md"]
