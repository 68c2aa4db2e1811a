"""Forms for the entries of the plan, made from their shapes: one field for each, with the sentence beside it that is wrong."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import ValidationError
from starlette.datastructures import FormData

from backend.cities import City
from backend.cities.plan import CanDo
from backend.cities.schema import Entry, Words
from backend.core.errors import N_
from backend.core.ids import new_id
from backend.plan.editions import Edition
from backend.plan.rules import Kind
from backend.plan.schemas import BODIES, key_of
from backend.web.forms import SENTENCES, WRONG, FormRefused, texts
from backend.web.preferences import Lang
from backend.web.templates import translate

ABOUT = "about"
"""The field that says what a claim, finding, reply or start is about."""
KEYED_BY_SUBJECT = frozenset({Kind.CLAIM, Kind.FINDING, Kind.REPLY})
LONG = frozenset({"text", "summary", "definition", "what", "reason", "note"})
HIDDEN = frozenset({"key", "text_sha256"})
LABELS: Mapping[str, str] = {
    ABOUT: N_("About which aim or promise"),
    "name": N_("Name"), "issuer": N_("Issued by"), "issued_on": N_("Issued on"), "basis": N_("Carries out"),
    "number": N_("Number"), "horizon": N_("Year of the plan's aims"), "lead": N_("Who leads"),
    "oddities": N_("What is strange in the text"), "title": N_("Heading"), "icon": N_("Picture"), "text": N_("Text"),
    "part": N_("Part"), "summary": N_("In plain words"), "can_do": N_("What you can do"),
    "report_kinds": N_("Kinds of report that serve it"), "errata": N_("Errors of the text"),
    "definition": N_("What is measured"), "unit": N_("Unit"), "decimals": N_("Digits after the point"),
    "resolution": N_("How often"), "trend": N_("Which way is better"), "minimum": N_("Natural minimum"),
    "maximum": N_("Natural maximum"), "lag_days": N_("Days until its figure is expected"),
    "statistical_source": N_("Where such figures come from"), "is_context": N_("For comparison only, without an aim"),
    "indicator": N_("Indicator"), "article": N_("Article"), "operator": N_("Comparison"), "value": N_("Value"),
    "low": N_("From"), "high": N_("To"), "base_year": N_("Base year"), "due": N_("By the end of"),
    "due_basis": N_("Where the year comes from"), "scope": N_("Where"), "wording": N_("Word of the plan"),
    "quote": N_("In the official words"), "note": N_("Note"), "kind": N_("Kind"), "gist": N_("Promise"),
    "places": N_("Counties"), "publisher": N_("Publisher"), "url": N_("Address of the page"),
    "published_on": N_("Published on"), "sha256": N_("SHA-256 of the file"), "licence": N_("Licence"),
    "target": N_("Aim"), "area": N_("City or county"), "period": N_("Period"), "reason": N_("Reason"),
    "body": N_("Which body"), "status": N_("What it says"), "said_on": N_("Said on"), "source": N_("Source"),
    "stage": N_("What was found"), "searched_on": N_("Searched on"), "replied_on": N_("Replied on"),
    "subject": N_("Who"), "county_code": N_("District or county"), "what": N_("What happened"),
    "legal_basis": N_("Law and article"), "decision_number": N_("Number of the decision"),
    "decided_on": N_("Decided on"), "decided_by": N_("Decided by"), "rectified_on": N_("Put right on"),
    "until": N_("Shown until"), "on": N_("Date"),
}  # fmt: skip
OWN_SENTENCES: tuple[str, ...] = (
    N_("it must be shown until a day after the decision"),
    N_("a decision is shown for three years at most"),
    N_("it cannot be rectified before it was decided"),
    N_("what was found has a source, and what was not found has none"),
    N_("minimum must be less than maximum"),
    N_("low must not be more than high"),
    N_("a year has a basis, and no year has none"),
)
"""Sentences of the shapes themselves."""
CHOICES: Mapping[str, str] = {
    "ge": N_("at least"), "le": N_("at most"), "eq": N_("exactly"), "between": N_("from … to …"),
    "change": N_("change from the base year in percent"), "external": N_("set by another body"),
    "stated": N_("printed beside it"), "inherited": N_("taken from the plan as a whole"), "none": N_("no date"),
    "city": N_("whole city"), "urban": N_("urban area"), "towns": N_("towns"), "up": N_("more is better"),
    "down": N_("less is better"), "binary": N_("done or not"), "qualitative": N_("in words only"),
    "year": N_("every year"), "half": N_("every half year"), "quarter": N_("every quarter"), "month": N_("every month"),
    "not_started": N_("not begun"), "under_way": N_("under way"), "done": N_("done"), "given_up": N_("given up"),
    "none_found": N_("nothing found"), "announced": N_("announced"), "funded": N_("money granted"),
    "delivered": N_("delivered"), "verified": N_("checked and in use"),
}  # fmt: skip


class Widget(StrEnum):
    """How a field is filled in."""

    TEXT = "text"
    LONG = "long"
    WORDS = "words"
    LONG_WORDS = "long_words"
    LINES = "lines"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"
    MANY = "many"
    YES = "yes"


@dataclass(frozen=True)
class FieldView:
    """One field of a form."""

    name: str
    label: str
    widget: Widget
    values: Sequence[str]
    """What is filled in; Chinese and English of words, the chosen ones of many."""
    options: Sequence[tuple[str, str]] = ()
    error: str = ""
    is_required: bool = False
    hint: str = ""


def fields(
    city: City,
    plan: Edition | None,
    lang: Lang,
    kind: Kind,
    given: Mapping[str, Sequence[str]],
    wrong: Mapping[str, str] | None = None,
) -> list[FieldView]:
    """Return the fields of the form of `kind`; `given` are texts as `texts_of` or a sent form has them."""
    wrong = wrong or {}
    found: list[FieldView] = []
    if kind in KEYED_BY_SUBJECT:
        options = _subjects(plan, lang)
        found.append(
            FieldView(
                ABOUT, translate(lang, LABELS[ABOUT]), Widget.CHOICE, given.get(ABOUT, ("",)), options,
                translate(lang, wrong[ABOUT]) if ABOUT in wrong else "", is_required=True,
            )
        )  # fmt: skip
    for name, field in BODIES[kind].model_fields.items():
        if name in HIDDEN:
            continue
        core, is_optional = _core(field.annotation)
        widget = _widget(name, core)
        options = _options(city, plan, lang, name, core)
        if options and widget is not Widget.MANY:
            widget = Widget.CHOICE
        error = next((sentence for place, sentence in wrong.items() if place.split(".")[0] == name), "")
        found.append(
            FieldView(
                name, translate(lang, LABELS.get(name, name)), widget, given.get(name, ()), options,
                translate(lang, error) if error else "", is_required=field.is_required() and not is_optional,
                hint=translate(lang, HINTS[name]) if name in HINTS else "",
            )
        )  # fmt: skip
    return found


HINTS: Mapping[str, str] = {
    "can_do": N_("One a line: Chinese | English | /page"),
    "oddities": N_("One a line: Chinese | English"),
    "errata": N_("One a line: Chinese | English"),
    "period": N_("2025, 2025-S1, 2025-Q3 or 2025-07"),
    "until": N_("Three years after the decision at most"),
}


def _core(annotation: Any) -> tuple[Any, bool]:
    """Return the type behind `Annotated` and `| None`, and whether it may be absent."""
    if get_origin(annotation) is Annotated:
        return _core(get_args(annotation)[0])
    if get_origin(annotation) in {Union, UnionType}:
        rest = [one for one in get_args(annotation) if one is not NoneType]
        return _core(rest[0])[0], NoneType in get_args(annotation)
    return annotation, False


def _widget(name: str, core: Any) -> Widget:
    if core is Words:
        return Widget.LONG_WORDS if name in LONG else Widget.WORDS
    if get_origin(core) is tuple:
        return Widget.LINES if get_args(core)[0] in {Words, CanDo} else Widget.MANY
    if core is bool:
        return Widget.YES
    if core is date:
        return Widget.DATE
    if core in {int, Decimal}:
        return Widget.NUMBER
    return Widget.LONG if name in LONG else Widget.TEXT


def _options(city: City, plan: Edition | None, lang: Lang, name: str, core: Any) -> list[tuple[str, str]]:
    if isinstance(core, type) and issubclass(core, StrEnum):
        return [(one.value, translate(lang, CHOICES[one.value])) for one in core]
    counties = [(one.code, one.name(lang)) for one in city.counties]
    match name:
        case "county_code" | "places":
            return counties
        case "area":
            return [(city.code, city.name(lang)), *counties]
        case "report_kinds":
            return [(one.code, one.name(lang)) for one in city.kinds]
        case _:
            return _of_the_plan(plan, lang, name) if plan is not None else []


def _of_the_plan(plan: Edition, lang: Lang, name: str) -> list[tuple[str, str]]:
    match name:
        case "indicator":
            return [(key, one.name(lang)) for key, one in plan.indicators.items()]
        case "source":
            return [(key, one.title) for key, one in plan.sources.items()]
        case "article":
            return [(str(number), f"{number} {one.title(lang)}") for number, one in plan.articles.items()]
        case "part":
            return [(str(number), f"{number} {one.title(lang)}") for number, one in plan.parts.items()]
        case "target":
            return _aims(plan, lang)
        case _:
            return []


def _aims(plan: Edition, lang: Lang) -> list[tuple[str, str]]:
    return [
        (key, plan.indicators[one.indicator].name(lang))
        for key, one in plan.targets.items()
        if one.indicator in plan.indicators
    ]


def _subjects(plan: Edition | None, lang: Lang) -> list[tuple[str, str]]:
    if plan is None:
        return []
    return _aims(plan, lang) + [(key, one.gist(lang)) for key, one in plan.commitments.items()]


def texts_of(entry: Entry | None, about: str = "") -> dict[str, Sequence[str]]:
    """Return an entry as what stands in the fields of its form."""
    found: dict[str, Sequence[str]] = {ABOUT: (about,)}
    for name in type(entry).model_fields if entry else ():
        value = getattr(entry, name)
        match value:
            case None:
                found[name] = ()
            case Words():
                found[name] = (value.zh, value.en)
            case bool():
                found[name] = ("yes",) if value else ()
            case tuple():
                found[name] = _lines_of(value)  # pyright: ignore[reportUnknownArgumentType] -- of words or codes
            case _:
                found[name] = (str(value),)
    return found


def _lines_of(values: Sequence[Any]) -> Sequence[str]:
    def line(one: Any) -> str:
        match one:
            case Words():
                return f"{one.zh} | {one.en}"
            case CanDo():
                return f"{one.words.zh} | {one.words.en} | {one.path}"
            case _:
                return str(one)

    return [line(one) for one in values]


def sent(kind: Kind, form: FormData) -> dict[str, Sequence[str]]:
    """Return what was sent, as `fields` takes it."""
    found: dict[str, Sequence[str]] = {ABOUT: (str(form.get(ABOUT, "")),)}
    for name, field in BODIES[kind].model_fields.items():
        core, _ = _core(field.annotation)
        widget = _widget(name, core)
        if widget in {Widget.WORDS, Widget.LONG_WORDS}:
            found[name] = tuple(str(form.get(f"{name}_{lang}", "")).strip() for lang in ("zh", "en"))
        elif widget is Widget.LINES:
            found[name] = [line for line in str(form.get(name, "")).splitlines() if line.strip()]
        else:
            found[name] = [str(one).strip() for one in form.getlist(name) if str(one).strip()]
    return found


def read(kind: Kind, form: FormData, known: Entry | None) -> tuple[str, Entry]:
    """Return key and entry of a sent form; raise `FormRefused` with a sentence for each field that is wrong.

    What a form does not show (a key, the digest of the official text) is kept from `known`.
    """
    given = sent(kind, form)
    values: dict[str, object] = {}
    for name, field in BODIES[kind].model_fields.items():
        core, _ = _core(field.annotation)
        value = _value(_widget(name, core), core, given[name])
        if value is not None:
            values[name] = value
    for name in HIDDEN & set(BODIES[kind].model_fields):
        kept = getattr(known, name, None)
        values[name] = kept if kept is not None else f"{kind.value}-{new_id().hex[:8]}" if name == "key" else None
    try:
        entry = BODIES[kind].model_validate(values, strict=False)
    except ValidationError as error:
        raise FormRefused(_wrong(error), texts(form)) from None
    return _key(kind, entry, given, form), entry


def _key(kind: Kind, entry: Entry, given: Mapping[str, Sequence[str]], form: FormData) -> str:
    if kind in KEYED_BY_SUBJECT:
        about = given[ABOUT][0]
        if not about:
            raise FormRefused({ABOUT: SENTENCES["missing"]}, texts(form))
        return about
    try:
        return key_of(entry)
    except TypeError:
        return str(form.get("entry_key") or f"{kind.value}-{new_id().hex[:8]}")


def _value(widget: Widget, core: Any, given: Sequence[str]) -> object | None:
    match widget:
        case Widget.WORDS | Widget.LONG_WORDS:
            return {"zh": given[0], "en": given[1]} if any(given) else None
        case Widget.LINES:
            return [_from_line(get_args(core)[0], line) for line in given]
        case Widget.MANY:
            return list(given)
        case Widget.YES:
            return bool(given)
        case _:
            return given[0] if given else None


def _from_line(of: Any, line: str) -> dict[str, object]:
    zh, en, path, *_ = [*(part.strip() for part in re.split(r"\s*[|｜]\s*", line)), "", "", ""]
    words = {"zh": zh, "en": en or zh}
    return {"words": words, "path": path} if of is CanDo else dict(words)


def _wrong(error: ValidationError) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in error.errors(include_input=False, include_url=False):
        place = ".".join(str(part) for part in one["loc"]) or "form"
        own = one["msg"].removeprefix("Value error, ")
        found.setdefault(place, own if own in OWN_SENTENCES else SENTENCES.get(one["type"], WRONG))
    return found
