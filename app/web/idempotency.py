"""`Idempotency-Key`: a repeated POST makes one row and is answered the same bytes (R2).

A custom route class, because it sees the answer before the commit (middleware sees it after):
the key, the request's hash and the answer are written in the transaction of the change, or not
at all. A replay first runs the action again in a savepoint that is always undone: if rights
were lost since, that refusal is the answer, also where what the body names is hidden now (422); any
other outcome yields the stored bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Coroutine
from typing import Any
from uuid import UUID

from fastapi import Request, Response
from fastapi.routing import APIRoute
from psycopg.types.json import Jsonb
from sqlalchemy import bindparam, insert
from sqlalchemy.ext.asyncio import AsyncSession, AsyncSessionTransaction

from app.core.clock import now
from app.core.db import Question, fetch
from app.core.errors import BadRequest, Conflict, Forbidden, Invalid, NotFound, Unauthenticated, UnknownReference
from app.core.idempotency import IdempotentAnswer

STREAMS = {"x-streams": True}
"""`openapi_extra` of a POST that reads its body as it comes: it makes its own `Key`, once it knows what came."""
CREATES = {"x-creates": True}
"""`openapi_extra` of a POST that makes something new and answers another thing than it."""
Handler = Callable[[Request], Coroutine[Any, Any, Response]]
CLAIM = Question("SELECT * FROM claim_answer(%(caller)s, %(key)s)")
KEEP = Question(insert(IdempotentAnswer).values({c.name: bindparam(c.name) for c in IdempotentAnswer.__table__.c}))
KEPT_HEADERS = ("content-type", "etag", "location", "cache-control", "vary", "content-language")


class IdempotencyKeyMissing(BadRequest):
    """Every POST that creates something carries `Idempotency-Key`, a UUID of your own: repeated, it creates nothing twice."""

    title = "Clé d’idempotence attendue"


class IdempotencyKeyReused(Invalid):
    """This key already served for another request. Make a new UUID for each new request."""

    title = "Clé d’idempotence déjà utilisée"


class StillRunning(Conflict):
    """The same request, with the same key, is being treated. Send it again in a moment."""

    title = "Demande en cours"


class SecretShownOnce(Conflict):
    """This request was already done; its answer held a secret, which is shown once and stored nowhere."""

    title = "Secret déjà montré"


class AnswerErased(Conflict):
    """This request was already done; its answer held words that an administrator has erased since."""

    title = "Réponse effacée"


class IdempotentRoute(APIRoute):
    """Replays a POST that carries a key it knows; demands one of every POST that creates."""

    @property
    def creates(self) -> bool:
        """Whether something new comes of it: it answers 201, or is marked `CREATES` where it answers something else."""
        return "POST" in (self.methods or ()) and (
            self.status_code == 201 or bool((self.openapi_extra or {}).get("x-creates"))
        )

    async def key_of(self, request: Request) -> tuple[str | None, bytes]:
        """The key that the request carries, if any, and the hash of what it asks."""
        return request.headers.get("idempotency-key"), await _hash_of(request)

    def get_route_handler(self) -> Handler:
        """Wrap FastAPI's handler, inside the function-scoped dependencies: before the commit."""
        handler = super().get_route_handler()
        if "POST" not in (self.methods or ()) or (self.openapi_extra or {}).get("x-streams"):
            return handler
        secret = bool((self.openapi_extra or {}).get("x-issues-secret"))

        async def once(request: Request) -> Response:
            sent, digest = await self.key_of(request)
            if sent is None and not self.creates:
                return await handler(request)
            key = Key(_uuid_of(sent), digest, secret=secret)
            request.state.idempotency = key
            try:
                response = await handler(request)
            except (Forbidden, NotFound, Unauthenticated, UnknownReference):
                raise
            except Exception:
                if key.answer is None:
                    raise
                return await key.replay()
            if key.answer is not None:
                return await key.replay()
            await key.keep(response)
            return response

        return once


class Key:
    """The key of one request, from its arrival until its answer is stored."""

    def __init__(self, key: UUID, request_sha256: bytes, *, secret: bool) -> None:
        self.key, self.request_sha256, self.secret = str(key), request_sha256, secret
        self.answer: Any = None
        self._request: Request | None = None
        self._caller = ""
        self._db: AsyncSession | None = None
        self._undone: AsyncSessionTransaction | None = None

    @classmethod
    def of_stream(cls, request: Request, field: str | None = None) -> Key:
        """The key of a request whose body is not held (`field`: of a form): `add` to its hash what came, before `claim`."""
        return cls(
            _uuid_of(request.headers.get("idempotency-key") or field), _head_hash(request).digest(), secret=False
        )

    def add(self, received: bytes) -> None:
        """Make what came a part of what the key stands for."""
        self.request_sha256 = hashlib.sha256(self.request_sha256 + received).digest()

    async def claim(self, request: Request, db: AsyncSession, person_id: UUID | None) -> None:
        """Called once the caller is known: 409 while the same request runs; else find the answer that it already had."""
        self._request, self._db, self._caller = request, db, str(person_id or "visitor")
        [answer] = await fetch(db, CLAIM, {"caller": self._caller, "key": self.key})
        if not answer.free:
            raise StillRunning(
                "La même demande est en cours : renvoyez-la dans un instant.", headers={"Retry-After": "1"}
            )
        if answer.status is None:
            return
        if answer.request_sha256 != self.request_sha256:
            raise IdempotencyKeyReused("Cette clé a déjà servi pour une autre demande : choisissez un nouvel UUID.")
        self.answer = answer
        self._undone = await db.begin_nested()

    async def replay(self) -> Response:
        """The stored answer, once the second run is undone."""
        answer = self.answer
        assert answer is not None
        assert self._undone is not None
        await self._undone.rollback()
        if answer.body is None and self.secret:
            raise SecretShownOnce("Cette demande a déjà abouti ; son secret n’est montré qu’une fois.")
        if answer.body is None:
            raise AnswerErased("Cette demande a déjà abouti ; les mots de sa réponse ont été effacés depuis.")
        return Response(answer.body, status_code=answer.status, headers=answer.headers)

    async def keep(self, response: Response) -> None:
        """Store the answer with the change, in the same transaction."""
        if self._db is None or self._request is None or response.status_code >= 400:
            return
        kept = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
        await fetch(
            self._db,
            KEEP,
            {
                "caller": self._caller,
                "key": self.key,
                "method": self._request.method,
                "path": self._request.url.path,
                "request_sha256": self.request_sha256,
                "status": response.status_code,
                "headers": Jsonb(kept),
                "body": None if self.secret else bytes(response.body),
                "at": now(),
            },
        )


def _uuid_of(header: str | None) -> UUID:
    if header is None:
        raise IdempotencyKeyMissing("Envoyez l’en-tête Idempotency-Key avec un UUID de votre choix.")
    try:
        return UUID(header.strip().strip('"'))
    except ValueError:
        raise IdempotencyKeyMissing("L’en-tête Idempotency-Key attend un UUID.") from None


def _head_hash(request: Request) -> hashlib._Hash:
    digest = hashlib.sha256(f"{request.method} {request.url.path}?{request.url.query}\n".encode())
    if (acting_for := request.headers.get("acting-for")) is not None:
        digest.update(f"Acting-For: {acting_for}\n".encode())
    return digest


async def _hash_of(request: Request) -> bytes:
    digest = _head_hash(request)
    digest.update(await request.body())
    return digest.digest()
