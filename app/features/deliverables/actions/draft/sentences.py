"""What a draft says in its own words: French sentences about counts, and nothing about content.

Positions of organisations are merged below three as an edition merges them (promise 7); imported votes
are named as what they are, apart from what organisations said here.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.features.statements.queries.few import told_positions

WORDS = ("", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix")

PROFILES = {
    "association": "associations",
    "foundation": "fondations",
    "company": "entreprises",
    "investor": "investisseurs",
    "local_authority": "collectivités",
    "state_body": "services de l’État",
    "research": "organismes de recherche",
    "federation": "fédérations",
}

STANCES = {
    "supports": "l’appuient",
    "nuances": "la nuancent",
    "objects": "s’y opposent",
    "reservations_or_objections": "la nuancent ou s’y opposent",
}
PARAPHRASE = "Un point à reformuler par les co-pilotes : son auteur n’a pas souhaité que ses mots soient cités"
OTHERS = "Autres contributions"


def number(count: int, *, feminine: bool = False) -> str:
    """`trois`, `une`, `14`: in letters up to ten."""
    if count == 1 and feminine:
        return "une"
    return WORDS[count] if 0 < count < len(WORDS) else f"{count:,}".replace(",", "\u202f")


def counted(count: int, one: str, many: str, *, feminine: bool = False) -> str:
    """`une réponse`, `14 réponses`."""
    return f"{number(count, feminine=feminine)} {one if count == 1 else many}"


def listed(parts: Sequence[str]) -> str:
    """`a`, `a et b`, `a, b et c`."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} et {parts[-1]}"


def sentence(text: str) -> str:
    """The text with a capital and a full stop."""
    return f"{text[0].upper()}{text[1:]}."


def positions(supports: int, nuances: int, objects: int) -> str:
    """Where organisations stand on a contribution; empty when none took a position."""
    told = told_positions(supports, nuances, objects)
    parts = [f"{organisations(told[name])} {verb}" for name, verb in STANCES.items() if told.get(name)]
    return sentence(listed(parts)) if parts else ""


def organisations(count: int | str) -> str:
    """Three or more are counted; below, nobody is pointed at."""
    return "moins de trois organisations" if isinstance(count, str) else f"{number(count)} organisations"


def votes(source: str, in_favour: int, against: int, mixed: int) -> str:
    """Votes counted elsewhere, named as such; empty when there were none."""
    counts = ((in_favour, "favorable"), (against, "défavorable"), (mixed, "mitigé"))
    parts = [f"{_digits(count)} {word}{'s' if count > 1 else ''}" for count, word in counts if count]
    if not parts:
        return ""
    first, *rest = parts
    counted_first, _, word = first.partition(" ")
    noun = "vote" if counted_first == "1" else "votes"
    where = f"la consultation importée ({source})" if source else "la consultation importée"
    return f"Dans {where} : {listed([f'{counted_first} {noun} {word}', *rest])}."


def _digits(count: int) -> str:
    return f"{count:,}".replace(",", "\u202f")


def replies(in_favour: int, against: int, best: str, worst: str) -> str:
    """How many answered for and against, with the marker of the strongest of each that can be cited."""
    parts = []
    if in_favour:
        said = counted(in_favour, "réponse l’approuve", "réponses l’approuvent", feminine=True)
        parts.append(f"{said}{_strongest(in_favour, best)}")
    if against:
        said = counted(against, "réponse la conteste", "réponses la contestent", feminine=True)
        parts.append(f"{said}{_strongest(against, worst)}")
    return sentence(listed(parts)) if parts else ""


def _strongest(count: int, mark: str) -> str:
    if not mark:
        return ""
    return f" {mark}" if count == 1 else f", dont la plus soutenue {mark}"


def left_out(total: int, cited: int, *, theme: bool) -> str:
    """How much of a theme is cited, and where the rest is accounted for."""
    place = "Ce thème" if theme else "Cette partie"
    everything = counted(total, "contribution", "contributions", feminine=True)
    others = total - cited
    if others <= 0:
        return f"{place} réunit {everything}, {'citée' if total == 1 else 'toutes citées'} ici."
    shown = f"dont {number(cited, feminine=True)} {'est citée' if cited == 1 else 'sont citées'} ici" if cited else ""
    rest = "de l’autre" if others == 1 else f"des {number(others)} autres"
    if not cited:
        shown = "dont aucune n’est citée ici"
        rest = "de chacune" if total > 1 else "de celle-ci"
    return (
        f"{place} réunit {everything}, {shown} ; le devenir {rest} se lit dans la file de traitement "
        "et dans le rapport de publication."
    )


def absent(profiles: Sequence[str]) -> str:
    """Which profiles said nothing in a part; empty when all did."""
    if not profiles:
        return ""
    names = sorted(PROFILES[profile] for profile in profiles)
    return f"{'Profil absent' if len(names) == 1 else 'Profils absents'} de cette partie : {listed(names)}."


def escaped(title: str) -> str:
    """A title as Markdown that reads as it was typed, and holds no marker."""
    text = title.replace("[@", "(@")
    return "".join(f"\\{letter}" if letter in "\\`*_[]<>#|~" else letter for letter in text)
