"""The file that tells testers how to get in: made anew with each filling, readable by its owner only."""

import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path

from backend.core.ids import crockford, grouped


@dataclass(frozen=True)
class StaffEntry:
    """How one member of the demo's staff signs in."""

    role: str
    name: str
    login: str
    password: str
    totp_secret: str
    county: str | None


@dataclass(frozen=True)
class ResidentEntry:
    """One sample resident: the number that an account has or that was left for a report, and the report it belongs to."""

    phone: str
    receipt: str | None = None
    number: str | None = None
    nickname: str | None = None
    about: str = "left this number for a report"


@dataclass(frozen=True)
class MerchantEntry:
    """How a phone becomes a till of a sample shop, within two days; later the bureau makes another code."""

    merchant: str
    page: str
    pairing_code: str


@dataclass
class Credentials:
    """Everybody whom a tester can be."""

    staff: list[StaffEntry] = field(default_factory=list[StaffEntry])
    residents: list[ResidentEntry] = field(default_factory=list[ResidentEntry])
    merchants: list[MerchantEntry] = field(default_factory=list[MerchantEntry])


def new_password() -> str:
    """Return a password of 80 random bits that can be typed."""
    return grouped(crockford(secrets.token_bytes(10))).lower()


def write(path: Path, credentials: Credentials) -> None:
    """Write the file whole or not at all; nobody else can read it at any moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    unfinished.unlink(missing_ok=True)
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(asdict(credentials), file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
