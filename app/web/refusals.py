"""What the outer shell answers before the application has seen the request, as RFC 9457 documents.

These are values, not exceptions of `app.core.errors`: they are written by code that runs below any
framework (the HTTP protocol) or around it (pure ASGI), where nothing would turn an exception into an
answer. Their documents have the same shape: `type`, `title`, `status`, `detail`, in French.
"""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from app.core.i18n import later
from app.core.richtext.typography import french

SAFE_HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (
        b"content-security-policy",
        b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    ),
    (b"cross-origin-opener-policy", b"same-origin"),
    (
        b"permissions-policy",
        b"camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    ),
)

_CALLERS_REQUEST_ID = re.compile(rb"[A-Za-z0-9-]{8,64}")


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer known in advance: `detail` says what to do, `meaning` documents `/problems/<slug>`."""

    status: int
    slug: str
    title: str
    detail: str
    meaning: str
    pointer: str = ""
    """Where in the body, when one place is at fault."""

    def body(self, request_id: str | None = None) -> bytes:
        """The document, in UTF-8, with the request's identifier where it helps to find the cause."""
        document: dict[str, Any] = {
            "type": f"/problems/{self.slug}",
            "title": french(self.title),
            "status": self.status,
            "detail": french(self.detail),
        }
        if self.pointer:
            document["errors"] = [{"pointer": self.pointer, "detail": french(self.detail)}]
        if request_id is not None:
            document["request_id"] = request_id
        return json.dumps(document, ensure_ascii=False).encode()

    def headers(self, length: int) -> list[tuple[bytes, bytes]]:
        """Headers of the document; a refusal is never stored by a cache."""
        headers = [
            (b"content-type", b"application/problem+json"),
            (b"content-language", b"fr"),
            (b"content-length", str(length).encode()),
            (b"cache-control", b"no-store"),
        ]
        if self.status == 503:
            headers.append((b"retry-after", b"5"))
        return headers


BODY_TOO_LARGE = Refusal(
    413,
    "body-too-large",
    later("Envoi trop volumineux"),
    later("Ce qui est envoyé dépasse la taille acceptée ici. Réduisez-le ou envoyez-le en plusieurs fois."),
    "The body is larger than this address accepts (1 MiB for JSON and forms; forms with a file have a limit of their own).",
)
BODY_TOO_SLOW = Refusal(
    408,
    "body-too-slow",
    later("Envoi trop lent"),
    later("Le contenu n’est pas arrivé en entier dans le temps prévu. Rien n’a été enregistré : recommencez."),
    "The body did not arrive in time. Nothing was done.",
)
HEAD_TOO_LARGE = Refusal(
    431,
    "headers-too-large",
    later("En-têtes trop volumineux"),
    later("L’adresse et les en-têtes de la demande dépassent 32 Ko ou sont trop nombreux."),
    "The request line and headers exceed 32 kB, or there are more than a hundred of them.",
)
HEAD_TOO_SLOW = Refusal(
    408,
    "headers-too-slow",
    later("Demande trop lente"),
    later("La demande n’est pas arrivée en entier dans le temps prévu : recommencez."),
    "The headers did not arrive in time.",
)
URI_TOO_LONG = Refusal(
    414,
    "uri-too-long",
    later("Adresse trop longue"),
    later("L’adresse ou ses paramètres dépassent 8 Ko. Réduisez le nombre ou la longueur des filtres."),
    "The path or the query string exceeds 8 kB.",
)
MALFORMED_URI = Refusal(
    400,
    "malformed-uri",
    later("Adresse mal écrite"),
    later("L’adresse contient un caractère nul, un codage « % » invalide ou un texte qui n’est pas en UTF-8."),
    "The path or the query holds a NUL, an invalid percent-encoding or text that is not UTF-8.",
)
MALFORMED_REQUEST = Refusal(
    400,
    "malformed-request",
    later("Demande illisible"),
    later("Ce qui a été reçu n’est pas une demande HTTP/1.1 valable."),
    "What was received is not one valid HTTP/1.1 request: its framing is ambiguous or broken.",
)
UNSUPPORTED_VERSION = Refusal(
    505,
    "http-version",
    later("Version de HTTP non acceptée"),
    later("Utilisez HTTP/1.1."),
    "Only HTTP/1.0 and HTTP/1.1 are spoken here.",
)
TOO_MANY_CONNECTIONS = Refusal(
    503,
    "too-many-connections",
    later("Service momentanément saturé"),
    later("Trop de connexions sont ouvertes. Rien n’a été changé : recommencez dans quelques secondes."),
    "This process holds as many connections as it accepts. Nothing was done; try again after `Retry-After`.",
)
TOO_MANY_BODIES = Refusal(
    503,
    "too-many-bodies",
    later("Service momentanément saturé"),
    later("Trop d’envois arrivent en même temps. Rien n’a été changé : recommencez dans quelques secondes."),
    "The bodies being received together exceed what this process holds. Nothing was done; try again.",
)
JSON_TOO_DEEP = Refusal(
    422,
    "json-too-deep",
    later("Contenu trop imbriqué"),
    later("Le JSON envoyé dépasse 32 niveaux d’imbrication."),
    "The JSON body nests arrays and objects more than 32 levels deep.",
)
JSON_NUMBER_TOO_LARGE = Refusal(
    422,
    "json-number-too-large",
    later("Nombre trop grand"),
    later("Un nombre du JSON envoyé ne tient pas sur 64 bits, ou n’est pas un nombre fini."),
    "An integer of the JSON body does not fit 64 bits, or a number is NaN or infinite.",
)
TEXT_NOT_UNICODE = Refusal(
    422,
    "text-not-unicode",
    later("Texte inacceptable"),
    later("Le contenu envoyé n’est pas un texte Unicode en UTF-8, ou contient un caractère nul."),
    "The body is not UTF-8, or a text in it holds a NUL or half of a surrogate pair.",
)
JSON_NAME_TWICE = Refusal(
    422,
    "json-name-twice",
    later("Champ écrit deux fois"),
    later("Un champ est écrit deux fois dans le JSON envoyé : gardez celui que vous voulez dire."),
    "An object of the JSON body says a name twice, and parsers differ on which one counts. `errors` says where.",
)
INTERNAL_ERROR = Refusal(
    500,
    "internal-error",
    later("Erreur de notre part"),
    later(
        "Quelque chose s’est mal passé de notre côté. Rien de ce qui était enregistré n’est perdu. En le signalant, donnez la référence."
    ),
    "Something failed that should not have. The request identifier finds it in the log.",
)

REFUSALS: tuple[Refusal, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Refusal))
"""Every refusal of the shell, for the pages that document `/problems/...`."""


def new_request_id() -> str:
    """A fresh identifier for one request."""
    return str(uuid.uuid4())


def accepted_request_id(value: bytes | None) -> str:
    """The caller's own identifier where it is harmless in a log and in a header, else a fresh one."""
    if value is not None and _CALLERS_REQUEST_ID.fullmatch(value):
        return value.decode("ascii")
    return new_request_id()


def on_the_wire(refusal: Refusal, request_id: str) -> bytes:
    """`refusal` as the bytes of a whole HTTP/1.1 answer, for the protocol, which has no ASGI to speak."""
    body = refusal.body()
    headers = [
        *refusal.headers(len(body)),
        *SAFE_HEADERS,
        (b"x-request-id", request_id.encode()),
        (b"connection", b"close"),
    ]
    status = f"HTTP/1.1 {refusal.status} {HTTPStatus(refusal.status).phrase}\r\n".encode()
    return status + b"".join(name + b": " + value + b"\r\n" for name, value in headers) + b"\r\n" + body
