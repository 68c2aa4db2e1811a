"""Small plans, and the way of a change from draft to published."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from sqlmodel import Session

from backend.cities.plan import (
    Article,
    DueBasis,
    Indicator,
    Operator,
    Part,
    Plan,
    Source,
    Target,
    Trend,
)
from backend.cities.schema import Entry, Words
from backend.core.actor import Actor, Role
from backend.core.ids import new_id
from backend.plan.models import PlanSubmission
from backend.plan.rules import Kind, Step
from backend.plan.schemas import NewObservation, OpenSubmission
from backend.plan.service import drafting, publishing

CITY = "620500"
EDITOR = Actor(kind="staff", id=new_id(), name="白露", role=Role.PLAN_EDITOR)
PUBLISHER = Actor(kind="staff", id=new_id(), name="秦岭", role=Role.PLAN_PUBLISHER)


def words(text: str) -> Words:
    return Words(zh=text, en=text)


def plan() -> Plan:
    return Plan(
        key="small", name=words("小城绿色方案"), issuer=words("小城"), issued_on=date(2022, 4, 26), basis="省上的通知",
        horizon=2025, lead=words("发改委"),
    )  # fmt: skip


def indicator(key: str = "forest", **changes: object) -> Indicator:
    facts: dict[str, object] = {
        "key": key, "name": words("森林覆盖率"), "definition": words("林地占比"), "unit": words("%"), "trend": Trend.UP,
        "minimum": Decimal(0), "maximum": Decimal(100),
    }  # fmt: skip
    return Indicator.model_validate({**facts, **changes}, strict=False)


def target(key: str = "t01", **changes: object) -> Target:
    facts: dict[str, object] = {
        "key": key, "indicator": "forest", "part": 1, "article": 1, "operator": Operator.AT_LEAST, "value": Decimal(39),
        "due": 2025, "due_basis": DueBasis.STATED,
    }  # fmt: skip
    return Target.model_validate({**facts, **changes}, strict=False)


def source(key: str = "bulletin") -> Source:
    return Source(key=key, title="统计公报", publisher="统计局", url="https://example.cn/bulletin")


def value(period: str, number: str, **changes: object) -> NewObservation:
    facts: dict[str, object] = {
        "indicator": "forest", "area": CITY, "period": period, "value": Decimal(number), "source": "bulletin",
    }  # fmt: skip
    return NewObservation.model_validate({**facts, **changes})


SMALL: Mapping[tuple[Kind, str], Entry] = {
    (Kind.PLAN, "small"): plan(),
    (Kind.PART, "1"): Part(number=1, title=words("总体目标")),
    (Kind.ARTICLE, "1"): Article(number=1, part=1, title=words("多种树"), summary=words("种树。")),
    (Kind.INDICATOR, "forest"): indicator(),
    (Kind.TARGET, "t01"): target(),
    (Kind.SOURCE, "bulletin"): source(),
}


def drafted(
    session: Session,
    entries: Mapping[tuple[Kind, str], Entry | None] | None = None,
    values: Iterable[NewObservation] = (),
    *,
    editor: Actor = EDITOR,
    reason: str = "年度更新",
) -> PlanSubmission:
    """Return a draft that holds `entries` and `values`."""
    draft = drafting.begin(session, editor, OpenSubmission(id=new_id(), title="更新", reason=reason))
    for (kind, key), entry in (entries or {}).items():
        drafting.put(session, draft, kind, key, entry)
    drafting.put_observations(session, editor, draft, values)
    return draft


def step(session: Session, draft: PlanSubmission, what: Step, actor: Actor, answer: str = "") -> PlanSubmission:
    """Take one step with a form that is up to date."""
    return publishing.take_step(session, actor, draft.id, what, version=draft.version, answer=answer)


def published(
    session: Session,
    entries: Mapping[tuple[Kind, str], Entry | None] | None = None,
    values: Iterable[NewObservation] = (),
    *,
    reason: str = "年度更新",
) -> PlanSubmission:
    """Publish `entries` and `values` in the usual way: one hands in, another approves."""
    draft = drafted(session, entries, values, reason=reason)
    step(session, draft, Step.SUBMIT, EDITOR)
    step(session, draft, Step.APPROVE, PUBLISHER)
    return step(session, draft, Step.PUBLISH, PUBLISHER)
