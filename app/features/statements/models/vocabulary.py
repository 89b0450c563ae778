"""The words of statements: kinds, sides, states, consents."""

from __future__ import annotations

from enum import StrEnum

from app.core.states import StateMachine


class StatementType(StrEnum):
    """A contribution starts a thread; a reply answers one."""

    CONTRIBUTION = "contribution"
    REPLY = "reply"


class Kind(StrEnum):
    """What a contribution is."""

    NEED = "need"
    SOLUTION = "solution"
    PROPOSAL = "proposal"
    OBSERVATION = "observation"
    QUESTION = "question"
    LEARNING = "learning"
    EXAMPLE = "example"


class Side(StrEnum):
    """Where a reply stands."""

    FOR = "for"
    AGAINST = "against"
    MIXED = "mixed"
    NONE = "none"


class Consent(StrEnum):
    """How far somebody's words may leave the space; from the widest to the narrowest."""

    NAME = "name"
    PROFILE = "profile"
    PARAPHRASE = "paraphrase"
    INTERNAL = "internal"


CONSENT_WIDTH = {consent: width for width, consent in enumerate(Consent)}


def strictest(*consents: str) -> Consent:
    """The narrowest of several consents: what governs words that leave the space."""
    return max((Consent(c) for c in consents), key=CONSENT_WIDTH.__getitem__)


class StatementState(StrEnum):
    """Where a statement is."""

    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    """By its author or organisation: a tombstone with the class of its reason."""
    MODERATED = "moderated"
    """By a facilitator or a co-pilot, with a public reason."""


STATEMENT_STATES = StateMachine(
    "statement",
    StatementState.DRAFT,
    {
        StatementState.DRAFT: {"publish": StatementState.PUBLISHED, "withdraw": StatementState.WITHDRAWN},
        StatementState.PUBLISHED: {
            "withdraw": StatementState.WITHDRAWN,
            "moderate": StatementState.MODERATED,
        },
        StatementState.MODERATED: {"restore": StatementState.PUBLISHED},
        StatementState.WITHDRAWN: {},
    },
)


class WithdrawalReason(StrEnum):
    """Why words were taken back; the class alone is public."""

    MISTAKE = "mistake"
    SUPERSEDED = "superseded"
    NOT_AGREED = "not_agreed"
    """The organisation does not stand behind it."""
    CONFIDENTIAL = "confidential"
    OTHER = "other"


class ModerationReason(StrEnum):
    """Why a statement was hidden; shown to everybody who could read it."""

    OFF_TOPIC = "off_topic"
    OFFENSIVE = "offensive"
    PERSONAL_DATA = "personal_data"
    DUPLICATE = "duplicate"
    UNLAWFUL = "unlawful"
    IMPORTED = "imported"
    """Hidden in the consultation that it was imported from."""


class Stance(StrEnum):
    """Where an organisation stands on a contribution."""

    SUPPORTS = "supports"
    NUANCES = "nuances"
    OBJECTS = "objects"


class SourceCategory(StrEnum):
    """What a link leads to."""

    REPORT = "report"
    STUDY = "study"
    PRESS = "press"
    LAW = "law"
    SITE = "site"
    DATA = "data"
    GUIDE = "guide"
    BLOG = "blog"
    VIDEO = "video"
    OTHER = "other"
