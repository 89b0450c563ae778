"""Files as the API tells them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field

from app.core.schema import Output


class AttachmentOut(Output):
    """A file that was attached: `GET /attachments/{id}/content` downloads it."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "examples": [
                {
                    "id": "0197a1f2-7c1a-7b6e-9f5d-3b1d0e7c8a90",
                    "contribution_id": "0197a1f0-11d2-7d0b-8a39-5a2b4cf7e1aa",
                    "session_id": None,
                    "name": "budget-2026.pdf",
                    "media_type": "application/pdf",
                    "size": 182431,
                    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                    "at": "2026-04-07T12:00:00Z",
                    "organisation_id": "0197a1e0-0f0f-7aaa-8bbb-cccccccccccc",
                    "organisation": "Association des rives",
                    "version": 2,
                    "abilities": ["statement:attach"],
                }
            ]
        },
    )

    id: UUID
    contribution_id: UUID | None
    session_id: UUID | None
    name: str
    media_type: Annotated[str, Field(description="By its content, never as it was declared.")]
    size: Annotated[int, Field(description="In bytes.")]
    sha256: Annotated[str, Field(description="Of the bytes that are downloaded: an image was made again.")]
    at: datetime
    organisation_id: UUID | None
    organisation: str | None
    version: int
    abilities: Annotated[list[str], Field(description="Whether you may add a file here, and remove this one.")]
