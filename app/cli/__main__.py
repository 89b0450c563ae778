"""`python -m app.cli`, for where the `alliage` command is not installed."""

from app.cli import main

main()
