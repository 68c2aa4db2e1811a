"""Merchants come in by two people; their devices by a code that works once."""

import secrets
from uuid import UUID

from sqlmodel import Session

from backend.audit import service as audit
from backend.core import clock
from backend.core.actor import Actor
from backend.core.crypto import get_keys
from backend.core.ids import crockford, new_id, read_crockford
from backend.coupons import queries
from backend.coupons.errors import IdReused, MerchantUnknown, SecondPersonNeeded, StepNotAllowed, TerminalUnknown
from backend.coupons.models import Merchant, Terminal
from backend.coupons.rules import MERCHANT_STEPS, PAIRING_LIVE, MerchantState, check_step
from backend.coupons.schemas import ProposeMerchant, Till
from backend.coupons.service import FOR_CHANGE
from backend.web import sessions
from backend.web.sessions import Audience

PAIRING_BYTES = 10


def propose(session: Session, actor: Actor, form: ProposeMerchant) -> Merchant:
    """Propose a merchant; another person lets it in. The same id again returns the proposal."""
    assert actor.id is not None
    found = session.get(Merchant, form.id)
    if found is not None:
        if found.proposed_by != actor.id:
            raise IdReused
        return found
    merchant = Merchant(
        **form.model_dump(), state=MerchantState.PROPOSED, proposed_by=actor.id, created_at=clock.now()
    )  # fmt: skip
    session.add(merchant)
    session.flush()
    audit.record(session, actor, "merchant_proposed", _subject(merchant.id))
    return merchant


def approve(session: Session, actor: Actor, merchant_id: UUID) -> None:
    """Let a merchant in: from now on it can take tickets."""
    merchant = _locked(session, merchant_id)
    check_step(MERCHANT_STEPS, merchant.state, MerchantState.ACTIVE)
    if merchant.proposed_by == actor.id:
        raise SecondPersonNeeded
    merchant.state, merchant.approved_by = MerchantState.ACTIVE, actor.id
    session.flush()
    audit.record(session, actor, "merchant_approved", _subject(merchant_id))


def suspend(session: Session, actor: Actor, merchant_id: UUID, reason: str) -> None:
    """Shut a merchant out at once; what it has taken stays and is settled."""
    merchant = _locked(session, merchant_id)
    check_step(MERCHANT_STEPS, merchant.state, MerchantState.SUSPENDED)
    merchant.state = MerchantState.SUSPENDED
    session.flush()
    audit.record(session, actor, "merchant_suspended", _subject(merchant_id), reason=reason)


def resume(session: Session, actor: Actor, merchant_id: UUID) -> None:
    """Propose a suspended merchant anew; again another person lets it in."""
    merchant = _locked(session, merchant_id)
    check_step(MERCHANT_STEPS, merchant.state, MerchantState.PROPOSED)
    assert actor.id is not None
    merchant.state, merchant.approved_by, merchant.proposed_by = MerchantState.PROPOSED, None, actor.id
    session.flush()
    audit.record(session, actor, "merchant_proposed", _subject(merchant_id))


def add_terminal(session: Session, actor: Actor, merchant_id: UUID, name: str) -> tuple[Terminal, str]:
    """Make a pairing code for one more device; it is shown only now, and works once within two days."""
    merchant = queries.merchant(session, merchant_id)
    if merchant.state is not MerchantState.ACTIVE:
        raise StepNotAllowed
    assert actor.id is not None
    code = crockford(secrets.token_bytes(PAIRING_BYTES))
    terminal = Terminal(
        id=new_id(),
        merchant_id=merchant_id,
        name=name,
        pairing_digest=_digest(code),
        pairing_until=clock.now() + PAIRING_LIVE,
        created_by=actor.id,
        created_at=clock.now(),
    )
    session.add(terminal)
    session.flush()
    audit.record(session, actor, "terminal_added", _subject(merchant_id), terminal=str(terminal.id))
    return terminal, code


def revoke_terminal(session: Session, actor: Actor, terminal_id: UUID) -> None:
    """Shut a device out, in the same moment."""
    terminal = session.get(Terminal, terminal_id, with_for_update=FOR_CHANGE, populate_existing=True)
    if terminal is None:
        raise TerminalUnknown
    if terminal.revoked_at is not None:
        return
    terminal.revoked_at = clock.now()
    terminal.pairing_digest = terminal.pairing_until = None
    session.flush()
    sessions.end_all(session, Audience.MERCHANT, terminal_id)
    audit.record(session, actor, "terminal_revoked", _subject(terminal.merchant_id), terminal=str(terminal_id))


_PAIR = """
UPDATE merchant_terminal t SET paired_at = %(now)s, pairing_digest = NULL, pairing_until = NULL
FROM merchant m WHERE m.id = t.merchant_id AND m.state = 'active' AND t.pairing_digest = %(digest)s
    AND t.pairing_until > %(now)s AND t.revoked_at IS NULL
RETURNING t.id, t.merchant_id, m.name_zh
"""


def pair(session: Session, code: str) -> Till | None:
    """Spend a pairing code; of two devices with one code a single one is paired. `None` says no more than that."""
    now = clock.now()
    values = {"digest": _digest(read_crockford(code)), "now": now}
    row = session.connection().exec_driver_sql(_PAIR, values).first()
    if row is None:
        return None
    till = Till(row.id, row.merchant_id, row.name_zh)
    audit.record(session, Actor(kind="terminal", id=row.id), "terminal_paired", _subject(row.merchant_id))
    return till


def _locked(session: Session, merchant_id: UUID) -> Merchant:
    found = session.get(Merchant, merchant_id, with_for_update=FOR_CHANGE, populate_existing=True)
    if found is None:
        raise MerchantUnknown
    return found


def _subject(merchant_id: UUID) -> str:
    return f"merchant:{merchant_id}"


def _digest(code: str) -> bytes:
    return get_keys().digest("terminal-pairing", code.encode())
