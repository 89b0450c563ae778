"""The page of the desk: contents, passages of one part, contributions that it can cite; and the history of a passage."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import BaseModel, Field

from app.core.clock import now
from app.core.errors import NotFound
from app.core.i18n import gettext
from app.core.richtext.differences import Change, Comparison, apart
from app.core.text import SearchText
from app.features.deliverables.models import Relation
from app.features.deliverables.queries.figures import get_figure
from app.features.deliverables.queries.hands import list_hands, list_history
from app.features.deliverables.queries.outline import SECTION_NOT_FOUND
from app.features.deliverables.queries.passages import PASSAGE_NOT_FOUND, get_document
from app.features.deliverables.queries.queue import list_queue
from app.features.deliverables.queries.standing import count_waiting
from app.features.drafts.keys import DraftForm
from app.features.drafts.queries import find_draft
from app.features.drafts.schemas import DraftOut
from app.features.live.queries import list_writers
from app.features.screens.pages.desk.shown import Asked, Written, choices_of, passages_of
from app.features.statements.models import StatementType
from app.features.statements.queries.detail import get_statement
from app.policy.actions import Action
from app.web import respond
from app.web.addresses import id_in
from app.web.deps import Cursor, Read
from app.web.forms import Form, Refused, page_router
from app.web.frame import Entry
from app.web.screen import Looking, Screen

router = page_router()
DESK = "/livrables/{deliverable_id}/redaction"
SHOWN = 12


class Wanted(BaseModel):
    """What the address of the desk may ask for."""

    partie: UUID | None = None
    passage: UUID | None = None
    contribution: UUID | None = None
    citation: Annotated[int, Field(ge=1, le=1_000_000_000)] | None = None
    q: SearchText | None = None
    citees: Literal["toutes", "non"] = "toutes"
    cursor: Cursor = None
    dit: str = ""


@router.get(DESK)
async def desk(screen: Looking, read: Read, deliverable_id: UUID, wanted: Annotated[Wanted, Query()]) -> Response:
    """One part of the text, whose passages are written one at a time."""
    actor = screen.actor
    document = await get_document(read, actor, deliverable_id, with_proposed=True)
    if Action.DELIVERABLE_WRITE.value not in document["deliverable"].abilities:
        return screen.see(f"/livrables/{deliverable_id}")  # closed: it is read there, and reopened
    sent = _sent(screen.refused)
    section = _chosen(document["sections"], wanted, id_in(sent["section_id"]))
    hands = await list_hands(read, actor, section["id"]) if section else []
    writers = await list_writers(read, actor, scope_id=deliverable_id, at=now())
    cited = {it["number"]: it for it in document["citations"]}
    passages = passages_of(section, [it for it in hands if not it.is_refused], cited, writers)
    edited = next((it for it in passages if it.hand.passage_id == wanted.passage and it.hand.in_force), None)
    key = DraftForm.PASSAGE_EDIT.key(deliverable_id, edited.hand.passage_id) if edited else ""
    kept = await find_draft(read, actor, key) if edited else None
    panel = await _panel(screen, read, document, section, wanted)
    waiting, counted_at = (0, None) if edited else await count_waiting(read, deliverable_id)
    return await screen.show(
        "screens/desk.html",
        it=document["deliverable"],
        sections=document["sections"],
        section=section,
        counted=document["counts"],
        passages=passages,
        proposed=[it for it in passages if not it.hand.in_force],
        turned_down=passages_of(section, [it for it in hands if it.is_refused], cited, []),
        edited=edited,
        writing=_form_of(screen, edited, kept),
        kept=kept if edited and kept and kept.body.get("markdown") != edited.hand.markdown else None,
        draft_key=key,
        draft_version=kept.version if kept else 0,
        conflict=await _conflict(screen, edited),
        writers=writers,
        **panel,
        choices=choices_of(document["sections"], passages, edited, panel["relations"], panel["queue"].items, sent),
        waiting=waiting,
        counted_at=counted_at,
        asked=Asked.of(deliverable_id, section, wanted),
        sent=sent,
        form=screen.form(),
        refusals=[("", detail) for detail in screen.form().errors.values()],
        crumb=_crumb(gettext("Rédaction"), (document["deliverable"].title, f"/livrables/{deliverable_id}")),
    )


def _crumb(here: str, above: tuple[str, str]) -> list[Entry]:
    return [Entry(gettext("Accueil"), "/"), Entry(*above), Entry(here, "")]


def _sent(refused: Refused | None) -> dict[str, str]:
    """The fields of the form that was refused, if one was; nothing for every other name."""
    values = {} if refused is None else refused.values
    return defaultdict(str, {name: said[0] for name, said in values.items() if said})


def _chosen(sections: list[Any], wanted: Wanted, was: UUID | None) -> Any:
    """The part that is asked for, or that holds the passage or the citation; else the first with something in it."""
    for section in sections:
        held = section["passages"]
        if any(it["id"] == wanted.passage or wanted.citation in it["citations"] for it in held):
            return section
    part = wanted.partie or was
    if part is None:
        return next((it for it in sections if it["passages"]), sections[0] if sections else None)
    found = next((it for it in sections if it["id"] == part), None)
    if found is None:
        raise NotFound(SECTION_NOT_FOUND)
    return found


def _form_of(screen: Screen, edited: Written | None, kept: DraftOut | None) -> Form | None:
    """The form of the passage that is written: as it was sent, else as it was kept, else as it stands."""
    if edited is None:
        return None
    known = {name: getattr(edited.hand, name) for name in ("markdown", "caption", "alt")}
    known["version"] = edited.hand.version
    refused = _refused_text(screen)
    if (
        refused is not None and refused.problem.status == 412
    ):  # both are shown: what is sent next was written on today's
        refused = replace(refused, values={**refused.values, "version": [str(edited.hand.version)]})
    return Form(known | (dict(kept.body) if kept else {}), refused)


def _refused_text(screen: Screen) -> Refused | None:
    """The refusal, when it is of the text of a passage."""
    refused = screen.refused
    return refused if refused is not None and refused.values.get("what") == ["write"] else None


async def _conflict(screen: Screen, edited: Written | None) -> list[Change] | None:
    """What sets the text that was sent apart from the one that somebody saved meanwhile."""
    refused = _refused_text(screen)
    if edited is None or refused is None or refused.problem.status != 412:
        return None
    mine = refused.values.get("markdown", [""])[0]
    if screen.read is not None:
        await screen.read.release()
    return await apart(lambda: Comparison().differences(edited.hand.markdown, mine))


async def _panel(screen: Screen, read: Read, document: Any, section: Any, wanted: Wanted) -> dict[str, Any]:
    """The contributions that the part is about (of its theme, of its space, or of the whole scope), and the one that is open."""
    about = section or {"about_theme_id": None, "about_space_id": None}
    queue = await list_queue(
        read,
        screen.actor,
        document["deliverable"].id,
        section_id=about["id"] if about["about_theme_id"] else None,
        space_id=None if about["about_theme_id"] else about["about_space_id"],
        cited=False if wanted.citees == "non" else None,
        q=wanted.q or None,
        cursor=wanted.cursor,
        limit=SHOWN,
    )
    opened = None
    if wanted.contribution:
        opened = await get_statement(read, screen.actor, wanted.contribution, StatementType.CONTRIBUTION)
    return {"queue": queue, "opened": opened, "relations": _relations(opened)}


def _relations(opened: Any) -> list[str]:
    """What words may do in the text, as their author consents."""
    if opened is None or opened.consent == "internal" or not opened.plain:
        return []
    return [it.value for it in Relation if it != Relation.QUOTES or opened.consent != "paraphrase"]


@router.get(f"{DESK}/passages/{{passage_id}}/historique")
async def history(
    screen: Looking,
    read: Read,
    deliverable_id: UUID,
    passage_id: UUID,
    de: Annotated[int | None, Query(ge=1, le=1_000_000)] = None,
    a: Annotated[int | None, Query(ge=1, le=1_000_000)] = None,
) -> Response:
    """Who changed what in a passage, and how two of its versions differ."""
    hands = await list_history(read, screen.actor, deliverable_id, passage_id)
    texts = {hand.n: hand.markdown for hand in hands}
    after = a if a is not None else hands[0].n
    before = de if de is not None else max((n for n in texts if n < after), default=after)
    if after not in texts or before not in texts:
        raise NotFound(PASSAGE_NOT_FOUND)
    await read.release()
    changes = await apart(lambda: Comparison().differences(texts[before], texts[after]))
    return await screen.show(
        "screens/desk_history.html",
        hands=hands,
        before=before,
        after=after,
        changes=changes,
        versions=[(n, str(n)) for n in sorted(texts)],
        back=f"/livrables/{deliverable_id}/redaction?partie={hands[0].section_id}#p-{passage_id}",
        crumb=_crumb(
            gettext("Qui a changé quoi"),
            (gettext("Rédaction"), f"/livrables/{deliverable_id}/redaction?partie={hands[0].section_id}"),
        ),
    )


@router.get("/livrables/{deliverable_id}/figures/{figure_id}")
async def figure(request: Request, screen: Looking, read: Read, deliverable_id: UUID, figure_id: UUID) -> Response:
    """An image of the text, before it is published."""
    row = await get_figure(read, screen.actor, figure_id, deliverable_id=deliverable_id)
    await read.release()
    return respond.plain(request, bytes(row.content), media_type=row.media_type)
