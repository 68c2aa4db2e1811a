"""Applications in words: `applied(session, neighbour)`."""

from typing import Any

from sqlmodel import Session

from backend.cities import city
from backend.core.ids import new_id
from backend.honours import service
from backend.honours.models import HonourApplication
from backend.honours.schemas import Apply
from tests.factories.residents import Neighbour

ENOUGH = ["sorts", "clean_plate", "saves", "travels", "no_plastic"]


def an_application(**changes: Any) -> Apply:
    """Return a family's application from Qinzhou, with what matters changed."""
    form: dict[str, Any] = {
        "id": new_id(),
        "honour": "green_household",
        "shown_name": "向阳院老李家",
        "is_public": True,
        "county_code": "620502",
        "said": ENOUGH,
    }
    return Apply.model_validate(form | changes)


def applied(session: Session, neighbour: Neighbour, **changes: Any) -> HonourApplication:
    """Apply, so that requests see it."""
    application = service.apply(session, city(), neighbour.actor, an_application(**changes), {})
    session.commit()
    return application
