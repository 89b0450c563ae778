"""The statement of a search: the newest candidates of each readable space, then what of them is answered.

Ranking every row that holds a common word took 2,164 ms at a million posts. Here the index gives at most 1,000
candidates, shared out between the spaces that the caller reads and taken from the newest backwards; only those
are ranked. With a rare word the planner starts from the words (GIN on space and words), with a common one from
the newest rows, and stops when it has enough; the statement is planned anew for the words of each search, since
a prepared plan that does not know how rare they are would choose wrongly for one half of them. Plans and times,
at 200,000 rows: docs/adr/0009.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    DateTime,
    Double,
    Integer,
    Select,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    or_,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.sql.elements import BindParameter, ColumnElement
from sqlalchemy.sql.selectable import CTE

from app.core.db import Question
from app.features.search.models import Findable, PublishedPassage
from app.features.search.queries.asked import Asked
from app.features.statements.models import Statement
from app.features.statements.queries.few import profile_told, told_profiles
from app.features.statements.queries.shape import PLACE, O, P, R, S, words_in
from app.policy.actions import Action
from app.policy.decide import visible
from app.policy.predicates import among
from app.policy.symbolic import CALLER

F = Findable.__table__
PP = PublishedPassage.__table__
PUBLISHED = ("edition_id", "n", "deliverable_id", "edition_n", "title", "section", "kind", "published_at")
KINDS = ("object_id", "object_type", "occurred_at", "words")

LOOSE, EXACT, SHOWN = "/*loose*/NULL", "/*exact*/NULL", "/*shown*/NULL"
"""Where the parameters of the words go once the statement is compiled: how many there are is known with the words."""

HIT, END = "\x02", "\x03"
"""What surrounds a found word; no text that was accepted holds a control character."""
LESS = "\x04"
"""Stands for `<` while the words are looked for: PostgreSQL leaves out whatever looks like a tag."""
WHOLE = f"StartSel={HIT}, StopSel={END}, HighlightAll=true"
PARTS = f'StartSel={HIT}, StopSel={END}, MaxFragments=2, MaxWords=32, MinWords=12, FragmentDelimiter=" … "'
LONGEST_READ = 20_000
"""Found words are shown in the first 20,000 characters of a text: the longest texts are read in 5 ms each."""


def _only(name: str, type_: Any) -> BindParameter[Any]:
    return bindparam(f"only_{name}", type_=type_)


def _by_organisation() -> ColumnElement[bool]:
    """Outside its space, a row is found by its organisation only where the list itself names it (promise 7)."""
    return and_(
        F.c.organisation_id == _only("organisation_id", Uuid()),
        or_(F.c.named, among(F.c.space_id, CALLER.inner_spaces)),
    )


def _by_profile() -> ColumnElement[bool]:
    """The same, where the list tells the profile."""
    told_of = told_profiles(CALLER.outer_spaces)
    shared = select(told_of.c.space_id).where(told_of.c.profile == _only("profile", Text()))
    told = or_(F.c.named, among(F.c.space_id, CALLER.inner_spaces), F.c.space_id.in_(shared))
    return and_(F.c.profile == _only("profile", Text()), told)


NARROWING: dict[str, Callable[[], ColumnElement[bool]]] = {
    "type": lambda: F.c.object_type == _only("type", Text()),
    "initiative_id": lambda: F.c.initiative_id == _only("initiative_id", Uuid()),
    "organisation_id": _by_organisation,
    "profile": _by_profile,
    "kind": lambda: F.c.kind == _only("kind", Text()),
    "side": lambda: F.c.side == _only("side", Text()),
    "tag": lambda: F.c.tags.contains(cast(array([_only("tag", Text())]), ARRAY(Text()))),
    "since": lambda: F.c.occurred_at >= _only("since", DateTime(timezone=True)),
    "until": lambda: F.c.occurred_at < _only("until", DateTime(timezone=True)),
}
"""What each filter means."""
OF_PASSAGES: dict[str, Callable[[], ColumnElement[bool]]] = {
    "initiative_id": lambda: PP.c.initiative_id == _only("initiative_id", Uuid()),
    "since": lambda: PP.c.published_at >= _only("since", DateTime(timezone=True)),
    "until": lambda: PP.c.published_at < _only("until", DateTime(timezone=True)),
}
"""The same, of a published passage: it has no other of them."""

_AT, _ID = bindparam("edge_at", type_=DateTime(timezone=True)), bindparam("edge_id", type_=Uuid())
EDGE = tuple_(_AT, _ID, types=[DateTime(), Uuid()])


def _newest(place: Any, narrowed: frozenset[str], *, best: bool, onwards: bool) -> Select[Any]:
    """The newest rows of one place that hold the words. Best match reads up to its first page's newest row."""
    key = tuple_(F.c.occurred_at, F.c.object_id)
    edge = (key <= EDGE if best else key < EDGE) if onwards else true()
    return (
        select(*(F.c[name] for name in KINDS), F.c.space_id)
        .where(
            F.c.space_id == place if place is not None else F.c.space_id.is_(None),
            F.c.words.op("@@")(literal_column(LOOSE)),
            *(NARROWING[name]() for name in sorted(narrowed)),
            visible(CALLER, Findable, Action.FINDABLE_READ),
            edge,
        )
        .order_by(F.c.occurred_at.desc(), F.c.object_id.desc())
        .limit(bindparam("share", type_=Integer()))
    )


def _published(narrowed: frozenset[str], *, best: bool, onwards: bool) -> Select[Any]:
    """The newest published passages that hold the words, of editions that the caller may read."""
    key = tuple_(PP.c.published_at, PP.c.id)
    edge = (key <= EDGE if best else key < EDGE) if onwards else true()
    return (
        select(
            PP.c.id.label("object_id"),
            literal_column("'passage'", Text()).label("object_type"),
            PP.c.published_at.label("occurred_at"),
            PP.c.words,
            literal_column(f"'{UUID(int=0)}'::uuid", Uuid()).label(
                "space_id"
            ),  # a place of their own, to be measured by
        )
        .where(
            PP.c.words.op("@@")(literal_column(LOOSE)),
            *(OF_PASSAGES[name]() for name in sorted(narrowed & OF_PASSAGES.keys())),
            visible(CALLER, PublishedPassage, Action.EDITION_READ),
            edge,
        )
        .order_by(PP.c.published_at.desc(), PP.c.id.desc())
        .limit(bindparam("share", type_=Integer()))
    )


def _candidates(narrowed: frozenset[str], *, best: bool, onwards: bool, organisations: bool, passages: bool) -> CTE:
    place = func.unnest(bindparam("places", type_=ARRAY(Uuid()))).table_valued("id", name="place").render_derived()
    newest = _newest(place.c.id, narrowed, best=best, onwards=onwards).lateral("newest")
    sources = [select(*newest.c).select_from(place.join(newest, true()))]
    if organisations:
        sources.append(select(*_newest(None, narrowed, best=best, onwards=onwards).subquery("known").c))
    if passages:
        sources.append(select(*_published(narrowed, best=best, onwards=onwards).subquery("published").c))
    every = union_all(*sources).subquery("every")
    return (
        select(*every.c)
        .order_by(every.c.occurred_at.desc(), every.c.object_id.desc())
        .limit(bindparam("most", type_=Integer()))
        .cte("candidates")
    )


def _page(candidates: CTE, *, best: bool, onwards: bool, exact: bool) -> Any:
    """The rows to answer, and one more that says whether there are others."""
    words = candidates.c.words
    rank = func.ts_rank_cd(words, literal_column(SHOWN), 1) if best else literal_column("0")
    found = (
        select(*(candidates.c[name] for name in KINDS[:3]), cast(rank, Double()).label("rank"))
        .where(true() if exact else words.op("@@")(literal_column(EXACT)))
        .subquery("found")
    )
    key = (found.c.rank, found.c.occurred_at, found.c.object_id)
    last = tuple_(
        bindparam("last_rank", type_=Double()),
        bindparam("last_at", type_=DateTime(timezone=True)),
        bindparam("last_id", type_=Uuid()),
        types=[Double(), DateTime(), Uuid()],
    )
    return (
        select(*found.c)
        .where(tuple_(*key) < last if best and onwards else true())
        .order_by(*(column.desc() for column in key))
        .limit(bindparam("rows", type_=Integer()))
        .subquery("page")
    )


def _measured(candidates: CTE) -> Any:
    """How many candidates there were, whether a place had more, and between which two rows they stand."""
    share, most = bindparam("share", type_=Integer()), bindparam("most", type_=Integer())
    of_place = select(func.count().label("n")).select_from(candidates).group_by(candidates.c.space_id).subquery()
    oldest = select(candidates.c.occurred_at, candidates.c.object_id).order_by(
        candidates.c.occurred_at, candidates.c.object_id
    )
    newest = oldest.order_by(None).order_by(candidates.c.occurred_at.desc(), candidates.c.object_id.desc())
    old, new = oldest.limit(1).subquery("old"), newest.limit(1).subquery("new")
    total = select(
        func.count().label("ranked"),
        or_(func.count() >= most, func.coalesce(select(func.max(of_place.c.n)).scalar_subquery(), 0) >= share).label(
            "cut"
        ),
    ).select_from(candidates)
    measured = total.subquery("measured")
    return (
        select(
            measured.c.ranked,
            measured.c.cut,
            old.c.occurred_at.label("oldest_at"),
            old.c.object_id.label("oldest_id"),
            new.c.occurred_at.label("newest_at"),
            new.c.object_id.label("newest_id"),
        )
        .select_from(measured.outerjoin(old, true()).outerjoin(new, true()))
        .subquery("all_of_it")
    )


def _headline(text: ColumnElement[str], options: str) -> ColumnElement[str]:
    configuration = case(
        (func.coalesce(R.c.language, PP.c.language) == "en", literal_column("'public.alliage_en'::regconfig")),
        else_=literal_column("'public.alliage_fr'::regconfig"),
    )
    kept = func.translate(func.left(text, LONGEST_READ), "<", LESS)
    return func.ts_headline(configuration, kept, literal_column(SHOWN), options)


@lru_cache(maxsize=512)
def compiled(
    narrowed: frozenset[str], *, best: bool, onwards: bool, organisations: bool, passages: bool, exact: bool
) -> Question:
    """The whole statement for this shape of question; `worded` puts the words in."""
    candidates = _candidates(narrowed, best=best, onwards=onwards, organisations=organisations, passages=passages)
    page = _page(candidates, best=best, onwards=onwards, exact=exact)
    measured = _measured(candidates)
    told = told_profiles(CALLER.outer_spaces)
    title = func.coalesce(PP.c.section, case((S.c.id.is_(None), O.c.name), else_=R.c.title))
    body = func.coalesce(PP.c.body, case((S.c.id.is_(None), O.c.description), else_=R.c.plain))
    statement = (
        select(
            *measured.c,
            *(page.c[name].label(f"found_{name}") for name in ("object_id", "object_type", "occurred_at", "rank")),
            *(S.c[name] for name in PLACE),
            *words_in(R, whole=False),
            O.c.name.label("organisation"),
            O.c.profile,
            O.c.acronym,
            O.c.family,
            P.c.name.label("person"),
            told.c.profile.label("told_profile"),
            *(PP.c[name].label(f"published_{name}") for name in PUBLISHED),
            _headline(title, WHOLE).label("shown_title"),
            _headline(body, PARTS).label("shown_body"),
        )
        .select_from(
            measured.outerjoin(page, true())
            .outerjoin(S, and_(S.c.id == page.c.object_id, visible(CALLER, Statement, Action.STATEMENT_READ)))
            .outerjoin(R, R.c.id == S.c.head_id)
            .outerjoin(
                O,
                O.c.id == case((page.c.object_type == "organisation", page.c.object_id), else_=S.c.organisation_id),
            )
            .outerjoin(P, P.c.id == S.c.person_id)
            .outerjoin(PP, and_(PP.c.id == page.c.object_id, visible(CALLER, PublishedPassage, Action.EDITION_READ)))
            .outerjoin(told, profile_told(told, S.c.space_id, O.c.profile))
        )
        .order_by(page.c.rank.desc(), page.c.occurred_at.desc(), page.c.object_id.desc())
    )
    return Question(statement)


def worded(question: Question, asked: Asked) -> Question:
    """The statement that looks for `asked`: what was typed are parameters, its SQL holds none of it."""
    fixed = dict(question.fixed)

    def either(function: str, text: str) -> str:
        """The query in French or in English, whatever the language of the asker."""
        name = f"typed_{len(fixed)}"
        fixed[name] = text
        french, english = (f"{function}('public.alliage_{language}', %({name})s::text)" for language in ("fr", "en"))
        # Half of the words have one stem in both: looked for once, they cost half. All of it is folded when planned.
        return f"(CASE WHEN {french} = {english} THEN {french} ELSE {french} || {english} END)"

    shown = either("to_tsquery", asked.words)
    loose = f"({shown} && !!{either('to_tsquery', asked.without)})" if asked.without else shown
    exact = [loose, *(either("phraseto_tsquery", phrase) for phrase in asked.phrases)]
    exact += [f"!!{either('phraseto_tsquery', phrase)}" for phrase in asked.without_phrases]
    # A word that neither language keeps must not leave the exclusions alone: they would find everything else.
    guarded = f"(CASE WHEN numnode({shown}) > 0 THEN {loose} END)"
    sql = question.sql.replace(LOOSE, guarded).replace(EXACT, f"({' && '.join(exact)})").replace(SHOWN, shown)
    return Question(sql, fixed, planned_anew=True)


__all__ = ["END", "HIT", "LESS", "NARROWING", "PUBLISHED", "compiled", "worded"]
