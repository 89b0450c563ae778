"""What a page says when one comes from a form: the code stands in the address (`?dit=`), the sentence stays on the page.

Only these sentences can be said so: an address that somebody makes up says nothing.
"""

from __future__ import annotations

from app.core.i18n import gettext, later

SAID: dict[str, str] = {
    "address-changed": later("Votre compte a sa nouvelle adresse ; l’ancienne boîte aux lettres en est prévenue."),
    "invitation-renewed": later(
        "Un autre lien vient de partir vers la boîte aux lettres invitée. Ouvrez-le : celui-ci ne sert plus."
    ),
    "password-asked": later("Si cette adresse a un compte, un courriel vient de partir avec un lien."),
    "password-changed": later("Votre mot de passe est changé, et vos appareils sont déconnectés. Connectez-vous."),
    "signed-out": later("Vous êtes déconnecté de ce navigateur."),
    "welcome": later("Bienvenue. Votre mandat est ouvert, et vous êtes connecté."),
}
"""Code -> French; each feature adds the sentences of its own forms here, sorted by code."""


def said(code: str) -> str:
    """The sentence of a code, or nothing."""
    return gettext(SAID[code]) if code in SAID else ""
