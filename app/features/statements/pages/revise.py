"""Change one's contribution: new words make a new revision; somebody else's meanwhile is shown side by side, never lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi import Response
from markupsafe import Markup
from starlette.datastructures import FormData

from app.core.db import Handle
from app.core.errors import Forbidden
from app.core.i18n import gettext
from app.core.richtext.canonical import to_plain
from app.core.richtext.differences import Change, Comparison, apart, united
from app.core.richtext.reading import aside
from app.core.richtext.render import to_html
from app.core.versions import Expected
from app.features.drafts.actions import forget
from app.features.drafts.keys import DraftForm
from app.features.drafts.queries import find_draft
from app.features.spaces.queries import get_space
from app.features.statements.actions.change import edit
from app.features.statements.actions.submit import publish
from app.features.statements.choices import consent_options, kind_hints, kind_options
from app.features.statements.models import StatementType
from app.features.statements.pages.fields import as_left, errors_of, filled, require_length, taxonomies
from app.features.statements.queries.detail import get_statement
from app.features.statements.schemas import StatementFull, StatementPatch
from app.policy.actions import Action
from app.policy.decide import REFUSALS
from app.web.conflict import written_on
from app.web.deps import Db, Read
from app.web.forms import SHOWS, Filled, Form, again, page_router, read
from app.web.screen import Acting, Looking, Screen

router = page_router()
CONTRIBUTION = StatementType.CONTRIBUTION
TOGETHER = "reunir"
MINE = "garder-la-mienne"
THEIRS = "garder-la-sienne"
PUBLISH = "publier"


@dataclass(frozen=True, slots=True)
class Version:
    """One side of a conflict, as `conflict` of components/words.html shows it."""

    title: str
    changes: list[Change]
    name: str
    value: str
    label: str


@router.get("/contributions/{contribution_id}/modifier")
async def form_to_revise(screen: Looking, read_: Read, contribution_id: UUID) -> Response:
    """The contribution as it stands, to be changed by its author."""
    return await _page(screen, read_, contribution_id)


@router.post(
    "/contributions/{contribution_id}/modifier", openapi_extra=again("/contributions/{contribution_id}/modifier")
)
async def revise(screen: Acting, db: Db, form: Filled, contribution_id: UUID) -> Response:
    """Write the new revision; publish the draft with it; or leave the words of the other person as they are."""
    address = f"/contributions/{contribution_id}"
    if form.get("geste") == THEIRS:
        await forget(db, screen.actor, DraftForm.CONTRIBUTION_EDIT.key(contribution_id))
        return screen.see(f"{address}/modifier", said="theirs-kept")
    patch = patch_of(form)
    changed = await edit(db, screen.actor, CONTRIBUTION, contribution_id, patch, expected_of(form))
    await forget(db, screen.actor, DraftForm.CONTRIBUTION_EDIT.key(contribution_id))
    if form.get("geste") == PUBLISH:
        await publish(db, screen.actor, contribution_id, Expected(changed.version))
        return screen.see(address, said="contribution-published")
    if changed.published_at is None:
        return screen.see(f"{address}/modifier", said="draft-kept")
    return screen.see(address, said="contribution-revised")


@router.post(
    "/contributions/{contribution_id}/modifier/apercu",
    openapi_extra=SHOWS | again("/contributions/{contribution_id}/modifier"),
)
async def preview(screen: Acting, db: Db, contribution_id: UUID, form: Filled) -> Response:
    """The form as it is filled, with what readers would see; or with both versions in one text, to be sorted out."""
    statement = await get_statement(db, screen.actor, contribution_id, CONTRIBUTION)
    if Action.STATEMENT_EDIT not in statement.abilities:
        screen.require_signed_in()
        raise Forbidden(REFUSALS[Action.STATEMENT_EDIT])
    shown = filled(form)
    require_length(shown)
    known = dict(shown.known)
    if form.get("geste") == TOGETHER:
        known["markdown"] = together(statement.markdown or "", shown.value("markdown"))
        known["version"] = shown.value("read_version")
        return await _page(screen, db, contribution_id, Form(known), joined=True)
    words = shown.value("markdown")
    html = Markup(await aside(words, lambda: to_html(words)))  # noqa: S704 - made safe by the one allow-list
    return await _page(screen, db, contribution_id, Form(known), preview=html)


def patch_of(form: FormData) -> StatementPatch:
    """What the form says, whole: an empty title or text is refused, and no box ticked means no tag."""
    fixed: dict[str, Any] = {"markdown": str(form.get("markdown", "")).replace("\r\n", "\n")}
    if "kind" in form:
        fixed |= {"title": str(form.get("title", "")), "tags": [str(tag) for tag in form.getlist("tags") if tag]}
    return read(StatementPatch, form, **fixed)


def expected_of(form: FormData) -> Expected:
    """The version that the words were written on; the one that was shown beside them, for whoever keeps theirs."""
    return written_on(form, "read_version" if form.get("geste") == MINE else "version")


def together(theirs: str, mine: str) -> str:
    """Both texts in one: what they share once, and where they part, first the words that stand, then one's own."""
    return "\n\n".join(united(theirs.split("\n\n"), mine.split("\n\n")))


async def conflict_of(screen: Screen, statement: StatementFull) -> tuple[Version, Version] | None:
    """Mine and theirs, where the words changed meanwhile."""
    if screen.refused is None or screen.refused.problem.status != 412:
        return None
    if screen.read is not None:
        await screen.read.release()
    form = screen.form()
    theirs = f"{statement.title or ''}\n\n{statement.plain or ''}".strip()

    def compared() -> list[Change]:
        mine = f"{form.value('title')}\n\n{to_plain(form.value('markdown'))}".strip()
        return Comparison().differences(theirs, mine)

    changes = await apart(compared)
    return (
        Version(
            gettext("La vôtre, pas encore publiée"),
            [one for one in changes if one.op != "removed"],
            "geste",
            MINE,
            gettext("Garder la mienne"),
        ),
        Version(
            gettext("Celle qui est enregistrée, révision %(n)s") % {"n": statement.revision},
            [one for one in changes if one.op != "added"],
            "geste",
            THEIRS,
            gettext("Garder la sienne"),
        ),
    )


async def _page(
    screen: Screen, read_: Handle, contribution_id: UUID, form: Form | None = None, **more: Any
) -> Response:
    statement = await get_statement(read_, screen.actor, contribution_id, CONTRIBUTION)
    if screen.refused is None and Action.STATEMENT_EDIT not in statement.abilities:
        screen.require_signed_in()
        raise Forbidden(REFUSALS[Action.STATEMENT_EDIT])
    space = await get_space(read_, screen.actor, statement.space_id)
    by = statement.speaker
    key = DraftForm.CONTRIBUTION_EDIT.key(contribution_id)
    kept = await find_draft(read_, screen.actor, key) if screen.refused is None and form is None else None
    known = statement.model_dump(include={"title", "markdown", "kind", "consent", "tags", "version"}) | as_left(kept)
    terms = await taxonomies(read_, statement.initiative_id)
    return await screen.show(
        "statements/revise.html",
        it=statement,
        space=space,
        form=form or screen.form(**known),
        consents=consent_options(by.organisation or "", by.profile or ""),
        kinds=kind_options(),
        kind_hints=kind_hints(),
        taxonomies=terms,
        errors=() if screen.refused and screen.refused.problem.status == 412 else errors_of(screen),
        conflict=await conflict_of(screen, statement),
        preview=more.get("preview"),
        joined=more.get("joined", False),
        kept=kept,
        key=key,
    )
