"""RULES: what each action takes. Read a clause aloud: all of its predicates; any clause is enough.

    "A statement is read by whoever is inside its space when it is shown; or from outside when
    its author let it out; or by its author, while still inside."

The administrator stands in no rule that reads what people say: reading restricted content
takes an opened access grant, which makes its spaces "inner" for an hour, and leaves a trace.
"""

from __future__ import annotations

from app.policy.actions import Action
from app.policy.predicates import (
    Predicate,
    answers_what_is_to_be_named,
    anybody,
    belongs_to_organisation,
    facilitates,
    facilitates_this,
    has_open_minutes,
    is_a_draft,
    is_administrator,
    is_author,
    is_being_written,
    is_editable,
    is_for_every_initiative,
    is_inside,
    is_inside_this,
    is_kept_from_view,
    is_moderated,
    is_not_archived,
    is_not_locked,
    is_of_everybody,
    is_oneself,
    is_open,
    is_outside,
    is_outside_this,
    is_planned,
    is_public_event,
    is_public_initiative,
    is_released,
    is_said,
    is_shown,
    is_standing,
    is_the_authors_own,
    is_the_organisations_word,
    is_to_be_named,
    is_told_to_pilots,
    is_told_to_the_initiative,
    is_told_to_the_organisation,
    is_told_to_the_space,
    manages_organisation,
    manages_organisation_here,
    manages_this_organisation,
    pilots,
    pilots_this,
    speaks_here,
    speaks_in_the_initiative,
    speaks_in_this,
    takes_part,
    takes_part_here,
    voices_it_in_the_initiative,
    voices_its_organisation,
    voices_its_owner,
    voices_who_spoke,
)

Clause = tuple[Predicate, ...]

RULES: dict[Action, tuple[Clause, ...]] = {
    # Organisations and people
    Action.ORGANISATION_READ: ((anybody,),),
    Action.ORGANISATION_CREATE: ((is_administrator,),),
    Action.ORGANISATION_EDIT: ((manages_this_organisation,), (is_administrator,)),
    # A mandate, an invitation or its event names the initiative that it is for: read by those who take part there
    Action.MANDATE_READ: (
        (is_author,),
        (belongs_to_organisation, is_for_every_initiative),
        (belongs_to_organisation, takes_part),
        (is_administrator,),
    ),
    Action.MANDATE_GIVE: ((manages_organisation,), (manages_organisation_here,), (is_administrator,)),
    Action.MANDATE_END: ((manages_organisation,), (manages_organisation_here,), (is_administrator,)),
    Action.MANDATE_RESIGN: ((is_author,),),
    Action.INVITATION_READ: (
        (manages_organisation, is_for_every_initiative),
        (manages_organisation_here,),
        (is_administrator,),
    ),
    Action.INVITATION_SEND: ((manages_organisation,), (manages_organisation_here,), (is_administrator,)),
    Action.PERSON_EDIT: ((is_oneself,),),
    Action.ACCOUNT_MANAGE: ((is_administrator,),),
    Action.ACCESS_OPEN: ((is_administrator,),),
    Action.ACCESS_READ: ((pilots,), (is_administrator,)),
    # Initiatives and spaces
    Action.INITIATIVE_READ: ((takes_part_here,), (is_public_initiative,), (is_administrator,)),
    Action.INITIATIVE_CREATE: ((is_administrator,),),
    Action.INITIATIVE_EDIT: ((pilots_this, is_not_archived), (is_administrator, is_not_archived)),
    Action.SPACE_READ: ((is_inside_this,), (is_outside_this,)),
    Action.SPACE_ASK: ((is_outside_this,),),
    Action.REQUEST_READ: ((pilots,), (facilitates,)),
    Action.SPACE_CREATE: ((pilots_this, is_not_archived),),
    Action.SPACE_EDIT: ((pilots,), (facilitates_this,)),
    Action.SPACE_SHOW: ((pilots,),),
    Action.FACILITATOR_READ: ((is_inside,),),
    # Sessions
    Action.SESSION_READ: ((is_inside,), (is_of_everybody, takes_part)),
    Action.SESSION_ATTACH: ((pilots, is_not_locked), (facilitates, is_not_locked)),
    Action.SESSION_PLAN: ((pilots,), (facilitates_this,)),
    Action.SESSION_EDIT: ((pilots, is_not_locked), (facilitates, is_not_locked)),
    Action.ATTENDANCE_RECORD: ((pilots, is_not_locked), (facilitates, is_not_locked)),
    Action.MINUTES_READ: ((is_inside,), (is_of_everybody, takes_part)),
    Action.MINUTES_WRITE: ((pilots, is_not_locked), (facilitates, is_not_locked)),
    Action.DECISION_WRITE: ((pilots, is_not_locked), (facilitates, is_not_locked)),
    # What is to be done is done after the session: the lock holds its words, and lets its owner say so
    Action.ACTION_CLOSE: ((pilots,), (facilitates,), (voices_its_owner,)),
    Action.SESSION_ANSWER: ((speaks_here, is_planned), (is_of_everybody, speaks_in_the_initiative, is_planned)),
    Action.NOTE_WRITE: (
        (pilots, is_not_locked),
        (facilitates, is_not_locked),
        (speaks_here, is_not_locked),
        (is_of_everybody, speaks_in_the_initiative, is_not_locked),
    ),
    Action.NOTE_EDIT: (
        (pilots, is_not_locked),
        (facilitates, is_not_locked),
        (is_author, voices_its_organisation, is_not_locked),
        (is_author, is_of_everybody, voices_it_in_the_initiative, is_not_locked),
    ),
    Action.NOTE_TAKE_UP: ((voices_who_spoke, is_not_locked),),
    Action.AMENDMENT_PROPOSE: (
        (speaks_here, has_open_minutes),
        (is_of_everybody, speaks_in_the_initiative, has_open_minutes),
    ),
    Action.AMENDMENT_DECIDE: ((pilots, has_open_minutes), (facilitates, has_open_minutes)),
    Action.AMENDMENT_WITHDRAW: (
        (voices_its_organisation, has_open_minutes),
        (is_of_everybody, voices_it_in_the_initiative, has_open_minutes),
    ),
    # What is said
    Action.STATEMENT_READ: ((is_shown, is_inside), (is_released, is_outside), (is_author, is_inside)),
    Action.CONTRIBUTION_SUBMIT: ((speaks_in_this, is_open),),
    Action.STATEMENT_REPLY: ((speaks_here, is_said),),
    Action.STATEMENT_EDIT: ((is_author, voices_its_organisation, is_editable),),
    Action.STATEMENT_PUBLISH: ((is_author, voices_its_organisation, is_a_draft),),
    Action.STATEMENT_WITHDRAW: (
        (is_author, is_the_authors_own, is_editable),
        (is_author, voices_its_organisation, is_editable),
        (manages_organisation_here, is_the_organisations_word, is_said),
    ),
    Action.STATEMENT_MODERATE: ((pilots, is_said), (facilitates, is_said)),
    Action.STATEMENT_ERASE: ((is_administrator,),),
    Action.STATEMENT_RESTORE: ((pilots, is_moderated), (facilitates, is_moderated)),
    Action.STATEMENT_SOURCE: (
        (is_author, voices_its_organisation, is_editable),
        (voices_its_organisation, is_the_organisations_word, is_said),
    ),
    Action.STATEMENT_ATTACH: (
        (is_author, voices_its_organisation, is_editable),
        (voices_its_organisation, is_the_organisations_word, is_said),
    ),
    # Files follow the words. They are not the words, which alone an author may let out under a profile: outside,
    # they are read only where the name goes with them. Hidden words keep theirs for the author and for moderators.
    Action.ATTACHMENT_READ: (
        (is_standing, is_shown, is_inside),
        (is_released, is_to_be_named, answers_what_is_to_be_named, is_outside),
        (is_author, is_inside),
        (is_kept_from_view, is_shown, pilots),
        (is_kept_from_view, is_shown, facilitates),
    ),
    Action.POSITION_TAKE: ((speaks_here, is_said),),
    # What comes out
    Action.THEME_READ: ((is_inside,), (is_outside,), (is_of_everybody, takes_part)),
    Action.THEME_EDIT: ((pilots,), (facilitates,)),
    Action.EXTRACT_READ: ((pilots,), (facilitates,)),
    Action.EXTRACT_HARVEST: ((pilots, is_said), (facilitates, is_said)),
    Action.DELIVERABLE_CREATE: ((pilots_this, is_not_archived),),
    Action.DELIVERABLE_READ: ((pilots,),),
    Action.DELIVERABLE_WRITE: ((pilots, is_being_written),),
    Action.DELIVERABLE_MANAGE: ((pilots,),),
    Action.DELIVERABLE_PUBLISH: ((pilots, is_being_written),),
    Action.CITATION_ACKNOWLEDGE: ((pilots, is_being_written),),
    Action.COVERAGE_READ: ((pilots,),),
    Action.EDITION_READ: ((anybody,),),
    Action.EDITION_WITHDRAW: ((pilots,),),
    # One's own, before it is said: no administrator, no grant, no mandate opens it
    Action.DRAFT_READ: ((is_author,),),
    Action.DRAFT_WRITE: ((is_author,),),
    # Operating
    Action.AUDIT_READ: ((manages_organisation,), (manages_organisation_here,)),
    Action.FINDABLE_READ: ((is_inside,), (is_released, is_outside), (is_of_everybody,)),
    Action.EVENT_READ: (
        (is_administrator,),
        (pilots, is_told_to_pilots),
        (is_inside, is_told_to_the_space),
        (takes_part, is_outside, is_told_to_the_initiative),
        (takes_part, is_of_everybody, is_told_to_the_initiative),
        (belongs_to_organisation, is_for_every_initiative, is_told_to_the_organisation),
        (belongs_to_organisation, takes_part, is_told_to_the_organisation),
        # One's own acts, but for those done in a space that one has left since
        (is_author, is_inside),
        (is_author, is_of_everybody),
        (is_public_event,),
    ),
    Action.IMPORT_RUN: ((is_administrator,),),
}

READS = frozenset(action for action in Action if action.value.endswith(":read"))

ABILITIES: dict[str, tuple[Action, ...]] = {
    "organisation": (Action.ORGANISATION_EDIT,),
    "mandate": (Action.MANDATE_END, Action.MANDATE_RESIGN),
    "invitation": (Action.INVITATION_SEND,),
    "person": (Action.PERSON_EDIT, Action.ACCOUNT_MANAGE),
    "initiative": (
        Action.INITIATIVE_EDIT,
        Action.SPACE_CREATE,
        Action.DELIVERABLE_CREATE,
        Action.ACCESS_OPEN,
    ),
    "space": (Action.SPACE_EDIT, Action.SPACE_SHOW, Action.SESSION_PLAN, Action.CONTRIBUTION_SUBMIT),
    "session": (
        Action.SESSION_EDIT,
        Action.SESSION_ANSWER,
        Action.ATTENDANCE_RECORD,
        Action.NOTE_WRITE,
        Action.MINUTES_WRITE,
        Action.AMENDMENT_PROPOSE,
        Action.DECISION_WRITE,
        Action.SESSION_ATTACH,
    ),
    "note": (Action.NOTE_EDIT, Action.NOTE_TAKE_UP),
    "statement": (
        Action.STATEMENT_EDIT,
        Action.STATEMENT_PUBLISH,
        Action.STATEMENT_WITHDRAW,
        Action.STATEMENT_REPLY,
        Action.STATEMENT_SOURCE,
        Action.STATEMENT_ATTACH,
        Action.POSITION_TAKE,
        Action.STATEMENT_MODERATE,
        Action.STATEMENT_RESTORE,
        Action.STATEMENT_ERASE,
        Action.EXTRACT_HARVEST,
    ),
    "contribution_attachment": (Action.STATEMENT_ATTACH,),
    "session_attachment": (Action.SESSION_ATTACH,),
    "theme": (Action.THEME_EDIT,),
    "extract": (),
    "deliverable": (
        Action.DELIVERABLE_WRITE,
        Action.DELIVERABLE_MANAGE,
        Action.DELIVERABLE_PUBLISH,
        Action.COVERAGE_READ,
    ),
    "edition": (Action.EDITION_WITHDRAW,),
}
"""What each object tells about itself in `abilities`."""

__all__ = ["ABILITIES", "READS", "RULES", "Clause"]
