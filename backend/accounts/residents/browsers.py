"""What the browser of a resident holds: the mark under which it asked for a code, then the session."""

from sqlmodel import Session
from starlette.requests import Request

from backend.accounts.residents import kept, rules
from backend.accounts.residents.rules import CODE_LIFE, CodePurpose, Language
from backend.core.actor import Actor
from backend.web import cookies, csrf, sessions
from backend.web.preferences import preferences_of
from backend.web.sessions import Audience

CODE_COOKIES = {CodePurpose.SIGN_IN: "__Host-green-code", CodePurpose.GUARDIAN: "__Host-green-guardian"}
LONGEST_MARK = 100


def remember_asking(request: Request, purpose: CodePurpose, mark: str) -> None:
    """Let the browser show that it was the one that asked."""
    seconds = int(CODE_LIFE.total_seconds())
    cookies.queue(request, CODE_COOKIES[purpose], mark, max_age=seconds, same_site="strict")


def asked_from(request: Request, purpose: CodePurpose) -> str | None:
    """Return the mark of the browser, if it asked for a code."""
    mark = cookies.read(request, CODE_COOKIES[purpose])
    return mark if mark and mark.isascii() and len(mark) <= LONGEST_MARK else None


def forget_asking(request: Request, purpose: CodePurpose) -> None:
    """The code is used: the mark is of no use any more."""
    cookies.drop(request, CODE_COOKIES[purpose])


def start_session(session: Session, request: Request, actor: Actor) -> None:
    """Sign this browser in; forms that were open before are stale."""
    device = rules.device_of(request.headers.get("user-agent", ""))
    sessions.start(session, request, Audience.RESIDENT, owner_id=actor.id, data={"device": device.value})
    forget_asking(request, CodePurpose.SIGN_IN)
    kept.ask_anew(request)
    csrf.renew(request)


def end_session(session: Session, request: Request) -> None:
    """Sign this browser out. Receipts and drafts stay on the phone: they are the reporter's, and nobody can make new ones."""
    sessions.end(session, request, Audience.RESIDENT)
    kept.ask_anew(request)
    csrf.renew(request)


def language_of(request: Request) -> Language:
    """Return the language of the page as a resident's."""
    return Language(preferences_of(request).lang)
