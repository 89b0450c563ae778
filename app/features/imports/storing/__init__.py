"""Writing the drafts of one batch: each kind of object in its own function, all of one shape."""

from app.features.imports.storing.places import store_initiative, store_members, store_spaces, store_themes
from app.features.imports.storing.speakers import merged_names, store_organisations, store_people
from app.features.imports.storing.words import Words, store_sources, store_statements, store_tallies

__all__ = [
    "Words",
    "merged_names",
    "store_initiative",
    "store_members",
    "store_organisations",
    "store_people",
    "store_sources",
    "store_spaces",
    "store_statements",
    "store_tallies",
    "store_themes",
]
