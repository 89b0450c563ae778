"""Writing together: what was recorded is told to those who listen, who is writing where, tables and figures as passages.

The trigger is a row's, with a condition that PostgreSQL itself weighs: NOTIFY takes one lock for the whole cluster until
the transaction has ended, so what is posted by the thousand (statements) and what imports write (quiet) is never told.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
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
    _add_figures()
    _allow("paragraph", "heading", "list", "quotation", "table", "figure")


def _add_figures() -> None:
    op.create_table(
        "figures",
        sa.Column("deliverable_id", sa.Uuid(), nullable=False),
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("mandate_id", sa.Uuid(), nullable=True),
        sa.Column("capacity", sa.Text(), nullable=False),
        sa.CheckConstraint("media_type IN ('image/png', 'image/jpeg')", name="ck_figures_media_type_known"),
        sa.CheckConstraint(
            "person_id IS NOT NULL AND organisation_id IS NOT NULL AND mandate_id IS NOT NULL",
            name="ck_figures_speaker",
        ),
        sa.CheckConstraint("capacity IN ('organisation', 'personal', 'observer')", name="ck_figures_capacity_known"),
        sa.ForeignKeyConstraint(
            ["deliverable_id", "initiative_id"],
            ["deliverables.id", "deliverables.initiative_id"],
            name="fk_figures_deliverable_id_initiative_id",
        ),
        sa.ForeignKeyConstraint(
            ["mandate_id", "person_id", "organisation_id"],
            ["mandates.id", "mandates.person_id", "mandates.organisation_id"],
            name="fk_figures_mandate_id_person_id_organisation_id",
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name="fk_figures_person_id"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_figures_organisation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_figures"),
        sa.UniqueConstraint("id", "deliverable_id", name="uq_figures_place"),
    )
    op.execute("CREATE TRIGGER frozen BEFORE UPDATE ON figures FOR EACH ROW EXECUTE FUNCTION refuse_change()")
    op.execute("CREATE TRIGGER kept BEFORE DELETE ON figures FOR EACH ROW EXECUTE FUNCTION refuse_change()")
    op.execute("CREATE TRIGGER kept_whole BEFORE TRUNCATE ON figures EXECUTE FUNCTION refuse_change()")
    for name, kind in (("caption", sa.Text()), ("alt", sa.Text()), ("figure_id", sa.Uuid())):
        op.add_column("passage_revisions", sa.Column(name, kind, nullable=True))
    op.create_foreign_key(
        "fk_passage_revisions_figure_id_deliverable_id",
        "passage_revisions",
        "figures",
        ["figure_id", "deliverable_id"],
        ["id", "deliverable_id"],
    )
    told = {"named_and_told": "(caption IS NULL) = (alt IS NULL)"}
    told["figure_is_told"] = "figure_id IS NULL OR caption IS NOT NULL"
    for name, test in told.items():
        op.create_check_constraint(op.f(f"ck_passage_revisions_{name}"), "passage_revisions", test)


def _allow(*kinds: str) -> None:
    op.drop_constraint(op.f("ck_passages_kind_known"), "passages")
    op.create_check_constraint(op.f("ck_passages_kind_known"), "passages", f"kind IN ({_listed(kinds)})")


def downgrade() -> None:
    """Tell nobody; refused while a table or a figure stands: their words would be lost."""
    _allow("paragraph", "heading", "list", "quotation")
    for name in ("figure_is_told", "named_and_told"):
        op.drop_constraint(op.f(f"ck_passage_revisions_{name}"), "passage_revisions")
    op.drop_constraint("fk_passage_revisions_figure_id_deliverable_id", "passage_revisions")
    for name in ("figure_id", "alt", "caption"):
        op.drop_column("passage_revisions", name)
    op.drop_table("figures")
    op.drop_table("presences")
    op.execute("DROP TRIGGER told_at_once ON events")
    op.execute("DROP FUNCTION tell_event()")
