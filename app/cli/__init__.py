"""`alliage`: everything that is done to an installation from a terminal."""

from app.cli.commands import main

__all__ = ["main"]
