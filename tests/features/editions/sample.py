"""A small edition that holds something of everything, for tests of what is made from a payload."""

from __future__ import annotations

import hashlib
from typing import Any

SPAN = {"start": 7, "end": 40, "length": 33}
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
QUOTE = "Il manque deux mois de trésorerie"


def _citations() -> list[dict[str, Any]]:
    """A quote of an organisation, and a paraphrase of a reply whose source was withdrawn."""
    said = {
        "quote": QUOTE,
        "quote_sha256": hashlib.sha256(QUOTE.encode()).hexdigest(),
        "revision_sha256": "ab" * 32,
        "before": "Avant. ",
        "after": " partout.",
        **SPAN,
    }
    base: dict[str, Any] = {
        "number": 1,
        "relation": "quotes",
        "type": "contribution",
        "kind": "need",
        "side": None,
        "imported": False,
        "said_on": "2020-05-01",
        "attribution": {"by": "organisation", "name": "=Organisation & <fils>"},
        "source": {"state": "same"},
        "words": said,
    }
    reply: dict[str, Any] = {
        "number": 2,
        "words": None,
        "relation": "supports",
        "type": "reply",
        "kind": None,
        "side": "against",
    }
    reply |= {
        "attribution": {"by": "participating_organisation"},
        "source": {"state": "withdrawn", "kept_because": "X"},
    }
    return [base | {"positions": {"supports": 3, "nuances": 0, "objects": 3, "no_answer": 12}}, base | reply]


def _sections() -> list[dict[str, Any]]:
    """Every kind of block, a quotation in a section below, and a section that is empty."""
    runs = [{"text": "Un "}, {"text": "mot", "strong": True}, {"text": " sûr"}, {"note": 1}, {"text": " ; voilà"}]
    blocks = [
        {"type": "paragraph", "runs": runs},
        {"type": "heading", "level": 4, "runs": [{"text": "Titre [^9] *a*"}]},
        {"type": "list", "ordered": True, "start": 3, "items": [[{"type": "paragraph", "runs": [{"text": "- a"}]}]]},
        {
            "type": "quote",
            "blocks": [{"type": "paragraph", "runs": [{"text": "1. b"}, {"break": True}, {"text": "c"}]}],
        },
        {"type": "table", "head": [[{"text": "a|b"}]], "rows": [[[{"text": "c", "link": "https://a.example/?x=1&y"}]]]},
        {"type": "code", "text": "[^7] <script>alert(1)</script>"},
        {"type": "rule"},
        {"type": "paragraph", "runs": [{"text": "x[^8]", "code": True}, {"note": 2}, {"text": " é", "emphasis": True}]},
    ]
    sourced = {"kind": "paragraph", "origin": "sourced", "notes": [1, 2], "blocks": blocks}
    quotation = {"kind": "quotation", "origin": "sourced", "notes": [1], "blocks": [], "quote": QUOTE}
    told = {"caption": "Besoins « par mois » & <autres>", "alt": "Douze besoins en avril.\nSix en mai."}
    cells = {"head": [[{"text": "Mois"}]], "rows": [[[{"text": "Avril"}, {"note": 1}]]]}
    table = {"kind": "table", "origin": "sourced", "notes": [1], "blocks": [{"type": "table", **cells, **told}]}
    image = {"type": "figure", "media_type": "image/png", "data": PIXEL, "width": 1, "height": 1, **told}
    figure = {"kind": "figure", "origin": "editorial", "notes": [], "blocks": [image]}
    below = {"title": "Sous-partie", "angle": "free", "passages": [quotation, table, figure], "sections": []}
    return [
        {"title": "Partie", "angle": "free", "passages": [sourced], "sections": [below]},
        {"title": "Base", "angle": "database", "passages": [], "sections": [], "empty": "N’existe pas encore."},
    ]


def _report() -> dict[str, Any]:
    """Every outcome, a waiver, and organisations of which some are not named."""
    outcomes = ("cited", "merged", "answered", "set_aside", "waived")
    treated = {
        "title": "Un titre",
        "kind": "need",
        "space": 1,
        "attribution": {"by": "person", "capacity": "personal", "name": None},
        "outcome": "set_aside",
        "reason": "off_topic",
        "sentence": "Ce n’est pas le sujet.",
        "by_rule": True,
    }
    waiver = {"title": None, "lets_through": "untreated", "reason": "Arrivée la veille.", "by": "Camille"}
    return {
        "contributions": {
            "in_scope": 2,
            "outcomes": [{"outcome": each, "count": 1, "by_rule": 0, "by_hand": 1} for each in outcomes],
            "arrived_after": 4,
            "moderated": [{"reason": "off_topic", "count": 1}],
        },
        "treatments": [treated, treated | {"outcome": "cited", "notes": [1], "title": "Cité"}],
        "not_listed": dict.fromkeys(outcomes, 2),
        "waivers": [waiver | {"for": "Copilote", "on": "2020-09-05"}],
        "passages": {"sourced": 2, "editorial": 0, "headings": 0, "accepted_by_rule": 1, "accepted_by_hand": 1},
        "organisations": {
            "taking_part": 4,
            "cited_by_name": ["A"],
            "cited_without_their_name": 3,
            "not_cited": ["B"],
            "not_cited_nor_named": 0,
            "said_personally": 1,
            "profiles": [{"profile": "merged", "taking_part": 4, "cited": 4}],
        },
    }


def payload(**over: Any) -> dict[str, Any]:
    """The edition."""
    return {
        "format": "alliage-edition",
        "format_version": 3,
        "language": "fr",
        "timezone": "Europe/Paris",
        "initiative": {"title": "Démarche", "note": "Données d’essai.", "copilots": ["A", "B"]},
        "deliverable": {"title": "Synthèse : « tout »", "summary": "Deux lignes.\nLa seconde."},
        "edition": {
            "n": 2,
            "label": "Mise à jour",
            "published_at": "2020-09-07T14:05:00Z",
            "published_local": "2020-09-07T16:05:00+02:00",
        },
        "scope": {
            "spaces": [{"number": 1, "title": "Espace"}],
            "restricted_spaces": 1,
            "kinds": ["need", "proposal"],
            "cutoff_at": "2020-09-04T22:59:59Z",
            "cutoff_local": "2020-09-05T00:59:59+02:00",
        },
        "sections": _sections(),
        "citations": _citations(),
        "report": _report(),
    } | over
