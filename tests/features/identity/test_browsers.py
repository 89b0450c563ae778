"""Signing in on a browser: the cookie, its ends, the mail, and what was being written."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from fastapi import FastAPI
from sqlalchemy import select, update
from starlette.responses import Response

from app.core.clock import now
from app.features.identity.jobs import mail_sign_in
from app.features.identity.models import Login, SignInCode
from app.settings import Settings
from app.web.cookies import give_login
from tests.browser import FROM_OUR_PAGES, Fields, browser, signed_in
from tests.features.identity import letters
from tests.features.identity.doors import PASSWORD, give_password
from tests.world import World


async def _mails(world: World, settings: Settings, folder: Path) -> list[str]:
    """What the worker writes for the newest request."""
    async with world.database.reading() as connection:
        newest = (await connection.execute(select(SignInCode.id).order_by(SignInCode.id.desc()).limit(1))).scalar_one()
    await mail_sign_in(letters.work(world.database, settings, folder), object_id=str(newest))
    return [content for _, content in letters.read(folder)]


async def _logins(world: World, who: str) -> list[Login]:
    question = select(Login).where(Login.person_id == world.persons[who].id, Login.browser_fingerprint.is_not(None))
    async with world.database.sessions() as db:
        return list((await db.scalars(question.order_by(Login.created_at))).all())


async def test_the_cookie_is_bound_to_this_host_and_hidden_from_scripts(app: FastAPI, world: World) -> None:
    email = await give_password(world, "participant")
    async with browser(app) as one:
        await one.open("/connexion")
        answer = await one.client.post(
            "/connexion", data={"email": email, "password": PASSWORD, "vers": "/lire"}, headers=FROM_OUR_PAGES
        )
        assert answer.status_code == 303
        assert answer.headers["location"] == "/lire"
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("alliage=alg_web_")
        for attribute in ("HttpOnly", "Path=/", "SameSite=lax"):
            assert attribute in cookie
        assert "Domain" not in cookie
        login = (await _logins(world, "participant"))[-1]
        assert timedelta(hours=11, minutes=59) < login.expires_at - now() <= timedelta(hours=12)


async def test_outside_development_the_cookie_is_a_host_cookie_over_tls(settings: Settings) -> None:
    secret = "tests only: a secret that is long enough for production"
    real = settings.model_copy(update={"environment": "production", "base_url": "https://alliage.example"})
    answer = Response()
    give_login(answer, real, secret)
    assert answer.headers["set-cookie"].startswith("__Host-alliage=")
    assert "Secure" in answer.headers["set-cookie"]


async def test_signing_in_again_gives_another_identifier_and_ends_the_one_before(app: FastAPI, world: World) -> None:
    async with signed_in(app, world, "participant") as one:
        first = one.client.cookies["alliage"]
        email = world.persons["participant"].email
        await one.post("/connexion", {"email": email, "password": PASSWORD, "vers": "/lire"})
        assert one.client.cookies["alliage"] != first
        before, after = await _logins(world, "participant")
        assert before.ended_because == "signed_in_again"
        assert after.ended_at is None


async def test_two_hours_without_a_request_and_twelve_in_all_end_a_login(app: FastAPI, world: World) -> None:
    async with signed_in(app, world, "participant") as one:
        login = (await _logins(world, "participant"))[-1]
        ends = (
            ({"seen_at": now() - timedelta(minutes=119)}, True),
            ({"seen_at": now() - timedelta(minutes=121)}, False),
            ({"seen_at": now(), "expires_at": now() - timedelta(seconds=1)}, False),
        )
        for values, stays in ends:
            async with world.database.sessions() as db:
                await db.execute(update(Login).where(Login.id == login.id).values(**values))
                await db.commit()
            answer = await one.open("/connexion")
            assert bool(one.csrf) is stays, answer.text
        # The first of them was a request: it began the two hours anew.
        async with world.database.sessions() as db:
            await db.execute(
                update(Login).where(Login.id == login.id).values(expires_at=now() + timedelta(hours=1), seen_at=now())
            )
            await db.commit()
        await one.open("/connexion")
        assert one.csrf


async def test_signing_out_ends_it(app: FastAPI, world: World) -> None:
    async with signed_in(app, world, "participant") as one:
        await one.open("/connexion")
        kept = dict(one.client.cookies)
        await one.post("/deconnexion", {"csrf": one.csrf})
        assert "alliage" not in one.client.cookies
        one.client.cookies.update(kept)
        await one.open("/connexion")
        assert not one.csrf, "the cookie is dead, not only forgotten"


async def test_a_form_needs_the_token_of_the_login_and_comes_from_our_pages(app: FastAPI, world: World) -> None:
    async with signed_in(app, world, "participant") as one, signed_in(app, world, "lead") as other:
        await one.open("/connexion")
        await other.open("/connexion")
        assert one.csrf != (await one.open("/connexion")).text, "masked anew"
        for token in ("", "x", other.csrf, one.csrf[:-4] + "AAAA"):
            answer = await one.client.post("/deconnexion", data={"csrf": token}, headers=FROM_OUR_PAGES)
            assert answer.status_code == 403, token
        for elsewhere in (
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Sec-Fetch-Site": "none"},
            {"Origin": "https://ailleurs.example"},
            {"Origin": "null"},
            {"Origin": "http://["},
            {"Origin": "null", "Host": ""},
            {},
        ):
            answer = await one.client.post("/deconnexion", data={"csrf": one.csrf}, headers=elsewhere)
            assert answer.status_code == 403, elsewhere
            answer = await one.client.post("/connexion", data={"email": "a@b.example"}, headers=elsewhere)
            assert answer.status_code == 403, elsewhere
        await one.open("/connexion")
        assert one.csrf, "still signed in"
        await one.post("/deconnexion", {}, **{"X-CSRF-Token": one.csrf})
        await one.open("/connexion")
        assert not one.csrf


async def test_the_cookie_opens_no_door_of_the_api(app: FastAPI, world: World) -> None:
    async with signed_in(app, world, "participant") as one:
        assert (await one.client.get("/api/v1/me", headers={"Accept": "*/*"})).status_code == 401
        space = await one.client.get(f"/api/v1/spaces/{world.restricted.id}", headers={"Accept": "*/*"})
        assert space.status_code == 404


async def test_a_wrong_password_says_so_and_keeps_the_address(app: FastAPI, world: World) -> None:
    email = await give_password(world, "participant")
    async with browser(app) as one:
        await one.open("/connexion")
        answer = await one.submit("/connexion", email=email, password="pas le bon", vers="/lire")
        assert answer.status_code == 401
        assert "incorrect" in answer.text
        assert f'value="{email}"' in answer.text
        assert 'value="/lire"' in answer.text
        assert "pas le bon" not in answer.text


async def test_nobody_is_sent_elsewhere_by_a_link_that_names_us(app: FastAPI, world: World) -> None:
    email = await give_password(world, "participant")
    for address in (
        "https://ailleurs.example/",
        "//ailleurs.example",
        "/\\ailleurs.example",
        "javascript:alert(1)",
        "/\n/x",
        "//[",
        "http://[::1",
    ):
        async with browser(app) as one:
            assert (await one.client.get("/connexion", params={"vers": address})).status_code == 200, address
            answer = await one.client.post(
                "/connexion", data={"email": email, "password": PASSWORD, "vers": address}, headers=FROM_OUR_PAGES
            )
            assert answer.headers["location"] == "/", address


async def test_an_address_of_ours_that_no_header_holds_is_followed_all_the_same(app: FastAPI, world: World) -> None:
    email = await give_password(world, "participant")
    for address, followed in (
        ("/recherche?q=10 €", "/recherche?q=10%20%E2%82%AC"),
        ("/recherche?q=%C3%A9&sort=newest#suite", "/recherche?q=%C3%A9&sort=newest#suite"),
    ):
        async with browser(app) as one:
            sent = {"email": email, "password": PASSWORD, "vers": address}
            answer = await one.client.post("/connexion", data=sent, headers=FROM_OUR_PAGES)
            assert answer.status_code == 303
            assert answer.headers["location"] == followed
            answer = await one.client.post("/affichage", data={"address": address}, headers=FROM_OUR_PAGES)
            assert answer.headers["location"] == followed


async def test_six_digits_by_mail_sign_in_once(app: FastAPI, world: World, settings: Settings, tmp_path: Path) -> None:
    email = await give_password(world, "participant")
    async with browser(app) as one:
        await one.open("/connexion?par=courriel&vers=/lire")
        await one.submit("/connexion/code", email=email)
        [mail] = await _mails(world, settings, tmp_path)
        found = re.search(r"Alliage\s: (\d{6})", mail)
        assert found, mail
        refused = await one.submit("/connexion/code/verifier", code=f"{(int(found[1]) + 1) % 1_000_000:06d}")
        assert refused.status_code == 422
        answer = await one.submit("/connexion/code/verifier", code=f" {found[1]} ")
        assert answer.url.path == "/lire"
        assert "alliage" in one.client.cookies
    link = re.search(r"/connexion/lien/\S+", mail)
    assert link
    async with browser(app) as other:
        await other.open(link[0])
        answer = await other.submit(link[0])
        assert answer.status_code == 422, "the code has served"


async def test_five_tries_end_a_code(app: FastAPI, world: World, settings: Settings, tmp_path: Path) -> None:
    email = await give_password(world, "participant")
    async with browser(app) as one:
        await one.open("/connexion?par=courriel")
        await one.submit("/connexion/code", email=email)
        [mail] = await _mails(world, settings, tmp_path)
        found = re.search(r"Alliage\s: (\d{6})", mail)
        assert found
        for turn in range(5):
            wrong = f"{(int(found[1]) + turn + 1) % 1_000_000:06d}"
            assert (await one.submit("/connexion/code/verifier", code=wrong)).status_code == 422
        assert (await one.submit("/connexion/code/verifier", code=found[1])).status_code == 422


async def test_the_link_of_the_mail_opens_a_page_with_one_button(
    app: FastAPI, world: World, settings: Settings, tmp_path: Path
) -> None:
    email = await give_password(world, "participant")
    async with browser(app) as one:
        await one.open("/connexion?par=courriel")
        await one.submit("/connexion/code", email=email)
        [mail] = await _mails(world, settings, tmp_path)
        link = re.search(r"/connexion/lien/\S+", mail)
        assert link
        for _ in range(2):  # a program that looks at mail
            assert (await one.open(link[0])).status_code == 200
        assert "alliage" not in one.client.cookies
        await one.submit(link[0])
        assert "alliage" in one.client.cookies


async def test_what_was_being_written_comes_along_when_the_login_ends(app: FastAPI, world: World) -> None:
    async with signed_in(app, world, "participant") as one:
        await one.open("/connexion")
        login = (await _logins(world, "participant"))[-1]
        async with world.database.sessions() as db:
            await db.execute(update(Login).where(Login.id == login.id).values(ended_at=now(), ended_because="test"))
            await db.commit()
        words = "Une phrase <longue> & précieuse\nsur deux lignes"
        key = str(uuid4())
        answer = await one.post("/deconnexion", {"csrf": one.csrf, "texte": words, "idempotency_key": key})
        assert answer.status_code == 401
        email = world.persons["participant"].email
        resumed = await one.submit("/connexion", email=email, password=PASSWORD)
        assert resumed.status_code == 200
        [(action, fields)] = [it for it in Fields(resumed.text).forms.items() if it[0] == "/deconnexion"]
        assert dict(fields)["texte"] == words
        assert dict(fields)["idempotency_key"] == key
        assert action == "/deconnexion"
        await one.submit("/deconnexion")
        await one.open("/connexion")
        assert not one.csrf, "the new token was good: the form was sent"
