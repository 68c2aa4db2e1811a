"""A resident's account for programs: the same verbs as the pages."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from backend.accounts.residents import browsers, codes, kept, own_data, parts, queries, service
from backend.accounts.residents.guards import ResidentDep
from backend.accounts.residents.rules import CODE_LIFE, CodePurpose
from backend.accounts.residents.schemas import (
    AccountOut,
    AskCode,
    CarriedOver,
    CarryOver,
    ChooseConsent,
    CodeSent,
    EnterCode,
    HeldOut,
    Introduce,
    Rename,
    SignInOut,
)
from backend.accounts.residents.texts import CODE_REFUSED
from backend.core.actor import Actor
from backend.core.db import SessionDep
from backend.web import sessions
from backend.web.addresses import client_network
from backend.web.csrf import ApiGuard
from backend.web.errors import Answer, respond
from backend.web.preferences import preferences_of
from backend.web.ratelimit import MINUTE, limited
from backend.web.sessions import Audience

router = APIRouter(prefix="/api/v1/account", dependencies=[ApiGuard], tags=["account"])

SENT = CodeSent(expires_in=int(CODE_LIFE.total_seconds()), again_in=MINUTE)


@router.post("/codes", status_code=202, dependencies=[limited("account")])
def ask_code(request: Request, session: SessionDep, form: AskCode) -> CodeSent:
    """Send six digits by SMS; a known and an unknown number get one answer. The cookie says which browser asked."""
    mark = codes.request_code(
        session, form.phone, network=client_network(request), language=browsers.language_of(request)
    )
    browsers.remember_asking(request, CodePurpose.SIGN_IN, mark)
    return SENT


@router.post("/sessions", status_code=201, response_model=AccountOut, dependencies=[limited("account")])
def sign_in(request: Request, session: SessionDep, form: EnterCode) -> Response:
    """Sign in with the six digits; whatever is wrong with them is one 401."""
    mark = browsers.asked_from(request, CodePurpose.SIGN_IN)
    welcomed = service.sign_in(session, browser=mark, code=form.code, language=browsers.language_of(request))
    if welcomed is None:
        return refused(request)
    browsers.start_session(session, request, welcomed.actor)
    return JSONResponse(_told(request, session, welcomed.actor).model_dump(mode="json"), HTTPStatus.CREATED)


def refused(request: Request) -> Response:
    """Answer, and do not raise: the try has to be committed."""
    return respond(request, Answer(HTTPStatus.UNAUTHORIZED, CODE_REFUSED))


@router.delete("/sessions/current", status_code=204)
def sign_out(request: Request, session: SessionDep) -> None:
    """Sign this browser out."""
    browsers.end_session(session, request)


@router.delete("/sessions", status_code=204)
def sign_out_everywhere(request: Request, session: SessionDep, actor: ResidentDep) -> None:
    """Sign every browser out."""
    service.sign_out_everywhere(session, actor)
    browsers.end_session(session, request)


@router.get("")
def account(request: Request, session: SessionDep, actor: ResidentDep) -> AccountOut:
    """Tell the account."""
    return _told(request, session, actor)


@router.patch("", dependencies=[limited("account")])
def rename(request: Request, session: SessionDep, actor: ResidentDep, form: Rename) -> AccountOut:
    """Take another nickname or language."""
    service.rename(session, actor, form.nickname, form.language)
    return _told(request, session, actor)


@router.post("/introduction", dependencies=[limited("account")])
def introduce(request: Request, session: SessionDep, actor: ResidentDep, form: Introduce) -> AccountOut:
    """Finish the first sign-in."""
    service.introduce(
        session,
        actor,
        age_group=form.age_group,
        birth_year=form.birth_year,
        consents=form.consents,
        nickname=form.nickname,
    )
    return _told(request, session, actor)


@router.post("/consents", dependencies=[limited("account")])
def choose_consent(request: Request, session: SessionDep, actor: ResidentDep, form: ChooseConsent) -> AccountOut:
    """Agree to something optional, or take any agreement back."""
    service.choose_consent(session, actor, form.purpose, given=form.given)
    return _told(request, session, actor)


@router.post("/guardian/codes", status_code=202, dependencies=[limited("account")])
def ask_guardian(request: Request, session: SessionDep, actor: ResidentDep, form: AskCode) -> CodeSent:
    """Send six digits to the guardian's number."""
    mark = service.request_guardian_code(
        session, actor, form.phone, network=client_network(request), language=browsers.language_of(request)
    )
    browsers.remember_asking(request, CodePurpose.GUARDIAN, mark)
    return SENT


@router.post("/guardian", response_model=AccountOut, dependencies=[limited("account")])
def confirm_guardian(request: Request, session: SessionDep, actor: ResidentDep, form: EnterCode) -> Response:
    """Note the guardian's agreement by the six digits that went to that number."""
    mark = browsers.asked_from(request, CodePurpose.GUARDIAN)
    if not service.confirm_guardian(session, actor, browser=mark, code=form.code):
        return respond(request, Answer(HTTPStatus.UNPROCESSABLE_ENTITY, CODE_REFUSED))
    browsers.forget_asking(request, CodePurpose.GUARDIAN)
    return JSONResponse(_told(request, session, actor).model_dump(mode="json"))


@router.get("/device-history", dependencies=[limited("read")])
def device_history(request: Request, session: SessionDep, actor: ResidentDep) -> list[HeldOut]:  # noqa: ARG001 -- says who may ask
    """List what this browser logged before the sign-in, as far as its cookie says. Reports are no part of it."""
    lang = preferences_of(request).lang
    return [HeldOut.model_validate(one) for one in parts.held(session, kept.ids_of(request), lang)]


@router.post("/device-history", dependencies=[limited("account")])
def carry_over(session: SessionDep, actor: ResidentDep, form: CarryOver) -> CarriedOver:
    """Take over what this device logged before the sign-in; sent only after the resident said yes."""
    taken, before = service.carry_over(session, actor, form.ids)
    left = [one for one in dict.fromkeys(form.ids) if one not in taken | before]
    return CarriedOver(count=len(taken | before), left=left)


@router.get("/export", dependencies=[limited("read")])
def export(session: SessionDep, actor: ResidentDep) -> Response:
    """Give everything that is kept about the resident."""
    return JSONResponse(own_data.export(session, actor))


@router.delete("", status_code=204)
def delete(request: Request, session: SessionDep, actor: ResidentDep) -> None:
    """Delete the account; what is left is a random id."""
    service.delete(session, actor)
    browsers.end_session(session, request)


def _told(request: Request, session: SessionDep, actor: Actor) -> AccountOut:
    assert actor.id is not None
    profile = queries.profile_of(session, actor.id)
    here = sessions.presented(request, Audience.RESIDENT)
    return AccountOut(
        id=profile.id,
        nickname=profile.nickname,
        language=profile.language,
        phone=profile.phone,
        standing=profile.standing,
        may_earn=profile.may_earn,
        needs_guardian=profile.needs_guardian,
        guardian_phone=profile.guardian_phone,
        consents=dict(profile.consents),
        sign_ins=[SignInOut.model_validate(one) for one in queries.sign_ins(session, profile.id, here)],
    )
