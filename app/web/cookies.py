"""The two cookies: who is signed in, and how one likes to read. There is no other, so there is no banner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.responses import Response

from app.core.i18n import LANGUAGES, Language
from app.settings import Settings
from app.web.frame import Contrast, Density, Theme

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
DISPLAY = "affichage"
YEAR = 365 * 24 * 3600


def is_plain(settings: Settings) -> bool:
    """Whether the login's cookie goes without TLS: on this machine only, in development only."""
    address = urlsplit(settings.base_url)
    return settings.environment == "development" and address.scheme == "http" and address.hostname in LOOPBACK


def login_cookie(settings: Settings) -> str:
    """The name of the login's cookie: `__Host-` binds it to this very host, to TLS and to the whole site."""
    return "alliage" if is_plain(settings) else "__Host-alliage"


def give_login(response: Response, settings: Settings, secret: str) -> None:
    """Let the browser keep the login until it is closed; the server ends it sooner (12 h, or 2 h without a request)."""
    response.set_cookie(
        login_cookie(settings), secret, path="/", secure=not is_plain(settings), httponly=True, samesite="lax"
    )


def drop_login(response: Response, settings: Settings) -> None:
    """Forget the login on this browser, and what it keeps of our pages."""
    response.delete_cookie(
        login_cookie(settings), path="/", secure=not is_plain(settings), httponly=True, samesite="lax"
    )


@dataclass(frozen=True, slots=True)
class Display:
    """How somebody likes to read; `language` is None where the browser's own wish decides."""

    language: Language | None = None
    theme: Theme = "auto"
    contrast: Contrast = "auto"
    density: Density = "roomy"

    @property
    def text(self) -> str:
        """The cookie: `fr.dark.more.compact`."""
        return ".".join((self.language or "auto", self.theme, self.contrast, self.density))


def display_of(connection: HTTPConnection) -> Display:
    """The choices that the browser sends; whatever is not one of ours is the default."""
    said = (connection.cookies.get(DISPLAY, "").split(".") + [""] * 4)[:4]
    return Display(
        language=next((one for one in LANGUAGES if one == said[0]), None),
        theme=next((one for one in get_args(Theme) if one == said[1]), "auto"),
        contrast=next((one for one in get_args(Contrast) if one == said[2]), "auto"),
        density=next((one for one in get_args(Density) if one == said[3]), "roomy"),
    )


def give_display(response: Response, settings: Settings, display: Display) -> None:
    """Keep the choices for a year."""
    response.set_cookie(
        DISPLAY,
        display.text,
        path="/",
        max_age=YEAR,
        secure=not is_plain(settings),
        httponly=True,
        samesite="lax",
    )


def language_of(connection: HTTPConnection, display: Display) -> Language:
    """The chosen language, else the first of the browser's that we speak, else French."""
    if display.language is not None:
        return display.language
    wishes = []
    for at, wish in enumerate(connection.headers.get("accept-language", "")[:200].split(",")):
        tag, _, weight = wish.strip().partition(";q=")
        try:
            wishes.append((-float(weight or 1), at, tag[:2].lower()))
        except ValueError:
            continue
    spoken = [tag for _, _, tag in sorted(wishes)]
    return next((one for tag in spoken for one in LANGUAGES if one == tag), "fr")
