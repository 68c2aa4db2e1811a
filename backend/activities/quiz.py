"""Three questions a day about the plan: graded here, and the points are good at once.

Whoever misses one reads why and may answer again: the points are for having learnt it, and the cap is one quiz a day.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from sqlmodel import Session

from backend.activities import rules, service
from backend.activities.booking import Entry, Proof
from backend.activities.errors import BehaviourUnknown
from backend.activities.schemas import Logged
from backend.cities import City
from backend.cities.behaviours import Behaviour
from backend.cities.quiz import QUESTIONS_A_DAY, QuizQuestion
from backend.core import clock
from backend.core.actor import Actor
from backend.core.crypto import get_keys

EVIDENCE = "server_graded"


@dataclass(frozen=True)
class Graded:
    """What came of the answers: an entry, or the questions that were missed."""

    logged: Logged | None = None
    missed: frozenset[str] = field(default_factory=frozenset[str])


def behaviour_of(city: City, day: date) -> Behaviour | None:
    """Return the behaviour that a quiz proves, if the city has it and enough questions for a day."""
    if len(city.quiz) < QUESTIONS_A_DAY:
        return None
    return next((one for one in city.behaviours(day) if EVIDENCE in one.evidence), None)


def questions_for(city: City, resident_id: UUID, day: date) -> list[QuizQuestion]:
    """Return somebody's questions of a day: the same all day, and others tomorrow."""
    keys = get_keys()

    def drawn(one: QuizQuestion) -> bytes:
        return keys.digest("quiz-draw", f"{resident_id}|{day}|{one.code}".encode())

    return sorted(city.quiz, key=drawn)[:QUESTIONS_A_DAY]


def answer(session: Session, city: City, actor: Actor, entry_id: UUID, choices: Mapping[str, int]) -> Graded:
    """Grade today's answers; when all are right, log it once."""
    assert actor.id is not None
    now = clock.now()
    day = now.astimezone(clock.SHANGHAI).date()
    behaviour = behaviour_of(city, day)
    if behaviour is None:
        raise BehaviourUnknown
    asked = questions_for(city, actor.id, day)
    missed = frozenset(one.code for one in asked if choices.get(one.code) != one.right)
    if missed:
        return Graded(missed=missed)
    digest = hashlib.sha256(f"quiz|{actor.id}|{day}".encode()).digest()
    entry = Entry(entry_id, behaviour, rules.UNIT, Proof(EVIDENCE), digest, now)
    return Graded(service.record(session, city, actor, actor.id, entry))
