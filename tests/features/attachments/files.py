"""Files that people might send, made here byte by byte, and how a form sends them."""

from __future__ import annotations

import io
import zipfile
from typing import Any
from uuid import uuid4

import httpx
from PIL import Image

from tests.world import World

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
TEXT = "Deux mois de trésorerie.\n".encode()
_MAIN = {
    "docx": "wordprocessingml.document",
    "xlsx": "spreadsheetml.sheet",
    "pptx": "presentationml.presentation",
}


def archive(entries: dict[str, bytes], *, stored: tuple[str, ...] = ()) -> bytes:
    """A ZIP of these entries, in their order."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in entries.items():
            packed.writestr(name, content, zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED)
    return whole.getvalue()


def office(kind: str = "docx", **more: bytes) -> bytes:
    """A small document of Word, Excel or PowerPoint; `more` entries, `__` for a slash and `_DOT_` for a dot."""
    main = f"application/vnd.openxmlformats-officedocument.{_MAIN[kind]}.main+xml"
    types = f'<Types><Override PartName="/main.xml" ContentType="{main}"/></Types>'.encode()
    others = {name.replace("__", "/").replace("_DOT_", "."): content for name, content in more.items()}
    return archive({"[Content_Types].xml": types, "main.xml": b"<w/>", **others})


def opendocument(kind: str = "text", **more: bytes) -> bytes:
    """A small OpenDocument."""
    others = {name.replace("__", "/").replace("_DOT_", "."): content for name, content in more.items()}
    media = f"application/vnd.oasis.opendocument.{kind}".encode()
    return archive({"mimetype": media, "content.xml": b"<o/>", **others}, stored=("mimetype",))


def picture(form: str = "JPEG", size: tuple[int, int] = (40, 30), **options: Any) -> bytes:
    """An image, red on the left and blue on the right."""
    image = Image.new("RGB", size, (200, 30, 30))
    image.paste((30, 30, 200), (size[0] // 2, 0, size[0], size[1]))
    whole = io.BytesIO()
    image.save(whole, form, **options)
    return whole.getvalue()


def photograph() -> bytes:
    """A JPEG taken upright with a telephone that says where: 48.8584 N, 2.2945 E."""
    exif = Image.Exif()
    exif[0x0112] = 6  # turn it to the right
    exif[0x010F] = "Marque-secrete"
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 51.0, 30.0), 3: "E", 4: (2.0, 17.0, 40.0)})
    return picture("JPEG", exif=exif)


async def send_file(
    world: World, who: str, path: str, name: str = "note.txt", content: bytes = TEXT, *, key: str | None = None
) -> httpx.Response:
    """A form with one file, declared as something harmless."""
    client = await world.client(who)
    return await client.post(
        f"/api/v1{path}",
        files={"file": (name, content, "text/plain")},
        headers={"Idempotency-Key": str(uuid4()) if key is None else key},
    )
