"""Where imported objects come from, so that an import can be repeated and resumed."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.model import Access, Base, Stamped, access


class ExternalRef(Base, Stamped):
    """An identifier elsewhere, and the object it became here. Several may name one object."""

    __tablename__ = "external_refs"

    source: Mapped[str] = mapped_column(primary_key=True)
    object_type: Mapped[str] = mapped_column(primary_key=True)
    external_id: Mapped[str] = mapped_column(primary_key=True)
    object_id: Mapped[UUID]

    __table_args__ = (Index("ix_external_refs_object", "object_id"), access(Access.APPEND))
