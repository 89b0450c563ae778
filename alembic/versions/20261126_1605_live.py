"""What was recorded is told to the processes that listen, and who is writing where is kept for a minute.

The trigger is a row's, with a condition that PostgreSQL itself weighs: NOTIFY takes one lock for the whole cluster until
the transaction has ended, so what is posted by the thousand (statements) and what imports write (quiet) is never told.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0021"
branch_labels = None
depends_on = None

TOLD = (
    "deliverable",
    "section",
    "passage",
    "citation",
    "treatment",
    "waiver",
    "edition",
    "session",
    "agenda_item",
    "note",
    "action_item",
    "minutes_revision",
    "decision",
    "attendance",
    "attachment",
    "mandate",
    "participation",
    "space",
    "space_member",
    "facilitator",
    "access_grant",
    "initiative",
    "person",
    "login",
    "api_token",
)
"""The kinds of objects whose events are told."""
UNTOLD = ("login.opened", "token.created", "person.edited")

FUNCTION = """
CREATE FUNCTION tell_event() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM pg_notify('alliage_live', jsonb_strip_nulls(jsonb_build_object(
    'mark', pg_snapshot_xmin(pg_current_snapshot())::text::bigint,
    'verb', NEW.verb, 'object_type', NEW.object_type, 'object_id', NEW.object_id,
    'initiative_id', NEW.initiative_id, 'space_id', NEW.space_id, 'audience', NEW.audience,
    'person_id', NEW.person_id, 'organisation_id', NEW.organisation_id,
    'deliverable_id', NEW.data->>'deliverable_id', 'session_id', NEW.data->>'session_id',
    'version', NEW.data->'version', 'person', NEW.data->>'person', 'member', NEW.data->>'member'))::text);
  RETURN NULL;
END $$;
"""
TRIGGER = """
CREATE TRIGGER told_at_once AFTER INSERT ON events FOR EACH ROW
WHEN (NOT NEW.quiet AND NEW.object_type IN ({kinds}) AND NEW.verb NOT IN ({untold})) EXECUTE FUNCTION tell_event();
"""


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)


def upgrade() -> None:
    """Tell, and make room for who is writing."""
    op.execute(FUNCTION)
    op.execute(TRIGGER.format(kinds=_listed(TOLD), untold=_listed(UNTOLD)))
    op.create_table(
        "presences",
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("scope_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("place", "person_id", name="pk_presences"),
        prefixes=["UNLOGGED"],
    )
    op.create_index("ix_presences_scope_id", "presences", ["scope_id", "until"])
    op.create_index("ix_presences_until", "presences", ["until"])


def downgrade() -> None:
    """Tell nobody."""
    op.drop_table("presences")
    op.execute("DROP TRIGGER told_at_once ON events")
    op.execute("DROP FUNCTION tell_event()")
