"""French is what we write; English is translated from it, from `app/locale/en/<room>.po`.

The sentences of the code and of the templates are the keys of the catalogue, so a French page needs none. French
typography is applied to a sentence before what it names is put in. The language belongs to the request (a context
variable that the shell sets): a sentence made anywhere on its way is in that language.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from babel.messages.pofile import read_po

from app.core.richtext.typography import french

Language = Literal["fr", "en"]
LANGUAGES: tuple[Language, ...] = ("fr", "en")
CATALOGUES = Path(__file__).resolve().parents[1] / "locale"

_language: ContextVar[Language] = ContextVar("language", default="fr")


def language() -> Language:
    """The language of this request."""
    return _language.get()


def speak(chosen: Language) -> None:
    """From here on, this request is answered in `chosen`."""
    _language.set(chosen)


@cache
def english() -> Mapping[str, tuple[str, ...]]:
    """French sentence -> English ones (singular, plural); read once, at the first English page."""
    found: dict[str, tuple[str, ...]] = {}
    for path in sorted((CATALOGUES / "en").glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale="en"):
                said = message.string if isinstance(message.string, tuple | list) else (message.string or "",)
                key = message.id[0] if isinstance(message.id, tuple | list) else message.id
                if key and all(said) and not message.fuzzy:
                    found[str(key)] = tuple(str(one) for one in said)
    return MappingProxyType(found)


def gettext(sentence: str) -> str:
    """The sentence in the language of the request; French where English lacks it."""
    if _language.get() == "en":
        return english().get(sentence, (sentence,))[0]
    return _spaced(sentence)


def ngettext(one: str, many: str, n: int) -> str:
    """The same by number: French counts 0 and 1 in the singular, English only 1."""
    if _language.get() == "en":
        said = english().get(one, (one, many))
        return said[0] if n == 1 else said[-1]
    return _spaced(one if abs(n) < 2 else many)


def later(sentence: str) -> str:
    """Mark a sentence of a table for the catalogue; it is translated where it is shown, by `gettext`."""
    return sentence


@lru_cache(maxsize=4096)
def _spaced(sentence: str) -> str:
    return french(sentence)
