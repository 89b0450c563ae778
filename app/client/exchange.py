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


@dataclass(frozen=True, slots=True)
class Renewal:
    """The tokens are to be renewed, by one caller at a time: a refresh token that serves twice ends its login."""

    sent: str
    """The `Authorization` that was refused."""


Step = Generator["httpx.Request | Renewal | float", "httpx.Response | httpx.TransportError | None", httpx.Response]
"""Yields a request (answered by a response or a transport error), a renewal, or a number of seconds to wait."""


@dataclass
class Exchange:
    """What both clients share: headers, attempts, the renewal of the access token."""

    base_url: str
    token: str | None = None
    refresh_token: str | None = None
    attempts: int = len(PATIENCE) + 1
    pauses: tuple[float, ...] = field(default=PATIENCE)
    acting_for: str | None = None
    """The co-pilot organisation in whose name things are run, for those who have several."""

    def request(self, method: str, path: str, *, key: str | None = None, version: int | str | None = None,
                json: Any = None, params: Mapping[str, Any] | None = None,
                file: tuple[str, bytes] | None = None) -> httpx.Request:  # fmt: skip
        """A request with its headers; `version` is a number or an `ETag`; `file`, a name and bytes, is sent as a form."""
        headers = {"Accept": "application/json"}
        if self.token:
            headers["Authorization"] = self._bearer
        if self.acting_for is not None:
            headers["Acting-For"] = self.acting_for
        if key is not None:
            headers["Idempotency-Key"] = key
        if version is not None:
            headers["If-Match"] = f'"v{version}"' if isinstance(version, int) else version
        given = {name: str(value) for name, value in (params or {}).items() if value is not None}
        url = path if path.startswith("/api/") else f"{API}{path}"
        files = None if file is None else {"file": file}
        return httpx.Request(
            method, f"{self.base_url}{url}", headers=headers, json=json, files=files, params=given or None
        )

    @property
    def _bearer(self) -> str:
        return f"Bearer {self.token}"

    def steps(self, request: httpx.Request) -> Step:
        """Send, and send again what may be: reads, writes that carry a key, and once what an expired token refused."""
        repeatable = request.method in {"GET", "HEAD"} or "idempotency-key" in request.headers
        renewed, attempt = False, 0
        while True:
            answer = yield request
            sent = request.headers.get("authorization")
            if isinstance(answer, httpx.Response) and answer.status_code == 401 and not renewed and sent:
                renewed = True
                yield Renewal(sent)
                if sent == self._bearer:
                    return answer
                request.headers["Authorization"] = self._bearer
                continue
            attempt += 1
            last = attempt >= self.attempts or not repeatable
            if isinstance(answer, httpx.Response):
                if last or not self._is_passing(answer):
                    return answer
                yield self._pause(attempt - 1, answer.headers.get("retry-after"))
            elif isinstance(answer, httpx.TransportError):
                if last:
                    raise Unreachable(answer, request.headers.get("idempotency-key")) from answer
                yield self._pause(attempt - 1, None)

    def renewal(self, due: Renewal) -> httpx.Request | None:
        """What to send, alone, to renew the tokens; nothing where somebody has just done it, or where nothing renews."""
        if due.sent != self._bearer or not self.refresh_token:
            return None
        return self.request("POST", "/auth/refresh", json={"refresh_token": self.refresh_token})

    def renewed(self, answer: httpx.Response | httpx.TransportError | None) -> None:
        """Keep the new tokens; a refusal, or a lost answer, leaves none to renew with, and the 401 stands."""
        if isinstance(answer, httpx.Response) and answer.status_code == 200:
            self.keep(answer.json())
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
