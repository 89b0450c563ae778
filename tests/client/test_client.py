"""The client against the real application, through httpx's in-process transport."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.client import AsyncClient, Client, NotFound, Stale, Unauthenticated, Unavailable, Unreachable
from tests.features.deliverables.desk import Desk
from tests.world import World


class Losing(httpx.AsyncBaseTransport):
    """A network that loses the first answers: the request arrives, nothing comes back."""

    def __init__(self, inner: httpx.AsyncBaseTransport, losses: int) -> None:
        self.inner, self.losses, self.sent = inner, losses, 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.sent += 1
        response = await self.inner.handle_async_request(request)
        if self.losses:
            self.losses -= 1
            await response.aread()
            raise httpx.ReadError("the answer was lost", request=request)
        return response


def connected(world: World, who: str, losses: int = 0, **options: Any) -> tuple[AsyncClient, Losing]:
    """A client of the application under test."""
    transport = Losing(httpx.ASGITransport(app=world.app, raise_app_exceptions=False), losses)
    client = AsyncClient("http://test", world.token(who), transport=transport, **options)
    client.exchange.pauses = (0.0,)
    return client, transport


async def test_it_posts_reads_and_iterates(world: World) -> None:
    client, _ = connected(world, "participant")
    async with client:
        ids = [
            (
                await client.contribute(
                    space_id=str(world.restricted.id), kind="need", title=f"Titre {n}", markdown="Deux mots."
                )
            )["id"]
            for n in range(5)
        ]
        seen = [c["id"] async for c in client.contributions(space_id=world.restricted.id, limit=2)]
        assert seen == list(reversed(ids))
        reply = await client.reply(ids[0], "D’accord avec cela.", "for")
        assert reply["side"] == "for"
        assert (await client.take_position(ids[0], "supports"))["stance"] == "supports"
        assert (await client.contribution(ids[0]))["plain"] == "Deux mots."
        assert [each async for each in client.became(ids[0])] == []


async def test_an_administrator_erases(world: World) -> None:
    author, _ = connected(world, "participant")
    admin, _ = connected(world, "admin")
    async with author, admin:
        said = await author.contribute(
            space_id=str(world.restricted.id), kind="need", title="Titre", markdown="Deux mots."
        )
        done = await admin.erase(said["id"], "Demande de la personne concernée.")
        assert done["revisions"] == [1]
        assert (await author.contribution(said["id"]))["plain"] == ""


async def test_a_suggestion_is_refused_with_its_reason(world: World) -> None:
    desk = Desk(world)
    passage = await desk.passage(await desk.section(await desk.deliverable()), "Proposé seulement.", proposed=True)
    client, _ = connected(world, "copilot")
    async with client:
        await client.refuse_suggestion(passage["id"], 1, "Dit autrement plus haut.", version=passage["version"])
        revisions = [each async for each in client.items(f"/passages/{passage['id']}/revisions")]
    assert [each["refusal_reason"] for each in revisions] == ["Dit autrement plus haut."]


async def test_it_attaches_a_file_once_whatever_is_lost(world: World) -> None:
    client, transport = connected(world, "participant", losses=0)
    async with client:
        said = await client.contribute(
            space_id=str(world.restricted.id), kind="need", title="Titre", markdown="Deux mots."
        )
        transport.sent, transport.losses = 0, 2
        made = await client.attach("note.txt", b"Deux mots de plus.", contribution_id=said["id"])
        assert transport.sent == 3
        files = [file["id"] async for file in client.items(f"/contributions/{said['id']}/attachments")]
        assert files == [made["id"]]
        assert await client.get(f"/attachments/{made['id']}/content") == b"Deux mots de plus."


async def test_a_lost_answer_never_makes_two_rows(world: World) -> None:
    client, transport = connected(world, "participant", losses=2)
    async with client:
        made = await client.contribute(
            space_id=str(world.restricted.id), kind="need", title="Une fois", markdown="Une seule fois."
        )
        assert transport.sent == 3
        seen = [c["id"] async for c in client.contributions(space_id=world.restricted.id)]
        assert seen == [made["id"]]


async def test_without_an_answer_it_says_so_with_the_key(world: World) -> None:
    client, _ = connected(world, "participant", losses=99, attempts=2)
    key = str(uuid4())
    async with client:
        with pytest.raises(Unreachable) as caught:
            await client.contribute(
                space_id=str(world.restricted.id), kind="need", title="Perdue", markdown="Perdue en route.", key=key
            )
    assert caught.value.key == key


async def test_a_change_without_a_key_is_sent_once(world: World) -> None:
    client, transport = connected(world, "participant")
    async with client:
        made = await client.contribute(
            space_id=str(world.restricted.id), kind="need", title="Titre", markdown="Texte initial."
        )
        transport.sent, transport.losses = 0, 1
        with pytest.raises(Unreachable):
            await client.patch(f"/contributions/{made['id']}", {"markdown": "Texte modifié."}, version=1)
        assert transport.sent == 1
        with pytest.raises(Stale):
            await client.patch(f"/contributions/{made['id']}", {"markdown": "Texte modifié."}, version=1)


async def test_refusals_are_classes(world: World) -> None:
    client, _ = connected(world, "outsider")
    async with client:
        with pytest.raises(NotFound) as caught:
            await client.get(f"/spaces/{world.restricted.id}")
    assert caught.value.status == 404
    assert caught.value.type == "/problems/not-found"


def test_a_passing_refusal_is_tried_again_and_a_lasting_one_is_told() -> None:
    answers = [httpx.Response(503, headers={"Retry-After": "0"}), httpx.Response(200, json={"items": []})]
    with Client("http://test", transport=httpx.MockTransport(lambda _: answers.pop(0))) as client:
        client.exchange.pauses = (0.0,)
        assert client.get("/contributions") == {"items": []}
    with Client("http://test", transport=httpx.MockTransport(lambda _: httpx.Response(503)), attempts=2) as client:
        client.exchange.pauses = (0.0,)
        with pytest.raises(Unavailable):
            client.get("/contributions")


class Renewing:
    """A service that ends the login when a refresh token serves twice; both callers are refused before either renews."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.refresh_token: str | None = "first"

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.paths.append(request.url.path.removeprefix("/api/v1"))
        if self.paths[-1] == "/auth/refresh":
            served, self.refresh_token = self.refresh_token, "next"
            if request.read() != b'{"refresh_token":"%s"}' % (served or "").encode():
                self.refresh_token = None
                return httpx.Response(401, json={})
            return httpx.Response(200, json={"access_token": "new", "refresh_token": "next"})
        fresh = request.headers.get("authorization") == "Bearer new" and self.refresh_token == "next"
        return httpx.Response(200 if fresh else 401, json={})


@pytest.mark.parametrize("attempts", [1, 6])
def test_an_expired_token_is_renewed_once(attempts: int) -> None:
    service = Renewing()
    with Client("http://test", "old", transport=httpx.MockTransport(service), attempts=attempts) as client:
        client.exchange.refresh_token = "first"
        client.get("/me")
        client.patch("/spaces/1", {}, version=1)
    assert service.paths == ["/me", "/auth/refresh", "/me", "/spaces/1"]
    assert client.exchange.refresh_token == "next"


def test_a_token_that_nothing_renews_is_refused_once() -> None:
    service = Renewing()
    client = Client("http://test", "old", transport=httpx.MockTransport(service))
    with client, pytest.raises(Unauthenticated):
        client.get("/me")
    assert service.paths == ["/me"]


async def test_tasks_that_share_a_client_renew_it_once() -> None:
    service, both = Renewing(), asyncio.Barrier(2)

    async def answer(request: httpx.Request) -> httpx.Response:
        response = service(request)
        if response.status_code == 401:
            await both.wait()
        return response

    async with AsyncClient("http://test", "old", transport=httpx.MockTransport(answer)) as client:
        client.exchange.refresh_token = "first"
        async with asyncio.timeout(10):
            await asyncio.gather(client.get("/me"), client.get("/me"))
    assert sorted(service.paths) == ["/auth/refresh", *["/me"] * 4]


def test_threads_that_share_a_client_renew_it_once() -> None:
    service, both = Renewing(), threading.Barrier(2)

    def answer(request: httpx.Request) -> httpx.Response:
        response = service(request)
        if response.status_code == 401:
            both.wait(timeout=10)
        return response

    with Client("http://test", "old", transport=httpx.MockTransport(answer)) as client, ThreadPoolExecutor(2) as pool:
        client.exchange.refresh_token = "first"
        list(pool.map(client.get, ["/me", "/me"]))
    assert sorted(service.paths) == ["/auth/refresh", *["/me"] * 4]
