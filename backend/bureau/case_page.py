"""Shows a case with the forms of its next steps; after a refusal with the sentence and the typed text in their places."""

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response

from backend.bureau import answers, case_views, steps
from backend.cases import wording
from backend.cases.rules import Finding, Measure, Step
from backend.cases.schemas import CaseSheet
from backend.cities import City, city
from backend.cities.schema import Body
from backend.core.actor import Actor, Permission
from backend.core.errors import N_, Conflict, DomainError, Invalid
from backend.web.preferences import Lang, preferences_of
from backend.web.refusals import status_of
from backend.web.templates import render, translate

# What the officer reads after a step; the reporters have read it in their own words.
DONE: Mapping[str, str] = {
    Step.ACCEPT.value: N_("Accepted. The reporters have been told."),
    Step.DECLINE.value: N_("Not accepted. The reporters have been told why and who can help."),
    Step.REFER.value: N_("Passed on. The reporters have been told to whom."),
    Step.INVESTIGATE.value: N_("The check has started. The reporters have been told."),
    Step.FINDING.value: N_("The finding is written down. Now decide and answer."),
    Step.CLOSE.value: N_("Closed. The reporters can read the answer."),
    Step.REOPEN.value: N_("Opened again. The reporters have been told."),
    steps.ASK: N_("The message has been sent."),
    steps.MOVE: N_("Handed over to the other county."),
}
EVENT_OF = {steps.ASK: "asked", steps.MOVE: "moved"}
STEP_ICONS: Mapping[Step, str] = {
    Step.ACCEPT: "state-accepted",
    Step.DECLINE: "state-declined",
    Step.REFER: "state-referred",
    Step.INVESTIGATE: "state-investigating",
    Step.FINDING: "state-handling",
    Step.CLOSE: "state-closed",
    Step.REOPEN: "state-reopened",
}
PERMISSIONS: Mapping[Step, Permission] = {
    Step.REFER: Permission.CASE_REFER,
    Step.CLOSE: Permission.CASE_ANSWER,
}


@dataclass(frozen=True)
class Refused:
    """A step that was not taken, and why."""

    step: str
    error: Conflict | Invalid


@dataclass(frozen=True)
class StepForm:
    """The form of one legal step."""

    code: str
    name: str
    icon: str
    is_main: bool
    is_open: bool
    answers: list[answers.AnswerGroup]


def show(
    request: Request,
    actor: Actor,
    sheet: CaseSheet,
    *,
    refused: Refused | None = None,
    typed: Mapping[str, str] | None = None,
    done: str = "",
) -> Response:
    """Answer with the case page."""
    lang, case = preferences_of(request).lang, sheet.case
    page = case_views.page_of(city(), lang, sheet)
    forms = [_form(lang, sheet, step, page.main_step, refused) for step in page.steps if _may(actor, step)]
    return render(
        request,
        "bureau/case.html",
        status=status_of(refused.error if refused else None),
        headers={"Cache-Control": "no-store"},
        actor=actor,
        page=page,
        case=case,
        steps=forms,
        bodies=_bodies(city(), sheet),
        findings=[(one.value, translate(lang, wording.FINDINGS[one])) for one in Finding],
        measures=[(one.value, translate(lang, wording.MEASURES[one])) for one in Measure],
        questions=answers.groups_for(city(), lang, case, answers.ASKED),
        may_ask=actor.may(Permission.CASE_ANSWER) and any(one.withdrawn_at is None for one in page.reports),
        may_move=actor.may(Permission.CASE_MOVE) and case.ended_at is None,
        typed=_Typed(refused.step if refused else "", typed or {}, {step.code for step in forms}),
        refused=_sentence(lang, refused.error) if refused else None,
        fields=_fields(lang, refused.error) if refused else {},
        done=_done(lang, sheet, done),
    )


class _Typed:
    """What was typed into the form of the refused step; every other form starts empty."""

    def __init__(self, step: str, values: Mapping[str, str], offered: set[str]) -> None:
        self.step = step
        self._values = values
        self._is_offered = step in offered | {steps.ASK, steps.MOVE, ""}

    def value(self, step: str, field: str) -> str:
        """Return what stood in a field."""
        return self._values.get(field, "") if step == self.step else ""

    @property
    def lost(self) -> list[str]:
        """Texts whose form is no longer on the page, because the step is no longer possible."""
        if self._is_offered:
            return []
        return [text for text in (self._values.get("answer", ""), self._values.get("reason", "")) if text.strip()]


def _form(lang: Lang, sheet: CaseSheet, step: Step, main_step: Step | None, refused: Refused | None) -> StepForm:
    purpose = answers.PURPOSES.get(step)
    is_main = step is main_step
    return StepForm(
        code=step.value,
        name=translate(lang, wording.STEPS[step]),
        icon=STEP_ICONS[step],
        is_main=is_main,
        is_open=step.value == refused.step if refused else is_main,
        answers=answers.groups_for(city(), lang, sheet.case, purpose) if purpose else [],
    )


def _may(actor: Actor, step: Step) -> bool:
    return actor.may(PERMISSIONS.get(step, Permission.CASE_DECIDE))


def _bodies(where: City, sheet: CaseSheet) -> tuple[list[Body], list[Body]]:
    """Return who may be competent instead of us: those for this kind first, then all others."""
    likely = answers.likely_bodies(where, sheet.case)
    others = [body for body in where.bodies if body not in likely and body.name.zh != where.bureau.zh]
    return likely, others


def _sentence(lang: Lang, error: DomainError) -> str:
    return translate(lang, error.text, **error.params)


def _fields(lang: Lang, error: DomainError) -> dict[str, str]:
    return {name: translate(lang, text) for name, text in error.fields.items()} if isinstance(error, Invalid) else {}


def _done(lang: Lang, sheet: CaseSheet, done: str) -> str | None:
    """Return the confirmation, if the last thing that happened to the case is what the address says was done."""
    if done not in DONE or not sheet.events or sheet.events[-1].action != EVENT_OF.get(done, done):
        return None
    return translate(lang, DONE[done])
