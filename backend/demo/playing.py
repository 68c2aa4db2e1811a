"""Plays the demo's stories in the order of time, each act at its own moment, by the services that the pages use."""

import re
import secrets
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from sqlmodel import Session, select

from backend.cases import intake
from backend.cases import service as cases
from backend.cases.models import Case
from backend.cases.rules import Finding, Step
from backend.cases.schemas import AskReporter, TakeStep
from backend.cities import City
from backend.cities.deadlines import deadline_for
from backend.core import clock
from backend.core.actor import Actor
from backend.core.ids import new_id
from backend.demo.credentials import Credentials, ResidentEntry
from backend.demo.stories import Act, Sighting, Story, other_bodies
from backend.reports import queries as report_queries
from backend.reports import service as reports
from backend.reports.models import Report
from backend.reports.schemas import SendMessage, SubmitReport

PhotoIds = dict[tuple[int, int], list[Future[UUID]]]
"""Photos by the number of their story and the place of the sighting in it; those of messages come after the last. A photo may still be on its way."""

Deed = tuple[datetime, Callable[[], None]]
"""Something to do, and when."""

_TO_WRITE = re.compile("〔[^〕]*〕")


@dataclass
class _Running:
    """What is known of a story while it is played."""

    story: Story
    number: str = ""
    reports: list[Report] = field(default_factory=list[Report])


class Player:
    """Plays stories into one session; the caller commits."""

    def __init__(
        self,
        session: Session,
        city: City,
        officers: dict[str | None, Actor],
        photos: PhotoIds,
        credentials: Credentials,
    ) -> None:
        self.session, self.city, self.officers = session, city, officers
        self.photos, self.credentials = photos, credentials
        self._accepted = ""

    def play(self, stories: list[Story]) -> None:
        """Play all stories."""
        acts: list[Deed] = []
        for place, story in enumerate(stories):
            running = _Running(story)
            acts += [
                (sighting.at, partial(self._report, running, sighting, self.photos[place, i]))
                for i, sighting in enumerate(story.sightings)
            ]
            shown = self.photos[place, len(story.sightings)]
            acts += [(act.at, partial(self._act, running, act, shown)) for act in story.acts]
        for moment, act in sorted(acts, key=lambda one: one[0]):
            with clock.at(moment):
                act()

    def _report(self, running: _Running, sighting: Sighting, photos: list[Future[UUID]]) -> None:
        place = sighting.place
        form = SubmitReport(
            id=new_id(),
            secret=secrets.token_hex(16),
            kind=running.story.theme.kind,
            photo_ids=[photo.result() for photo in photos],
            lat=place.lat,
            lon=place.lon,
            accuracy_m=place.accuracy_m,
            place_source="device" if place.source == "device" else "map" if place.source == "map" else "list",
            county_code=place.county_code,
            township_code=place.township_code,
            landmark=place.landmark,
            words=sighting.words,
            joins=running.number or None,
        )
        received = intake.receive(self.session, self.city, form, language=sighting.language)
        report, running.number = report_queries.by_id(self.session, received.sent.report_id), received.case.number
        running.reports.append(report)
        if sighting.phone:
            reports.leave_phone(self.session, report, sighting.phone)
            self.credentials.residents.append(
                ResidentEntry(phone=sighting.phone, receipt=received.sent.receipt.shown, number=running.number)
            )
        if sighting.details:
            with clock.at(sighting.at + timedelta(seconds=50)):
                reports.add_details(self.session, self.city, report, new_id(), sighting.details)

    def _act(self, running: _Running, act: Act, photos: list[Future[UUID]]) -> None:
        first = running.reports[0]
        match act.do:
            case "withdraw":
                cases.withdraw(self.session, first.id)
            case "write":
                shown = [photo.result() for photo in photos[: act.photos]]
                reports.write(self.session, first, SendMessage(id=new_id(), text=act.text, photo_ids=shown))
                cases.hear(self.session, first.id)
            case "ask":
                cases.ask(
                    self.session,
                    self._officer(running),
                    running.number,
                    AskReporter(id=new_id(), text=act.text, rank=1),
                )
            case _:
                self._step(running, act)

    def _step(self, running: _Running, act: Act) -> None:
        assert act.step is not None
        version = self.session.exec(select(Case.version).where(Case.number == running.number)).one()
        form = TakeStep.model_validate({"version": version, **self._form(running, act, act.step)})
        cases.take_step(self.session, self.city, self._officer(running), running.number, act.step, form)
        if act.step is Step.ACCEPT:
            self._accepted = running.number

    def _form(self, running: _Running, act: Act, step: Step) -> dict[str, object]:
        """Return what the officer fills in for a step."""
        plot, theme = running.story.plot, running.story.theme
        match step:
            case Step.ACCEPT:
                return {"answer": self._template(running, "accept", None, None)}
            case Step.REFER:
                body = other_bodies(self.city, theme)[0]
                return {"competent_body": body, "answer": self._template(running, "refer", None, body)}
            case Step.DECLINE:
                reason = self.city.decline_reason(plot.decline_reason or "too_vague")
                own = [code for code in other_bodies(self.city, theme) if code in reason.bodies]
                body = [*own, *reason.bodies, None][0] if reason.needs_body else None
                answer = self._template(running, "decline", reason.code, body)
                return {"decline_reason": reason.code, "competent_body": body, "answer": answer}
            case Step.FINDING:
                return {"finding": act.finding, "subkind": theme.subkind}
            case Step.CLOSE:
                measure = plot.measure if act.finding is Finding.SUBSTANTIATED else None
                return {"measure": measure, "answer": act.text}
            case _:
                return {"reason": act.text}

    def _template(self, running: _Running, purpose: str, reason: str | None, body_code: str | None) -> str:
        """Fill in the city's own answer, as an officer does."""
        found = next(one for one in self.city.templates(purpose) if one.reason == reason)
        body = self.city.body(body_code) if body_code else None
        until = deadline_for("handling", clock.now()).date
        answer = found.text.zh.format(
            number=running.number,
            date=f"{until.month}月{until.day}日",
            body=body.name("zh") if body else "",
            phone=(body and body.phone) or self.city.hotline("general").number,
            bureau=self.city.bureau("zh"),
            hotline=self.city.hotline("general").number,
        )
        return _TO_WRITE.sub(self._accepted or "12345", answer)

    def _officer(self, running: _Running) -> Actor:
        """Return who handles it: the county's officer, or the city's for a place outside or an odd one."""
        county_code = running.reports[0].county_code
        return self.officers.get(county_code) or self.officers[None]
