"""Screens that one comes to: refused, interrupted, invited, signed out, broken. Each is made for real, and undone after."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

from playwright.sync_api import Page

from app.core.clock import now
from app.core.db import SCHEMA
from app.features.identity.links import invitation_token
from app.settings import Settings
from tests.browser import FROM_OUR_PAGES
from tests.e2e.places import (
    DELIVERABLE,
    HECTORS,
    INITIATIVE,
    ORGANISATION,
    SPACE,
    Act,
    Finder,
    Ids,
    Screen,
    at,
    session_in,
)

WORDS = (
    "Une avance de trois mois suffit à garder l’équipe.\n\nNous l’avons vérifié dans quatorze associations du bassin : onze ont "
    "gardé tout le monde, trois ont perdu leur coordinatrice en juin, avant le premier versement."
)
FILL = """([form, fields]) => {
  const found = document.querySelector(form);
  for (const [name, value] of Object.entries(fields)) {
    for (const one of found.querySelectorAll(`[name="${name}"]`)) {
      if (one.type === "radio") one.checked = one.value === value; else one.value = value;
    }
  }
  found.submit();
}"""
"""Sent as by a browser without a script: the answer is a page."""
SPACE_OF_XAVIER = SPACE.replace("hector", "xavier")
AHEAD = f"UPDATE alembic_version SET version_num = '{int(SCHEMA) + 1:04d}'"
OURS = f"UPDATE alembic_version SET version_num = '{SCHEMA}'"
BREAKS_EDITIONS = (
    "ALTER TABLE editions RENAME COLUMN label TO label_before",
    "ALTER TABLE editions RENAME COLUMN label_before TO label",
)
BREAKS_NAMES = (
    "ALTER TABLE persons RENAME COLUMN name TO name_before",
    "ALTER TABLE persons RENAME COLUMN name_before TO name",
)
LONG = {
    "organisations": ("name", "Fédération interrégionale des groupements d’employeurs pour l’insertion, la qualification, l’inclusion et l’anticonstitutionnellement longue solidarité territoriale"),
    "persons": ("name", "Marie-Emmanuelle-Bénédicte de La Rochefoucauld-Montmorency-Exemple"),
    "spaces": ("title", "Trésoreries, avances remboursables, garanties mutuelles et rapprochements entre entreprises et associations employeuses des bassins"),
    "initiatives": ("title", "Préparer ensemble, avec toutes les familles d’acteurs et dans tous les territoires, la relance de l’intérêt général"),
    "sessions": ("title", "Séance de travail commune aux quatre espaces, consacrée aux avances de trésorerie interentreprises"),
}  # fmt: skip


def send(form: str, **fields: str) -> Act:
    """Send the form that this selector finds, with some of its fields changed."""
    return lambda page, _ids: page.evaluate(FILL, [form, fields])


def while_(before: str, after: str, act: Act) -> Act:
    """Do `act` on a page that was opened before the database changed."""

    def done(page: Page, ids: Ids) -> None:
        ids.run(before)
        try:
            with page.expect_response(lambda answer: answer.request.is_navigation_request()):
                act(page, ids)
        finally:
            ids.run(after)

    return done


def with_(before: tuple[str, ...], after: tuple[str, ...]) -> Callable[[Ids], Any]:
    """A stage: the database changed, and changed back."""

    @contextmanager
    def stage(ids: Ids) -> Iterator[None]:
        ids.run(*before)
        try:
            yield
        finally:
            ids.run(*after)

    return stage


@contextmanager
def long_names(ids: Ids) -> Iterator[None]:
    """Everything has the longest name that somebody serious would give it."""
    for table, (column, value) in LONG.items():
        ids.run(
            f"CREATE TABLE kept_{table} AS SELECT id, {column} AS said FROM {table}",
            f"UPDATE {table} SET {column} = left('{value} ' || substr(id::text, 30), 200)",
        )
    try:
        yield
    finally:
        for table, (column, _) in LONG.items():
            ids.run(
                f"UPDATE {table} SET {column} = k.said FROM kept_{table} k WHERE k.id = {table}.id",
                f"DROP TABLE kept_{table}",
            )


def invitation(number: int, days: int) -> Finder:
    """The address of an invitation that is valid, or was, for so many days."""

    class Invited:
        id = UUID(int=number)
        expires_at = now().replace(microsecond=0) + timedelta(days=days)

    def found(ids: Ids) -> str:
        ids.run(
            "INSERT INTO invitations (id, created_at, email, organisation_id, powers, invited_by, expires_at) "
            f"SELECT '{Invited.id}', now(), 'nadia.exemple@alliage.example', organisation_id, '{{speaks,contributes}}', person_id, "
            f"'{Invited.expires_at.isoformat()}' FROM mandates WHERE organisation_id = ({ORGANISATION}) LIMIT 1 ON CONFLICT DO NOTHING"
        )
        return f"/invitation/{invitation_token(Settings(_env_file=None), Invited())}"

    return found


def too_often(page: Page, ids: Ids) -> None:
    """Ask five times for what may be asked five times in an hour, then once more."""
    for _ in range(5):
        page.request.post(
            "/mot-de-passe", form={"email": "trop@alliage.example"}, headers=FROM_OUR_PAGES, max_redirects=0
        )
    send("main form", email="trop@alliage.example")(page, ids)


def join(name: str, media_type: str, content: bytes) -> Act:
    """Join a file to what the page is about."""

    def done(page: Page, _ids: Ids) -> None:
        page.locator('input[name="file"]').set_input_files({"name": name, "mimeType": media_type, "buffer": content})
        page.locator('form:has(input[name="file"])').evaluate("form => form.submit()")

    return done


def locked(page: Page, ids: Ids) -> None:
    """Take a note in a session that somebody locks meanwhile."""
    held = ids.one(session_in("held"))
    while_(
        f"UPDATE sessions SET state = 'locked' WHERE id = '{held}'",
        f"UPDATE sessions SET state = 'held' WHERE id = '{held}'",
        send('form[action$="/notes"]', text=WORDS, markdown=WORDS),
    )(page, ids)


COMPOSER = at("/espaces/{}/contributions/nouvelle", SPACE)
COMPOSED = {"kind": "need", "title": "Garder les équipes trois mois", "markdown": WORDS}
FORM = 'form:has([name="markdown"])'
ENDED = "UPDATE logins SET ended_at = now(), ended_because = 'signed_out' FROM persons p WHERE p.id = person_id AND ended_at IS NULL AND p.email = 'xavier@alliage.example'"
SETTINGS = at("/espaces/{}/reglages", SPACE)
LETTER = "00000000-0000-7000-8000-000000000001"

STATES: tuple[Screen, ...] = (
    Screen("conflict", at("/seances/{}?vue=notes", session_in("held")), "agathe", act=locked),
    Screen("outdated", at("/contributions/{}/modifier", HECTORS), "hector", act=send(FORM, version="0", markdown=WORDS)),
    Screen("outdated-settings", SETTINGS, "agathe", act=send('form:has([name="question"])', version="0", title="Trésorerie, avances et garanties")),
    Screen("too-often", lambda _ids: "/mot-de-passe", act=too_often),
    Screen("broken", lambda _ids: "/lire", stage=with_(BREAKS_EDITIONS[:1], BREAKS_EDITIONS[1:])),
    Screen("away", lambda _ids: "/lire", stage=with_((AHEAD, BREAKS_EDITIONS[0]), (BREAKS_EDITIONS[1], OURS))),
    Screen("away-writing", COMPOSER, "hector", act=while_(f"{AHEAD}; {BREAKS_NAMES[0]}", f"{BREAKS_NAMES[1]}; {OURS}", send(FORM, **COMPOSED))),
    Screen("signed-out", at("/espaces/{}/contributions/nouvelle", SPACE_OF_XAVIER), "xavier", act=while_(ENDED, "SELECT 1", send(FORM, **COMPOSED)), alone=True),
    Screen("invitation", invitation(1, 14)),
    Screen("invitation-over", invitation(2, -3)),
    Screen("code", lambda _ids: f"/connexion/code?demande={LETTER}&vers=/"),
    Screen("code-refused", lambda _ids: f"/connexion/code?demande={LETTER}&vers=/", act=send("main form", code="123456")),
    Screen("code-link", lambda _ids: f"/connexion/lien/alg_sin_{UUID(LETTER).hex}_{'x' * 43}"),
    Screen("space-settings", SETTINGS, "agathe"),
    Screen("files", at("/contributions/{}", HECTORS), "hector", act=join("Budget de trésorerie 2020, version du 4 mai.csv", "text/csv", b"mois;solde\nmai;1200\n")),
    Screen("file-refused", at("/contributions/{}", HECTORS), "hector", act=join("programme.exe", "application/x-msdownload", b"MZ\x90\x00\x03" * 90)),
    Screen("long-home", lambda _ids: "/", "hector", stage=long_names),
    Screen("long-space", at("/espaces/{}", SPACE), "hector", stage=long_names),
    Screen("long-organisation", at("/organisations/{}", ORGANISATION), "gilda", stage=long_names),
    Screen("long-initiative", at("/demarches/{}", INITIATIVE), "hector", stage=long_names),
    Screen("long-deliverable", at("/livrables/{}", DELIVERABLE), "agathe", stage=long_names),
)  # fmt: skip
