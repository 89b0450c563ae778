"""Start uvicorn the one way Alliage is served: bounded protocol, uvloop, our logs, no header of its own."""

from __future__ import annotations

import sys
from typing import Any

import uvicorn
from uvicorn.supervisors import Multiprocess

from app.core.log import configure_logging
from app.web.protocol import BoundedProtocol, ConnectionLimits


class BoundedConfig(uvicorn.Config):
    """uvicorn's configuration with our limits and our logs; it crosses into worker processes by pickle."""

    def __init__(
        self, app: str, *, connection_limits: ConnectionLimits, logs: tuple[str, bool], **options: Any
    ) -> None:
        """`logs`: level, and whether as JSON."""
        self.connection_limits = connection_limits
        self.logs = logs
        super().__init__(app, **options)

    def configure_logging(self) -> None:
        """Called by uvicorn in each process, in place of its own handlers."""
        level, json = self.logs
        configure_logging(level, json)


def server_config(
    app_factory_path: str,
    host: str,
    port: int,
    *,
    connection_limits: ConnectionLimits = ConnectionLimits(),
    keep_alive_seconds: int = 15,
    shutdown_seconds: int = 10,
    log_level: str = "info",
    log_json: bool = True,
    workers: int = 1,
) -> BoundedConfig:
    """How to serve the application that `app_factory_path` ("app.main:create_app") makes.

    Forwarded headers are not read here: the peer stays the peer, and `client_address` decides who is
    behind it from the configured proxies.
    """
    return BoundedConfig(
        app_factory_path,
        connection_limits=connection_limits,
        logs=(log_level, log_json),
        factory=True,
        host=host,
        port=port,
        http=BoundedProtocol,
        ws="none",
        loop="uvloop",
        lifespan="on",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=keep_alive_seconds,
        timeout_graceful_shutdown=shutdown_seconds,
        workers=workers,
    )


def run(app_factory_path: str, host: str = "127.0.0.1", port: int = 8000, **options: Any) -> None:
    """Serve until SIGINT or SIGTERM, then give requests `shutdown_seconds`; options as in `server_config`.

    Exits with uvicorn's status 3 where the application does not start.
    """
    config = server_config(app_factory_path, host, port, **options)
    server = uvicorn.Server(config)
    try:
        if config.workers > 1:
            Multiprocess(config, sockets=[config.bind_socket()]).run()
            return
        server.run()
    except KeyboardInterrupt:
        return
    if not server.started:
        sys.exit(3)
