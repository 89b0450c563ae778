"""`load_demonstration`: the initiative of 2020 with all that was said in it, in one transaction.

Killed at any moment, nothing of it stands and the next run makes it whole; once it stands, a
run finds it and adds nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database
from app.core.security.passwords import hash_password
from app.features.demonstration.accounts import demonstration_password, set_password
from app.features.demonstration.content import Content, at, read_content
from app.features.demonstration.ledger import Ledger
from app.features.demonstration.meetings import add_sessions, set_states
from app.features.demonstration.people import add_organisations, add_participations, add_people
from app.features.demonstration.places import add_calendar, add_initiative, add_spaces, add_themes
from app.features.demonstration.synthesis import Synthesis
from app.features.demonstration.words import Stretch, Window
from app.features.initiatives.models import Initiative
from app.settings import Settings

Progress = Callable[[str], None]
"""Told what begins, in French."""

LOCK = 1684366703
"""One load at a time (advisory lock): the second finds what the first wrote."""

SLUG = "sortie-de-crise-2020"
"""The initiative's, in content/initiative.yaml: known without reading the files, most runs find it there."""

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a run did."""

    rows: int
    """Written, events included; what the synthesis wrote is not counted."""
    seconds: float


async def load_demonstration(database: Database, settings: Settings, progress: Progress | None = None) -> Loaded:
    """Write the demonstration, or find it there and write nothing."""
    begun = time.monotonic()
    password, fresh = demonstration_password(settings)
    tell = progress or (lambda _what: None)
    async with database.sessions.begin() as db:
        await db.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        found = await db.execute(select(Initiative.id).where(Initiative.slug == SLUG))
        if found.first() is None:
            rows = await _load(db, read_content(), await hash_password(password), tell)
        else:
            rows = 0
            if fresh:  # the file was lost: the accounts take the new password that will be shown
                await set_password(db, await hash_password(password))
    return Loaded(rows, time.monotonic() - begun)


async def _load(db: AsyncSession, content: Content, hashed: str, tell: Progress) -> int:
    # Rendering some hundreds of texts between two statements is idle time for the server; a busy machine takes a while.
    await db.execute(text("SET LOCAL idle_in_transaction_session_timeout = '120s'"))
    # Should the server count rows on the way, it sees none of these, still uncommitted, and would read tables that
    # it believes empty whole for each row of another: minutes instead of milliseconds.
    await db.execute(text("SET LOCAL enable_nestloop = off"))
    tell("Organisations, personnes et espaces")
    assert content.initiative["slug"] == SLUG
    ledger = Ledger(content)
    add_initiative(ledger)
    add_people(ledger, hashed)
    add_organisations(ledger)
    add_participations(ledger)
    add_calendar(ledger)
    add_spaces(ledger)
    add_themes(ledger)
    add_sessions(ledger)
    synthesis = Synthesis(db, ledger)
    rows, since = 0, BEGINNING
    for edition in content.synthesis["editions"]:
        until = at(edition["published_at"])
        tell(f"Contributions et réponses jusqu’au {until:%d/%m/%Y}")
        rows += await _say(db, ledger, Window(since, until))
        tell(f"Synthèse : {edition['label'].lower()}")
        await synthesis.make(edition)
        since = until
    rows += await _say(db, ledger, Window(since, datetime.max.replace(tzinfo=UTC)))
    await set_states(db, ledger)
    return rows


async def _say(db: AsyncSession, ledger: Ledger, window: Window) -> int:
    stretch = Stretch(ledger, window)
    stretch.collect()
    return await stretch.write(db)
