"""The only module that knows every feature: it lists the tables, the routers and the jobs."""

from __future__ import annotations

from fastapi import APIRouter
from sqlalchemy import MetaData

from app.core import events, idempotency  # noqa: F401 - importing a models module is what declares its tables
from app.core.model import Base
from app.features.attachments import api as attachments_api
from app.features.attachments import jobs as attachments_jobs
from app.features.attachments import models as _attachments  # noqa: F401
from app.features.attachments import pages as attachments_pages
from app.features.deliverables import api as deliverables_api
from app.features.deliverables import jobs as deliverables_jobs
from app.features.deliverables import models as _deliverables  # noqa: F401
from app.features.drafts import api as drafts_api
from app.features.drafts import jobs as drafts_jobs
from app.features.drafts import models as _drafts  # noqa: F401
from app.features.drafts import pages as drafts_pages
from app.features.editions import api as editions_api
from app.features.editions import models as _editions  # noqa: F401
from app.features.editions import pages as editions_pages
from app.features.events import api as events_api
from app.features.harvest import api as harvest_api
from app.features.harvest import models as _harvest  # noqa: F401
from app.features.identity import api as identity_api
from app.features.identity import jobs as identity_jobs
from app.features.identity import models as _identity  # noqa: F401
from app.features.identity import pages as identity_pages
from app.features.imports import models as _imports  # noqa: F401
from app.features.initiatives import api as initiatives_api
from app.features.initiatives import models as _initiatives  # noqa: F401
from app.features.live import api as live_api
from app.features.live import jobs as live_jobs
from app.features.live import models as _live  # noqa: F401
from app.features.live import pages as live_pages
from app.features.reading import api as reading_api
from app.features.reading import models as _reading  # noqa: F401
from app.features.screens import pages as screens_pages
from app.features.search import api as search_api
from app.features.search import models as _search  # noqa: F401
from app.features.search import pages as search_pages
from app.features.sessions import api as sessions_api
from app.features.sessions import models as _sessions  # noqa: F401
from app.features.sessions import pages as sessions_pages
from app.features.spaces import api as spaces_api
from app.features.spaces import jobs as spaces_jobs
from app.features.spaces import models as _spaces  # noqa: F401
from app.features.spaces import pages as spaces_pages
from app.features.statements import api as statements_api
from app.features.statements import models as _statements  # noqa: F401
from app.features.statements import pages as statements_pages
from app.jobs.work import Handlers
from app.web import assets, display, guide, health, style

TABLES: MetaData = Base.metadata

ROUTERS: tuple[APIRouter, ...] = (
    guide.router,
    display.router,
    style.router,
    assets.router,
    health.router,
    *screens_pages.ROUTERS,
    *identity_pages.ROUTERS,
    *statements_pages.ROUTERS,
    drafts_pages.router,
    *identity_api.ROUTERS,
    *initiatives_api.ROUTERS,
    *spaces_api.ROUTERS,
    spaces_pages.router,
    sessions_pages.router,
    drafts_api.router,
    *sessions_api.ROUTERS,
    *statements_api.ROUTERS,
    search_pages.router,
    attachments_api.router,
    attachments_pages.router,
    search_api.router,
    *harvest_api.ROUTERS,
    *deliverables_api.ROUTERS,
    *editions_api.ROUTERS,
    *editions_pages.ROUTERS,
    events_api.router,
    reading_api.router,
    live_api.router,
    live_pages.router,
)

STREAMED = attachments_api.STREAMED + attachments_pages.STREAMED
"""Addresses that read their body as it comes: `*` stands for an identifier."""

HANDLERS = Handlers(
    tasks={
        "mail_access_request": spaces_jobs.mail_access_request,
        "mail_invitation": identity_jobs.mail_invitation,
        "mail_reset": identity_jobs.mail_reset,
        "mail_sign_in": identity_jobs.mail_sign_in,
        "mail_address": identity_jobs.mail_address,
        "mail_address_moved": identity_jobs.mail_address_moved,
        "purge_attachment": attachments_jobs.purge_attachment,
        "purge_contribution": attachments_jobs.purge_contribution,
    },
    reactions={
        "access_request.made": "mail_access_request",
        "invitation.sent": "mail_invitation",
        "password.forgotten": "mail_reset",
        "sign_in_code.asked": "mail_sign_in",
        "address.asked": "mail_address",
        "address.changed": "mail_address_moved",
        "attachment.removed": "purge_attachment",
        "contribution.erased": "purge_contribution",
    },
    tidying={
        "attempts": identity_jobs.forget_attempts,
        "sign_in_codes": identity_jobs.forget_codes,
        "password_resets": identity_jobs.forget_resets,
        "address_changes": identity_jobs.forget_addresses,
        "attachments": attachments_jobs.sweep,
        "drafts": drafts_jobs.forget_drafts,
        "presences": live_jobs.forget_presences,
    },
    counting={"scopes": deliverables_jobs.count_scopes},
)
"""What the worker does."""
