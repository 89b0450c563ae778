"""Every table of the spine."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


class Xid8(sa.types.UserDefinedType):
    """PostgreSQL's 64-bit transaction number."""

    cache_ok = True

    def get_col_spec(self, **_kw):
        return "XID8"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "attempts",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("window_start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", "window_start", name=op.f("pk_attempts")),
    )
    op.create_table(
        "event_cursors",
        sa.Column("reader", sa.Text(), nullable=False),
        sa.Column("xid", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("reader", name=op.f("pk_event_cursors")),
    )
    op.create_table(
        "events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("xid", Xid8(), server_default=sa.text("pg_current_xact_id()"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("object_type", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("initiative_id", sa.Uuid(), nullable=True),
        sa.Column("space_id", sa.Uuid(), nullable=True),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("capacity", sa.Text(), nullable=True),
        sa.Column("login_id", sa.Uuid(), nullable=True),
        sa.Column("quiet", sa.Boolean(), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint(
            "audience IN ('space', 'initiative', 'pilots', 'organisation', 'person', 'administrator', 'everybody')",
            name=op.f("ck_events_audience_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )
    op.create_index("ix_events_horizon", "events", ["xid", "id"], unique=False)
    op.create_index(
        "ix_events_initiative",
        "events",
        ["initiative_id", "id"],
        unique=False,
        postgresql_where=sa.text("initiative_id IS NOT NULL"),
    )
    op.create_index("ix_events_object", "events", ["object_type", "object_id", "id"], unique=False)
    op.create_index(
        "ix_events_organisation",
        "events",
        ["organisation_id", "id"],
        unique=False,
        postgresql_where=sa.text("organisation_id IS NOT NULL"),
    )
    op.create_index(
        "ix_events_space",
        "events",
        ["space_id", "id"],
        unique=False,
        postgresql_where=sa.text("space_id IS NOT NULL"),
    )
    op.create_table(
        "external_refs",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("object_type", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source", "object_type", "external_id", name=op.f("pk_external_refs")),
    )
    op.create_index("ix_external_refs_object", "external_refs", ["object_id"], unique=False)
    op.create_table(
        "findables",
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("object_type", sa.Text(), nullable=False),
        sa.Column("initiative_id", sa.Uuid(), nullable=True),
        sa.Column("space_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("profile", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("side", sa.Text(), nullable=True),
        sa.Column("tags", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("released", sa.Boolean(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("words", postgresql.TSVECTOR(), nullable=False),
        sa.PrimaryKeyConstraint("object_id", name=op.f("pk_findables")),
    )
    op.create_index(
        "ix_findables_newest",
        "findables",
        ["space_id", sa.literal_column("occurred_at DESC"), sa.literal_column("object_id DESC")],
        unique=False,
    )
    op.create_index("ix_findables_words", "findables", ["words"], unique=False, postgresql_using="gin")
    op.create_table(
        "idempotency",
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("request_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("caller", "key", name=op.f("pk_idempotency")),
    )
    op.create_index("ix_idempotency_at", "idempotency", ["at"], unique=False)
    op.create_table(
        "initiatives",
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("languages", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('preparation', 'open', 'closed', 'archived')", name=op.f("ck_initiatives_state_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_initiatives")),
        sa.UniqueConstraint("slug", name=op.f("uq_initiatives_slug")),
    )
    op.create_table(
        "organisations",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("acronym", sa.Text(), nullable=True),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("family", sa.Text(), nullable=True),
        sa.Column("scale", sa.Text(), nullable=True),
        sa.Column("territories", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("sdgs", postgresql.ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("website", sa.Text(), nullable=True),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "family IS NULL OR family IN ('field_actor', 'engineering_body', 'societal_investor', 'institution')",
            name=op.f("ck_organisations_family_known"),
        ),
        sa.CheckConstraint(
            "profile IN ('association', 'foundation', 'company', 'investor', 'local_authority', 'state_body', 'research', 'federation')",
            name=op.f("ck_organisations_profile_known"),
        ),
        sa.CheckConstraint(
            "scale IS NULL OR scale IN ('national', 'territorial')", name=op.f("ck_organisations_scale_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisations")),
    )
    op.create_index(
        "uq_organisations_name", "organisations", [sa.literal_column("lower(f_unaccent(name))")], unique=True
    )
    op.create_table(
        "persons",
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("password", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("is_admin", sa.Boolean(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state <> 'active' OR (name IS NOT NULL AND email IS NOT NULL)",
            name=op.f("ck_persons_active_named"),
        ),
        sa.CheckConstraint(
            "state <> 'imported' OR (name IS NULL AND email IS NULL AND password IS NULL)",
            name=op.f("ck_persons_imported_bare"),
        ),
        sa.CheckConstraint("state IN ('active', 'disabled', 'imported')", name=op.f("ck_persons_state_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_persons")),
    )
    op.create_index("uq_persons_email", "persons", [sa.literal_column("lower(email)")], unique=True)
    op.create_table(
        "access_grants",
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["initiative_id"], ["initiatives.id"], name=op.f("fk_access_grants_initiative_id")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_access_grants_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_grants")),
    )
    op.create_index("ix_access_grants_initiative", "access_grants", ["initiative_id", "id"], unique=False)
    op.create_table(
        "api_tokens",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("scope IN ('read', 'write')", name=op.f("ck_api_tokens_scope_known")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_api_tokens_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_api_tokens_fingerprint")),
    )
    op.create_index("ix_api_tokens_person", "api_tokens", ["person_id"], unique=False)
    op.create_table(
        "deliverables",
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("kinds", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("cutoff_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_citation", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('writing', 'closed')", name=op.f("ck_deliverables_state_known")),
        sa.ForeignKeyConstraint(["initiative_id"], ["initiatives.id"], name=op.f("fk_deliverables_initiative_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliverables")),
        sa.UniqueConstraint("id", "initiative_id", name="uq_deliverables_place"),
    )
    op.create_index("ix_deliverables_initiative", "deliverables", ["initiative_id", "id"], unique=False)
    op.create_table(
        "invitations",
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("initiative_id", sa.Uuid(), nullable=True),
        sa.Column("powers", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("invited_by", sa.Uuid(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_by", sa.Uuid(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "powers <@ ARRAY['speaks', 'contributes', 'observes', 'manages']",
            name=op.f("ck_invitations_powers_known"),
        ),
        sa.CheckConstraint("cardinality(powers) > 0", name=op.f("ck_invitations_some_power")),
        sa.ForeignKeyConstraint(["accepted_by"], ["persons.id"], name=op.f("fk_invitations_accepted_by")),
        sa.ForeignKeyConstraint(["initiative_id"], ["initiatives.id"], name=op.f("fk_invitations_initiative_id")),
        sa.ForeignKeyConstraint(["invited_by"], ["persons.id"], name=op.f("fk_invitations_invited_by")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_invitations_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
    )
    op.create_index("ix_invitations_organisation", "invitations", ["organisation_id", "id"], unique=False)
    op.create_table(
        "logins",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_because", sa.Text(), nullable=True),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_logins_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logins")),
    )
    op.create_index("ix_logins_person", "logins", ["person_id"], unique=False)
    op.create_table(
        "mandates",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("initiative_id", sa.Uuid(), nullable=True),
        sa.Column("powers", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("given_by", sa.Uuid(), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("person_id"), "="),
            (sa.column("organisation_id"), "="),
            (sa.text("coalesce(initiative_id, '00000000-0000-0000-0000-000000000000'::uuid)"), "="),
            (sa.column("during"), "&&"),
            using="gist",
            name="ex_mandates_overlap",
        ),
        sa.CheckConstraint(
            "powers <@ ARRAY['speaks', 'contributes', 'observes', 'manages']",
            name=op.f("ck_mandates_powers_known"),
        ),
        sa.CheckConstraint("cardinality(powers) > 0", name=op.f("ck_mandates_some_power")),
        sa.ForeignKeyConstraint(["ended_by"], ["persons.id"], name=op.f("fk_mandates_ended_by")),
        sa.ForeignKeyConstraint(["given_by"], ["persons.id"], name=op.f("fk_mandates_given_by")),
        sa.ForeignKeyConstraint(["initiative_id"], ["initiatives.id"], name=op.f("fk_mandates_initiative_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_mandates_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_mandates_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mandates")),
        sa.UniqueConstraint("id", "person_id", "organisation_id", name="uq_mandates_speaker"),
    )
    op.create_index("ix_mandates_organisation", "mandates", ["organisation_id"], unique=False)
    op.create_table(
        "milestones",
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["initiative_id"], ["initiatives.id"], name=op.f("fk_milestones_initiative_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestones")),
    )
    op.create_index("ix_milestones_initiative", "milestones", ["initiative_id", "on_date"], unique=False)
    op.create_table(
        "participations",
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("initiative_id"), "="),
            (sa.column("organisation_id"), "="),
            (sa.column("during"), "&&"),
            using="gist",
            name="ex_participations_overlap",
        ),
        sa.CheckConstraint("role IN ('copilot', 'participant', 'observer')", name=op.f("ck_participations_role_known")),
        sa.ForeignKeyConstraint(["initiative_id"], ["initiatives.id"], name=op.f("fk_participations_initiative_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_participations_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_participations")),
    )
    op.create_index("ix_participations_organisation", "participations", ["organisation_id"], unique=False)
    op.create_table(
        "phases",
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name=op.f("ck_phases_dates_in_order")),
        sa.ForeignKeyConstraint(["initiative_id"], ["initiatives.id"], name=op.f("fk_phases_initiative_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phases")),
    )
    op.create_index("ix_phases_initiative", "phases", ["initiative_id", "starts_on"], unique=False)
    op.create_table(
        "spaces",
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("visibility", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f("ck_spaces_state_known")),
        sa.CheckConstraint(
            "visibility IN ('members', 'initiative', 'public')", name=op.f("ck_spaces_visibility_known")
        ),
        sa.ForeignKeyConstraint(["initiative_id"], ["initiatives.id"], name=op.f("fk_spaces_initiative_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spaces")),
        sa.UniqueConstraint("id", "initiative_id", name="uq_spaces_place"),
        sa.UniqueConstraint("initiative_id", "number", name=op.f("uq_spaces_initiative_id_number")),
    )
    op.create_index(
        "ix_spaces_public", "spaces", ["id"], unique=False, postgresql_where=sa.text("visibility = 'public'")
    )
    op.create_table(
        "terms",
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("taxonomy", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["initiative_id"], ["initiatives.id"], name=op.f("fk_terms_initiative_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_terms")),
        sa.UniqueConstraint("initiative_id", "code", name=op.f("uq_terms_initiative_id_code")),
    )
    op.create_table(
        "editions",
        sa.Column("deliverable_id", sa.Uuid(), nullable=False),
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("manifest_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("mandate_id", sa.Uuid(), nullable=True),
        sa.Column("capacity", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "capacity IN ('organisation', 'personal', 'observer')", name=op.f("ck_editions_capacity_known")
        ),
        sa.CheckConstraint(
            "person_id IS NOT NULL AND organisation_id IS NOT NULL AND mandate_id IS NOT NULL",
            name=op.f("ck_editions_speaker"),
        ),
        sa.CheckConstraint("sha256 = sha256(payload)", name=op.f("ck_editions_payload_hash")),
        sa.ForeignKeyConstraint(
            ["deliverable_id", "initiative_id"],
            ["deliverables.id", "deliverables.initiative_id"],
            name=op.f("fk_editions_deliverable_id_initiative_id"),
        ),
        sa.ForeignKeyConstraint(
            ["mandate_id", "person_id", "organisation_id"],
            ["mandates.id", "mandates.person_id", "mandates.organisation_id"],
            name=op.f("fk_editions_mandate_id_person_id_organisation_id"),
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_editions_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_editions_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_editions")),
        sa.UniqueConstraint("deliverable_id", "n", name=op.f("uq_editions_deliverable_id_n")),
    )
    op.create_index("ix_editions_initiative", "editions", ["initiative_id", "published_at"], unique=False)
    op.create_table(
        "facilitators",
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("space_id"), "="),
            (sa.column("person_id"), "="),
            (sa.column("during"), "&&"),
            using="gist",
            name="ex_facilitators_overlap",
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_facilitators_person_id")),
        sa.ForeignKeyConstraint(
            ["space_id", "initiative_id"],
            ["spaces.id", "spaces.initiative_id"],
            name=op.f("fk_facilitators_space_id_initiative_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facilitators")),
    )
    op.create_index("ix_facilitators_person", "facilitators", ["person_id"], unique=False)
    op.create_table(
        "refresh_tokens",
        sa.Column("login_id", sa.Uuid(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["login_id"], ["logins.id"], name=op.f("fk_refresh_tokens_login_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refresh_tokens")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_refresh_tokens_fingerprint")),
    )
    op.create_index("ix_refresh_tokens_login", "refresh_tokens", ["login_id"], unique=False)
    op.create_table(
        "scope_spaces",
        sa.Column("deliverable_id", sa.Uuid(), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["deliverable_id", "initiative_id"],
            ["deliverables.id", "deliverables.initiative_id"],
            name=op.f("fk_scope_spaces_deliverable_id_initiative_id"),
        ),
        sa.ForeignKeyConstraint(
            ["space_id", "initiative_id"],
            ["spaces.id", "spaces.initiative_id"],
            name=op.f("fk_scope_spaces_space_id_initiative_id"),
        ),
        sa.PrimaryKeyConstraint("deliverable_id", "space_id", name=op.f("pk_scope_spaces")),
    )
    op.create_table(
        "sessions",
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('planned', 'held', 'minutes_open', 'locked')", name=op.f("ck_sessions_state_known")
        ),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_sessions_times_in_order")),
        sa.ForeignKeyConstraint(["initiative_id"], ["initiatives.id"], name=op.f("fk_sessions_initiative_id")),
        sa.ForeignKeyConstraint(
            ["space_id", "initiative_id"],
            ["spaces.id", "spaces.initiative_id"],
            name=op.f("fk_sessions_space_id_initiative_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("id", "initiative_id", name="uq_sessions_place"),
        sa.UniqueConstraint(
            "initiative_id",
            "space_id",
            "number",
            name=op.f("uq_sessions_initiative_id_space_id_number"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index("ix_sessions_starts", "sessions", ["initiative_id", "starts_at"], unique=False)
    op.create_table(
        "space_members",
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("space_id"), "="),
            (sa.column("organisation_id"), "="),
            (sa.column("during"), "&&"),
            using="gist",
            name="ex_space_members_overlap",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_space_members_organisation_id")
        ),
        sa.ForeignKeyConstraint(
            ["space_id", "initiative_id"],
            ["spaces.id", "spaces.initiative_id"],
            name=op.f("fk_space_members_space_id_initiative_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_space_members")),
    )
    op.create_index("ix_space_members_organisation", "space_members", ["organisation_id", "space_id"], unique=False)
    op.create_table(
        "themes",
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=True),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("parent_id <> id", name=op.f("ck_themes_not_its_own_parent")),
        sa.ForeignKeyConstraint(["initiative_id"], ["initiatives.id"], name=op.f("fk_themes_initiative_id")),
        sa.ForeignKeyConstraint(
            ["parent_id", "initiative_id"],
            ["themes.id", "themes.initiative_id"],
            name=op.f("fk_themes_parent_id_initiative_id"),
        ),
        sa.ForeignKeyConstraint(
            ["space_id", "initiative_id"],
            ["spaces.id", "spaces.initiative_id"],
            name=op.f("fk_themes_space_id_initiative_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_themes")),
        sa.UniqueConstraint("id", "initiative_id", name="uq_themes_place"),
    )
    op.create_index("ix_themes_initiative", "themes", ["initiative_id", "position"], unique=False)
    op.create_table(
        "attendances",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status IN ('expected', 'present', 'excused', 'absent')", name=op.f("ck_attendances_status_known")
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_attendances_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_attendances_person_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["persons.id"], name=op.f("fk_attendances_recorded_by")),
        sa.ForeignKeyConstraint(
            ["session_id", "initiative_id"],
            ["sessions.id", "sessions.initiative_id"],
            name=op.f("fk_attendances_session_id_initiative_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendances")),
        sa.UniqueConstraint(
            "session_id",
            "organisation_id",
            "person_id",
            name=op.f("uq_attendances_session_id_organisation_id_person_id"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_table(
        "decisions",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=True),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("mandate_id", sa.Uuid(), nullable=True),
        sa.Column("capacity", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "capacity IN ('organisation', 'personal', 'observer')", name=op.f("ck_decisions_capacity_known")
        ),
        sa.CheckConstraint(
            "person_id IS NOT NULL AND organisation_id IS NOT NULL AND mandate_id IS NOT NULL",
            name=op.f("ck_decisions_speaker"),
        ),
        sa.ForeignKeyConstraint(
            ["mandate_id", "person_id", "organisation_id"],
            ["mandates.id", "mandates.person_id", "mandates.organisation_id"],
            name=op.f("fk_decisions_mandate_id_person_id_organisation_id"),
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_decisions_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_decisions_person_id")),
        sa.ForeignKeyConstraint(
            ["session_id", "initiative_id"],
            ["sessions.id", "sessions.initiative_id"],
            name=op.f("fk_decisions_session_id_initiative_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
        sa.UniqueConstraint("session_id", "n", name=op.f("uq_decisions_session_id_n")),
    )
    op.create_table(
        "edition_files",
        sa.Column("edition_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("renderer", sa.Text(), nullable=False),
        sa.Column("renderer_version", sa.Text(), nullable=False),
        sa.CheckConstraint("sha256 = sha256(content)", name=op.f("ck_edition_files_content_hash")),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name=op.f("fk_edition_files_edition_id")),
        sa.PrimaryKeyConstraint("edition_id", "name", name=op.f("pk_edition_files")),
    )
    op.create_table(
        "edition_withdrawals",
        sa.Column("edition_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_person", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["by_person"], ["persons.id"], name=op.f("fk_edition_withdrawals_by_person")),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name=op.f("fk_edition_withdrawals_edition_id")),
        sa.PrimaryKeyConstraint("edition_id", name=op.f("pk_edition_withdrawals")),
    )
    op.create_table(
        "minutes_revisions",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=True),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("markdown", sa.Text(), nullable=False),
        sa.Column("plain", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("mandate_id", sa.Uuid(), nullable=True),
        sa.Column("capacity", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "capacity IN ('organisation', 'personal', 'observer')",
            name=op.f("ck_minutes_revisions_capacity_known"),
        ),
        sa.CheckConstraint(
            "person_id IS NOT NULL AND organisation_id IS NOT NULL AND mandate_id IS NOT NULL",
            name=op.f("ck_minutes_revisions_speaker"),
        ),
        sa.ForeignKeyConstraint(
            ["mandate_id", "person_id", "organisation_id"],
            ["mandates.id", "mandates.person_id", "mandates.organisation_id"],
            name=op.f("fk_minutes_revisions_mandate_id_person_id_organisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_minutes_revisions_organisation_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_minutes_revisions_person_id")),
        sa.ForeignKeyConstraint(
            ["session_id", "initiative_id"],
            ["sessions.id", "sessions.initiative_id"],
            name=op.f("fk_minutes_revisions_session_id_initiative_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_minutes_revisions")),
        sa.UniqueConstraint("session_id", "n", name=op.f("uq_minutes_revisions_session_id_n")),
    )
    op.create_table(
        "sections",
        sa.Column("deliverable_id", sa.Uuid(), nullable=False),
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("angle", sa.Text(), nullable=False),
        sa.Column("about_space_id", sa.Uuid(), nullable=True),
        sa.Column("about_theme_id", sa.Uuid(), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("angle IN ('database', 'fruits', 'lessons', 'free')", name=op.f("ck_sections_angle_known")),
        sa.CheckConstraint("parent_id <> id", name=op.f("ck_sections_not_its_own_parent")),
        sa.ForeignKeyConstraint(
            ["about_space_id", "initiative_id"],
            ["spaces.id", "spaces.initiative_id"],
            name=op.f("fk_sections_about_space_id_initiative_id"),
        ),
        sa.ForeignKeyConstraint(
            ["about_theme_id"], ["themes.id"], name=op.f("fk_sections_about_theme_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["deliverable_id", "initiative_id"],
            ["deliverables.id", "deliverables.initiative_id"],
            name=op.f("fk_sections_deliverable_id_initiative_id"),
        ),
        sa.ForeignKeyConstraint(
            ["parent_id", "deliverable_id"],
            ["sections.id", "sections.deliverable_id"],
            name=op.f("fk_sections_parent_id_deliverable_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sections")),
        sa.UniqueConstraint("id", "deliverable_id", name="uq_sections_place"),
    )
    op.create_index("ix_sections_order", "sections", ["deliverable_id", "parent_id", "position"], unique=False)
    op.create_table(
        "statements",
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("root_id", sa.Uuid(), nullable=False),
        sa.Column("root_state", sa.Text(), nullable=False),
        sa.Column("root_consent", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("side", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("state_reason", sa.Text(), nullable=True),
        sa.Column("head_id", sa.Uuid(), nullable=False),
        sa.Column("first_n", sa.Integer(), nullable=True),
        sa.Column("consent", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("tags", postgresql.ARRAY(sa.TEXT()), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("replies_for", sa.Integer(), nullable=False),
        sa.Column("replies_against", sa.Integer(), nullable=False),
        sa.Column("replies_other", sa.Integer(), nullable=False),
        sa.Column("positions_supports", sa.Integer(), nullable=False),
        sa.Column("positions_nuances", sa.Integer(), nullable=False),
        sa.Column("positions_objects", sa.Integer(), nullable=False),
        sa.Column("sources_count", sa.Integer(), nullable=False),
        sa.Column(
            "shown",
            sa.Boolean(),
            sa.Computed("state <> 'draft' AND root_state <> 'draft'", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "released",
            sa.Boolean(),
            sa.Computed(
                "state = 'published' AND root_state = 'published' AND consent IN ('name', 'profile') AND root_consent IN ('name', 'profile')",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("mandate_id", sa.Uuid(), nullable=True),
        sa.Column("capacity", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "CASE origin WHEN 'import' THEN mandate_id IS NULL AND ((capacity = 'organisation' AND organisation_id IS NOT NULL) OR (capacity = 'personal' AND organisation_id IS NULL)) ELSE person_id IS NOT NULL AND organisation_id IS NOT NULL AND mandate_id IS NOT NULL END",
            name=op.f("ck_statements_speaker"),
        ),
        sa.CheckConstraint(
            "CASE type WHEN 'contribution' THEN kind IS NOT NULL AND side IS NULL AND parent_id IS NULL AND root_id = id ELSE kind IS NULL AND side IS NOT NULL AND parent_id IS NOT NULL AND root_id <> id END",
            name=op.f("ck_statements_spine"),
        ),
        sa.CheckConstraint(
            "capacity IN ('organisation', 'personal', 'observer')", name=op.f("ck_statements_capacity_known")
        ),
        sa.CheckConstraint(
            "consent IN ('name', 'profile', 'paraphrase', 'internal')",
            name=op.f("ck_statements_consent_known"),
        ),
        sa.CheckConstraint(
            "kind IS NULL OR kind IN ('need', 'solution', 'proposal', 'observation', 'question', 'learning', 'example')",
            name=op.f("ck_statements_kind_known"),
        ),
        sa.CheckConstraint("origin IN ('posted', 'import')", name=op.f("ck_statements_origin_known")),
        sa.CheckConstraint(
            "side IS NULL OR side IN ('for', 'against', 'mixed', 'none')",
            name=op.f("ck_statements_side_known"),
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'published', 'withdrawn', 'moderated')",
            name=op.f("ck_statements_state_known"),
        ),
        sa.CheckConstraint("type IN ('contribution', 'reply')", name=op.f("ck_statements_type_known")),
        sa.CheckConstraint("(first_n IS NULL) = (published_at IS NULL)", name=op.f("ck_statements_publication")),
        sa.ForeignKeyConstraint(
            ["mandate_id", "person_id", "organisation_id"],
            ["mandates.id", "mandates.person_id", "mandates.organisation_id"],
            name=op.f("fk_statements_mandate_id_person_id_organisation_id"),
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_statements_organisation_id")),
        sa.ForeignKeyConstraint(
            ["parent_id", "space_id", "initiative_id"],
            ["statements.id", "statements.space_id", "statements.initiative_id"],
            name="fk_statements_parent",
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_statements_person_id")),
        sa.ForeignKeyConstraint(
            ["root_id", "space_id", "initiative_id"],
            ["statements.id", "statements.space_id", "statements.initiative_id"],
            name="fk_statements_root",
        ),
        sa.ForeignKeyConstraint(
            ["session_id", "initiative_id"],
            ["sessions.id", "sessions.initiative_id"],
            name=op.f("fk_statements_session_id_initiative_id"),
        ),
        sa.ForeignKeyConstraint(
            ["space_id", "initiative_id"],
            ["spaces.id", "spaces.initiative_id"],
            name=op.f("fk_statements_space_id_initiative_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statements")),
        sa.UniqueConstraint("id", "space_id", "initiative_id", name="uq_statements_place"),
    )
    op.create_index(
        "ix_statements_author",
        "statements",
        ["person_id", sa.literal_column("recorded_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "ix_statements_feed",
        "statements",
        ["space_id", sa.literal_column("occurred_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        postgresql_where=sa.text("type = 'contribution' AND state = 'published'"),
    )
    op.create_index(
        "ix_statements_feed_by_organisation",
        "statements",
        ["organisation_id", sa.literal_column("occurred_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        postgresql_where=sa.text("type = 'contribution' AND state = 'published'"),
    )
    op.create_index(
        "ix_statements_replies",
        "statements",
        ["root_id", "occurred_at", "id"],
        unique=False,
        postgresql_where=sa.text("type = 'reply'"),
    )
    op.create_index(
        "ix_statements_session",
        "statements",
        ["session_id"],
        unique=False,
        postgresql_where=sa.text("session_id IS NOT NULL"),
    )
    op.create_index(
        "ix_statements_tags",
        "statements",
        ["tags"],
        unique=False,
        postgresql_using="gin",
        postgresql_where=sa.text("tags <> '{}'"),
    )
    op.create_table(
        "filings",
        sa.Column("theme_id", sa.Uuid(), nullable=False),
        sa.Column("statement_id", sa.Uuid(), nullable=False),
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("by_person", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_person"], ["persons.id"], name=op.f("fk_filings_by_person")),
        sa.ForeignKeyConstraint(
            ["statement_id", "space_id", "initiative_id"],
            ["statements.id", "statements.space_id", "statements.initiative_id"],
            name=op.f("fk_filings_statement_id_space_id_initiative_id"),
        ),
        sa.ForeignKeyConstraint(
            ["theme_id", "initiative_id"],
            ["themes.id", "themes.initiative_id"],
            name=op.f("fk_filings_theme_id_initiative_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("theme_id", "statement_id", name=op.f("pk_filings")),
    )
    op.create_index("ix_filings_statement", "filings", ["statement_id"], unique=False)
    op.create_table(
        "passages",
        sa.Column("deliverable_id", sa.Uuid(), nullable=False),
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("section_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("head_id", sa.Uuid(), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('paragraph', 'heading', 'list', 'quotation')", name=op.f("ck_passages_kind_known")
        ),
        sa.ForeignKeyConstraint(
            ["deliverable_id", "initiative_id"],
            ["deliverables.id", "deliverables.initiative_id"],
            name=op.f("fk_passages_deliverable_id_initiative_id"),
        ),
        sa.ForeignKeyConstraint(
            ["section_id", "deliverable_id"],
            ["sections.id", "sections.deliverable_id"],
            name=op.f("fk_passages_section_id_deliverable_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passages")),
        sa.UniqueConstraint("id", "deliverable_id", name="uq_passages_place"),
    )
    op.create_index(
        "ix_passages_deliverable",
        "passages",
        ["deliverable_id"],
        unique=False,
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.create_index(
        "ix_passages_order",
        "passages",
        ["section_id", "position"],
        unique=False,
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.create_table(
        "positions",
        sa.Column("statement_id", sa.Uuid(), nullable=False),
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("stance", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("mandate_id", sa.Uuid(), nullable=True),
        sa.Column("capacity", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "CASE origin WHEN 'import' THEN mandate_id IS NULL AND ((capacity = 'organisation' AND organisation_id IS NOT NULL) OR (capacity = 'personal' AND organisation_id IS NULL)) ELSE person_id IS NOT NULL AND organisation_id IS NOT NULL AND mandate_id IS NOT NULL END",
            name=op.f("ck_positions_speaker"),
        ),
        sa.CheckConstraint(
            "capacity IN ('organisation', 'personal', 'observer')", name=op.f("ck_positions_capacity_known")
        ),
        sa.CheckConstraint("stance IN ('supports', 'nuances', 'objects')", name=op.f("ck_positions_stance_known")),
        sa.ForeignKeyConstraint(
            ["mandate_id", "person_id", "organisation_id"],
            ["mandates.id", "mandates.person_id", "mandates.organisation_id"],
            name=op.f("fk_positions_mandate_id_person_id_organisation_id"),
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_positions_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_positions_person_id")),
        sa.ForeignKeyConstraint(
            ["statement_id", "space_id", "initiative_id"],
            ["statements.id", "statements.space_id", "statements.initiative_id"],
            name=op.f("fk_positions_statement_id_space_id_initiative_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_positions")),
    )
    op.create_index("ix_positions_organisation", "positions", ["organisation_id", "id"], unique=False)
    op.create_index(
        "uq_positions_current",
        "positions",
        ["statement_id", "organisation_id"],
        unique=True,
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "revisions",
        sa.Column("statement_id", sa.Uuid(), nullable=False),
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("markdown", sa.Text(), nullable=False),
        sa.Column("plain", sa.Text(), nullable=False),
        sa.Column("plain_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("plain_length", sa.Integer(), nullable=False),
        sa.Column("plain_version", sa.Integer(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("excerpt", sa.Text(), sa.Computed("left(plain, 600)", persisted=True), nullable=False),
        sa.Column("consent", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "consent IN ('name', 'profile', 'paraphrase', 'internal')",
            name=op.f("ck_revisions_consent_known"),
        ),
        sa.CheckConstraint(
            "erased_at IS NOT NULL OR plain_sha256 = sha256(convert_to(plain, 'UTF8'))",
            name=op.f("ck_revisions_plain_hash"),
        ),
        sa.CheckConstraint(
            "erased_at IS NOT NULL OR plain_length = char_length(plain)",
            name=op.f("ck_revisions_plain_length"),
        ),
        sa.ForeignKeyConstraint(["author_id"], ["persons.id"], name=op.f("fk_revisions_author_id")),
        sa.ForeignKeyConstraint(
            ["statement_id", "space_id", "initiative_id"],
            ["statements.id", "statements.space_id", "statements.initiative_id"],
            name=op.f("fk_revisions_statement_id_space_id_initiative_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revisions")),
        sa.UniqueConstraint("id", "statement_id", name="uq_revisions_of"),
        sa.UniqueConstraint("statement_id", "n", name=op.f("uq_revisions_statement_id_n")),
    )
    op.create_table(
        "sources",
        sa.Column("statement_id", sa.Uuid(), nullable=False),
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("mandate_id", sa.Uuid(), nullable=True),
        sa.Column("capacity", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "CASE origin WHEN 'import' THEN mandate_id IS NULL AND ((capacity = 'organisation' AND organisation_id IS NOT NULL) OR (capacity = 'personal' AND organisation_id IS NULL)) ELSE person_id IS NOT NULL AND organisation_id IS NOT NULL AND mandate_id IS NOT NULL END",
            name=op.f("ck_sources_speaker"),
        ),
        sa.CheckConstraint(
            "capacity IN ('organisation', 'personal', 'observer')", name=op.f("ck_sources_capacity_known")
        ),
        sa.CheckConstraint(
            "category IN ('report', 'study', 'press', 'law', 'site', 'data', 'guide', 'blog', 'video', 'other')",
            name=op.f("ck_sources_category_known"),
        ),
        sa.ForeignKeyConstraint(
            ["mandate_id", "person_id", "organisation_id"],
            ["mandates.id", "mandates.person_id", "mandates.organisation_id"],
            name=op.f("fk_sources_mandate_id_person_id_organisation_id"),
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_sources_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_sources_person_id")),
        sa.ForeignKeyConstraint(
            ["statement_id", "space_id", "initiative_id"],
            ["statements.id", "statements.space_id", "statements.initiative_id"],
            name=op.f("fk_sources_statement_id_space_id_initiative_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sources")),
    )
    op.create_index("ix_sources_statement", "sources", ["statement_id", "id"], unique=False)
    op.create_table(
        "tallies",
        sa.Column("statement_id", sa.Uuid(), nullable=False),
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("votes_for", sa.Integer(), nullable=False),
        sa.Column("votes_against", sa.Integer(), nullable=False),
        sa.Column("votes_mixed", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "votes_for >= 0 AND votes_against >= 0 AND votes_mixed >= 0", name=op.f("ck_tallies_counts")
        ),
        sa.ForeignKeyConstraint(
            ["statement_id", "space_id", "initiative_id"],
            ["statements.id", "statements.space_id", "statements.initiative_id"],
            name=op.f("fk_tallies_statement_id_space_id_initiative_id"),
        ),
        sa.ForeignKeyConstraint(["statement_id"], ["statements.id"], name=op.f("fk_tallies_statement_id")),
        sa.PrimaryKeyConstraint("statement_id", name=op.f("pk_tallies")),
    )
    op.create_table(
        "erasures",
        sa.Column("revision_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "xid",
            sa.BigInteger(),
            server_default=sa.text("pg_current_xact_id()::text::bigint"),
            nullable=False,
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_erasures_person_id")),
        sa.ForeignKeyConstraint(["revision_id"], ["revisions.id"], name=op.f("fk_erasures_revision_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
        sa.UniqueConstraint("revision_id", name=op.f("uq_erasures_revision_id")),
    )
    op.create_table(
        "extracts",
        sa.Column("revision_id", sa.Uuid(), nullable=False),
        sa.Column("statement_id", sa.Uuid(), nullable=False),
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("by_rule", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("mandate_id", sa.Uuid(), nullable=True),
        sa.Column("capacity", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "capacity IN ('organisation', 'personal', 'observer')", name=op.f("ck_extracts_capacity_known")
        ),
        sa.CheckConstraint('"start" >= 0 AND "end" > "start"', name=op.f("ck_extracts_span")),
        sa.CheckConstraint(
            "person_id IS NOT NULL AND organisation_id IS NOT NULL AND mandate_id IS NOT NULL",
            name=op.f("ck_extracts_speaker"),
        ),
        sa.ForeignKeyConstraint(
            ["mandate_id", "person_id", "organisation_id"],
            ["mandates.id", "mandates.person_id", "mandates.organisation_id"],
            name=op.f("fk_extracts_mandate_id_person_id_organisation_id"),
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_extracts_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_extracts_person_id")),
        sa.ForeignKeyConstraint(
            ["revision_id", "statement_id"],
            ["revisions.id", "revisions.statement_id"],
            name=op.f("fk_extracts_revision_id_statement_id"),
        ),
        sa.ForeignKeyConstraint(
            ["statement_id", "space_id", "initiative_id"],
            ["statements.id", "statements.space_id", "statements.initiative_id"],
            name=op.f("fk_extracts_statement_id_space_id_initiative_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_extracts")),
        sa.UniqueConstraint("id", "statement_id", name="uq_extracts_of"),
    )
    op.create_index("ix_extracts_initiative", "extracts", ["initiative_id", "id"], unique=False)
    op.create_index("ix_extracts_statement", "extracts", ["statement_id"], unique=False)
    op.create_table(
        "passage_revisions",
        sa.Column("passage_id", sa.Uuid(), nullable=False),
        sa.Column("deliverable_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("base_id", sa.Uuid(), nullable=True),
        sa.Column("markdown", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("by_rule", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_rule", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("mandate_id", sa.Uuid(), nullable=True),
        sa.Column("capacity", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "capacity IN ('organisation', 'personal', 'observer')",
            name=op.f("ck_passage_revisions_capacity_known"),
        ),
        sa.CheckConstraint(
            "state <> 'accepted' OR decided_by IS NOT NULL",
            name=op.f("ck_passage_revisions_accepted_by_a_person"),
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'accepted', 'refused')", name=op.f("ck_passage_revisions_state_known")
        ),
        sa.CheckConstraint(
            "person_id IS NOT NULL AND organisation_id IS NOT NULL AND mandate_id IS NOT NULL",
            name=op.f("ck_passage_revisions_speaker"),
        ),
        sa.ForeignKeyConstraint(
            ["base_id", "passage_id"],
            ["passage_revisions.id", "passage_revisions.passage_id"],
            name=op.f("fk_passage_revisions_base_id_passage_id"),
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["persons.id"], name=op.f("fk_passage_revisions_decided_by")),
        sa.ForeignKeyConstraint(
            ["mandate_id", "person_id", "organisation_id"],
            ["mandates.id", "mandates.person_id", "mandates.organisation_id"],
            name=op.f("fk_passage_revisions_mandate_id_person_id_organisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_passage_revisions_organisation_id")
        ),
        sa.ForeignKeyConstraint(
            ["passage_id", "deliverable_id"],
            ["passages.id", "passages.deliverable_id"],
            name=op.f("fk_passage_revisions_passage_id_deliverable_id"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_passage_revisions_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passage_revisions")),
        sa.UniqueConstraint("id", "deliverable_id", name="uq_passage_revisions_place"),
        sa.UniqueConstraint("id", "passage_id", name="uq_passage_revisions_of"),
        sa.UniqueConstraint("passage_id", "n", name=op.f("uq_passage_revisions_passage_id_n")),
    )
    op.create_table(
        "treatments",
        sa.Column("deliverable_id", sa.Uuid(), nullable=False),
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("statement_id", sa.Uuid(), nullable=False),
        sa.Column("revision_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=True),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("by_rule", sa.Text(), nullable=True),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("mandate_id", sa.Uuid(), nullable=True),
        sa.Column("capacity", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "CASE outcome WHEN 'merged' THEN target_id IS NOT NULL AND target_id <> statement_id AND reason_code IS NULL WHEN 'set_aside' THEN reason_code IS NOT NULL AND target_id IS NULL ELSE target_id IS NULL AND reason_code IS NULL END",
            name=op.f("ck_treatments_outcome_complete"),
        ),
        sa.CheckConstraint(
            "capacity IN ('organisation', 'personal', 'observer')", name=op.f("ck_treatments_capacity_known")
        ),
        sa.CheckConstraint("outcome IN ('merged', 'answered', 'set_aside')", name=op.f("ck_treatments_outcome_known")),
        sa.CheckConstraint(
            "reason_code IS NULL OR reason_code IN ('off_topic', 'duplicate', 'too_vague', 'out_of_mandate', 'already_done', 'needs_more_work', 'no_support', 'internal')",
            name=op.f("ck_treatments_reason_code_known"),
        ),
        sa.CheckConstraint("char_length(sentence) >= 10", name=op.f("ck_treatments_sentence_said")),
        sa.CheckConstraint(
            "person_id IS NOT NULL AND organisation_id IS NOT NULL AND mandate_id IS NOT NULL",
            name=op.f("ck_treatments_speaker"),
        ),
        sa.ForeignKeyConstraint(
            ["deliverable_id", "initiative_id"],
            ["deliverables.id", "deliverables.initiative_id"],
            name=op.f("fk_treatments_deliverable_id_initiative_id"),
        ),
        sa.ForeignKeyConstraint(
            ["mandate_id", "person_id", "organisation_id"],
            ["mandates.id", "mandates.person_id", "mandates.organisation_id"],
            name=op.f("fk_treatments_mandate_id_person_id_organisation_id"),
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_treatments_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_treatments_person_id")),
        sa.ForeignKeyConstraint(
            ["revision_id", "statement_id"],
            ["revisions.id", "revisions.statement_id"],
            name=op.f("fk_treatments_revision_id_statement_id"),
        ),
        sa.ForeignKeyConstraint(["target_id"], ["statements.id"], name=op.f("fk_treatments_target_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_treatments")),
    )
    op.create_index("ix_treatments_statement", "treatments", ["statement_id"], unique=False)
    op.create_index(
        "uq_treatments_current",
        "treatments",
        ["deliverable_id", "statement_id"],
        unique=True,
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "waivers",
        sa.Column("deliverable_id", sa.Uuid(), nullable=False),
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("statement_id", sa.Uuid(), nullable=False),
        sa.Column("revision_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("mandate_id", sa.Uuid(), nullable=True),
        sa.Column("capacity", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "capacity IN ('organisation', 'personal', 'observer')", name=op.f("ck_waivers_capacity_known")
        ),
        sa.CheckConstraint(
            "kind IN ('untreated', 'outdated_treatment', 'outdated_citation')",
            name=op.f("ck_waivers_kind_known"),
        ),
        sa.CheckConstraint("char_length(reason) >= 10", name=op.f("ck_waivers_reason_said")),
        sa.CheckConstraint(
            "person_id IS NOT NULL AND organisation_id IS NOT NULL AND mandate_id IS NOT NULL",
            name=op.f("ck_waivers_speaker"),
        ),
        sa.ForeignKeyConstraint(
            ["deliverable_id", "initiative_id"],
            ["deliverables.id", "deliverables.initiative_id"],
            name=op.f("fk_waivers_deliverable_id_initiative_id"),
        ),
        sa.ForeignKeyConstraint(
            ["mandate_id", "person_id", "organisation_id"],
            ["mandates.id", "mandates.person_id", "mandates.organisation_id"],
            name=op.f("fk_waivers_mandate_id_person_id_organisation_id"),
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_waivers_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_waivers_person_id")),
        sa.ForeignKeyConstraint(
            ["revision_id", "statement_id"],
            ["revisions.id", "revisions.statement_id"],
            name=op.f("fk_waivers_revision_id_statement_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waivers")),
    )
    op.create_index(
        "uq_waivers_current",
        "waivers",
        ["deliverable_id", "statement_id", "kind"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_table(
        "citations",
        sa.Column("deliverable_id", sa.Uuid(), nullable=False),
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("extract_id", sa.Uuid(), nullable=False),
        sa.Column("statement_id", sa.Uuid(), nullable=False),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("mandate_id", sa.Uuid(), nullable=True),
        sa.Column("capacity", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "capacity IN ('organisation', 'personal', 'observer')", name=op.f("ck_citations_capacity_known")
        ),
        sa.CheckConstraint(
            "relation IN ('quotes', 'supports', 'nuances', 'contradicts')",
            name=op.f("ck_citations_relation_known"),
        ),
        sa.CheckConstraint(
            "person_id IS NOT NULL AND organisation_id IS NOT NULL AND mandate_id IS NOT NULL",
            name=op.f("ck_citations_speaker"),
        ),
        sa.ForeignKeyConstraint(
            ["deliverable_id", "initiative_id"],
            ["deliverables.id", "deliverables.initiative_id"],
            name=op.f("fk_citations_deliverable_id_initiative_id"),
        ),
        sa.ForeignKeyConstraint(
            ["extract_id", "statement_id"],
            ["extracts.id", "extracts.statement_id"],
            name=op.f("fk_citations_extract_id_statement_id"),
        ),
        sa.ForeignKeyConstraint(
            ["mandate_id", "person_id", "organisation_id"],
            ["mandates.id", "mandates.person_id", "mandates.organisation_id"],
            name=op.f("fk_citations_mandate_id_person_id_organisation_id"),
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_citations_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_citations_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_citations")),
        sa.UniqueConstraint(
            "deliverable_id",
            "extract_id",
            "relation",
            name=op.f("uq_citations_deliverable_id_extract_id_relation"),
        ),
        sa.UniqueConstraint("deliverable_id", "number", name=op.f("uq_citations_deliverable_id_number")),
        sa.UniqueConstraint("id", "deliverable_id", name="uq_citations_place"),
    )
    op.create_index("ix_citations_statement", "citations", ["statement_id"], unique=False)
    op.create_table(
        "edition_passages",
        sa.Column("edition_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("section_id", sa.Uuid(), nullable=False),
        sa.Column("passage_revision_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name=op.f("fk_edition_passages_edition_id")),
        sa.ForeignKeyConstraint(
            ["passage_revision_id"],
            ["passage_revisions.id"],
            name=op.f("fk_edition_passages_passage_revision_id"),
        ),
        sa.ForeignKeyConstraint(["section_id"], ["sections.id"], name=op.f("fk_edition_passages_section_id")),
        sa.PrimaryKeyConstraint("edition_id", "ordinal", name=op.f("pk_edition_passages")),
    )
    op.create_index("ix_edition_passages_revision", "edition_passages", ["passage_revision_id"], unique=False)
    op.create_table(
        "extract_filings",
        sa.Column("theme_id", sa.Uuid(), nullable=False),
        sa.Column("extract_id", sa.Uuid(), nullable=False),
        sa.Column("by_person", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_person"], ["persons.id"], name=op.f("fk_extract_filings_by_person")),
        sa.ForeignKeyConstraint(["extract_id"], ["extracts.id"], name=op.f("fk_extract_filings_extract_id")),
        sa.ForeignKeyConstraint(
            ["theme_id"], ["themes.id"], name=op.f("fk_extract_filings_theme_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("theme_id", "extract_id", name=op.f("pk_extract_filings")),
    )
    op.create_index("ix_extract_filings_extract", "extract_filings", ["extract_id"], unique=False)
    op.create_table(
        "citation_acks",
        sa.Column("citation_id", sa.Uuid(), nullable=False),
        sa.Column("deliverable_id", sa.Uuid(), nullable=False),
        sa.Column("seen_revision_id", sa.Uuid(), nullable=False),
        sa.Column("seen_state", sa.Text(), nullable=False),
        sa.Column("choice", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("replaced_by", sa.Uuid(), nullable=True),
        sa.Column("by_person", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("choice IN ('renewed', 'kept', 'removed')", name=op.f("ck_citation_acks_choice_known")),
        sa.ForeignKeyConstraint(["by_person"], ["persons.id"], name=op.f("fk_citation_acks_by_person")),
        sa.ForeignKeyConstraint(["citation_id"], ["citations.id"], name=op.f("fk_citation_acks_citation_id")),
        sa.ForeignKeyConstraint(["replaced_by"], ["citations.id"], name=op.f("fk_citation_acks_replaced_by")),
        sa.ForeignKeyConstraint(["seen_revision_id"], ["revisions.id"], name=op.f("fk_citation_acks_seen_revision_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_citation_acks")),
    )
    op.create_index("ix_citation_acks_citation", "citation_acks", ["citation_id", "id"], unique=False)
    op.create_table(
        "edition_citations",
        sa.Column("edition_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("citation_id", sa.Uuid(), nullable=False),
        sa.Column("statement_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["citation_id"], ["citations.id"], name=op.f("fk_edition_citations_citation_id")),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name=op.f("fk_edition_citations_edition_id")),
        sa.ForeignKeyConstraint(["statement_id"], ["statements.id"], name=op.f("fk_edition_citations_statement_id")),
        sa.PrimaryKeyConstraint("edition_id", "number", name=op.f("pk_edition_citations")),
    )
    op.create_index("ix_edition_citations_statement", "edition_citations", ["statement_id"], unique=False)
    op.create_table(
        "passage_revision_citations",
        sa.Column("passage_revision_id", sa.Uuid(), nullable=False),
        sa.Column("citation_id", sa.Uuid(), nullable=False),
        sa.Column("deliverable_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["citation_id", "deliverable_id"],
            ["citations.id", "citations.deliverable_id"],
            name=op.f("fk_passage_revision_citations_citation_id_deliverable_id"),
        ),
        sa.ForeignKeyConstraint(
            ["passage_revision_id", "deliverable_id"],
            ["passage_revisions.id", "passage_revisions.deliverable_id"],
            name=op.f("fk_passage_revision_citations_passage_revision_id_deliverable_id"),
        ),
        sa.PrimaryKeyConstraint("passage_revision_id", "citation_id", name=op.f("pk_passage_revision_citations")),
    )
    op.create_index(
        "ix_passage_revision_citations_citation", "passage_revision_citations", ["citation_id"], unique=False
    )
    op.create_foreign_key(
        "fk_statements_head",
        "statements",
        "revisions",
        ["head_id", "id"],
        ["id", "statement_id"],
        deferrable=True,
        initially="DEFERRED",
    )
    op.create_foreign_key(
        "fk_passages_head",
        "passages",
        "passage_revisions",
        ["head_id", "id"],
        ["id", "passage_id"],
        deferrable=True,
        initially="DEFERRED",
    )


def downgrade() -> None:
    """Undo."""
    op.drop_constraint("fk_passages_head", "passages")
    op.drop_constraint("fk_statements_head", "statements")
    op.drop_index("ix_passage_revision_citations_citation", table_name="passage_revision_citations")
    op.drop_table("passage_revision_citations")
    op.drop_index("ix_edition_citations_statement", table_name="edition_citations")
    op.drop_table("edition_citations")
    op.drop_index("ix_citation_acks_citation", table_name="citation_acks")
    op.drop_table("citation_acks")
    op.drop_index("ix_extract_filings_extract", table_name="extract_filings")
    op.drop_table("extract_filings")
    op.drop_index("ix_edition_passages_revision", table_name="edition_passages")
    op.drop_table("edition_passages")
    op.drop_index("ix_citations_statement", table_name="citations")
    op.drop_table("citations")
    op.drop_index("uq_waivers_current", table_name="waivers", postgresql_where=sa.text("revoked_at IS NULL"))
    op.drop_table("waivers")
    op.drop_index("uq_treatments_current", table_name="treatments", postgresql_where=sa.text("superseded_at IS NULL"))
    op.drop_index("ix_treatments_statement", table_name="treatments")
    op.drop_table("treatments")
    op.drop_table("passage_revisions")
    op.drop_index("ix_extracts_statement", table_name="extracts")
    op.drop_index("ix_extracts_initiative", table_name="extracts")
    op.drop_table("extracts")
    op.drop_table("erasures")
    op.drop_table("tallies")
    op.drop_index("ix_sources_statement", table_name="sources")
    op.drop_table("sources")
    op.drop_table("revisions")
    op.drop_index("uq_positions_current", table_name="positions", postgresql_where=sa.text("superseded_at IS NULL"))
    op.drop_index("ix_positions_organisation", table_name="positions")
    op.drop_table("positions")
    op.drop_index("ix_passages_order", table_name="passages", postgresql_where=sa.text("removed_at IS NULL"))
    op.drop_index("ix_passages_deliverable", table_name="passages", postgresql_where=sa.text("removed_at IS NULL"))
    op.drop_table("passages")
    op.drop_index("ix_filings_statement", table_name="filings")
    op.drop_table("filings")
    op.drop_index(
        "ix_statements_tags",
        table_name="statements",
        postgresql_using="gin",
        postgresql_where=sa.text("tags <> '{}'"),
    )
    op.drop_index("ix_statements_session", table_name="statements", postgresql_where=sa.text("session_id IS NOT NULL"))
    op.drop_index("ix_statements_replies", table_name="statements", postgresql_where=sa.text("type = 'reply'"))
    op.drop_index(
        "ix_statements_feed_by_organisation",
        table_name="statements",
        postgresql_where=sa.text("type = 'contribution' AND state = 'published'"),
    )
    op.drop_index(
        "ix_statements_feed",
        table_name="statements",
        postgresql_where=sa.text("type = 'contribution' AND state = 'published'"),
    )
    op.drop_index("ix_statements_author", table_name="statements")
    op.drop_table("statements")
    op.drop_index("ix_sections_order", table_name="sections")
    op.drop_table("sections")
    op.drop_table("minutes_revisions")
    op.drop_table("edition_withdrawals")
    op.drop_table("edition_files")
    op.drop_table("decisions")
    op.drop_table("attendances")
    op.drop_index("ix_themes_initiative", table_name="themes")
    op.drop_table("themes")
    op.drop_index("ix_space_members_organisation", table_name="space_members")
    op.drop_table("space_members")
    op.drop_index("ix_sessions_starts", table_name="sessions")
    op.drop_table("sessions")
    op.drop_table("scope_spaces")
    op.drop_index("ix_refresh_tokens_login", table_name="refresh_tokens")
    op.drop_table("refresh_tokens")
    op.drop_index("ix_facilitators_person", table_name="facilitators")
    op.drop_table("facilitators")
    op.drop_index("ix_editions_initiative", table_name="editions")
    op.drop_table("editions")
    op.drop_table("terms")
    op.drop_index("ix_spaces_public", table_name="spaces", postgresql_where=sa.text("visibility = 'public'"))
    op.drop_table("spaces")
    op.drop_index("ix_phases_initiative", table_name="phases")
    op.drop_table("phases")
    op.drop_index("ix_participations_organisation", table_name="participations")
    op.drop_table("participations")
    op.drop_index("ix_milestones_initiative", table_name="milestones")
    op.drop_table("milestones")
    op.drop_index("ix_mandates_organisation", table_name="mandates")
    op.drop_table("mandates")
    op.drop_index("ix_logins_person", table_name="logins")
    op.drop_table("logins")
    op.drop_index("ix_invitations_organisation", table_name="invitations")
    op.drop_table("invitations")
    op.drop_index("ix_deliverables_initiative", table_name="deliverables")
    op.drop_table("deliverables")
    op.drop_index("ix_api_tokens_person", table_name="api_tokens")
    op.drop_table("api_tokens")
    op.drop_index("ix_access_grants_initiative", table_name="access_grants")
    op.drop_table("access_grants")
    op.drop_index("uq_persons_email", table_name="persons")
    op.drop_table("persons")
    op.drop_index("uq_organisations_name", table_name="organisations")
    op.drop_table("organisations")
    op.drop_table("initiatives")
    op.drop_index("ix_idempotency_at", table_name="idempotency")
    op.drop_table("idempotency")
    op.drop_index("ix_findables_words", table_name="findables", postgresql_using="gin")
    op.drop_index("ix_findables_newest", table_name="findables")
    op.drop_table("findables")
    op.drop_index("ix_external_refs_object", table_name="external_refs")
    op.drop_table("external_refs")
    op.drop_index("ix_events_space", table_name="events", postgresql_where=sa.text("space_id IS NOT NULL"))
    op.drop_index(
        "ix_events_organisation", table_name="events", postgresql_where=sa.text("organisation_id IS NOT NULL")
    )
    op.drop_index("ix_events_object", table_name="events")
    op.drop_index("ix_events_initiative", table_name="events", postgresql_where=sa.text("initiative_id IS NOT NULL"))
    op.drop_index("ix_events_horizon", table_name="events")
    op.drop_table("events")
    op.drop_table("event_cursors")
    op.drop_table("attempts")
