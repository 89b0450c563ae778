"""Organisations by family, as every page that lists them puts them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from app.features.identity.models import Family

Listed = TypeVar("Listed")


def by_family(
    listed: Iterable[Listed], family_of: Callable[[Listed], str | None]
) -> list[tuple[str | None, list[Listed]]]:
    """In the order of the vocabulary, then those that say none; in their own order within a family, and no family empty."""
    found: dict[str | None, list[Listed]] = {family.value: [] for family in Family} | {None: []}
    for one in listed:
        found[family_of(one)].append(one)
    return [(family, those) for family, those in found.items() if those]
