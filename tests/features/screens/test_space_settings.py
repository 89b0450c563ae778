"""The settings of a space: for those who run it, and two of them who write at once lose nothing."""

from __future__ import annotations

from fastapi import FastAPI

from tests.browser import signed_in
from tests.factories import make_contribution
from tests.world import World


async def test_two_who_write_at_once_lose_nothing(app: FastAPI, world: World) -> None:
    place = f"/espaces/{world.restricted.id}"
    async with signed_in(app, world, "facilitator") as one, signed_in(app, world, "copilot") as other:
        await one.open(f"{place}/reglages")
        await other.open(f"{place}/reglages")
        saved = await one.submit(f"{place}/reglages", question="Qui paie ?", summary="")
        assert "Les textes de l’espace sont enregistrés" in saved.text
        assert "Qui paie ?" in saved.text.replace("\u202f", " ")
        refused = await other.submit(f"{place}/reglages", question="Qui décide de tout ?")
        assert refused.status_code == 412
        assert "Quelqu’un a écrit pendant que vous écriviez" in refused.text
        assert "Qui décide de tout" in refused.text
        assert "paie" in refused.text
        kept = await other.submit(f"{place}/reglages")
        assert kept.status_code == 200
        assert "Qui décide de tout" in kept.text


async def test_what_is_refused_keeps_its_words(app: FastAPI, world: World) -> None:
    place = f"/espaces/{world.restricted.id}"
    async with signed_in(app, world, "facilitator") as one:
        await one.open(f"{place}/reglages")
        refused = await one.submit(f"{place}/reglages", title=" ", summary="Un texte qui a pris une heure.")
        assert refused.status_code == 422
        assert 'class="errsum' in refused.text
        assert "Un texte qui a pris une heure." in refused.text


async def test_organisations_enter_and_leave_and_the_space_closes(app: FastAPI, world: World) -> None:
    place = f"/espaces/{world.restricted.id}"
    async with signed_in(app, world, "copilot") as one:
        await one.open(f"{place}/reglages")
        entered = await one.submit(f"{place}/organisations", organisation_id=str(world.other.id))
        assert "est entrée dans l’espace" in entered.text
        leaves = f"{place}/organisations/{world.other.id}/sortir"
        assert leaves in entered.text
        left = await one.submit(leaves)
        assert "est sortie de l’espace" in left.text
        assert leaves not in left.text
        closed = await one.submit(f"{place}/fermer")
        assert "Espace fermé" in closed.text
        await one.open(f"{place}/reglages")
        assert "est rouvert" in (await one.submit(f"{place}/rouvrir")).text


async def test_who_wrote_here_may_be_asked_to_run_it(app: FastAPI, world: World, asked: list[str]) -> None:
    await make_contribution(world, who="participant")
    place = f"/espaces/{world.restricted.id}"
    person = world.persons["participant"].id
    async with signed_in(app, world, "copilot") as one:
        asked.clear()
        page = await one.open(f"{place}/reglages")
        assert len(asked) <= 12, "\n\n".join(asked)
        assert str(person) in page.text
        given = await one.submit(f"{place}/animation", person_id=str(person))
        assert "L’animation est confiée" in given.text
        ended = await one.submit(f"{place}/animation/{person}/arreter")
        assert "L’animation a pris fin" in ended.text
