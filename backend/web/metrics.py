"""Figures for Prometheus on a port of their own: how many, how long; labels are routes, never ids."""

from wsgiref.simple_server import WSGIServer

from prometheus_client import Counter, Histogram, start_http_server

from backend.core.config import Settings
from backend.core.logging import get_logger

REQUESTS = Counter("green_requests_total", "Requests by route and status.", ["method", "route", "status"])
SECONDS = Histogram(
    "green_request_seconds",
    "How long a request took.",
    ["route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)

log = get_logger(__name__)


def note(method: str, route: str, status: int, seconds: float) -> None:
    """Count one request."""
    REQUESTS.labels(method, route, str(status)).inc()
    SECONDS.labels(route).observe(seconds)


def serve(settings: Settings) -> WSGIServer | None:
    """Serve `/metrics` from this process; each further process takes the next port. `GREEN_METRICS_PORT=0`: none."""
    if settings.metrics_port == 0:
        return None
    for port in range(settings.metrics_port, settings.metrics_port + settings.processes):
        try:
            server, _ = start_http_server(port, addr=settings.host)
        except OSError:
            continue
        return server
    log.warning("metrics_port_taken", where=str(settings.metrics_port))
    return None
