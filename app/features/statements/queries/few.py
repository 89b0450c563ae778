"""Fewer than three: what would point at somebody, in one place for every text that leaves the space (promise 7).

Counted are the organisations that take part today, other than as observers: an observer cannot have
spoken, and whoever left is nobody that a reader would look for behind a profile. A report counts those of the
initiative; beside words, those of the space where they were said, since its members may be known.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import FromClause

from app.features.identity.models import Organisation
from app.features.initiatives.models import Participation
from app.features.spaces.models import Space
from app.policy.actor import ParticipationRole

FEWEST = 3
"""Fewer organisations than this are not told by their profile; lower counts are merged with others."""

FEW = "fewer_than_three"
"""One or two: which of them is not told."""
THE_OTHERS = "the_others"
"""Those that did not answer, where their number would give away a count that is not told."""

PA: FromClause = Participation.__table__.alias("taking_part")
OTHERS: FromClause = Organisation.__table__.alias("others")
SHARING: FromClause = PA.join(OTHERS, OTHERS.c.id == PA.c.organisation_id)
TAKES_PART: ColumnElement[bool] = (PA.c.role != ParticipationRole.OBSERVER) & PA.c.during.contains(func.now())


def profile_sizes(initiative_id: Any) -> Select[Any]:
    """How many organisations of an initiative (an id, or SQL for one) share each profile: `profile` and `size`."""
    return (
        select(OTHERS.c.profile, func.count().label("size"))
        .select_from(SHARING)
        .where(PA.c.initiative_id == initiative_id, TAKES_PART)
        .group_by(OTHERS.c.profile)
    )


def told_profiles(spaces: Any) -> Any:
    """The pairs (`space_id`, `profile`) that may be told of words that leave these spaces (an array of ids, or SQL for one).

    A profile is told where at least three members of the space that may speak share it, and where what is not told
    covers at least three (the function `told_profiles` of the database).
    """
    return func.told_profiles(spaces).table_valued("space_id", "profile", name="told_profiles")


def spaces_of(initiative_id: Any) -> Any:
    """The ids of an initiative's spaces, as an array."""
    return func.array(select(Space.id).where(Space.initiative_id == initiative_id).scalar_subquery())


def profile_told(told: Any, space_id: Any, profile: Any) -> ColumnElement[bool]:
    """The join of a row with `told_profiles`."""
    return and_(told.c.space_id == space_id, told.c.profile == profile)


def told(count: int) -> int | str:
    """A count as it may be published: 0, three and more as they are, one and two alike."""
    return count if count == 0 or count >= FEWEST else FEW


def told_positions(supports: int, nuances: int, objects: int) -> dict[str, int | str]:
    """Where organisations stand. One or two nuances, or objections, are counted together: never left out."""
    counts: dict[str, int | str] = {"supports": told(supports)}
    if 0 < nuances < FEWEST or 0 < objects < FEWEST:
        return counts | {"reservations_or_objections": told(nuances + objects)}
    return counts | {"nuances": nuances, "objects": objects}


def told_silence(silent: int, positions: dict[str, int | str]) -> int | str:
    """How many organisations gave no answer: always said, and without its number where a subtraction would tell."""
    if silent == 0:
        return 0
    return THE_OTHERS if silent < FEWEST or FEW in positions.values() else silent
