"""The synthesis while it is written: sections, passages, the citations they rest on, and what became of each contribution.

A marker in a text alone is not sound: copying, splitting, restoring and freezing each break it.
So a citation is a row, a passage revision names exactly the citations that its markers name, and
a quotation passage has no words of its own (docs/adr/0005).
"""

from app.features.deliverables.models.citing import Citation, CitationAck, PassageCitation
from app.features.deliverables.models.fates import ScopeCount, Treatment, Waiver
from app.features.deliverables.models.figures import Figure
from app.features.deliverables.models.vocabulary import (
    DELIVERABLE_STATES,
    AckChoice,
    Angle,
    DeliverableState,
    Fate,
    Outcome,
    OutdatedBecause,
    PassageKind,
    PassageState,
    Relation,
    SetAsideReason,
    WaiverKind,
)
from app.features.deliverables.models.writing import Deliverable, Passage, PassageRevision, ScopeSpace, Section

__all__ = [
    "DELIVERABLE_STATES",
    "AckChoice",
    "Angle",
    "Citation",
    "CitationAck",
    "Deliverable",
    "DeliverableState",
    "Fate",
    "Figure",
    "Outcome",
    "OutdatedBecause",
    "Passage",
    "PassageCitation",
    "PassageKind",
    "PassageRevision",
    "PassageState",
    "Relation",
    "ScopeCount",
    "ScopeSpace",
    "Section",
    "SetAsideReason",
    "Treatment",
    "Waiver",
    "WaiverKind",
]
