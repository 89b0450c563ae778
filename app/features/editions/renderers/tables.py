"""The citations as a table: one line each, for a spreadsheet, in which no text is ever run as a formula."""

from __future__ import annotations

import csv
import io

from app.core.tables import safe_cell
from app.features.editions.renderers import words
from app.features.editions.renderers.words import Payload

COLUMNS = (
    "numéro",
    "relation",
    "attribution",
    "nature",
    "dit le",
    "importé",
    "citation",
    "début",
    "fin",
    "empreinte du texte (SHA-256)",
)


def render(payload: Payload) -> bytes:
    """CSV with semicolons and a byte order mark: what a spreadsheet set in French opens at once."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for citation in payload["citations"]:
        said = citation["words"] or {}
        nature = words.KINDS[citation["kind"]] if citation["type"] == "contribution" else "réponse"
        writer.writerow(
            safe_cell(value)
            for value in (
                citation["number"],
                words.RELATIONS[citation["relation"]],
                words.who(citation["attribution"]),
                nature,
                citation["said_on"],
                citation["imported"],
                said.get("quote"),
                said.get("start"),
                said.get("end"),
                said.get("revision_sha256"),
            )
        )
    return out.getvalue().encode("utf-8-sig")
