"""Sample households, of all sizes: with children, with elders without a phone. A few statements for all of them."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session, insert

from backend.accounts.residents import sealing
from backend.accounts.residents.models import Consent, Resident
from backend.accounts.residents.rules import VERSIONS, AgeGroup, Language, Purpose
from backend.audit import service as audit
from backend.core import clock
from backend.core.actor import Actor
from backend.core.ids import new_id
from backend.demo.residents import sample_phone
from backend.households import invites, pool, rules, service
from backend.households.models import Household, HouseholdMember
from backend.households.rules import MemberKind, Share
from backend.ledger import queries as books
from backend.ledger.rules import AccountRef

HOUSEHOLDS = 300
FIRST_NUMBER = 100
"""Numbers below belong to the sample residents whom testers can be."""
SINCE_DAYS = 110
PARENTS = [
    "小满",
    "石榴",
    "槐花",
    "大枣",
    "清明",
    "秋分",
    "云雀",
    "阿福",
    "麦穗",
    "向阳",
    "山杏",
    "核桃",
    "青禾",
    "长河",
    "木兰",
    "晓雨",
    "花椒",
    "苹果",
    "樱桃",
    "雪松",
]
CHILDREN = ["豆苗", "果果", "小鱼", "团团", "石头", "跳跳", "小米", "乐乐", "泡泡", "芽芽"]
ELDERS = ["奶奶", "爷爷", "姥姥", "姥爷", "外婆", "太奶奶"]
HOMES = ["小院", "大院", "新居", "老屋", "麦田", "藉河边", "渭水畔", "山脚下", "杏树下", "槐树下", "南郭寺旁", "伏羲路"]
SURNAMES = "王李张刘马杨赵陈何郭雷蒲"


@dataclass(frozen=True)
class Family:
    """A made household: who is in it, for whoever fills in what they did."""

    id: UUID
    own: Sequence[Actor]
    """The owner first."""
    elders: Sequence[UUID]
    since: datetime


@dataclass
class _Rows:
    residents: list[dict[str, Any]]
    consents: list[dict[str, Any]]
    households: list[dict[str, Any]]
    members: list[dict[str, Any]]


def add_households(
    session: Session, people: Sequence[Actor], *, count: int = HOUSEHOLDS, seed: int = 7
) -> list[Family]:
    """Add `count` households; `people` are the first sample residents, of whom the first and the last live together."""
    chance = random.Random(seed)
    families = [_first(session, people)] if people else []
    rows = _Rows([], [], [], [])
    numbers = iter(range(FIRST_NUMBER, 10_000))
    now = clock.now()
    for place in range(count - len(families)):
        since = now - timedelta(days=chance.randrange(20, SINCE_DAYS), minutes=chance.randrange(600))
        families.append(_family(rows, chance, numbers, f"{SURNAMES[place % 12]}家{HOMES[chance.randrange(12)]}", since))
    for table, values in (
        (Resident, rows.residents),
        (Consent, rows.consents),
        (Household, rows.households),
        (HouseholdMember, rows.members),
    ):
        if values:
            session.execute(insert(table), values)
    for family in families[1:] if people else families:
        with clock.at(family.since):
            subject = rules.subject_of(family.id)
            audit.record(session, family.own[0], "household_created", subject, terms=rules.TERMS)
    return families


def put_points_in(session: Session, families: Sequence[Family], *, seed: int = 7) -> int:
    """Let every second member put part of what they have earned into the pool; return how many points that was."""
    chance = random.Random(seed)
    total = 0
    for family in families:
        for one in family.own:
            assert one.id is not None
            free = books.balance_of(session, AccountRef.of_resident(one.id)).available
            if free > 1 and chance.random() < 0.5:  # noqa: PLR2004 -- every second one
                total += pool.contribute(session, one, new_id(), chance.randrange(1, free)).amount
    return total


def _first(session: Session, people: Sequence[Actor]) -> Family:
    """Let the first and the last of the sample residents live together, with a grandmother, through the services."""
    owner, child, since = people[0], people[-1], clock.now() - timedelta(days=60)
    with clock.at(since):
        household = service.create(session, owner, new_id(), "小麦一家", share=Share.HALF)
        code = invites.invite(session, owner, new_id()).code
        stay = invites.join(session, child, new_id(), code, agreed=True, share=Share.ALL)
        invites.confirm(session, owner, stay.id)
        elder = service.add_elder(session, owner, new_id(), "奶奶", agreed=True)
    return Family(household.id, [owner, child], [elder.resident_id], since)


def _family(rows: _Rows, chance: random.Random, numbers: Any, name: str, since: datetime) -> Family:
    household_id, own, elders = new_id(), list[Actor](), list[UUID]()
    sizes = ((0, 1), (0, 2), (1, 1), (1, 2), (2, 2), (1, 3))
    children, adults = chance.choices(sizes, weights=(2, 5, 2, 6, 3, 1))[0]
    for place in range(adults + children):
        is_child = place >= adults
        nickname = chance.choice(CHILDREN if is_child else PARENTS)
        birth_year = since.year - chance.randrange(15, 18) if is_child else None
        joined = since + timedelta(hours=place * chance.randrange(1, 30))
        resident_id = _resident(rows, next(numbers), nickname, birth_year, joined)
        own.append(Actor(kind="resident", id=resident_id, name=nickname))
        limit = rules.MINOR_LIMIT if is_child else None
        share = chance.choice(tuple(Share))
        _member(rows, household_id, resident_id, joined, {"kind": MemberKind.OWN, "share": share, "daily_limit": limit})
    if chance.random() < 0.3:  # noqa: PLR2004 -- three in ten have an elder with them
        elder_id = _resident(rows, None, chance.choice(ELDERS), None, since)
        elders.append(elder_id)
        _member(
            rows, household_id, elder_id, since, {"kind": MemberKind.ELDER, "share": Share.ALL, "daily_limit": None}
        )
    rows.households.append(
        {"id": household_id, "name": name[: rules.NAME_MAX], "owner_id": own[0].id, "created_at": since}
    )
    return Family(household_id, own, elders, since)


def _resident(rows: _Rows, number: int | None, nickname: str, birth_year: int | None, since: datetime) -> UUID:
    resident_id = new_id()
    phone = None if number is None else sample_phone(number)
    rows.residents.append(
        {
            "id": resident_id,
            "phone_digest": phone and sealing.digest_of(phone),
            "phone_sealed": phone and sealing.seal_phone(phone, "resident", resident_id),
            "nickname": nickname,
            "language": Language.ZH,
            "age_group": AgeGroup.MINOR if birth_year else AgeGroup.ADULT,
            "birth_year": birth_year,
            "is_proxy": phone is None,
            "is_demo": True,
            "created_at": since,
        }
    )
    for purpose in (Purpose.ACCOUNT, Purpose.POINTS)[0 if phone else 1 :]:
        consent = {"id": new_id(), "resident_id": resident_id, "purpose": purpose, "version": VERSIONS[purpose]}
        rows.consents.append(consent | {"given_at": since})
    return resident_id


def _member(rows: _Rows, household_id: UUID, resident_id: UUID, at: datetime, facts: Mapping[str, Any]) -> None:
    stay = {"id": new_id(), "household_id": household_id, "resident_id": resident_id, "terms": rules.TERMS}
    rows.members.append(stay | {"agreed_at": at, "confirmed_at": at, **facts})
