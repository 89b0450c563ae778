"""The publication report, as the page prints it: what became of every contribution, who is cited, who let what through."""

from __future__ import annotations

from html import escape
from typing import Any

from app.core.richtext.typography import french
from app.features.editions.renderers import words
from app.features.editions.renderers.words import Payload


def say(text: str) -> str:
    """A text of one line, set in French and escaped."""
    return escape(french(text))


def report_of(payload: Payload) -> str:
    """What became of every contribution."""
    report = payload["report"]
    counted = report["contributions"]
    lines = [f"{words.count(counted['in_scope'], 'contribution')} dans le périmètre."]
    lines += filter(None, [words.moderated(counted["moderated"])])
    if counted["arrived_after"]:
        late = words.count(counted["arrived_after"], "contribution arrivée", "contributions arrivées")
        lines.append(f"{late} après la date limite : pour la prochaine édition.")
    organisations = report["organisations"]
    return (
        '<h2 id="rapport">Rapport de publication</h2>'
        f"<h3>Ce que sont devenues les contributions</h3><p>{say(' '.join(lines))}</p>"
        f"{_outcomes(counted['outcomes'])}{_fates(report)}{_waivers(report['waivers'])}"
        f"<h3>Les organisations</h3><p>{say(' '.join(words.heard(organisations)))}</p>"
        f"{_named(organisations)}"
        f"{_profiles(organisations['profiles'])}"
        f"<h3>Le texte</h3><p>{say(words.passages(report['passages']))}</p>"
    )


def _fates(report: Payload) -> str:
    """The contributions that anybody may read, by what became of them; the others are counted."""
    found = ""
    for outcome, title in words.MANY_OUTCOMES.items():
        listed = [each for each in report["treatments"] if each["outcome"] == outcome]
        withheld = report["not_listed"][outcome]
        if not listed and not withheld:
            continue
        items = "".join(_fate(each) for each in listed)
        found += f"<h4>{say(title)}</h4>" + (f'<ul class="fates">{items}</ul>' if items else "")
        if withheld:
            found += f'<p class="facts">{say(_withheld(withheld, more=bool(listed)))}</p>'
    return found


def _outcomes(outcomes: list[Any]) -> str:
    rows = "".join(
        f'<tr><th scope="row">{say(words.MANY_OUTCOMES[each["outcome"]])}</th><td class="n">{each["count"]}</td>'
        f'<td class="n">{each["by_hand"]}</td><td class="n">{each["by_rule"]}</td></tr>'
        for each in outcomes
    )
    return (
        '<div class="scroll" role="region" aria-label="Devenir des contributions" tabindex="0"><table>'
        "<caption>Devenir des contributions</caption>"
        '<thead><tr><th scope="col">Devenir</th><th scope="col" class="n">Nombre</th>'
        '<th scope="col" class="n">Une par une</th><th scope="col" class="n">Par une règle</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _named(organisations: Payload) -> str:
    """The names, one a line: dozens of them in one sentence are read by nobody."""
    return "".join(
        f'<h4>{say(title)} ({len(names)})</h4><ul class="names">{"".join(f"<li>{say(name)}</li>" for name in names)}</ul>'
        for title, names in words.named(organisations)
    )


def _profiles(profiles: list[Any]) -> str:
    rows = "".join(
        f'<tr><th scope="row">{say(words.PROFILES[each["profile"]].capitalize())}</th>'
        f'<td class="n">{each["taking_part"]}</td><td class="n">{each["cited"]}</td></tr>'
        for each in profiles
    )
    return (
        '<div class="scroll" role="region" aria-label="Organisations par profil" tabindex="0"><table>'
        "<caption>Organisations par profil, dans l’ordre des noms</caption>"
        '<thead><tr><th scope="col">Profil</th><th scope="col" class="n">Dans la démarche</th>'
        f'<th scope="col" class="n">Citées</th></tr></thead><tbody>{rows}</tbody></table></div>'
    )


def _fate(each: Payload) -> str:
    calls = [f'<a href="#note-{number}">note\u00a0{number}</a>' for number in each.get("notes", [])]
    who = f"{words.opening(words.KINDS[each['kind']])}, {words.who(each['attribution'])}, espace\u00a0{each['space']}"
    said = words.fate(each)
    facts = ", ".join([say(who), *calls])
    return f'<li><p>{say(each["title"])}</p><p class="facts">{facts}</p>{f"<p>{say(said)}</p>" if said else ""}</li>'


def _withheld(number: int, *, more: bool) -> str:
    also = "Et " if more else ""
    return (
        f"{also}{words.count(number, 'contribution comptée', 'contributions comptées')} "
        "sans être nommées ici : leurs auteurs ou leur espace ne les ouvrent pas à tous."
    )


def _waivers(waivers: list[Any]) -> str:
    if not waivers:
        return "<h4>Dispenses</h4><p>Aucune.</p>"
    items = "".join(
        f"<li><p>{say(each['title'] or 'Une contribution qui n’est pas nommée ici')} "
        f"({say(words.WAIVERS[each['lets_through']])})</p>"
        f"<p>{say(each['reason'])}<br>{say(each['by'] or '')}, {say(each['for'])}, {say(words.day(each['on']))}.</p></li>"
        for each in waivers
    )
    return f'<h4>Dispenses</h4><ul class="fates">{items}</ul>'
