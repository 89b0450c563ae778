"""What somebody looks for: words, "phrases", -exclusions and beginnings*, read from one line that anybody may type.

The result is three texts in the language of `to_tsquery`, whose every term stands between quotes: no letter
that was typed is ever an operator. Nothing here raises: a line in which nothing can be looked for says why.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.core.text import fold

SHORTEST_BEGINNING = 3
_PIECES = re.compile(r"""(-?)(?:["“«]([^"”»]*)(?:["”»]|$)|([^\s"“«]+))""")
_CORE = re.compile(r"\w.*\w|\w", re.DOTALL)
_PARTS = re.compile(r"\w+")

# PostgreSQL's French list lacks the commonest words ("les", "plus", "cette"): they would be demanded of every
# answer, where "les écoles" must find "une école". English words that are French ones too (but, or, main) stay,
# and those that the list of either language drops by itself need not be here, unless they are typed in the other.
STOP_WORDS = frozenset(
    [
        "a",
        "afin",
        "ai",
        "aie",
        "ainsi",
        "alors",
        "apres",
        "as",
        "au",
        "aucun",
        "aucune",
        "aussi",
        "autre",
        "autres",
        "aux",
        "avant",
        "avec",
        "avez",
        "avons",
        "avoir",
        "beaucoup",
        "bien",
        "c",
        "ca",
        "car",
        "ce",
        "ceci",
        "cela",
        "celle",
        "celles",
        "celui",
        "ces",
        "cet",
        "cette",
        "ceux",
        "chaque",
        "chez",
        "ci",
        "comme",
        "comment",
        "contre",
        "d",
        "dans",
        "de",
        "depuis",
        "des",
        "dont",
        "donc",
        "du",
        "elle",
        "elles",
        "en",
        "encore",
        "entre",
        "es",
        "est",
        "et",
        "etaient",
        "etait",
        "etant",
        "ete",
        "etre",
        "eu",
        "eux",
        "fait",
        "faire",
        "faut",
        "il",
        "ils",
        "j",
        "je",
        "l",
        "la",
        "le",
        "les",
        "leur",
        "leurs",
        "lors",
        "lui",
        "m",
        "ma",
        "mais",
        "meme",
        "memes",
        "mes",
        "mon",
        "n",
        "ne",
        "ni",
        "nos",
        "notre",
        "nous",
        "on",
        "ont",
        "ou",
        "par",
        "parce",
        "pas",
        "peu",
        "peut",
        "peuvent",
        "plus",
        "plusieurs",
        "pour",
        "pourquoi",
        "puis",
        "qu",
        "quand",
        "que",
        "quel",
        "quelle",
        "quelles",
        "quels",
        "qui",
        "quoi",
        "s",
        "sa",
        "sans",
        "se",
        "sera",
        "ses",
        "si",
        "soit",
        "son",
        "sont",
        "sous",
        "sur",
        "ta",
        "te",
        "tes",
        "tous",
        "tout",
        "toute",
        "toutes",
        "tres",
        "tu",
        "un",
        "une",
        "vers",
        "vos",
        "votre",
        "vous",
        "y",
        "about",
        "all",
        "also",
        "an",
        "and",
        "any",
        "are",
        "at",
        "be",
        "been",
        "by",
        "can",
        "could",
        "do",
        "does",
        "for",
        "from",
        "had",
        "has",
        "have",
        "he",
        "her",
        "his",
        "how",
        "i",
        "if",
        "in",
        "into",
        "is",
        "it",
        "its",
        "my",
        "not",
        "of",
        "our",
        "she",
        "should",
        "so",
        "some",
        "than",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "these",
        "they",
        "this",
        "those",
        "to",
        "was",
        "we",
        "were",
        "what",
        "when",
        "where",
        "which",
        "who",
        "why",
        "will",
        "with",
        "would",
        "you",
        "your",
    ]
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that the index can answer."""

    words: str = ""
    """Every word that must be there, those of phrases included: what the index narrows to. Empty: nothing to look for."""
    phrases: tuple[str, ...] = ()
    """Words that must follow one another."""
    without: str = ""
    """Words of which none may be there."""
    without_phrases: tuple[str, ...] = ()
    explanation: str | None = None
    """Why nothing can be looked for, in French."""

    @property
    def is_exact(self) -> bool:
        """Whether the index alone decides; else the candidates it gives are read."""
        return not (self.phrases or self.without_phrases)


def ask(typed: str) -> Asked:
    """Read a line; common words count only inside phrases."""
    words: list[str] = []
    without: list[str] = []
    phrases: list[str] = []
    without_phrases: list[str] = []
    for minus, phrase, word in _PIECES.findall(typed):
        parts = _PARTS.findall(phrase)
        if len(parts) > 1:
            (without_phrases if minus else phrases).append(" ".join(parts))
            words += [] if minus else [_term(part) for part in parts if _tells(part)]
            continue
        core = _CORE.search(word or phrase)
        if core is not None and _tells(core[0]):
            (without if minus else words).append(_term(core[0], begins=word.endswith("*")))
    if not words:
        return Asked(explanation=_why(typed, excludes=bool(without or without_phrases), phrases=bool(phrases)))
    return Asked(
        " & ".join(dict.fromkeys(words)),
        tuple(phrases),
        " | ".join(dict.fromkeys(without)),
        tuple(without_phrases),
    )


def _tells(word: str) -> bool:
    return fold(word) not in STOP_WORDS


def _term(word: str, *, begins: bool = False) -> str:
    quoted = "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"
    return quoted + ":*" if begins and len(word) >= SHORTEST_BEGINNING else quoted


def _why(typed: str, *, excludes: bool, phrases: bool) -> str:
    if excludes:
        return "Donnez au moins un mot à chercher : une exclusion seule ne cherche rien."
    if phrases or _PARTS.search(typed):
        return "Ces mots sont trop courants pour être cherchés : ajoutez-en un plus précis."
    return "Donnez au moins un mot à chercher."
