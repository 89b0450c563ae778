"""`allowed`, `require`, `abilities` and `visible`: four readings of the same RULES.

"May I see this one" and "list what I may see" fold the same predicates, so they cannot
drift apart; a test compares the two faces on random callers and rows (R3).
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy import and_, false, or_, true
from sqlalchemy.sql.elements import ColumnElement

from app.core.errors import Forbidden, Unauthenticated, WrongState
from app.policy.actions import IN_FRENCH, Action
from app.policy.actor import Actor
from app.policy.predicates import ABOUT_STATE
from app.policy.rules import ABILITIES, READS, RULES, Clause

REFUSALS = {
    action: f"Votre mandat ne permet pas cet acte : {words}. Demandez à un co-pilote ou au responsable de votre organisation."
    for action, words in IN_FRENCH.items()
}


class ReadOnlyToken(Forbidden):
    """This personal token was made for reading. Make one with the scope `write`."""

    title = "Jeton en lecture seule"


def _holds(clause: Clause, actor: Actor, it: Any) -> bool:
    return all(predicate(actor, it) for predicate in clause)


def allowed(actor: Actor, action: Action, it: Any) -> bool:
    """Whether `actor` may do `action` to the row `it` now."""
    if action not in READS and not actor.may_write:
        return False
    return any(_holds(clause, actor, it) for clause in RULES[action])


def require(actor: Actor, action: Action, it: Any, wrong: type[WrongState] = WrongState) -> None:
    """Return when allowed; else 401 for a visitor, 403 with the reason, or 409 (`wrong`) when only the state is in the way."""
    if allowed(actor, action, it):
        return
    if not actor.signed_in:
        raise Unauthenticated("Connectez-vous pour continuer.")
    if action not in READS and not actor.may_write:
        raise ReadOnlyToken("Ce jeton ne permet que de lire.")
    for clause in RULES[action]:
        if all(predicate(actor, it) for predicate in clause if predicate not in ABOUT_STATE):
            raise wrong.of(getattr(it, "state", ""), action=action.value)
    raise Forbidden(REFUSALS[action], action=action.value)


def _glance(columns: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    """Read `columns` off a row, as a tuple."""
    if len(columns) > 1:
        return attrgetter(*columns)
    return lambda it: tuple(getattr(it, column) for column in columns)


def abilities(actor: Actor, it: Any, kind: str) -> list[str]:
    """The names of what `actor` may do with the row `it` of this kind, for clients that show buttons.

    Rows that look alike to the rules get the same answer, worked out once for each actor: what the
    rules of the kind look at is known (`_columns_read`), and of a person only whether it is oneself.
    """
    key = (kind, it.person_id == actor.person_id if kind in _PERSONAL else None, *_GLANCES[kind](it))
    known = actor.judged.get(key)
    if known is None:
        if len(actor.judged) > MOST_REMEMBERED:
            actor.judged.clear()
        known = actor.judged[key] = [action.value for action in ABILITIES[kind] if allowed(actor, action, it)]
    return known


MOST_REMEMBERED = 4096


class _Witness:
    """A row that notes which of its columns a rule looks at."""

    def __init__(self) -> None:
        self.seen: set[str] = set()

    def __getattr__(self, name: str) -> UUID:
        self.seen.add(name)
        return NOBODY


NOBODY = UUID(int=0)


def _columns_read(kind: str) -> tuple[str, ...]:
    """The columns that the rules of `kind` look at."""
    witness, anyone = _Witness(), Actor(person_id=NOBODY)
    for action in ABILITIES[kind]:
        for clause in RULES[action]:
            for predicate in clause:
                predicate(anyone, witness)
    return tuple(sorted(witness.seen))


_READ = {kind: _columns_read(kind) for kind in ABILITIES}
_PERSONAL = {kind for kind, columns in _READ.items() if "person_id" in columns}
_GLANCES: dict[str, Callable[[Any], tuple[Any, ...]]] = {
    kind: _glance(tuple(column for column in columns if column != "person_id")) for kind, columns in _READ.items()
}


def visible(actor: Actor, model: Any, action: Action) -> ColumnElement[bool]:
    """The SQL of "rows of `model` that `actor` may read": the only tenant filter there is."""
    clauses = [and_(true(), *(_expression(p(actor, model)) for p in clause)) for clause in RULES[action]]
    return or_(false(), *clauses)


def _expression(value: Any) -> Any:
    if isinstance(value, bool):
        return true() if value else false()
    return value
