"""What the bureau sees of coupons, in words: campaigns with their stock, merchants, money, settlements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from sqlmodel import Session
from starlette.datastructures import FormData

from backend.accounts import queries as staff
from backend.cities import city
from backend.core import clock
from backend.core.errors import Invalid
from backend.core.ids import grouped, new_id
from backend.coupons import queries, wording
from backend.coupons.models import Campaign, Funder, Merchant, SettlementBatch, Terminal
from backend.coupons.rules import CampaignState, MerchantState, Trade
from backend.coupons.schemas import Shelf
from backend.web import forms
from backend.web.preferences import Lang
from backend.web.templates import translate

MONTH = timedelta(days=30)


@dataclass(frozen=True)
class CampaignRow:
    """One campaign with what its accounts hold."""

    campaign: Campaign
    name: str
    icon: str
    face: str
    state: str
    shelf: Shelf
    sold_percent: int
    used_percent: int
    fund: str


@dataclass(frozen=True)
class CampaignSheet:
    """One campaign's page."""

    row: CampaignRow
    funder: str
    worth: str
    merchants: Sequence[Merchant]
    proposed_by: str
    opened_by: str | None


@dataclass(frozen=True)
class CampaignForm:
    """The form as it is shown, or shown again."""

    values: Mapping[str, str]
    chosen: frozenset[str]
    trades: Sequence[tuple[str, str]]
    funders: Sequence[tuple[str, str]]
    merchants: Sequence[tuple[str, str]]
    errors: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class MerchantRow:
    """One merchant in the list."""

    merchant: Merchant
    name: str
    icon: str
    county: str
    state: str


@dataclass(frozen=True)
class MerchantList:
    """The merchants, and the form for one more."""

    rows: Sequence[MerchantRow]
    values: Mapping[str, str]
    trades: Sequence[tuple[str, str]]
    counties: Sequence[tuple[str, str]]
    errors: Mapping[str, str]


@dataclass(frozen=True)
class MerchantSheet:
    """One merchant's page."""

    row: MerchantRow
    terminals: Sequence[Terminal]
    proposed_by: str
    approved_by: str | None
    code: str | None
    """A pairing code, shown once."""
    now: object


@dataclass(frozen=True)
class FunderRow:
    """Who pays, and what is bound to no campaign."""

    funder: Funder
    name: str
    free: str
    money_id: UUID


@dataclass(frozen=True)
class BatchRow:
    """One settlement in the list."""

    batch: SettlementBatch
    merchant: str
    sum: str
    state: str


@dataclass(frozen=True)
class Settlements:
    """The settlements, and what waits."""

    rows: Sequence[BatchRow]
    waiting_merchants: int
    waiting_sum: str
    until: date
    """The last day that can be settled."""


@dataclass(frozen=True)
class BatchSheet:
    """One settlement's page."""

    row: BatchRow
    taken: Sequence[tuple[queries.TakenTicket, str, str]]
    drafted_by: str
    approved_by: str | None
    paid_by: str | None
    digest: str | None


def campaigns(session: Session, lang: Lang) -> list[CampaignRow]:
    """Return every campaign, the latest first."""
    found = queries.all_campaigns(session)
    shelves = queries.shelves(session, [one.id for one in found])
    return [_campaign_row(lang, one, shelves[one.id]) for one in found]


def campaign(session: Session, lang: Lang, found: Campaign) -> CampaignSheet:
    """Return one campaign's page."""
    funder = queries.funder(session, found.funder_id)
    names = staff.names_of(session, [found.proposed_by, *([found.opened_by] if found.opened_by else [])])
    return CampaignSheet(
        row=_campaign_row(lang, found, queries.shelves(session, [found.id])[found.id]),
        funder=funder.name_zh if lang == "zh" else funder.name_en,
        worth=wording.yuan(found.stock * found.face_fen),
        merchants=queries.merchants_of(session, [found.id])[found.id],
        proposed_by=names[found.proposed_by],
        opened_by=names[found.opened_by] if found.opened_by else None,
    )


def _campaign_row(lang: Lang, one: Campaign, shelf: Shelf) -> CampaignRow:
    gone = shelf.issued + shelf.used + shelf.lapsed
    return CampaignRow(
        campaign=one,
        name=one.name(lang),
        icon=f"trade-{one.trade}",
        face=wording.yuan(one.face_fen),
        state=translate(lang, wording.CAMPAIGNS[one.state]),
        shelf=shelf if one.state is not CampaignState.DRAFT else Shelf(one.stock, 0, 0, 0, 0),
        sold_percent=100 * gone // one.stock,
        used_percent=100 * shelf.used // one.stock,
        fund=wording.yuan(shelf.fund_fen),
    )


def campaign_form(
    session: Session, lang: Lang, typed: FormData | None = None, refused: Invalid | None = None
) -> CampaignForm:
    """Return the form, empty or as it was typed."""
    today = clock.today()
    empty = {
        "id": str(new_id()),
        "per_person": "1",
        "opens_on": today.isoformat(),
        "closes_on": (today + MONTH).isoformat(),
        "valid_until": (today + 2 * MONTH).isoformat(),
        "everyone": "true",
    }
    return CampaignForm(
        values=forms.texts(typed) if typed else empty,
        chosen=frozenset(str(one) for one in typed.getlist("merchants")) if typed else frozenset(),
        trades=_trades(lang),
        funders=[
            (str(row.funder.id), f"{row.name} · ¥{row.free}") for row in funders(session, lang)
        ],
        merchants=[(str(one.id), one.name(lang)) for one in queries.merchants(session, active=True)],
        errors=_errors(lang, refused),
    )  # fmt: skip


def merchants(
    session: Session, lang: Lang, typed: FormData | None = None, refused: Invalid | None = None
) -> MerchantList:
    """Return the merchants, those that wait first, and the form."""
    found = sorted(queries.merchants(session), key=lambda one: one.state is not MerchantState.PROPOSED)
    return MerchantList(
        rows=[_merchant_row(lang, one) for one in found],
        values=forms.texts(typed) if typed else {"id": str(new_id())},
        trades=_trades(lang),
        counties=[(county.code, county.short_name(lang)) for county in city().counties],
        errors=_errors(lang, refused),
    )


def merchant(session: Session, lang: Lang, found: Merchant, code: str | None) -> MerchantSheet:
    """Return one merchant's page."""
    names = staff.names_of(session, [found.proposed_by, *([found.approved_by] if found.approved_by else [])])
    return MerchantSheet(
        row=_merchant_row(lang, found),
        terminals=queries.terminals(session, found.id),
        proposed_by=names[found.proposed_by],
        approved_by=names[found.approved_by] if found.approved_by else None,
        code=grouped(code) if code else None,
        now=clock.now(),
    )


def _merchant_row(lang: Lang, one: Merchant) -> MerchantRow:
    return MerchantRow(
        merchant=one,
        name=one.name(lang),
        icon=f"trade-{one.trade}",
        county=city().division_name(one.county_code, lang),
        state=translate(lang, wording.MERCHANTS[one.state]),
    )


def funders(session: Session, lang: Lang) -> list[FunderRow]:
    """Return who pays."""
    return [
        FunderRow(
            funder=one,
            name=one.name_zh if lang == "zh" else one.name_en,
            free=wording.yuan(queries.free_money(session, one)),
            money_id=new_id(),
        )
        for one in queries.funders(session)
    ]


def settlements(session: Session, lang: Lang) -> Settlements:
    """Return the settlements, and what waits for one."""
    until = clock.today() - timedelta(days=1)
    waiting = queries.unsettled(session, until)
    names = {one.id: one.name(lang) for one in queries.merchants(session)}
    return Settlements(
        rows=[_batch_row(lang, one, names[one.merchant_id]) for one in queries.batches(session)],
        waiting_merchants=len(waiting),
        waiting_sum=wording.yuan(sum(one.sum_fen for one in waiting.values())),
        until=until,
    )


def settlement(session: Session, lang: Lang, found: SettlementBatch) -> BatchSheet:
    """Return one settlement's page."""
    people = [one for one in (found.drafted_by, found.approved_by, found.paid_by) if one]
    names = staff.names_of(session, people)
    return BatchSheet(
        row=_batch_row(lang, found, queries.merchant(session, found.merchant_id).name(lang)),
        taken=[
            (one, one.name_zh if lang == "zh" else one.name_en, wording.yuan(one.amount_fen))
            for one in queries.in_batch(session, found.id)
        ],
        drafted_by=names[found.drafted_by],
        approved_by=names[found.approved_by] if found.approved_by else None,
        paid_by=names[found.paid_by] if found.paid_by else None,
        digest=found.file_digest.hex() if found.file_digest else None,
    )


def _batch_row(lang: Lang, one: SettlementBatch, name: str) -> BatchRow:
    return BatchRow(one, name, wording.yuan(one.sum_fen), translate(lang, wording.BATCHES[one.state]))


def _errors(lang: Lang, refused: Invalid | None) -> Mapping[str, str]:
    return {name: translate(lang, sentence) for name, sentence in refused.fields.items()} if refused else {}


def _trades(lang: Lang) -> list[tuple[str, str]]:
    return [(trade.value, translate(lang, wording.TRADES[trade])) for trade in Trade]
