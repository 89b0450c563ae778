"""The desk where a deliverable is written: its page, and what its forms do."""

from __future__ import annotations

from app.features.screens.pages.desk import passages, proposals, sections, sources, view

ROUTERS = (view.router, passages.router, proposals.router, sections.router, sources.router)
