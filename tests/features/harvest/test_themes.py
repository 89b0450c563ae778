"""Themes: a tree without circles, in which only those who run a space file its words."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from tests.factories import make_contribution, make_theme
from tests.features.deliverables.desk import Desk
from tests.world import World


async def _theme(desk: Desk, title: str, **more: Any) -> Any:
    body = {
        "initiative_id": str(desk.world.initiative.id),
        "space_id": str(desk.world.restricted.id),
        "title": title,
    }
    return await desk.ok("POST", "/themes", body | more)


async def _titles(desk: Desk) -> list[tuple[int, str]]:
    path = f"/themes?space_id={desk.world.restricted.id}"
    themes = (await desk.ok("GET", path))["items"]
    found, cursor = [], ""
    while cursor is not None:
        page = await desk.ok("GET", f"{path}&limit=1{cursor}")
        found += page["items"]
        cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"
    assert found == themes, "page by page it is the same tree"
    return [(theme["depth"], theme["title"]) for theme in themes]


async def test_a_tree_is_made_moved_and_emptied(world: World) -> None:
    desk = Desk(world, "facilitator")
    one, two = await _theme(desk, "Un"), await _theme(desk, "Deux")
    under = await _theme(desk, "Sous un", parent_id=one["id"])
    await _theme(desk, "Avant tout", position=0)
    assert await _titles(desk) == [(0, "Avant tout"), (0, "Un"), (1, "Sous un"), (0, "Deux")]
    await desk.ok("PATCH", f"/themes/{two['id']}", {"parent_id": one["id"], "position": 0}, match=1)
    assert await _titles(desk) == [(0, "Avant tout"), (0, "Un"), (1, "Deux"), (1, "Sous un")]
    for parent in (one["id"], under["id"]):
        problem = await desk.refused(422, "PATCH", f"/themes/{one['id']}", {"parent_id": parent})
        assert problem["type"] == "/problems/theme-in-itself"
    await desk.refused(409, "DELETE", f"/themes/{one['id']}")
    await desk.ok("PATCH", f"/themes/{under['id']}", {"parent_id": None}, match=1)
    await desk.ok("DELETE", f"/themes/{two['id']}", match=2)
    await desk.ok("DELETE", f"/themes/{one['id']}", match=1)
    assert await _titles(desk) == [(0, "Avant tout"), (0, "Sous un")]


async def test_versions_are_asked_and_compared(world: World) -> None:
    desk = Desk(world)
    theme = await _theme(desk, "Un")
    path = f"/themes/{theme['id']}"
    await desk.refused(428, "PATCH", path, {"title": "Deux"}, match=None)
    assert (await desk.ok("PATCH", path, {"title": "Deux"}, match=1))["version"] == 2
    await desk.refused(412, "PATCH", path, {"title": "Trois"}, match=1)
    await desk.refused(412, "DELETE", path, match=1)


async def test_themes_do_not_nest_without_end(world: World) -> None:
    desk = Desk(world)
    parent: str | None = None
    for depth in range(6):
        parent = (await _theme(desk, f"Niveau {depth}", parent_id=parent))["id"]
    body = {
        "initiative_id": str(world.initiative.id),
        "space_id": str(world.restricted.id),
        "title": "Trop profond",
        "parent_id": parent,
    }
    await desk.refused(422, "POST", "/themes", body)


async def test_contributions_are_filed_where_they_were_said(world: World) -> None:
    desk = Desk(world)
    said = await make_contribution(world)
    theme = await _theme(desk, "Ici")
    elsewhere = await make_theme(world, "Là-bas", space=world.shared)
    path = f"/themes/{theme['id']}/statements/{said.id}"
    assert (await desk.ok("PUT", path))["contributions"] == 1
    assert (await desk.ok("PUT", path))["contributions"] == 1
    await desk.refused(422, "PUT", f"/themes/{elsewhere.id}/statements/{said.id}")
    await desk.refused(404, "PUT", f"/themes/{theme['id']}/statements/{uuid4()}", match=None)
    await desk.refused(428, "PUT", path, match=None)
    await desk.refused(409, "DELETE", f"/themes/{theme['id']}")
    assert (await Desk(world, "participant").ok("GET", f"/themes/{theme['id']}"))["contributions"] is None
    await desk.ok("DELETE", path)
    await desk.refused(404, "DELETE", path, match=None)
    extract = await desk.extract(said, "Il manque deux mois de trésorerie")
    body = {"revision_id": str(said.head_id), "quote": extract["quote"], "theme_id": str(uuid4())}
    refused = await desk.refused(422, "POST", "/extracts", body)
    assert [error["pointer"] for error in refused["errors"]] == ["/theme_id"]
    filed = await desk.ok("PUT", f"/extracts/{extract['id']}/themes/{theme['id']}")
    assert filed["theme_ids"] == [theme["id"]]
    await desk.refused(422, "PUT", f"/extracts/{extract['id']}/themes/{elsewhere.id}")
    await desk.refused(409, "DELETE", f"/themes/{theme['id']}")
    await desk.ok("DELETE", f"/extracts/{extract['id']}/themes/{theme['id']}")
    await desk.ok("DELETE", f"/themes/{theme['id']}")


async def test_who_sees_and_who_edits(world: World) -> None:
    desk = Desk(world)
    theme = await _theme(desk, "Réservé")
    wide = await _theme(desk, "De toute la démarche", space_id=None)
    path = f"/themes/{theme['id']}"
    for who, sees in (("participant", 200), ("observer", 200), ("outsider", 404), ("stranger", 404), ("admin", 404)):
        assert (await Desk(world, who).send("GET", path)).status_code == sees, who
        assert (await Desk(world, who).send("PATCH", path, {"title": "Pris"})).status_code == (
            403 if sees == 200 else 404
        )
    assert (await Desk(world, "outsider").send("GET", f"/themes/{wide['id']}")).status_code == 200
    await Desk(world, "facilitator").refused(403, "PATCH", f"/themes/{wide['id']}", {"title": "Pris"})
    body = {"initiative_id": str(world.initiative.id), "space_id": str(world.restricted.id), "title": "Intrus"}
    outsider = Desk(world, "outsider")
    hidden = await outsider.refused(422, "POST", "/themes", body)
    unknown = await outsider.refused(422, "POST", "/themes", body | {"space_id": str(uuid4())})
    assert hidden["errors"] == unknown["errors"]
    await Desk(world, "participant").refused(403, "POST", "/themes", body)
    await Desk(world, "facilitator").ok("POST", "/themes", body)
