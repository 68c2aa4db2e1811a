"""Answers that an officer can start from: the city's templates with what is known already written in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from babel import dates

from backend.cases.models import Case
from backend.cases.rules import Step
from backend.cities import City
from backend.cities.deadlines import deadline_for
from backend.cities.schema import AnswerTemplate, Body
from backend.core import clock
from backend.core.errors import N_
from backend.web.preferences import Lang
from backend.web.templates import LOCALES, translate

BODY_BLANK = N_("the body in charge")
PHONE_BLANK = N_("telephone")
ASKED = "message"
"""The purpose of a template for a question to the reporter."""
PURPOSES: Mapping[Step, str] = {
    Step.ACCEPT: "accept",
    Step.DECLINE: "decline",
    Step.REFER: "refer",
    Step.CLOSE: "close",
}


@dataclass(frozen=True)
class AnswerOption:
    """One answer to start from; `reason` and `body` are what it fits to, for choosing them with one tap."""

    label: str
    text: str
    reason: str = ""
    body: str = ""


@dataclass(frozen=True)
class AnswerGroup:
    """The answers of one template: alone, or one for each body that may be named in it."""

    label: str
    options: list[AnswerOption]
    general: str
    """The text with blanks, for copying by hand."""


def groups_for(city: City, lang: Lang, case: Case, purpose: str) -> list[AnswerGroup]:
    """Return the templates for one purpose; of those for closing only what fits the finding."""
    facts = _facts(city, lang, case)
    return [
        _group(template, lang, facts, _bodies(city, case, template))
        for template in city.templates(purpose)
        if template.finding in {None, case.finding}
    ]


def likely_bodies(city: City, case: Case) -> list[Body]:
    """Return who handles this kind besides ourselves, the usual one first."""
    return [body for body in city.kind(case.kind).bodies if body.name.zh != city.bureau.zh]


def _bodies(city: City, case: Case, template: AnswerTemplate) -> list[Body]:
    """Return the bodies that the text may name; none where it names none."""
    if "{body}" not in template.text.zh:
        return []
    likely = likely_bodies(city, case)
    if template.reason is None:
        return likely
    allowed = set(city.decline_reason(template.reason).bodies)
    fitting = [body for body in likely if body.code in allowed]
    return [*fitting, *(body for body in city.bodies if body.code in allowed and body not in fitting)]


def _group(template: AnswerTemplate, lang: Lang, facts: Mapping[str, str], bodies: Iterable[Body]) -> AnswerGroup:
    name, reason = template.name(lang), template.reason or ""
    options = [
        AnswerOption(
            body.name(lang),
            template.write(lang, {**facts, "body": body.name(lang), "phone": body.phone or facts["hotline"]}),
            reason,
            body.code,
        )
        for body in bodies
    ]
    general = template.write(lang, facts)
    if len(options) == 1:
        options = [AnswerOption(name, options[0].text, reason, options[0].body)]
    return AnswerGroup(name, options or [AnswerOption(name, general, reason)], general)


def _facts(city: City, lang: Lang, case: Case) -> dict[str, str]:
    return {
        "number": case.number,
        "date": _day(lang, deadline_for("handling", clock.now()).date),
        "bureau": city.bureau(lang),
        "hotline": city.hotlines[0].number,
        "body": f"〔{translate(lang, BODY_BLANK)}〕",
        "phone": f"〔{translate(lang, PHONE_BLANK)}〕",
    }


def _day(lang: Lang, day: date) -> str:
    return dates.format_date(day, {"zh": "M月d日", "en": "d MMMM"}[lang], locale=LOCALES[lang])
