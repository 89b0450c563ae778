"""What every table shares: identifiers, names of constraints, and who may change rows.

Choices are TEXT with a CHECK made from a StrEnum (`one_of`): a new value is one line in a
migration, and reading a row costs no conversion. Each table states in `info["access"]` what
the application role may do with it; `app.core.grants` turns that into GRANTs.
"""

from __future__ import annotations

import os
import time
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, MetaData, SmallInteger, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from app.core.clock import now

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562): 48 bits of milliseconds, then 74 random bits; ids sort roughly by creation."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds << 80) | int.from_bytes(os.urandom(10), "big")
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return UUID(int=value)


class Base(DeclarativeBase):
    """The root of every table."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {  # noqa: RUF012 - read by SQLAlchemy at class creation
        datetime: DateTime(timezone=True),
        UUID: Uuid(),
        str: Text(),
        list[str]: ARRAY(Text()),
        list[int]: ARRAY(SmallInteger()),
    }


class Identified:
    """A UUIDv7 made in Python, so that a row's id is known before it is written."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)


class Stamped:
    """When the row was recorded."""

    created_at: Mapped[datetime] = mapped_column(default=now)


class Versioned:
    """A number that grows with each change: the base of `ETag` and `If-Match`."""

    version: Mapped[int] = mapped_column(default=1)


class Access(StrEnum):
    """What the application role may do with a table's rows."""

    FULL = "full"
    """Insert, update, delete."""
    KEEP = "keep"
    """Insert and update: nothing is ever deleted."""
    APPEND = "append"
    """Insert only: rows never change."""
    READ = "read"
    """Written by the database itself."""


def access(level: Access, *updatable: str) -> dict[str, Any]:
    """`info` of a table; `updatable` opens some columns of an append-only table to change."""
    return {"info": {"access": level, "updatable": updatable}}


def one_of(column: str, choices: type[StrEnum], *, optional: bool = False) -> CheckConstraint:
    """A CHECK that the column holds one of the enumeration's values."""
    values = ", ".join(f"'{choice.value}'" for choice in choices)
    test = f"{column} IN ({values})"
    return CheckConstraint(f"{column} IS NULL OR {test}" if optional else test, name=f"{column}_known")
