"""What each kind of passage must hold: words, or a table or an image that also says in words what it shows."""

from __future__ import annotations

from html import escape

from markdown_it.token import Token
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import Invalid, invalid, refused
from app.core.richtext.reading import read
from app.features.deliverables.models import Figure, Passage, PassageKind
from app.features.deliverables.schemas.writing import PassageText

WITH_A_CAPTION = frozenset({PassageKind.TABLE, PassageKind.FIGURE})
MOST_COLUMNS, MOST_ROWS = 20, 300


class NotATable(Invalid):
    """A table passage is exactly one Markdown table, each column of which has a heading."""

    title = "Tableau mal formé"


async def check_shape(db: AsyncSession, passage: Passage, text: PassageText) -> None:
    """422 for what this kind of passage cannot hold, or lacks."""
    if passage.kind in WITH_A_CAPTION:
        _check_told(text)
    else:
        _check_plain(text)
    if passage.kind == PassageKind.TABLE:
        _check_table(text.markdown)
    if passage.kind == PassageKind.FIGURE:
        await _check_figure(db, passage, text)
    elif text.figure_id is not None:
        raise invalid("/figure_id", "Seul un passage « figure » montre une image.")


def _check_told(text: PassageText) -> None:
    missing = []
    if text.caption is None:
        missing.append(refused("/caption", "Donnez un titre : c’est ainsi qu’on le nomme."))
    if text.alt is None:
        missing.append(refused("/alt", "Dites en mots ce qu’il montre, pour qui ne le voit pas."))
    if missing:
        raise Invalid("Un tableau ou une figure a un titre, et dit en mots ce qu’il montre.", errors=missing)


def _check_plain(text: PassageText) -> None:
    if not text.markdown:
        raise invalid("/markdown", "Écrivez quelque chose.")
    for pointer, value in (("/caption", text.caption), ("/alt", text.alt)):
        if value is not None:
            raise invalid(pointer, "Seuls un tableau et une figure ont un titre et une description.")


def _check_table(markdown: str) -> None:
    tokens = read(markdown)
    opened = [at for at, token in enumerate(tokens) if token.type == "table_open"]
    if opened != [0] or tokens[-1].type != "table_close":
        raise NotATable(
            "Un tableau s’écrit en Markdown, seul dans son passage : une ligne d’en-têtes, une ligne de tirets, "
            "puis une ligne pour chaque rangée.",
            errors=[refused("/markdown", "Un tableau Markdown est attendu, et rien d’autre.")],
        )
    headings = _cells(tokens, "th")
    rows = sum(token.type == "tr_open" for token in tokens) - 1
    if not all(headings):
        raise NotATable(
            "Chaque colonne a un en-tête : il en manque un.", errors=[refused("/markdown", "En-tête vide.")]
        )
    if not 1 <= rows <= MOST_ROWS or len(headings) > MOST_COLUMNS:
        raise invalid(
            "/markdown",
            "Un tableau a de 1 à {rows} rangées, et {columns} colonnes au plus.",
            rows=MOST_ROWS,
            columns=MOST_COLUMNS,
        )


def _cells(tokens: list[Token], tag: str) -> list[str]:
    inside = (tokens[at + 1] for at, token in enumerate(tokens) if token.type == f"{tag}_open")
    return ["".join(child.content for child in cell.children or []).strip() for cell in inside]


async def _check_figure(db: AsyncSession, passage: Passage, text: PassageText) -> None:
    question = select(Figure.id).where(Figure.id == text.figure_id, Figure.deliverable_id == passage.deliverable_id)
    if text.figure_id is None or (await db.execute(question)).first() is None:
        raise invalid("/figure_id", "Choisissez une image de ce livrable.")


def captioned(html: str, caption: str) -> str:
    """The table with its caption, and headings that say that they are of columns."""
    named = html.replace("<table>", f"<table><caption>{escape(caption)}</caption>", 1)
    return named.replace("<th>", '<th scope="col">').replace("<th ", '<th scope="col" ')
