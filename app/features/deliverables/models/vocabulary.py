"""The words of deliverables: states, kinds of passages, relations, outcomes, reasons."""

from __future__ import annotations

from enum import StrEnum

from app.core.states import StateMachine


class DeliverableState(StrEnum):
    """Whether a deliverable can change. Its editions never do."""

    WRITING = "writing"
    CLOSED = "closed"


DELIVERABLE_STATES = StateMachine(
    "deliverable",
    DeliverableState.WRITING,
    {
        DeliverableState.WRITING: {"close": DeliverableState.CLOSED},
        DeliverableState.CLOSED: {"reopen": DeliverableState.WRITING},
    },
)


class Angle(StrEnum):
    """The part of the standard template that a section belongs to."""

    DATABASE = "database"
    """The shared database: empty, and says so, until it exists."""
    FRUITS = "fruits"
    LESSONS = "lessons"
    FREE = "free"


class PassageKind(StrEnum):
    """What a passage is."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    LIST = "list"
    QUOTATION = "quotation"
    """Rendered from its citation, never typed."""
    TABLE = "table"
    """One table, with what it is called and what it says in words."""
    FIGURE = "figure"
    """One image, with the same; its Markdown is the note under it."""


class PassageState(StrEnum):
    """Whether a passage's text counts."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REFUSED = "refused"


class Relation(StrEnum):
    """What an extract does for the passage that cites it."""

    QUOTES = "quotes"
    SUPPORTS = "supports"
    NUANCES = "nuances"
    CONTRADICTS = "contradicts"


class Outcome(StrEnum):
    """What became of a contribution that is not cited."""

    MERGED = "merged"
    ANSWERED = "answered"
    SET_ASIDE = "set_aside"


class SetAsideReason(StrEnum):
    """Why; a sentence goes with it."""

    OFF_TOPIC = "off_topic"
    DUPLICATE = "duplicate"
    TOO_VAGUE = "too_vague"
    OUT_OF_MANDATE = "out_of_mandate"
    ALREADY_DONE = "already_done"
    NEEDS_MORE_WORK = "needs_more_work"
    NO_SUPPORT = "no_support"
    INTERNAL = "internal"
    """Its author keeps it inside the space."""


class AckChoice(StrEnum):
    """The three ways out of an outdated citation."""

    RENEWED = "renewed"
    KEPT = "kept"
    REMOVED = "removed"


class WaiverKind(StrEnum):
    """What a waiver lets pass."""

    UNTREATED = "untreated"
    OUTDATED_TREATMENT = "outdated_treatment"
    OUTDATED_CITATION = "outdated_citation"


class Fate(StrEnum):
    """What became of a contribution."""

    CITED = "cited"
    MERGED = "merged"
    ANSWERED = "answered"
    SET_ASIDE = "set_aside"
    WAIVED = "waived"
    OUTDATED = "outdated"
    """Cited or treated, on words that have moved since."""
    UNTREATED = "untreated"


class OutdatedBecause(StrEnum):
    """Why a treatment no longer counts."""

    REVISED_SINCE_TREATED = "revised_since_treated"
    REVISED_SINCE_CITED = "revised_since_cited"
    TARGET_GONE = "target_gone"
    """What it was merged into was withdrawn, moderated, or is neither in the scope nor cited."""
