"""Working sessions: agenda, answers, notes, actions, amendments and validations of the minutes, secret calendars.

Every wording of a note is kept by the database itself, by whatever path it comes: those who run a session may correct
a colleague's note, and what it said before stays beside who wrote it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

CHECKS = {
    "ck_decisions_kind_known": "kind IN ('decision', 'action')",
    "ck_decisions_state_known": "state IS NULL OR state IN ('open', 'done')",
    "ck_decisions_action_state": "(kind = 'action') = (state IS NOT NULL)",
    "ck_decisions_action_done": "(state IS NOT NULL AND state = 'done') = (done_at IS NOT NULL)",
}
FUNCTION = """
CREATE FUNCTION keep_note_wording() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.markdown = OLD.markdown THEN
    RETURN NULL;
  END IF;
  INSERT INTO session_note_revisions (note_id, n, markdown, person_id, saved_at)
  VALUES (NEW.id, (SELECT count(*) + 1 FROM session_note_revisions WHERE note_id = NEW.id), NEW.markdown,
          coalesce(NEW.edited_by, NEW.person_id), coalesce(NEW.edited_at, NEW.created_at));
  RETURN NULL;
END $$;
"""
TRIGGERS = """
CREATE TRIGGER worded AFTER INSERT OR UPDATE ON session_notes FOR EACH ROW EXECUTE FUNCTION keep_note_wording();
CREATE TRIGGER kept BEFORE DELETE ON session_notes FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER frozen BEFORE UPDATE ON session_note_revisions FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER kept BEFORE DELETE ON session_note_revisions FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER kept_whole BEFORE TRUNCATE ON session_note_revisions EXECUTE FUNCTION refuse_change();
CREATE TRIGGER frozen BEFORE UPDATE ON minutes_validations FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER kept BEFORE DELETE ON minutes_validations FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER kept_whole BEFORE TRUNCATE ON minutes_validations EXECUTE FUNCTION refuse_change();
"""


def upgrade() -> None:
    """Decisions of before are decisions; minutes that are open now may be amended for two weeks."""
    op.create_table(
        "calendar_addresses",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_calendar_addresses_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_addresses")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_calendar_addresses_fingerprint")),
    )
    op.create_index(
        "uq_calendar_addresses_live",
        "calendar_addresses",
        ["person_id"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_table(
        "session_answers",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("sent_person_id", sa.Uuid(), nullable=True),
        sa.Column("sent_name", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("mandate_id", sa.Uuid(), nullable=True),
        sa.Column("capacity", sa.Text(), nullable=False),
        sa.CheckConstraint("answer IN ('comes', 'does_not', 'sends')", name=op.f("ck_session_answers_answer_known")),
        sa.CheckConstraint(
            "capacity IN ('organisation', 'personal', 'observer')", name=op.f("ck_session_answers_capacity_known")
        ),
        sa.CheckConstraint(
            "num_nonnulls(sent_person_id, sent_name) = CASE answer WHEN 'sends' THEN 1 ELSE 0 END",
            name=op.f("ck_session_answers_somebody_sent"),
        ),
        sa.CheckConstraint(
            "person_id IS NOT NULL AND organisation_id IS NOT NULL AND mandate_id IS NOT NULL",
            name=op.f("ck_session_answers_speaker"),
        ),
        sa.ForeignKeyConstraint(
            ["mandate_id", "person_id", "organisation_id"],
            ["mandates.id", "mandates.person_id", "mandates.organisation_id"],
            name=op.f("fk_session_answers_mandate_id_person_id_organisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_session_answers_organisation_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_session_answers_person_id")),
        sa.ForeignKeyConstraint(["sent_person_id"], ["persons.id"], name=op.f("fk_session_answers_sent_person_id")),
        sa.ForeignKeyConstraint(
            ["session_id", "initiative_id"],
            ["sessions.id", "sessions.initiative_id"],
            name=op.f("fk_session_answers_session_id_initiative_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_answers")),
        sa.UniqueConstraint(
            "session_id", "organisation_id", name=op.f("uq_session_answers_session_id_organisation_id")
        ),
    )
    op.create_table(
        "agenda_items",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("presenter_organisation_id", sa.Uuid(), nullable=True),
        sa.Column("contribution_id", sa.Uuid(), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "contribution_id IS NULL OR space_id IS NOT NULL", name=op.f("ck_agenda_items_contribution_of_the_space")
        ),
        sa.CheckConstraint("minutes BETWEEN 1 AND 1440", name=op.f("ck_agenda_items_some_minutes")),
        sa.ForeignKeyConstraint(
            ["contribution_id", "space_id", "initiative_id"],
            ["statements.id", "statements.space_id", "statements.initiative_id"],
            name="fk_agenda_items_contribution",
        ),
        sa.ForeignKeyConstraint(
            ["presenter_organisation_id"], ["organisations.id"], name=op.f("fk_agenda_items_presenter_organisation_id")
        ),
        sa.ForeignKeyConstraint(
            ["session_id", "initiative_id"],
            ["sessions.id", "sessions.initiative_id"],
            name=op.f("fk_agenda_items_session_id_initiative_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agenda_items")),
        sa.UniqueConstraint("id", "session_id", name="uq_agenda_items_of"),
    )
    op.create_index("ix_agenda_items_session", "agenda_items", ["session_id", "position"], unique=False)
    op.create_table(
        "minutes_validations",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=True),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("mandate_id", sa.Uuid(), nullable=True),
        sa.Column("capacity", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "capacity IN ('organisation', 'personal', 'observer')", name=op.f("ck_minutes_validations_capacity_known")
        ),
        sa.CheckConstraint(
            "person_id IS NOT NULL AND organisation_id IS NOT NULL AND mandate_id IS NOT NULL",
            name=op.f("ck_minutes_validations_speaker"),
        ),
        sa.ForeignKeyConstraint(
            ["mandate_id", "person_id", "organisation_id"],
            ["mandates.id", "mandates.person_id", "mandates.organisation_id"],
            name=op.f("fk_minutes_validations_mandate_id_person_id_organisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_minutes_validations_organisation_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_minutes_validations_person_id")),
        sa.ForeignKeyConstraint(
            ["session_id", "initiative_id"],
            ["sessions.id", "sessions.initiative_id"],
            name=op.f("fk_minutes_validations_session_id_initiative_id"),
        ),
        sa.ForeignKeyConstraint(
            ["session_id", "n"],
            ["minutes_revisions.session_id", "minutes_revisions.n"],
            name=op.f("fk_minutes_validations_session_id_n"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_minutes_validations")),
        sa.UniqueConstraint(
            "session_id", "organisation_id", "n", name=op.f("uq_minutes_validations_session_id_organisation_id_n")
        ),
    )
    op.create_table(
        "amendments",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=True),
        sa.Column("minutes_n", sa.Integer(), nullable=False),
        sa.Column("agenda_item_id", sa.Uuid(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("mandate_id", sa.Uuid(), nullable=True),
        sa.Column("capacity", sa.Text(), nullable=False),
        sa.CheckConstraint("(state = 'proposed') = (decided_at IS NULL)", name=op.f("ck_amendments_decided")),
        sa.CheckConstraint(
            "capacity IN ('organisation', 'personal', 'observer')", name=op.f("ck_amendments_capacity_known")
        ),
        sa.CheckConstraint(
            "state <> 'refused' OR reason IS NOT NULL", name=op.f("ck_amendments_refused_with_a_reason")
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'accepted', 'refused', 'withdrawn')", name=op.f("ck_amendments_state_known")
        ),
        sa.CheckConstraint(
            "person_id IS NOT NULL AND organisation_id IS NOT NULL AND mandate_id IS NOT NULL",
            name=op.f("ck_amendments_speaker"),
        ),
        sa.ForeignKeyConstraint(
            ["agenda_item_id", "session_id"],
            ["agenda_items.id", "agenda_items.session_id"],
            name=op.f("fk_amendments_agenda_item_id_session_id"),
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["persons.id"], name=op.f("fk_amendments_decided_by")),
        sa.ForeignKeyConstraint(
            ["mandate_id", "person_id", "organisation_id"],
            ["mandates.id", "mandates.person_id", "mandates.organisation_id"],
            name=op.f("fk_amendments_mandate_id_person_id_organisation_id"),
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_amendments_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_amendments_person_id")),
        sa.ForeignKeyConstraint(
            ["session_id", "initiative_id"],
            ["sessions.id", "sessions.initiative_id"],
            name=op.f("fk_amendments_session_id_initiative_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_amendments")),
    )
    op.create_index("ix_amendments_session", "amendments", ["session_id", "created_at", "id"], unique=False)
    op.create_table(
        "session_notes",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=True),
        sa.Column("agenda_item_id", sa.Uuid(), nullable=True),
        sa.Column("markdown", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("edited_by", sa.Uuid(), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("speaker_organisation_id", sa.Uuid(), nullable=True),
        sa.Column("contribution_id", sa.Uuid(), nullable=True),
        sa.Column("contribution_space_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("mandate_id", sa.Uuid(), nullable=True),
        sa.Column("capacity", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "capacity IN ('organisation', 'personal', 'observer')", name=op.f("ck_session_notes_capacity_known")
        ),
        sa.CheckConstraint(
            "(contribution_id IS NULL) = (contribution_space_id IS NULL)",
            name=op.f("ck_session_notes_contribution_placed"),
        ),
        sa.CheckConstraint(
            "contribution_id IS NULL OR speaker_organisation_id IS NOT NULL",
            name=op.f("ck_session_notes_taken_up_by_who_spoke"),
        ),
        sa.CheckConstraint(
            "person_id IS NOT NULL AND organisation_id IS NOT NULL AND mandate_id IS NOT NULL",
            name=op.f("ck_session_notes_speaker"),
        ),
        sa.ForeignKeyConstraint(
            ["agenda_item_id", "session_id"],
            ["agenda_items.id", "agenda_items.session_id"],
            name=op.f("fk_session_notes_agenda_item_id_session_id"),
        ),
        sa.ForeignKeyConstraint(
            ["contribution_id", "contribution_space_id", "initiative_id"],
            ["statements.id", "statements.space_id", "statements.initiative_id"],
            name="fk_session_notes_contribution",
        ),
        sa.ForeignKeyConstraint(["edited_by"], ["persons.id"], name=op.f("fk_session_notes_edited_by")),
        sa.ForeignKeyConstraint(
            ["mandate_id", "person_id", "organisation_id"],
            ["mandates.id", "mandates.person_id", "mandates.organisation_id"],
            name=op.f("fk_session_notes_mandate_id_person_id_organisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_session_notes_organisation_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_session_notes_person_id")),
        sa.ForeignKeyConstraint(
            ["session_id", "initiative_id"],
            ["sessions.id", "sessions.initiative_id"],
            name=op.f("fk_session_notes_session_id_initiative_id"),
        ),
        sa.ForeignKeyConstraint(
            ["speaker_organisation_id"], ["organisations.id"], name=op.f("fk_session_notes_speaker_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_notes")),
    )
    op.create_index("ix_session_notes_session", "session_notes", ["session_id", "created_at", "id"], unique=False)
    op.create_table(
        "session_note_revisions",
        sa.Column("note_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("markdown", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["note_id"], ["session_notes.id"], name=op.f("fk_session_note_revisions_note_id")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_session_note_revisions_person_id")),
        sa.PrimaryKeyConstraint("note_id", "n", name=op.f("pk_session_note_revisions")),
    )
    op.add_column("decisions", sa.Column("kind", sa.Text(), nullable=False, server_default="decision"))
    op.alter_column("decisions", "kind", server_default=None)
    op.add_column("decisions", sa.Column("owner_organisation_id", sa.Uuid(), nullable=True))
    op.add_column("decisions", sa.Column("due_on", sa.Date(), nullable=True))
    op.add_column("decisions", sa.Column("state", sa.Text(), nullable=True))
    op.add_column("decisions", sa.Column("done_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_decisions_owner",
        "decisions",
        ["owner_organisation_id"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_foreign_key(
        op.f("fk_decisions_owner_organisation_id"), "decisions", "organisations", ["owner_organisation_id"], ["id"]
    )
    for name, test in CHECKS.items():
        op.create_check_constraint(op.f(name), "decisions", test)
    op.add_column("sessions", sa.Column("minutes_until", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE sessions SET minutes_until = now() + interval '14 days' WHERE state = 'minutes_open'")
    op.execute(FUNCTION)
    op.execute(TRIGGERS)


def downgrade() -> None:
    """As it was."""
    op.execute("DROP FUNCTION keep_note_wording() CASCADE")
    op.drop_column("sessions", "minutes_until")
    for name in CHECKS:
        op.drop_constraint(op.f(name), "decisions", type_="check")
    op.drop_constraint(op.f("fk_decisions_owner_organisation_id"), "decisions", type_="foreignkey")
    op.drop_index("ix_decisions_owner", table_name="decisions", postgresql_where=sa.text("state = 'open'"))
    op.drop_column("decisions", "done_at")
    op.drop_column("decisions", "state")
    op.drop_column("decisions", "due_on")
    op.drop_column("decisions", "owner_organisation_id")
    op.drop_column("decisions", "kind")
    op.drop_table("session_note_revisions")
    op.drop_index("ix_session_notes_session", table_name="session_notes")
    op.drop_table("session_notes")
    op.drop_index("ix_amendments_session", table_name="amendments")
    op.drop_table("amendments")
    op.drop_table("minutes_validations")
    op.drop_index("ix_agenda_items_session", table_name="agenda_items")
    op.drop_table("agenda_items")
    op.drop_table("session_answers")
    op.drop_index(
        "uq_calendar_addresses_live", table_name="calendar_addresses", postgresql_where=sa.text("revoked_at IS NULL")
    )
    op.drop_table("calendar_addresses")
