"""One handler turns whatever went wrong into RFC 9457: `application/problem+json`, with a stable `type`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import psycopg
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from psycopg import errors as postgres
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException as StarletteHTTPException

from app.core.errors import BadRequest, Conflict, Invalid, NotFound, Problem, Unavailable
from app.core.i18n import gettext, language, later
from app.core.richtext.typography import french
from app.web import refused
from app.web.away import Away, misses_what_it_expects, schema_behind

log = structlog.get_logger()

SENTENCES = {
    "missing": later("Ce champ est attendu."),
    "extra_forbidden": later("Ce champ n’existe pas ici."),
    "json_invalid": later("Le corps n’est pas du JSON lisible."),
    "uuid_parsing": later("Un identifiant (UUID) est attendu."),
    "uuid_type": later("Un identifiant (UUID) est attendu."),
    "int_parsing": later("Un nombre entier est attendu."),
    "int_type": later("Un nombre entier est attendu."),
    "bool_parsing": later("Vrai ou faux est attendu."),
    "string_type": later("Un texte est attendu."),
    "list_type": later("Une liste est attendue."),
    "model_attributes_type": later("Un objet JSON est attendu."),
    "dict_type": later("Un objet JSON est attendu."),
    "datetime_from_date_parsing": later("Une date et heure avec son fuseau est attendue (2020-09-07T14:00:00+02:00)."),
    "timezone_aware": later("Précisez le fuseau de cette heure (2020-09-07T14:00:00+02:00)."),
    "date_from_datetime_parsing": later("Une date est attendue (2020-09-07)."),
}
"""What the library says in English, for the errors people meet; our own types already speak French."""

SENTENCE_FORMATS = {
    "enum": later("Valeurs possibles : {expected}."),
    "literal_error": later("Valeurs possibles : {expected}."),
    "string_too_short": later("Longueur minimale, en caractères : {min_length}."),
    "string_too_long": later("Au plus {max_length} caractères."),
    "too_long": later("Au plus {max_length} éléments."),
    "too_short": later("Nombre minimal d’éléments : {min_length}."),
    "greater_than_equal": later("Au moins {ge}."),
    "less_than_equal": later("Au plus {le}."),
}

CONSTRAINTS: dict[str, tuple[type[Problem], str]] = {
    "uq_organisations_name": (Conflict, "Une organisation porte déjà ce nom."),
    "uq_persons_email": (Conflict, "Cette adresse a déjà un compte."),
    "ex_mandates_overlap": (
        Conflict,
        "Cette personne a déjà un mandat pour cette organisation sur cette période.",
    ),
    "ex_participations_overlap": (Conflict, "Cette organisation participe déjà à cette démarche."),
    "ex_space_members_overlap": (Conflict, "Cette organisation est déjà membre de cet espace."),
    "ex_facilitators_overlap": (Conflict, "Cette personne anime déjà cet espace."),
    "uq_initiatives_slug": (Conflict, "Ce nom court est déjà pris."),
    "uq_spaces_initiative_id_number": (Conflict, "Un espace porte déjà ce numéro."),
    "uq_sessions_initiative_id_space_id_number": (Conflict, "Une séance porte déjà ce numéro."),
    "uq_terms_initiative_id_code": (Conflict, "Ce code existe déjà."),
    "uq_positions_current": (
        Conflict,
        "Une autre position vient d’être prise au nom de votre organisation : relisez-la.",
    ),
    "uq_treatments_current": (
        Conflict,
        "Cette contribution vient d’être traitée par quelqu’un d’autre : relisez.",
    ),
    "uq_waivers_current": (Conflict, "Cette dispense existe déjà."),
    "uq_citations_deliverable_id_extract_id_relation": (Conflict, "Cette citation existe déjà."),
    "extract_literal": (Invalid, "Ces mots ne se trouvent pas à cet endroit du texte cité."),
    "extract_long_enough": (Invalid, "Une citation compte au moins dix caractères et deux mots."),
    "immutable": (Conflict, "Ce qui est enregistré ici ne change plus."),
}
"""The database's own refusals, by constraint name, in words."""


def document(request: Request, problem: Problem) -> dict[str, Any]:
    """The members of the problem document."""
    return {
        "type": f"/problems/{problem.slug}",
        "title": french(problem.title),
        "status": problem.status,
        "detail": french(problem.detail),
        "request_id": getattr(request.state, "request_id", None),
        **problem.extensions,
    }


def respond(request: Request, problem: Problem) -> Response:
    """The answer for a problem: a document for a program."""
    said = document(request, problem)
    headers = {"Content-Language": "fr", "Cache-Control": "no-store", **problem.headers}
    return Response(
        json.dumps(said, ensure_ascii=False, default=str).encode("utf-8", "replace"),
        status_code=problem.status,
        media_type="application/problem+json",
        headers=headers,
    )


def _pointer(location: tuple[Any, ...]) -> str:
    where, *path = location
    return f"/{'/'.join(str(p) for p in path)}" if where == "body" else f"{where}:{'.'.join(str(p) for p in path)}"


def _sentence(error: Mapping[str, Any]) -> str:
    kind = error["type"]
    if kind in SENTENCES:
        return gettext(SENTENCES[kind])
    if kind in SENTENCE_FORMATS:
        return (
            gettext(SENTENCE_FORMATS[kind]).format_map(error.get("ctx", {})).replace("' or '", f"' {gettext('ou')} '")
        )
    said = gettext(re.sub(r"^Value error, ", "", str(error["msg"])))
    return said if language() == "en" else french(said)


def _problem_of_validation(error: RequestValidationError) -> Problem:
    errors = error.errors()
    if any(e["loc"][0] == "path" for e in errors):
        return NotFound(
            "Il n’y a rien à cette adresse."
        )  # an address that is no id is an address with nothing behind it
    if any(e["type"] == "json_invalid" for e in errors):  # what is no document has no place in it
        return BadRequest("Le corps n’est pas du JSON lisible.")
    listed = [{"pointer": _pointer(e["loc"]), "detail": _sentence(e)} for e in errors[:50]]
    return Invalid("Des valeurs sont refusées : voir « errors ».", errors=listed)


def _problem_of_database(cause: BaseException | None, *, gone: bool) -> Problem | None:
    """The refusal or the absence (`gone`) of the database in words; None for what is our own fault."""
    if isinstance(cause, postgres.IntegrityError):
        name = cause.diag.constraint_name or ""
        kind, sentence = CONSTRAINTS.get(name, (Conflict, "Cette modification contredit ce qui est déjà enregistré."))
        if name not in CONSTRAINTS:
            log.warning("constraint without words", constraint=name, sqlstate=cause.sqlstate)
        return kind(sentence)
    if isinstance(cause, postgres.UntranslatableCharacter | postgres.CharacterNotInRepertoire | postgres.DataError):
        return Invalid("Un caractère ou une valeur ne peut pas être enregistré.")
    if isinstance(cause, postgres.DeadlockDetected | postgres.SerializationFailure):
        return ChangesCrossed(
            "Un autre changement a eu lieu au même instant ; rien n’a été enregistré. Renvoyez la même demande.",
            headers={"Retry-After": "1"},
        )
    if gone or isinstance(cause, postgres.OperationalError | postgres.InterfaceError | postgres.QueryCanceled):
        return Away(
            "La base de données ne répond pas ; rien n’a été perdu de ce qui avait été confirmé. Renvoyez la même demande.",
            headers={"Retry-After": "1"},
        )
    return None


class ChangesCrossed(Unavailable):
    """Two changes waited for each other, and the database let the other one through. Nothing was done: send it again."""

    title = "Changements croisés"


class MethodNotAllowed(Problem):
    """This address exists, but not for this method; `Allow` lists the ones it takes."""

    status = 405
    title = "Méthode non prévue"


HTTP_PROBLEMS: dict[int, tuple[type[Problem], str]] = {
    404: (NotFound, "Il n’y a rien à cette adresse."),
    405: (MethodNotAllowed, "Cette adresse n’accepte pas cette méthode."),
}


async def answer(request: Request, problem: Problem) -> Response:
    """A page for whoever reads pages, a document for a program."""
    if refused.wants_page(request):
        return await refused.shown(request, problem, document(request, problem))
    return respond(request, problem)


def install(app: FastAPI) -> None:
    """Register the handlers."""

    @app.exception_handler(Problem)
    async def _problem(request: Request, problem: Problem) -> Response:
        return await answer(request, problem)

    @app.exception_handler(RequestValidationError)
    async def _validation(request: Request, error: RequestValidationError) -> Response:
        return await answer(request, _problem_of_validation(error))

    @app.exception_handler(StarletteHTTPException)
    async def _http(request: Request, error: StarletteHTTPException) -> Response:
        kind, sentence = HTTP_PROBLEMS.get(error.status_code, (BadRequest, "Cette demande n’a pas pu être lue."))
        return await answer(request, kind(sentence, headers=dict(error.headers or {})))

    @app.exception_handler(PoolTimeout)
    async def _pool(request: Request, _error: PoolTimeout) -> Response:
        return await answer(
            request,
            Unavailable("Trop de demandes à la fois : renvoyez la même.", headers={"Retry-After": "1"}),
        )

    @app.exception_handler(DBAPIError)
    async def _database(request: Request, error: DBAPIError) -> Response:
        return await _answer_for_database(request, error, error.orig, gone=error.connection_invalidated)

    @app.exception_handler(psycopg.Error)
    async def _driver(request: Request, error: psycopg.Error) -> Response:
        # Reads ask the driver itself (app.core.db): what it says has no wrapping of SQLAlchemy's.
        return await _answer_for_database(request, error, error, gone=False)


async def _answer_for_database(
    request: Request, error: Exception, cause: BaseException | None, *, gone: bool
) -> Response:
    """The refusal, the absence or the other version of the database in words; what is our own fault is raised again."""
    problem = _problem_of_database(cause, gone=gone)
    if problem is None and misses_what_it_expects(cause):
        problem = await schema_behind(request)
    if problem is None:
        raise error
    return await answer(request, problem)
