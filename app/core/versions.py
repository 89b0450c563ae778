"""The version that a change was written on: no change overwrites another unseen (R6)."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.errors import PreconditionFailed, PreconditionRequired


@dataclass(frozen=True, slots=True)
class Expected:
    """What `If-Match` said, or the hidden field of a form: a version, `*` (any), or nothing."""

    version: int | None = None
    any_version: bool = False
    unsaid: str = "Envoyez l’en-tête If-Match avec l’ETag de la version que vous avez lue."
    """What is answered when it said nothing (428)."""

    def require_said(self) -> None:
        """Return when the caller said what they read; 428 else."""
        if self.version is None and not self.any_version:
            raise PreconditionRequired(self.unsaid)

    def check(self, current: int) -> None:
        """Return when the caller read `current`; 428 when they did not say, 412 when they read an older one."""
        if self.any_version:
            return
        self.require_said()
        if self.version != current:
            raise PreconditionFailed(
                "Cet objet a changé depuis que vous l’avez lu : relisez-le, comparez, puis renvoyez votre modification.",
                current_version=current,
                your_version=self.version,
            )


ANY_VERSION = Expected(any_version=True)
"""For commands and jobs, which act on what they have just read."""
