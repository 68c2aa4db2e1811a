"""What a household's forms and calls hold, and what members are told."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from backend.households.rules import LIMIT_MAX, MemberKind, Share

NAME_TYPED_MAX = 60
CODE_TYPED_MAX = 40
LARGEST_AMOUNT = 10**9

Code = Annotated[str, Field(max_length=CODE_TYPED_MAX)]
Points = Annotated[int, Field(strict=False, ge=1, le=LARGEST_AMOUNT)]


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")


class StartHousehold(_Closed):
    """A new household; the client makes its id."""

    id: UUID
    name: str = Field(max_length=NAME_TYPED_MAX)
    share: Share = Share.NONE


class NameHousehold(_Closed):
    """Another name."""

    name: str = Field(max_length=NAME_TYPED_MAX)


class MakeInvite(_Closed):
    """A new code; the same id gives the same code."""

    id: UUID


class LookUpInvite(_Closed):
    """A code as it was typed or scanned."""

    code: Code


class AskToJoin(_Closed):
    """Agree to what is shared and ask to come in."""

    id: UUID
    code: Code
    agreed: bool = False
    share: Share = Share.NONE


class TakeElder(_Closed):
    """An elder without a phone, who knows and agrees."""

    id: UUID
    nickname: str = Field(max_length=NAME_TYPED_MAX)
    agreed: bool = False


class LimitMember(_Closed):
    """What a minor can use in a day."""

    daily_limit: int = Field(ge=0, le=LIMIT_MAX)


class ChooseShare(_Closed):
    """How much of what one earns goes to the household by itself."""

    share: Share


class MovePoints(_Closed):
    """Give points to the household, or take own ones back."""

    id: UUID
    amount: Points


class TakeBack(_Closed):
    """Take own points back; without an amount all of them."""

    id: UUID
    amount: Points | None = None


class HandOver(_Closed):
    """Who looks after the household from now on."""

    member_id: UUID


class MemberOut(BaseModel):
    """A member, as everybody in the house sees them."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    nickname: str
    kind: MemberKind
    is_owner: bool
    is_minor: bool
    is_waiting: bool
    is_me: bool
    in_pool: int
    is_lit: bool
    daily_limit: int | None
    """For the owner and the minor's own eyes."""


class HouseholdOut(BaseModel):
    """A household as a member sees it."""

    id: UUID
    name: str
    is_waiting: bool
    """Asked and not let in yet: then nothing else is told."""
    is_owner: bool
    share: Share
    pooled: int
    next_expiry: date | None
    next_amount: int
    members: list[MemberOut]


class InviteOut(BaseModel):
    """A code to pass on."""

    code: str
    link: str
    expires_at: datetime
    left: int


class InvitedOut(BaseModel):
    """What somebody with a code may know before agreeing."""

    name: str
    owner: str
    members: int
    shared: list[str]


class MovedOut(BaseModel):
    """How many points were moved."""

    amount: int


class LotOut(BaseModel):
    """Points that end on one day."""

    model_config = ConfigDict(from_attributes=True)

    amount: int
    expires_on: date


class LeavingOut(BaseModel):
    """What exactly comes back to one who leaves now."""

    amount: int
    held: int
    lots: list[LotOut]
    needs_successor: bool
