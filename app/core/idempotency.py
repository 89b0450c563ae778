"""A repeated POST makes one row: the key, the request's hash and the answer, kept in the transaction of the change."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, LargeBinary, delete
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from app.core.model import Access, Base, access


class IdempotentAnswer(Base):
    """What a caller was answered for a key: sent again, byte for byte, for seven days."""

    __tablename__ = "idempotency"

    caller: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    method: Mapped[str]
    path: Mapped[str]
    request_sha256: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[int]
    headers: Mapped[dict[str, Any]] = mapped_column(JSONB)
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Empty when the answer held a secret, which is shown once and stored nowhere, or words that were erased since."""
    at: Mapped[datetime]

    __table_args__ = (Index("ix_idempotency_at", "at"), access(Access.FULL))


async def forget_answers_before(db: AsyncSession, instant: datetime) -> int:
    """Delete the answers older than `instant` (the worker calls it with seven days); how many."""
    done = await db.execute(delete(IdempotentAnswer).where(IdempotentAnswer.at < instant))
    return int(getattr(done, "rowcount", 0))
