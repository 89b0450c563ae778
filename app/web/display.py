"""How one likes to read: language, theme, contrast, density. A cookie holds it; nothing is stored on the server."""

from __future__ import annotations

from typing import Annotated, get_args

from fastapi import APIRouter, Form, Request, Response

from app.core.i18n import LANGUAGES
from app.web.cookies import Display, display_of, give_display
from app.web.forms import PageRoute
from app.web.frame import Contrast, Density, Theme
from app.web.screen import here

router = APIRouter(include_in_schema=False, route_class=PageRoute)
Choice = Annotated[str, Form(max_length=20)]


@router.post("/affichage")
async def choose(
    request: Request,
    lang: Choice = "",
    theme: Choice = "",
    contrast: Choice = "",
    density: Choice = "",
    address: Annotated[str, Form(max_length=2000)] = "/",
) -> Response:
    """Keep what was chosen, and what was not named as it was; then the page that one was reading."""
    now = display_of(request)
    display = Display(
        language=next((one for one in LANGUAGES if one == lang), now.language),
        theme=next((one for one in get_args(Theme) if one == theme), now.theme),
        contrast=next((one for one in get_args(Contrast) if one == contrast), now.contrast),
        density=next((one for one in get_args(Density) if one == density), now.density),
    )
    answer = Response(status_code=303, headers={"Location": here(address), "Cache-Control": "no-store"})
    give_display(answer, request.app.state.settings, display)
    return answer
