"""The edition as one page: readable off line, printed well, with each quote in a note that leads back to the text.

No script, no request: its own Content-Security-Policy allows its one style sheet by hash, and images that it holds itself.
Every text is escaped here, where it is written; what a person typed is never markup.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from html import escape
from pathlib import Path
from typing import Any

from app.core.richtext.typography import french
from app.features.editions.renderers import words
from app.features.editions.renderers.html_report import report_of, say
from app.features.editions.renderers.words import Payload

STYLE = Path(__file__).with_name("pages.css").read_text(encoding="utf-8")
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; base-uri 'none'; form-action 'none'"
DEEPEST = 6


def render(payload: Payload) -> bytes:
    """The page, in UTF-8."""
    return _Page(payload).whole().encode()


def flow(text: str) -> str:
    """A text of several lines, as they were typed."""
    return "<br>".join(say(line) for line in text.split("\n"))


class _Page:
    """One page while it is written: it counts the calls of each note, so that the note can lead back to them."""

    def __init__(self, payload: Payload) -> None:
        self.payload = payload
        self.calls: Counter[int] = Counter()
        self.tables = self.figures = 0
        self.french = payload["language"] == "fr"

    def whole(self) -> str:
        """The parts in order; notes come last, when their calls are known."""
        head = words.head(self.payload)
        prose, report = self.prose(), report_of(self.payload)
        return "\n".join(
            [
                "<!doctype html>",
                '<html lang="fr">',
                '<head><meta charset="utf-8">',
                f'<meta http-equiv="Content-Security-Policy" content="{escape(self.policy())}">',
                '<meta name="viewport" content="width=device-width, initial-scale=1">',
                '<meta name="referrer" content="no-referrer">',
                f"<title>{say(head['title'])} ({say(head['edition'])})</title>",
                f"<style>{STYLE}</style></head>",
                '<body><a class="skip" href="#texte">Aller au texte</a><div class="sheet">',
                self.opening(head),
                self.contents(),
                f'<main id="texte">{prose}{report}{self.notes()}{_CHECKING}</main>',
                "</div></body></html>",
                "",
            ]
        )

    def policy(self) -> str:
        """What a browser may do with the page, once its prose is written: images only where it holds some."""
        return f"{POLICY}; img-src data:" if self.figures else POLICY

    def opening(self, head: dict[str, Any]) -> str:
        """What this is, from whom, and what its reader must know."""
        facts = [say(head["published"]) + (f" par {say(head['copilots'])}" if head["copilots"] else "") + "."]
        facts += [say(sentence) for sentence in words.scope(self.payload)]
        lines = [
            f'<header><p class="overline">{say(head["initiative"])}</p><h1>{say(head["title"])}</h1>',
            f'<p class="overline">{say(head["edition"])}</p>',
            f"<p>{flow(head['summary'])}</p>" if head["summary"] else "",
            f'<div class="notice"><p>{flow(head["note"])}</p></div>' if head["note"] else "",
            f'<p class="facts">{"<br>".join(facts)}</p></header>',
        ]
        return "".join(lines)

    def contents(self) -> str:
        """The list of contents."""
        apart = [("#rapport", "Rapport de publication"), ("#notes", "Notes"), ("#verifier", "Vérifier cette édition")]
        last = "".join(f'<li><a href="{address}">{title}</a></li>' for address, title in apart)
        return (
            '<nav aria-labelledby="sommaire"><h2 id="sommaire">Sommaire</h2>'
            f"<ol>{self.entries(self.payload['sections'], ())}{last}</ol></nav>"
        )

    def entries(self, sections: list[Any], above: tuple[int, ...]) -> str:
        """A level of the list of contents."""
        found = ""
        for rank, section in enumerate(sections, 1):
            place = (*above, rank)
            inner = self.entries(section["sections"], place)
            found += f'<li><a href="#{_anchor(place)}">{_numbered(place, section["title"])}</a>'
            found += f"<ol>{inner}</ol></li>" if inner else "</li>"
        return found

    def prose(self) -> str:
        """The text."""
        language = "" if self.french else f' lang="{escape(self.payload["language"])}"'
        return f'<div class="prose"{language}>{self.sections(self.payload["sections"], ())}</div>'

    def sections(self, sections: list[Any], above: tuple[int, ...]) -> str:
        """Sections of one level, each with what it holds."""
        found = ""
        for rank, section in enumerate(sections, 1):
            place = (*above, rank)
            level = min(len(place) + 1, DEEPEST)
            title = _numbered(place, section["title"])
            found += f'<section><h{level} id="{_anchor(place)}">{title}</h{level}>'
            if "empty" in section:
                found += f'<p class="empty">{say(section["empty"])}</p>'
            found += "".join(self.passage(passage, level + 1) for passage in section["passages"])
            found += f"{self.sections(section['sections'], place)}</section>"
        return found

    def passage(self, passage: Payload, level: int) -> str:
        """A passage; a quotation is the words of its citation."""
        if passage["kind"] == "quotation":
            return self.quotation(passage)
        if passage["kind"] == "heading":
            runs = [run for block in passage["blocks"] for run in block.get("runs", [])]
            return f"<h{min(level, DEEPEST)}>{self.runs(runs)}</h{min(level, DEEPEST)}>"
        found = sorted({block["level"] for block in _flat(passage["blocks"]) if block["type"] == "heading"})
        levels = {each: min(level + rank, DEEPEST) for rank, each in enumerate(found)}
        return self.blocks(passage["blocks"], levels)

    def quotation(self, passage: Payload) -> str:
        """Words set apart, and who said them."""
        number = passage["notes"][0]
        citation = self.payload["citations"][number - 1]
        return (
            f"<figure><blockquote><p>{_quoted(passage['quote'])}{self.call(number)}</p></blockquote>"
            f"<figcaption>{say(words.opening(words.who(citation['attribution'])))} ({say(words.what(citation))})</figcaption></figure>"
        )

    def blocks(self, blocks: list[Any], levels: dict[int, int]) -> str:
        """Blocks, one after the other."""
        return "".join(self.block(block, levels) for block in blocks)

    def block(self, block: Payload, levels: dict[int, int]) -> str:
        """One block."""
        match block["type"]:
            case "paragraph":
                found = f"<p>{self.runs(block['runs'])}</p>"
            case "heading":
                found = f"<h{levels[block['level']]}>{self.runs(block['runs'])}</h{levels[block['level']]}>"
            case "list":
                items = "".join(f"<li>{self.item(item, levels)}</li>" for item in block["items"])
                start = f' start="{block["start"]}"' if block["ordered"] and block["start"] != 1 else ""
                found = f"<ol{start}>{items}</ol>" if block["ordered"] else f"<ul>{items}</ul>"
            case "quote":
                found = f"<blockquote>{self.blocks(block['blocks'], levels)}</blockquote>"
            case "table":
                found = self.table(block)
            case "figure":
                found = self.figure(block)
            case "code":
                found = f"<pre><code>{escape(block['text'])}</code></pre>"
            case _:
                found = "<hr>"
        return found

    def item(self, blocks: list[Any], levels: dict[int, int]) -> str:
        """An item: one paragraph alone needs no paragraph of its own."""
        if len(blocks) > 0 and blocks[0]["type"] == "paragraph":
            return self.runs(blocks[0]["runs"]) + self.blocks(blocks[1:], levels)
        return self.blocks(blocks, levels)

    def table(self, block: Payload) -> str:
        """A table that scrolls in its own frame where the screen is narrow."""
        self.tables += 1
        head = "".join(f'<th scope="col">{self.runs(cell)}</th>' for cell in block["head"])
        rows = "".join(f"<tr>{''.join(f'<td>{self.runs(cell)}</td>' for cell in row)}</tr>" for row in block["rows"])
        label = f"Tableau {self.tables}"
        caption = f"{label}. {self.typed(block['caption'])}" if "caption" in block else label
        summary = f'<p class="facts">{self.typed(block["alt"])}</p>' if "alt" in block else ""
        return (
            f'<div class="scroll" role="region" aria-label="{label}" tabindex="0"><table><caption>{caption}</caption>'
            f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>{summary}"
        )

    def figure(self, block: Payload) -> str:
        """An image that the page holds itself, with its caption; what it shows is its alternative text."""
        self.figures += 1
        source = f"data:{block['media_type']};base64,{block['data']}"
        size = f'width="{block["width"]}" height="{block["height"]}"'
        return (
            f'<figure class="image"><img src="{escape(source)}" alt="{self.typed(block["alt"])}" {size}>'
            f"<figcaption>Figure {self.figures}. {self.typed(block['caption'])}</figcaption></figure>"
        )

    def typed(self, text: str) -> str:
        """A text of theirs, in the language of the text."""
        return escape(french(text) if self.french else text)

    def runs(self, runs: list[Any]) -> str:
        """Words with their emphasis, and the calls of notes, which no space parts from the word before."""
        found = ""
        for run in runs:
            if "note" in run:
                found = found.rstrip(" \u00a0\u202f") + self.call(run["note"])
            elif "break" in run:
                found += "<br>"
            else:
                found += self.run(run)
        return found

    def run(self, run: Payload) -> str:
        """One text with what stands round it."""
        text = escape(run["text"] if "code" in run or not self.french else french(run["text"]))
        for mark, tag in (("code", "code"), ("emphasis", "em"), ("strong", "strong")):
            text = f"<{tag}>{text}</{tag}>" if mark in run else text
        if "link" in run:
            text = f'<a href="{escape(run["link"])}" rel="nofollow noopener noreferrer">{text}</a>'
        return text

    def call(self, number: int) -> str:
        """A call of a note, with an address of its own."""
        self.calls[number] += 1
        here = f"appel-{number}-{self.calls[number]}"
        return f'<sup class="call"><a id="{here}" href="#note-{number}" aria-label="Note {number}">[{number}]</a></sup>'

    def notes(self) -> str:
        """The notes: the exact words, who said them, and the way back."""
        if not self.payload["citations"]:
            return '<h2 id="notes">Notes</h2><p class="empty">Cette édition ne cite aucune prise de parole.</p>'
        items = "".join(self.note(citation) for citation in self.payload["citations"])
        return f'<h2 id="notes">Notes</h2><p class="facts">{say(_ABOUT_NOTES)}</p><ol class="notes">{items}</ol>'

    def note(self, citation: Payload) -> str:
        """One note."""
        number = citation["number"]
        said = citation["words"]
        source = f"{words.opening(words.who(citation['attribution']))} : {words.what(citation)}, {words.RELATIONS[citation['relation']]}."
        more = [words.stands(citation), words.tally(citation), words.moved(citation)]
        if said:
            span = f"Caractères {said['start']} à {said['end']} du texte d’empreinte"
            more.append(f"{span} {said['revision_sha256'][:16]}…")
        facts = "<br>".join(say(sentence) for sentence in more if sentence)
        back = " ".join(
            f'<a href="#appel-{number}-{call}" aria-label="Retour au texte, appel {call} de la note {number}">↩ {call}</a>'
            for call in range(1, self.calls[number] + 1)
        )
        return (
            f'<li id="note-{number}" value="{number}">{_note_words(said)}'
            f'<p>{say(source)} <span class="back">{back}</span></p><p class="facts">{facts}</p></li>'
        )


def _flat(blocks: list[Any]) -> list[Any]:
    inner = [
        child
        for block in blocks
        for group in [block.get("blocks", []), *block.get("items", [])]
        for child in _flat(group)
    ]
    return [*blocks, *inner]


def _anchor(place: tuple[int, ...]) -> str:
    return "partie-" + "-".join(map(str, place))


def _numbered(place: tuple[int, ...], title: str) -> str:
    return f"{'.'.join(map(str, place))}. {say(title)}"


def _quoted(quote: str) -> str:
    paragraphs = "</p><p>".join(flow(part) for part in quote.split("\n\n"))
    return f"«\u00a0{paragraphs}\u00a0»"


def _note_words(said: Payload | None) -> str:
    """The exact words, among those that stand round them where those may be read."""
    if said is None:
        return f'<p class="around">{say(_PARAPHRASED)}</p>'
    before, after = (f'<span class="around">{flow(text)}</span>' if text else "" for text in words.around(said))
    return f"<blockquote><p>{before}{_quoted(said['quote'])}{after}</p></blockquote>".replace("</p><p>", "<br><br>")


_PARAPHRASED = "Propos repris sans être cités : leur auteur n’a pas souhaité que ses mots sortent de l’espace."
_ABOUT_NOTES = (
    "Chaque note donne les mots exacts, avec le nom, le profil ou l’anonymat que leur auteur a choisi. "
    "Une organisation qui n’a pas répondu n’a ni approuvé ni refusé."
)
_CHECKING = (
    '<h2 id="verifier">Vérifier cette édition</h2>'
    "<p>Cette édition ne change plus. Ses fichiers sont listés avec leur empreinte SHA-256 dans <code>manifest.json</code>\u202f; "
    "l’empreinte de ce manifeste est affichée sur le service qui la publie, à l’adresse <code>/lire</code> (dans l’API\u00a0: "
    "<code>fingerprint</code>, sous <code>/api/v1/editions</code>). Avec l’outil d’Alliage\u00a0:</p>"
    "<pre><code>.venv/bin/alliage verify DOSSIER --expect EMPREINTE</code></pre>"
)
