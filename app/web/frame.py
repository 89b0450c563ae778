"""What stands around every page: the values that the layouts need, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from app.core.i18n import Language

Theme = Literal["auto", "light", "dark"]
Contrast = Literal["auto", "std", "more"]
Density = Literal["roomy", "compact"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One way to somewhere: in the navigation, a tab, a segment, a breadcrumb, a table of contents."""

    label: str
    href: str
    current: bool = False
    count: int | None = None
    number: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """Who is signed in, and for which organisation they speak; `family` is "" for somebody without a mandate."""

    name: str
    organisation: str = ""
    family: str = ""
    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Frame:
    """The frame of one page. `address` is where the page is (path and query): display choices come back to it.

    `initiative` is the one that the page is in, "" for none. `csrf` is "" for a visitor. Addresses that are
    "" are not shown: a page links nowhere that does not answer.
    """

    lang: Language
    address: str
    theme: Theme = "auto"
    contrast: Contrast = "auto"
    density: Density = "roomy"
    csrf: str = ""
    demo: bool = False
    initiative: str = ""
    initiatives: tuple[tuple[UUID, str], ...] = ()
    """Those in which the reader takes part, the newest first: id and title."""
    nav: tuple[Entry, ...] = ()
    account: Account | None = None
    pilots: Mapping[UUID, tuple[tuple[UUID, str], ...]] = field(default_factory=dict)
    """Initiative -> the co-pilot organisations, id and name, in whose name the reader may run things there; where there are several."""
    acting_for: str = ""
    """The one that a form named that was refused: it is shown again."""
    foot: tuple[Entry, ...] = ()
    home: str = "/"
    search: str = ""
    sign_in: str = ""
    sign_out: str = ""
    display: str = ""
    login_over: bool = False
    """The browser's login has just ended: this is what a visitor sees, and the page says so."""
