"""The moderators' desk: a grid of photos by keys or as a plain form, one entry with its history, appeals."""

from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.datastructures import FormData

from backend.accounts import queries as staff
from backend.accounts.guards import MayModerate
from backend.activities import hands, moderation, photos, queries, settling
from backend.activities.models import Activity, ActivityAppeal
from backend.activities.rules import Flag, Reason, State
from backend.audit import service as audit
from backend.cities import City, city
from backend.core.actor import Actor
from backend.core.db import SessionDep
from backend.core.errors import N_, Conflict, Invalid, NotFound
from backend.media import queries as media
from backend.media.routes import photo_answer
from backend.media.rules import SIZES
from backend.web import forms
from backend.web.csrf import FormGuard
from backend.web.forms import FormDep
from backend.web.preferences import Lang, preferences_of
from backend.web.refusals import status_of
from backend.web.templates import render, translate

PATH = "/bureau/activities"
PRIVATE = {"Cache-Control": "no-store"}
VERDICT = "verdict."

FLAGS = {
    Flag.SAMPLED: N_("by chance"),
    Flag.CHECKED_ALWAYS: N_("always looked at"),
    Flag.NO_TICKET: N_("not by our camera"),
    Flag.NO_PLACE: N_("place unknown"),
    Flag.SAME_PHOTO: N_("the same photo before"),
    Flag.NEAR_DUPLICATE: N_("looks like an earlier one"),
    Flag.ELSEWHERE: N_("taken outside the city"),
    Flag.OUT_OF_HOURS: N_("outside opening hours"),
    Flag.CONFIRMED_OFTEN: N_("the same hand confirms often"),
}
ALARMS = frozenset({Flag.SAME_PHOTO, Flag.NEAR_DUPLICATE, Flag.ELSEWHERE, Flag.OUT_OF_HOURS, Flag.CONFIRMED_OFTEN})
CHIPS = {
    Reason.NOT_SHOWN: N_("Not shown"),
    Reason.OTHER_PLACE: N_("Elsewhere"),
    Reason.USED_BEFORE: N_("Used before"),
    Reason.UNREADABLE: N_("Unreadable"),
    Reason.MISTAKE: N_("Mistake"),
}

router = APIRouter(prefix=PATH, dependencies=[FormGuard], include_in_schema=False)


class Decide(BaseModel):
    """What is answered to an appeal."""

    model_config = ConfigDict(extra="ignore")

    answer: str = Field(min_length=1, max_length=500)
    granted: bool = False


class Reverse(BaseModel):
    """Why points are taken back."""

    model_config = ConfigDict(extra="ignore")

    reason: Reason
    words: str = Field(default="", max_length=500)


@dataclass(frozen=True)
class CardView:
    """One activity at the desk, told."""

    activity: Activity
    name: str
    amount: str
    flags: list[tuple[str, bool]]
    photo_ids: list[UUID]
    similar: list[UUID]


@dataclass(frozen=True)
class OftenView:
    """One hand that confirms for one household often, told."""

    attendant: str
    times: int
    days: int
    last: date
    cards: list[CardView]


@router.get("/moderation")
def grid(request: Request, session: SessionDep, actor: MayModerate, done: str = "") -> Response:
    """Show up to 24 activities that wait for a look."""
    lang, here = preferences_of(request).lang, city()
    cards = [card_of(here, lang, one) for one in moderation.waiting(session)]
    return render(
        request,
        "bureau/activities/grid.html",
        headers=PRIVATE,
        actor=actor,
        cards=cards,
        count=moderation.count_waiting(session),
        often=len(hands.often(session, here)),
        chips=_chips(lang),
        done=int(done) if done.isdigit() else None,
    )


@router.post("/moderation")
def decide(session: SessionDep, actor: MayModerate, form: FormDep) -> Response:
    """Carry out the verdicts of the grid; what has none is left waiting."""
    outcome = moderation.decide(session, actor, _verdicts(form))
    return RedirectResponse(f"{PATH}/moderation?done={outcome.passed + outcome.failed}", HTTPStatus.SEE_OTHER)


@router.get("/appeals")
def appeals(request: Request, session: SessionDep, actor: MayModerate) -> Response:
    """Show the appeals that wait for an answer."""
    return _appeals_page(request, session, actor)


@router.get("/confirmations")
def confirmations(request: Request, session: SessionDep, actor: MayModerate) -> Response:
    """Show who confirms for one household unusually often; whose household it is stays unknown."""
    lang, here = preferences_of(request).lang, city()
    pairs = hands.often(session, here)
    names = staff.names_of(session, {pair.staff_id for pair in pairs})
    shown = [
        OftenView(
            names.get(pair.staff_id, ""),
            pair.times,
            pair.days,
            pair.last,
            [card_of(here, lang, moderation.Card(one, [], [])) for one in hands.examples(session, here, pair)],
        )
        for pair in pairs
    ]
    most = here.green.programme.confirmed_often
    return render(
        request, "bureau/activities/confirmations.html", headers=PRIVATE, actor=actor, pairs=shown, most=most
    )  # fmt: skip


@router.get("/{activity_id}")
def one(request: Request, session: SessionDep, actor: MayModerate, activity_id: UUID) -> Response:
    """Show one activity with its photos and history; that it was read is recorded."""
    audit.record(session, actor, "activity_read", f"activity:{activity_id}")
    return _one_page(request, session, actor, activity_id)


@router.post("/{activity_id}/reversal")
def reverse(request: Request, session: SessionDep, actor: MayModerate, activity_id: UUID, form: FormDep) -> Response:
    """Take posted points back, with a reason that the resident reads."""
    try:
        sent = forms.parse(Reverse, form)
        settling.reverse(session, actor, activity_id, sent.reason, sent.words)
    except (Conflict, Invalid) as refused:
        session.rollback()
        return _one_page(request, session, actor, activity_id, refused)
    return RedirectResponse(f"{PATH}/{activity_id}", HTTPStatus.SEE_OTHER)


@router.post("/{activity_id}/appeal")
def decide_appeal(
    request: Request, session: SessionDep, actor: MayModerate, activity_id: UUID, form: FormDep
) -> Response:
    """Answer an appeal: the points are given again, or the refusal stands."""
    try:
        sent = forms.parse(Decide, form)
        settling.decide_appeal(session, city(), actor, activity_id, is_granted=sent.granted, answer=sent.answer)
    except (Conflict, Invalid) as refused:
        session.rollback()
        return _appeals_page(request, session, actor, refused)
    return RedirectResponse(f"{PATH}/appeals", HTTPStatus.SEE_OTHER)


@router.get("/photos/{photo_id}/{size}")
def photo(session: SessionDep, actor: MayModerate, photo_id: UUID, size: int) -> Response:
    """Hand out the picture of an activity; looking at the large one is recorded."""
    found = moderation.photo(session, photo_id)
    if found is None or size not in SIZES:
        raise NotFound
    if size == max(SIZES):
        audit.record(session, actor, "photo_read", f"photo:{photo_id}")
    return photo_answer(found, size)


def card_of(here: City, lang: Lang, card: moderation.Card) -> CardView:
    """Tell one activity."""
    activity = card.activity
    behaviour = here.behaviour_rule(activity.rule)
    flags = [Flag(flag) for flag in activity.flags]
    return CardView(
        activity=activity,
        name=behaviour.name(lang),
        amount=f"{activity.quantity / 1000:g} {behaviour.unit(lang)}",
        flags=[(translate(lang, FLAGS[flag]), flag in ALARMS) for flag in flags],
        photo_ids=card.photo_ids,
        similar=card.similar,
    )


def _verdicts(form: FormData) -> dict[UUID, str]:
    allowed = {moderation.PASS, *(reason.value for reason in Reason)}
    found: dict[UUID, str] = {}
    for name, value in forms.texts(form).items():
        if not name.startswith(VERDICT) or value not in allowed:
            continue
        try:
            found[UUID(name.removeprefix(VERDICT))] = value
        except ValueError:
            continue
    return found


def _one_page(
    request: Request,
    session: SessionDep,
    actor: Actor,
    activity_id: UUID,
    refused: Conflict | Invalid | None = None,
) -> Response:
    lang, found = preferences_of(request).lang, queries.any_activity(session, activity_id)
    owner = photos.owner_of(activity_id)
    owned = media.owned_by(session, owner)
    card = moderation.Card(found, owned, moderation.similar_to(session, activity_id))
    return render(
        request,
        "bureau/activities/one.html",
        status=status_of(refused),
        headers=PRIVATE,
        actor=actor,
        card=card_of(city(), lang, card),
        events=queries.events_of(session, activity_id),
        chips=_chips(lang),
        can_reverse=found.state is State.POSTED,
        error=_sentence(lang, refused),
    )


def _appeals_page(
    request: Request, session: SessionDep, actor: Actor, refused: Conflict | Invalid | None = None
) -> Response:
    lang, here = preferences_of(request).lang, city()
    found: list[tuple[ActivityAppeal, CardView]] = [
        (
            appeal,
            card_of(here, lang, moderation.Card(activity, media.owned_by(session, photos.owner_of(activity.id)), [])),
        )
        for appeal, activity in moderation.open_appeals(session)
    ]
    return render(
        request,
        "bureau/activities/appeals.html",
        status=status_of(refused),
        headers=PRIVATE,
        actor=actor,
        appeals=found,
        reasons={reason.value: word for reason, word in _chips(lang)},
        error=_sentence(lang, refused),
    )


def _chips(lang: Lang) -> list[tuple[Reason, str]]:
    return [(reason, translate(lang, word)) for reason, word in CHIPS.items()]


def _sentence(lang: Lang, refused: Conflict | Invalid | None) -> str | None:
    return translate(lang, refused.text, **refused.params) if refused else None
