"""Applications for green titles in every state, over four months: families, schools and communities that are made up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import cycle

from sqlmodel import Session, col, select

from backend.accounts import queries as accounts
from backend.accounts.models import Staff
from backend.cities import City
from backend.core import clock
from backend.core.actor import Actor, Role
from backend.core.ids import new_id
from backend.demo.credentials import Credentials
from backend.demo.residents import add_resident, sample_phone
from backend.honours import service
from backend.honours.rules import Step
from backend.honours.schemas import Apply, Decide

FIRST_PHONE = 9_000
EVENING, OFFICE_HOURS = time(20, 12), time(10, 35)


@dataclass(frozen=True)
class Turn:
    """One step, so many days ago."""

    step: Step
    days_ago: int
    reason: str = ""


@dataclass(frozen=True)
class Story:
    """One application and what became of it; without `nickname` one of the first residents applied."""

    honour: str
    name: str
    division: str
    days_ago: int
    turns: Sequence[Turn] = ()
    nickname: str = ""
    is_public: bool = True
    words: str = ""


def granted(proposed: int, decided: int) -> tuple[Turn, ...]:
    """Return the two steps to a title."""
    return Turn(Step.PROPOSE, proposed), Turn(Step.GRANT, decided)


STORIES = (
    Story("green_household", "向阳院小麦家", "620502003", 112, granted(105, 98)),
    Story(
        "green_household",
        "老李家",
        "620502005",
        60,
        [Turn(Step.REFUSE, 52, "照片里楼道还堆着旧纸箱。收拾好了，欢迎再来申请。")],
        is_public=False,
    ),
    Story("green_school", "青禾小学", "620502007", 108, granted(99, 90), "青禾张老师", words="食堂每周公布一次剩餐重量。"),
    Story("green_community", "桃园里社区", "620503002", 102, granted(95, 85), "桃园里小赵"),
    Story(
        "green_community",
        "杏花巷社区",
        "620502001",
        110,
        [*granted(100, 92), Turn(Step.REVOKE, 20, "两次回访，分类投放点都锁着，居民也反映没有人管。")],
        "杏花巷值班室",
    ),
    Story("green_household", "渭水边的刘家", "620503101", 96, granted(90, 82), "渭水刘"),
    Story("green_household", "三阳川王家", "620503100", 88, granted(81, 74), "三阳川王", is_public=False),
    Story("green_school", "云岭中学", "620523", 40, [Turn(Step.PROPOSE, 31)], "云岭后勤"),
    Story(
        "green_school",
        "石桥小学",
        "620522",
        33,
        [Turn(Step.PROPOSE, 26), Turn(Step.SEND_BACK, 19, "食堂的剩餐记录还缺九月，补上再看。")],
        "石桥校务",
    ),
    Story("green_household", "南山脚下小陈家", "620502006", 30, [Turn(Step.TAKE_BACK, 27)], "南山小陈"),
    Story("green_household", "四口之家", "620503003", 16, [Turn(Step.PROPOSE, 6)], "橘子皮", words="厨余堆肥种了一阳台葱。"),
    Story("green_community", "卧云村", "620521", 9, nickname="卧云村老支书"),
    Story("green_household", "骑车上班的一家", "620502002", 4, nickname="两个轮子"),
)  # fmt: skip


def add_applications(session: Session, city: City, first: Sequence[Actor], credentials: Credentials) -> None:
    """Play every application; of the residents that testers know, each makes one that is theirs."""
    editors = _editors(session)
    known = iter(first)
    for number, story in enumerate(STORIES):
        with clock.at(_moment(story.days_ago + 1, EVENING)):
            applicant = (
                add_resident(session, credentials, phone=sample_phone(FIRST_PHONE + number), nickname=story.nickname)
                if story.nickname
                else next(known)
            )
        _play(session, city, story, applicant, editors)


def _play(session: Session, city: City, story: Story, applicant: Actor, editors: Sequence[Actor]) -> None:
    criteria = city.honour(story.honour).criteria
    with clock.at(_moment(story.days_ago, EVENING)):
        form = Apply(
            id=new_id(),
            honour=story.honour,
            shown_name=story.name,
            is_public=story.is_public,
            county_code=story.division[:6],
            township_code=story.division if len(story.division) > 6 else None,  # noqa: PLR2004 -- a county has six digits
            # What is counted cannot be said: there are no numbers from before.
            said=[one.code for one in criteria if one.measure is None],
            words=story.words,
        )
        application = service.apply(session, city, applicant, form, {})
    for turn, editor in zip(story.turns, cycle(editors), strict=False):
        with clock.at(_moment(turn.days_ago, OFFICE_HOURS)):
            if turn.step is Step.TAKE_BACK:
                service.take_back(session, applicant, application.id)
            else:
                form = Decide(version=application.version, reason=turn.reason)
                service.take_step(session, city, editor, application.id, turn.step, form)


def _editors(session: Session) -> Sequence[Actor]:
    found = select(Staff).where(Staff.role == Role.PROGRAMME_EDITOR).order_by(col(Staff.login))
    return [accounts.actor_of(one) for one in session.exec(found)]


def _moment(days_ago: int, at: time) -> datetime:
    """Return an hour of a day so long ago, on the city's clock."""
    return datetime.combine(clock.today() - timedelta(days=days_ago), at, clock.SHANGHAI)
