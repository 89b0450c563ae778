"""Search through the API: what is found, by whom, and what a search must never tell."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.features.statements.test_contributions_api import contribute
from tests.world import World, organisation

API = "/api/v1"


def rare() -> str:
    """A word that no other test says; letters alone, so that no stemmer changes it."""
    return "z" + "".join(chr(ord("a") + int(digit, 16)) for digit in uuid4().hex[:10]) + "k"


async def look(world: World, who: str, q: str, **filters: Any) -> dict[str, Any]:
    """The answer to a search."""
    answer = await ask(world, who, q, **filters)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def ask(world: World, who: str, q: str, **filters: Any) -> httpx.Response:
    client = await world.client(who)
    return await client.get(f"{API}/search", params={"q": q, **{k: str(v) for k, v in filters.items()}})


async def found(world: World, who: str, q: str, **filters: Any) -> list[str]:
    return [item["id"] for item in (await look(world, who, q, **filters))["items"]]


@pytest.mark.parametrize(
    ("typed", "said", "language"),
    [
        ("les ecoles", "Une école ferme.", "fr"),
        ("ÉCOLES", "Une ecole ferme.", "fr"),
        ("association", "Des associations employeuses.", "fr"),
        ("œuvre", "Une oeuvre commune.", "fr"),
        ("l’emploi", "L'emploi associatif.", "fr"),
        ("schools", "The school is closed.", "en"),
        ("the schools", "One school is closed.", "en"),
        ('"jouer collectif"', "Il faut jouer collectif.", "fr"),
        ("collect*", "Une collecte nationale.", "fr"),
        ("covid-19", "La crise du covid-19 dure.", "fr"),
    ],
)
async def test_words_are_found_whatever_their_accents_and_endings(
    world: World, typed: str, said: str, language: str
) -> None:
    word = rare()
    body = await contribute(world, markdown=f"{said} {word}", language=language)
    assert await found(world, "colleague", f"{typed} {word}") == [body["id"]]


@pytest.mark.parametrize(
    "typed", ["maison", '"collectif jouer"', "-collectif", "jouer -collectif", '-"jouer collectif"']
)
async def test_what_was_not_said_is_not_found(world: World, typed: str) -> None:
    word = rare()
    await contribute(world, markdown=f"Il faut jouer collectif. {word}")
    assert await found(world, "colleague", f"{typed} {word}") == []


async def test_every_filter_narrows(world: World) -> None:
    word = rare()
    body = await contribute(world, markdown=f"Un besoin {word}", kind="need")
    other = await contribute(
        world, "outsider", markdown=f"Une solution {word}", kind="solution", space_id=str(world.shared.id)
    )
    reply = await world.post(
        "lead", f"{API}/contributions/{body['id']}/replies", {"side": "for", "markdown": f"Oui {word}"}
    )
    assert reply.status_code == 201, reply.text
    here, there, answer = body["id"], other["id"], reply.json()["id"]

    async def ids(**filters: Any) -> set[str]:
        return set(await found(world, "copilot", word, **filters))

    assert await ids() == {here, there, answer}
    assert await ids(type="contribution") == {here, there}
    assert await ids(type="reply") == {answer}
    assert await ids(type="organisation") == set()
    assert await ids(kind="solution") == {there}
    assert await ids(side="for") == {answer}
    assert await ids(side="against") == set()
    assert await ids(space_id=world.shared.id) == {there}
    assert await ids(organisation_id=world.other.id) == {there}
    assert await ids(profile="foundation") == {there}
    assert await ids(profile="association") == {here, answer}
    assert await ids(initiative_id=world.initiative.id) == {here, there, answer}
    assert await ids(initiative_id=world.elsewhere.id) == set()
    assert await ids(tag="urgence") == set()
    assert await ids(until="2020-03-20T00:00:00Z") == set()
    assert await ids(since="2020-03-20T00:00:00Z") == {here, there, answer}


async def test_organisations_are_found_by_everybody(world: World, client: httpx.AsyncClient) -> None:
    word = rare()
    async with world.database.sessions() as db:
        made = organisation(f"Société {word}", "company")
        made.description = "Elle finance les écoles <b>rurales</b>."
        db.add(made)
        await db.commit()
    for who in ("visitor", "stranger", "participant"):
        body = await look(world, who, f"{word} ecole")
        assert [item["id"] for item in body["items"]] == [str(made.id)]
        item = body["items"][0]
        assert item["organisation"]["name"] == made.name
        assert item["statement"] is None
        assert {"text": "écoles", "hit": True} in item["excerpt"]
        assert "".join(piece["text"] for piece in item["title"]) == made.name
    assert await found(world, "visitor", word, type="organisation") == [str(made.id)]
    assert await found(world, "visitor", word, type="reply") == []


async def test_withdrawn_and_moderated_words_are_found_no_more_and_restored_ones_are(world: World) -> None:
    word = rare()
    first, second = [await contribute(world, markdown=f"Texte {word}") for _ in range(2)]
    reply = await world.post("lead", f"{API}/contributions/{first['id']}/replies", {"markdown": f"Réponse {word}"})
    path = f"{API}/contributions"
    await world.post("participant", f"{path}/{first['id']}/withdraw", {}, **{"If-Match": "*"})
    assert await found(world, "copilot", word) == [second["id"]], reply.text
    await world.post("facilitator", f"{path}/{second['id']}/moderate", {"reason": "off_topic"}, **{"If-Match": "*"})
    assert await found(world, "participant", word) == []
    await world.post("facilitator", f"{path}/{second['id']}/restore", None, **{"If-Match": "*"})
    assert await found(world, "copilot", word) == [second["id"]]


async def test_a_draft_and_earlier_words_are_not_found(world: World) -> None:
    before, after = rare(), rare()
    body = await contribute(world, markdown=f"Avant {before}", draft=True)
    assert await found(world, "participant", before) == []
    client = await world.client("participant")
    path = f"{API}/contributions/{body['id']}"
    await client.post(f"{path}/publish", headers={"If-Match": "*"})
    assert await found(world, "colleague", before) == [body["id"]]
    await client.patch(path, json={"markdown": f"Après {after}"}, headers={"If-Match": "*"})
    assert await found(world, "colleague", before) == []
    assert await found(world, "colleague", after) == [body["id"]]


@pytest.mark.parametrize("who", ["visitor", "stranger", "outsider", "admin"])
async def test_a_restricted_space_answers_nobody_else(world: World, who: str) -> None:
    word = rare()
    await contribute(world, markdown=f"Secret {word}", title=f"Titre {word}")
    assert await found(world, "observer", word)
    hidden = await ask(world, who, word)
    nothing = await ask(world, who, rare())
    assert hidden.json() == nothing.json()
    assert word not in hidden.text
    for filters in ({"space_id": world.restricted.id}, {"sort": "newest"}, {"organisation_id": world.organisation.id}):
        assert await found(world, who, word, **filters) == []


async def test_from_outside_only_what_was_let_out_is_found_and_nobody_is_told_who_spoke(world: World) -> None:
    word = rare()
    made: dict[str, str] = {}
    for consent in ("name", "profile", "paraphrase", "internal"):
        body = await contribute(
            world, "outsider", markdown=f"{consent} {word}", consent=consent, space_id=str(world.shared.id)
        )
        made[consent] = body["id"]
    assert set(await found(world, "outsider", word)) == set(made.values())
    seen = await look(world, "observer", word)
    assert {item["id"] for item in seen["items"]} == {made["name"], made["profile"]}
    assert seen["ranked"] == 2
    by_id = {item["id"]: item["statement"] for item in seen["items"]}
    assert by_id[made["name"]]["speaker"]["organisation"] == world.other.name
    hidden = by_id[made["profile"]]
    assert hidden["speaker"]["organisation_id"] is hidden["speaker"]["profile"] is None
    assert str(world.other.id) not in str(hidden)
    assert hidden["counts"] is None
    # A filter must not say what the list keeps back.
    assert await found(world, "observer", word, organisation_id=world.other.id) == [made["name"]]
    assert await found(world, "observer", word, profile="foundation") == [made["name"]]
    assert set(await found(world, "outsider", word, organisation_id=world.other.id)) == set(made.values())


async def test_a_consent_that_is_tightened_holds_at_once_for_searches(world: World) -> None:
    word = rare()
    body = await contribute(world, "outsider", markdown=f"Ouvert {word}", space_id=str(world.shared.id))
    path = f"{API}/contributions/{body['id']}"
    author = await world.client("outsider")
    assert await found(world, "observer", word, organisation_id=world.other.id) == [body["id"]]
    await author.patch(path, json={"consent": "profile"}, headers={"If-Match": "*"})
    assert await found(world, "observer", word, organisation_id=world.other.id) == []
    assert await found(world, "observer", word) == [body["id"]]
    await author.patch(path, json={"consent": "internal"}, headers={"If-Match": "*"})
    assert await found(world, "observer", word) == []


async def test_found_words_are_shown_as_pieces(world: World) -> None:
    word = rare()
    await contribute(
        world, title="Les écoles & <i>vous</i>", markdown=f"Chaque école, dit {word}, <script>alert(1)</script> ferme."
    )
    item = (await look(world, "colleague", f"ecole {word}"))["items"][0]
    assert item["title"] == [
        {"text": "Les ", "hit": False},
        {"text": "écoles", "hit": True},
        {"text": " & <i>vous</i>", "hit": False},
    ]
    assert [piece["text"] for piece in item["excerpt"] if piece["hit"]] == ["école", word]
    assert "<script>alert(1)</script>" in "".join(piece["text"] for piece in item["excerpt"])


@pytest.mark.parametrize("sort", ["best", "newest"])
@pytest.mark.parametrize("typed", ["{word}", '"alpha {word}"'])
async def test_pages_follow_one_another_while_others_post(world: World, sort: str, typed: str) -> None:
    word = rare()
    made = [(await contribute(world, markdown=f"alpha {word} " * (1 + n % 3) + f"texte {n}"))["id"] for n in range(8)]
    q, cursor, seen = typed.format(word=word), None, []
    while True:
        body = await look(world, "observer", q, sort=sort, limit=3, **({"cursor": cursor} if cursor else {}))
        seen += [item["id"] for item in body["items"]]
        cursor = body["next_cursor"]
        if cursor is None:
            break
        await contribute(world, markdown=f"alpha {word} " * 5)
        await contribute(world, markdown=f"alpha {word} " + "et bien autre chose " * 40)
    assert sorted(seen) == sorted(made)
    assert len(set(seen)) == len(seen)
    if sort == "newest":
        assert seen == list(reversed(made))


async def test_the_best_match_comes_first(world: World) -> None:
    word = rare()
    weak = await contribute(
        world, title="Autre", markdown=f"Un long texte qui dit une fois {word} et parle d’autre chose."
    )
    strong = await contribute(world, title=f"Tout sur {word}", markdown=f"{word} et encore {word}.")
    await contribute(world, title="Rien", markdown="Sans rapport.")
    latest = await contribute(
        world, title="Autre", markdown=f"Un texte plus récent, qui dit {word} et d’autres choses encore."
    )
    assert (await found(world, "colleague", word))[0] == strong["id"]
    assert await found(world, "colleague", word, sort="newest") == [latest["id"], strong["id"], weak["id"]]


@pytest.mark.parametrize(
    ("typed", "status"),
    [
        ("& | ! <-> ( )", 200),
        ("'", 200),
        ("\\", 200),
        ("%s %(caller)s 100%", 200),
        ("x/*shown*/NULLy", 200),
        ("x/*loose*/NULLy -/*exact*/NULL", 200),
        ('"a/*shown*/NULL b" -"/*loose*/NULL c"', 200),
        ("-x -y", 200),
        ('"' * 100, 200),
        ("les plus", 200),
        ("'' OR 1=1 --", 200),
        ("z" * 200, 200),
        ("a:* & !b:ABCD", 200),
        ("🙂", 200),
        ("①", 200),
        ("", 422),
        ("   ", 422),
        ("x" * 201, 422),
        ("a\u202eb", 422),
        ("a\x00b", 400),
        ("x" * 10_000, 414),
    ],
)
async def test_junk_is_an_empty_page_or_a_refusal_in_words(world: World, typed: str, status: int) -> None:
    for sort in ("best", "newest"):
        answer = await ask(world, "participant", typed, sort=sort)
        assert answer.status_code == status, answer.text
        assert status == 200 or answer.json()["detail"]


async def test_an_exclusion_of_nothing_known_finds_nothing(world: World) -> None:
    body = await look(world, "participant", "① -inexistant")
    assert body["items"] == []


@pytest.mark.parametrize("cursor", ["x", "W10", "WyJ2IiwgIjEgMiAzIDQiLCAiMDAiXQ"])
async def test_a_foreign_cursor_is_refused(world: World, cursor: str) -> None:
    answer = await ask(world, "participant", "école", cursor=cursor)
    assert answer.status_code == 400
    assert answer.json()["type"] == "/problems/cursor-refused"


async def test_a_search_costs_one_statement_beside_the_callers(world: World) -> None:
    from app.core.db import Reader  # noqa: PLC0415 - counted where it runs
    from app.features.search.queries.find import Filters, search  # noqa: PLC0415

    actor = await world.actor("participant")
    reader = Reader(world.database)
    await search(reader, actor, "école", Filters())
    assert reader.statements == 1
    await reader.release()
