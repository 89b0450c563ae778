"""The edition as Markdown with footnotes, for whoever takes the text further."""

from __future__ import annotations

import re
from typing import Any

from app.core.richtext.typography import french
from app.features.editions.renderers import words
from app.features.editions.renderers.words import Payload

DEEPEST = 6
_SIGNS = re.compile(r"([\\`*_\[\]<>#|~])")
_OPENS_A_BLOCK = re.compile(r"^(\s*)(?:([-+=])|(\d+)([.)]))", re.MULTILINE)


def render(payload: Payload) -> bytes:
    """The text, then its notes, then the report; in UTF-8."""
    spaced = french if payload["language"] == "fr" else str
    writer = _Writer(payload, spaced)
    parts = [*writer.opening(), *writer.sections(payload["sections"], ()), *_report(payload), *writer.notes()]
    return ("\n\n".join(part for part in parts if part) + "\n").encode()


def plain(text: str) -> str:
    """A text that no reader of Markdown takes for anything but itself."""
    return _OPENS_A_BLOCK.sub(_guarded, _SIGNS.sub(r"\\\1", text))


def _guarded(found: re.Match[str]) -> str:
    return f"{found[1]}\\{found[2]}" if found[2] else f"{found[1]}{found[3]}\\{found[4]}"


def say(text: str) -> str:
    """A sentence of ours or of theirs, set in French."""
    return plain(french(text)).replace("\n", " ")


def quoted(words_said: str) -> str:
    """The exact words between guillemets, on as many lines as they had."""
    return plain(french(f"« {words_said} »"))


def _indented(text: str, by: str, first: str | None = None) -> str:
    lines = text.split("\n")
    head = (by if first is None else first) + lines[0]
    return "\n".join([head, *(f"{by}{line}" if line else by.rstrip() for line in lines[1:])])


class _Writer:
    """Writes the text; it knows the language, and where notes are called."""

    def __init__(self, payload: Payload, spaced: Any) -> None:
        self.payload = payload
        self.spaced = spaced

    def opening(self) -> list[str]:
        """Title, edition, and what its reader must know."""
        head = words.head(self.payload)
        published = head["published"] + (f" par {head['copilots']}" if head["copilots"] else "") + "."
        return [
            f"# {say(head['title'])}",
            f"{say(head['initiative'])}  \n{say(head['edition'])}  \n{say(published)}",
            say(head["summary"]),
            _indented(plain(head["note"]), "> ") if head["note"] else "",
            "\n".join(f"- {say(sentence)}" for sentence in words.scope(self.payload)),
        ]

    def sections(self, sections: list[Any], above: tuple[int, ...]) -> list[str]:
        """Sections of one level, each with what it holds."""
        found = []
        for rank, section in enumerate(sections, 1):
            place = (*above, rank)
            level = min(len(place) + 1, DEEPEST)
            found.append(f"{'#' * level} {'.'.join(map(str, place))}. {say(section['title'])}")
            if "empty" in section:
                found.append(f"*{say(section['empty'])}*")
            for passage in section["passages"]:
                found += self.passage(passage, level + 1)
            found += self.sections(section["sections"], place)
        return found

    def passage(self, passage: Payload, level: int) -> list[str]:
        """A passage; a quotation is the words of its citation."""
        if passage["kind"] == "quotation":
            number = passage["notes"][0]
            citation = self.payload["citations"][number - 1]
            who = f"{words.opening(words.who(citation['attribution']))} ({words.what(citation)})"
            return [f"{_indented(quoted(passage['quote']), '> ')}[^{number}]\n>\n> {say(who)}"]
        if passage["kind"] == "heading":
            runs = [run for block in passage["blocks"] for run in block.get("runs", [])]
            return [f"{'#' * min(level, DEEPEST)} {self.runs(runs, ' ')}"]
        return self.blocks(passage["blocks"], level)

    def blocks(self, blocks: list[Any], level: int) -> list[str]:
        """Blocks, one after the other."""
        return [self.block(block, level) for block in blocks]

    def block(self, block: Payload, level: int) -> str:
        """One block."""
        match block["type"]:
            case "paragraph":
                found = self.runs(block["runs"], "  \n")
            case "heading":
                found = f"{'#' * min(level + block['level'] - 3, DEEPEST)} {self.runs(block['runs'], ' ')}"
            case "list":
                found = "\n".join(self.item(block, rank, item, level) for rank, item in enumerate(block["items"]))
            case "quote":
                found = _indented("\n\n".join(self.blocks(block["blocks"], level)), "> ")
            case "table":
                found = self.table(block)
            case "figure":
                found = f"{self.told(block, 'Figure')}\n\n*{say('Image : voir edition.html.')}*"
            case "code":
                found = _indented(block["text"], "    ")
            case _:
                found = "---"
        return found

    def item(self, block: Payload, rank: int, item: list[Any], level: int) -> str:
        """One item of a list, with what it holds under its first line."""
        bullet = f"{block['start'] + rank}. " if block["ordered"] else "- "
        return _indented("\n\n".join(self.blocks(item, level)), " " * len(bullet), bullet)

    def table(self, block: Payload) -> str:
        """A table, a line for each row."""
        rows = [[self.runs(cell, " ") for cell in row] for row in [block["head"], *block["rows"]]]
        lines = [f"| {' | '.join(row)} |" for row in rows]
        table = "\n".join([lines[0], f"|{' --- |' * len(rows[0])}", *lines[1:]])
        return f"{self.told(block, 'Tableau')}\n\n{table}" if "caption" in block else table

    def told(self, block: Payload, what: str) -> str:
        """What a table or a figure is called, and what it shows."""
        caption, alt = (" ".join(plain(self.spaced(block[name])).split("\n")) for name in ("caption", "alt"))
        return f"**{what}. {caption}**\n\n{alt}"

    def runs(self, runs: list[Any], line_break: str) -> str:
        """Words with their emphasis, and the calls of notes."""
        found = ""
        for run in runs:
            if "note" in run:
                found = found.rstrip(" \u00a0\u202f") + f"[^{run['note']}]"
            elif "break" in run:
                found += line_break
            else:
                found += self.run(run)
        return found

    def run(self, run: Payload) -> str:
        """One text with what stands round it; emphasis leaves the blanks outside."""
        if "code" in run:
            fence = "`" * (max((len(ticks) for ticks in re.findall("`+", run["text"])), default=0) + 1)
            text = f"{fence} {run['text']} {fence}"
        else:
            text = plain(self.spaced(run["text"]))
        for mark, sign in (("emphasis", "*"), ("strong", "**")):
            if mark in run and text.strip():
                inner = text.strip()
                text = text.replace(inner, f"{sign}{inner}{sign}", 1)
        return f"[{text}](<{run['link']}>)" if "link" in run else text

    def notes(self) -> list[str]:
        """The notes, with the exact words."""
        if not self.payload["citations"]:
            return []
        return ["## Notes", *(self.note(citation) for citation in self.payload["citations"])]

    def note(self, citation: Payload) -> str:
        """One note: the words, who said them, and where they stand."""
        said = citation["words"]
        source = f"{words.opening(words.who(citation['attribution']))} : {words.what(citation)}, {words.RELATIONS[citation['relation']]}."
        lines = [quoted(said["quote"]) if said else "Propos repris sans être cités.", say(source)]
        lines += [say(line) for line in (words.stands(citation), words.tally(citation), words.moved(citation)) if line]
        if said:
            span = f"Caractères {said['start']} à {said['end']} du texte d’empreinte {said['revision_sha256']}."
            lines.append(say(span))
        return _indented("\n\n".join(lines), "    ", f"[^{citation['number']}]: ")


def _report(payload: Payload) -> list[str]:
    """The publication report, shorter than on the page: counts, waivers, organisations."""
    report = payload["report"]
    counted = report["contributions"]
    rows = [
        f"| {words.MANY_OUTCOMES[each['outcome']]} | {each['count']} | {each['by_hand']} | {each['by_rule']} |"
        for each in counted["outcomes"]
    ]
    waivers = [
        say(
            f"{each['title'] or 'Une contribution qui n’est pas nommée ici'} ({words.WAIVERS[each['lets_through']]}) : "
            f"{each['reason']} ({each['by'] or ''}, {each['for']}, {words.day(each['on'])})"
        )
        for each in report["waivers"]
    ]
    late = words.count(counted["arrived_after"], "contribution arrivée", "contributions arrivées")
    return [
        "## Rapport de publication",
        say(f"{words.count(counted['in_scope'], 'contribution')} dans le périmètre ; {late} après la date limite."),
        *([say(hidden)] if (hidden := words.moderated(counted["moderated"])) else []),
        "\n".join(["| Devenir | Nombre | Une par une | Par une règle |", "| --- | ---: | ---: | ---: |", *rows]),
        "\n".join([say("Dispenses :"), "", *(f"- {waiver}" for waiver in waivers)])
        if waivers
        else say("Dispenses : aucune."),
        "\n".join(f"- {say(line)}" for line in _organisations(report["organisations"])),
        say(words.passages(report["passages"])),
        *_fates(report),
    ]


def _organisations(organisations: Payload) -> list[str]:
    names = [f"{title} : {words.listed(found)}." for title, found in words.named(organisations)]
    return [*words.heard(organisations), *names]


def _fates(report: Payload) -> list[str]:
    found = []
    for outcome, title in words.MANY_OUTCOMES.items():
        listed = [each for each in report["treatments"] if each["outcome"] == outcome]
        if listed:
            found += [f"### {say(title)}", "\n".join(f"- {say(_fate(each))}" for each in listed)]
    return found


def _fate(each: Payload) -> str:
    said = f"{each['title']} ({words.KINDS[each['kind']]}, {words.who(each['attribution'])}, espace {each['space']})"
    notes = each.get("notes", [])
    called = f", note{'s' if len(notes) > 1 else ''} {', '.join(map(str, notes))}" if notes else ""
    return f"{said}{called}. {words.fate(each)}".rstrip()
