"""Pure rules of a resident's account: ages, nicknames, what is agreed to, and what kind of device it is."""

import re
import secrets
import unicodedata
from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from backend.accounts.residents.errors import AgeInvalid, NicknameInvalid

CODE_LIFE = timedelta(minutes=5)
CODE_TRIES = 5
CODE_DIGITS = 6
NICKNAME_MAX = 20
OF_AGE = 18
GUARDED_BELOW = 14
UNFINISHED_LIFE = timedelta(days=15)
"""After that an account without age, or a child's without a guardian, is deleted."""
KEPT_LIFE = timedelta(days=7)
"""How long a device's own history waits for somebody to say whose it is."""
FOREIGN_LIFE = timedelta(hours=12)
"""How long somebody stays signed in on a phone that is not the own, at most."""
SUBJECT_PREFIX = "resident:"
_LONG_NUMBER = re.compile(r"\d(?:[\s\-.]?\d){4,}")
_CODE = re.compile(rf"[0-9]{{{CODE_DIGITS}}}")


class Language(StrEnum):
    """In which a resident reads text messages."""

    ZH = "zh"
    EN = "en"


class AgeGroup(StrEnum):
    """What the age gate asks; the birth year is kept for minors only."""

    ADULT = "adult"
    MINOR = "minor"


class Standing(StrEnum):
    """How far an account has come."""

    NEW = "new"
    WAITING = "waiting"
    FULL = "full"


class CodePurpose(StrEnum):
    """What six digits are good for; those for one purpose open nothing else."""

    GUARDIAN = "guardian"
    SIGN_IN = "sign_in"


class Purpose(StrEnum):
    """What a resident can agree to, each by itself."""

    ACCOUNT = "account"
    GUARDIAN = "guardian"
    POINTS = "points"
    TEXTS = "texts"


# A changed text gets a new version; who agreed to the old one is asked again where it matters.
VERSIONS: Mapping[Purpose, str] = {
    Purpose.ACCOUNT: "account-2026-11",
    Purpose.GUARDIAN: "guardian-2026-11",
    Purpose.POINTS: "points-2026-11",
    Purpose.TEXTS: "texts-2026-11",
}
OPTIONAL = (Purpose.POINTS, Purpose.TEXTS)
"""What can be agreed to and taken back on the account's page; taking back the account itself is deleting it."""


class Device(StrEnum):
    """As much of a browser as helps to recognise the own one in the list of sign-ins."""

    ANDROID = "android"
    COMPUTER = "computer"
    IPHONE = "iphone"
    OTHER = "other"
    TABLET = "tablet"


_MARKS = (
    ("ipad", Device.TABLET),
    ("iphone", Device.IPHONE),
    ("harmony", Device.ANDROID),
    ("android", Device.ANDROID),
    ("windows", Device.COMPUTER),
    ("macintosh", Device.COMPUTER),
    ("linux", Device.COMPUTER),
)


def device_of(user_agent: str) -> Device:
    """Return the kind of device; nothing finer is kept."""
    words = user_agent.lower()
    return next((device for mark, device in _MARKS if mark in words), Device.OTHER)


def new_code() -> str:
    """Return six random digits."""
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"


def read_code(text: str) -> str | None:
    """Return the digits as they were sent, whichever way they were typed, or `None` if they cannot be a code."""
    digits = "".join(unicodedata.normalize("NFKC", text).split())
    return digits if _CODE.fullmatch(digits) else None


def new_nickname(language: Language) -> str:
    """Return a name that tells nothing, until the resident picks one."""
    tail = f"{secrets.randbelow(10_000):04d}"
    return f"绿友{tail}" if language is Language.ZH else f"Neighbour {tail}"


def read_nickname(text: str) -> str:
    """Return the nickname as it is kept, or raise; a number in it would name a person to everybody who sees it."""
    name = " ".join(unicodedata.normalize("NFKC", text).split())
    is_plain = all(unicodedata.category(letter)[0] != "C" for letter in name)
    if not 1 <= len(name) <= NICKNAME_MAX or not is_plain or _LONG_NUMBER.search(name):
        raise NicknameInvalid(fields={"nickname": NicknameInvalid.message})
    return name


def check_age(group: AgeGroup, birth_year: int | None, today: date) -> int | None:
    """Return the birth year that is kept: a minor's; raise where it does not fit what was chosen."""
    if group is AgeGroup.ADULT:
        return None
    if birth_year is None or not today.year - OF_AGE <= birth_year <= today.year:
        raise AgeInvalid(fields={"birth_year": AgeInvalid.message})
    return birth_year


def needs_guardian(birth_year: int | None, today: date) -> bool:
    """Whether the resident may still be under 14: without the day, the whole year of the birthday counts as under."""
    return birth_year is not None and today.year - birth_year <= GUARDED_BELOW


def is_of_age(birth_year: int, today: date) -> bool:
    """Whether a minor is 18 by now for certain; then the birth year is forgotten."""
    return today.year - birth_year > OF_AGE


def standing(group: AgeGroup | None, birth_year: int | None, *, has_guardian: bool, today: date) -> Standing:
    """Return how far the account has come."""
    if group is None:
        return Standing.NEW
    if needs_guardian(birth_year, today) and not has_guardian:
        return Standing.WAITING
    return Standing.FULL


def subject_of(resident_id: object) -> str:
    """Return how notices, sealed facts and the audit record name a resident."""
    return f"{SUBJECT_PREFIX}{resident_id}"


def resident_in(subject: str) -> UUID | None:
    """Undo `subject_of`; `None` for what is no resident's."""
    return UUID(subject.removeprefix(SUBJECT_PREFIX)) if subject.startswith(SUBJECT_PREFIX) else None
