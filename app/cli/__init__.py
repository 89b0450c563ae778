"""`alliage`: everything that is done to an installation from a terminal."""

from __future__ import annotations

import sys


def main() -> None:
    """Read the commands only now, so that Ctrl-C while they load (a second) leaves no trace on the screen."""
    try:
        from app.cli.commands import main as run  # noqa: PLC0415 - said above
    except KeyboardInterrupt:
        sys.exit(130)
    run()
