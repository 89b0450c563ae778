"""JSON routes of editions, and their files."""

from app.features.editions.api import cited, erasures, files, shelf

ROUTERS = (shelf.router, files.router, cited.router, erasures.router)
