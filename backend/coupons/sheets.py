"""A settlement as a workbook: text stays text and numbers are numbers, so that no cell can ever be a formula (S-62)."""

import io
from collections.abc import Sequence
from datetime import UTC, datetime

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from backend.core import clock
from backend.coupons.models import Merchant, SettlementBatch
from backend.coupons.queries import TakenTicket

MADE_AT = datetime(2000, 1, 1, tzinfo=UTC)
"""Stands for the moment in the file's properties, so that the same rows are the same bytes."""
HEAD = ("时间 Time", "券 Coupon", "金额(元)Amount (yuan)", "核销号 Redemption")
FEN = 100
PLAIN = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}


def settlement(batch: SettlementBatch, merchant: Merchant, taken: Sequence[TakenTicket]) -> bytes:
    """Return the workbook of a batch: who, which days, every redemption, the sum."""
    out = io.BytesIO()
    book = Workbook(out, PLAIN)
    book.set_properties({"created": MADE_AT.replace(tzinfo=None)})
    money, bold = book.add_format({"num_format": "#,##0.00"}), book.add_format({"bold": True})
    sheet = book.add_worksheet("结算 Settlement")
    sheet.set_column(0, 0, 20)
    sheet.set_column(1, 1, 40)
    sheet.set_column(2, 2, 22)
    sheet.set_column(3, 3, 40)
    for row, (name, value) in enumerate(_facts(batch, merchant)):
        _text(sheet, row, 0, name)
        _text(sheet, row, 1, value)
    start = len(_facts(batch, merchant)) + 1
    for column, name in enumerate(HEAD):
        sheet.write_string(start, column, name, bold)
    for row, one in enumerate(taken, start + 1):
        _text(sheet, row, 0, one.redeemed_at.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M:%S"))
        _text(sheet, row, 1, one.name_zh)
        sheet.write_number(row, 2, one.amount_fen / FEN, money)
        _text(sheet, row, 3, str(one.id))
    end = start + 1 + len(taken)
    sheet.write_string(end, 1, "合计 Total", bold)
    sheet.write_number(end, 2, batch.sum_fen / FEN, money)
    book.close()
    return out.getvalue()


def _facts(batch: SettlementBatch, merchant: Merchant) -> list[tuple[str, str]]:
    return [
        ("商户 Merchant", merchant.name_zh),
        ("期间 Period", f"{batch.period_from.isoformat()} – {batch.period_to.isoformat()}"),
        ("笔数 Redemptions", str(batch.redemption_count)),
        ("批次 Batch", str(batch.id)),
    ]


def _text(sheet: Worksheet, row: int, column: int, text: str) -> None:
    sheet.write_string(row, column, text)
