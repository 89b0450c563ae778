"""What a page says when one comes from a form: the code stands in the address (`?dit=`), the sentence stays on the page.

Only these sentences can be said so: an address that somebody makes up says nothing.
"""

from __future__ import annotations

from app.core.i18n import gettext, later

SAID: dict[str, str] = {
    "signed-out": later("Vous êtes déconnecté de ce navigateur."),
}
"""Code -> French; each feature adds the sentences of its own forms here, sorted by code."""


def said(code: str) -> str:
    """The sentence of a code, or nothing."""
    return gettext(SAID[code]) if code in SAID else ""
