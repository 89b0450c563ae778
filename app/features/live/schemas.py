"""What is told of those who write at this moment."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from app.core.schema import Input, Output


class PresenceOut(Output):
    """Somebody writes there. It forbids nothing: a version that moved is refused when one saves (412)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "place": "passage:01930d2e-7c00-7000-8000-000000000006",
                    "person_id": "01930d2e-7c00-7000-8000-000000000009",
                    "person": "Camille Martin",
                    "mine": False,
                    "since": "2020-09-03T14:05:00Z",
                    "until": "2020-09-03T14:20:45Z",
                }
            ]
        }
    )

    place: str = Field(description="`passage:<id>`, `section:<id>`, `notes:<session>` or `minutes:<session>`.")
    person_id: UUID
    person: str
    mine: bool
    since: datetime
    until: datetime = Field(description="When they are thought to have left, unless they say again that they write.")


class WritingIn(Input):
    """Where the caller writes now, or writes no more."""

    kind: Literal["passage", "section", "notes", "minutes"]
    id: UUID = Field(
        description="Of the passage, of the section, or of the session whose notes or minutes are written."
    )
    left: bool = False
