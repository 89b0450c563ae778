"""A refusal is an exception whose class says whose turn it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx


class ApiError(Exception):
    """A refusal; `problem` is the document that the service sent, `request_id` what to quote when asking for help."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(f"{status} {problem.get('title', '')} : {problem.get('detail', '')}")
        self.status = status
        self.problem = dict(problem)
        self.type = str(problem.get("type", ""))
        self.request_id = problem.get("request_id")


class BadRequest(ApiError):
    """400: the request cannot be understood."""


class Unauthenticated(ApiError):
    """401: sign in."""


class Forbidden(ApiError):
    """403: the mandate does not allow it."""


class NotFound(ApiError):
    """404: nothing here that this caller may see."""


class Conflict(ApiError):
    """409: the object is not in a state that allows it."""


class Stale(ApiError):
    """412: somebody changed it since it was read."""


class Invalid(ApiError):
    """422: a value is refused; `problem["errors"]` says which."""


class VersionExpected(ApiError):
    """428: `If-Match` is missing."""


class TooMany(ApiError):
    """429: come back later."""


class Unavailable(ApiError):
    """5xx, after the last attempt."""


class Unreachable(Exception):
    """No answer at all, after the last attempt; a POST may or may not have been done: send it again with `key`."""

    def __init__(self, cause: httpx.TransportError, key: str | None) -> None:
        super().__init__(f"Aucune réponse du service ({cause!r}).")
        self.key = key


ERRORS: dict[int, type[ApiError]] = {
    400: BadRequest,
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    412: Stale,
    422: Invalid,
    428: VersionExpected,
    429: TooMany,
}


def error_of(response: httpx.Response) -> ApiError:
    """The exception that an answer of 400 or more means."""
    try:
        problem = response.json()
    except ValueError:
        problem = {"title": response.reason_phrase, "detail": response.text[:200]}
    kind = ERRORS.get(response.status_code, Unavailable if response.status_code >= 500 else ApiError)
    return kind(response.status_code, problem if isinstance(problem, dict) else {})
