"""What the pages of green behaviours show: nine tiles, the rest by what it serves, one entry, the weeks, the places."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from backend.activities import intake, quiz, rules
from backend.activities.models import Activity, ActivityAppeal
from backend.activities.rules import Reason, State
from backend.activities.schemas import Use
from backend.cities import City
from backend.cities.behaviours import Behaviour
from backend.core import clock
from backend.core.errors import N_
from backend.core.ids import new_id
from backend.web.preferences import Lang
from backend.web.templates import translate

Way = Literal["tap", "camera", "page"]

STATES: Mapping[State, tuple[str, str]] = {
    State.UNCLAIMED: (N_("Kept on this phone"), "clock"),
    State.PENDING: (N_("On its way"), "clock"),
    State.POSTED: (N_("Yours"), "check"),
    State.UNDONE: (N_("Undone"), "undo"),
    State.REJECTED: (N_("Not counted"), "state-declined"),
    State.REVERSED: (N_("Points taken back"), "state-declined"),
}
REASONS: Mapping[str, str] = {
    Reason.NOT_SHOWN: N_("The picture does not show it."),
    Reason.OTHER_PLACE: N_("It was taken somewhere else."),
    Reason.USED_BEFORE: N_("This picture was used before."),
    Reason.UNREADABLE: N_("Picture or number cannot be read."),
    Reason.MISTAKE: N_("It was booked by mistake."),
}
PROOFS: Mapping[str, str] = {
    "self": N_("Your word is enough"),
    "photo": N_("A photo"),
    "bill_photo": N_("A photo of the bill"),
    "receipt_no": N_("The number of the receipt"),
    "station_slip": N_("A photo of the slip"),
    "two_person_slip": N_("A slip that two people signed"),
    "site_qr": N_("The code on the screen at the point"),
    "merchant_qr": N_("The code in the shop"),
    "attendant": N_("The attendant confirms it"),
    "scale": N_("The attendant weighs it"),
    "organiser_list": N_("The organiser hands in a list"),
    "operator_record": N_("The operator hands in a list"),
    "server_graded": N_("Right answers, checked here"),
}


@dataclass(frozen=True)
class Tile:
    """One behaviour as a picture: what a tap does, what it earns, how much of the cap is used."""

    id: UUID
    code: str
    name: str
    hint: str
    icon: str
    article: int
    way: Way
    quantity: str
    points: int
    used: str
    most: str
    unit: str
    is_monthly: bool
    is_full: bool


@dataclass(frozen=True)
class EntryView:
    """One logged behaviour, told."""

    id: UUID
    code: str
    name: str
    icon: str
    amount: str
    is_part: bool
    points: int
    state: State
    state_word: str
    state_icon: str
    reason: str | None
    words: str
    logged_at: datetime
    settles_at: datetime | None
    may_undo: bool
    may_appeal: bool
    appeal: ActivityAppeal | None
    rule: str


@dataclass(frozen=True)
class BehaviourView:
    """The page of one behaviour."""

    tile: Tile
    proofs: list[tuple[str, str]]
    own: str | None
    """The proof that a resident brings; `None` where somebody else does."""
    is_quiz: bool
    is_divisible: bool
    choices: list[str]
    points_each: int
    grams: int | None
    factor_source: str | None


def tiles(city: City, lang: Lang, used: Mapping[str, Use]) -> list[Tile]:
    """Return the nine tiles of the city."""
    known = {one.code: one for one in city.behaviours(clock.today())}
    return [tile_of(known[code], lang, used[code]) for code in city.green.tiles if code in known]


def others(city: City, lang: Lang, used: Mapping[str, Use]) -> list[Tile]:
    """Return what is on no tile; a quiz only where the city has questions."""
    rest = (one for one in city.behaviours(clock.today()) if one.code not in city.green.tiles)
    asks = quiz.behaviour_of(city, clock.today()) is not None
    return [tile_of(one, lang, used[one.code]) for one in rest if asks or not is_quiz(one)]


def is_quiz(one: Behaviour) -> bool:
    """Whether answers prove it: everybody answers for oneself."""
    return quiz.EVIDENCE in one.evidence


def tile_of(one: Behaviour, lang: Lang, use: Use) -> Tile:
    """Put one tile together."""
    own = intake.easiest(one)
    way: Way = "tap" if own == "self" else "camera" if own in {"photo", "bill_photo"} else "page"
    # A bill holds a number that has to be typed beside the picture.
    if own == "bill_photo":
        way = "page"
    quick = min(one.quick * rules.UNIT, use.left) or one.quick * rules.UNIT
    return Tile(
        id=new_id(),
        code=one.code,
        name=one.name(lang),
        hint=one.hint(lang),
        icon=one.icon,
        article=one.article,
        way=way,
        quantity=rules.written(quick),
        points=rules.points_for(one, quick),
        used=rules.written(use.used),
        most=rules.written(use.most),
        unit=one.unit(lang),
        is_monthly=use.is_monthly,
        is_full=use.is_full,
    )


def behaviour_page(one: Behaviour, lang: Lang, use: Use) -> BehaviourView:
    """Put the page of one behaviour together."""
    left = use.left // rules.UNIT
    choices = sorted({count for count in (1, 2, 3, 5, 8, 10, 20, 50) if count <= left})
    return BehaviourView(
        tile=tile_of(one, lang, use),
        proofs=[(kind, translate(lang, PROOFS[kind])) for kind in one.evidence],
        own=intake.easiest(one),
        is_quiz=is_quiz(one),
        is_divisible=one.is_divisible,
        choices=[str(count) for count in choices] if left > 1 else [],
        points_each=one.points,
        grams=one.co2e.grams if one.co2e and one.co2e.grams else None,
        factor_source=one.co2e.source if one.co2e else None,
    )


def entry(city: City, lang: Lang, one: Activity, appeal: ActivityAppeal | None = None) -> EntryView:
    """Tell one entry."""
    behaviour, now = city.behaviour_rule(one.rule), clock.now()
    word, icon = STATES[one.state]
    return EntryView(
        id=one.id,
        code=one.behaviour,
        name=behaviour.name(lang),
        icon=behaviour.icon,
        amount=f"{rules.written(one.quantity)} {behaviour.unit(lang)}",
        is_part=one.quantity < one.asked,
        points=one.points,
        state=one.state,
        state_word=translate(lang, word),
        state_icon=icon,
        reason=translate(lang, REASONS[one.reason]) if one.reason and one.reason in REASONS else None,
        words=one.words,
        logged_at=one.logged_at,
        settles_at=one.held_until if one.state is State.PENDING else None,
        may_undo=rules.may_undo(one.state, one.logged_at, now, city.green.programme.undo_minutes),
        may_appeal=appeal is None
        and rules.may_appeal(one.state, one.settled_at, now, city.green.programme.appeal_days),
        appeal=appeal,
        rule=one.rule,
    )
