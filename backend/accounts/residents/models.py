"""Residents who want an account: a number that nobody can read, a nickname, and what they agreed to."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, LargeBinary, SmallInteger, Text, text
from sqlmodel import Field, SQLModel

from backend.accounts.residents.rules import AgeGroup, CodePurpose, Language, Purpose
from backend.core.columns import TextEnum, one_of


class Resident(SQLModel, table=True):
    """One account. After deletion only the random id is left: the pseudonym under which the ledger goes on."""

    __tablename__ = "resident"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function
    __table_args__ = (
        one_of("language", Language),
        one_of("age_group", AgeGroup),
        CheckConstraint(
            "(age_group IS NOT NULL AND age_group = 'minor') = (birth_year IS NOT NULL)", name="birth_year"
        ),
        CheckConstraint(
            "CASE WHEN deleted_at IS NULL THEN (phone_digest IS NULL) = is_proxy AND "
            "(phone_sealed IS NULL) = is_proxy ELSE phone_digest IS NULL AND phone_sealed IS NULL AND nickname = '' AND age_group IS NULL END",
            name="deleted_is_wiped",
        ),
    )

    id: uuid.UUID = Field(primary_key=True)
    phone_digest: bytes | None = Field(default=None, sa_type=LargeBinary, unique=True)
    phone_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    nickname: str = Field(sa_type=Text)
    language: Language = Field(sa_type=TextEnum(Language))  # pyright: ignore[reportArgumentType] -- SQLModel wants a class
    age_group: AgeGroup | None = Field(default=None, sa_type=TextEnum(AgeGroup))  # pyright: ignore[reportArgumentType]
    birth_year: int | None = Field(default=None, sa_type=SmallInteger)
    is_proxy: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    """An elder without a phone, for whom a household logs; nobody signs in here."""
    is_demo: bool = False
    created_at: datetime = Field(sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]
    deleted_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]


class SmsCode(SQLModel, table=True):
    """Six digits on their way to a number, good in the one browser that asked; the digits are gone once they are sent."""

    __tablename__ = "sms_code"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function
    __table_args__ = (
        one_of("purpose", CodePurpose),
        one_of("language", Language),
        CheckConstraint("(purpose = 'guardian') = (resident_id IS NOT NULL)", name="resident_id"),
    )

    id: uuid.UUID = Field(primary_key=True)
    purpose: CodePurpose = Field(sa_type=TextEnum(CodePurpose))  # pyright: ignore[reportArgumentType]
    resident_id: uuid.UUID | None = Field(default=None, sa_column_args=[ForeignKey("resident.id")])
    phone_digest: bytes = Field(sa_type=LargeBinary, index=True)
    phone_sealed: bytes = Field(sa_type=LargeBinary)
    browser_digest: bytes = Field(sa_type=LargeBinary, unique=True)
    code_digest: bytes = Field(sa_type=LargeBinary)
    code_sealed: bytes | None = Field(sa_type=LargeBinary)
    language: Language = Field(sa_type=TextEnum(Language))  # pyright: ignore[reportArgumentType]
    tries: int = Field(default=0, sa_type=SmallInteger)
    issued_at: datetime = Field(sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]
    expires_at: datetime = Field(sa_type=DateTime(timezone=True), index=True)  # pyright: ignore[reportArgumentType]
    used_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]


class Consent(SQLModel, table=True):
    """One agreement to one purpose in one version; the database lets it only be added, and taken back once."""

    __tablename__ = "consent"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function
    __table_args__ = (
        one_of("purpose", Purpose),
        CheckConstraint("withdrawn_at >= given_at", name="withdrawn_at"),
        Index("uq_consent_live", "resident_id", "purpose", unique=True, postgresql_where=text("withdrawn_at IS NULL")),
    )

    id: uuid.UUID = Field(primary_key=True)
    resident_id: uuid.UUID = Field(sa_column_args=[ForeignKey("resident.id")], index=True)
    purpose: Purpose = Field(sa_type=TextEnum(Purpose))  # pyright: ignore[reportArgumentType]
    version: str = Field(sa_type=Text)
    given_at: datetime = Field(sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]
    withdrawn_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]


class Guardian(SQLModel, table=True):
    """The number that answered for a child under 14; wiped when the agreement or the account ends."""

    __tablename__ = "guardian"  # pyright: ignore[reportAssignmentType] -- SQLModel types it as a function
    __table_args__ = (
        CheckConstraint("(ended_at IS NULL) = (phone_sealed IS NOT NULL)", name="ended_is_wiped"),
        CheckConstraint("(ended_at IS NULL) = (phone_digest IS NOT NULL)", name="ended_has_no_digest"),
        Index("uq_guardian_live", "resident_id", unique=True, postgresql_where=text("ended_at IS NULL")),
    )

    id: uuid.UUID = Field(primary_key=True)
    resident_id: uuid.UUID = Field(sa_column_args=[ForeignKey("resident.id")], index=True)
    phone_digest: bytes | None = Field(sa_type=LargeBinary)
    phone_sealed: bytes | None = Field(sa_type=LargeBinary)
    confirmed_at: datetime = Field(sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]
    ended_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]
