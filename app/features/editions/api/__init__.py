"""JSON routes of editions, their files, and the page that leads to them."""

from app.features.editions.api import cited, erasures, files, pages, shelf

ROUTERS = (shelf.router, files.router, cited.router, erasures.router, pages.router)
