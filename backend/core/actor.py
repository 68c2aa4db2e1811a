"""Who may do what: the whole security surface on one screen."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Permission(StrEnum):
    """One right, named `scope:resource:action`, in alphabetical order."""

    CASE_ANSWER = "bureau:case:answer"
    CASE_DECIDE = "bureau:case:decide"
    CASE_MOVE = "bureau:case:move"
    CASE_READ = "bureau:case:read"
    CASE_REFER = "bureau:case:refer"
    PHOTO_READ = "bureau:photo:read"


class Role(StrEnum):
    """What a member of staff is in the bureau."""

    COUNTY_OFFICER = "county_officer"
    CITY_TRIAGE = "city_triage"


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
}


@dataclass(frozen=True)
class Actor:
    """Who acts: a member of staff, the holder of a receipt, or the system itself."""

    kind: str
    id: UUID | None = None
    name: str = ""
    role: Role | None = None
    county_code: str | None = None
    """The county whose cases a member of staff sees; `None` is the whole city."""

    def may(self, permission: Permission) -> bool:
        """Whether the actor's role holds `permission`."""
        return self.role is not None and permission in PERMISSIONS[self.role]

    @property
    def label(self) -> str:
        """How the actor stands in events and the audit record: `staff:<id>`, `reporter` or `system`."""
        return f"{self.kind}:{self.id}" if self.id else self.kind


REPORTER = Actor(kind="reporter")
SYSTEM = Actor(kind="system")
