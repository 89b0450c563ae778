"""Coverage: counts by organisation and by profile, checked against a count in plain Python; never a rank."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any
from uuid import UUID

from app.core.db import Database, Reader
from app.features.deliverables.queries.coverage import get_coverage
from app.features.statements.models import Statement
from tests.factories import make_contribution, make_organisation, make_reply, revise
from tests.features.deliverables.desk import Desk
from tests.world import World

QUOTE = "Il manque deux mois de trésorerie"
FATES = ("cited", "merged", "answered", "set_aside", "waived", "outdated", "untreated")


class Ledger:
    """What a careful person would have noted, contribution by contribution."""

    def __init__(self) -> None:
        self.notes: list[tuple[str | None, str | None]] = []
        """(organisation, or None when said personally; its fate, or None out of the scope)."""
        self.cited_words: Counter[str | None] = Counter()

    def count(self, organisation: str | None, fate: str | None) -> int:
        """How many notes say that."""
        return sum(note == (organisation, fate) for note in self.notes)

    def check(self, row: Any, organisation: str | None) -> None:
        """The row of an answer says what the notes say."""
        for fate in FATES:
            assert row[fate] == self.count(organisation, fate), (row, fate)
        mine = [fate for who, fate in self.notes if who == organisation]
        assert row["contributed"] == len(mine)
        assert row["in_scope"] == sum(fate is not None for fate in mine) == sum(row[fate] for fate in FATES)
        assert row["words_cited"] == self.cited_words[organisation]


async def _meet(desk: Desk, deliverable: Any, section: Any, said: Statement, fate: str, first: Statement) -> None:
    """Make the contribution meet that fate."""
    match fate:
        case "cited":
            citation = await desk.cite(deliverable, said, QUOTE)
            await desk.passage(section, f"Vu [@{citation['key']}].")
        case "merged":
            await desk.treat(deliverable, said, "merged", target_id=str(first.id))
        case "answered":
            await desk.treat(deliverable, said)
        case "set_aside":
            await desk.treat(deliverable, said, "set_aside", reason_code="too_vague")
        case "outdated":
            await desk.treat(deliverable, said)
            await revise(desk.world, said, "D’autres mots, depuis.")
        case "waived":
            body = {"deliverable_id": deliverable["id"], "statement_id": str(said.id), "kind": "untreated"}
            await desk.ok("POST", "/waivers", body | {"reason": "Arrivée la veille."})


async def test_counts_agree_with_a_count_in_plain_python(world: World) -> None:
    desk = Desk(world)
    ledger = Ledger()
    speakers: dict[str, UUID] = {"participant": world.organisation.id, "outsider": world.other.id}
    for name in ("Zèbre", "Étoile", "Abeille"):
        held = await make_organisation(world, name, "company", speaks_as=name)
        speakers[name] = held.id
    silent = (await make_organisation(world, "Muette", "research", speaks_as="muette")).id
    random = Random(11)
    said: list[tuple[Statement, str | None]] = [
        (await make_contribution(world, who=who, space=world.shared), str(organisation))
        for who, organisation in speakers.items()
        for _ in range(4)
    ]
    said += [(await make_contribution(world, space=world.shared, capacity="personal"), None) for _ in range(3)]
    said += [(await make_contribution(world, who=None, space=world.shared), None) for _ in range(2)]
    first, who_first = said[0]
    out = await make_contribution(world, space=world.shared, kind="question", who="outsider")
    deliverable = await desk.deliverable(space_ids=[str(world.shared.id)], kinds=["need"])
    section = await desk.section(deliverable)
    ledger.notes.append((str(world.other.id), None))
    assert out.kind == "question"
    for index, (statement, organisation) in enumerate(said):
        fate = "cited" if index == 0 else random.choice(FATES)
        await _meet(desk, deliverable, section, statement, fate, first)
        ledger.notes.append((organisation, fate))
        ledger.cited_words[organisation] += fate == "cited"
    reply = await make_reply(world, first, who="Étoile")
    await desk.cite(deliverable, reply, "exactement la même chose", "supports")
    citations = (await desk.ok("GET", f"/citations?deliverable_id={deliverable['id']}&limit=200"))["items"]
    await desk.passage(section, f"Une réponse [@{citations[-1]['key']}].")
    ledger.cited_words[str(speakers["Étoile"])] += 1
    assert who_first == str(world.organisation.id)

    coverage = await desk.ok("GET", f"/coverage?deliverable_id={deliverable['id']}")
    rows = {row["organisation_id"]: row for row in coverage["organisations"]}
    assert set(rows) == {str(o) for o in speakers.values()} | {str(silent), str(world.piloting.id)}
    assert str(world.watching.id) not in rows
    for organisation, row in rows.items():
        ledger.check(row, organisation)
        assert row["heard"] == (ledger.cited_words[organisation] > 0)
        assert row["spoke"] == any(who == organisation for who, _ in ledger.notes)
    ledger.check(coverage["personal"], None)
    _check_sums(coverage)
    gate = await desk.gate(deliverable)
    assert gate["counts"] == {fate: coverage["total"][fate] for fate in FATES}


def _check_sums(coverage: Any) -> None:
    """Profiles and totals are the sums of the organisations and of what was said personally."""
    rows = coverage["organisations"]
    for name in (*FATES, "contributed", "in_scope", "words_cited"):
        assert coverage["total"][name] == sum(row[name] for row in rows) + coverage["personal"][name]
        for profile in coverage["profiles"]:
            own = [row for row in rows if row["profile"] == profile["profile"]]
            assert profile[name] == sum(row[name] for row in own)
            assert profile["organisations"] == len(own)
    heard = sum(row["heard"] for row in rows)
    assert (coverage["organisations_heard"], coverage["organisations_not_heard"]) == (heard, len(rows) - heard)


async def test_organisations_stand_in_the_order_of_their_names_never_of_their_counts(world: World) -> None:
    desk = Desk(world)
    for name in ("Zèbre", "étoile", "Abeille"):
        await make_organisation(world, name, speaks_as=name)
        for _ in range(len(name)):
            await make_contribution(world, who=name)
    deliverable = await desk.deliverable()
    coverage = await desk.ok("GET", f"/coverage?deliverable_id={deliverable['id']}")
    names = [row["name"].split()[0] for row in coverage["organisations"]]
    assert names == ["Abeille", "Association", "Copilote", "étoile", "Fondation", "Zèbre"]
    assert not {"rank", "score", "share", "percent"} & set(coverage["organisations"][0])


async def test_the_number_of_statements_does_not_grow(world: World, database: Database) -> None:
    desk = Desk(world)
    deliverable = await desk.deliverable()
    actor = await world.actor("copilot")
    counts = []
    for _ in range(2):
        await make_contribution(world)
        reader = Reader(database)
        await get_coverage(reader, actor, UUID(deliverable["id"]))
        counts.append(reader.statements)
        await reader.release()
    assert counts == [2, 2]
