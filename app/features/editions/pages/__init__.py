"""Pages of editions: the shelf, reading one, what changed since another, what became of each contribution."""

from app.features.editions.pages import became, changes, reader, shelf, sources

ROUTERS = (shelf.router, reader.router, changes.router, became.router, sources.router)
