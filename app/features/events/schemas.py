"""What the audit answers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from app.core.events import Audience
from app.core.schema import Output, choices


class EventOut(Output):
    """Somebody did something: ids and codes, never a text or an address."""

    id: int = Field(examples=[1204])
    at: datetime
    verb: str = Field(examples=["contribution.submitted"])
    object_type: str = Field(examples=["statement"])
    object_id: UUID
    initiative_id: UUID | None
    space_id: UUID | None
    audience: Annotated[str, choices(Audience)]
    person_id: UUID | None = Field(description="Empty for those who read a published event from outside.")
    organisation_id: UUID | None
    capacity: str | None
    login_id: UUID | None = Field(description="The signed-in device: for oneself and for administrators.")
    quiet: bool = Field(description="From an import: kept for the audit, announced to nobody.")
    data: dict[str, Any]
