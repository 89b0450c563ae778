"""Everything that somebody can be allowed to do, by name. Each has a rule in `rules.py`; a test proves it."""

from __future__ import annotations

from enum import StrEnum


class Action(StrEnum):
    """`thing:verb`, alphabetical."""

    ACCESS_OPEN = "access:open"
    """Open a reasoned, one-hour access to restricted content (administrator)."""
    ACCESS_READ = "access:read"
    """See who was given such an access, when and why."""
    ACCOUNT_MANAGE = "account:manage"
    """Create, disable: administrators."""
    ACTION_CLOSE = "action:close"
    """Say that what was to be done is done, or is not."""
    AMENDMENT_DECIDE = "amendment:decide"
    AMENDMENT_PROPOSE = "amendment:propose"
    """Amend the minutes, or say that they were read: organisations that came."""
    AMENDMENT_WITHDRAW = "amendment:withdraw"
    ATTACHMENT_READ = "attachment:read"
    """Read the files of a contribution: those of a session are read by whoever reads the session."""
    ATTENDANCE_RECORD = "attendance:record"
    AUDIT_READ = "audit:read"
    """Everything that was done for an organisation, or to what is its own."""
    CITATION_ACKNOWLEDGE = "citation:acknowledge"
    CONTRIBUTION_SUBMIT = "contribution:submit"
    COVERAGE_READ = "coverage:read"
    DECISION_WRITE = "decision:write"
    DELIVERABLE_CREATE = "deliverable:create"
    DELIVERABLE_MANAGE = "deliverable:manage"
    """Close, reopen."""
    DELIVERABLE_PUBLISH = "deliverable:publish"
    DELIVERABLE_READ = "deliverable:read"
    """Read it before publication: co-pilots."""
    DELIVERABLE_WRITE = "deliverable:write"
    """Sections, passages, citations, treatments, waivers."""
    DRAFT_READ = "draft:read"
    """One's own, that was not sent."""
    DRAFT_WRITE = "draft:write"
    EDITION_READ = "edition:read"
    EDITION_WITHDRAW = "edition:withdraw"
    EVENT_READ = "event:read"
    EXTRACT_HARVEST = "extract:harvest"
    EXTRACT_READ = "extract:read"
    FACILITATOR_READ = "facilitator:read"
    """Facilitators are named inside their space; outside they are a number."""
    FINDABLE_READ = "findable:read"
    """Find it by a search."""
    IMPORT_RUN = "import:run"
    INITIATIVE_CREATE = "initiative:create"
    INITIATIVE_EDIT = "initiative:edit"
    """Texts, dates, phases, milestones, taxonomies, participations, state."""
    INITIATIVE_READ = "initiative:read"
    INVITATION_READ = "invitation:read"
    INVITATION_SEND = "invitation:send"
    MANDATE_GIVE = "mandate:give"
    MANDATE_END = "mandate:end"
    MANDATE_READ = "mandate:read"
    MANDATE_RESIGN = "mandate:resign"
    """End one's own."""
    MINUTES_READ = "minutes:read"
    MINUTES_WRITE = "minutes:write"
    NOTE_EDIT = "note:edit"
    NOTE_TAKE_UP = "note:take_up"
    """Make one's organisation's contribution of what it was heard saying."""
    NOTE_WRITE = "note:write"
    ORGANISATION_CREATE = "organisation:create"
    ORGANISATION_EDIT = "organisation:edit"
    ORGANISATION_READ = "organisation:read"
    PERSON_EDIT = "person:edit"
    POSITION_TAKE = "position:take"
    REQUEST_READ = "request:read"
    """Who asked to be let into a space."""
    SESSION_ANSWER = "session:answer"
    """Say whether one's organisation comes."""
    SESSION_ATTACH = "session:attach"
    """Add its papers, and remove them."""
    SESSION_EDIT = "session:edit"
    SESSION_PLAN = "session:plan"
    SESSION_READ = "session:read"
    SPACE_ASK = "space:ask"
    """Ask those who run it to be let in."""
    SPACE_CREATE = "space:create"
    SPACE_EDIT = "space:edit"
    """Texts, members, facilitators, opening and closing."""
    SPACE_READ = "space:read"
    SPACE_SHOW = "space:show"
    """Choose who may read it: its members, the initiative, everybody."""
    STATEMENT_ATTACH = "statement:attach"
    """Add files, and remove them."""
    STATEMENT_EDIT = "statement:edit"
    STATEMENT_ERASE = "statement:erase"
    """Blank its words for good, with a reason (administrator)."""
    STATEMENT_MODERATE = "statement:moderate"
    STATEMENT_PUBLISH = "statement:publish"
    STATEMENT_READ = "statement:read"
    STATEMENT_REPLY = "statement:reply"
    STATEMENT_RESTORE = "statement:restore"
    STATEMENT_SOURCE = "statement:source"
    STATEMENT_WITHDRAW = "statement:withdraw"
    THEME_EDIT = "theme:edit"
    THEME_READ = "theme:read"


IN_FRENCH: dict[Action, str] = {
    Action.ACCESS_OPEN: "ouvrir un accès d’administrateur",
    Action.ACCESS_READ: "lire les accès d’administrateur",
    Action.ACCOUNT_MANAGE: "gérer les comptes",
    Action.ACTION_CLOSE: "dire qu’une action est faite",
    Action.AMENDMENT_DECIDE: "accepter ou refuser une correction",
    Action.AMENDMENT_PROPOSE: "corriger ou valider un compte rendu",
    Action.AMENDMENT_WITHDRAW: "retirer une correction",
    Action.ATTACHMENT_READ: "lire les fichiers joints",
    Action.ATTENDANCE_RECORD: "noter les présences",
    Action.AUDIT_READ: "lire ce qui a été fait au nom de cette organisation",
    Action.CITATION_ACKNOWLEDGE: "prendre acte d’une citation",
    Action.CONTRIBUTION_SUBMIT: "contribuer dans cet espace",
    Action.COVERAGE_READ: "lire la couverture d’un livrable",
    Action.DECISION_WRITE: "écrire une décision",
    Action.DELIVERABLE_CREATE: "créer un livrable",
    Action.DELIVERABLE_MANAGE: "clore ou rouvrir un livrable",
    Action.DELIVERABLE_PUBLISH: "publier une édition",
    Action.DELIVERABLE_READ: "lire un livrable avant sa publication",
    Action.DELIVERABLE_WRITE: "écrire dans un livrable",
    Action.DRAFT_READ: "lire ce brouillon",
    Action.DRAFT_WRITE: "écrire ce brouillon",
    Action.EDITION_READ: "lire une édition",
    Action.EDITION_WITHDRAW: "retirer une édition",
    Action.EVENT_READ: "lire ce qui s’est passé",
    Action.EXTRACT_HARVEST: "récolter un extrait",
    Action.EXTRACT_READ: "lire les extraits",
    Action.FACILITATOR_READ: "lire qui anime cet espace",
    Action.FINDABLE_READ: "trouver par la recherche",
    Action.IMPORT_RUN: "importer une consultation",
    Action.INITIATIVE_CREATE: "créer une démarche",
    Action.INITIATIVE_EDIT: "modifier une démarche",
    Action.INITIATIVE_READ: "lire une démarche",
    Action.INVITATION_READ: "lire une invitation",
    Action.INVITATION_SEND: "inviter une personne",
    Action.MANDATE_GIVE: "donner un mandat",
    Action.MANDATE_END: "terminer un mandat",
    Action.MANDATE_RESIGN: "rendre ce mandat",
    Action.MANDATE_READ: "lire un mandat",
    Action.MINUTES_READ: "lire un compte rendu",
    Action.MINUTES_WRITE: "écrire le compte rendu",
    Action.NOTE_EDIT: "modifier cette note",
    Action.NOTE_TAKE_UP: "reprendre cette note en contribution",
    Action.NOTE_WRITE: "prendre des notes",
    Action.ORGANISATION_CREATE: "créer une organisation",
    Action.ORGANISATION_EDIT: "décrire une organisation",
    Action.ORGANISATION_READ: "lire une organisation",
    Action.PERSON_EDIT: "modifier ce compte",
    Action.POSITION_TAKE: "prendre position",
    Action.SESSION_ANSWER: "répondre à une séance",
    Action.SESSION_ATTACH: "joindre ou retirer un document de séance",
    Action.REQUEST_READ: "lire qui demande l’accès",
    Action.SESSION_EDIT: "modifier une séance",
    Action.SESSION_PLAN: "prévoir une séance",
    Action.SESSION_READ: "lire une séance",
    Action.SPACE_ASK: "demander l’accès à cet espace",
    Action.SPACE_CREATE: "ouvrir un espace",
    Action.SPACE_EDIT: "modifier un espace",
    Action.SPACE_READ: "lire un espace",
    Action.SPACE_SHOW: "choisir qui lit un espace",
    Action.STATEMENT_ATTACH: "joindre ou retirer un fichier",
    Action.STATEMENT_EDIT: "modifier ces mots",
    Action.STATEMENT_MODERATE: "modérer ces mots",
    Action.STATEMENT_ERASE: "effacer ces mots",
    Action.STATEMENT_PUBLISH: "publier ce brouillon",
    Action.STATEMENT_READ: "lire ces mots",
    Action.STATEMENT_REPLY: "répondre",
    Action.STATEMENT_RESTORE: "rétablir ces mots",
    Action.STATEMENT_SOURCE: "ajouter ou retirer une source",
    Action.STATEMENT_WITHDRAW: "retirer ces mots",
    Action.THEME_EDIT: "modifier les thèmes",
    Action.THEME_READ: "lire les thèmes",
}
"""What a refusal calls each of them."""
