"""The client of a program that waits."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self, cast
from uuid import uuid4

import httpx

from app.client.exchange import PATIENCE, Exchange, Renewal, body_of, given
from app.client.words import Kind, Side, Stance, Statement, Summary


class Client:
    """The synchronous client."""

    def __init__(self, base_url: str, token: str | None = None, *, transport: httpx.BaseTransport | None = None,
                 timeout: float = 30.0, attempts: int = len(PATIENCE) + 1) -> None:  # fmt: skip
        """`token`: an access token or a personal token; none, for what everybody may read."""
        self.exchange = Exchange(base_url.rstrip("/"), token, attempts=attempts)
        self._renewing = threading.Lock()
        self._http = httpx.Client(transport=transport, timeout=timeout)

    @classmethod
    def sign_in(cls, base_url: str, email: str, password: str, **options: Any) -> Self:
        """A client for whoever has this address and password; its token renews itself."""
        client = cls(base_url, **options)
        client.exchange.keep(client.send("POST", "/auth/sign-in", json={"email": email, "password": password}))
        return client

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _t: type[BaseException] | None, _v: BaseException | None, _b: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections; the sign-in stays valid."""
        self._http.close()

    def respond(self, request: httpx.Request) -> httpx.Response:
        """The answer to a request, after as many attempts as it takes."""
        steps = self.exchange.steps(request)
        answer: httpx.Response | httpx.TransportError | None = None
        try:
            while True:
                step = steps.send(answer)
                answer = self._take(step)
        except StopIteration as end:
            return cast("httpx.Response", end.value)

    def _take(self, step: httpx.Request | Renewal | float) -> httpx.Response | httpx.TransportError | None:
        if isinstance(step, httpx.Request):
            try:
                return self._http.send(step)
            except httpx.TransportError as error:
                return error
        if isinstance(step, Renewal):
            with self._renewing:
                request = self.exchange.renewal(step)
                if request is not None:
                    self.exchange.renewed(self._take(request))
            return None
        time.sleep(step)
        return None

    def send(self, method: str, path: str, **options: Any) -> Any:
        """The body of the answer (JSON, or bytes); raises an `ApiError` for a refusal."""
        return body_of(self.respond(self.exchange.request(method, path, **options)))

    def get(self, path: str, **params: Any) -> Any:
        """Read one object or one page."""
        return self.send("GET", path, params=params)

    def post(self, path: str, json: Any = None, *, key: str | None = None, version: int | str | None = None) -> Any:
        """Create or act; the key is made here unless one is given."""
        return self.send("POST", path, json=json, key=key or str(uuid4()), version=version)

    def patch(self, path: str, json: Any, *, version: int | str) -> Any:
        """Change what was read at `version`."""
        return self.send("PATCH", path, json=json, version=version)

    def items(self, path: str, **params: Any) -> Iterator[Any]:
        """Every item of a list, page after page."""
        cursor: str | None = None
        while True:
            page = self.get(path, **params, cursor=cursor)
            yield from page["items"]
            if (cursor := page["next_cursor"]) is None:
                return

    def contributions(self, **filters: Any) -> Iterator[Summary]:
        """Contributions that one may read, newest first."""
        return self.items("/contributions", **filters)

    def contribution(self, contribution_id: str) -> Statement:
        """One contribution, whole."""
        return cast("Statement", self.get(f"/contributions/{contribution_id}"))

    def contribute(self, *, space_id: str, kind: Kind, title: str, markdown: str, key: str | None = None,
                   **more: Any) -> Statement:  # fmt: skip
        """Post a contribution."""
        body = given({"space_id": space_id, "kind": kind, "title": title, "markdown": markdown, **more})
        return cast("Statement", self.post("/contributions", body, key=key))

    def reply(self, contribution_id: str, markdown: str, side: Side = "none", **more: Any) -> Statement:
        """Answer a contribution."""
        body = given({"markdown": markdown, "side": side, **more})
        return cast("Statement", self.post(f"/contributions/{contribution_id}/replies", body))

    def take_position(self, contribution_id: str, stance: Stance, reason: str | None = None, **more: Any) -> Any:
        """Support, nuance or object, in the organisation's name."""
        body = given({"stance": stance, "reason": reason, **more})
        return self.post(f"/contributions/{contribution_id}/positions", body)

    def attach(self, name: str, content: bytes, *, contribution_id: str | None = None,
               session_id: str | None = None, key: str | None = None) -> Any:  # fmt: skip
        """Attach a file to a contribution of one's organisation, or to a session that one runs."""
        owner = f"/sessions/{session_id}" if contribution_id is None else f"/contributions/{contribution_id}"
        return self.send("POST", f"{owner}/attachments", key=key or str(uuid4()), file=(name, content))

    def erase(self, statement_id: str, reason: str, revision: int | None = None) -> Any:
        """Erase what somebody said, for good (administrators); where the words still stand."""
        body = given({"statement_id": statement_id, "reason": reason, "revision": revision})
        return self.post("/erasures", body)

    def refuse_suggestion(self, passage_id: str, n: int, reason: str, *, version: int | str) -> Any:
        """Turn down what was proposed for a passage (co-pilots); whoever proposed it reads the reason."""
        path = f"/passages/{passage_id}/suggestions/{n}/refuse"
        return self.post(path, {"reason": reason}, version=version)

    def became(self, contribution_id: str) -> Iterator[Any]:
        """What became of a contribution: in each edition, with the passages that cite it."""
        return self.items(f"/contributions/{contribution_id}/treatments")

    def search(self, q: str, **filters: Any) -> Iterator[Any]:
        """What holds these words."""
        return self.items("/search", q=q, **filters)
