"""The published state of every target, noted whenever it changed, so that followers hear of it and anybody can replay it."""

from collections.abc import Iterator, Sequence

from sqlmodel import Session, col, select

from backend.cities import city
from backend.core import clock
from backend.jobs import service as jobs
from backend.plan import errors, queries
from backend.plan.assessment import METHOD, Assessment, Inputs, assess, components, inputs_from
from backend.plan.editions import Edition, edition
from backend.plan.models import PlanVerdict
from backend.plan.progress import standings

TELL_JOB = "plan.tell_followers"


def note_verdicts(session: Session) -> Sequence[PlanVerdict]:
    """Note every state that is another one than was noted last; promise to tell followers what changed for the city."""
    try:
        plan = edition(session)
    except errors.NothingPublished:
        return ()
    last, now = queries.last_verdicts(session), clock.now()
    news: list[PlanVerdict] = []
    for key, area, inputs, result in _results(session, plan):
        known = last.get((key, area))
        if known is not None and known.state == result.status.value:
            continue
        verdict = PlanVerdict(
            at=now,
            target=key,
            area=area,
            state=result.status.value,
            method=METHOD,
            inputs_hash=inputs.digest,
            components=components(inputs, result),
        )
        session.add(verdict)
        session.flush()
        news.append(verdict)
        # Nobody is told what was so from the beginning.
        if known is not None and area == city().code:
            jobs.defer(session, TELL_JOB, verdict_id=verdict.id)
    return news


def _results(session: Session, plan: Edition) -> Iterator[tuple[str, str, Inputs, Assessment]]:
    here, today = city().code, clock.today()
    for area in sorted({here, *queries.areas_with_figures(session)}):
        for one in standings(session, plan, area, today).values():
            # A county is judged only by what was published about it; nobody promised a figure for each county.
            if one.target is not None and one.inputs and one.result and (area == here or one.figures):
                yield one.target.key, area, one.inputs, one.result


def first_bad(session: Session) -> str | None:
    """Compute every published state again from its published inputs; name the first that comes out otherwise."""
    for verdict in session.exec(select(PlanVerdict).order_by(col(PlanVerdict.id))):
        inputs = inputs_from(verdict.components["inputs"])
        result = assess(inputs)
        if verdict.method == METHOD and (components(inputs, result), inputs.digest, result.status.value) != (
            verdict.components,
            verdict.inputs_hash,
            verdict.state,
        ):
            return f"plan verdict {verdict.id}: {verdict.target} in {verdict.area} does not come out of its inputs"
    return None
