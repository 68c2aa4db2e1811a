"""What a resident does with a report: send it, add to it, write and leave a number."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from backend.cities import City
from backend.core import clock
from backend.core.crypto import get_keys
from backend.core.phones import read_phone
from backend.media import service as media
from backend.places import rules as places
from backend.reports import errors, queries, rules
from backend.reports.models import Message, Report, ReportDetail
from backend.reports.schemas import Receipt, SendMessage, SubmitReport
from backend.vault import service as vault

CONTACT_CONSENT = "contact-2026-11"


@dataclass(frozen=True)
class Offer:
    """A report that fits the city, with the receipt that its sender will hold; nothing is written yet.

    `values` are the columns of its row with `owner` and `photo_ids`: the values that `SENDING` wants.
    """

    values: dict[str, Any]
    receipt: Receipt


@dataclass(frozen=True)
class Sent:
    """A report that is in the database, and whether this call put it there."""

    report_id: UUID
    received_at: datetime
    outside_city: bool
    receipt: Receipt
    is_new: bool
    photo_ids: list[UUID]


# In the driver's words, to stand in a larger statement: the busiest call of the service writes everything in one.
# No index is named: the same report at the same moment may meet at the receipt's index first, and that is no error either.
_ADDED = """
    INSERT INTO report (id, receipt_digest, body_digest, kind, lat, lon, accuracy_m, datum, place_source, county_code,
        township_code, landmark, outside_city, words, language, received_at)
    VALUES (%(report_id)s, %(receipt_digest)s, %(body_digest)s, %(kind)s, %(lat)s, %(lon)s, %(accuracy_m)s, %(datum)s,
        %(place_source)s, %(county_code)s, %(township_code)s, %(landmark)s, %(outside_city)s, %(words)s, %(language)s,
        %(received_at)s)
    ON CONFLICT DO NOTHING
    RETURNING id
"""
SENDING = f"sent AS ({_ADDED}), claimed AS ({media.CLAIM})"
SENT = "EXISTS (SELECT FROM sent) AS is_new, ARRAY(SELECT id FROM claimed ORDER BY position) AS photo_ids"


def offer(city: City, form: SubmitReport, *, language: str) -> Offer:
    """Check a report against the city and make its receipt; raise a kind of `Invalid` that names the field."""
    county_code, outside_city = _check(city, form)
    keys = get_keys()
    receipt = Receipt(rules.receipt_code(keys.digest("receipt", rules.receipt_material(form.id, form.secret))))
    values: dict[str, Any] = {
        "report_id": form.id,
        "receipt_digest": queries.digest_of(receipt.code),
        "body_digest": keys.digest("report-body", form.model_dump_json().encode()),
        "kind": form.kind,
        "lat": form.lat,
        "lon": form.lon,
        "accuracy_m": form.accuracy_m,
        "datum": form.datum,
        "place_source": form.place_source,
        "county_code": county_code,
        "township_code": form.township_code,
        "landmark": form.landmark,
        "outside_city": outside_city,
        "words": form.words,
        "language": language,
        "received_at": clock.now(),
        "owner": rules.owner_of(form.id),
        "photo_ids": list(dict.fromkeys(form.photo_ids)),
    }
    return Offer(values, receipt)


def submit(session: Session, offered: Offer) -> Sent:
    """Take in a report. The same form again gives the same answer; another body under its id is refused."""
    row = session.connection().exec_driver_sql(f"WITH {SENDING} SELECT {SENT}", offered.values).one()
    return sent(session, offered, is_new=row.is_new, photo_ids=row.photo_ids)


def sent(session: Session, offered: Offer, *, is_new: bool, photo_ids: list[UUID]) -> Sent:
    """Return what `SENT` told of an offer; one that had been there before must be the same."""
    if is_new:
        values = offered.values
        return Sent(
            values["report_id"],
            values["received_at"],
            values["outside_city"],
            offered.receipt,
            is_new=True,
            photo_ids=photo_ids,
        )
    found = session.get(Report, offered.values["report_id"])
    if found is None or found.body_digest != offered.values["body_digest"]:
        raise errors.ReportIdReused
    return Sent(found.id, found.received_at, found.outside_city, offered.receipt, is_new=False, photo_ids=photo_ids)


def add_details(session: Session, city: City, report: Report, detail_id: UUID, answers: dict[str, str]) -> None:
    """Add what makes a lead usable; answers that the city does not know are left out, a repeat changes nothing."""
    known = {q.id: {choice.id for choice in q.choices} for q in city.kind(report.kind).questions}
    kept: dict[str, Any] = {key: value for key, value in answers.items() if value in known.get(key, ())}
    if kept:
        detail = ReportDetail(id=detail_id, report_id=report.id, answers=kept, at=clock.now())
        session.execute(insert(ReportDetail).values(detail.model_dump()).on_conflict_do_nothing())


def write(session: Session, report: Report, form: SendMessage) -> bool:
    """Put a reporter's message into the mailbox; return whether it is new."""
    if not form.text and not form.photo_ids:
        raise errors.MessageEmpty
    return _post(
        session,
        Message(id=form.id, report_id=report.id, sender="reporter", text=form.text, at=clock.now()),
        form.photo_ids,
    )


def write_as_bureau(session: Session, message_id: UUID, report_ids: Collection[UUID], text: str) -> bool:
    """Put the bureau's message into the mailbox of each report; return whether it is new to any of them."""
    posted = [
        _post(
            session,
            Message(
                id=rules.copy_id(message_id, report_id), report_id=report_id, sender="bureau", text=text, at=clock.now()
            ),
            [],
        )
        for report_id in report_ids
    ]
    return any(posted)


def leave_phone(session: Session, report: Report, phone: str) -> None:
    """Seal a mobile number for text messages about this report; nobody in the queue can see it."""
    number = read_phone(phone)
    if number is None:
        raise errors.PhoneInvalid(fields={"phone": errors.PhoneInvalid.message})
    vault.put(
        session, rules.owner_of(report.id), "phone", number, purpose="progress by SMS", consent_version=CONTACT_CONSENT
    )


def _check(city: City, form: SubmitReport) -> tuple[str | None, bool]:
    """Check what the city knows; return the county that will handle it and whether the place is outside the city."""
    if form.kind not in {kind.code for kind in city.kinds}:
        raise errors.KindUnknown(fields={"kind": errors.KindUnknown.message})
    if not (form.photo_ids or form.words or form.joins):
        raise errors.ReportEmpty(fields={"photos": errors.ReportEmpty.message})
    if form.point is None and form.county_code is None:
        raise errors.PlaceMissing(fields={"place": errors.PlaceMissing.message})
    return _county(city, form)


def _county(city: City, form: SubmitReport) -> tuple[str | None, bool]:
    """The resident's own choice is the authority; a point alone is a guess; a place outside is taken and marked."""
    known = {county.code: {township.code for township in county.townships} for county in city.counties}
    if form.county_code is not None:
        if form.county_code not in known or (form.township_code and form.township_code not in known[form.county_code]):
            raise errors.DivisionUnknown(fields={"county_code": errors.DivisionUnknown.message})
        return form.county_code, False
    assert form.point is not None
    guess = places.county_guess(city, *places.to_wgs84(*form.point, form.datum), form.accuracy_m or 0)
    return guess.code, guess.code is None


def _post(session: Session, message: Message, photo_ids: list[UUID]) -> bool:
    added = session.execute(
        insert(Message)
        .values(message.model_dump())
        .on_conflict_do_nothing(index_elements=["id"])
        .returning(col(Message.id))
    ).first()
    if added is None:
        found = session.exec(select(Message).where(Message.id == message.id)).one()
        if (found.report_id, found.text) != (message.report_id, message.text):
            raise errors.MessageIdReused
        return False
    if photo_ids:
        media.attach(session, photo_ids, f"message:{message.id}")
    return True
