"""What a page says when one comes from a form: the code stands in the address (`?dit=`), the sentence stays on the page.

Only these sentences can be said so: an address that somebody makes up says nothing.
"""

from __future__ import annotations

from app.core.i18n import gettext, later

SAID: dict[str, str] = {
    "access-asked": later("Votre demande est transmise à ceux qui animent l’espace."),
    "address-changed": later("Votre compte a sa nouvelle adresse ; l’ancienne boîte aux lettres en est prévenue."),
    "handed-over": later("C’est fait : une autre personne gère désormais les mandats de l’organisation."),
    "contribution-published": later("Votre contribution est publiée."),
    "contribution-revised": later("La nouvelle révision est publiée. Les précédentes restent lisibles."),
    "contribution-withdrawn": later("Votre contribution est retirée. Il reste la trace qu’elle a existé, et le motif."),
    "draft-kept": later("Votre brouillon est gardé. Vous seul pouvez le lire."),
    "draft-withdrawn": later("Votre brouillon est retiré."),
    "extract-harvested": later("L’extrait est récolté."),
    "invitation-renewed": later(
        "Un autre lien vient de partir vers la boîte aux lettres invitée. Ouvrez-le : celui-ci ne sert plus."
    ),
    "invitation-revoked": later("L’invitation est retirée ; son lien ne sert plus."),
    "invitation-sent": later("L’invitation part par courriel. Son lien n’est montré à personne d’autre."),
    "invitation-sent-again": later("Un autre lien part par courriel ; le précédent ne sert plus."),
    "mandate-changed": later("Le mandat est terminé, et un autre est ouvert à sa place."),
    "mandate-ended": later("Le mandat est terminé : la personne n’agit plus par lui."),
    "mandate-given": later("Le mandat est donné."),
    "mandate-resigned": later("Votre mandat est rendu. Ce que vous avez dit reste dit."),
    "organisation-described": later("La description de l’organisation est enregistrée."),
    "password-asked": later("Si cette adresse a un compte, un courriel vient de partir avec un lien."),
    "password-changed": later("Votre mot de passe est changé, et vos appareils sont déconnectés. Connectez-vous."),
    "position-taken": later("La position de votre organisation est enregistrée."),
    "position-taken-back": later("Votre position est retirée : votre organisation est de nouveau sans réponse."),
    "reply-published": later("Votre réponse est publiée."),
    "reply-revised": later("La nouvelle révision de votre réponse est publiée."),
    "reply-withdrawn": later("Votre réponse est retirée."),
    "session-coming": later("C’est noté : votre organisation vient à la séance."),
    "session-not-coming": later("C’est noté : votre organisation ne vient pas à la séance."),
    "signed-out": later("Vous êtes déconnecté de ce navigateur."),
    "source-added": later("La source est ajoutée."),
    "source-removed": later("La source est retirée."),
    "statement-moderated": later("Cette parole est masquée. Le motif est affiché à sa place."),
    "statement-restored": later("Cette parole est de nouveau affichée."),
    "theirs-kept": later("Vous avez gardé la version enregistrée. La voici."),
    "welcome": later("Bienvenue. Votre mandat est ouvert, et vous êtes connecté."),
}
"""Code -> French; each feature adds the sentences of its own forms here, sorted by code."""


def said(code: str) -> str:
    """The sentence of a code, or nothing."""
    return gettext(SAID[code]) if code in SAID else ""
