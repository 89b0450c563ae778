"""A reader of exported editions that trusts nothing: it checks a folder against the fingerprint that its reader was given.

It shares no code with what writes editions, and uses the standard library alone, so that a mistake
of the writer is not repeated here. A manifest that anybody could remake proves nothing by itself:
the fingerprint comes from the edition's public page, or from whoever vouches for it.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"
PAYLOAD = "edition.json"
INTACT, ALTERED, UNREADABLE = 0, 1, 2
_OF_THE_PAYLOAD = (
    "Cette empreinte est celle du contenu (« sha256 » dans l’API). Donnez celle de l’édition, « fingerprint » : elle seule "
    "couvre tous les fichiers."
)
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")
_FOOTNOTE = re.compile(r"(?<!\\)\[\^(\d+)\]")
_CODE = re.compile(r"^ {4}.*$|(?P<ticks>`+).*?(?P=ticks)", re.MULTILINE)
_CALL = re.compile(r"#note-(\d+)")
_NOTE = re.compile(r"note-(\d+)")
_QUOTE = 6
"""The column of the table that holds the words."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was published."""

    code: str
    file: str
    message: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found wrong, nothing when the folder is what was published, and how much was checked."""

    findings: tuple[Finding, ...]
    fingerprint: str
    files: int
    quotes: int

    @property
    def ok(self) -> bool:
        """Whether the folder is what was published."""
        return not self.findings

    @property
    def exit_code(self) -> int:
        """0 intact, 1 altered, 2 nothing that can be read."""
        if self.ok:
            return INTACT
        return UNREADABLE if any(each.code == "unreadable" for each in self.findings) else ALTERED


def verify(folder: Path, expect: str) -> Verdict:
    """Compare every file of the folder with the manifest, and the manifest with the fingerprint `expect` (64 hexadecimal digits)."""
    expected = expect.strip().lower()
    if not _FINGERPRINT.fullmatch(expected):
        return _unreadable("", "L’empreinte attendue compte 64 caractères, chiffres et lettres de a à f.")
    if not folder.is_dir():
        return _unreadable(str(folder), "Ce dossier n’existe pas.")
    try:
        raw = (folder / MANIFEST).read_bytes()
        manifest = _read_json(raw)
        listed = _listed(manifest)
    except (OSError, ValueError) as wrong:
        return _unreadable(MANIFEST, _why_not(wrong))
    fingerprint = hashlib.sha256(raw).hexdigest()
    if expected == manifest.get("payload_sha256"):
        return _unreadable("", _OF_THE_PAYLOAD)
    findings = [*_against(fingerprint, expected), *_canonical(MANIFEST, raw, manifest), *_folder(folder, listed)]
    payload: Any = None
    try:
        raw_payload = (folder / PAYLOAD).read_bytes()
        payload = _read_json(raw_payload)
    except (OSError, ValueError) as wrong:
        findings.append(Finding("payload", PAYLOAD, f"Le contenu de l’édition ne peut pas être lu ({wrong})."))
    if payload is not None:
        findings += [
            *_canonical(PAYLOAD, raw_payload, payload),
            *_payload(raw_payload, payload, manifest),
            *_texts(folder, payload),
        ]
    return Verdict(tuple(findings), fingerprint, len(listed), _quoted(payload))


def _unreadable(file: str, message: str) -> Verdict:
    return Verdict((Finding("unreadable", file, message),), "", 0, 0)


def _why_not(wrong: OSError | ValueError) -> str:
    if isinstance(wrong, FileNotFoundError):
        return "Ce fichier manque : ce dossier n’est pas une édition."
    return f"Le manifeste ne peut pas être lu ({wrong.strerror if isinstance(wrong, OSError) else wrong})."


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("un nom y est écrit deux fois")
    return dict(pairs)


def _no_fraction(text: str) -> Any:
    raise ValueError(f"un nombre qui n’est pas entier : {text}")


def _read_json(raw: bytes) -> Any:
    """JSON as editions write it: UTF-8, whole numbers, no name twice."""
    try:
        found = json.loads(
            raw.decode("utf-8"), object_pairs_hook=_once, parse_float=_no_fraction, parse_constant=_no_fraction
        )
    except (UnicodeDecodeError, json.JSONDecodeError):
        raise ValueError("ce n’est pas du JSON en UTF-8") from None
    except RecursionError:
        raise ValueError("trop imbriqué") from None
    if not isinstance(found, dict):
        raise ValueError("ce n’est pas un objet JSON")  # noqa: TRY004 - every fault of the bytes is one error
    return found


def _listed(manifest: Any) -> dict[str, Any]:
    """The files that the manifest lists, by name."""
    files = manifest.get("files")
    if not isinstance(files, list) or not all(isinstance(each, dict) for each in files):
        raise ValueError("la liste des fichiers manque")
    names = [str(each.get("name")) for each in files]
    if any(name in ("", ".", "..") or "/" in name or "\\" in name or "\0" in name for name in names):
        raise ValueError("un nom de fichier sort du dossier")
    if len(set(names)) != len(names):
        raise ValueError("un fichier y est listé deux fois")
    return dict(zip(names, files, strict=True))


def _against(fingerprint: str, expected: str) -> Iterator[Finding]:
    if fingerprint != expected:
        yield Finding(
            "fingerprint", MANIFEST, f"L’empreinte du manifeste est {fingerprint}, celle attendue est {expected}."
        )


def _canonical(file: str, raw: bytes, value: Any) -> Iterator[Finding]:
    """RFC 8785 for values without fractions: sorted names, no blank, the shortest escapes."""
    if _written(value).encode("utf-8", "surrogatepass") != raw:
        yield Finding("canonical", file, "Ce fichier n’est pas écrit dans la forme canonique (RFC 8785).")


def _written(value: Any) -> str:
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(f"{_written(name)}:{_written(value[name])}" for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_written(each) for each in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def _folder(folder: Path, listed: dict[str, Any]) -> Iterator[Finding]:
    """What is missing, what was altered, what nobody listed."""
    present = {path.name: path for path in folder.iterdir()}
    for name in sorted(set(present) - set(listed) - {MANIFEST}):
        yield Finding("unlisted", name, "Ce fichier n’est pas dans le manifeste.")
    for name, said in sorted(listed.items()):
        path = present.get(name)
        if path is None or not path.is_file():
            yield Finding("missing", name, "Ce fichier manque.")
            continue
        content = path.read_bytes()
        if len(content) != said.get("size"):
            yield Finding(
                "size", name, f"Ce fichier compte {len(content)} octets, le manifeste dit {said.get('size')}."
            )
        if hashlib.sha256(content).hexdigest() != said.get("sha256"):
            yield Finding("altered", name, "Ce fichier a été modifié : son empreinte n’est pas celle du manifeste.")


def _payload(raw: bytes, payload: Any, manifest: Any) -> Iterator[Finding]:
    """Whether the payload is the one that the manifest names, and whether its quotes hold together."""
    if hashlib.sha256(raw).hexdigest() != manifest.get("payload_sha256"):
        yield Finding("payload", PAYLOAD, "L’empreinte du contenu n’est pas celle du manifeste.")
    if payload.get("edition") != manifest.get("edition"):
        yield Finding("edition", MANIFEST, "Le manifeste et le contenu ne nomment pas la même édition.")
    numbers = [each.get("number") if type(each.get("number")) is int else 0 for each in _citations(payload)]
    if numbers != list(range(1, len(numbers) + 1)):
        yield Finding("numbers", PAYLOAD, "Les citations ne sont pas numérotées de 1 en 1.")
    for number in sorted(set(_notes(payload.get("sections"))) - set(numbers)):
        yield Finding("number", PAYLOAD, f"Le texte appelle la note {number}, qui n’existe pas.")
    for citation in _citations(payload):
        yield from _quote(citation)


def _citations(payload: Any) -> list[Any]:
    found = payload.get("citations") if isinstance(payload, dict) else None
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _quoted(payload: Any) -> int:
    return sum(isinstance(each.get("words"), dict) for each in _citations(payload))


def _quote(citation: Any) -> Iterator[Finding]:
    words = citation.get("words")
    if not isinstance(words, dict):
        return
    number, quote = citation.get("number"), words.get("quote")
    span = [words.get(name) for name in ("start", "end", "length")]
    whole = [each for each in span if type(each) is int]
    if not isinstance(quote, str) or len(whole) != len(span):
        yield Finding("quote", PAYLOAD, f"La citation {number} n’est pas complète.")
        return
    start, end, length = whole
    if not 0 <= start < end or length != end - start or len(quote) != length:
        yield Finding("quote", PAYLOAD, f"La citation {number} n’a pas la longueur qu’elle annonce.")
    if hashlib.sha256(quote.encode("utf-8", "surrogatepass")).hexdigest() != words.get("quote_sha256"):
        yield Finding("quote", PAYLOAD, f"La citation {number} n’a pas l’empreinte qu’elle annonce.")


def _notes(value: Any) -> Iterator[int]:
    """Every note that the sections call."""
    if isinstance(value, list):
        for each in value:
            yield from _notes(each)
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name == "note" and type(inner) is int:
                yield inner
            elif name == "notes" and isinstance(inner, list):
                yield from (each for each in inner if type(each) is int)
            else:
                yield from _notes(inner)


def _texts(folder: Path, payload: Any) -> Iterator[Finding]:
    """Whether the page, the Markdown and the table hold the citations of the payload, all of them and no other."""
    numbered = [each for each in _citations(payload) if type(each.get("number")) is int]
    wanted = {each["number"]: each.get("words") for each in numbered}
    quotes = {number: words.get("quote") for number, words in wanted.items() if isinstance(words, dict)}
    for name, read in (("edition.html", _page), ("edition.md", _markdown), ("citations.csv", _table)):
        try:
            called, noted, text = read((folder / name).read_text(encoding="utf-8-sig"))
        except FileNotFoundError:
            continue  # said already
        except (ValueError, csv.Error) as wrong:
            yield Finding("text", name, f"Ce fichier ne peut pas être lu ({wrong}).")
            continue
        for number in sorted((called | noted) - set(wanted)):
            yield Finding("number", name, f"La note {number} n’existe pas dans le contenu de l’édition.")
        for number in sorted(set(wanted) - noted):
            yield Finding("number", name, f"La citation {number} y manque.")
        letters = _letters(text)
        for number, quote in sorted(quotes.items()):
            if isinstance(quote, str) and _letters(quote) not in letters:
                yield Finding("quote", name, f"Les mots de la citation {number} ne s’y trouvent pas.")


def _letters(text: str) -> str:
    """Letters and digits alone: spaces, signs and typography are the file's own."""
    return "".join(letter for letter in text if letter.isalnum())


class _Reader(HTMLParser):
    """The notes that a page calls and holds, and its text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.called: set[int] = set()
        self.noted: set[int] = set()
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Links to notes, and notes."""
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and (found := _CALL.fullmatch(given.get("href", ""))):
            self.called.add(int(found[1]))
        if tag == "li" and (found := _NOTE.fullmatch(given.get("id", ""))):
            self.noted.add(int(found[1]))

    def handle_data(self, data: str) -> None:
        """The words."""
        self.text.append(data)


Read = tuple[set[int], set[int], str]


def _page(text: str) -> Read:
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader.called, reader.noted, "".join(reader.text)


def _markdown(text: str) -> Read:
    noted = {int(found[1]) for found in re.finditer(r"^\[\^(\d+)\]:", text, re.MULTILINE)}
    prose = _CODE.sub("", text)
    return {int(found) for found in _FOOTNOTE.findall(prose)}, noted, text


def _table(text: str) -> Read:
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=";", strict=True))[1:]
    if any(len(row) <= _QUOTE for row in rows):
        raise ValueError("une ligne est trop courte")
    numbers = {int(row[0]) for row in rows}
    return numbers, numbers, "\n".join(row[_QUOTE] for row in rows)
