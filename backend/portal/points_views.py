"""What the pages of points show: the balance, each line of the history in words, and the programme's open books."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlmodel import Session, col, select

from backend.activities import queries as activities
from backend.activities.models import Activity
from backend.cities import City, UnknownCode
from backend.core.errors import N_
from backend.coupons import queries as coupons
from backend.ledger.models import JournalTransaction
from backend.ledger.queries import Books, Line
from backend.ledger.rules import TransactionKind, TransactionState
from backend.web.preferences import Lang
from backend.web.templates import translate

# What a line is about, by the beginning of its subject. An activity that can no longer be read is told by its kind alone.
SUBJECTS: Mapping[str, tuple[str, str]] = {
    "activity": (N_("A green behaviour"), "leaf"),
    "coupon": (N_("Exchanged for a coupon: %(what)s"), "gift"),
    "demo-start": (N_("Points to begin with"), "jar"),
    "donation": (N_("Given to: %(what)s"), "gift"),
    "expired": (N_("Past their day"), "clock"),
    "household": (N_("Family pool"), "home"),
}
KINDS: Mapping[TransactionKind, str] = {
    TransactionKind.VOID: N_("taken off again"),
    TransactionKind.LAPSE: N_("not decided in time"),
    TransactionKind.REVERSE: N_("taken back"),
    TransactionKind.CLAWBACK: N_("taken back"),
    TransactionKind.EXPIRE: N_("expired"),
}
BY: Mapping[str, str] = {
    "resident": N_("by you"),
    "staff": N_("by the bureau's staff"),
    "system": N_("by itself"),
}


@dataclass(frozen=True)
class LineView:
    """One line of the history, told: why, how much, when, who, by which rule."""

    words: str
    note: str
    icon: str
    amount: int
    pending: int
    at: datetime
    by: str
    rule: str | None
    good_until: date | None
    entry_id: UUID | None


@dataclass(frozen=True)
class BookLine:
    """One total of the open books."""

    word: str
    hint: str
    amount: int
    icon: str


def lines(session: Session, city: City, lang: Lang, found: Sequence[Line]) -> list[LineView]:
    """Tell a page of the history; what resolves or takes back a transaction is told with what it was about."""
    shown = [line for line in found if not _is_told_by_another(line)]
    subjects = _subjects(session, shown)
    known = activities.by_ids(session, _ids(subjects, "activity"))
    tickets = coupons.names_of(session, _ids(subjects, "coupon"))
    names = {one: zh if lang == "zh" else en for one, (zh, en) in tickets.items()}
    return [_line(city, lang, line, subject, known, names) for line, subject in zip(shown, subjects, strict=True)]


def books(lang: Lang, found: Books) -> list[BookLine]:
    """Tell the programme's totals."""
    rows = (
        (N_("Issued"), N_("put into the fund by the city"), found.issued, "jar"),
        (N_("Given out"), N_("to residents, for what they did"), found.granted, "leaf"),
        (N_("Spent"), N_("on coupons and for causes"), found.spent, "gift"),
        (N_("Expired"), N_("not used in time"), found.expired, "clock"),
        (N_("Held by residents"), N_("and their families"), found.held, "person"),
        (N_("Still in the fund"), N_("to be given out"), found.in_fund, "books"),
    )
    return [BookLine(translate(lang, word), translate(lang, hint), amount, icon) for word, hint, amount, icon in rows]


def _is_told_by_another(line: Line) -> bool:
    """Whether a promise has been kept or undone: the line that did it says so, and nobody wants to read it twice."""
    return line.kind is TransactionKind.GRANT and line.amount == 0 and line.state is TransactionState.POSTED


def _subjects(session: Session, found: Sequence[Line]) -> list[str]:
    """Return what each line is about; a resolution's own subject only names the transaction that it resolves."""
    known = {line.transaction_id: line.subject for line in found}
    asked = {before for line in found if (before := line.resolves_id or line.reverses_id)} - set(known)
    if asked:
        query = select(JournalTransaction.id, JournalTransaction.subject).where(col(JournalTransaction.id).in_(asked))
        known |= {row.id: row.subject for row in session.execute(query)}
    return [known.get(line.resolves_id or line.reverses_id or line.transaction_id, line.subject) for line in found]


def _ids(subjects: Iterable[str], kind: str) -> list[UUID]:
    return [one for subject in subjects if (one := _id_in(subject, kind)) is not None]


def _id_in(subject: str, kind: str) -> UUID | None:
    found, _, rest = subject.partition(":")
    try:
        return UUID(rest) if found == kind else None
    except ValueError:
        return None


def _line(
    city: City, lang: Lang, line: Line, subject: str, known: Mapping[UUID, Activity], tickets: Mapping[UUID, str]
) -> LineView:
    activity_id = _id_in(subject, "activity")
    activity = known.get(activity_id) if activity_id else None
    coupon_id = _id_in(subject, "coupon")
    words, icon = _words(city, lang, subject, activity, tickets.get(coupon_id, "") if coupon_id else "")
    note = KINDS.get(line.kind)
    if note is None and line.pending_in > 0:
        note = N_("on its way")
    return LineView(
        words=words,
        note=translate(lang, note) if note else "",
        icon=icon,
        amount=line.amount,
        pending=line.pending_in if line.amount == 0 else 0,
        at=line.recorded_at,
        by=translate(lang, BY.get(line.actor.partition(":")[0], BY["system"])),
        rule=line.facts.get("rule") or (activity.rule if activity else None),
        good_until=line.lot_expires_on,
        entry_id=activity.id if activity else None,
    )


def _words(city: City, lang: Lang, subject: str, activity: Activity | None, ticket: str) -> tuple[str, str]:
    if activity is not None:
        behaviour = city.behaviour_rule(activity.rule)
        return behaviour.name(lang), behaviour.icon
    kind, _, rest = subject.partition(":")
    sentence, icon = SUBJECTS.get(kind, (N_("Booking"), "books"))
    what = ticket or rest
    if kind == "donation":
        try:
            what = city.cause(rest).name(lang)
        except UnknownCode:
            what = rest
    return translate(lang, sentence, what=what), icon
