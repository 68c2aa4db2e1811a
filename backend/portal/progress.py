"""One report's progress as its reporter reads it: never the words, photos or place of the report itself."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlmodel import Session

from backend.cases import queries as cases
from backend.cases import rules, wording
from backend.cases.models import Case, CaseEvent
from backend.cases.rules import Finding, State, Step
from backend.cities import City
from backend.core.errors import N_
from backend.notices import service as notices
from backend.notices.texts import SENTENCES, NoticeCode
from backend.reports import queries as reports
from backend.reports import rules as report_rules
from backend.reports.models import Report
from backend.reports.schemas import MessageLine
from backend.web.preferences import Lang
from backend.web.templates import say_date, translate

# The path as a resident sees it: which states mean that a bead is reached.
BEADS: tuple[tuple[str, frozenset[State]], ...] = (
    (N_("Received"), frozenset(State)),
    (N_("Checking"), frozenset({State.ACCEPTED, State.INVESTIGATING, State.REOPENED, State.HANDLING, State.CLOSED})),
    (N_("Handling"), frozenset({State.HANDLING, State.CLOSED})),
    (N_("Closed"), frozenset({State.CLOSED})),
)

TIMELINE: dict[str, str] = {
    "received": N_("Your report arrived"),
    Step.ACCEPT.value: N_("Accepted"),
    Step.DECLINE.value: N_("Not accepted"),
    Step.REFER.value: N_("Passed to the body in charge"),
    Step.INVESTIGATE.value: N_("The check on the spot began"),
    Step.FINDING.value: N_("The check is done"),
    Step.CLOSE.value: N_("Closed"),
    Step.REOPEN.value: N_("Opened again"),
    Step.WITHDRAW.value: N_("Withdrawn"),
    "moved": N_("Handed to the county in charge"),
}


@dataclass(frozen=True)
class Bead:
    """One station of the path."""

    name: str
    state: Literal["done", "now", "todo"]
    date: datetime | None


@dataclass(frozen=True)
class TimelineLine:
    """One event in plain words."""

    at: datetime
    title: str
    text: str


@dataclass(frozen=True)
class NoticeLine:
    """One notice of the inbox."""

    at: datetime
    text: str
    unread: bool


@dataclass(frozen=True)
class BodyView:
    """The body that is competent instead."""

    name: str
    phone: str | None


@dataclass(frozen=True)
class Progress:
    """Everything that the holder of a receipt may know."""

    number: str
    kind_name: str
    kind_icon: str
    state: State
    state_name: str
    sentence: str
    finding: Finding | None
    finding_name: str | None
    county_name: str | None
    received_at: datetime
    beads: list[Bead]
    timeline: list[TimelineLine]
    answer: str | None
    competent_body: BodyView | None
    accept_by: datetime | None
    due_at: datetime | None
    due_provisional: bool
    messages: list[MessageLine]
    notices: list[NoticeLine]
    may_withdraw: bool
    may_answer: bool
    details_given: bool
    rank: int
    joined: bool

    @property
    def unread(self) -> int:
        """How many notices were not read yet."""
        return sum(notice.unread for notice in self.notices)


def of(session: Session, city: City, report: Report, lang: Lang) -> Progress:
    """Put together what the reporter reads, in `lang`."""
    case, link = cases.case_of(session, report.id), cases.link_of(session, report.id)
    # Who joined later does not read what happened before only in terms of dates; the events are the case's.
    events = cases.events_of(session, case.id)
    kind = city.kind(case.kind)
    state = State.WITHDRAWN if link.withdrawn_at else case.state
    is_open = state in rules.OPEN
    return Progress(
        number=case.number,
        kind_name=kind.name(lang),
        kind_icon=kind.icon,
        state=state,
        state_name=translate(lang, wording.STATES[state]),
        sentence=_sentence(case, state, lang),
        finding=case.finding if state is State.CLOSED else None,
        finding_name=translate(lang, wording.FINDINGS[case.finding])
        if state is State.CLOSED and case.finding
        else None,
        county_name=city.county(case.county_code).name(lang) if case.county_code else None,
        received_at=report.received_at,
        beads=_beads(events, state, lang),
        timeline=_timeline(events, lang),
        answer=case.answer or None,
        competent_body=_body(city, case, lang),
        accept_by=case.due_at if state is State.RECEIVED else None,
        due_at=case.due_at if is_open else None,
        due_provisional=case.due_provisional,
        messages=reports.mailbox(session, [report.id])[report.id],
        notices=[
            NoticeLine(line.at, translate(lang, SENTENCES[NoticeCode(line.code)]), line.read_at is None)
            for line in notices.inbox(session, report_rules.owner_of(report.id))
        ],
        may_withdraw=not link.withdrawn_at and rules.next_state(case.state, Step.WITHDRAW) is not None,
        may_answer=state is not State.WITHDRAWN,
        details_given=bool(reports.details(session, [report.id])[report.id]),
        rank=link.rank,
        joined=link.joined,
    )


def _sentence(case: Case, state: State, lang: Lang) -> str:
    date = say_date(lang, case.due_at) if case.due_at else ""
    return translate(lang, wording.SENTENCES[state]) % {"date": date}


def _beads(events: list[CaseEvent], state: State, lang: Lang) -> list[Bead]:
    reached_at: dict[str, datetime] = {}
    for event in events:
        if event.after is not None and event.after in set(State):
            reached_at[event.after] = event.at
    reached = [states for _, states in BEADS if state in states]
    beads: list[Bead] = []
    for index, (name, states) in enumerate(BEADS):
        done = state in states
        is_last = done and index == len(reached) - 1 and state in rules.OPEN
        dates = [at for after, at in reached_at.items() if State(after) in states]
        beads.append(
            Bead(
                translate(lang, name),
                "now" if is_last else "done" if done else "todo",
                min(dates, default=None) if done else None,
            )
        )
    return beads


def _timeline(events: list[CaseEvent], lang: Lang) -> list[TimelineLine]:
    return [
        TimelineLine(event.at, translate(lang, TIMELINE[event.action]), event.told)
        for event in events
        if event.action in TIMELINE
    ]


def _body(city: City, case: Case, lang: Lang) -> BodyView | None:
    if case.competent_body is None:
        return None
    body = city.body(case.competent_body)
    return BodyView(body.name(lang), body.phone)
