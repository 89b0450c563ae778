"""What the service writes to people about their accounts, in French; pure, so that the worker only has to send it."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from app.core.mail import Message
from app.features.identity.links import invitation_token, reset_token
from app.features.identity.queries.invitations import InvitationLetter
from app.features.identity.queries.resets import ResetLetter
from app.settings import Settings

PARIS = ZoneInfo("Europe/Paris")
POWERS = {
    "speaks": "parler au nom de l’organisation et l’engager",
    "contributes": "contribuer en son nom",
    "observes": "lire",
    "manages": "inviter ses membres et gérer leurs mandats",
}

_LETTER = """\
Bonjour,

{inviter} vous invite à agir sur Alliage pour {organisation}{where}.

Ce mandat vous permettrait de : {powers}.

Pour accepter, ouvrez cette adresse avant le {end} (heure de Paris) :

{base}/invitation/{token}

Si la page ne s’ouvre pas, donnez ce code : {token}

Cette invitation ne sert qu’une fois et n’est que pour cette boîte aux lettres. Si vous ne l’attendiez pas, \
ignorez ce message : rien ne se passera.

Alliage, {base}
"""


def invitation_mail(settings: Settings, letter: InvitationLetter) -> Message:
    """The mail of an invitation. Its link works until the invitation is accepted, revoked, renewed or expires."""
    text = _LETTER.format(
        inviter=letter.invited_by or "L’équipe d’Alliage",
        organisation=letter.organisation,
        where=f", dans la démarche « {letter.initiative} »" if letter.initiative else "",
        powers=", ".join(POWERS[power] for power in letter.powers),
        end=f"{letter.ends_in_paris:%d/%m/%Y à %H h %M}",
        token=invitation_token(settings, letter),
        base=settings.base_url,
    )
    return Message(
        to=letter.email,
        subject=f"Invitation à agir pour {letter.organisation}",
        text=text,
        reference=f"invitation {letter.id} {letter.expires_at.isoformat()}",
    )


_FORGOTTEN = """\
Bonjour,

Quelqu’un, sans doute vous, a demandé à remplacer le mot de passe de votre compte Alliage.

Pour en choisir un autre, ouvrez cette adresse avant le {end} (heure de Paris) :

{base}/mot-de-passe/{token}

Si la page ne s’ouvre pas, donnez ce code : {token}

Ce code ne sert qu’une fois. Votre compte sera déconnecté de tous vos appareils. Si vous n’avez rien demandé, \
ignorez ce message : votre mot de passe reste le même.

Alliage, {base}
"""


def reset_mail(settings: Settings, letter: ResetLetter) -> Message:
    """The mail of a forgotten password, to the mailbox of the account."""
    text = _FORGOTTEN.format(
        end=f"{letter.expires_at.astimezone(PARIS):%d/%m/%Y à %H h %M}",
        token=reset_token(settings, letter),
        base=settings.base_url,
    )
    return Message(
        to=letter.email,
        subject="Votre mot de passe Alliage",
        text=text,
        reference=f"password {letter.id} {letter.expires_at.isoformat()}",
    )
