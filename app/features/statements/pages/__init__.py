"""The pages on which people write: contribute, revise, reply, take a position, and take back."""

from app.features.statements.pages import acts, opinions, replies, revise, versions

ROUTERS = (revise.router, replies.router, opinions.router, acts.router, versions.router)
