"""What is done to spaces, by verb."""

from app.features.spaces.actions.facilitators import add_facilitator, end_facilitator
from app.features.spaces.actions.members import add_member, end_member
from app.features.spaces.actions.space import close, create, edit, reopen

__all__ = [
    "add_facilitator",
    "add_member",
    "close",
    "create",
    "edit",
    "end_facilitator",
    "end_member",
    "reopen",
]
