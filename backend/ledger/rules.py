"""The words of the ledger and its pure rules: who can hold what, on which shard a hot account is met, what is used first."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from backend.ledger.errors import AmountInvalid, MovementInvalid

SHARDS = 16
"""Rows over which a hot account is spread, so that 64 buyers of one campaign do not wait for one row."""
LARGEST = 2**62
"""No amount is larger, so that no sum of two leaves the database's 64 bits."""
GRACE_DAYS = 30
"""How long points stay usable that a reversal gives back after their day."""


class Asset(StrEnum):
    """What is counted; whole numbers only, and each in books of its own."""

    POINT = "point"
    COUPON_FEN = "coupon_fen"
    COUPON_UNIT = "coupon_unit"
    BUDGET_FEN = "budget_fen"


class TransactionKind(StrEnum):
    """What a transaction does. Why it is done is the business of whoever asks, and stands in its subject."""

    ISSUE = "issue"
    GRANT = "grant"
    SPEND = "spend"
    MOVE = "move"
    POST = "post"
    VOID = "void"
    LAPSE = "lapse"
    REVERSE = "reverse"
    CLAWBACK = "clawback"
    EXPIRE = "expire"


class TransactionState(StrEnum):
    """Where a transaction stands: what is pending is resolved once, by a transaction of its own."""

    PENDING = "pending"
    POSTED = "posted"
    VOIDED = "voided"
    EXPIRED = "expired"


class Purpose(StrEnum):
    """Accounts that the ledger itself knows; a business may name others."""

    MAIN = "main"
    FUND = "fund"
    ISSUANCE = "issuance"
    EXPIRED = "expired"
    RECEIVABLE = "receivable"


UNBOUNDED = frozenset({Purpose.ISSUANCE, Purpose.RECEIVABLE})
"""What may be below zero: where an asset comes from, and what a resident owes."""
SPREAD = ("programme", "campaign", "system")
HOLDS_LOTS = ("resident", "household")
OWNER = re.compile(r"(resident|household|merchant|programme|campaign):[0-9A-Za-z._-]{1,64}|system")
PURPOSE = re.compile(r"[a-z][a-z0-9_:.-]{0,63}")


@dataclass(frozen=True, order=True)
class AccountRef:
    """Names an account: who holds what for which purpose."""

    asset: Asset
    owner: str
    purpose: str = Purpose.MAIN

    def __post_init__(self) -> None:
        if not OWNER.fullmatch(self.owner) or not PURPOSE.fullmatch(self.purpose):
            raise MovementInvalid

    @classmethod
    def of_resident(cls, resident_id: UUID, asset: Asset = Asset.POINT, purpose: str = Purpose.MAIN) -> "AccountRef":
        return cls(asset, resident(resident_id), purpose)

    @classmethod
    def of_household(cls, household_id: UUID, asset: Asset = Asset.POINT, purpose: str = Purpose.MAIN) -> "AccountRef":
        return cls(asset, household(household_id), purpose)

    @classmethod
    def of_merchant(cls, merchant_id: UUID, asset: Asset = Asset.COUPON_FEN, purpose: str = "payable") -> "AccountRef":
        return cls(asset, f"merchant:{merchant_id}", purpose)

    @classmethod
    def of_programme(cls, code: str, asset: Asset = Asset.POINT, purpose: str = Purpose.FUND) -> "AccountRef":
        return cls(asset, f"programme:{code}", purpose)

    @classmethod
    def of_campaign(cls, campaign_id: UUID, asset: Asset, purpose: str) -> "AccountRef":
        return cls(asset, f"campaign:{campaign_id}", purpose)

    @classmethod
    def of_system(cls, asset: Asset, purpose: str) -> "AccountRef":
        return cls(asset, "system", purpose)

    @property
    def floor(self) -> int | None:
        """Below what the account never goes."""
        return None if self.purpose in UNBOUNDED else 0

    @property
    def holds_lots(self) -> bool:
        """Whether what lies here keeps its day of expiry and who earned it."""
        return (
            self.asset is Asset.POINT
            and self.purpose != Purpose.RECEIVABLE
            and self.owner.partition(":")[0] in HOLDS_LOTS
        )

    @property
    def is_spread(self) -> bool:
        """Whether the account is many rows."""
        return self.purpose not in UNBOUNDED and self.owner.partition(":")[0] in SPREAD

    def with_purpose(self, purpose: str) -> "AccountRef":
        """Return the same owner's account for another purpose."""
        return AccountRef(self.asset, self.owner, purpose)


def resident(resident_id: UUID) -> str:
    """Return how a resident stands in the ledger: a pseudonym that outlives the person's data."""
    return f"resident:{resident_id}"


def household(household_id: UUID) -> str:
    """Return how a household stands in the ledger."""
    return f"household:{household_id}"


@dataclass(frozen=True)
class Movement:
    """An amount that goes from one account to another of the same asset."""

    source: AccountRef
    to: AccountRef
    amount: int

    def __post_init__(self) -> None:
        check_amount(self.amount)
        if self.source.asset is not self.to.asset or self.source == self.to:
            raise MovementInvalid


def check_amount(amount: object) -> None:
    """Let whole numbers above zero pass, and nothing that only looks like one."""
    if type(amount) is not int or not 0 < amount <= LARGEST:
        raise AmountInvalid


def shard_of(key: str, shards: int) -> int:
    """Return where `key` meets a spread account: the same at every try, so that a retry finds the first."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8]) % shards


def spread(amount: int, shards: int) -> list[int]:
    """Divide `amount` over the rows as evenly as whole numbers allow."""
    share, rest = divmod(amount, shards)
    return [share + (shard < rest) for shard in range(shards)]


def request_hash(body: Mapping[str, Any]) -> bytes:
    """Return what two requests under one key are compared by; what JSON has no word for, such as NaN, is refused."""
    try:
        text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()
    except (TypeError, ValueError):
        raise MovementInvalid from None
    return hashlib.sha256(b"green-ledger/request/1\n" + text).digest()


@dataclass(frozen=True)
class OpenLot:
    """What is left of one grant."""

    id: int
    free: int
    expires_on: date


def allocate(lots: Iterable[OpenLot], amount: int, on: date) -> list[tuple[int, int]] | None:
    """Take `amount` from lots usable on that day, first expiring first; `None` if they do not hold enough."""
    taken: list[tuple[int, int]] = []
    for lot in sorted(lots, key=lambda one: (one.expires_on, one.id)):
        part = min(lot.free, amount) if lot.expires_on >= on else 0
        if part > 0:
            taken.append((lot.id, part))
            amount -= part
    return None if amount else taken
