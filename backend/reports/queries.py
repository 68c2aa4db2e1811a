"""Reading reports and their mailbox."""

from collections.abc import Collection
from uuid import UUID

from sqlmodel import Session, col, select

from backend.core.crypto import get_keys
from backend.media import queries as media
from backend.reports import errors, rules
from backend.reports.models import Message, Report, ReportDetail
from backend.reports.schemas import MessageLine


def digest_of(receipt_code: str) -> bytes:
    """Return the only form in which a receipt is stored."""
    return get_keys().digest("receipt-lookup", receipt_code.encode())


def by_receipt(session: Session, text: str) -> Report:
    """Return the report that a receipt opens; every other input gets the same refusal after the same work."""
    code = rules.read_receipt(text)
    digest = digest_of(code or "")
    report = session.exec(select(Report).where(Report.receipt_digest == digest)).first()
    if report is None or code is None:
        raise errors.ReceiptUnknown
    return report


def by_id(session: Session, report_id: UUID) -> Report:
    """Return a report whose id is known to be good."""
    report = session.get(Report, report_id)
    if report is None:
        raise errors.ReceiptUnknown
    return report


def mailbox(session: Session, report_ids: Collection[UUID]) -> dict[UUID, list[MessageLine]]:
    """Return the messages of each report, oldest first."""
    messages = session.exec(
        select(Message).where(col(Message.report_id).in_(report_ids)).order_by(col(Message.at), col(Message.id))
    ).all()
    photos = media.owned_by_each(session, [f"message:{message.id}" for message in messages]) if messages else {}
    lines: dict[UUID, list[MessageLine]] = {report_id: [] for report_id in report_ids}
    for message in messages:
        lines[message.report_id].append(
            MessageLine(
                sender="bureau" if message.sender == "bureau" else "reporter",
                text=message.text,
                at=message.at,
                photo_ids=photos.get(f"message:{message.id}", []),
            )
        )
    return lines


def details(session: Session, report_ids: Collection[UUID]) -> dict[UUID, dict[str, str]]:
    """Return for each report what was added by tapping pictures, the latest answer winning."""
    found: dict[UUID, dict[str, str]] = {report_id: {} for report_id in report_ids}
    rows = session.exec(
        select(ReportDetail).where(col(ReportDetail.report_id).in_(report_ids)).order_by(col(ReportDetail.at))
    )
    for row in rows:
        found[row.report_id].update(row.answers)
    return found


def report_of_owner(session: Session, owner: str | None) -> UUID | None:
    """Return the report that a photo's owner stands for: the report itself, or that of a message."""
    kind, _, value = (owner or "").partition(":")
    if kind == "report":
        return UUID(value)
    message = session.get(Message, UUID(value)) if kind == "message" else None
    return message.report_id if message else None
