"""What to send, what to send again, and what an answer means: everything but the network."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from app.client.errors import Unreachable, error_of

API = "/api/v1"
AGAIN = frozenset({429, 502, 503, 504})
PATIENCE = (0.1, 0.3, 1.0, 2.0, 4.0)
"""Seconds before each new attempt; `Retry-After` may ask for more, up to a minute."""

Step = Generator["httpx.Request | float", "httpx.Response | httpx.TransportError | None", httpx.Response]
"""Yields a request (answered by a response or a transport error) or a number of seconds to wait."""


@dataclass
class Exchange:
    """What both clients share: headers, attempts, the renewal of the access token."""

    base_url: str
    token: str | None = None
    refresh_token: str | None = None
    attempts: int = len(PATIENCE) + 1
    pauses: tuple[float, ...] = field(default=PATIENCE)

    def request(self, method: str, path: str, *, key: str | None = None, version: int | str | None = None,
                json: Any = None, params: Mapping[str, Any] | None = None) -> httpx.Request:  # fmt: skip
        """A request with its headers; `version` is a number or an `ETag`."""
        headers = {"Accept": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if key is not None:
            headers["Idempotency-Key"] = key
        if version is not None:
            headers["If-Match"] = f'"v{version}"' if isinstance(version, int) else version
        given = {name: str(value) for name, value in (params or {}).items() if value is not None}
        url = path if path.startswith("/api/") else f"{API}{path}"
        return httpx.Request(method, f"{self.base_url}{url}", headers=headers, json=json, params=given or None)

    def steps(self, request: httpx.Request) -> Step:
        """Send, and send again what may be: reads, and writes that carry a key."""
        repeatable = request.method in {"GET", "HEAD"} or "idempotency-key" in request.headers
        renewed = False
        for attempt in range(self.attempts):
            answer = yield request
            last = attempt + 1 == self.attempts
            if isinstance(answer, httpx.TransportError):
                if last or not repeatable:
                    raise Unreachable(answer, request.headers.get("idempotency-key")) from answer
                yield self._pause(attempt, None)
            elif isinstance(answer, httpx.Response):
                if answer.status_code == 401 and self.refresh_token and not renewed:
                    renewed = True
                    yield from self._renew(request)
                elif last or not repeatable or not self._is_passing(answer):
                    return answer
                else:
                    yield self._pause(attempt, answer.headers.get("retry-after"))
        raise AssertionError("the last attempt returns or raises")

    def _renew(self, request: httpx.Request) -> Generator[Any, Any, None]:
        """Exchange the refresh token once; when that is refused, the 401 stands."""
        answer = yield self.request("POST", "/auth/refresh", json={"refresh_token": self.refresh_token})
        if isinstance(answer, httpx.Response) and answer.status_code == 200:
            self.keep(answer.json())
            request.headers["Authorization"] = f"Bearer {self.token}"
        else:
            self.refresh_token = None

    def keep(self, tokens: Mapping[str, Any]) -> None:
        """Use the tokens of a sign-in or a renewal from now on."""
        self.token, self.refresh_token = tokens["access_token"], tokens["refresh_token"]

    def _is_passing(self, answer: httpx.Response) -> bool:
        if answer.status_code == 409 and "json" in answer.headers.get("content-type", ""):
            return bool(answer.json().get("type") == "/problems/still-running")
        return answer.status_code in AGAIN

    def _pause(self, attempt: int, retry_after: str | None) -> float:
        pause = self.pauses[min(attempt, len(self.pauses) - 1)]
        return min(max(pause, float(retry_after)), 60.0) if retry_after and retry_after.isdigit() else pause


def body_of(response: httpx.Response) -> Any:
    """JSON, or bytes; raises what the refusal means."""
    if response.status_code >= 400:
        raise error_of(response)
    if response.status_code == 204 or not response.content:
        return None
    return response.json() if "json" in response.headers.get("content-type", "") else response.content


def given(values: Mapping[str, Any]) -> dict[str, Any]:
    """A body without the fields that are left to their defaults."""
    return {name: value for name, value in values.items() if value is not None}
