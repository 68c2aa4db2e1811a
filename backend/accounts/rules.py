"""Which passwords and logins are allowed: length instead of composition, and none of the first guesses (S-08)."""

import re
import unicodedata
from datetime import datetime, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path

from backend.accounts.errors import PasswordRefused, StaffIncomplete
from backend.core.actor import Role
from backend.core.errors import N_

SHORTEST_PASSWORD = 8
"""With the second factor that every account has; without one it would be 15."""
LONGEST_PASSWORD = 256
PROVEN_FOR = timedelta(minutes=5)
"""How long the six digits speak for who moves money (S-10)."""
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
_TAIL = re.compile(r"[\d\W_]+$")


def check_password(password: str, login: str) -> str:
    """Return the password as it is hashed, or raise `PasswordRefused`."""
    password = normal(password)
    if len(password) < SHORTEST_PASSWORD:
        raise PasswordRefused(N_("A password needs at least %(count)s characters."), count=SHORTEST_PASSWORD)
    if len(password) > LONGEST_PASSWORD:
        raise PasswordRefused(N_("A password may have at most %(count)s characters."), count=LONGEST_PASSWORD)
    if is_common(password) or login in password.lower():
        raise PasswordRefused(N_("This password is among the first that anybody would try. Please choose another."))
    return password


def normal(password: str) -> str:
    """Return one form for all ways of typing the same characters."""
    return unicodedata.normalize("NFKC", password)


def is_common(password: str) -> bool:
    """Whether the password, or what is left without its last digits and signs, is on the list of common ones."""
    plain = password.lower()
    stem = _TAIL.sub("", plain)
    return plain in _common() or stem in _common() or len(set(plain)) <= 2 or _is_run(plain)  # noqa: PLR2004 -- "abababab"


def check_login(login: str) -> str:
    """Return the login in small letters, or raise."""
    login = login.strip().lower()
    if not _LOGIN.fullmatch(login):
        raise StaffIncomplete(N_("A login has 2 to 40 small letters, digits, dots, dashes or underscores."))
    return login


def check_scope(role: Role, county_code: str | None) -> None:
    """A county officer belongs to a county; nobody else is bound to one by mistake."""
    if role is Role.COUNTY_OFFICER and not county_code:
        raise StaffIncomplete(N_("A county officer needs a county."))


def _is_run(text: str) -> bool:
    steps = {ord(after) - ord(before) for before, after in pairwise(text)}
    return steps in ({1}, {-1})


@cache
def _common() -> frozenset[str]:
    lines = Path(__file__).with_name("common_passwords.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line.strip() for line in lines if line.strip() and not line.startswith("#"))


def is_proven(proven_at: datetime | None, now: datetime) -> bool:
    """Whether the second factor was shown a moment ago; a clock that was set back proves nothing."""
    return proven_at is not None and timedelta(0) <= now - proven_at < PROVEN_FOR
