"""Who may do what: the whole security surface on one screen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Permission(StrEnum):
    """One right, named `scope:resource:action`, in alphabetical order."""

    ACTIVITY_ATTEND = "bureau:activity:attend"
    ACTIVITY_IMPORT = "bureau:activity:import"
    ACTIVITY_MODERATE = "bureau:activity:moderate"
    CASE_ANSWER = "bureau:case:answer"
    CASE_DECIDE = "bureau:case:decide"
    CASE_MOVE = "bureau:case:move"
    CASE_READ = "bureau:case:read"
    CASE_REFER = "bureau:case:refer"
    COUPON_APPROVE = "bureau:coupon:approve"
    COUPON_READ = "bureau:coupon:read"
    COUPON_WRITE = "bureau:coupon:write"
    DUTY_WRITE = "bureau:duty:write"
    FUND_WRITE = "bureau:fund:write"
    HONOUR_REVIEW = "bureau:honour:review"
    PHOTO_READ = "bureau:photo:read"
    PLAN_APPROVE = "bureau:plan:approve"
    PLAN_EDIT = "bureau:plan:edit"
    SETTLEMENT_APPROVE = "bureau:settlement:approve"
    SETTLEMENT_DRAFT = "bureau:settlement:draft"
    SETTLEMENT_PAY = "bureau:settlement:pay"
    STATION_EDIT = "bureau:station:edit"


class Role(StrEnum):
    """What a member of staff is in the bureau."""

    COUNTY_OFFICER = "county_officer"
    CITY_TRIAGE = "city_triage"
    PROGRAMME_EDITOR = "programme_editor"
    FINANCE = "finance"
    PROGRAMME_OFFICER = "programme_officer"
    MODERATOR = "moderator"
    ATTENDANT = "attendant"
    PLAN_EDITOR = "plan_editor"
    PLAN_PUBLISHER = "plan_publisher"


PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.COUNTY_OFFICER: frozenset(
        {
            Permission.CASE_ANSWER,
            Permission.CASE_DECIDE,
            Permission.CASE_READ,
            Permission.CASE_REFER,
            Permission.PHOTO_READ,
        }
    ),
    Role.CITY_TRIAGE: frozenset(
        {
            Permission.CASE_ANSWER,
            Permission.CASE_DECIDE,
            Permission.CASE_MOVE,
            Permission.CASE_READ,
            Permission.CASE_REFER,
            Permission.PHOTO_READ,
        }
    ),
    Role.PROGRAMME_EDITOR: frozenset(
        {
            Permission.ACTIVITY_IMPORT,
            Permission.DUTY_WRITE,
            Permission.HONOUR_REVIEW,
            Permission.STATION_EDIT,
        }
    ),
    Role.MODERATOR: frozenset({Permission.ACTIVITY_IMPORT, Permission.ACTIVITY_MODERATE}),
    Role.ATTENDANT: frozenset({Permission.ACTIVITY_ATTEND}),
    Role.PLAN_EDITOR: frozenset({Permission.PLAN_EDIT}),
    Role.PLAN_PUBLISHER: frozenset({Permission.PLAN_APPROVE, Permission.PLAN_EDIT}),
    Role.FINANCE: frozenset(
        {
            Permission.COUPON_READ,
            Permission.FUND_WRITE,
            Permission.SETTLEMENT_APPROVE,
            Permission.SETTLEMENT_PAY,
        }
    ),
    Role.PROGRAMME_OFFICER: frozenset(
        {
            Permission.COUPON_APPROVE,
            Permission.COUPON_READ,
            Permission.COUPON_WRITE,
            Permission.SETTLEMENT_DRAFT,
        }
    ),
}

DESK: Mapping[Role, str] = {
    Role.ATTENDANT: "/bureau/attend",
    Role.FINANCE: "/bureau/coupons",
    Role.MODERATOR: "/bureau/activities/moderation",
    Role.PLAN_EDITOR: "/bureau/plan",
    Role.PLAN_PUBLISHER: "/bureau/plan",
    Role.PROGRAMME_EDITOR: "/bureau/stations",
    Role.PROGRAMME_OFFICER: "/bureau/coupons",
}
"""Where a role's work begins, for roles that do not see the cases."""


@dataclass(frozen=True)
class Actor:
    """Who acts: a member of staff, a resident who has signed in, the holder of a receipt, or the system itself."""

    kind: str
    id: UUID | None = None
    name: str = ""
    role: Role | None = None
    county_code: str | None = None
    """The county whose cases a member of staff sees; `None` is the whole city."""
    proven_at: datetime | None = field(default=None, compare=False)
    """When a member of staff last showed the second factor in this session."""

    def may(self, permission: Permission) -> bool:
        """Whether the actor's role holds `permission`."""
        return self.role is not None and permission in PERMISSIONS[self.role]

    @property
    def desk(self) -> str:
        """Where a member of staff begins."""
        return DESK.get(self.role, "/bureau") if self.role else "/bureau"

    @property
    def label(self) -> str:
        """How the actor stands in events and the audit record: `staff:<id>`, `resident:<id>`, `reporter` or `system`."""
        return f"{self.kind}:{self.id}" if self.id else self.kind


REPORTER = Actor(kind="reporter")
SYSTEM = Actor(kind="system")
