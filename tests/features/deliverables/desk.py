"""A co-pilot's desk: what the tests of deliverables do again and again, through the API."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import httpx

from app.features.statements.models import Statement
from tests.world import World


class Desk:
    """The hands of one caller (the co-pilot, by default)."""

    def __init__(self, world: World, who: str = "copilot") -> None:
        self.world, self.who = world, who

    async def send(self, method: str, path: str, body: Any = None, match: Any = "*") -> httpx.Response:
        """One request; `match` is the version in `If-Match`."""
        client = await self.world.client(self.who)
        headers = {"Idempotency-Key": str(uuid4())}
        if match is not None:
            headers["If-Match"] = match if match == "*" else f'"v{match}"'
        return await client.request(method, f"/api/v1{path}", json=body, headers=headers)

    async def ok(self, method: str, path: str, body: Any = None, match: Any = "*") -> Any:
        """The body of an answer that must be a success."""
        answer = await self.send(method, path, body, match)
        assert answer.status_code < 300, (method, path, answer.status_code, answer.text)
        return answer.json() if answer.content else None

    async def refused(self, status: int, method: str, path: str, body: Any = None, match: Any = "*") -> Any:
        """The problem of an answer that must be a refusal of this status."""
        answer = await self.send(method, path, body, match)
        assert answer.status_code == status, (method, path, answer.status_code, answer.text)
        return answer.json()

    async def deliverable(self, **more: Any) -> Any:
        """A deliverable on both spaces, empty unless told otherwise."""
        body = {
            "initiative_id": str(self.world.initiative.id),
            "title": "Synthèse d’essai",
            "template": "empty",
            "space_ids": [str(self.world.restricted.id), str(self.world.shared.id)],
        }
        return await self.ok("POST", "/deliverables", body | more)

    async def section(self, deliverable: Any, title: str = "Partie", **more: Any) -> Any:
        """A section at the top."""
        return await self.ok("POST", "/sections", {"deliverable_id": deliverable["id"], "title": title} | more)

    async def extract(self, statement: Statement, quote: str, **more: Any) -> Any:
        """An extract of the statement's head."""
        return await self.ok("POST", "/extracts", {"revision_id": str(statement.head_id), "quote": quote} | more)

    async def cite(self, deliverable: Any, statement: Statement, quote: str, relation: str = "quotes") -> Any:
        """A citation of words of the statement's head."""
        extract = await self.extract(statement, quote)
        body = {"deliverable_id": deliverable["id"], "extract_id": extract["id"], "relation": relation}
        return await self.ok("POST", "/citations", body)

    async def passage(self, section: Any, markdown: str, kind: str = "paragraph", **more: Any) -> Any:
        """A passage at the end of the section."""
        body = {"section_id": section["id"], "kind": kind, "markdown": markdown}
        return await self.ok("POST", "/passages", body | more)

    async def citation(self, citation: Any) -> Any:
        """The citation as it is now."""
        return await self.ok("GET", f"/citations/{citation['id']}")

    async def gate(self, deliverable: Any) -> Any:
        """What refuses publication now."""
        return await self.ok("GET", f"/deliverables/{deliverable['id']}/gate")

    async def document(self, deliverable: Any) -> Any:
        """The whole page."""
        return await self.ok("GET", f"/deliverables/{deliverable['id']}/document")

    async def treat(self, deliverable: Any, statement: Statement | UUID, outcome: str = "answered", **more: Any) -> Any:
        """What became of a contribution."""
        statement_id = statement if isinstance(statement, UUID) else statement.id
        body = {
            "deliverable_id": deliverable["id"],
            "statement_id": str(statement_id),
            "outcome": outcome,
            "sentence": "Lue ensemble le 3 septembre.",
        }
        return await self.ok("POST", "/treatments", body | more)
