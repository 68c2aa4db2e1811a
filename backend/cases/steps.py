"""What the form of each step must bring, and what it writes into the case; which steps are possible is the table's."""

from collections.abc import Callable, Mapping

from backend.cases import errors, rules
from backend.cases.models import Case
from backend.cases.rules import Finding, Step
from backend.cases.schemas import TakeStep
from backend.cities import City
from backend.core.errors import N_, Invalid


def fill_in(city: City, case: Case, step: Step, form: TakeStep) -> None:
    """Write what the form says into `case`, or raise the `Invalid` that names what is missing."""
    if form.subkind is not None:
        if form.subkind not in {one.code for one in city.kind(case.kind).subkinds}:
            raise _missing(errors.SubkindUnknown, "subkind")
        case.subkind = form.subkind
    _FILL_IN.get(step, _nothing)(city, case, form)


def _nothing(_city: City, _case: Case, _form: TakeStep) -> None:
    """Accepting and starting to check need nothing but the step itself."""


def _decline(city: City, case: Case, form: TakeStep) -> None:
    reason = next((one for one in city.decline_reasons if one.code == form.decline_reason), None)
    if reason is None:
        raise _missing(errors.ReasonMissing, "decline_reason")
    _turn_away(city, case, form, needs_body=reason.needs_body)


def _refer(city: City, case: Case, form: TakeStep) -> None:
    _turn_away(city, case, form, needs_body=True)


def _turn_away(city: City, case: Case, form: TakeStep, *, needs_body: bool) -> None:
    """A refusal or referral tells the reporters why, and who is competent instead where somebody is."""
    if (needs_body or form.competent_body) and form.competent_body not in {body.code for body in city.bodies}:
        raise _missing(errors.BodyMissing, "competent_body")
    _answer(case, form)
    case.competent_body = form.competent_body


def _finding(_city: City, case: Case, form: TakeStep) -> None:
    if form.finding is None:
        sentence = N_("Choose what was found.")
        raise errors.NotReadyToClose(sentence, fields={"finding": sentence})
    case.finding = form.finding


def _close(_city: City, case: Case, form: TakeStep) -> None:
    measure = form.measure if case.finding is Finding.SUBSTANTIATED else None
    if missing := rules.ending_needs(Step.CLOSE, case.finding, measure):
        raise errors.NotReadyToClose(missing, fields={"measure": missing})
    _answer(case, form)
    case.measure = measure


def _reopen(_city: City, case: Case, form: TakeStep) -> None:
    if not form.reason:
        raise _missing(errors.ReasonMissing, "reason")
    case.finding, case.measure, case.competent_body, case.answer = None, None, None, ""


def _answer(case: Case, form: TakeStep) -> None:
    if not form.answer:
        raise _missing(errors.AnswerMissing, "answer")
    case.answer = form.answer


def _missing(error: type[Invalid], field: str) -> Invalid:
    return error(fields={field: error.message})


_FILL_IN: Mapping[Step, Callable[[City, Case, TakeStep], None]] = {
    Step.DECLINE: _decline,
    Step.REFER: _refer,
    Step.FINDING: _finding,
    Step.CLOSE: _close,
    Step.REOPEN: _reopen,
}
