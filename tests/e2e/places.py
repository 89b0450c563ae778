"""What a screen is, and where things are in the demonstration: addresses are found, not written down."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import psycopg
from playwright.sync_api import Page
from psycopg.rows import dict_row

from app.core.db import driver_address
from app.core.postgres.cluster import Urls

Finder = Callable[["Ids"], str]
Stage = Callable[["Ids"], AbstractContextManager[None]]
Act = Callable[[Page, "Ids"], None]


@dataclass(frozen=True, slots=True)
class Ids:
    """Finds what a screen is about: `one("SELECT …")` is the first column of the first row of the demonstration."""

    connection: psycopg.Connection[Any]

    @classmethod
    def of(cls, urls: Urls) -> Ids:
        """Of the database that a server shows, as its owner: what is changed there is changed at once."""
        return cls(psycopg.connect(driver_address(urls.owner), row_factory=dict_row, autocommit=True))

    def one(self, statement: str) -> str:
        """As text, for an address; LookupError where there is none."""
        row = self.connection.execute(statement.encode()).fetchone()
        if row is None:
            raise LookupError(statement)
        return str(next(iter(row.values())))

    def run(self, *statements: str) -> None:
        """Change the demonstration, at once."""
        for statement in statements:
            self.connection.execute(statement.encode())


@dataclass(frozen=True, slots=True)
class Screen:
    """One screen: its name is the file's, `address` finds it, `who` looks at it (a visitor where empty)."""

    name: str
    address: Finder
    who: str = ""
    stage: Stage | None = None
    """What the database is while one looks, and undone after."""
    act: Act | None = None
    """What is done on the page; another page comes of it."""
    alone: bool = False
    """In a window that nobody else uses: its login ends."""

    def reach(self, page: Page, ids: Ids) -> str:
        """Bring `page` there; the page as it was sent."""
        with self.stage(ids) if self.stage else nullcontext():
            answer = page.goto(self.address(ids))
            if self.act is not None:
                with page.expect_navigation() as gone:
                    self.act(page, ids)
                answer = gone.value
        assert answer is not None
        return answer.text()


SPACE = """SELECT s.id FROM spaces s JOIN space_members m ON m.space_id = s.id JOIN mandates g USING (organisation_id)
JOIN persons p ON p.id = g.person_id WHERE p.email = 'hector@alliage.example' ORDER BY s.number LIMIT 1"""
TALKED_OVER = """SELECT r.root_id FROM statements r JOIN spaces s ON s.id = r.space_id WHERE r.type = 'reply'
AND s.visibility = '{}' GROUP BY r.root_id ORDER BY count(*) DESC, r.root_id LIMIT 1"""
HECTORS = """SELECT s.id FROM statements s JOIN persons p ON p.id = s.person_id WHERE p.email = 'hector@alliage.example'
AND s.type = 'contribution' AND s.state = 'published' ORDER BY s.id LIMIT 1"""
REVISED = """SELECT s.id FROM statements s JOIN revisions r ON r.id = s.head_id WHERE s.type = 'contribution'
AND s.state = 'published' AND r.n > 1 ORDER BY s.id LIMIT 1"""
ORGANISATION = "SELECT organisation_id FROM mandates g JOIN persons p ON p.id = g.person_id WHERE p.email = 'gilda@alliage.example'"
DELIVERABLE = "SELECT id FROM deliverables ORDER BY id LIMIT 1"
PASSAGE = "SELECT id FROM passages WHERE kind = 'paragraph' AND head_id IS NOT NULL AND removed_at IS NULL ORDER BY id LIMIT 1"
EDITION = "SELECT id FROM editions ORDER BY n DESC LIMIT 1"
INITIATIVE = "SELECT id FROM initiatives ORDER BY id LIMIT 1"


def session_in(state: str) -> str:
    return f"SELECT id FROM sessions WHERE state = '{state}' ORDER BY starts_at LIMIT 1"


def at(pattern: str, statement: str) -> Finder:
    return lambda ids: pattern.format(ids.one(statement))
