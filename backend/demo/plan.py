"""What the plan's editors did before the demo city opened: news, a good example, an exposure, a dispute, a draft that waits.

Everything here is made up and says so; no figure of the real plan is invented. The one value in the draft was read on
a page that only repeats it, so it waits for somebody who checks it.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlmodel import Session

from backend.cities import City
from backend.cities.plan import Source
from backend.cities.schema import Entry, Words
from backend.core import clock
from backend.core.actor import Actor
from backend.core.ids import new_id
from backend.plan.models import PlanSubmission
from backend.plan.rules import Kind, Step
from backend.plan.schemas import (
    Claim,
    ClaimStatus,
    Example,
    Exposure,
    Finding,
    NewObservation,
    News,
    OpenSubmission,
    Reply,
    Stage,
)
from backend.plan.service import drafting, publishing

SOURCE = Source(key="demo-bulletin", title="演示公告（编的）", publisher="演示城市")
Entries = Mapping[tuple[Kind, str], Entry]


def add_plan_stories(session: Session, city: City, editor: Actor, publisher: Actor) -> None:
    """Publish twice in the last two months, and leave a draft for the second person."""
    now, counties = clock.now(), [county.code for county in city.counties]
    first, second = now - timedelta(days=60), now - timedelta(days=30)
    with clock.at(first):
        draft = _draft(session, editor, "曝光一起、表扬一家", "每季度公布一次", notices(first, counties))
        _publish(session, draft, editor, publisher)
    with clock.at(second):
        draft = _draft(session, editor, "垃圾分类：说法和查到的", "年中检查", dispute(second))
        _publish(session, draft, editor, publisher)
    with clock.at(now - timedelta(hours=20)):
        source = Source(key="to-be-checked", title="转载页面，待核对原文", publisher="待核对")
        draft = _draft(session, editor, "森林覆盖率（待核对）", "补一个早年的数字", {(Kind.SOURCE, source.key): source})
        value = NewObservation(
            indicator="forest_cover", area=city.code, period="2021", value=Decimal("36.84"), source=source.key,
            quote="转载，年份待核对",
        )  # fmt: skip
        drafting.put_observations(session, editor, draft, [value])
        publishing.take_step(session, editor, draft.id, Step.SUBMIT, version=draft.version)


def _draft(session: Session, editor: Actor, title: str, reason: str, entries: Entries) -> PlanSubmission:
    draft = drafting.begin(session, editor, OpenSubmission(id=new_id(), title=title, reason=reason))
    for (kind, key), entry in entries.items():
        drafting.put(session, draft, kind, key, entry)
    return draft


def _publish(session: Session, draft: PlanSubmission, editor: Actor, publisher: Actor) -> None:
    for actor, step in ((editor, Step.SUBMIT), (publisher, Step.APPROVE), (publisher, Step.PUBLISH)):
        publishing.take_step(session, actor, draft.id, step, version=draft.version)


def notices(moment: datetime, counties: list[str]) -> Entries:
    """Return news, an exposure and a good example, all of them made up."""
    day = moment.astimezone(clock.SHANGHAI).date()
    return {
        (Kind.SOURCE, SOURCE.key): SOURCE,
        (Kind.NEWS, "demo-opening"): News(
            title=Words(zh="绿色计划上网了", en="The plan is online"),
            text=Words(
                zh="14个目标、27条条款都能在这里看：承诺了什么、公布了什么、还缺什么。（演示内容）",
                en="14 aims and 27 articles: what was promised, what was published, what is missing. (Made up.)",
            ),
            on=day,
        ),
        (Kind.EXPOSURE, "demo-exposure"): Exposure(
            subject="演示印染厂（编的）",
            county_code=counties[1],
            article=18,
            what=Words(
                zh="夜间把未处理的废水排进雨水沟。", en="Untreated waste water was led into a storm drain at night."
            ),
            legal_basis="《水污染防治法》第八十三条",
            decision_number="演示罚〔2026〕1号",
            decided_on=day - timedelta(days=20),
            decided_by="演示生态环境局",
            rectified_on=day - timedelta(days=5),
            until=_a_year_after(day),
            source=SOURCE.key,
        ),
        (Kind.EXAMPLE, "demo-example"): Example(
            subject="演示社区（编的）",
            county_code=counties[0],
            article=11,
            what=Words(
                zh="楼道里设了交换角，旧书旧衣一个月少扔三百斤。",
                en="An exchange corner on the stairs: 150 kg less thrown away in a month.",
            ),
            on=day,
            source=SOURCE.key,
        ),
    }


def _a_year_after(day: date) -> date:
    return day.replace(year=day.year + 1, day=min(day.day, 28))


def dispute(moment: datetime) -> Entries:
    """Return what a body says of a promise, what was found, and what the body answers."""
    day = moment.astimezone(clock.SHANGHAI).date()
    return {
        (Kind.CLAIM, "c01"): Claim(
            body="演示城管部门",
            status=ClaimStatus.DONE,
            said_on=day - timedelta(days=10),
            text=Words(
                zh="分类系统已基本建成。（演示内容）", en="The sorting system is basically in place. (Made up.)"
            ),
            source=SOURCE.key,
        ),
        (Kind.FINDING, "c01"): Finding(
            stage=Stage.UNDER_WAY,
            searched_on=day - timedelta(days=3),
            text=Words(
                zh="公开资料里看到部分小区的分类点在建。（演示内容）",
                en="Public records show sorting points being built in some quarters. (Made up.)",
            ),
            source=SOURCE.key,
        ),
        (Kind.REPLY, "c01"): Reply(
            body="演示城管部门",
            replied_on=day,
            text=Words(
                zh="其余小区年底前完成。（演示内容）", en="The rest follows before the end of the year. (Made up.)"
            ),
        ),
    }
