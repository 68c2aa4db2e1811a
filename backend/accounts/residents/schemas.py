"""What a resident's forms and calls hold, and what they are told."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from backend.accounts.residents.rules import AgeGroup, Device, Language, Purpose, Standing

PHONE_MAX = 30
CODE_MAX = 20
NICKNAME_TYPED_MAX = 60
CARRIED_MAX = 500


class AskCode(BaseModel):
    """Where six digits are to be sent."""

    model_config = ConfigDict(extra="forbid")

    phone: str = Field(max_length=PHONE_MAX)


class EnterCode(BaseModel):
    """Six digits as they were typed or pasted."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(max_length=CODE_MAX)


class Introduce(BaseModel):
    """The end of the first sign-in."""

    model_config = ConfigDict(extra="forbid")

    age_group: AgeGroup
    birth_year: int | None = Field(default=None, ge=1900, le=2200)
    consents: list[Purpose] = Field(default_factory=list[Purpose], max_length=10)
    nickname: str | None = Field(default=None, max_length=NICKNAME_TYPED_MAX)


class Rename(BaseModel):
    """Another nickname, another language."""

    model_config = ConfigDict(extra="forbid")

    nickname: str = Field(max_length=NICKNAME_TYPED_MAX)
    language: Language | None = None


class ChooseConsent(BaseModel):
    """Agree, or take it back."""

    model_config = ConfigDict(extra="forbid")

    purpose: Purpose
    given: bool


class CarryOver(BaseModel):
    """What the device logged before the sign-in, confirmed by the resident."""

    model_config = ConfigDict(extra="forbid")

    ids: list[UUID] = Field(max_length=CARRIED_MAX)


class CodeSent(BaseModel):
    """The answer to every number, known or not."""

    expires_in: int
    again_in: int


class SignInOut(BaseModel):
    """One browser in which the resident is signed in."""

    model_config = ConfigDict(from_attributes=True)

    device: Device
    since: datetime
    seen_at: datetime
    is_this: bool


class AccountOut(BaseModel):
    """An account as its owner sees it; the number is masked."""

    id: UUID
    nickname: str
    language: Language
    phone: str
    standing: Standing
    may_earn: bool
    needs_guardian: bool
    guardian_phone: str | None
    consents: dict[Purpose, datetime]
    sign_ins: list[SignInOut]


class DeviceForm(BaseModel):
    """What becomes of the ticked things of this device."""

    choice: Literal["take", "leave", "foreign"]
    ids: list[UUID] = Field(default_factory=list[UUID], max_length=CARRIED_MAX)


class HeldOut(BaseModel):
    """One thing that this browser logged before the sign-in and that is nobody's yet."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    at: datetime
    name: str
    amount: str
    points: int


class CarriedOver(BaseModel):
    """How many of the ids are the resident's now, and which are not: their cap is full, or they are gone or another's."""

    count: int
    left: list[UUID]
