"""Themes in the order of their tree, and extracts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Text, and_, cast, exists, func, literal, select, true
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import CTE, FromClause

from app.core.db import Handle
from app.core.errors import NotFound
from app.core.i18n import later
from app.core.paging import LIMIT, Mark, Page, mark_of, page_of
from app.features.harvest.models import Extract, ExtractFiling, Filing, Theme
from app.features.harvest.schemas import ExtractOut, ThemeOut
from app.features.statements.models import Revision, Statement
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import abilities, allowed, visible

T: FromClause = Theme.__table__
F: FromClause = Filing.__table__
X: FromClause = Extract.__table__
XF: FromClause = ExtractFiling.__table__
R: FromClause = Revision.__table__
S: FromClause = Statement.__table__

THEME_NOT_FOUND = later("Ce thème n’existe pas, ou vous n’y avez pas accès.")
EXTRACT_NOT_FOUND = later("Cet extrait n’existe pas, ou vous n’y avez pas accès.")
MOST_THEMES = 1_000


def _themes(actor: Actor) -> Select[Any]:
    filed = select(func.count()).where(F.c.theme_id == T.c.id).scalar_subquery()
    extracts = select(func.count()).where(XF.c.theme_id == T.c.id).scalar_subquery()
    return select(T, filed.label("contributions"), extracts.label("extracts")).where(
        visible(actor, Theme, Action.THEME_READ)
    )


async def list_themes(
    read: Handle,
    actor: Actor,
    *,
    initiative_id: UUID | None = None,
    space_id: UUID | None = None,
    cursor: str | None = None,
    limit: int = LIMIT,
) -> Page[ThemeOut]:
    """A page of the visible themes of an initiative or of a space, parents before children, siblings by position."""
    equal = {T.c.initiative_id: initiative_id, T.c.space_id: space_id}
    tree = _tree(actor, [column == value for column, value in equal.items() if value is not None])
    question = _themes(actor).add_columns(tree.c.path, tree.c.depth).join(tree, tree.c.id == T.c.id)
    if after := mark_of(cursor, str):
        question = question.where(tree.c.path > after.key)
    rows = (await read.execute(question.order_by(tree.c.path).limit(limit + 1))).all()
    page = page_of(rows, limit, lambda row: Mark(row.path, row.id))
    return Page([_theme(actor, row, row.depth) for row in page.items], page.next_cursor)


def _tree(actor: Actor, narrowed: list[ColumnElement[bool]]) -> CTE:
    """The themes asked for, each with its depth and a path that sorts as the tree is read.

    A theme whose parent is not among them (hidden, or filtered out) stands at the top.
    """
    own = func.lpad(cast(T.c.position, Text), 10, "0").op("||")(cast(T.c.id, Text)).collate("C")
    asked = (
        select(T.c.id, T.c.parent_id, own.label("own"))
        .where(visible(actor, Theme, Action.THEME_READ), *narrowed)
        .cte("asked")
    )
    parent = asked.alias("parent")
    top = select(asked.c.id, asked.c.own.label("path"), literal(0).label("depth")).where(
        ~exists(select(parent.c.id).where(parent.c.id == asked.c.parent_id))
    )
    tree = top.cte("tree", recursive=True)
    path = tree.c.path.op("||")(literal("/")).op("||")(asked.c.own).collate("C")
    return tree.union_all(select(asked.c.id, path, tree.c.depth + 1).join(tree, asked.c.parent_id == tree.c.id))


async def get_theme(read: Handle, actor: Actor, theme_id: UUID) -> ThemeOut:
    """One theme, or NotFound; `depth` counts its ancestors."""
    row = (await read.execute(_themes(actor).where(T.c.id == theme_id))).first()
    if row is None:
        raise NotFound(THEME_NOT_FOUND)
    return _theme(actor, row, len(await ancestors(read, row.parent_id)))


async def ancestors(read: Handle, theme_id: UUID | None) -> list[UUID]:
    """`theme_id` and the themes above it, nearest first."""
    if theme_id is None:
        return []
    above = select(T.c.id, T.c.parent_id).where(T.c.id == theme_id).cte("above", recursive=True)
    above = above.union(select(T.c.id, T.c.parent_id).where(T.c.id == above.c.parent_id))
    return list((await read.execute(select(above.c.id))).scalars())


def in_tree_order(rows: Sequence[Any]) -> Iterator[tuple[Any, int]]:
    """Rows with `id` and `parent_id`, sorted among siblings already: each after its parent, with its depth.

    A row whose parent is not among the rows (hidden, or filtered out) stands at the top.
    """
    children: dict[UUID | None, list[Any]] = {}
    known = {row.id for row in rows}
    for row in rows:
        children.setdefault(row.parent_id if row.parent_id in known else None, []).append(row)
    waiting = [(row, 0) for row in reversed(children.get(None, []))]
    while waiting:
        row, depth = waiting.pop()
        yield row, depth
        waiting += [(child, depth + 1) for child in reversed(children.get(row.id, []))]


def _theme(actor: Actor, row: Any, depth: int) -> ThemeOut:
    files = allowed(actor, Action.THEME_EDIT, row)
    return ThemeOut(
        id=row.id,
        initiative_id=row.initiative_id,
        space_id=row.space_id,
        parent_id=row.parent_id,
        title=row.title,
        position=row.position,
        depth=depth,
        contributions=row.contributions if files else None,
        extracts=row.extracts if files else None,
        version=row.version,
        abilities=abilities(actor, row, "theme"),
    )


def extracts(actor: Actor) -> Select[Any]:
    """The extracts that the caller may read, with their themes and the revision that they are words of."""
    themes = func.array(
        select(XF.c.theme_id).where(XF.c.extract_id == X.c.id).order_by(XF.c.theme_id).scalar_subquery()
    )
    return (
        select(X, R.c.n.label("revision"), (S.c.head_id == X.c.revision_id).label("is_head"), themes.label("theme_ids"))
        .select_from(X.join(R, R.c.id == X.c.revision_id).join(S, and_(S.c.id == X.c.statement_id, true())))
        .where(visible(actor, Extract, Action.EXTRACT_READ))
    )


async def get_extract(read: Handle, actor: Actor, extract_id: UUID) -> ExtractOut:
    """One extract, or NotFound."""
    row = (await read.execute(extracts(actor).where(X.c.id == extract_id))).first()
    if row is None:
        raise NotFound(EXTRACT_NOT_FOUND)
    return extract_of(actor, row)


def extract_of(actor: Actor, row: Any) -> ExtractOut:
    """A row of `extracts` as it is answered."""
    return ExtractOut.model_construct(
        **{name: getattr(row, name) for name in ExtractOut.model_fields if name != "abilities"},
        abilities=abilities(actor, row, "extract"),
    )
