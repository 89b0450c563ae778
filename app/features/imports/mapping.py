"""What a mapping file says: which files, which columns, which values mean what, who consented to what."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from app.core.schema import Input
from app.core.text import Code, LanguageTag, Line, MarkdownText, Name, ShortText
from app.features.identity.models import Family, Profile, Scale
from app.features.imports.lines import MappingRefused, Place, line_of, load
from app.features.initiatives.models import InitiativeState
from app.features.spaces.models import SpaceState, Visibility
from app.features.statements.models import Consent, Kind, Side, SourceCategory, StatementState
from app.policy.actor import ParticipationRole

SHIPPED = Path(__file__).parent / "mappings"
"""Mappings that come with the code, by name."""


class Part(Input):
    """A part of a mapping; numbers are read as the text they are written as."""

    model_config = ConfigDict(extra="forbid", coerce_numbers_to_str=True, populate_by_name=True, frozen=True)


class Cell(Part):
    """Where a value comes from: a column (its name alone is enough), its values translated, a default."""

    column: str | None = None
    values: dict[str, str] = Field(default_factory=dict)
    """What is written in the file -> what it means here; when given, any other value is refused."""
    by_id: dict[str, str] = Field(default_factory=dict)
    """External id -> value, where the file is wrong or too coarse for some rows."""
    default: str | None = None
    """When the cell is empty or there is no column."""

    @model_validator(mode="after")
    def _from_somewhere(self) -> Cell:
        if self.column is None and self.default is None:
            raise PydanticCustomError("cell", "Donnez « column » ou « default ».")
        return self

    def targets(self) -> Iterator[str]:
        """Every value that this cell can give, as far as the mapping tells."""
        yield from (*self.values.values(), *self.by_id.values())
        if self.default is not None:
            yield self.default


def _column(value: Any) -> Any:
    return {"column": value} if isinstance(value, str) else value


def _among(choices: type[StrEnum], *, but: str | None = None) -> AfterValidator:
    known = [choice.value for choice in choices if choice.value != but]

    def check(cell: Cell) -> Cell:
        for target in cell.targets():
            if target not in known:
                raise PydanticCustomError(
                    "cell_value",
                    "« {target} » n’existe pas ici ; valeurs possibles : {known}.",
                    {"target": target, "known": ", ".join(known)},
                )
        return cell

    return AfterValidator(check)


From = Annotated[Cell, BeforeValidator(_column)]
FromConsent = Annotated[Cell, BeforeValidator(_column), _among(Consent)]
FromState = Annotated[Cell, BeforeValidator(_column), _among(StatementState, but="draft")]


def _always(value: str) -> Any:
    return Field(default_factory=lambda: Cell(default=value))


class Where(Part):
    """Which rows of the file count: those whose column is one of `keep`, or none of `leave`."""

    column: str
    keep: frozenset[str] | None = None
    leave: frozenset[str] = frozenset()


class Table(Part):
    """A CSV file, or rows written in the mapping itself."""

    file: str | None = None
    rows: tuple[dict[str, str], ...] | None = None
    delimiter: Literal["auto", ",", ";", "\t"] = "auto"
    where: Where | None = None
    id: From = Cell(column="id")

    @model_validator(mode="after")
    def _one_source(self) -> Table:
        if (self.file is None) == (self.rows is None):
            raise PydanticCustomError("table", "Donnez « file » ou « rows », l’un des deux.")
        if self.file is not None and (Path(self.file).name != self.file or self.file in (".", "..")):
            raise PydanticCustomError("table", "« file » est le nom d’un fichier du dossier importé, sans chemin.")
        return self

    def columns(self) -> dict[str, str]:
        """Column -> the field that asks for it."""
        wanted = {self.where.column: "where"} if self.where else {}
        for field in type(self).model_fields:
            cell = getattr(self, field)
            if isinstance(cell, Cell) and cell.column is not None:
                wanted.setdefault(cell.column, field)
        return wanted


class Organisations(Table):
    """Accounts of organisations: those of one name are one organisation, as are declared aliases."""

    name: From
    profile: Annotated[Cell, BeforeValidator(_column), _among(Profile)]
    acronym: From | None = None
    family: Annotated[Cell, BeforeValidator(_column), _among(Family)] | None = None
    scale: Annotated[Cell, BeforeValidator(_column), _among(Scale)] | None = None
    description: From | None = None
    website: From | None = None
    role: Annotated[Cell, BeforeValidator(_column), _among(ParticipationRole)] = _always("participant")
    aliases: dict[str, str] = Field(default_factory=dict)
    """External id -> external id of the same organisation, where the names differ."""


class People(Table):
    """Accounts of people: an identifier and nothing else."""


class Spaces(Table):
    """Spaces of the initiative."""

    number: From
    title: From
    question: From | None = None
    summary: From | None = None
    visibility: Annotated[Cell, BeforeValidator(_column), _among(Visibility)] = _always("members")
    state: Annotated[Cell, BeforeValidator(_column), _among(SpaceState)] = _always("open")


class Themes(Table):
    """Themes, each of one space, in the order of the file."""

    title: From
    space: From


class Said(Table):
    """What contributions and replies share."""

    body: From
    author: From | None = None
    occurred_at: From
    state: FromState = _always("published")
    consent: FromConsent | None = None
    """By default what `consent` says of organisations and of people."""
    language: From = Cell(default="fr")


class Contributions(Said):
    """Contributions: in a space, or in the space of their theme."""

    title: From | None = None
    kind: Annotated[Cell, BeforeValidator(_column), _among(Kind)]
    theme: From | None = None
    space: From | None = None

    @model_validator(mode="after")
    def _somewhere(self) -> Contributions:
        if self.theme is None and self.space is None:
            raise PydanticCustomError("table", "Donnez « theme » ou « space ».")
        return self


class Replies(Said):
    """Replies to contributions."""

    contribution: From
    side: Annotated[Cell, BeforeValidator(_column), _among(Side)] = _always("none")


class Sources(Table):
    """Documents that contributions lean on."""

    contribution: From
    category: Annotated[Cell, BeforeValidator(_column), _among(SourceCategory)] = _always("other")
    title: From
    url: From
    note: From | None = None
    author: From | None = None
    occurred_at: From


class Tallies(Table):
    """Votes counted elsewhere on contributions."""

    label: ShortText
    """Where they were counted; shown beside them."""
    contribution: From
    votes_for: From
    votes_against: From = Cell(default="0")
    votes_mixed: From = Cell(default="0")


class InitiativePart(Part):
    """The initiative that receives everything: the one of this `slug` when it exists, else a new one."""

    slug: Code
    title: Line
    summary: MarkdownText | Literal[""] = ""
    note: ShortText
    """Where the data come from: readers must know."""
    languages: tuple[LanguageTag, ...] = ("fr",)
    state: InitiativeState = InitiativeState.OPEN
    starts_on: date | None = None
    ends_on: date | None = None


class ConsentPart(Part):
    """How far imported words may go. Internal unless somebody says otherwise, and why."""

    organisations: Consent = Consent.INTERNAL
    people: Consent = Consent.INTERNAL
    reason: ShortText | None = None

    @model_validator(mode="after")
    def _with_a_reason(self) -> ConsentPart:
        if {self.organisations, self.people} != {Consent.INTERNAL} and self.reason is None:
            raise PydanticCustomError("consent", "Dites dans « reason » pourquoi ces paroles peuvent sortir.")
        return self


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as problem:
        raise PydanticCustomError("zone", "Ce fuseau n’existe pas ; par exemple Europe/Paris.") from problem
    return name


class Mapping(Part):
    """The whole of it."""

    source: Name
    """The name of what is imported: external ids are unique in it."""
    zone: Annotated[str, AfterValidator(_zone)] | None = None
    """Of the dates that carry none."""
    date_format: str | None = None
    """As `strptime` reads it; without it, ISO 8601."""
    initiative: InitiativePart
    consent: ConsentPart = ConsentPart()
    spaces: Spaces
    themes: Themes | None = None
    organisations: Organisations | None = None
    people: People | None = None
    contributions: Contributions | None = None
    replies: Replies | None = None
    sources: Sources | None = None
    tallies: Tallies | None = None


SENTENCES = {
    "missing": "ce champ est attendu",
    "extra_forbidden": "ce champ n’existe pas ici",
    "string_type": "un texte est attendu",
    "literal_error": "valeurs possibles : {expected}",
    "enum": "valeurs possibles : {expected}",
    "model_type": "des champs sont attendus ici",
    "model_attributes_type": "des champs sont attendus ici",
    "dict_type": "des paires « clé: valeur » sont attendues ici",
    "tuple_type": "une liste est attendue",
    "frozen_set_type": "une liste est attendue",
    "date_from_datetime_parsing": "une date est attendue, comme 2015-09-26",
}


def _sentence(problem: ErrorDetails, lines: dict[Place, int]) -> str:
    template = SENTENCES.get(problem["type"])
    context = problem.get("ctx", {})
    what = (
        template.format(expected=str(context.get("expected", "")).replace("' or '", "' ou '"))
        if template
        else problem["msg"]
    )
    place = ".".join(str(part) for part in problem["loc"])
    return f"ligne {line_of(problem['loc'], lines)}, {place or 'correspondance'} : {what.rstrip('.')}."


def read_mapping(path: Path) -> Mapping:
    """The mapping of a file, or of a shipped one by its name; `MappingRefused` lists every mistake by line."""
    shipped = SHIPPED / f"{path.name}.yaml"
    found = shipped if not path.exists() and path.name == str(path) and shipped.exists() else path
    if not found.exists():
        names = ", ".join(sorted(each.stem for each in SHIPPED.glob("*.yaml")))
        raise MappingRefused(found.name, [f"Ce fichier n’est pas là. Correspondances livrées : {names}."])
    document, lines = load(found)
    try:
        return Mapping.model_validate(document)
    except ValidationError as refused:
        raise MappingRefused(found.name, [_sentence(problem, lines) for problem in refused.errors()]) from None
