"""What the service writes to people about their accounts, in French; pure, so that the worker only has to send it."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from app.core.mail import Message
from app.features.identity.links import address_token, invitation_token, reset_token, sign_in_digits, sign_in_token
from app.features.identity.queries.addresses import AddressLetter
from app.features.identity.queries.codes import SignInLetter
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


_PROVE = """\
Bonjour,

Une personne qui a un compte Alliage veut lui donner cette adresse. Si c’est vous, restez connecté, et ouvrez cette \
adresse avant le {end} (heure de Paris) :

{base}/adresse/{token}

Si la page ne s’ouvre pas, donnez ce code : {token}

Si ce n’est pas vous, ignorez ce message : rien ne se passera.

Alliage, {base}
"""

_TAKEN = """\
Bonjour,

Quelqu’un, peut-être vous, a voulu donner cette adresse à un autre compte Alliage. Elle a déjà le sien : rien n’a changé.

Si c’est vous, connectez-vous avec cette adresse ; si vous avez oublié le mot de passe, demandez-en un autre.
Si ce n’est pas vous, ignorez ce message.

Alliage, {base}
"""

_MOVED = """\
Bonjour,

L’adresse de votre compte Alliage vient de changer : cette boîte aux lettres n’y donne plus accès, et ne recevra plus \
ses messages. Le mot de passe du compte a été demandé, et la nouvelle boîte aux lettres a confirmé.

Si ce n’est pas vous, prévenez sans attendre les administrateurs de ce service : ils peuvent fermer le compte.

Alliage, {base}
"""


def address_mail(settings: Settings, letter: AddressLetter) -> Message:
    """To the new mailbox: the code, or that the address has an account already, which only its owner may learn."""
    text = _TAKEN.format(base=settings.base_url)
    if not letter.taken:
        text = _PROVE.format(
            end=f"{letter.expires_at.astimezone(PARIS):%d/%m/%Y à %H h %M}",
            token=address_token(settings, letter),
            base=settings.base_url,
        )
    return Message(
        to=letter.after, subject="Votre adresse sur Alliage", text=text, reference=f"address {letter.id} asked"
    )


def address_moved_mail(settings: Settings, letter: AddressLetter) -> Message:
    """To the old mailbox; it does not say which address is the new one, since it may be somebody else's by now."""
    return Message(
        to=letter.before,
        subject="L’adresse de votre compte Alliage a changé",
        text=_MOVED.format(base=settings.base_url),
        reference=f"address {letter.id} changed",
    )


_SIGN_IN = """\
Bonjour,

Voici votre code de connexion à Alliage : {digits}

Tapez-le dans la page qui l’attend. Ou ouvrez cette adresse, puis le bouton « Me connecter » :

{base}/connexion/lien/{token}

Le code et l’adresse servent une fois, avant {end} (heure de Paris). Si vous n’avez rien demandé, ignorez ce message : \
personne n’est connecté.

Alliage, {base}
"""


def sign_in_mail(settings: Settings, letter: SignInLetter) -> Message:
    """The mail that signs somebody in; its subject does not hold the digits, which a locked screen would show."""
    text = _SIGN_IN.format(
        digits=sign_in_digits(settings, letter),
        end=f"{letter.expires_at.astimezone(PARIS):%H h %M}",
        token=sign_in_token(settings, letter),
        base=settings.base_url,
    )
    return Message(to=letter.email, subject="Votre code de connexion", text=text, reference=f"sign-in {letter.id}")
