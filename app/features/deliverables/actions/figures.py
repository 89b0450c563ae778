"""Keep an image for the figures of a deliverable: only its pixels, made again."""

from __future__ import annotations

import asyncio
import hashlib
import io
import warnings
from dataclasses import dataclass
from uuid import UUID

from PIL import Image, ImageOps
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import Conflict, Invalid
from app.core.model import new_id
from app.features.deliverables.actions.ground import hold, pilot
from app.features.deliverables.models import Figure
from app.policy.actor import Actor

LARGEST = 1_000_000  # bytes received
HEAVIEST = 600_000  # bytes kept: an edition holds its images, and is one file
WIDEST = 1_600  # pixels, in either direction
MOST_PIXELS = 25_000_000
MOST = 60
FORMATS = {"PNG": "image/png", "JPEG": "image/jpeg"}


class NotAnImage(Invalid):
    """The body is no PNG or JPEG image that can be read, or it is too large: 1 MB and 25 million pixels at most."""

    title = "Image refusée"


@dataclass(frozen=True, slots=True)
class Pixels:
    """An image made again."""

    media_type: str
    width: int
    height: int
    content: bytes


async def add_figure(db: AsyncSession, actor: Actor, deliverable_id: UUID, raw: bytes) -> Figure:
    """Keep an image, PNG or JPEG of at most `LARGEST` bytes; a passage of the kind « figure » can then show it."""
    deliverable = await hold(db, actor, deliverable_id)
    counted = await db.execute(select(func.count()).where(Figure.deliverable_id == deliverable.id))
    if counted.scalar_one() >= MOST:
        raise Conflict(f"Ce livrable a déjà {MOST} images : c’est beaucoup pour un seul fichier.")
    pixels = await asyncio.to_thread(made_again, raw)
    figure = Figure(
        id=new_id(),
        deliverable_id=deliverable.id,
        initiative_id=deliverable.initiative_id,
        media_type=pixels.media_type,
        width=pixels.width,
        height=pixels.height,
        content=pixels.content,
        sha256=hashlib.sha256(pixels.content).digest(),
        **pilot(actor, deliverable).columns(),
    )
    db.add(figure)
    await db.flush()
    return figure


def made_again(raw: bytes) -> Pixels:
    """The pixels alone, upright, `WIDEST` at most; NotAnImage for anything else."""
    if len(raw) > LARGEST:
        raise NotAnImage("Cette image est trop lourde : 1 Mo au plus.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            sent = Image.open(io.BytesIO(raw), formats=list(FORMATS))
            if sent.width * sent.height > MOST_PIXELS:
                raise NotAnImage("Cette image est trop grande : 25 millions de pixels au plus.")
            kind = str(sent.format)
            image = ImageOps.exif_transpose(sent)
    except NotAnImage:
        raise
    except (OSError, ValueError, SyntaxError, Warning, Image.DecompressionBombError):
        raise NotAnImage("Ce n’est pas une image PNG ou JPEG que l’on sache lire.") from None
    return _written(image, kind)


def _written(image: Image.Image, kind: str) -> Pixels:
    image.thumbnail((WIDEST, WIDEST))
    image = image.convert(
        "RGB" if kind == "JPEG" else "RGBA" if "A" in image.getbands() or "transparency" in image.info else "RGB"
    )
    bare = Image.new(image.mode, image.size)  # nothing of what the file said of itself
    bare.paste(image)
    out = io.BytesIO()
    bare.save(out, kind, **({"quality": 85} if kind == "JPEG" else {"optimize": True}))
    if out.tell() > HEAVIEST:
        raise NotAnImage("Cette image reste trop lourde une fois réduite : simplifiez-la, ou envoyez-la en JPEG.")
    return Pixels(FORMATS[kind], bare.width, bare.height, out.getvalue())
