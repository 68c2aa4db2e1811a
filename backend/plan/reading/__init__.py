"""Reads an official plan as governments publish it: parts, articles and candidate aims, each with its place in the text."""

import hashlib
from dataclasses import dataclass
from datetime import date

from backend.plan.reading.candidates import Candidate, candidates_of
from backend.plan.reading.errors import NotAPlan
from backend.plan.reading.files import text_of
from backend.plan.reading.folding import blocks_of
from backend.plan.reading.outline import Article, Part, outline_of

__all__ = ["Article", "Candidate", "NotAPlan", "Part", "Reading", "read_plan"]


@dataclass(frozen=True)
class Reading:
    """What was read; every `start` and `end` is a place in `text`, which is verbatim."""

    text: str
    sha256: str
    """Of the file."""
    title: str
    issuer: str | None
    issued_on: date | None
    number: str | None
    """The document's own file number."""
    basis: str | None
    """The document that it carries out."""
    parts: tuple[Part, ...]
    articles: tuple[Article, ...]
    candidates: tuple[Candidate, ...]


def read_plan(content: bytes) -> Reading:
    """Read a file; raise one of `reading.errors` for anything that is no plan."""
    text = text_of(content)
    outline = outline_of(text, blocks_of(text))
    return Reading(
        text=text,
        sha256=hashlib.sha256(content).hexdigest(),
        title=outline.title,
        issuer=outline.issuer,
        issued_on=outline.issued_on,
        number=outline.number,
        basis=outline.basis,
        parts=outline.parts,
        articles=outline.articles,
        candidates=candidates_of(text, outline),
    )
