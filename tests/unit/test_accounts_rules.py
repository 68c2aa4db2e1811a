"""Which passwords and logins are allowed, and how they are hashed."""

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from backend.accounts import passwords
from backend.accounts.errors import PasswordRefused, SignInBusy, StaffIncomplete
from backend.accounts.rules import check_login, check_password, check_scope, is_proven
from backend.core.actor import Role


@pytest.mark.parametrize(
    "password",
    [
        "seven77", "", "password", "Password1", "PASSWORD123!", "12345678", "123456789", "qwertyuiop", "1qaz2wsx",
        "woaini1314", "admin888", "aaaaaaaa", "abababab", "23456789", "98765432", "abcdefgh", "tianshui2026",
        "officer-1-secret", "x" * 257, "Ｐａｓｓｗｏｒｄ",
    ],
)  # fmt: skip
def test_short_and_common_passwords_are_refused(password: str):
    """S-08: ≥ 8 characters with TOTP; the common-password list is refused, in any width and case."""
    with pytest.raises(PasswordRefused):
        check_password(password, "officer-1")


@pytest.mark.parametrize(
    "password",
    [
        "slow river under the willow",
        "垂柳下的慢河流水",
        "kvj2mwqx",
        "aB3$aB3$",
        "x7" * 5 + "z",
        "long " * 13,
        "é" * 4 + "wxyq",
    ],
)
def test_any_composition_passes(password: str):
    """S-08: no composition rules, ≥ 64 characters are accepted."""
    assert check_password(password, "officer-1")


def test_every_byte_of_a_long_password_counts():
    """S-08: not truncated at 72 bytes."""
    long = "垂柳" * 40
    hashed = passwords.hash_password(long + "a")

    assert passwords.is_password(long + "a", hashed)
    assert not passwords.is_password(long + "b", hashed)


def test_the_hash_is_argon2id_with_its_parameters():
    """S-09: Argon2id ≥ 19 MiB, t=2; parameters stored in each hash."""
    hashed = passwords.hash_password("slow river")

    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert hashed != passwords.hash_password("slow river")
    assert not passwords.is_outdated(hashed)
    assert passwords.is_outdated(hashed.replace("m=19456", "m=8192"))


def test_no_more_than_two_are_hashed_at_once(monkeypatch: pytest.MonkeyPatch):
    """S-09: concurrent hashing is bounded (≤ 2)."""
    running, most, lock = 0, 0, threading.Lock()

    class Slow:
        def __init__(self, **_: object) -> None: ...

        def derive_phc_encoded(self, _: bytes) -> str:
            nonlocal running, most
            with lock:
                running += 1
                most = max(most, running)
            time.sleep(0.01)
            with lock:
                running -= 1
            return ""

    monkeypatch.setattr(passwords, "Argon2id", Slow)
    threads = [threading.Thread(target=passwords.hash_password, args=("x",)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert most == 2


def test_who_waits_too_long_is_asked_to_come_back(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(passwords, "LONGEST_WAIT_SECONDS", 0.01)
    monkeypatch.setattr(passwords, "_slots", threading.BoundedSemaphore(1))
    with passwords._slot(), pytest.raises(SignInBusy):
        passwords.hash_password("x")


@pytest.mark.parametrize("login", ["", "a", "Ä-b", "a b", "-ab", "x" * 41, "王秀英"])
def test_a_login_can_be_typed_everywhere(login: str):
    with pytest.raises(StaffIncomplete):
        check_login(login)


def test_a_login_is_kept_in_small_letters():
    assert check_login("  Wang.Xiuying ") == "wang.xiuying"


def test_a_county_officer_needs_a_county():
    check_scope(Role.CITY_TRIAGE, None)
    with pytest.raises(StaffIncomplete):
        check_scope(Role.COUNTY_OFFICER, None)


def test_the_second_factor_speaks_for_five_minutes_and_never_for_the_future():
    now = datetime(2026, 11, 26, 9, tzinfo=UTC)
    ages = {-1: False, 0: True, 299: True, 300: False}
    assert {age: is_proven(now - timedelta(seconds=age), now) for age in ages} == ages
    assert not is_proven(None, now)
