"""Contributions through the API, as each caller of the ladder."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from app.core.clock import now
from app.features.identity.models import Mandate
from app.features.initiatives.models import Initiative
from app.features.spaces.models import Space
from app.features.statements.models import Statement
from tests.world import World, mandate

API = "/api/v1"


def draft(world: World, **over: Any) -> dict[str, Any]:
    """A contribution to the restricted space."""
    return {
        "space_id": str(world.restricted.id),
        "kind": "need",
        "title": "Trésorerie des associations",
        "markdown": "Les subventions de **mars** ne sont pas versées.\n\nIl manque deux mois de salaires.",
    } | over


async def contribute(world: World, who: str = "participant", **over: Any) -> dict[str, Any]:
    """A posted contribution, as answered."""
    answer = await world.post(who, f"{API}/contributions", draft(world, **over))
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("visitor", 404),
        ("stranger", 404),
        ("observer", 403),
        ("outsider", 404),
        ("participant", 201),
        ("colleague", 201),
        ("lead", 201),
        ("facilitator", 201),
        ("copilot", 201),
        ("admin", 404),
    ],
)
async def test_who_may_contribute_to_a_restricted_space(world: World, who: str, status: int) -> None:
    answer = await world.post(who, f"{API}/contributions", draft(world))
    assert answer.status_code == status, answer.text


async def test_nothing_is_said_as_an_observer(world: World) -> None:
    """Also by somebody who contributes here, for an observer organisation that this space does not have."""
    async with world.database.sessions() as db:
        db.add(mandate(world.persons["participant"].id, world.watching.id, ["observes"]))
        await db.commit()
    body = draft(world, space_id=str(world.shared.id), organisation_id=str(world.watching.id), capacity="observer")
    answer = await world.post("participant", f"{API}/contributions", body)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == "/capacity"


async def test_a_contribution_keeps_its_words_and_its_speaker(world: World) -> None:
    body = await contribute(world)
    assert body["plain"] == "Les subventions de mars ne sont pas versées.\n\nIl manque deux mois de salaires."
    assert "<strong>mars</strong>" in body["html"]
    assert body["speaker"]["organisation"] == world.organisation.name
    assert body["speaker"]["person"] == world.persons["participant"].name
    assert body["speaker"]["capacity"] == "organisation"
    assert body["revision"] == 1
    assert set(body["abilities"]) >= {"statement:edit", "statement:withdraw"}
    copilot = await world.client("copilot")
    seen = (await copilot.get(f"{API}/contributions/{body['id']}")).json()
    assert "statement:moderate" in seen["abilities"]
    assert "statement:edit" not in seen["abilities"]


async def test_hidden_and_unknown_answer_the_same_bytes(world: World) -> None:
    body = await contribute(world)
    for who in ("visitor", "stranger", "outsider", "admin"):
        client = await world.client(who)
        headers = {"X-Request-Id": "same-request-id"}
        hidden = await client.get(f"{API}/contributions/{body['id']}", headers=headers)
        unknown = await client.get(f"{API}/contributions/{uuid4()}", headers=headers)
        assert hidden.status_code == unknown.status_code == 404
        assert hidden.content == unknown.content


async def test_new_words_make_a_revision_and_the_old_ones_stay(world: World) -> None:
    body = await contribute(world)
    client = await world.client("participant")
    path = f"{API}/contributions/{body['id']}"
    etag = (await client.get(path)).headers["etag"]
    missing = await client.patch(path, json={"markdown": "Autre texte, plus précis."})
    assert missing.status_code == 428
    changed = await client.patch(path, json={"markdown": "Autre texte, plus précis."}, headers={"If-Match": etag})
    assert changed.status_code == 200, changed.text
    assert changed.json()["revision"] == 2
    stale = await client.patch(path, json={"markdown": "Écrasé."}, headers={"If-Match": etag})
    assert stale.status_code == 412
    assert stale.json()["current_version"] == 2
    revisions = (await client.get(f"{path}/revisions")).json()["items"]
    assert [revision["n"] for revision in revisions] == [1, 2]
    assert revisions[0]["plain"] == body["plain"]
    changes = (await client.get(f"{path}/differences?before=1&after=2")).json()["text"]
    assert "".join(c["text"] for c in changes if c["op"] != "added") == body["plain"]


async def test_the_history_of_a_consent_is_kept(world: World) -> None:
    body = await contribute(world, consent="name")
    path = f"{API}/contributions/{body['id']}"
    client = await world.client("participant")
    nothing = await client.patch(path, json={}, headers={"If-Match": '"v1"'})
    assert (nothing.status_code, nothing.json()["version"]) == (200, 1)
    steps = (("internal", [1]), ("profile", [1, 2, 3]), ("name", [1, 2, 3, 4]), ("name", [1, 2, 3, 4]))
    for consent, revisions in steps:
        changed = await client.patch(path, json={"consent": consent}, headers={"If-Match": "*"})
        assert changed.status_code == 200, changed.text
        found = (await client.get(f"{path}/revisions")).json()["items"]
        assert [revision["n"] for revision in found] == revisions, consent
    assert [revision["consent"] for revision in found] == ["name", "internal", "profile", "name"]
    assert len({revision["plain_sha256"] for revision in found}) == 1
    page = (await client.get(f"{path}/revisions?limit=3")).json()
    rest = (await client.get(f"{path}/revisions?limit=3&cursor={page['next_cursor']}")).json()
    assert ([one["n"] for one in page["items"]], [one["n"] for one in rest["items"]]) == ([1, 2, 3], [4])
    assert rest["next_cursor"] is None
    events = (await client.get(f"{API}/events?object_id={body['id']}")).json()["items"]
    told = [(event["verb"].split(".")[1], event["data"]) for event in reversed(events)]
    assert told == [
        ("submitted", {}),
        ("edited", {"fields": ["consent"], "consent_before": "name", "consent": "internal"}),
        ("revised", {"fields": ["consent"], "consent_before": "internal", "consent": "profile"}),
        ("revised", {"fields": ["consent"], "consent_before": "profile", "consent": "name"}),
    ]


async def test_a_draft_is_its_authors_alone_until_published(world: World) -> None:
    body = await contribute(world, draft=True)
    path = f"{API}/contributions/{body['id']}"
    for who in ("colleague", "lead", "copilot", "facilitator"):
        assert (await (await world.client(who)).get(path)).status_code == 404
    author = await world.client("participant")
    assert [d["id"] for d in (await author.get(f"{API}/contributions?state=draft")).json()["items"]] == [body["id"]]
    edited = await author.patch(path, json={"markdown": "Brouillon revu, encore."}, headers={"If-Match": '"v1"'})
    assert edited.status_code == 200
    published = await author.post(f"{path}/publish", headers={"If-Match": '"v2"'})
    assert published.status_code == 200, published.text
    colleague = await world.client("colleague")
    revisions = (await colleague.get(f"{path}/revisions")).json()["items"]
    assert [revision["n"] for revision in revisions] == [2]


async def test_a_draft_is_published_under_a_mandate_of_that_day(world: World) -> None:
    """The mandate under which it was written has ended: what is acknowledged today was allowed by one that runs."""
    drafts = [await contribute(world, draft=True) for _ in range(2)]
    before, after = world.mandates["participant"], mandate(world.persons["participant"].id, world.organisation.id, [])
    after.powers, after.during = ["speaks"], type(after.during)(now(), None)
    async with world.database.sessions() as db:
        await db.execute(
            update(Mandate)
            .where(Mandate.id == before.id)
            .values(during=func.tstzrange(func.lower(Mandate.during), after.during.lower))
        )
        await db.commit()
    publish = f"{API}/contributions/{{}}/publish"
    refused = await world.post("participant", publish.format(drafts[0]["id"]), **{"If-Match": "*"})
    assert refused.status_code == 404, refused.text  # without any mandate one is not inside any more
    async with world.database.sessions() as db:
        db.add(after)
        await db.commit()
    published = await world.post("participant", publish.format(drafts[0]["id"]), **{"If-Match": "*"})
    assert published.status_code == 200, published.text
    async with world.database.sessions() as db:
        signed = select(Statement.mandate_id).where(Statement.id == UUID(drafts[0]["id"]))
        assert (await db.execute(signed)).scalar_one() == after.id
        moved = update(Statement).where(Statement.id == UUID(drafts[0]["id"])).values(mandate_id=before.id)
        with pytest.raises(IntegrityError):  # once published, it stays
            await db.execute(moved)
        await db.rollback()
        moved = update(Statement).where(Statement.id == UUID(drafts[1]["id"])).values(mandate_id=after.id)
        with pytest.raises(IntegrityError):  # a draft that is not published keeps its own
            await db.execute(moved)


async def test_withdrawn_words_leave_a_tombstone(world: World) -> None:
    body = await contribute(world)
    path = f"{API}/contributions/{body['id']}"
    author = await world.client("participant")
    gone = await author.post(f"{path}/withdraw", json={"reason": "mistake"}, headers={"If-Match": '"v1"'})
    assert gone.status_code == 200, gone.text
    seen = (await (await world.client("copilot")).get(path)).json()
    assert seen["state"] == "withdrawn"
    assert seen["state_reason"] == "mistake"
    assert seen["plain"] is seen["markdown"] is seen["title"] is seen["excerpt"] is None
    again = await author.post(f"{path}/withdraw", json={}, headers={"If-Match": '"v2"'})
    assert again.status_code == 409


async def test_a_draft_taken_back_leaves_no_tombstone(world: World) -> None:
    body = await contribute(world, draft=True)
    path = f"{API}/contributions/{body['id']}"
    author = await world.client("participant")
    gone = await author.post(f"{path}/withdraw", json={"reason": "mistake"}, headers={"If-Match": '"v1"'})
    assert gone.status_code == 200, gone.text
    for who in ("colleague", "lead", "observer", "facilitator", "copilot"):
        client = await world.client(who)
        for suffix in ("", "/revisions", "/sources", "/replies", "/positions"):
            assert (await client.get(path + suffix)).status_code == 404, (who, suffix)
        withdrawn = await client.get(f"{API}/contributions?state=withdrawn&space_id={world.restricted.id}")
        assert withdrawn.json()["items"] == [], who


async def test_moderation_gives_its_reason_and_can_be_undone(world: World) -> None:
    body = await contribute(world)
    path = f"{API}/contributions/{body['id']}"
    refused = await world.post("participant", f"{path}/moderate", {"reason": "off_topic"}, **{"If-Match": '"v1"'})
    assert refused.status_code == 403
    hidden = await world.post("facilitator", f"{path}/moderate", {"reason": "off_topic"}, **{"If-Match": '"v1"'})
    assert hidden.status_code == 200, hidden.text
    seen = (await (await world.client("colleague")).get(path)).json()
    assert (seen["state"], seen["state_reason"], seen["plain"]) == ("moderated", "off_topic", None)
    shown = await world.post("copilot", f"{path}/restore", **{"If-Match": '"v2"'})
    assert shown.json()["plain"] == body["plain"]


async def test_replies_and_positions_keep_their_counters(world: World) -> None:
    body = await contribute(world)
    path = f"{API}/contributions/{body['id']}"
    first = await world.post("colleague", f"{path}/replies", {"side": "for", "markdown": "Même constat chez nous."})
    assert first.status_code == 201, first.text
    nested = {"side": "against", "markdown": "Pas dans notre région.", "parent_id": first.json()["id"]}
    assert (await world.post("lead", f"{path}/replies", nested)).status_code == 201
    assert (await world.post("lead", f"{path}/positions", {"stance": "supports"})).status_code == 201
    changed = {"stance": "nuances", "reason": "Sous conditions."}
    assert (await world.post("participant", f"{path}/positions", changed)).status_code == 201
    assert (await world.post("copilot", f"{path}/positions", {"stance": "objects"})).status_code == 201
    counts = (await (await world.client("observer")).get(path)).json()["counts"]
    assert counts == {
        "replies_for": 1,
        "replies_against": 1,
        "replies_other": 0,
        "supports": 0,
        "nuances": 1,
        "objects": 1,
        "sources": 0,
    }
    positions = (await (await world.client("observer")).get(f"{path}/positions")).json()["items"]
    assert len(positions) == 3
    assert sum(1 for p in positions if p["superseded_at"] is None) == 2
    reply = f"{API}/replies/{first.json()['id']}"
    assert (await world.post("colleague", f"{reply}/withdraw", {}, **{"If-Match": '"v1"'})).status_code == 200
    counts = (await (await world.client("observer")).get(path)).json()["counts"]
    assert counts["replies_for"] == 0


async def test_what_others_add_is_seen_at_once_and_refuses_nobodys_edit(world: World) -> None:
    path = f"{API}/contributions/{(await contribute(world))['id']}"
    author = await world.client("participant")
    read = await author.get(path)
    tag = read.headers["etag"]
    for added, body, count in (
        ("replies", {"side": "for", "markdown": "Même constat chez nous."}, "replies_for"),
        ("positions", {"stance": "supports"}, "supports"),
        ("sources", {"category": "report", "title": "Rapport", "url": "https://exemple.org/"}, "sources"),
    ):
        assert (await author.get(path, headers={"If-None-Match": tag})).status_code == 304
        assert (await world.post("colleague", f"{path}/{added}", body)).status_code == 201
        seen = await author.get(path, headers={"If-None-Match": tag})
        assert seen.status_code == 200, f"304 hides what {added} changed"
        assert seen.json()["counts"][count] == 1
        tag = seen.headers["etag"]
    edit = await author.patch(path, json={"title": "Titre revu"}, headers={"If-Match": read.headers["etag"]})
    assert edit.status_code == 200, edit.text


async def test_pages_follow_one_another_without_gap_or_repeat(world: World) -> None:
    made = [(await contribute(world, title=f"Contribution {n}"))["id"] for n in range(7)]
    client = await world.client("observer")
    seen, cursor = [], ""
    while True:
        query = f"space_id={world.restricted.id}&limit=3{cursor}"
        answer = await client.get(f"{API}/contributions?{query}")
        body = answer.json()
        seen += [item["id"] for item in body["items"]]
        if body["next_cursor"] is None:
            assert "link" not in answer.headers
            break
        assert 'rel="next"' in answer.headers["link"]
        cursor = f"&cursor={body['next_cursor']}"
    assert seen == list(reversed(made))
    again = await client.get(f"{API}/contributions?{query}", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


async def test_a_post_asked_twice_makes_one_row(world: World) -> None:
    key = str(uuid4())
    client = await world.client("participant")
    body = draft(world)
    missing = await client.post(f"{API}/contributions", json=body)
    assert missing.status_code == 400
    first = await client.post(f"{API}/contributions", json=body, headers={"Idempotency-Key": key})
    second = await client.post(f"{API}/contributions", json=body, headers={"Idempotency-Key": key})
    assert first.status_code == second.status_code == 201
    assert first.content == second.content
    assert first.headers["etag"] == second.headers["etag"]
    other = await client.post(f"{API}/contributions", json=body | {"title": "Autre"}, headers={"Idempotency-Key": key})
    assert other.status_code == 422
    assert other.json()["type"] == "/problems/idempotency-key-reused"
    listed = (await client.get(f"{API}/contributions?space_id={world.restricted.id}")).json()["items"]
    assert [item["id"] for item in listed] == [first.json()["id"]]


@pytest.mark.parametrize(
    "over",
    [
        {"title": ""},
        {"title": "a\x00b"},
        {"markdown": "   "},
        {"kind": "rumeur"},
        {"tags": ["inconnue"]},
        {"unknown": 1},
        {"session_id": str(uuid4())},
        {"consent": "everything"},
        {"organisation_id": 12},
    ],
)
async def test_bad_content_is_refused_with_a_sentence(world: World, over: dict[str, Any]) -> None:
    answer = await world.post("participant", f"{API}/contributions", draft(world, **over))
    assert answer.status_code == 422, answer.text
    problem = answer.json()
    assert problem.get("errors", [problem])[0]["detail"]
    client = await world.client("participant")
    assert (await client.get(f"{API}/contributions?space_id={world.restricted.id}")).json()["items"] == []


@pytest.mark.parametrize(
    ("model", "state", "kind", "words"),
    [
        (Space, "closed", "space-closed", "ne reçoit plus"),
        (Initiative, "closed", "initiative-closed", "ne reçoit plus"),
        (Initiative, "preparation", "initiative-closed", "ne reçoit pas encore"),
    ],
)
async def test_a_refusal_says_what_is_closed(world: World, model: type[Any], state: str, kind: str, words: str) -> None:
    closed = world.restricted if model is Space else world.initiative
    async with world.database.sessions() as db:
        await db.execute(update(model).where(model.id == closed.id).values(state=state))
        await db.commit()
    answer = await world.post("participant", f"{API}/contributions", draft(world))
    assert (answer.status_code, answer.json()["type"]) == (409, f"/problems/{kind}"), answer.text
    assert words in answer.json()["detail"]
    documented = (await (await world.client("visitor")).get(f"{API}/openapi.json")).json()
    assert kind in str(documented["paths"][f"{API}/contributions"]["post"]["responses"]["409"])


async def test_a_reply_has_its_own_addresses(world: World) -> None:
    said = f"{API}/contributions/{(await contribute(world))['id']}"
    reply = (await world.post("participant", f"{said}/replies", {"markdown": "Nous aussi, depuis mars."})).json()
    path, source = f"{API}/replies/{reply['id']}", {"category": "report", "title": "Rapport", "url": "https://ex.org/"}
    made = await world.post("participant", f"{path}/sources", source)
    assert made.status_code == 201, made.text
    client = await world.client("participant")
    assert [each["id"] for each in (await client.get(made.headers["location"])).json()["items"]] == [made.json()["id"]]
    assert (await client.get(f"{path}/differences?before=1&after=1")).status_code == 200
    of_contribution = f"{API}/contributions/{reply['id']}"
    for tail in ("/revisions", "/differences?before=1&after=1", "/sources"):
        assert (await client.get(f"{of_contribution}{tail}")).status_code == 404, tail
    assert (await world.post("participant", f"{of_contribution}/sources", source)).status_code == 404
    unknown = await client.delete(f"{path}/sources/{uuid4()}")
    assert unknown.status_code == 404, "what is not there is not found, before its version is asked for"
