"""The sentences of pages and their English: `make words` writes those that are missing into `app/locale/en/<room>.po`.

A room is a folder of templates or a feature. A sentence that stands in several rooms is translated once, in the first
that uses it. `--check` writes nothing and fails where a sentence has no English, or English has no sentence any more.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
APP = ROOT / "app"
ENGLISH = APP / "locale" / "en"
KEYWORDS: dict[str, tuple[int, ...] | None] = {"_": None, "gettext": None, "later": None, "ngettext": (1, 2)}
REFUSED: dict[str, tuple[int, ...] | None] = {"refused": (2,), "invalid": (2,), "unknown": (2,), "_refuse": (2,)}
"""What refuses one value: the pointer stands before the sentence."""
JINJA = {"trimmed": "true", "silent": "false", "extensions": "jinja2.ext.do,jinja2.ext.loopcontrols"}

Id = str | tuple[str, str]


@dataclass(frozen=True, slots=True)
class Sentence:
    """One message: French singular, and plural where it is counted; the room that first uses it."""

    id: Id
    room: str
    place: str


def sentences() -> Iterator[Sentence]:
    """Every message, in the order of the files; a sentence that stands twice is given once."""
    seen: set[str] = set()
    for path in sorted([*(APP / "templates").rglob("*.html"), *APP.rglob("*.py")]):
        template = path.suffix == ".html"
        with path.open("rb") as file:
            method = "jinja2.ext:babel_extract" if template else "python"
            for _line, said, _comments, _context in extract(
                method,
                file,
                keywords=KEYWORDS if template else KEYWORDS | REFUSED,
                options=JINJA if template else {"encoding": "utf-8"},
            ):
                id_: Id = tuple(said[:2]) if isinstance(said, tuple | list) else said  # type: ignore[assignment]
                key = id_[0] if isinstance(id_, tuple) else id_
                if key and key not in seen:
                    seen.add(key)
                    yield Sentence(id_, _room(path), path.relative_to(ROOT).as_posix())


def _room(path: Path) -> str:
    parts = path.relative_to(APP).parts
    return parts[1] if parts[0] in {"templates", "features"} and len(parts) > 2 else parts[0]


def known() -> dict[str, Catalog]:
    """Room -> its catalogue as it is."""
    found = {}
    for path in sorted(ENGLISH.glob("*.po")):
        with path.open("rb") as file:
            found[path.stem] = read_po(file, locale="en", ignore_obsolete=True)
    return found


def _first(id_: object) -> str:
    return str(id_[0] if isinstance(id_, tuple | list) else id_)


def missing(catalogues: dict[str, Catalog], used: list[Sentence]) -> list[Sentence]:
    """The sentences without English."""
    translated = {
        _first(message.id)
        for catalogue in catalogues.values()
        for message in catalogue
        if message.id and all([message.string] if isinstance(message.string, str) else message.string or [""])
    }
    return [one for one in used if _first(one.id) not in translated]


def update(catalogues: dict[str, Catalog], used: list[Sentence]) -> None:
    """Write what is missing, drop what nobody says any more."""
    said = {_first(one.id): one for one in used}
    there: set[str] = set()
    for catalogue in catalogues.values():
        for message in list(catalogue):
            if message.id and (_first(message.id) not in said or _first(message.id) in there):
                catalogue.delete(message.id)
            elif message.id:
                there.add(_first(message.id))
    for one in used:
        if _first(one.id) not in there:
            catalogues.setdefault(one.room, Catalog(locale="en", fuzzy=False)).add(one.id, locations=[(one.place, 0)])
    ENGLISH.mkdir(parents=True, exist_ok=True)
    for room, catalogue in catalogues.items():
        path = ENGLISH / f"{room}.po"
        if not any(message.id for message in catalogue):
            path.unlink(missing_ok=True)
            continue
        body = Catalog(locale="en", fuzzy=False)
        for message in sorted((m for m in catalogue if m.id), key=lambda m: _first(m.id)):
            body.add(message.id, message.string)
        with path.open("wb") as file:
            write_po(file, body, omit_header=True, width=0)


def main() -> int:
    """`make words`, or the check of it."""
    catalogues, used = known(), list(sentences())
    if "--check" not in sys.argv:
        update(catalogues, used)
        catalogues = known()
    lacking = missing(catalogues, used)
    for one in lacking:
        print(f"{one.place}: {_first(one.id)}")
    said = {_first(one.id) for one in used}
    unused = [_first(m.id) for c in catalogues.values() for m in c if m.id and _first(m.id) not in said]
    for sentence in unused:
        print(f"nobody says any more: {sentence}")
    print(f"{len(used)} sentences, {len(lacking)} without English")
    return 1 if "--check" in sys.argv and (lacking or unused) else 0


if __name__ == "__main__":
    sys.exit(main())
