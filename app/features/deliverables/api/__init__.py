"""The addresses of deliverables."""

from app.features.deliverables.api import (
    citations,
    coverage,
    deliverables,
    extracts,
    figures,
    passages,
    sections,
    treatments,
)

ROUTERS = (
    deliverables.router,
    sections.router,
    passages.router,
    figures.router,
    citations.router,
    extracts.router,
    treatments.router,
    coverage.router,
)
