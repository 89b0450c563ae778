"""What the API takes and gives about themes and extracts."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator

from app.core.i18n import later
from app.core.schema import Input, Output
from app.core.text import Line, MarkdownText, Whole


class ThemeDraft(Input):
    """A new theme: of one space, or of the whole initiative when `space_id` is left out."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "initiative_id": "01930d2e-7c00-7000-8000-000000000001",
                    "space_id": "01930d2e-7c00-7000-8000-000000000002",
                    "title": "Premier accueil et diagnostic",
                }
            ]
        }
    )

    initiative_id: UUID
    space_id: UUID | None = None
    parent_id: UUID | None = Field(default=None, description="The theme that it stands under.")
    title: Line
    position: Whole | None = Field(default=None, description="Its rank among its siblings, from 0; last by default.")


class ThemePatch(Input):
    """What changes. `parent_id: null` brings the theme to the top."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"title": "Accueil", "position": 0}]})

    title: Line | None = None
    parent_id: UUID | None = None
    position: Whole | None = None


class ThemeOut(Output):
    """A theme, in the order of its tree."""

    id: UUID
    initiative_id: UUID
    space_id: UUID | None
    parent_id: UUID | None
    title: str
    position: int
    depth: int = Field(description="0 at the top.")
    contributions: int | None = Field(description="Filed here; told to those who file.")
    extracts: int | None = Field(description="Filed here; told to those who file.")
    version: int
    abilities: list[str]


class ExtractDraft(Input):
    """Words of one revision: by their offsets in `plain` (code points), or by the words themselves."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"revision_id": "01930d2e-7c00-7000-8000-000000000003", "quote": "il manque deux mois de trésorerie"},
                {"revision_id": "01930d2e-7c00-7000-8000-000000000003", "start": 12, "end": 48},
            ]
        }
    )

    revision_id: UUID
    start: Whole | None = Field(default=None, description="Offset of the first code point in `plain`, from 0.")
    end: Whole | None = Field(default=None, description="Offset after the last one.")
    quote: MarkdownText | None = Field(default=None, description="The words, to the letter.")
    occurrence: Annotated[int, Field(ge=1, le=10_000, description="Which one, when they stand there twice.")] = 1
    theme_id: UUID | None = Field(default=None, description="File it there at once.")

    @model_validator(mode="after")
    def _one_way(self) -> ExtractDraft:
        if (self.quote is None) == (self.start is None) or (self.start is None) != (self.end is None):
            raise ValueError(later("Donnez soit « start » et « end », soit « quote »."))
        return self


class ExtractOut(Output):
    """A literal span of one revision, which can be cited."""

    id: UUID
    initiative_id: UUID
    space_id: UUID
    statement_id: UUID
    revision_id: UUID
    revision: int = Field(description="The number of the revision that holds the words.")
    is_head: bool = Field(description="Whether that revision is still the one in force.")
    start: int
    end: int
    quote: str
    before: str
    after: str
    by_rule: str | None = Field(description="The rule that chose the words, when no person did.")
    theme_ids: list[UUID]
    created_at: datetime
    abilities: list[str]
