"""Who wants to hear when something of the plan changes, and telling them."""

from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, delete, select

from backend.accounts.residents.parts import exports, forgets
from backend.accounts.residents.rules import subject_of
from backend.core import clock
from backend.core.actor import Actor
from backend.notices.service import tell
from backend.notices.texts import NoticeCode
from backend.plan import queries, wording
from backend.plan.assessment import Status
from backend.plan.editions import Edition, edition
from backend.plan.models import PlanFollow, PlanVerdict
from backend.web.templates import translate

BATCH = 1_000


def article_subject(number: int) -> str:
    """Return how an article is followed."""
    return f"article:{number}"


def indicator_subject(key: str) -> str:
    """Return how an indicator is followed."""
    return f"indicator:{key}"


def follow(session: Session, resident_id: UUID, subject: str) -> None:
    """Follow something; twice is once."""
    row = {"resident_id": resident_id, "subject": subject, "since": clock.now()}
    session.execute(insert(PlanFollow).values(row).on_conflict_do_nothing())


def unfollow(session: Session, resident_id: UUID, subject: str) -> None:
    """Follow it no longer."""
    session.execute(
        delete(PlanFollow).where(col(PlanFollow.resident_id) == resident_id, col(PlanFollow.subject) == subject)
    )


def tell_of_verdict(session: Session, verdict_id: int) -> int:
    """Tell followers of a target's indicator or article that its state changed; return how many were told."""
    verdict = session.get(PlanVerdict, verdict_id)
    plan = edition(session)
    target = plan.targets.get(verdict.target) if verdict else None
    if verdict is None or target is None:
        return 0
    subjects = [indicator_subject(target.indicator)]
    subjects += [article_subject(target.article)] if target.article else []
    word = wording.STATUS[Status(verdict.state)]
    told = 0
    residents = queries.followers(session, subjects)
    name = plan.indicators[target.indicator].name
    for first in range(0, len(residents), BATCH):
        told += tell(
            session,
            [subject_of(one) for one in residents[first : first + BATCH]],
            NoticeCode.PLAN_STATE,
            once=f"plan_verdict:{verdict_id}",
            page=f"indicators/{target.indicator}",
            title_zh=name.zh,
            title_en=name.en,
            state_zh=translate("zh", word),
            state_en=translate("en", word),
        )
    return told


def tell_of_article(session: Session, number: int, publication: int) -> int:
    """Tell followers of an article that something new was published about it; return how many were told."""
    plan = edition(session)
    article = plan.articles.get(number)
    if article is None:
        return 0
    told = 0
    residents = queries.followers(session, [article_subject(number)])
    for first in range(0, len(residents), BATCH):
        told += tell(
            session,
            [subject_of(one) for one in residents[first : first + BATCH]],
            NoticeCode.PLAN_NEWS,
            once=f"plan_article:{number}:{publication}",
            page=f"articles/{number}",
            title_zh=article.title.zh,
            title_en=article.title.en,
        )
    return told


@exports("followed")
def what_i_follow(session: Session, resident_id: UUID) -> list[dict[str, object]]:
    """Return what of the plan a resident follows, for the file of their own data."""
    rows = session.exec(select(PlanFollow).where(col(PlanFollow.resident_id) == resident_id)).all()
    return [{"subject": one.subject, "since": one.since.isoformat(timespec="seconds")} for one in rows]


@forgets("followed")
def forget(session: Session, actor: Actor) -> None:
    """Remove what a person who leaves followed."""
    session.execute(delete(PlanFollow).where(col(PlanFollow.resident_id) == actor.id))


def articles_touched(plan: Edition, kind: str, key: str) -> set[int]:
    """Return the articles about which a line of the change log says something."""
    entry: object = None
    match kind:
        case "claim" | "finding" | "reply":
            entry = plan.targets.get(key) or plan.commitments.get(key)
        case "exposure":
            entry = plan.exposures.get(key)
        case "example":
            entry = plan.examples.get(key)
        case "news":
            entry = plan.news.get(key)
        case "article":
            return {int(key)}
        case _:
            return set()
    number = getattr(entry, "article", None)
    return set() if number is None else {number}
