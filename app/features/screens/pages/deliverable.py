"""A deliverable: its state, its scope, its editions, who is heard in it, and the gate of its next edition."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from fastapi import Response

from app.core.clock import now
from app.core.errors import NotFound
from app.core.i18n import gettext
from app.core.versions import Expected
from app.features.deliverables.actions import lifecycle, waivers
from app.features.deliverables.models import Waiver
from app.features.deliverables.queries.gate import gate_out
from app.features.deliverables.queries.outline import get_outline
from app.features.deliverables.queries.parts import check_part
from app.features.deliverables.queries.queue import check_deliverable
from app.features.deliverables.queries.standing import get_standing
from app.features.deliverables.schemas.fates import OrganisationCoverage, WaiverDraft
from app.features.editions.actions.publish import publish as publish_edition
from app.features.editions.queries.shelf import list_editions
from app.features.editions.schemas import EditionDraft
from app.features.identity.families import by_family
from app.features.spaces.queries import list_spaces
from app.policy.actions import Action
from app.web.conflict import written_on
from app.web.deps import Db, Read
from app.web.forms import Filled, again, page_router, read
from app.web.frame import Entry
from app.web.idempotency import CREATES
from app.web.screen import Acting, Looking
from app.web.wording import day

router = page_router()
PAGE = "/livrables/{deliverable_id}"
MOST = 50
LISTED = 20
"""Of what blocks, on the page; the number beside says how many there are."""


@dataclass(frozen=True, slots=True)
class Group:
    """The organisations of one family, and how many are heard."""

    family: str | None
    organisations: list[OrganisationCoverage]

    @property
    def heard(self) -> int:
        """How many of them the text cites."""
        return sum(it.heard for it in self.organisations)


@router.get(PAGE)
async def deliverable(screen: Looking, read: Read, deliverable_id: UUID, publier: bool = False) -> Response:
    """Whoever does not co-pilot reads its editions, once there is one."""
    actor = screen.actor
    editions = await list_editions(read, actor, deliverable_id=deliverable_id, limit=MOST)
    try:
        outline = await get_outline(read, actor, deliverable_id)
    except NotFound:
        if not editions.items:
            raise
        title = editions.items[0].title
        return await screen.show(
            "screens/deliverable_read.html", title=title, editions=editions.items, crumb=_crumb(title)
        )
    standing = await get_standing(read, actor, deliverable_id)
    gate, coverage = gate_out(standing.gate), standing.coverage
    spaces = await list_spaces(read, actor, initiative_id=outline.initiative_id, state=None, cursor=None, limit=MOST)
    number = editions.items[0].n + 1 if editions.items else 1
    return await screen.show(
        "screens/deliverable.html",
        it=outline,
        gate=gate,
        listed=LISTED,
        coverage=coverage,
        counted_at=standing.counted_at,
        groups=[Group(*group) for group in by_family(coverage.organisations, lambda it: it.family)],
        spaces=[it for it in spaces.items if it.id in set(outline.scope.space_ids)],
        editions=editions.items,
        number=number,
        publishing=publier and not gate.blocks,
        writable=Action.DELIVERABLE_WRITE.value in outline.abilities,
        ahead=outline.scope.cutoff_at > now(),
        form=screen.form(label=gettext("Édition du %(day)s") % {"day": day(now())}),
        crumb=_crumb(outline.title),
    )


def _crumb(title: str) -> list[Entry]:
    return [Entry(gettext("Accueil"), "/"), Entry(gettext("Éditions"), "/lire"), Entry(title, "")]


@router.post(f"{PAGE}/publier", openapi_extra=CREATES | again(PAGE + "?publier=1"))
async def publish(screen: Acting, db: Db, form: Filled, deliverable_id: UUID) -> Response:
    """Freeze the accepted text as the next edition."""
    edition = await publish_edition(db, screen.actor, deliverable_id, read(EditionDraft, form), written_on(form))
    return screen.see(f"/editions/{edition.id}", said="published")


@router.post(f"{PAGE}/clore", openapi_extra=again(PAGE))
async def close(screen: Acting, db: Db, form: Filled, deliverable_id: UUID) -> Response:
    """Stop the writing; editions stay readable."""
    await lifecycle.close(db, screen.actor, deliverable_id, written_on(form))
    return screen.see(f"/livrables/{deliverable_id}", said="deliverable-closed")


@router.post(f"{PAGE}/rouvrir", openapi_extra=again(PAGE))
async def reopen(screen: Acting, db: Db, form: Filled, deliverable_id: UUID) -> Response:
    """Write again."""
    await lifecycle.reopen(db, screen.actor, deliverable_id, written_on(form))
    return screen.see(f"/livrables/{deliverable_id}", said="deliverable-reopened")


@router.post(f"{PAGE}/dispenses", openapi_extra=CREATES | again(PAGE))
async def waive(screen: Acting, db: Db, form: Filled, deliverable_id: UUID) -> Response:
    """Let a contribution through the gate, with a reason that is printed."""
    await check_deliverable(db, screen.actor, deliverable_id, Action.DELIVERABLE_READ)
    await waivers.waive(db, screen.actor, read(WaiverDraft, form, deliverable_id=deliverable_id))
    return screen.see(f"/livrables/{deliverable_id}", said="waived")


@router.post(f"{PAGE}/dispenses/{{waiver_id}}/retirer", openapi_extra=again(PAGE))
async def revoke(screen: Acting, db: Db, deliverable_id: UUID, waiver_id: UUID) -> Response:
    """Take a waiver back: the gate holds again."""
    await check_part(db, screen.actor, deliverable_id, Waiver, waiver_id)
    await waivers.revoke(db, screen.actor, waiver_id, Expected(1))
    return screen.see(f"/livrables/{deliverable_id}", said="waiver-revoked")
