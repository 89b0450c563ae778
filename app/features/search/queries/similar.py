"""What was already said of what somebody is typing: "already said? join it".

A draft is long, and most of its words say nothing. PostgreSQL has counted how common each stem is among what can be found
(`pg_stats`): the rarest stems of the draft are looked for, as many as are expected to bring 1,000 candidates, and the newest
1,000 candidates are ranked by the weight of the stems that they share with it (2,000 took twice as long; docs/adr/0009). At 100,000 contributions, 90,000 of them in the space, on a busy machine: 31 ms in the
median for drafts of 20 to 300 words, 54 ms at p95; 10 ms where nothing else ran.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Double, Integer, Text, Uuid, bindparam, cast, func, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY

from app.core.db import Handle, Question, fetch
from app.core.errors import NotFound
from app.features.search.models import Findable
from app.features.search.queries.asked import STOP_WORDS
from app.features.statements.models import Statement
from app.features.statements.queries.shape import Fields, S, joined, summary
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import visible
from app.policy.symbolic import CALLER, facts

F = Findable.__table__
CANDIDATES = 1_000
MOST_STEMS = 16
FEWEST_SHARED = 2
"""One rare word in common is a name, not the same idea."""
LEAST_ALIKE = 0.3
"""Of the weight of the draft's stems, what another text must share."""
UNKNOWN = 1e-4
"""How common a stem is that is too rare for the statistics."""
READ = 4_000
"""Characters of the draft that are looked at."""
MISSING = "Cet espace n’existe pas, ou vous n’y avez pas accès."

_STEMS = Question("""
WITH stems AS (SELECT DISTINCT unnest(tsvector_to_array(to_tsvector('public.alliage_fr', %(text)s::text))) AS stem),
counted AS (
  SELECT stem, frequency FROM pg_stats,
    unnest(most_common_elems::text::text[], most_common_elem_freqs[1:cardinality(most_common_elems::text::text[])])
      AS common(stem, frequency)
  WHERE schemaname = 'public' AND tablename = 'findables' AND attname = 'words')
SELECT stem, coalesce(frequency, 0)::float8 AS frequency,
       (SELECT greatest(reltuples, 0)::float8 FROM pg_class WHERE oid = 'public.findables'::regclass) AS total
FROM stems LEFT JOIN counted USING (stem)
""")


async def similar(read: Handle, actor: Actor, space_id: UUID, text: str, limit: int = 5) -> list[Fields]:
    """Published contributions of the space that say nearly the same, the nearest first; NotFound when the space is hidden.

    Nothing for a text with fewer than two telling words. Two statements.
    """
    if space_id not in actor.inner_spaces | actor.outer_spaces:
        raise NotFound(MISSING)
    stems = telling(await fetch(read, _STEMS, {"text": text[:READ]}))
    if len(stems) < FEWEST_SHARED:
        return []
    parameters = {
        **facts(actor),
        "space_id": space_id,
        "any_of": " | ".join(quoted(stem) for stem in stems),
        "stems": [quoted(stem) for stem in stems],
        "weights": list(stems.values()),
        "least": LEAST_ALIKE * sum(stems.values()),
        "rows": limit,
    }
    rows = await fetch(read, _alike(), parameters)
    return [summary(actor, row) for row in rows]


def telling(counted: list[Any]) -> dict[str, float]:
    """The rarest stems with their weights: as many as are expected to bring no more candidates than are ranked."""
    chosen: dict[str, float] = {}
    expected = 0.0
    for row in sorted(counted, key=lambda row: (row.frequency, -len(row.stem), row.stem)):
        if len(row.stem) < 3 or row.stem in STOP_WORDS:
            continue
        expected += row.frequency * row.total
        if len(chosen) >= MOST_STEMS or (expected > CANDIDATES and len(chosen) >= 2 * FEWEST_SHARED):
            break
        chosen[row.stem] = -math.log(max(row.frequency, UNKNOWN))
    return chosen


def quoted(stem: str) -> str:
    """The stem as a term of a text query: nothing in it is an operator."""
    return "'" + stem.replace("\\", "\\\\").replace("'", "''") + "'"


@lru_cache(maxsize=1)
def _alike() -> Question:
    """The newest candidates that hold any of the stems, then those that share enough of their weight."""
    query = cast(bindparam("any_of", type_=Text()), TSQUERY())
    candidates = (
        select(F.c.object_id, F.c.occurred_at, F.c.words)
        .where(
            F.c.space_id == bindparam("space_id", type_=Uuid()),
            F.c.object_type == literal_column("'contribution'", Text()),
            F.c.words.op("@@")(query),
            visible(CALLER, Findable, Action.FINDABLE_READ),
        )
        .order_by(F.c.occurred_at.desc(), F.c.object_id.desc())
        .limit(CANDIDATES)
        .subquery("candidates")
    )
    stem = (
        func.unnest(bindparam("stems", type_=ARRAY(Text())), bindparam("weights", type_=ARRAY(Double())))
        .table_valued("stem", "weight", name="stem")
        .render_derived()
    )
    shared = (
        select(func.sum(stem.c.weight).label("weight"), func.count().label("stems"))
        .select_from(stem)
        .where(candidates.c.words.op("@@")(cast(stem.c.stem, TSQUERY())))
        .lateral("shared")
    )
    ranked = (
        select(candidates.c.object_id, candidates.c.occurred_at, shared.c.weight)
        .select_from(candidates.join(shared, literal_column("true")))
        .where(shared.c.stems >= FEWEST_SHARED, shared.c.weight >= bindparam("least", type_=Double()))
        .order_by(shared.c.weight.desc(), candidates.c.occurred_at.desc())
        .limit(bindparam("rows", type_=Integer()))
        .subquery("ranked")
    )
    return Question(
        joined(CALLER, S, whole=False)
        .join(ranked, ranked.c.object_id == S.c.id)
        .where(visible(CALLER, Statement, Action.STATEMENT_READ))
        .order_by(ranked.c.weight.desc(), ranked.c.occurred_at.desc()),
        planned_anew=True,
    )
