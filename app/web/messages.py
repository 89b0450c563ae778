"""What a page says when one comes from a form: the code stands in the address (`?dit=`), the sentence stays on the page.

Only these sentences can be said so: an address that somebody makes up says nothing.
"""

from __future__ import annotations

from app.core.i18n import gettext, later

SAID: dict[str, str] = {
    "access-asked": later("Votre demande est transmise à ceux qui animent l’espace."),
    "access-declined": later("La demande est close ; personne n’entre cette fois."),
    "access-granted": later("L’organisation entre dans l’espace."),
    "action-finished": later("C’est noté : l’action est faite."),
    "action-reopened": later("C’est noté : l’action reste à faire."),
    "address-changed": later("Votre compte a sa nouvelle adresse ; l’ancienne boîte aux lettres en est prévenue."),
    "agenda-item-added": later("Le point est ajouté à l’ordre du jour."),
    "agenda-item-edited": later("Le point est modifié."),
    "agenda-item-moved": later("Le point est déplacé ; les heures suivent."),
    "agenda-item-removed": later("Le point est retiré de l’ordre du jour ; ses notes restent."),
    "amendment-accepted": later("La correction est acceptée. Écrivez-la maintenant dans le compte rendu."),
    "amendment-proposed": later("Votre correction est transmise à qui anime la séance."),
    "amendment-refused": later("La correction est refusée, avec son motif."),
    "amendment-withdrawn": later("Votre correction est retirée."),
    "attendance-recorded": later("Les présences sont enregistrées."),
    "calendar-revoked": later("L’adresse secrète ne donne plus rien."),
    "citation-settled": later("C’est tranché : la citation ne bloque plus rien."),
    "cited": later("La citation est dans le texte, là où vous l’avez mise."),
    "contribution-published": later("Votre contribution est publiée."),
    "contribution-revised": later("La nouvelle révision est publiée. Les précédentes restent lisibles."),
    "contribution-withdrawn": later("Votre contribution est retirée. Il reste la trace qu’elle a existé, et le motif."),
    "decision-edited": later("La décision est modifiée ; la version d’avant reste consultable."),
    "decision-recorded": later("C’est noté dans les décisions."),
    "decision-removed": later("La décision est retirée ; son numéro reste pris."),
    "deliverable-closed": later("L’écriture est close. Les éditions restent lisibles."),
    "deliverable-reopened": later("L’écriture est rouverte."),
    "draft-kept": later("Votre brouillon est gardé. Vous seul pouvez le lire."),
    "draft-withdrawn": later("Votre brouillon est retiré."),
    "extract-harvested": later("L’extrait est récolté."),
    "facilitator-added": later("L’animation est confiée. Cette personne peut prévoir des séances et régler l’espace."),
    "facilitator-ended": later("L’animation a pris fin. Ce que la personne a écrit reste."),
    "file-joined": later("Le fichier est joint."),
    "file-removed": later("Le fichier est retiré : personne ne peut plus le télécharger."),
    "handed-over": later("C’est fait : une autre personne gère désormais les mandats de l’organisation."),
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
    "minutes-composed": later("Le compte rendu est composé à partir de la séance. Relisez-le, puis enregistrez-le."),
    "minutes-opened": later("Le compte rendu est ouvert aux corrections des organisations présentes."),
    "minutes-saved": later("Le compte rendu est enregistré."),
    "minutes-validated": later("Votre organisation a validé le compte rendu."),
    "note-edited": later("La note est modifiée ; la version d’avant est gardée."),
    "note-removed": later("La note est retirée."),
    "note-taken-up": later("La note est devenue une contribution de votre organisation."),
    "note-written": later("La note est enregistrée."),
    "organisation-described": later("La description de l’organisation est enregistrée."),
    "passage-accepted": later("Le passage proposé est dans le texte."),
    "passage-added": later("Le passage est ajouté."),
    "passage-moved": later("Le passage est déplacé."),
    "passage-refused": later("La proposition est refusée ; elle reste dans l’historique."),
    "passage-removed": later("Le passage est retiré du texte ; son historique reste."),
    "passage-saved": later("Le passage est enregistré."),
    "passages-accepted": later("Les passages proposés sont dans le texte, avec votre règle."),
    "passages-accepted-but": later(
        "Ce qui pouvait l’être est accepté. Il reste des propositions : le texte a changé depuis, ou un consentement manque."
    ),
    "password-asked": later("Si cette adresse a un compte, un courriel vient de partir avec un lien."),
    "password-changed": later("Votre mot de passe est changé, et vos appareils sont déconnectés. Connectez-vous."),
    "position-taken": later("La position de votre organisation est enregistrée."),
    "position-taken-back": later("Votre position est retirée : votre organisation est de nouveau sans réponse."),
    "published": later("L’édition est publiée. Elle ne changera plus."),
    "reply-published": later("Votre réponse est publiée."),
    "reply-revised": later("La nouvelle révision de votre réponse est publiée."),
    "reply-withdrawn": later("Votre réponse est retirée."),
    "section-added": later("La partie est ajoutée."),
    "section-moved": later("La partie est déplacée."),
    "section-removed": later("La partie est retirée."),
    "section-renamed": later("La partie a son nouveau titre."),
    "session-answered": later(
        "La réponse de votre organisation est enregistrée. Vous pouvez en changer jusqu’à la séance."
    ),
    "session-coming": later("C’est noté : votre organisation vient à la séance."),
    "session-edited": later("La séance est modifiée."),
    "session-held": later("La séance est close. Composez maintenant son compte rendu."),
    "session-locked": later("La séance est verrouillée : elle ne change plus."),
    "session-not-coming": later("C’est noté : votre organisation ne vient pas à la séance."),
    "session-planned": later("La séance est prévue. Préparez son ordre du jour."),
    "signed-out": later("Vous êtes déconnecté de ce navigateur."),
    "source-added": later("La source est ajoutée."),
    "source-removed": later("La source est retirée."),
    "space-closed": later("L’espace est fermé : il se lit, et ne reçoit plus de contribution."),
    "space-edited": later("Les textes de l’espace sont enregistrés."),
    "space-member-added": later("L’organisation est entrée dans l’espace : ses personnes le lisent dès maintenant."),
    "space-member-ended": later("L’organisation est sortie de l’espace. Ce qu’elle y a dit reste."),
    "space-reopened": later("L’espace est rouvert : il reçoit de nouveau des contributions."),
    "statement-moderated": later("Cette parole est masquée. Le motif est affiché à sa place."),
    "statement-restored": later("Cette parole est de nouveau affichée."),
    "suggested": later("Votre suggestion est faite : elle attend une réponse."),
    "theirs-kept": later("Vous avez gardé la version enregistrée. La voici."),
    "treated": later("C’est dit : son auteur lira votre phrase."),
    "waived": later("La dispense est donnée ; le rapport de publication l’imprimera."),
    "waiver-revoked": later("La dispense est retirée : la contribution attend de nouveau."),
    "welcome": later("Bienvenue. Votre mandat est ouvert, et vous êtes connecté."),
}
"""Code -> French; each feature adds the sentences of its own forms here, sorted by code."""


def said(code: str) -> str:
    """The sentence of a code, or nothing."""
    return gettext(SAID[code]) if code in SAID else ""
