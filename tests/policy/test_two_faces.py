"""One rule, two faces: what `allowed` says of a row is what PostgreSQL says when it lists (R3).

The rows are inserted: temporary tables that bear the names of the real ones, without their
constraints, so that rows no person could write (an event without a place, a released draft) are
tried too. Each decision is asked three times: of `allowed`, of `visible(actor)`, and of
`visible(CALLER)` with the parameters of `facts(actor)`.
"""

from __future__ import annotations

import ast
import random
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Boolean, Column, Connection, Table, Uuid, create_engine, select, text

from app.core.events import Audience, Event
from app.core.postgres.cluster import Urls
from app.features.deliverables.models import Citation, Deliverable, Figure, Passage, Section, Treatment, Waiver
from app.features.drafts.models import Draft
from app.features.editions.models import Edition
from app.features.harvest.models import Extract, Theme
from app.features.identity.models import Invitation, Mandate, Organisation, Person
from app.features.initiatives.models import AccessGrant, Initiative, Participation
from app.features.search.models import Findable, PublishedPassage
from app.features.sessions.models import Session
from app.features.spaces.models import AccessRequest, Facilitator, Space, SpaceMember
from app.features.statements.models import Consent, Statement, StatementState
from app.policy.actions import Action
from app.policy.actor import VISITOR, Actor
from app.policy.decide import allowed, visible
from app.policy.rules import READS
from app.policy.symbolic import CALLER, facts

APP = Path(__file__).resolve().parents[2] / "app"

PAIRS: tuple[tuple[Action, type[Any]], ...] = (
    (Action.ACCESS_READ, AccessGrant),
    (Action.ATTACHMENT_READ, Statement),
    (Action.AUDIT_READ, Event),
    (Action.AUDIT_READ, Participation),
    (Action.AUDIT_READ, SpaceMember),
    (Action.COVERAGE_READ, Deliverable),
    (Action.DELIVERABLE_READ, Citation),
    (Action.DELIVERABLE_READ, Deliverable),
    (Action.DELIVERABLE_READ, Figure),
    (Action.DELIVERABLE_READ, Passage),
    (Action.DELIVERABLE_READ, Section),
    (Action.DELIVERABLE_READ, Treatment),
    (Action.DELIVERABLE_READ, Waiver),
    (Action.DRAFT_READ, Draft),
    (Action.REQUEST_READ, AccessRequest),
    (Action.EDITION_READ, Edition),
    (Action.EDITION_READ, PublishedPassage),
    (Action.EVENT_READ, Event),
    (Action.EXTRACT_READ, Extract),
    (Action.FACILITATOR_READ, Facilitator),
    (Action.FINDABLE_READ, Findable),
    (Action.INITIATIVE_READ, Initiative),
    (Action.INVITATION_READ, Invitation),
    (Action.MANDATE_READ, Mandate),
    (Action.MINUTES_READ, Session),
    (Action.ORGANISATION_READ, Organisation),
    (Action.SESSION_READ, Session),
    (Action.SPACE_READ, Space),
    (Action.STATEMENT_READ, Statement),
    (Action.THEME_READ, Theme),
    # Rules for writing that a list asks too, to say what may be shown
    (Action.ACCOUNT_MANAGE, Person),
    (Action.MANDATE_GIVE, Mandate),
)
"""Every rule that a query folds into SQL, and the model it folds it on."""

ROWS, ACTORS = 240, 36
"""For each pair: 29 * 240 * 36 = 250,560 decisions."""
SEED = 20201123


def _ids(kind: int, count: int) -> list[UUID]:
    return [UUID(int=(kind << 64) + n + 1) for n in range(count)]


INITIATIVES, SPACES, ORGANISATIONS, PERSONS = _ids(1, 4), _ids(2, 8), _ids(3, 6), _ids(4, 6)
POOLS: dict[str, list[Any]] = {
    "initiative_id": INITIATIVES,
    "space_id": SPACES,
    "organisation_id": ORGANISATIONS,
    "person_id": PERSONS,
    "audience": [audience.value for audience in Audience],
    "consent": [consent.value for consent in Consent],
    "root_consent": [consent.value for consent in Consent],
    "state": [*(state.value for state in StatementState), "open", "closed", "active"],
}
OWN_IDS: dict[type[Any], list[UUID]] = {
    Initiative: INITIATIVES,
    Space: SPACES,
    Organisation: ORGANISATIONS,
    Person: PERSONS,
}
LOOKED_AT = {*POOLS, "released", "shown"}
"""The columns that predicates look at, beside `id`."""


def _some(chance: random.Random, pool: list[UUID]) -> frozenset[UUID]:
    return frozenset(one for one in pool if chance.random() < 0.3)


def _actor(chance: random.Random) -> Actor:
    """Any combination of rights, sensible or not; one in eight is a visitor."""
    if chance.random() < 0.125:
        return Actor(outer_spaces=_some(chance, SPACES), public_initiatives=_some(chance, INITIATIVES), may_write=False)
    return Actor(
        person_id=chance.choice(PERSONS),
        is_admin=chance.random() < 0.2,
        organisations=_some(chance, ORGANISATIONS),
        managed=_some(chance, ORGANISATIONS),
        managed_here=frozenset(
            (initiative, organisation)
            for initiative in INITIATIVES
            for organisation in ORGANISATIONS
            if chance.random() < 0.1
        ),
        initiatives=_some(chance, INITIATIVES),
        public_initiatives=_some(chance, INITIATIVES),
        piloted=_some(chance, INITIATIVES),
        inner_spaces=_some(chance, SPACES),
        outer_spaces=_some(chance, SPACES),
        facilitated=_some(chance, SPACES),
        speaking_spaces=_some(chance, SPACES),
    )


def _value(chance: random.Random, column: Column[Any]) -> Any:
    if isinstance(column.type, Boolean):
        return chance.random() < 0.5
    return None if column.nullable and chance.random() < 0.25 else chance.choice(POOLS[column.name])


def _rows(chance: random.Random, model: type[Any]) -> list[dict[str, Any]]:
    """Rows of `model`: its key, and what rules look at. Things that actors hold in sets come back more than once."""
    columns = [column for column in model.__table__.columns if column.name in LOOKED_AT]
    rows = []
    for n in range(ROWS):
        row = {column.name: _value(chance, column) for column in columns}
        if "id" in model.__table__.columns:
            own = isinstance(model.__table__.columns["id"].type, Uuid)
            row["id"] = chance.choice(OWN_IDS[model]) if model in OWN_IDS else UUID(int=n + 1) if own else n + 1
        rows.append(row)
    return rows


@pytest.fixture(scope="module")
def connection(urls: Urls) -> Iterator[Connection]:
    """A connection that may make temporary tables."""
    engine = create_engine(urls.owner)
    with engine.connect() as connection:
        yield connection
        connection.rollback()
    engine.dispose()


def _shadow(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """A temporary table of the same name, found first, with these rows; `n` is their number."""
    kinds = [f'"{name}" {table.columns[name].type.compile(connection.dialect)}' for name in rows[0]] or []
    connection.execute(text(f"DROP TABLE IF EXISTS pg_temp.{table.name}"))
    connection.execute(text(f"CREATE TEMP TABLE {table.name} ({', '.join([*kinds, 'n integer'])})"))
    names = [*rows[0], "n"]
    values = ", ".join(f":{name}" for name in names)
    quoted = ", ".join(f'"{name}"' for name in names)
    connection.execute(
        text(f"INSERT INTO pg_temp.{table.name} ({quoted}) VALUES ({values})"),
        [row | {"n": n} for n, row in enumerate(rows)],
    )


def _seen(connection: Connection, table: Table, condition: Any, values: dict[str, Any] | None = None) -> set[int]:
    question = select(text("n")).select_from(table).where(condition)
    return set(connection.execute(question, values or {}).scalars())


def _agree(connection: Connection, chance: random.Random, action: Action, model: type[Any]) -> tuple[int, int]:
    """Every actor on every row, on the three faces: how many decisions, how many were yes."""
    rows = _rows(chance, model)
    table: Any = model.__table__
    _shadow(connection, table, rows)
    things = [SimpleNamespace(**row) for row in rows]
    symbolic, yes = visible(CALLER, model, action), 0
    for actor in [VISITOR, *(_actor(chance) for _ in range(ACTORS - 1))]:
        one = {n for n, thing in enumerate(things) if allowed(actor, action, thing)}
        if action in READS or actor.may_write:
            assert one == _seen(connection, table, visible(actor, model, action)), (action, model, actor)
            assert one == _seen(connection, table, symbolic, facts(actor)), (action, model, actor)
        yes += len(one)
    return len(rows) * ACTORS, yes


def test_two_hundred_thousand_decisions_agree(connection: Connection) -> None:
    chance = random.Random(SEED)
    decided = [_agree(connection, chance, action, model) for action, model in PAIRS]
    assert sum(count for count, _ in decided) >= 200_000
    for (action, model), (count, yes) in zip(PAIRS, decided, strict=True):
        assert yes > 0, f"{action} on {model.__name__} was never allowed: the comparison says nothing"
        assert yes < count or action in (Action.ORGANISATION_READ, Action.EDITION_READ), (action, model)


def test_a_rule_with_another_face_would_be_seen(connection: Connection) -> None:
    """The control: compared with the SQL of another action, the same rows disagree."""
    chance = random.Random(SEED)
    rows = _rows(chance, Statement)
    table: Any = Statement.__table__
    _shadow(connection, table, rows)
    differing = 0
    for actor in (_actor(chance) for _ in range(20)):
        one = {n for n, row in enumerate(rows) if allowed(actor, Action.STATEMENT_READ, SimpleNamespace(**row))}
        differing += one != _seen(connection, table, visible(actor, Statement, Action.THEME_READ))
    assert differing > 10


def test_every_reading_rule_is_compared() -> None:
    assert {action for action, _ in PAIRS} >= READS


def _asked() -> Iterator[tuple[str, str, str]]:
    """(file, model, action) of every `visible(..., Model, Action.X)` in the application, where both are named."""
    for path in sorted(APP.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "visible":
                _, model, action = node.args
                if isinstance(model, ast.Name) and isinstance(action, ast.Attribute):
                    yield path.name, model.id, action.attr


def test_every_pair_that_a_query_asks_is_compared() -> None:
    compared = {(model.__name__, action.name) for action, model in PAIRS}
    passed_on = {"model", "columns"}  # a function's parameter: its callers name the pair
    missing = {pair for pair in _asked() if pair[1] not in passed_on and pair[1:] not in compared}
    assert not missing
