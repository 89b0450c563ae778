"""Fewer than three: what would point at somebody, in one place for every text that leaves the space (promise 7).

The organisations that share a profile are those that take part in the initiative today, other than as
observers. It is the smallest of the counts that could be meant, so the one that tells least: an
observer cannot have spoken, and whoever left is nobody that a reader would look for behind a profile.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import FromClause

from app.features.identity.models import Organisation
from app.features.initiatives.models import Participation
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


def profile_size(initiative_id: Any, profile: Any) -> ColumnElement[int]:
    """How many share the profile of a row, in its initiative."""
    same = (PA.c.initiative_id == initiative_id, OTHERS.c.profile == profile)
    return select(func.count()).select_from(SHARING).where(*same, TAKES_PART).scalar_subquery()


def sharing_initiatives(profile: Any) -> Select[Any]:
    """The initiatives where enough organisations share a profile for it to be told."""
    return (
        select(PA.c.initiative_id)
        .select_from(SHARING)
        .where(OTHERS.c.profile == profile, TAKES_PART)
        .group_by(PA.c.initiative_id)
        .having(func.count() >= FEWEST)
    )


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
