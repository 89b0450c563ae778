"""What the forms of composed pages send."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field, model_validator

from app.core.schema import Input
from app.core.text import MarkdownText, Whole
from app.features.deliverables.models import Relation


class CiteHere(Input):
    """Words of a contribution, and where the text names them: in a passage, or as a quotation of its own."""

    revision_id: UUID
    relation: Relation = Relation.QUOTES
    quote: MarkdownText | None = None
    start: Whole | None = None
    end: Whole | None = None
    section_id: UUID
    passage_id: UUID | None = Field(default=None, description="Empty: a new passage that is the quotation.")
    markdown: MarkdownText | None = Field(default=None, description="The text that was being written, not saved yet.")
    at: Whole | None = Field(default=None, description="Where in it, in code points.")

    @model_validator(mode="after")
    def _once(self) -> CiteHere:
        if self.start is not None and self.end is not None:
            self.quote = None
        else:
            self.start = self.end = None
        return self
