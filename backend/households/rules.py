"""Pure rules of a household: its codes, its shares, its waiting times and what is agreed to."""

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, timedelta
from enum import StrEnum

from backend.core.clock import SHANGHAI
from backend.core.ids import CROCKFORD, crockford, read_crockford
from backend.households.errors import HouseholdNameInvalid, LimitInvalid

NAME_MAX = 16
MOST_MEMBERS = 8
"""Everybody counts: those who wait, and elders without an account."""
MOST_ELDERS = 3
INVITE_LIFE = timedelta(days=7)
INVITE_USES = 5
COOLING_OFF = timedelta(days=30)
MINOR_LIMIT = 20
"""What a minor can use in a day until the owner sets something else."""
LIMIT_MAX = 1000
ENDS_SOON = timedelta(days=30)

TERMS = "household-2026-11"
"""What joining means, word for word; changed words get a new version."""

CODE_BYTES = 5
CODE_LENGTH = 9
"""Eight characters that carry 40 bits, and one that shows a typing mistake."""
CHECK_MODULUS = 37
"""Crockford's: it finds every single wrong character and every two that changed places."""

_LONG_NUMBER = re.compile(r"\d(?:[\s\-.]?\d){4,}")


class MemberKind(StrEnum):
    """Whether a member has an account, or is an elder for whom the others log."""

    ELDER = "elder"
    OWN = "own"


class Share(StrEnum):
    """How much of what a member earns goes to the household by itself."""

    ALL = "all"
    HALF = "half"
    NONE = "none"


class EndReason(StrEnum):
    """How a membership ended; the first two never were one."""

    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    DISSOLVED = "dissolved"
    LEFT = "left"
    REMOVED = "removed"


NEVER_IN = (EndReason.DECLINED, EndReason.WITHDRAWN)
"""After these nobody waits."""


def read_name(text: str) -> str:
    """Return the name as it is kept, or raise."""
    name = " ".join(unicodedata.normalize("NFKC", text).split())
    is_plain = all(unicodedata.category(letter)[0] != "C" for letter in name)
    if not 1 <= len(name) <= NAME_MAX or not is_plain or _LONG_NUMBER.search(name):
        raise HouseholdNameInvalid(fields={"name": HouseholdNameInvalid.message})
    return name


def invite_code(keyed_digest: Callable[[int], bytes]) -> str:
    """Return the code of an invitation, from a keyed digest of its id and a number.

    The number rises until the check symbol is one that everybody finds on a keyboard: Crockford's last five are not.
    """
    tries = 0
    while True:
        body = crockford(keyed_digest(tries)[:CODE_BYTES])
        check = _check_value(body)
        if check < len(CROCKFORD):
            return body + CROCKFORD[check]
        tries += 1


def read_invite(text: str) -> str | None:
    """Return the code that a person typed, or `None` if its check symbol says that it is wrong."""
    code = read_crockford(unicodedata.normalize("NFKC", text))
    if len(code) != CODE_LENGTH or not set(code) <= set(CROCKFORD):
        return None
    return code if CROCKFORD.index(code[-1]) == _check_value(code[:-1]) else None


def shown_code(code: str) -> str:
    """Write a code in groups of three, as it is read aloud."""
    return "-".join(code[place : place + 3] for place in range(0, len(code), 3))


def _check_value(body: str) -> int:
    value = 0
    for letter in body:
        value = value * 32 + CROCKFORD.index(letter)
    return value % CHECK_MODULUS


def share_of(share: Share, amount: int) -> int:
    """Return how much of what was earned goes to the household; an odd point stays with who earned it."""
    return {Share.ALL: amount, Share.HALF: amount // 2, Share.NONE: 0}[share]


def free_from(ended_at: datetime) -> date:
    """Return the first day on which somebody may join another household."""
    return (ended_at + COOLING_OFF).astimezone(SHANGHAI).date() + timedelta(days=1)


def check_limit(limit: int | None, *, is_minor: bool) -> None:
    """Let limits pass that somebody can mean."""
    if not is_minor or limit is None or not 0 <= limit <= LIMIT_MAX:
        raise LimitInvalid(fields={"daily_limit": LimitInvalid.message})


def limit_for(limit: int | None, *, is_minor: bool) -> int | None:
    """Return what a member can use of the pool in a day; `None` is no limit, which a minor never has."""
    if not is_minor:
        return None
    return MINOR_LIMIT if limit is None else limit


def within_limit(limit: int | None, spent_today: int, amount: int) -> bool:
    """Whether a member may use that much more today."""
    return limit is None or spent_today + amount <= limit


def subject_of(household_id: object) -> str:
    """Return how the audit record names a household."""
    return f"household:{household_id}"
