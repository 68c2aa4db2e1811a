"""What the address of the queue asks for, and the addresses of everything else that could be asked.

Filters are links, so that every view of the queue can be reached, kept and sent on without a script.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast
from urllib.parse import urlencode
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from backend.cases.queries import Key
from backend.cases.rules import ENDED, State
from backend.cases.schemas import QueueFilter
from backend.cities import City
from backend.core.actor import Actor
from backend.core.errors import Invalid
from backend.web.forms import SENTENCES
from backend.web.pagination import CursorForged, read_cursor, write_cursor

View = Literal[
    "open",
    "received",
    "accepted",
    "investigating",
    "handling",
    "reopened",
    "overdue",
    "ended",
    "closed",
    "declined",
    "referred",
    "withdrawn",
]
QUEUE = "/bureau"
LIST = "queue"
"""Marks a cursor as one of this list: a sound mark of another list is still a forged one here."""


class QueueQuery(BaseModel):
    """The part of the queue that is asked for; a word that is not listed here is refused, not ignored (S-30)."""

    model_config = ConfigDict(extra="forbid")

    view: View = "open"
    kind: str | None = Field(default=None, max_length=40)
    county: str | None = Field(default=None, max_length=12)
    after: str | None = Field(default=None, max_length=1000)
    before: str | None = Field(default=None, max_length=1000)
    last: bool = False

    @property
    def is_backwards(self) -> bool:
        """Whether the list is walked towards its start."""
        return self.before is not None or self.last

    @property
    def key(self) -> Key | None:
        """Where the page before this one stopped."""
        return None if self.last else read_key(self.before or self.after)

    def wanted(self, city: City, actor: Actor) -> QueueFilter:
        """Return the filter; an officer of a county has no other county to choose."""
        if self.kind is not None and self.kind not in {kind.code for kind in city.kinds}:
            raise Invalid(fields={"kind": SENTENCES["enum"]})
        if self.county is not None and self.county not in {county.code for county in city.counties}:
            raise Invalid(fields={"county": SENTENCES["enum"]})
        state = State(self.view) if self.view in set(State) else None
        return QueueFilter(
            ended=self.view == "ended" or state in ENDED,
            state=state,
            kind=self.kind,
            county_code=self.county if actor.county_code is None else None,
            overdue=self.view == "overdue",
        )


@dataclass(frozen=True)
class Address:
    """Writes addresses of the queue that differ from the present one in one thing and start at the first page."""

    query: QueueQuery

    def view(self, view: str) -> str:
        """Show another part of the queue."""
        return self._with(view=view)

    def kind(self, code: str | None) -> str:
        """Show one kind of pollution, or all."""
        return self._with(kind=code)

    def county(self, code: str | None) -> str:
        """Show one county, or all."""
        return self._with(county=code)

    def page(self, **place: str) -> str:
        """Show another page of the same list."""
        return self._with(**place)

    def _with(self, **changes: str | None) -> str:
        present: dict[str, str | None] = {"view": self.query.view, "kind": self.query.kind, "county": self.query.county}
        chosen = {**present, **changes}
        told = {
            name: value for name, value in chosen.items() if value is not None and (name, value) != ("view", "open")
        }
        return f"{QUEUE}?{urlencode(told)}" if told else QUEUE


def write_key(key: Key, of: str = LIST) -> str:
    """Return the signed mark of a place in the queue, or in another list of cases."""
    moment, case_id = key
    return write_cursor(of, moment.isoformat(), str(case_id))


def read_key(text: str | None, of: str = LIST) -> Key | None:
    """Undo `write_key`; no mark is the first page."""
    values = cast("tuple[object, ...] | None", read_cursor(text))
    if values is None:
        return None
    match values:
        case (str() as kind, str() as moment, str() as case_id) if kind == of:
            return datetime.fromisoformat(moment), UUID(case_id)
        case _:
            raise CursorForged
