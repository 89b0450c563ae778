"""A session, before, during and after: one page, and the forms that it holds."""

from __future__ import annotations

from app.features.screens.pages.session import closing, deciding, noting, page, planning, preparing

ROUTERS = (planning.router, page.router, preparing.router, noting.router, deciding.router, closing.router)
