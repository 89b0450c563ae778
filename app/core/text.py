"""The kinds of text that people send, as Pydantic types: every schema takes its text from here.

One rule decides what is junk (NUL and other controls, lone surrogates, hidden direction marks) and says so in
French, so that nothing that PostgreSQL refuses, or that a reader cannot see, goes further than the schema.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

import email_validator
from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from app.core.i18n import gettext

LONGEST_MARKDOWN: Final = 40_000  # the longest body of the 2015 consultation has 19,801 characters
LONGEST_ADDRESS: Final = 2_000
LARGEST_INTEGER: Final = 2**31 - 1  # PostgreSQL's integer
LARGEST_BIGINT: Final = 2**63 - 1

# U+202D and U+202E show other letters than those that are stored; the other marks only help Arabic along
_OVERRIDES = "\u202d\u202e"
_DIRECTIONS = _OVERRIDES + "\u061c\u200e\u200f\u202a-\u202c\u2066-\u2069"
_BLANKS = " \t\r\n"  # and not what str.strip takes along: U+001C is a control
_CONTROLS = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
_JUNK_IN_LINES = re.compile(f"[{_CONTROLS}{_OVERRIDES}]")
_JUNK_IN_A_LINE = re.compile(f"[{_CONTROLS}{_DIRECTIONS}\t\n\r\u2028\u2029]")
# No @ either: https://known.example@elsewhere.example deceives
_LABEL = r"[^\s./?#@:\[\]\\<>\"'`{}|^%]+"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})+|\[[0-9A-Fa-f:.]+\]")
_CODE = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*", re.ASCII)
_NOTHING = ("Cc", "Cf", "Zs", "Zl", "Zp")
_FILLERS = "\u034f\u115f\u1160\u2800\u3164\ufe0e\ufe0f\uffa0"  # letters and marks that show nothing by themselves
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "đ": "d", "ł": "l", "’": "'", "ʼ": "'", "ʹ": "'"})


def fold(text: str) -> str:
    """A key for comparisons: no case, no accents, no ligatures, single spaces. Never shown, never stored."""
    plain = unicodedata.normalize("NFKD", text).casefold().translate(_LIGATURES)
    kept = (letter for letter in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(letter))
    return " ".join("".join(kept).split())


def on_a_terminal(text: object) -> str:
    """`text` as it may be printed: what would move the cursor, hide or reorder letters is written out (`\\x1b`).

    Blanks and accents stay; a byte of a file name that is no UTF-8 (half a surrogate pair to Python) is written out too.
    """
    return "".join(
        letter.encode("unicode_escape").decode() if unicodedata.category(letter) in _UNSEEN else letter
        for letter in str(text)
    )


def _refuse(kind: str, sentence: str, **context: Any) -> PydanticCustomError:
    return PydanticCustomError(kind, gettext(sentence), context or None)


def _whole(value: Any) -> Any:
    """Lone surrogates are refused before Pydantic reads the string, whose own message is in English."""
    if isinstance(value, str) and not _is_unicode(value):
        raise _refuse("text_unicode", "Ce texte contient un caractère abîmé : copiez-le de nouveau.")
    return value


def _is_unicode(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _readable(text: str, junk: re.Pattern[str]) -> None:
    if found := junk.search(text):
        raise _refuse(
            "text_hidden",
            "Ce texte contient un caractère invisible (U+{code}) : retirez-le.",
            code=format(ord(found[0]), "04X"),
        )


def _sized(text: str, longest: int) -> str:
    if all(letter in _FILLERS or unicodedata.category(letter) in _NOTHING for letter in text):
        raise _refuse("text_empty", "Ce champ ne peut pas être vide.")
    if len(text) > longest:
        raise _refuse(
            "text_too_long",
            "Ce texte compte {length} caractères, il en faut {longest} au plus.",
            length=len(text),
            longest=longest,
        )
    return text


def _line(longest: int) -> Callable[[str], str]:
    """One line, in NFC, without the blanks at its ends."""

    def check(text: str) -> str:
        trimmed = text.strip(_BLANKS)
        _readable(trimmed, _JUNK_IN_A_LINE)
        return _sized(unicodedata.normalize("NFC", trimmed).strip(), longest)

    return check


def _name(text: str) -> str:
    """A line in which nothing hides: two names cannot look alike and differ by an invisible character."""
    line = _line(200)(text)
    if any(unicodedata.category(letter) == "Cf" for letter in line):
        raise _refuse("text_hidden", "Ce nom contient un caractère invisible : tapez-le de nouveau.")
    if not any(letter.isalnum() for letter in line):
        raise _refuse("name_empty", "Un nom contient au moins une lettre ou un chiffre.")
    return line


def _lines(longest: int) -> Callable[[str], str]:
    """Some lines, in NFC, without the blanks at their ends."""

    def check(text: str) -> str:
        lines = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
        _readable(lines, _JUNK_IN_LINES)
        return _sized(lines.strip(), longest)

    return check


def _markdown(text: str) -> str:
    """Kept as it was sent, to the letter: `richtext.canonical` derives what is quoted and searched."""
    _readable(text, _JUNK_IN_LINES)
    return _sized(text, LONGEST_MARKDOWN)


def _web_address(text: str) -> str:
    address = _line(LONGEST_ADDRESS)(text)
    try:
        parts = urlsplit(address)
        port_is_right = parts.port != 0
    except ValueError:
        port_is_right = False
    if not (
        port_is_right
        and parts.scheme in ("http", "https")
        and _HOST.fullmatch(parts.netloc.rpartition(":")[0] if parts.port is not None else parts.netloc)
        and not any(letter.isspace() or letter in '\\<>"`' for letter in address)
    ):
        raise _refuse("web_address", "Donnez une adresse complète qui commence par https:// ou http://.")
    return address


def _code(text: str) -> str:
    code = text.strip(_BLANKS)
    if len(code) > 64 or not _CODE.fullmatch(code):
        raise _refuse(
            "code",
            "Un code compte 64 caractères au plus : lettres minuscules sans accent et chiffres, "
            "séparés par un tiret ou un tiret bas.",
        )
    return code


def _email(text: str) -> str:
    """The address in lower case, its domain in ASCII.

    Mailboxes that differ by case alone do not exist in practice, and people type theirs with a capital on a
    phone: kept apart, one person would have two accounts, or none. No question is asked of the DNS: it would
    make signing in depend on the network, and tell strangers who is invited. Letters beyond ASCII before the
    @ are refused, since many relays do.
    """
    try:
        known = email_validator.validate_email(
            text.strip(_BLANKS), check_deliverability=False, allow_smtputf8=False, strict=True
        )
    except (email_validator.EmailNotValidError, UnicodeError) as problem:
        raise _refuse("email", "Cette adresse n'est pas valable : écrivez-la comme nom@exemple.fr.") from problem
    return str(known.ascii_email).lower()


def _schema(longest: int, **more: Any) -> Any:
    return Field(json_schema_extra={"minLength": 1, "maxLength": longest, **more})


Line = Annotated[str, BeforeValidator(_whole), AfterValidator(_line(200)), _schema(200)]
"""One line of 1 to 200 characters: a title, a label, a place."""

Name = Annotated[str, BeforeValidator(_whole), AfterValidator(_name), _schema(200)]
"""The name of a person or an organisation: a line without any invisible character."""

ShortText = Annotated[str, BeforeValidator(_whole), AfterValidator(_lines(2_000)), _schema(2_000)]
"""Some lines without markup, up to 2,000 characters: a reason, a note, a summary."""

BriefText = Annotated[str, BeforeValidator(_whole), AfterValidator(_lines(500)), _schema(500)]
"""The same, up to 500 characters: what is read at one glance."""

MarkdownText = Annotated[str, BeforeValidator(_whole), AfterValidator(_markdown), _schema(LONGEST_MARKDOWN)]
"""Markdown up to 40,000 characters, kept as sent."""

SearchText = Annotated[str, BeforeValidator(_whole), AfterValidator(_line(200)), _schema(200)]
"""What somebody looks for."""

WebAddress = Annotated[
    str, BeforeValidator(_whole), AfterValidator(_web_address), _schema(LONGEST_ADDRESS, format="uri")
]
"""An http or https address, without a name and password in it."""

Code = Annotated[str, BeforeValidator(_whole), AfterValidator(_code), _schema(64, pattern=f"^{_CODE.pattern}$")]
"""A stable lower-case word of ours or of a taxonomy, such as `redeveloppement` or `set_aside`."""

EmailAddress = Annotated[str, BeforeValidator(_whole), AfterValidator(_email), _schema(254, format="email")]
"""A mailbox, in lower case."""

LanguageTag = Literal["fr", "en"]
"""The languages that the screens speak."""


def _bounded(largest: int) -> Callable[[int], int]:
    def check(number: int) -> int:
        if not 0 <= number <= largest:
            raise _refuse("number_range", "Donnez un nombre entre 0 et {largest}.", largest=str(largest))
        return number

    return check


Whole = Annotated[
    int,
    AfterValidator(_bounded(LARGEST_INTEGER)),
    Field(json_schema_extra={"minimum": 0, "maximum": LARGEST_INTEGER}),
]
"""A count or a rank that PostgreSQL's integer can hold."""
