"""What a file is, is read in its bytes; what may harm does not come in, what tells too much does not come out."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from app.features.attachments.contents import Examined, FileRefused, clean_name, examine
from app.features.attachments.contents import archives as bounds
from tests.features.attachments.files import PDF, TEXT, archive, office, opendocument, photograph, picture


async def looked_at(folder: Path, name: str, content: bytes) -> tuple[Examined, bytes]:
    """What is kept of a file."""
    path = folder / "incoming"
    path.write_bytes(content)
    found = await examine(path, name)
    kept = path.read_bytes()
    assert found.size == len(kept)
    return found, kept


@pytest.mark.parametrize(
    ("name", "content", "kept_as", "media_type"),
    [
        ("budget.pdf", PDF, "budget.pdf", "application/pdf"),
        ("budget.exe", PDF, "budget.pdf", "application/pdf"),
        ("Compte rendu.docx", office("docx"), "Compte rendu.docx", None),
        ("tableau.xlsx", office("xlsx"), "tableau.xlsx", None),
        ("diapos.pptx", office("pptx"), "diapos.pptx", None),
        ("lettre.odt", opendocument("text"), "lettre.odt", None),
        ("comptes.ods", opendocument("spreadsheet"), "comptes.ods", None),
        ("expose.odp", opendocument("presentation"), "expose.odp", None),
        ("faux.docx", office("xlsx"), "faux.xlsx", None),
        ("noms.csv", "nom;ville\nÉlodie;Nîmes\n".encode("cp1252"), "noms.csv", "text/csv"),
        ("note.txt", TEXT, "note.txt", "text/plain"),
        ("BMW.txt", b"BMW est une marque.", "BMW.txt", "text/plain"),
        ("lisez.md", b"# Titre\n", "lisez.md", "text/markdown"),
        ("photo.png", picture("PNG"), "photo.png", "image/png"),
        ("photo.png", picture("JPEG"), "photo.jpg", "image/jpeg"),
        ("photo.webp", picture("WEBP"), "photo.webp", "image/webp"),
        ("dessin.gif", picture("GIF"), "dessin.png", "image/png"),
    ],
)
async def test_what_is_taken(tmp_path: Path, name: str, content: bytes, kept_as: str, media_type: str | None) -> None:
    found, kept = await looked_at(tmp_path, name, content)
    assert found.name == kept_as
    assert media_type is None or found.media_type == media_type
    if not found.media_type.startswith("image/"):
        assert kept == content


REFUSED: dict[str, tuple[str, bytes]] = {
    "nothing": ("vide.txt", b""),
    "a page": ("page.html", b"<html><script>alert(1)</script>"),
    "a page named text": ("page.txt", b"\xef\xbb\xbf <!DOCTYPE html><script>alert(1)</script>"),
    "a drawing that runs": ("dessin.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
    "a program": ("outil.pdf", b"MZ\x90\x00" + b"\0" * 200),
    "a script named text": ("outil.txt", b"#!/bin/sh\nrm -rf /\n"),
    "an archive": ("tout.zip", archive({"a.txt": b"a"})),
    "an archive named document": ("tout.docx", archive({"a.txt": b"a"})),
    "bytes named text": ("note.txt", b"abc\x00def"),
    "UTF-16": ("note.csv", "é;à".encode("utf-16")),
    "PDF after other bytes": ("a.pdf", b"<script>alert(1)</script>\n" + PDF),
    "PDF that is a ZIP too": ("a.pdf", PDF + archive({"a.txt": b"a"})),
    "PDF and then a page": ("a.pdf", PDF + b"<script>alert(1)</script>"),
    "PDF cut short": ("a.pdf", PDF[:30]),
    "ZIP behind a page": ("a.docx", b"<script>alert(1)</script>" + office()),
    "macros, by type": (
        "a.docx",
        archive({"[Content_Types].xml": b"application/vnd.ms-word.document.macroEnabled.main+xml", "w.xml": b"<w/>"}),
    ),
    "macros, by name": ("a.docx", office(word__vbaProject_DOT_bin=b"x")),
    "controls that run": ("a.xlsx", office("xlsx", xl__activeX__activeX1_DOT_xml=b"x")),
    "old macros of Excel": ("a.xlsx", office("xlsx", xl__macrosheets__sheet1_DOT_xml=b"x")),
    "macros of LibreOffice": ("a.odt", opendocument("text", Basic__Standard__Module1_DOT_xml=b"x")),
    "a program inside": ("a.docx", office(word__embeddings__outil_DOT_exe=b"x")),
    "a path that climbs": (
        "a.docx",
        archive({"[Content_Types].xml": b"wordprocessingml.document.main+xml", "../x": b"x"}),
    ),
    "two documents in one": (
        "a.docx",
        archive({"[Content_Types].xml": b"wordprocessingml.document.main+xml spreadsheetml.sheet.main+xml"}),
    ),
    "an image cut short": ("a.png", picture("PNG")[:60]),
    "an image in name only": ("a.jpg", b"\xff\xd8\xff\xe0" + b"\0" * 100),
}


@pytest.mark.parametrize("what", REFUSED)
async def test_what_is_refused(tmp_path: Path, what: str) -> None:
    with pytest.raises(FileRefused):
        await looked_at(tmp_path, *REFUSED[what])


async def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FileRefused, match="compressé"):
        await looked_at(tmp_path, "a.docx", office(word__media=b"\0" * 20_000_000))
    monkeypatch.setattr(bounds, "UNPACKED_MOST", 10_000)
    with pytest.raises(FileRefused, match="trop"):
        await looked_at(tmp_path, "a.docx", office(word__media=b"ab" * 10_000))
    monkeypatch.setattr(bounds, "ENTRIES_MOST", 2)
    with pytest.raises(FileRefused, match="trop"):
        await looked_at(tmp_path, "a.docx", office(word__media=b"a"))


async def test_an_archive_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    """Its directory says 100 bytes: somebody else's program would unpack all of it."""
    whole = bytearray(office(word__media=b"ab" * 400_000))
    at = whole.rindex(b"word/media") - 46
    assert whole[at : at + 4] == b"PK\x01\x02"
    whole[at + 24 : at + 28] = struct.pack("<I", 100)
    with pytest.raises(FileRefused):
        await looked_at(tmp_path, "a.docx", bytes(whole))


async def test_a_document_with_a_password_is_refused(tmp_path: Path) -> None:
    whole = bytearray(office())
    at = whole.index(b"PK\x01\x02")
    whole[at + 8] |= 1
    with pytest.raises(FileRefused, match="mot de passe"):
        await looked_at(tmp_path, "a.docx", bytes(whole))


async def test_a_photograph_does_not_say_where_it_was_taken(tmp_path: Path) -> None:
    sent = photograph()
    assert b"Marque-secrete" in sent
    _found, kept = await looked_at(tmp_path, "photo.jpg", sent)
    assert b"Marque-secrete" not in kept
    with Image.open(io.BytesIO(kept)) as image:
        assert dict(image.getexif()) == {}
        assert image.size == (30, 40), "it stands upright, as its metadata said"


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF"])
async def test_what_hides_behind_an_image_is_gone(tmp_path: Path, form: str) -> None:
    for behind in (archive({"a.txt": b"a"}), b"<script>alert(1)</script>", PDF):
        _found, kept = await looked_at(tmp_path, f"a.{form.lower()}", picture(form) + behind)
        assert behind not in kept
        assert b"<script>" not in kept
        assert b"PK\x05\x06" not in kept


async def test_words_in_an_image_are_gone(tmp_path: Path) -> None:
    from PIL.PngImagePlugin import PngInfo  # noqa: PLC0415 - its name would be taken for a fixture

    words = PngInfo()
    words.add_text("Author", "Marque-secrete")
    _found, kept = await looked_at(tmp_path, "a.png", picture("PNG", pnginfo=words))
    assert b"Marque-secrete" not in kept


async def test_an_image_that_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    """Some bytes that announce 30,000 by 30,000 pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    bomb = (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )
    with pytest.raises(FileRefused, match="trop grande"):
        await looked_at(tmp_path, "a.png", bomb)
    with pytest.raises(FileRefused, match="trop grande"):
        await looked_at(tmp_path, "a.png", picture("PNG", (8000, 6000)))


@pytest.mark.parametrize(
    ("name", "kept_as"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\Camille\\budget.pdf", "budget.pdf"),
        ("facture\u202efdp.exe", "facturefdp.pdf"),
        ("a\u200bb\x00\n.pdf", "ab.pdf"),
        ("facture.pdf.exe", "facture.pdf"),
        ("é" * 400 + ".pdf", "é" * 120 + ".pdf"),
        ("CON.pdf", "_CON.pdf"),
        ("...", "fichier.pdf"),
        ('a"b;c%0a.pdf', "a_b_c_0a.pdf"),
        ("<b>.pdf", "_b_.pdf"),
        ("Bilan  2026 (v2).PDF", "Bilan 2026 (v2).pdf"),
        ("v1.2 finale", "v1.2 finale.pdf"),
    ],
)
def test_names_are_cleaned(name: str, kept_as: str) -> None:
    assert clean_name(name, ".pdf") == kept_as
