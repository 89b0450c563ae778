"""A typed client of the API, on httpx: synchronous (`Client`) and asynchronous (`AsyncClient`).

    with Client.sign_in("http://127.0.0.1:8000", "camille@alliage.example", "…") as alliage:
        for contribution in alliage.contributions(space_id=space):
            print(contribution["title"], contribution["speaker"]["organisation"])
        alliage.contribute(space_id=space, kind="need", title="Trésorerie", markdown="Il manque deux mois.")

Both speak through the same `Exchange`, which never touches the network: it decides what to send,
what to send again, and what an answer means. A POST is sent again with the key it had, so a lost
answer never makes two rows. Every refusal is an exception whose class says whose turn it is and
whose `problem` is the RFC 9457 document. This module imports nothing of the service.
"""

from app.client.awaiting import AsyncClient
from app.client.blocking import Client
from app.client.errors import (
    ApiError,
    BadRequest,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Stale,
    TooMany,
    Unauthenticated,
    Unavailable,
    Unreachable,
    VersionExpected,
)
from app.client.words import Consent, Kind, Side, Speaker, Stance, Statement, Summary

__all__ = [
    "ApiError",
    "AsyncClient",
    "BadRequest",
    "Client",
    "Conflict",
    "Consent",
    "Forbidden",
    "Invalid",
    "Kind",
    "NotFound",
    "Side",
    "Speaker",
    "Stale",
    "Stance",
    "Statement",
    "Summary",
    "TooMany",
    "Unauthenticated",
    "Unavailable",
    "Unreachable",
    "VersionExpected",
]
