"""What can go wrong with the embedded server, said so that a person knows what to do next."""

from __future__ import annotations


class PostgresError(RuntimeError):
    """The embedded PostgreSQL cannot be used; the message says why and what to do."""


class NotReadyYet(PostgresError):
    """The server refused to start for a reason that goes away by itself (what a kill -9 leaves behind)."""
