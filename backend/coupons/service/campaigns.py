"""The bureau makes, opens and closes campaigns. What is sold is counted by the ledger, so nothing here can oversell."""

from uuid import UUID

from sqlmodel import Session, col, select

from backend.audit import service as audit
from backend.core import clock
from backend.core.actor import SYSTEM, Actor
from backend.core.errors import N_
from backend.coupons import accounts, queries
from backend.coupons.errors import (
    CampaignInvalid,
    CampaignUnknown,
    FundTooSmall,
    IdReused,
    NumberUnknown,
    SecondPersonNeeded,
)
from backend.coupons.models import Campaign, CampaignMerchant, Coupon, Funder
from backend.coupons.rules import (
    CAMPAIGN_STEPS,
    CampaignState,
    CouponState,
    Stock,
    campaign_subject,
    check_campaign,
    check_step,
    coupon_subject,
    why_not_void,
)
from backend.coupons.schemas import AddFunder, AddMoney, ProposeCampaign
from backend.coupons.service import FOR_CHANGE
from backend.ledger import queries as books
from backend.ledger import service as ledger
from backend.ledger.errors import IdempotencyKeyReused, InsufficientFunds
from backend.ledger.rules import Movement

_ROUNDS = 20
"""How often a close reads the rest anew while the last claims drain it."""
BATCH = 1_000
FEN = 100


def add_funder(session: Session, actor: Actor, form: AddFunder) -> Funder:
    """Note who pays; the same id again changes nothing."""
    found = session.get(Funder, form.id)
    if found is not None:
        return found
    funder = Funder(**form.model_dump(), created_at=clock.now())
    session.add(funder)
    session.flush()
    audit.record(session, actor, "funder_added", f"funder:{funder.id}", code=funder.code)
    return funder


def add_money(session: Session, actor: Actor, funder_id: UUID, form: AddMoney) -> None:
    """Book money that came in from a funder, with the paper that says so."""
    funder = queries.funder(session, funder_id)
    try:
        ledger.issue(
            session,
            f"money:{form.id}",
            to=accounts.funder(funder.code),
            amount=form.yuan * FEN,
            subject=f"funder:{funder.id}",
            actor=actor.label,
        )
    except IdempotencyKeyReused:
        raise IdReused from None
    audit.record(
        session, actor, "funder_money_added", f"funder:{funder.id}", yuan=form.yuan, reference=form.reference
    )  # fmt: skip


def propose(session: Session, actor: Actor, form: ProposeCampaign) -> Campaign:
    """Draft a campaign; a second person opens it. The same id again returns the draft."""
    found = session.get(Campaign, form.id)
    if found is not None:
        if found.proposed_by != actor.id:
            raise IdReused
        return found
    check_campaign(form.opens_on, form.closes_on, form.valid_until, clock.today())
    queries.funder(session, form.funder_id)
    known = {one.id for one in queries.merchants(session, active=True)}
    if not set(form.merchants) <= known:
        raise CampaignInvalid(fields={"merchants": N_("Choose merchants that take part.")})
    assert actor.id is not None
    campaign = Campaign(
        **form.model_dump(exclude={"merchants"}),
        state=CampaignState.DRAFT,
        proposed_by=actor.id,
        created_at=clock.now(),
    )
    session.add(campaign)
    session.flush()
    session.add_all(CampaignMerchant(campaign_id=form.id, merchant_id=one) for one in dict.fromkeys(form.merchants))
    session.flush()
    audit.record(session, actor, "campaign_proposed", campaign_subject(form.id), stock=form.stock, face=form.face_fen)
    return campaign


def open_campaign(session: Session, actor: Actor, campaign_id: UUID) -> None:
    """Let residents exchange: another person than the one who drafted it binds the money and brings the stock into being."""
    campaign = _locked(session, campaign_id)
    check_step(CAMPAIGN_STEPS, campaign.state, CampaignState.OPEN)
    if campaign.proposed_by == actor.id:
        raise SecondPersonNeeded
    check_campaign(campaign.opens_on, campaign.closes_on, campaign.valid_until, clock.today())
    subject, label, worth = campaign_subject(campaign.id), actor.label, campaign.stock * campaign.face_fen
    funder = queries.funder(session, campaign.funder_id)
    try:
        ledger.move(
            session,
            f"fund:{campaign.id}",
            source=accounts.funder(funder.code),
            to=accounts.fund(campaign.id),
            amount=worth,
            subject=subject,
            actor=label,
        )
    except InsufficientFunds:
        raise FundTooSmall from None
    stock, face = accounts.units(campaign.id, Stock.UNSOLD), accounts.value(campaign.id, Stock.FACE)
    ledger.issue(session, f"stock:{campaign.id}", to=stock, amount=campaign.stock, subject=subject, actor=label)
    ledger.issue(session, f"face:{campaign.id}", to=face, amount=worth, subject=subject, actor=label)
    campaign.state, campaign.opened_by, campaign.opened_at = CampaignState.OPEN, actor.id, clock.now()
    session.flush()
    audit.record(session, actor, "campaign_opened", subject, fen=worth)


def close(session: Session, actor: Actor, campaign_id: UUID) -> None:
    """End a campaign: what is unsold leaves the stock and its money goes back to the funder. Tickets stay good."""
    campaign = _locked(session, campaign_id)
    check_step(CAMPAIGN_STEPS, campaign.state, CampaignState.CLOSED)
    campaign.state, campaign.closed_at = CampaignState.CLOSED, clock.now()
    session.flush()
    _return_unsold(session, actor, campaign)
    audit.record(session, actor, "campaign_closed", campaign_subject(campaign_id))


def close_ended(session: Session) -> int:
    """Close every campaign whose last day to exchange has passed; return how many."""
    over = select(Campaign.id).where(
        col(Campaign.state) == CampaignState.OPEN, col(Campaign.closes_on) < clock.today()
    )  # fmt: skip
    ids = list(session.exec(over.order_by(col(Campaign.id))))
    for campaign_id in ids:
        close(session, SYSTEM, campaign_id)
    return len(ids)


def expire(session: Session, limit: int = BATCH) -> int:
    """End one batch of tickets whose last day has passed; their money goes back to the funder. Return how many."""
    rows = (
        session.connection()
        .exec_driver_sql(
            "UPDATE coupon SET state = 'expired', reserved_until = NULL, digits = NULL, digits_until = NULL,"
            " ended_at = %(now)s WHERE id IN (SELECT id FROM coupon WHERE state IN ('issued', 'reserved')"
            " AND valid_until < %(today)s ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED) RETURNING id, campaign_id",
            {"now": clock.now(), "today": clock.today(), "limit": limit},
        )
        .all()
    )
    for coupon_id, campaign_id in sorted((row.id, row.campaign_id) for row in rows):
        _lapse(session, coupon_id, queries.campaign(session, campaign_id))
    return len(rows)


def void(session: Session, actor: Actor, coupon_id: UUID, reason: str) -> None:
    """Take a ticket back that is not used: whoever paid gets exactly those points back."""
    coupon = session.get(Coupon, coupon_id, with_for_update=FOR_CHANGE, populate_existing=True)
    if coupon is None:
        raise NumberUnknown
    if refused := why_not_void(coupon.state, coupon.valid_until, clock.today()):
        raise refused
    subject = coupon_subject(coupon.id)
    ledger.reverse(session, f"void:{coupon.id}", coupon.transaction_id, subject=subject, actor=actor.label)
    coupon.state, coupon.ended_at, coupon.reserved_until = CouponState.VOID, clock.now(), None
    coupon.digits = coupon.digits_until = None
    session.flush()
    campaign = queries.campaign(session, coupon.campaign_id)
    if campaign.state is CampaignState.CLOSED:
        _return_unsold(session, actor, campaign, f"void:{coupon.id}")
    audit.record(session, actor, "coupon_voided", subject, reason=reason)


def _return_unsold(session: Session, actor: Actor, campaign: Campaign, why: str = "close") -> None:
    """Claims that began before the end may still drain the stock while it is read: then it is read again."""
    stock = accounts.units(campaign.id, Stock.UNSOLD)
    funder = queries.funder(session, campaign.funder_id)
    for again in range(_ROUNDS):
        unsold = books.balance_of(session, stock).available
        if not unsold:
            return
        worth = unsold * campaign.face_fen
        face, back = accounts.value(campaign.id, Stock.FACE), accounts.funder(funder.code)
        try:
            ledger.move(
                session,
                f"unsold:{campaign.id}:{why}:{again}",
                source=stock,
                to=accounts.units(campaign.id, Stock.RETIRED),
                amount=unsold,
                also=[
                    Movement(face, accounts.value(campaign.id, Stock.RETIRED), worth),
                    Movement(accounts.fund(campaign.id), back, worth),
                ],
                subject=campaign_subject(campaign.id),
                actor=actor.label,
            )
        except InsufficientFunds:
            continue
        return


def _lapse(session: Session, coupon_id: UUID, campaign: Campaign) -> None:
    funder = queries.funder(session, campaign.funder_id)
    outstanding, lapsed = (accounts.value(campaign.id, where) for where in (Stock.OUTSTANDING, Stock.LAPSED))
    issued, gone = (accounts.units(campaign.id, where) for where in (Stock.ISSUED, Stock.LAPSED))
    ledger.move(
        session,
        accounts.key_beside_claim("lapse", coupon_id),
        source=outstanding,
        to=lapsed,
        amount=campaign.face_fen,
        also=[
            Movement(issued, gone, 1),
            Movement(accounts.fund(campaign.id), accounts.funder(funder.code), campaign.face_fen),
        ],
        subject=coupon_subject(coupon_id),
        actor=SYSTEM.label,
    )


def _locked(session: Session, campaign_id: UUID) -> Campaign:
    found = session.get(Campaign, campaign_id, with_for_update=FOR_CHANGE, populate_existing=True)
    if found is None:
        raise CampaignUnknown
    return found
