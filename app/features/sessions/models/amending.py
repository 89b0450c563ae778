"""What those who came say of the minutes: amendments, and that they read them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.model import Access, Base, Identified, Stamped, Versioned, access, one_of
from app.core.states import StateMachine
from app.features.identity.models import ActedBy, acted_by


class AmendmentState(StrEnum):
    """What became of an amendment."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


AMENDMENT_STATES = StateMachine(
    "amendment",
    AmendmentState.PROPOSED,
    {
        AmendmentState.PROPOSED: {
            "accept": AmendmentState.ACCEPTED,
            "refuse": AmendmentState.REFUSED,
            "withdraw": AmendmentState.WITHDRAWN,
        },
        AmendmentState.ACCEPTED: {},
        AmendmentState.REFUSED: {},
        AmendmentState.WITHDRAWN: {},
    },
)


class Amendment(Base, Identified, Stamped, Versioned, ActedBy):
    """What an organisation wants the minutes to say; accepting it lets somebody write it, and changes no word."""

    __tablename__ = "amendments"

    session_id: Mapped[UUID]
    initiative_id: Mapped[UUID]
    space_id: Mapped[UUID | None]
    minutes_n: Mapped[int]
    """The revision of the minutes that was read."""
    agenda_item_id: Mapped[UUID | None]
    text: Mapped[str]
    state: Mapped[str] = mapped_column(default=AmendmentState.PROPOSED)
    reason: Mapped[str | None]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    decided_at: Mapped[datetime | None]

    __table_args__ = (
        ForeignKeyConstraint(["session_id", "initiative_id"], ["sessions.id", "sessions.initiative_id"]),
        ForeignKeyConstraint(["agenda_item_id", "session_id"], ["agenda_items.id", "agenda_items.session_id"]),
        one_of("state", AmendmentState),
        CheckConstraint("state <> 'refused' OR reason IS NOT NULL", "refused_with_a_reason"),
        CheckConstraint("(state = 'proposed') = (decided_at IS NULL)", "decided"),
        Index("ix_amendments_session", "session_id", "created_at", "id"),
        *acted_by(),
        access(Access.KEEP),
    )


class MinutesValidation(Base, Identified, Stamped, ActedBy):
    """An organisation read this revision of the minutes, and has nothing to amend."""

    __tablename__ = "minutes_validations"

    session_id: Mapped[UUID]
    initiative_id: Mapped[UUID]
    space_id: Mapped[UUID | None]
    n: Mapped[int]

    __table_args__ = (
        ForeignKeyConstraint(["session_id", "initiative_id"], ["sessions.id", "sessions.initiative_id"]),
        ForeignKeyConstraint(["session_id", "n"], ["minutes_revisions.session_id", "minutes_revisions.n"]),
        UniqueConstraint("session_id", "organisation_id", "n"),
        *acted_by(),
        access(Access.APPEND),
    )
