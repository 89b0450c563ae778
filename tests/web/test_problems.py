"""What a refusal says, in French, and of what."""

from __future__ import annotations

import httpx
from fastapi import FastAPI

from app.core.errors import invalid, refused
from app.core.i18n import Language, speak
from app.web.told import told
from tests.browser import signed_in
from tests.world import World

HEADERS = {"Content-Type": "application/json"}


async def test_a_body_that_is_no_json_points_nowhere_in_it(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/auth/sign-in", content=b"{pas du json", headers=HEADERS)
    assert answer.status_code == 400
    assert answer.json()["detail"] == "Le corps n’est pas du JSON lisible."
    assert "errors" not in answer.json()


async def test_the_values_that_are_possible_are_listed_in_french(world: World) -> None:
    body = {"space_id": str(world.restricted.id), "kind": "avis", "title": "Un titre", "markdown": "Un texte."}
    answer = await world.post("participant", "/api/v1/contributions", body)
    (error,) = answer.json()["errors"]
    assert error["pointer"] == "/kind"
    assert " ou 'example'." in error["detail"]


async def test_what_a_page_says_of_a_field_is_in_its_language_and_what_the_api_says_in_french(
    app: FastAPI, world: World
) -> None:
    compose = f"/espaces/{world.restricted.id}/contributions"
    said = {
        "fr": ["Ce champ est attendu.", "Ce texte compte 201 caractères, il en faut 200 au plus."],
        "en": ["This field is expected.", "This text has 201 characters; at most 200 are taken."],
    }
    async with signed_in(app, world, "participant") as person:
        for language, sentences in said.items():
            person.client.headers["Accept-Language"] = language
            await person.open(f"{compose}/nouvelle")
            shown = await person.submit(compose, kind="", title="t" * 201, markdown="Trois mois.")
            assert shown.status_code == 422
            assert f'<html lang="{language}"' in shown.text
            assert all(sentence in shown.text for sentence in sentences)
            assert not [one for one in said["en" if language == "fr" else "fr"] if one in shown.text]
    body = {"space_id": str(world.restricted.id), "title": "t" * 201, "markdown": "Trois mois."}
    answer = await world.post("participant", "/api/v1/contributions", body, **{"Accept-Language": "en"})
    assert {error["detail"] for error in answer.json()["errors"]} == set(said["fr"])


async def test_a_sentence_that_names_something_names_it_in_both_languages() -> None:
    cases: tuple[tuple[Language, str], ...] = (("fr", "Repère inconnu\u00a0: [@c7]"), ("en", "Unknown marker: [@c7]"))
    for language, sentence in cases:
        speak(language)
        assert refused("/markdown", "Repère inconnu : {mark}", mark="[@c7]")["detail"] == sentence
    assert told(invalid("/end", "Les parties s’emboîtent sur {most} niveaux au plus.", most=4)) == (
        "Sections nest on 4 levels at most."
    )
    speak("fr")
