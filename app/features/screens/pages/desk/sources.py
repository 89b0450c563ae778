"""What the text rests on: cite words where one writes, settle a citation whose source moved, say what becomes of a contribution."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import Response
from starlette.datastructures import FormData

from app.features.deliverables.actions.acknowledge import acknowledge
from app.features.deliverables.actions.treatments import treat
from app.features.deliverables.models import Citation
from app.features.deliverables.queries.parts import check_part
from app.features.deliverables.queries.queue import check_deliverable
from app.features.deliverables.schemas.citing import Acknowledgement
from app.features.deliverables.schemas.fates import TreatmentDraft
from app.features.screens.actions.desk import cite_here
from app.features.screens.pages.desk.passages import DESK, part_of
from app.features.screens.schemas import CiteHere
from app.policy.actions import Action
from app.web.conflict import written_on
from app.web.deps import Db
from app.web.forms import Filled, again, page_router, read
from app.web.idempotency import CREATES
from app.web.screen import Acting

router = page_router()
SOURCE = DESK + "/contributions/{contribution_id}"
OPEN = DESK + "?contribution={contribution_id}"


@router.post(f"{SOURCE}/citer", openapi_extra=CREATES | again(OPEN))
async def cite(screen: Acting, db: Db, form: Filled, deliverable_id: UUID, contribution_id: UUID) -> Response:
    """Cite the chosen words in a passage: the marker is in the text at once."""
    await check_deliverable(db, screen.actor, deliverable_id, Action.DELIVERABLE_READ)
    passage, _, version = str(form.get("target", "")).partition(":")
    order = read(CiteHere, form, **({"passage_id": passage} if passage else {}))
    on = written_on(form if form.get("version") else FormData({"version": version}))
    passage_id = await cite_here(db, screen.actor, deliverable_id, contribution_id, order, on)
    editing = passage_id if form.get("editing") else None
    back = part_of(deliverable_id, form, passage=editing, contribution=contribution_id)
    return screen.see(f"{back}#p-{passage_id}", said="cited")


@router.post(f"{SOURCE}/traiter", openapi_extra=CREATES | again(OPEN))
async def settle_contribution(
    screen: Acting, db: Db, form: Filled, deliverable_id: UUID, contribution_id: UUID
) -> Response:
    """Say what becomes of it: merged, answered, or set aside with a reason; its author reads the sentence."""
    await check_deliverable(db, screen.actor, deliverable_id, Action.DELIVERABLE_READ)
    outcome = form.get("outcome")
    kept = {"reason_code": "set_aside", "target_id": "merged"}  # each goes with one outcome alone
    chosen: dict[str, Any] = {name: form.get(name) or None if outcome == of else None for name, of in kept.items()}
    draft = read(TreatmentDraft, form, deliverable_id=deliverable_id, statement_id=contribution_id, **chosen)
    await treat(db, screen.actor, draft)
    return screen.see(part_of(deliverable_id, form, contribution=contribution_id), said="treated")


@router.post(f"{DESK}/citations/{{citation_id}}", openapi_extra=CREATES | again(DESK))
async def settle_citation(screen: Acting, db: Db, form: Filled, deliverable_id: UUID, citation_id: UUID) -> Response:
    """One of the three ways out of a citation whose source has moved."""
    await check_part(db, screen.actor, deliverable_id, Citation, citation_id)
    await acknowledge(db, screen.actor, citation_id, read(Acknowledgement, form))
    return screen.see(part_of(deliverable_id, form), said="citation-settled")
