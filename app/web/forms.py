"""Forms: how a page is written to, and shown again with what was written when something in it is refused.

A page's POST answers 303 to the page to read next. Refused, it is never lost: `again` names the address whose GET
shows the form, and that page is made anew with the refusal and every word that was sent (`Refused`).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from python_multipart.multipart import parse_options_header
from starlette.datastructures import FormData, UploadFile

from app.core.errors import BadRequest, Problem, invalid
from app.web import csrf
from app.web.idempotency import Handler, IdempotentRoute

KEY = "idempotency_key"
ACTING_FOR = "acting_for"
"""The field that names the co-pilot organisation in whose name one acts: the header `Acting-For` of the API."""
SHOWS = {"x-shows": True}
"""`openapi_extra` of a POST that shows its form again and writes nothing: the key of the form is left for the sending."""
MANY = frozenset({"tags", "powers", "territories", "sdgs", "present"})
"""Fields that may be chosen several times, on whatever form. Any other that is sent twice is refused: which one would count?"""
OURS = {csrf.FIELD, KEY}
"""Fields that belong to the form itself, not to what is said in it."""
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Refused:
    """What was sent, and why it is not taken."""

    problem: Problem
    values: Mapping[str, list[str]]

    @property
    def errors(self) -> dict[str, str]:
        """Field -> sentence."""
        listed: list[dict[str, str]] = self.problem.extensions.get("errors", [])
        return {error["pointer"].strip("/").split("/")[0].split(":")[-1]: error["detail"] for error in listed}


@dataclass(frozen=True, slots=True)
class Form:
    """What the fields of a form show: what was sent if it was refused, else what is known."""

    known: Mapping[str, Any] = field(default_factory=dict)
    refused: Refused | None = None

    def value(self, name: str) -> str:
        """The text of one field."""
        if self.refused is not None:
            return next(iter(self.refused.values.get(name, [])), "")
        found = self.known.get(name)
        return "" if found is None else str(found)

    def fresh(self, name: str) -> str:
        """The text of one field as it is known now, whatever was sent: the version that a second sending is written on."""
        found = self.known.get(name)
        return "" if found is None else str(found)

    @property
    def stale(self) -> bool:
        """Whether somebody wrote before: what was sent was written on an earlier version."""
        return self.refused is not None and self.refused.problem.status == 412

    def chosen(self, name: str, value: object) -> bool:
        """Whether a box or an option is chosen."""
        if self.refused is not None:
            return str(value) in self.refused.values.get(name, [])
        found = self.known.get(name)
        if isinstance(found, list | tuple | set | frozenset):
            return str(value) in {str(one) for one in found}
        return found is not None and str(found) == str(value)

    def error(self, name: str) -> str:
        """What is wrong with one field, or nothing."""
        return self.errors.get(name, "")

    @property
    def errors(self) -> dict[str, str]:
        """Field -> sentence."""
        return self.refused.errors if self.refused is not None else {}


class PageRoute(IdempotentRoute):
    """A page: its POSTs come from our own pages, and carry their key and their token in hidden fields or headers."""

    def get_route_handler(self) -> Handler:
        """Look where the form comes from before anything is asked of the database.

        A route that `STREAMS` reads its form itself, and asks `csrf.require_token` of the field that stands before its file.
        """
        handler = super().get_route_handler()

        async def guarded(request: Request) -> Any:
            said = self.openapi_extra or {}
            request.state.again, request.state.sent_from = said.get("x-again"), said.get("x-sent-from")
            if request.method not in {"GET", "HEAD"} and "authorization" not in request.headers:
                csrf.require_our_pages(request)
            try:
                if "POST" in (self.methods or ()) and not (self.openapi_extra or {}).get("x-streams"):
                    form = await sent(request)
                    request.state.csrf = request.headers.get(csrf.HEADER) or str(form.get(csrf.FIELD, ""))
                return await handler(request)
            finally:
                if (kept := getattr(request.state, "form", None)) is not None:
                    await kept.close()  # the files that came with it

        return guarded

    async def key_of(self, request: Request) -> tuple[str | None, bytes]:
        """The hidden key made at render; the token of the page is left out of what is compared."""
        if (self.openapi_extra or {}).get("x-shows"):
            return None, b""
        form = await sent(request)
        digest = hashlib.sha256(f"{request.method} {request.url.path}?{request.url.query}\n".encode())
        said = [(name, value) for name, value in form.multi_items() if name not in OURS and isinstance(value, str)]
        digest.update(urlencode(said).encode())
        key = request.headers.get("idempotency-key") or form.get(KEY)
        return (str(key) if key else None), digest.digest()


def page_router() -> APIRouter:
    """A router of pages."""
    return APIRouter(include_in_schema=False, route_class=PageRoute)


def again(address: str, *, sent_from: str = "") -> dict[str, Any]:
    """`openapi_extra=` of a POST: the address, as a template, of the page that shows its form.

    A form that stands on several pages says in `vers` on which: it is that one where `sent_from`, a pattern, matches it whole.
    """
    return {"x-again": address, "x-sent-from": sent_from}


async def sent(request: Request) -> FormData:
    """The fields that were sent; read whole once (the shell has bounded the body)."""
    kept: FormData | None = getattr(request.state, "form", None)
    if kept is None:
        _require_letters_as_ours(request)
        await request.body()
        kept = request.state.form = await request.form(max_files=20, max_fields=400)
        require_once(kept)
    return kept


def require_once(form: FormData) -> None:
    """Refuse a field that is said twice and has one value (422); the form is shown again with the first."""
    counted = Counter(name for name, value in form.multi_items() if isinstance(value, str))
    twice = [name for name, count in counted.items() if count > 1 and name.rpartition(":")[2] not in MANY]
    if twice:
        raise invalid("/" + twice[0], "Ce champ est envoyé deux fois : rechargez la page, puis recommencez.")


def _require_letters_as_ours(request: Request) -> None:
    """Refuse a form that chooses how its letters are read: with `punycode`, 160 kB take seconds, and no other request is served."""
    _, options = parse_options_header(request.headers.get("content-type"))
    if options.get(b"charset", b"utf-8").lower() not in (b"utf-8", b"utf8"):
        raise BadRequest("Envoyez ce formulaire en UTF-8.")


def texts(form: FormData) -> dict[str, list[str]]:
    """Every text field, with the line ends that we store."""
    found: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            found.setdefault(name, []).append(value.replace("\r\n", "\n"))
    return found


def read(schema: type[Model], form: FormData, **fixed: Any) -> Model:
    """The schema that a form fills: an empty field is one that was left out; those of `MANY` are lists."""
    said: dict[str, Any] = {}
    for name, values in texts(form).items():
        if name in MANY:
            said[name] = [value for value in values if value]
        elif name not in OURS and values[0].strip():
            said[name] = values[0]
    try:
        return schema.model_validate({name: said[name] for name in said if name in schema.model_fields} | fixed)
    except ValidationError as error:
        raise RequestValidationError([{**one, "loc": ("body", *one["loc"])} for one in error.errors()]) from None


def acting_for(form: FormData | None) -> UUID | None:
    """The co-pilot organisation that a form names, for those whom several mandated."""
    said = str(form.get(ACTING_FOR, "")).strip() if form is not None else ""
    try:
        return UUID(said) if said else None
    except ValueError:
        raise invalid("/" + ACTING_FOR, "Choisissez une organisation de la liste.") from None


def files(form: FormData, name: str) -> list[UploadFile]:
    """The files of one field that are not empty."""
    return [one for one in form.getlist(name) if isinstance(one, UploadFile) and one.filename]


Filled = Annotated[FormData, Depends(sent)]
