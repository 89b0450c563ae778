"""What surrounds every page: who reads, how they like to, where they can go."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from fastapi import Request

from app.core.db import Handle, Question, fetch
from app.core.i18n import Language, language
from app.policy.actor import Actor
from app.settings import Settings
from app.web.cookies import Display, display_of
from app.web.csrf import token_for

WHO = Question(
    "SELECT p.name, p.email, "
    "(SELECT json_agg(json_build_array(i.id, i.title) ORDER BY i.created_at DESC, i.id) FROM initiatives i "
    " WHERE i.id = ANY(%(initiatives)s::uuid[])) AS initiatives, "
    "(SELECT json_agg(json_build_array(o.id, o.name, o.family) ORDER BY o.name, o.id) FROM organisations o "
    " WHERE o.id = ANY(%(organisations)s::uuid[])) AS organisations "
    "FROM persons p WHERE p.id = %(person)s"
)


@dataclass(frozen=True, slots=True)
class OwnOrganisation:
    """One of the reader's organisations, for its badge."""

    id: UUID
    name: str
    family: str | None


@dataclass(frozen=True, slots=True)
class Frame:
    """Everything the layouts need, whatever the page."""

    lang: Language
    display: Display
    path: str
    address: str
    """Path and query: where one comes back to after a choice of display or a sign-in."""
    csrf: str
    demo: bool
    name: str = ""
    """The reader's; empty for a visitor, and while nobody knows yet."""
    email: str = ""
    initiatives: tuple[tuple[UUID, str], ...] = ()
    organisations: tuple[OwnOrganisation, ...] = ()
    login_over: bool = False
    """The browser's login has just ended: the page is what a visitor sees, and says so."""

    @property
    def signed_in(self) -> bool:
        """Whether somebody is known."""
        return bool(self.name or self.email)


def bare_frame(request: Request) -> Frame:
    """Without asking the database: for errors, and for visitors."""
    settings: Settings = request.app.state.settings
    query = f"?{request.url.query}" if request.url.query and request.method == "GET" else ""
    return Frame(
        lang=language(),
        display=display_of(request),
        path=request.url.path,
        address=f"{request.url.path}{query}",
        csrf="",
        demo=settings.environment == "development",
        login_over=bool(getattr(request.state, "login_over", False)),
    )


async def frame_of(request: Request, handle: Handle, actor: Actor) -> Frame:
    """With the reader's name and places, by one statement."""
    bare = bare_frame(request)
    if actor.person_id is None:
        return bare
    asked = {
        "person": actor.person_id,
        "initiatives": sorted(actor.initiatives),
        "organisations": sorted(actor.organisations),
    }
    [row] = await fetch(handle, WHO, asked)
    return Frame(
        lang=bare.lang,
        display=bare.display,
        path=bare.path,
        address=bare.address,
        csrf=token_for(request.app.state.settings, actor.login_id) if request.state.by_cookie else "",
        demo=bare.demo,
        name=row.name or "",
        email=row.email or "",
        initiatives=tuple((UUID(id_), title) for id_, title in row.initiatives or ()),
        organisations=tuple(OwnOrganisation(UUID(i), name, family) for i, name, family in row.organisations or ()),
    )
