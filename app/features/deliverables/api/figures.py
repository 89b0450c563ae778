"""Images for the figures of a deliverable: sent as they are, kept as their pixels."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request, Response

from app.core.errors import Conflict, Forbidden, NotFound, WrongState
from app.features.deliverables.actions.figures import NotAnImage, add_figure
from app.features.deliverables.queries.figures import get_figure
from app.features.deliverables.schemas.writing import FigureOut
from app.features.initiatives.queries import InitiativeArchived
from app.web import respond
from app.web.api import api_router, problems
from app.web.auth import Caller, Writer
from app.web.deps import Db, Read

router = api_router("passages")

IMAGE = {"schema": {"type": "string", "format": "binary"}}
IMAGES = {"image/png": IMAGE, "image/jpeg": IMAGE}


@router.post(
    "/deliverables/{deliverable_id}/figures",
    status_code=201,
    response_model=FigureOut,
    responses=problems(NotFound, Forbidden, WrongState, InitiativeArchived, Conflict, NotAnImage),
    openapi_extra={"requestBody": {"required": True, "content": IMAGES}},
)
async def create(request: Request, deliverable_id: UUID, actor: Writer, db: Db) -> Response:
    """Send a PNG or JPEG image, 1 MB at most, as the body itself; then write a passage of the kind `figure`."""
    figure = await add_figure(db, actor, deliverable_id, await request.body())
    url = f"/api/v1/figures/{figure.id}"
    same = {name: getattr(figure, name) for name in ("id", "deliverable_id", "media_type", "width", "height")}
    body = FigureOut.model_construct(**same, size=len(figure.content), url=url)
    return respond.item(request, body, version=1, status=201, location=url)


@router.get(
    "/figures/{figure_id}",
    response_class=Response,
    responses={**problems(NotFound), 200: {"description": "The image.", "content": IMAGES}},
)
async def show(request: Request, figure_id: UUID, actor: Caller, read: Read) -> Response:
    """The image itself, for those who may read the deliverable before it is published."""
    row = await get_figure(read, actor, figure_id)
    await read.release()
    return respond.plain(request, bytes(row.content), media_type=row.media_type)
