"""`/healthz` says that the process answers; `/readyz` that the database does, with the schema this code expects."""

from __future__ import annotations

from fastapi import APIRouter, Response
from sqlalchemy import text

from app.core.db import SCHEMA
from app.web.away import SchemaBehind
from app.web.deps import Read

router = APIRouter(include_in_schema=False)


@router.get("/healthz")
async def healthz() -> Response:
    """The process is alive."""
    return Response('{"status":"ok"}', media_type="application/json", headers={"Cache-Control": "no-store"})


@router.get("/readyz")
async def readyz(read: Read) -> Response:
    """The service can do its work; 503 otherwise."""
    found = (await read.execute(text("SELECT version_num FROM alembic_version"))).scalar_one_or_none()
    if found != SCHEMA:
        raise SchemaBehind("Le schéma de la base ne correspond pas à cette version : lancez « alliage migrate ».")
    return Response('{"status":"ready"}', media_type="application/json", headers={"Cache-Control": "no-store"})
