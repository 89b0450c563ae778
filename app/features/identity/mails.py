"""What the service writes to people about their accounts, in French; pure, so that the worker only has to send it."""

from __future__ import annotations

from app.core.mail import Message
from app.features.identity.links import invitation_token
from app.features.identity.queries.invitations import InvitationLetter
from app.settings import Settings

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
