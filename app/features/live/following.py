"""Answers that the API and the pages give alike: the stream of one thing, and who is writing where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from fastapi import Request, Response

from app.core.errors import Unauthenticated, invalid
from app.core.live import Listener
from app.core.paging import Page
from app.core.schema import Listing
from app.features.live.schemas import PresenceOut
from app.features.live.stream import Stream
from app.policy.actor import Actor
from app.web import respond
from app.web.auth import asked_again
from app.web.deps import get_database
from app.web.streaming import LiveResponse

WRITERS = Listing[PresenceOut]


async def follow_one(
    request: Request, actor: Actor, asked: Mapping[str, tuple[str, UUID | None]], after: str | None
) -> Response:
    """The stream of the one thing that is asked for, among scope -> the parameter that names it and its id.

    Who follows is asked again while the stream lasts: by the API's bearer, or by the cookie of a page.
    """
    if not actor.signed_in:
        raise Unauthenticated("Connectez-vous pour suivre cette page.")
    given = [(scope, thing) for scope, (_, thing) in asked.items() if thing is not None]
    if len(given) != 1:
        names = [name for name, _ in asked.values()]
        raise invalid("query:" + names[0], "Suivez une chose à la fois : {names}.", names=", ".join(names))
    listener: Listener = request.app.state.listener
    [(scope, thing)] = given
    stream = Stream(get_database(request), listener, asked_again(request), scope, thing)
    await stream.open()
    return LiveResponse(stream.events(after), stream.close)


def listed(request: Request, found: Sequence[PresenceOut]) -> Response:
    """Who writes there."""
    return respond.page(request, WRITERS, Page(list(found), None))
