"""Mainland mobile numbers: how a typed one is read, and how much of one is shown."""

import re
import unicodedata

_PHONE = re.compile(r"1[3-9]\d{9}", re.ASCII)


def read_phone(text: str) -> str | None:
    """Return a mainland mobile number as 11 digits, or `None`."""
    digits = re.sub(r"[\s\-()]", "", unicodedata.normalize("NFKC", text)).removeprefix("+86")
    return digits if _PHONE.fullmatch(digits) else None


def masked(phone: str) -> str:
    """Return the number as its owner recognises it and nobody else can dial it: `138****1234`."""
    return f"{phone[:3]}****{phone[-4:]}"
