"""The short form of `make chaos`: three kills, a broken server that must be caught, and the comparison itself."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from app.core.postgres.cluster import Urls
from tests.chaos.journal import Post
from tests.chaos.run import DATABASE, SERVER, Plan, run, run_on
from tests.chaos.stage import LATE_COMMIT
from tests.chaos.verdict import Row, Verdict, compare_api, compare_rows


@pytest.mark.timeout(240)
def test_three_kills_in_mid_post_lose_nothing() -> None:
    report = run(Plan(server=2, database=1))
    figures = report.figures()
    assert report.verdict.clean, (figures, report.verdict)
    assert (figures["kills of the server"], figures["kills of PostgreSQL"]) == (2, 1)
    assert report.in_mid_post == 3, figures
    assert report.acknowledged >= 20, figures
    assert report.unresolved == 0, figures
    assert len(report.recoveries[SERVER]) + len(report.recoveries[DATABASE]) == 3


@pytest.mark.timeout(240)
async def test_control_a_server_that_answers_before_it_commits_is_caught(empty_database: Urls, tmp_path: Path) -> None:
    """Each of its transactions waits half a second after the answer: whatever was acknowledged then dies with it."""
    plan = Plan(server=1, database=0, factory=LATE_COMMIT)
    report = await asyncio.to_thread(run_on, plan, empty_database.app, tmp_path)
    assert report.acknowledged > 0
    assert report.verdict.lost, report.figures()


POST = Post("k", "Témoin k", "Des mots.", sent_at=1.0, answered_at=2.0, id="a")
ROW = Row("a", "Témoin k", "Des mots.", version=1, revisions=1, events=1, findables=1)


def verdict(post: Post, *rows: Row, answers: dict[str, str] | None = None, listed: dict[str, str] | None = None,
            read: str = "Des mots.") -> Verdict:  # fmt: skip
    posts = {post.key: post}
    found = compare_rows(posts, list(rows), {"k": "a"} if answers is None else answers)
    listed = {row.id: row.title for row in rows} if listed is None else listed
    whole = {"a": {"title": "Témoin k", "markdown": read}} if "a" in listed else {}
    compare_api(found, posts, list(rows), listed, whole)
    return found


def test_the_comparison_is_content_with_what_agrees() -> None:
    assert verdict(POST, ROW).clean
    # Sent and never answered: it may be there, or not.
    silent = replace(POST, id=None, answered_at=None)
    assert verdict(silent, ROW).clean
    assert verdict(silent, answers={}).clean


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("lost", verdict(POST, answers={})),
        ("lost", verdict(POST, ROW, listed={})),
        ("duplicated", verdict(POST, ROW, replace(ROW, id="b"))),
        ("altered", verdict(POST, replace(ROW, markdown="D’autres mots."))),
        ("altered", verdict(POST, ROW, read="D’autres mots.")),
        ("altered", verdict(POST, replace(ROW, id="b"), answers={"k": "b"})),
        ("phantom", verdict(POST, ROW, replace(ROW, id="b", title="Témoin inconnu"))),
        ("phantom", verdict(POST, ROW, listed={"a": "Témoin k", "b": "Témoin inconnu"})),
        ("halved", verdict(POST, replace(ROW, events=0))),
        ("halved", verdict(POST, replace(ROW, findables=0))),
        ("halved", verdict(POST, ROW, answers={})),
        ("refused", verdict(replace(POST, refused=[422]), ROW)),
    ],
)
def test_the_comparison_notices(kind: str, found: Verdict) -> None:
    assert getattr(found, kind), found
