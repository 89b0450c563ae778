"""The style page: every component in every state, on names of demonstration only. Public, and true: it uses the real macros."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core.i18n import Language, language, speak
from app.web import style_samples as samples
from app.web.frame import Account, Contrast, Density, Entry, Frame, Theme
from app.web.templates import render

router = APIRouter(include_in_schema=False)


@router.get("/style")
async def style(
    lang: Annotated[Language | None, Query()] = None,
    theme: Annotated[Theme, Query()] = "auto",
    contrast: Annotated[Contrast, Query()] = "auto",
    density: Annotated[Density, Query()] = "roomy",
) -> Response:
    """Every component; the themes by address, so that each can be sent, looked at and tested."""
    lang = lang or language()
    speak(lang)
    chosen = {"lang": lang, "theme": theme, "contrast": contrast, "density": density}
    frame = Frame(
        lang=lang,
        theme=theme,
        contrast=contrast,
        density=density,
        address="/style",
        demo=True,
        initiative="Sortie de crise (démonstration)",
        nav=samples.NAV,
        account=Account("Camille Exemple", "Association n° 07", "field_actor", samples.ACCOUNT),
        search="/style",
    )
    return render("style/page.html", {"frame": frame, "it": samples, "choices": _choices(chosen)})


def _choices(chosen: Mapping[str, str]) -> tuple[tuple[str, tuple[Entry, ...]], ...]:
    """For each way to show a page, the addresses that change this one and keep the others."""
    return tuple(
        (
            name,
            tuple(
                Entry(
                    word,
                    "?" + "&".join(f"{key}={value}" for key, value in ({**chosen, name: value_of}).items()),
                    chosen[name] == value_of,
                )
                for value_of, word in options
            ),
        )
        for name, options in samples.DISPLAY
    )
