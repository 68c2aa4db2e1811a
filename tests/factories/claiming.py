"""A process of its own that claims for residents and prints how many tickets it got; started by the races' tests."""

import sys
from uuid import UUID

from backend.core.actor import Actor
from backend.core.db import session_scope
from backend.core.errors import DomainError
from backend.core.ids import new_id
from backend.coupons.service import claims
from backend.ledger.rules import AccountRef


def main(campaign_id: UUID, residents: list[UUID]) -> int:
    """Claim once for each."""
    got = 0
    for resident_id in residents:
        actor = Actor(kind="resident", id=resident_id)
        try:
            with session_scope() as session:
                claims.claim(session, actor, campaign_id, new_id(), source=AccountRef.of_resident(resident_id))
        except DomainError:
            continue
        got += 1
    return got


if __name__ == "__main__":
    sys.stdout.write(f"{main(UUID(sys.argv[1]), [UUID(one) for one in sys.argv[2:]])}\n")
