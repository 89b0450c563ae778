"""A page and its reader: what a route needs to show a template, and to send somewhere else.

One template a screen. A request of htmx that aims at an element gets the block of that name alone (`replies` for
`#replies`), made from the same values: every address also answers as a whole, without a script.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Any
from urllib.parse import quote
from uuid import uuid4

from fastapi import Depends, Request, Response

from app.core.db import Reader
from app.policy.actor import Actor
from app.web.auth import Caller, SignedOut, Writer
from app.web.deps import Db, Read
from app.web.forms import ACTING_FOR, Form, Refused, acting_for
from app.web.frame import Frame
from app.web.framing import frame_of
from app.web.messages import said
from app.web.templates import render

WRITTEN = "%/:?#[]@!$&'()*+,;=~"
"""What an address holds as it is, beside letters and digits."""


@dataclass(frozen=True, slots=True)
class Screen:
    """One page for one reader."""

    request: Request
    actor: Actor
    frame: Frame
    refused: Refused | None = None
    read: Reader | None = None

    async def show(self, template: str, /, *, status: int = 200, **values: Any) -> Response:
        """The page, or the block that htmx asked for; the reading connection is given back first."""
        if self.read is not None:
            await self.read.release()
        aimed = self.request.headers.get("hx-target", "") if "hx-request" in self.request.headers else ""
        problem = self.refused.problem if self.refused is not None else None
        values |= {"frame": self.frame, "actor": self.actor, "new_key": lambda: str(uuid4()), "problem": problem}
        values["said"] = said(self.request.query_params.get("dit", ""))
        return render(template, values, block=aimed.replace("-", "_"), status=status)

    def see(self, path: str, *, said: str = "") -> Response:
        """Go and read `path`, greeted there by `said`."""
        return see(path, said=said)

    def form(self, **known: Any) -> Form:
        """The fields: as they were sent if they were refused, else as they are known."""
        return Form(known, self.refused)

    def require_signed_in(self) -> None:
        """For pages that are somebody's own; the answer leads to the sign-in and back."""
        if not self.actor.signed_in:
            raise SignedOut("Connectez-vous pour lire cette page.")


def see(path: str, *, said: str = "") -> Response:
    """Go and read `path`; `said` is the code of the sentence that greets one there (app.web.messages)."""
    joint = "&" if "?" in path else "?"
    bare, hash_, anchor = path.partition("#")
    where = f"{bare}{joint}dit={quote(said)}" if said else bare
    return Response(status_code=303, headers={"Location": f"{where}{hash_}{anchor}", "Cache-Control": "no-store"})


def here(address: str) -> str:
    """`address` if it is one of ours, else the front page: nobody is sent elsewhere by a link that names us."""
    ours = address.startswith("/") and not address.startswith(("//", "/\\"))
    if not ours or any(ord(letter) < 32 or letter == "\\" for letter in address):
        return "/"
    return quote(address, safe=WRITTEN, errors="replace")  # a header holds no other letter


async def looking(request: Request, actor: Caller, read: Read) -> Screen:
    """For GET."""
    refused: Refused | None = getattr(request.state, "refused", None)
    request.state.actor = actor
    frame = await frame_of(request, read, actor)
    if refused is not None:
        frame = replace(frame, acting_for=next(iter(refused.values.get(ACTING_FOR, [])), ""))
    request.state.frame = frame
    return Screen(request, actor, frame, refused, read)


async def acting(request: Request, actor: Writer, db: Db) -> Screen:
    """For everything else, inside the transaction; in the name of the organisation that the form says."""
    actor = replace(actor, acting_for=acting_for(getattr(request.state, "form", None)) or actor.acting_for)
    request.state.actor = actor
    frame = request.state.frame = await frame_of(request, db, actor)
    return Screen(request, actor, frame)


Looking = Annotated[Screen, Depends(looking, scope="function")]
Acting = Annotated[Screen, Depends(acting, scope="function")]
