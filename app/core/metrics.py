"""What is counted for whoever watches the service: numbers of things, never which things, and never who.

Labels hold words of ours only (templates of routes, methods, statuses, names of tasks): no identifier, no address.
`app.web.metrics` shows them on an address of their own.
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, PlatformCollector, ProcessCollector

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)

REQUESTS = Histogram(
    "alliage_request_seconds",
    "Time to answer a request, by template of the route.",
    ("method", "route", "status"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=REGISTRY,
)
STREAMS = Gauge("alliage_live_streams_open", "Live streams that browsers hold open.", registry=REGISTRY)
LISTENING = Gauge("alliage_listening", "1 while this process hears what the database announces.", registry=REGISTRY)
JOBS = Counter(
    "alliage_jobs",
    "Attempts of background jobs that ended in this process.",
    ("task", "outcome"),
    registry=REGISTRY,
)
CONNECTIONS = Gauge(
    "alliage_database_connections",
    "Connections of this process: how many may be used, and how many are.",
    ("pool", "state"),
    registry=REGISTRY,
)
DATABASE_UP = Gauge("alliage_database_up", "1 where the database answered this look.", registry=REGISTRY)
QUEUED = Gauge("alliage_jobs_queued", "Background jobs in the database, by state.", ("state",), registry=REGISTRY)
QUEUE_AGE = Gauge(
    "alliage_queue_age_seconds", "How long the job that is due and waits longest has waited.", registry=REGISTRY
)

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def count_request(method: str, route: str, status: int, seconds: float) -> None:
    """One request; a method that HTTP does not know is "other", or anybody could make a series of each word."""
    REQUESTS.labels(method if method in METHODS else "other", route, str(status)).observe(seconds)
