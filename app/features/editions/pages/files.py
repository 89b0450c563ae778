"""The files of an edition, in the order in which somebody wants them, with what each is for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.core.i18n import gettext, later
from app.features.editions.schemas import EditionFileOut
from app.web.wording import weight

KNOWN = {
    "edition.html": (later("Page HTML"), later("un seul fichier, à lire et à imprimer hors ligne")),
    "edition.md": (later("Texte Markdown"), later("pour reprendre le texte")),
    "edition.json": (later("Texte et sources, JSON"), later("tout ce que dit l’édition, pour un programme")),
    "citations.csv": (later("Citations, CSV"), later("une ligne par citation, pour un tableur")),
    "manifest.json": (later("Manifeste"), later("la liste des fichiers et leurs empreintes")),
    "LISEZMOI.txt": (later("Lisez-moi"), later("ce que contient l’édition")),
}


@dataclass(frozen=True, slots=True)
class Download:
    """One line of the list."""

    label: str
    about: str
    href: str
    sha256: str


def downloads(files: Iterable[EditionFileOut]) -> list[Download]:
    """Known files first, in the order of `KNOWN`."""
    order = list(KNOWN)
    ranked = sorted(files, key=lambda file: order.index(file.name) if file.name in KNOWN else len(order))
    return [_download(file) for file in ranked]


def _download(file: EditionFileOut) -> Download:
    label, about = KNOWN.get(file.name, (file.name, file.media_type))
    said = f"{gettext(about)}, {weight(file.size)}"
    return Download(gettext(label), said, file.url, file.sha256)
