"""What the case page shows: the reports with their facts, the mailbox, the history; never anything of who reported."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backend.bureau.filters import write_key
from backend.bureau.views import Row, place_of, row_of
from backend.cases import wording
from backend.cases.models import Case, CaseEvent
from backend.cases.rules import State, Step
from backend.cases.schemas import CaseSheet, QueueRow, ReportSheet
from backend.cities import City
from backend.cities.schema import Body, Point
from backend.core import clock
from backend.core.errors import N_
from backend.core.ids import new_id
from backend.media import service as media
from backend.media.models import Photo
from backend.places import rules as places
from backend.places.drawing import locator_map
from backend.places.pen import Drawing
from backend.reports.models import Report
from backend.reports.schemas import MessageLine
from backend.web.preferences import Lang
from backend.web.templates import translate

FAR_M = 2_000
"""A photo taken farther from the place than this is pointed out."""
OLD_DAYS = 7
PREVIEW_PIXELS = 480

HISTORY: Mapping[str, tuple[str, str]] = {
    "received": (N_("Report received"), "state-received"),
    "joined": (N_("Another report joined"), "twins"),
    "asked": (N_("Question to the reporter"), "speech"),
    "answered": (N_("The reporter wrote"), "mail"),
    "moved": (N_("Handed to another county"), "move"),
    "one_withdrawn": (N_("One reporter took the report back"), "state-withdrawn"),
    Step.ACCEPT.value: (N_("Case accepted"), "state-accepted"),
    Step.DECLINE.value: (N_("Case not accepted"), "state-declined"),
    Step.REFER.value: (N_("Case passed on"), "state-referred"),
    Step.INVESTIGATE.value: (N_("Check started"), "state-investigating"),
    Step.FINDING.value: (N_("Finding written down"), "state-handling"),
    Step.CLOSE.value: (N_("Case closed and answered"), "state-closed"),
    Step.REOPEN.value: (N_("Case opened again"), "state-reopened"),
    Step.WITHDRAW.value: (N_("Taken back by the reporter"), "state-withdrawn"),
}
WHO: Mapping[str, str] = {"reporter": N_("Reporter"), "system": N_("System")}


@dataclass(frozen=True)
class PhotoFacts:
    """A photo with what it tells; the place where it was taken is told only as a distance."""

    id: UUID
    is_ready: bool
    width: int
    height: int
    sha256: str
    size_kb: int
    taken_at: datetime | None
    is_old: bool
    away_m: int | None
    is_far: bool


@dataclass(frozen=True)
class Answer:
    """What a reporter tapped after the receipt."""

    question: str
    choice: str
    icon: str


@dataclass(frozen=True)
class ReportFacts:
    """One report, named by its rank in the case and by nothing else."""

    rank: int
    report: Report
    place: str
    withdrawn_at: datetime | None
    photos: list[PhotoFacts]
    answers: list[Answer]
    messages: list[MessageLine]

    @property
    def has_news(self) -> bool:
        """Whether the reporter wrote last."""
        return bool(self.messages) and self.messages[-1].sender == "reporter"


@dataclass(frozen=True)
class HistoryLine:
    """One change: what, who, when, why, and what the reporters were told."""

    title: str
    icon: str
    who: str
    at: datetime
    change: str
    reason: str
    told: str


@dataclass(frozen=True)
class CasePage:
    """Everything that the case page shows."""

    row: Row
    reports: list[ReportFacts]
    history: list[HistoryLine]
    map: Drawing
    point: Point | None
    map_point: Point | None
    """The same point as the maps on Chinese phones count it, for whoever drives there."""
    body: Body | None
    steps: list[Step]
    main_step: Step | None
    """The step that the work asks for next; it alone is open and yellow."""
    next_key: str | None
    photo_count: int
    message_id: UUID
    """Of the next message from this page: pressed twice, it is one."""

    @property
    def case(self) -> Case:
        """The case itself."""
        return self.row.case


MAIN_STEPS: Mapping[State, Step] = {
    State.RECEIVED: Step.ACCEPT,
    State.ACCEPTED: Step.INVESTIGATE,
    State.INVESTIGATING: Step.FINDING,
    State.HANDLING: Step.CLOSE,
    State.REOPENED: Step.INVESTIGATE,
}


def page_of(city: City, lang: Lang, sheet: CaseSheet) -> CasePage:
    """Put the case page together."""
    case = sheet.case
    point = None if case.lat is None or case.lon is None else (case.lat, case.lon)
    accuracy = sheet.reports[0].report.accuracy_m if sheet.reports else None
    main_step = MAIN_STEPS.get(State(case.state))
    reports = [_report(city, lang, case, one) for one in sheet.reports]
    return CasePage(
        row=row_of(city, lang, QueueRow(case, [])),
        reports=reports,
        history=[_line(city, lang, event) for event in reversed(sheet.events)],
        map=locator_map(city, lang, county_code=case.county_code, point=point, accuracy_m=accuracy),
        point=point,
        map_point=places.wgs84_to_gcj02(*point) if point else None,
        body=city.body(case.competent_body) if case.competent_body else None,
        steps=sorted(sheet.steps, key=lambda step: step is not main_step),
        main_step=main_step,
        next_key=write_key((case.due_at, case.id)) if case.due_at and not case.ended_at else None,
        photo_count=sum(len(report.photos) for report in reports),
        message_id=new_id(),
    )


def _report(city: City, lang: Lang, case: Case, sheet: ReportSheet) -> ReportFacts:
    report = sheet.report
    return ReportFacts(
        rank=sheet.rank,
        report=report,
        place=place_of(city, lang, report.county_code, report.township_code),
        withdrawn_at=sheet.withdrawn_at,
        photos=[_photo(photo, report, _place_of(report, case)) for photo in sheet.photos],
        answers=_answers(city, lang, case, sheet.details),
        messages=sheet.messages,
    )


def _place_of(report: Report, case: Case) -> Point | None:
    if report.lat is not None and report.lon is not None:
        return places.to_wgs84(report.lat, report.lon, places.Datum(report.datum))
    return None if case.lat is None or case.lon is None else (case.lat, case.lon)


def _photo(photo: Photo, report: Report, place: Point | None) -> PhotoFacts:
    facts = media.facts_of(photo)
    taken_at = _moment(facts.get("taken_at"))
    away_m = None
    if place is not None and "lat" in facts and "lon" in facts:
        away_m = round(places.distance_m(place, (facts["lat"], facts["lon"])))
    width, height = photo.width or PREVIEW_PIXELS, photo.height or PREVIEW_PIXELS
    scale = min(1.0, PREVIEW_PIXELS / max(width, height))
    return PhotoFacts(
        id=photo.id,
        is_ready=photo.is_ready,
        width=max(1, round(width * scale)),
        height=max(1, round(height * scale)),
        sha256=photo.sha256.hex(),
        size_kb=max(1, photo.size_bytes // 1000),
        taken_at=taken_at,
        is_old=taken_at is not None and (report.received_at - taken_at).days > OLD_DAYS,
        away_m=away_m,
        is_far=away_m is not None and away_m > FAR_M,
    )


def _moment(text: object) -> datetime | None:
    """Read a camera's time; most cameras do not say their zone, and then it is that of the city."""
    if not isinstance(text, str):
        return None
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=clock.SHANGHAI)


def _answers(city: City, lang: Lang, case: Case, details: Mapping[str, str]) -> list[Answer]:
    """Return what was tapped, in the order of the questions."""
    return [
        Answer(question.label(lang), choice.label(lang), choice.icon)
        for question in city.kind(case.kind).questions
        for choice in question.choices
        if details.get(question.id) == choice.id
    ]


def _line(city: City, lang: Lang, event: CaseEvent) -> HistoryLine:
    title, icon = HISTORY[event.action]
    change = ""
    if event.action == "moved":
        change = " → ".join(city.division_name(code, lang) or "–" for code in (event.before, event.after))
    elif event.after and event.before and event.after != event.before:
        change = " → ".join(translate(lang, wording.STATES[State(code)]) for code in (event.before, event.after))
    who = translate(lang, WHO[event.actor]) if event.actor in WHO else event.actor_name
    return HistoryLine(translate(lang, title), icon, who, event.at, change, event.reason, event.told)
