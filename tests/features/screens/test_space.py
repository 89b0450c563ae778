"""The page of a space: what is new is told once, filters stand in the address, from outside no count is told."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import update

from app.features.spaces.models import Space
from app.features.statements.models import Statement
from tests.browser import Browser, browser, signed_in
from tests.factories import make_contribution, make_reply
from tests.world import World


def _shown(page: str) -> list[str]:
    """The ids of the statements of the list."""
    return re.findall(r'id="s-([0-9a-f-]{36})"', page)


def _new(page: str) -> list[str]:
    return re.findall(r'<li class="new" id="s-([0-9a-f-]{36})"', page)


async def _open(one: Browser, space: UUID, query: str = "", **headers: str) -> str:
    answer = await one.open(f"/espaces/{space}{query}", **headers)
    assert answer.status_code == 200, answer.text
    return answer.text


async def _said(world: World, **more: object) -> Statement:
    return await make_contribution(world, **{"who": "copilot", **more})  # type: ignore[arg-type]


async def test_what_was_shown_is_seen_and_only_that(app: FastAPI, world: World) -> None:
    made = [await _said(world) for _ in range(22)]
    async with signed_in(app, world, "participant") as one:
        first = await _open(one, world.restricted.id)
        assert len(_new(first)) == 20
        again = await _open(one, world.restricted.id)
        assert not _new(again)
        # The two that stood on the second page are still new
        unseen = await _open(one, world.restricted.id, "?liste=nouveau")
        assert set(_shown(unseen)) == set(_new(unseen)) == {str(made[0].id), str(made[1].id)}
        assert "Vous avez tout vu" in await _open(one, world.restricted.id, "?liste=nouveau")


@pytest.mark.parametrize("header", ["Sec-Purpose", "Purpose"])
async def test_a_page_that_is_fetched_ahead_marks_nothing(app: FastAPI, world: World, header: str) -> None:
    one_said = await _said(world)
    async with signed_in(app, world, "participant") as one:
        assert _new(await _open(one, world.restricted.id, **{header: "prefetch;prerender"})) == [str(one_said.id)]
        assert _new(await _open(one, world.restricted.id)) == [str(one_said.id)]
        assert not _new(await _open(one, world.restricted.id))


async def test_filters_stand_in_the_address(app: FastAPI, world: World) -> None:
    need = await _said(world)
    question = await _said(world, kind="question", title="Qui décide ?")
    answered = await _said(world, kind="question", title="Qui paie ?")
    await make_reply(world, answered)
    async with world.database.sessions() as db:
        await db.execute(update(Statement).where(Statement.id == answered.id).values(replies_for=1))
        await db.commit()
    mine = await make_contribution(world)
    place = world.restricted.id
    async with signed_in(app, world, "participant") as one:
        everything = [str(it.id) for it in (mine, answered, question, need)]
        assert _shown(await _open(one, place)) == everything
        assert _shown(await _open(one, place, "?ordre=anciennes")) == everything[::-1]
        assert _shown(await _open(one, place, "?nature=need")) == [str(mine.id), str(need.id)]
        assert _shown(await _open(one, place, "?liste=sans-reponse")) == [str(question.id)]
        assert _shown(await _open(one, place, f"?organisation={world.organisation.id}")) == [str(mine.id)]
        assert _shown(await _open(one, place, "?profil=association")) == [str(mine.id)]
        assert not _shown(await _open(one, place, "?profil=research"))
        assert not _shown(await _open(one, place, "?mot=urgence"))
        assert "Rien ne correspond" in one.page.text
        assert _shown(await _open(one, place, "?nature=rien&organisation=x&seance=y&profil=z")) == everything


async def test_pages_follow_one_another_in_both_orders(app: FastAPI, world: World) -> None:
    made = [str((await _said(world)).id) for _ in range(23)]
    async with signed_in(app, world, "participant") as one:
        for query, order in (("", made[::-1]), ("?ordre=anciennes", made)):
            page = await _open(one, world.restricted.id, query)
            onwards = re.search(r'rel="next" href="([^"]+)"', page)
            assert onwards
            rest = await one.open(onwards[1].replace("&amp;", "&"))
            assert _shown(page) + _shown(rest.text) == order


async def test_who_was_heard_is_told_inside_alone(app: FastAPI, world: World) -> None:
    await make_contribution(world, kind="question", title="Qui décide ?")
    await make_contribution(world, space=world.shared, kind="question", title="Et ici ?")
    async with signed_in(app, world, "participant") as one:
        page = await _open(one, world.restricted.id)
        assert "1 sur 1" in page
        assert "1 question sans réponse" in page
        assert "a parlé ici" in await _open(one, world.restricted.id, "?vue=organisations")
    async with signed_in(app, world, "observer") as one:
        assert "Contribuer" not in await _open(one, world.restricted.id)
    async with world.database.sessions() as db:
        await db.execute(update(Space).where(Space.id == world.shared.id).values(visibility="public"))
        await db.commit()
    async with browser(app) as one:
        page = await _open(one, world.shared.id)
        assert "sans réponse" not in page
        assert "entendue" not in page
        assert "Se connecter pour participer" in page
        page = await _open(one, world.shared.id, "?vue=organisations")
        assert "a parlé ici" not in page
        assert "pas encore entendue" not in page
        # A filter that would tell what the list does not tells nothing
        assert not _shown(await _open(one, world.shared.id, "?liste=sans-reponse"))


async def test_a_closed_space_says_so_and_takes_nothing(app: FastAPI, world: World) -> None:
    async with world.database.sessions() as db:
        await db.execute(update(Space).where(Space.id == world.restricted.id).values(state="closed"))
        await db.commit()
    async with signed_in(app, world, "copilot") as one:
        page = await _open(one, world.restricted.id)
        assert "Espace fermé" in page
        assert "/contributions/nouvelle" not in page


async def test_an_empty_space_teaches(app: FastAPI, world: World) -> None:
    async with signed_in(app, world, "participant") as one:
        page = await _open(one, world.restricted.id)
        assert "Personne n’a encore rien dit ici" in page
        assert f"/espaces/{world.restricted.id}/contributions/nouvelle" in page


async def test_a_space_costs_at_most_twelve_statements(app: FastAPI, world: World, asked: list[str]) -> None:
    for _ in range(3):
        await _said(world, kind="question")
    async with signed_in(app, world, "facilitator") as one:
        for query in ("", "?liste=nouveau", "?vue=seances", "?vue=organisations"):
            asked.clear()
            await _open(one, world.restricted.id, query)
            assert len(asked) <= 12, "\n\n".join(asked)
