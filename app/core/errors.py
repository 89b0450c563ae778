"""Errors are facts: each is a class whose name says what happened, whose status says whose turn it is.

A `Problem` becomes an RFC 9457 document at the edge (`app.web.problems`); `type` is
`/problems/<slug>`, a page made from the class's docstring. Features subclass the meaning
(`class SessionLocked(Conflict)`), never the status.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar, Self

from app.core.i18n import gettext


class Problem(Exception):
    """Something the caller can read and act upon."""

    status: ClassVar[int] = 500
    title: ClassVar[str] = "Erreur interne"
    slug: ClassVar[str] = "problem"
    durable: ClassVar[bool] = False
    """When true, what the request recorded before the refusal is committed (a re-used token, a failed sign-in)."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Derive the slug from the class name: `SessionLocked` is `session-locked`."""
        super().__init_subclass__(**kwargs)
        cls.slug = re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()

    def __init__(self, detail: str = "", *, headers: dict[str, str] | None = None, **extensions: Any) -> None:
        """`detail`: one French sentence that says what to do; `extensions`: typed members of the document."""
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.headers = headers or {}
        self.extensions = extensions


class BadRequest(Problem):
    """The request cannot be understood: a header is missing or malformed, a cursor was altered."""

    status = 400
    title = "Demande incompréhensible"


class Unauthenticated(Problem):
    """Nobody is signed in, or the token is unknown, expired or revoked. Sign in and send the request again."""

    status = 401
    title = "Connexion nécessaire"


class Forbidden(Problem):
    """What you asked for is visible to you, but your mandate does not allow the act. The detail says why."""

    status = 403
    title = "Action non autorisée"


class NotFound(Problem):
    """Nothing here, or nothing that you may see: the two answer alike on purpose."""

    status = 404
    title = "Introuvable"


class Conflict(Problem):
    """The object is not in a state that allows this."""

    status = 409
    title = "État incompatible"


STATES_IN_FRENCH = {
    "preparation": "en préparation",
    "open": "ouvert",
    "closed": "fermé",
    "archived": "archivé",
    "planned": "prévu",
    "held": "tenu",
    "minutes_open": "compte rendu ouvert",
    "locked": "verrouillé",
    "draft": "brouillon",
    "published": "publié",
    "withdrawn": "retiré",
    "moderated": "modéré",
    "writing": "en rédaction",
    "active": "actif",
    "disabled": "désactivé",
    "done": "fait",
    "proposed": "proposé",
    "accepted": "accepté",
    "refused": "refusé",
}
"""Every state that a sentence names; it agrees with « état »."""


class WrongState(Conflict):
    """The object is closed, locked, withdrawn or not yet there: what you ask is for another of its states. `allowed`, where it stands, lists what may be done from this one."""

    title = "État incompatible"
    sentence = "Ce n’est pas possible dans l’état actuel ({state})."

    @classmethod
    def of(cls, state: str, **facts: Any) -> Self:
        """The refusal in words, with the state as a code for programs."""
        return cls(cls.sentence.format(state=STATES_IN_FRENCH.get(state, state)), state=str(state), **facts)


class PreconditionFailed(Problem):
    """Somebody changed the object since you read it. Read it again, compare, and send your change on the new version."""

    status = 412
    title = "Version dépassée"


class Invalid(Problem):
    """A value is refused. `errors` lists each one with a JSON pointer and a sentence."""

    status = 422
    title = "Contenu refusé"


class UnknownReference(Invalid):
    """The body names something that does not exist, or that you may not see: the two answer alike on purpose."""

    title = "Référence inconnue"


class PreconditionRequired(Problem):
    """The `If-Match` header is missing: send the `ETag` that you read, so that no change is overwritten unseen."""

    status = 428
    title = "Version attendue"


class TooManyRequests(Problem):
    """Too many attempts in a short time. `Retry-After` says when to come back."""

    status = 429
    title = "Trop de tentatives"


class Unavailable(Problem):
    """The service cannot answer now. Send the same request again, with the same key, after `Retry-After` seconds."""

    status = 503
    title = "Service momentanément indisponible"


def refused(pointer: str, detail: str, **named: object) -> dict[str, str]:
    """One refused value, by its JSON pointer (`/title`): a sentence of the catalogue, in which `{name}` stands for what is named."""
    return {"pointer": pointer, "detail": gettext(detail).format(**named) if named else gettext(detail)}


def invalid(pointer: str, detail: str, **named: object) -> Invalid:
    """The refusal of one value, as `refused` says it."""
    return Invalid(detail.format(**named) if named else detail, errors=[refused(pointer, detail, **named)])


def unknown(pointer: str, detail: str) -> UnknownReference:
    """What a body names at `pointer` is hidden from the caller, or is nothing."""
    return UnknownReference(detail, errors=[refused(pointer, detail)])


def all_problems() -> list[type[Problem]]:
    """Every documented problem type, by slug."""
    found: dict[str, type[Problem]] = {}
    waiting: list[type[Problem]] = [Problem]
    while waiting:
        for child in waiting.pop().__subclasses__():
            found[child.slug] = child
            waiting.append(child)
    return [found[slug] for slug in sorted(found)]
