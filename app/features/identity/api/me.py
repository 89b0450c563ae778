"""Oneself: who I am here, where I am signed in."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request, Response

from app.core.errors import PreconditionFailed, PreconditionRequired
from app.core.paging import LIMIT_MOST, Page
from app.core.schema import Listing
from app.features.identity.actions import accounts
from app.features.identity.queries import people
from app.features.identity.queries.people import Me
from app.features.identity.schemas.people import MeOut, PersonChange
from app.features.identity.schemas.signing_in import LoginOut
from app.policy.actor import Actor
from app.policy.decide import ReadOnlyToken, abilities
from app.web import respond
from app.web.api import PREFIX, api_router, problems
from app.web.auth import Caller, Writer
from app.web.deps import LIMIT, Cursor, Db, IfMatch, Limit, Read

router = api_router("me")
LOGINS = Listing[LoginOut]


def answer(request: Request, actor: Actor, me: Me) -> Response:
    """The caller's account, with its `ETag`."""
    values = {name: getattr(me, name) for name in Me.__slots__}
    for name, whole in (("spaces", f"{PREFIX}/spaces"), ("logins", f"{PREFIX}/me/logins")):
        if len(values[name]) > LIMIT_MOST:
            values |= {name: values[name][:LIMIT_MOST], f"more_{name}": whole}
    body = MeOut.model_validate(values | {"abilities": abilities(actor, me, "person")})
    # Mandates and logins change without the account: the tag tells the whole answer, the version the account.
    return respond.item(request, body, version=me.version)


@router.get("/me", response_model=MeOut)
async def get_me(request: Request, actor: Caller, read: Read) -> Response:
    """Who I am, for which organisations I act, in which initiatives, which spaces I read, where I am signed in."""
    me = await people.get_me(read, actor)
    await read.release()
    return answer(request, actor, me)


@router.patch("/me", response_model=MeOut, responses=problems(ReadOnlyToken, PreconditionFailed, PreconditionRequired))
async def edit_me(request: Request, said: PersonChange, expected: IfMatch, actor: Writer, db: Db) -> Response:
    """Change one's name or language."""
    await accounts.edit_oneself(db, actor, expected, said)
    return answer(request, actor, await people.get_me(db, actor))


@router.get("/me/logins", response_model=Listing[LoginOut])
async def list_logins(
    request: Request, actor: Caller, read: Read, limit: Limit = LIMIT, cursor: Cursor = None
) -> Response:
    """Where one is signed in."""
    page = await people.list_logins(read, actor, limit=limit, cursor=cursor)
    await read.release()
    items = [LoginOut.model_validate(row) for row in page.items]
    return respond.page(request, LOGINS, Page(items, page.next_cursor))


# No If-Match: closing a door must not fail because it moved.
@router.delete("/me/logins/{login_id}", status_code=204, responses=problems(ReadOnlyToken))
async def end_login(login_id: UUID, actor: Writer, db: Db) -> Response:
    """End one of one's logins: a telephone that was lost."""
    await accounts.end_login(db, actor, login_id)
    return Response(status_code=204)
