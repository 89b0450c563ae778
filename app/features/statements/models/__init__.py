"""The tables of what is said."""

from app.features.statements.models.opinions import Position, Source, Tally
from app.features.statements.models.spine import Erasure, Revision, Statement
from app.features.statements.models.vocabulary import (
    CONSENT_WIDTH,
    STATEMENT_STATES,
    Consent,
    Kind,
    ModerationReason,
    Side,
    SourceCategory,
    Stance,
    StatementState,
    StatementType,
    WithdrawalReason,
    strictest,
)

__all__ = [
    "CONSENT_WIDTH",
    "STATEMENT_STATES",
    "Consent",
    "Erasure",
    "Kind",
    "ModerationReason",
    "Position",
    "Revision",
    "Side",
    "Source",
    "SourceCategory",
    "Stance",
    "Statement",
    "StatementState",
    "StatementType",
    "Tally",
    "WithdrawalReason",
    "strictest",
]
