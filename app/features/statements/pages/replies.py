"""Reply to a contribution, and change one's reply."""

from __future__ import annotations

from uuid import UUID

from fastapi import Response

from app.core.errors import Forbidden
from app.features.drafts.actions import forget
from app.features.drafts.keys import DraftForm
from app.features.drafts.queries import find_draft
from app.features.statements.actions.change import edit
from app.features.statements.actions.submit import reply
from app.features.statements.choices import consent_options, side_options, spoken
from app.features.statements.models import StatementType
from app.features.statements.pages.fields import as_left, errors_of
from app.features.statements.pages.revise import THEIRS, conflict_of, expected_of, patch_of
from app.features.statements.queries.detail import get_statement
from app.features.statements.queries.thread import get_reply_address
from app.features.statements.schemas import ReplyDraft
from app.policy.actions import Action
from app.policy.decide import REFUSALS
from app.web.deps import Db, Read
from app.web.forms import Filled, again, page_router, read
from app.web.idempotency import CREATES
from app.web.screen import Acting, Looking

router = page_router()
REPLY = StatementType.REPLY


@router.post(
    "/contributions/{contribution_id}/reponses", openapi_extra=CREATES | again("/contributions/{contribution_id}")
)
async def answer(screen: Acting, db: Db, form: Filled, contribution_id: UUID) -> Response:
    """Answer the contribution, or one of its replies."""
    made = await reply(db, screen.actor, contribution_id, read(ReplyDraft, form, **spoken(form)))
    await forget(db, screen.actor, DraftForm.REPLY_NEW.key(contribution_id))
    return screen.see(f"/reponses/{made.id}", said="reply-published")


@router.get("/reponses/{reply_id}")
async def place(screen: Looking, read_: Read, reply_id: UUID, dit: str = "") -> Response:
    """The lasting address of a reply leads to it, on whichever page of its contribution it stands."""
    it = await get_statement(read_, screen.actor, reply_id, REPLY)
    return screen.see(await get_reply_address(read_, screen.actor, it), said=dit)


@router.get("/reponses/{reply_id}/modifier")
async def form_to_revise(screen: Looking, read_: Read, reply_id: UUID) -> Response:
    """A reply as it stands, to be changed by its author."""
    it = await get_statement(read_, screen.actor, reply_id, REPLY)
    if screen.refused is None and Action.STATEMENT_EDIT not in it.abilities:
        screen.require_signed_in()
        raise Forbidden(REFUSALS[Action.STATEMENT_EDIT])
    by = it.speaker
    key = DraftForm.REPLY_EDIT.key(reply_id)
    kept = await find_draft(read_, screen.actor, key) if screen.refused is None else None
    known = it.model_dump(include={"markdown", "side", "consent", "version"}) | as_left(kept)
    return await screen.show(
        "statements/revise_reply.html",
        it=it,
        form=screen.form(**known),
        sides=side_options(),
        consents=consent_options(by.organisation or "", by.profile or ""),
        errors=() if screen.refused and screen.refused.problem.status == 412 else errors_of(screen),
        conflict=await conflict_of(screen, it),
        kept=kept,
        key=key,
    )


@router.post("/reponses/{reply_id}/modifier", openapi_extra=again("/reponses/{reply_id}/modifier"))
async def revise(screen: Acting, db: Db, form: Filled, reply_id: UUID) -> Response:
    """Write the new revision of a reply."""
    if form.get("geste") == THEIRS:
        await forget(db, screen.actor, DraftForm.REPLY_EDIT.key(reply_id))
        return screen.see(f"/reponses/{reply_id}/modifier", said="theirs-kept")
    changed = await edit(db, screen.actor, REPLY, reply_id, patch_of(form), expected_of(form))
    await forget(db, screen.actor, DraftForm.REPLY_EDIT.key(reply_id))
    return screen.see(f"/reponses/{changed.id}", said="reply-revised")
