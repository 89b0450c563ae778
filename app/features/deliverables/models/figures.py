"""Images of a deliverable, as they were made again from what was sent: nothing but their pixels."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.model import Access, Base, Identified, Stamped, access
from app.features.identity.models import ActedBy, acted_by


class Figure(Base, Identified, Stamped, ActedBy):
    """An image that passages of the deliverable can show. It never changes: another image is another figure."""

    __tablename__ = "figures"

    deliverable_id: Mapped[UUID]
    initiative_id: Mapped[UUID]
    media_type: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = (
        ForeignKeyConstraint(["deliverable_id", "initiative_id"], ["deliverables.id", "deliverables.initiative_id"]),
        UniqueConstraint("id", "deliverable_id", name="uq_figures_place"),
        CheckConstraint("media_type IN ('image/png', 'image/jpeg')", "media_type_known"),
        *acted_by(),
        access(Access.APPEND),
    )
