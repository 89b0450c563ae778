"""Read a form with files while it arrives: fields into memory, within bounds, files as chunks for whoever stores them.

A browser's form works without JavaScript, so uploads are `multipart/form-data`. The size and the pace of the whole
are bounded by `Limits`; here, the number of fields and what they hold. The order is the form's: fields that stand
before a file are known when the file begins.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator
from typing import Any

from python_multipart.exceptions import FormParserError, MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from app.core.errors import Invalid, Problem

FIELDS_MOST = 100
FIELD_BYTES = 262_144
"""All fields together."""
FILES_MOST = 20


class FormExpected(Problem):
    """A file is sent as a form: `Content-Type: multipart/form-data`, with the file in a part that has a `filename`."""

    status = 415
    title = "Formulaire attendu"


class FormRefused(Invalid):
    """The form is cut short, badly written, or has too many fields."""

    title = "Formulaire illisible"


Event = tuple[str, bytes]
"""("head", its Content-Disposition), ("data", bytes) or ("end", nothing) of a part; ("last", nothing) of the form."""


class _Heard:
    """What the parser calls while it goes through a chunk of the body; what it found waits in `events`."""

    def __init__(self) -> None:
        self.events: deque[Event] = deque()
        self._name, self._value = b"", b""
        self._disposition = b""

    def on_part_begin(self) -> None:
        self._disposition = b""

    def on_header_begin(self) -> None:
        self._name = self._value = b""

    def on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def on_header_end(self) -> None:
        if self._name.lower() == b"content-disposition":
            self._disposition = self._value

    def on_headers_finished(self) -> None:
        self.events.append(("head", self._disposition))

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        self.events.append(("data", bytes(data[start:end])))

    def on_part_end(self) -> None:
        self.events.append(("end", b""))

    def on_end(self) -> None:
        self.events.append(("last", b""))

    def callbacks(self) -> Any:
        return {name: getattr(self, name) for name in dir(self) if name.startswith("on_")}


class IncomingForm:
    """The form of one request.

    `await fields()` reads on to the next file and gives the fields met so far; `has_file` says whether one is there;
    `chunks()` gives its bytes; then `fields()` again. A file field that was left empty is passed over.
    """

    def __init__(self, request: Request) -> None:
        kind, options = parse_options_header(request.headers.get("content-type"))
        boundary = options.get(b"boundary")
        if kind != b"multipart/form-data" or not boundary:
            raise FormExpected("Envoyez le fichier dans un formulaire (multipart/form-data).")
        self.field = ""
        """The name of the field that the file is in."""
        self.filename = ""
        self.has_file = False
        self.at_most: int | None = None
        """How many bytes are still announced; None where the client does not say."""
        announced = request.headers.get("content-length", "")
        if announced.isdigit():
            self.at_most = int(announced)
        self._body = request.stream()
        self._heard = _Heard()
        self._fields: dict[str, list[str]] = {}
        self._files = self._count = self._held = 0
        try:
            self._parser = MultipartParser(boundary, self._heard.callbacks())
        except FormParserError as reason:
            raise FormRefused("La frontière du formulaire est mal écrite.") from reason

    async def fields(self) -> dict[str, list[str]]:
        """Read on to the next file, or to the end; the fields met since the beginning, by name."""
        self.has_file = False
        while (event := await self._next())[0] != "last":
            if event[0] == "head" and await self._is_file(event[1]):
                break
        return self._fields

    async def chunks(self) -> AsyncIterator[bytes]:
        """The bytes of the file that `fields` stopped at."""
        while (event := await self._next())[0] == "data":
            yield event[1]
        self.has_file = False

    async def _is_file(self, disposition: bytes) -> bool:
        """Whether the part that begins is a file; else it is read here, as a field."""
        _, options = parse_options_header(disposition)
        name = options.get(b"name", b"").decode("utf-8", "replace")
        self.filename = options.get(b"filename", b"").decode("utf-8", "replace")
        if self.filename:
            self._files += 1
            if self._files > FILES_MOST:
                raise FormRefused(f"Un formulaire porte au plus {FILES_MOST} fichiers.")
            self.field, self.has_file = name, True
            return True
        value = await self._value()
        if b"filename" not in options:
            try:
                self._fields.setdefault(name, []).append(value.decode())
            except UnicodeDecodeError:
                raise FormRefused("Un champ du formulaire n’est pas un texte en UTF-8.") from None
        return False

    async def _value(self) -> bytes:
        self._count += 1
        value = bytearray()
        while (event := await self._next())[0] == "data":
            value += event[1]
            self._held += len(event[1])
            if self._held > FIELD_BYTES:
                raise FormRefused("Ce formulaire contient trop de texte.")
        if self._count > FIELDS_MOST:
            raise FormRefused(f"Un formulaire porte au plus {FIELDS_MOST} champs.")
        return bytes(value)

    async def _next(self) -> Event:
        """The next event; the parser reads ahead within one chunk of the body, never further."""
        events = self._heard.events
        while not events:
            chunk = await anext(self._body, None)
            if chunk is None:
                raise FormRefused("Le formulaire n’est pas arrivé en entier : recommencez.")
            if self.at_most is not None:
                self.at_most = max(self.at_most - len(chunk), 0)
            try:
                self._parser.write(chunk)
            except MultipartParseError as reason:
                raise FormRefused("Ce formulaire est mal écrit.") from reason
        return events.popleft()
