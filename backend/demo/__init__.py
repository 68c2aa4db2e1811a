"""Fills an empty demo city with three believable months, so that everything can be tried at once."""

from backend.core.config import Settings


def fill(settings: Settings) -> None:
    """Fill the database where it holds neither staff nor reports; otherwise do nothing."""
    # The process that draws the photos imports this package too, and must not load the whole service for it.
    from backend.demo.filling import fill_city  # noqa: PLC0415

    fill_city(settings)
