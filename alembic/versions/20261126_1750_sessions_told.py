"""What is noted, answered and amended in a session is told at once: their events had other names than those listened for."""

from __future__ import annotations

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

BEFORE = (
    *("deliverable", "section", "passage", "citation", "treatment", "waiver", "edition", "session", "agenda_item"),
    *("note", "action_item", "minutes_revision", "decision", "attendance", "attachment", "mandate", "participation"),
    *("space", "space_member", "facilitator", "access_grant", "initiative", "person", "login", "api_token"),
)
NEVER_NAMED = ("note", "action_item", "attendance")
"""Kinds that no event bears: notes are `session_note`, actions are decisions, and a sheet is its session's."""
AFTER = (
    *(kind for kind in BEFORE if kind not in NEVER_NAMED),
    *("session_note", "session_answer", "amendment", "minutes_validation"),
)
TRIGGER = """
CREATE TRIGGER told_at_once AFTER INSERT ON events FOR EACH ROW
WHEN (NOT NEW.quiet AND NEW.object_type IN ({kinds})
  AND NEW.verb NOT IN ('login.opened', 'token.created', 'person.edited'))
EXECUTE FUNCTION tell_event();
"""


def _tell_of(kinds: tuple[str, ...]) -> None:
    op.execute("DROP TRIGGER told_at_once ON events")
    op.execute(TRIGGER.format(kinds=", ".join(f"'{kind}'" for kind in kinds)))


def upgrade() -> None:
    """Listen for them."""
    _tell_of(AFTER)


def downgrade() -> None:
    """Listen for what was listened for."""
    _tell_of(BEFORE)
