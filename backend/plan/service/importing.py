"""An official text read in: kept verbatim with its digest, each find decided by an editor, the rest of it a draft like any other."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from backend.audit import service as audit
from backend.cities.plan import Article, Indicator, Operator, Part, Target, Trend
from backend.cities.schema import Words
from backend.core import clock
from backend.core.actor import Actor
from backend.core.ids import new_id
from backend.plan import errors
from backend.plan.editions import Edition, edition
from backend.plan.models import PlanImport, PlanSubmission
from backend.plan.reading import read_plan
from backend.plan.rules import Kind
from backend.plan.schemas import DecideFind, OpenSubmission, Wish
from backend.plan.service import drafting

NAME_MAX = 200


def keep(session: Session, actor: Actor, name: str, content: bytes) -> PlanImport:
    """Read a file and keep what was found in it; the same file again is the same import (P15).

    Raises one of `reading.errors` for anything that is no plan; then nothing is kept.
    """
    reading = read_plan(content)
    known = session.exec(select(PlanImport).where(col(PlanImport.sha256) == reading.sha256)).first()
    if known is not None:
        return known
    facts = json.loads(json.dumps(asdict(reading), default=str, ensure_ascii=False))
    text = facts.pop("text")
    for one in (*facts["parts"], *facts["articles"]):
        del one["text"]  # the place says it: the text is kept once
    kept = PlanImport(
        id=new_id(),
        sha256=reading.sha256,
        name=name[:NAME_MAX],
        text=text,
        reading=facts,
        decisions={},
        by=actor.label,
        at=clock.now(),
    )
    session.add(kept)
    session.flush()
    audit.record(session, actor, "plan_text_read", f"plan_import:{kept.id}", sha256=reading.sha256)
    return kept


def imported(session: Session, import_id: UUID, *, lock: bool = False) -> PlanImport:
    """Return an import; raise `EntryUnknown` where there is none."""
    query = select(PlanImport).where(col(PlanImport.id) == import_id)
    found = session.exec(query.with_for_update() if lock else query).first()
    if found is None:
        raise errors.EntryUnknown
    return found


def decide(session: Session, actor: Actor, import_id: UUID, index: int, form: DecideFind) -> PlanImport:
    """Accept a find as it is or as it was corrected, or reject it."""
    kept = imported(session, import_id, lock=True)
    if kept.submission_id is not None:
        raise errors.NotOpen
    if kept.version != form.version:
        raise errors.SubmissionChanged
    if not 0 <= index < len(kept.reading["candidates"]):
        raise errors.EntryUnknown
    if form.wish is Wish.ACCEPT:
        # What will be an entry is checked now, while the editor looks at it.
        _target("t00", "x", 1, None, form)
    decision = form.model_dump(mode="json", exclude={"version"})
    kept.decisions = {**kept.decisions, str(index): {**decision, "by": actor.label}}
    kept.version += 1
    session.flush()
    return kept


def undecided(kept: PlanImport) -> int:
    """Return how many finds nobody decided about."""
    return len(kept.reading["candidates"]) - len(kept.decisions)


def make_draft(session: Session, actor: Actor, import_id: UUID) -> PlanSubmission:
    """Make a draft of a text whose finds are all decided; once, and the same draft ever after."""
    kept = imported(session, import_id, lock=True)
    if kept.submission_id is not None:
        return drafting.locked(session, kept.submission_id)
    if undecided(kept):
        raise errors.FindsUndecided
    plan = edition(session)
    form = OpenSubmission(id=new_id(), title=kept.reading["title"][:120] or kept.name[:120], reason=REASON)
    draft = drafting.begin(session, actor, form)
    drafting.put(session, draft, Kind.PLAN, plan.plan.key, plan.plan.model_copy(update={"text_sha256": kept.sha256}))
    _put_parts(session, draft, plan, kept)
    _put_articles(session, draft, plan, kept)
    _put_targets(session, draft, plan, kept)
    kept.submission_id = draft.id
    session.flush()
    return draft


REASON = "读入正式文本"


def _verbatim(kept: PlanImport, one: Mapping[str, Any]) -> str:
    return kept.text[one["start"] : one["end"]]


def _put_parts(session: Session, draft: PlanSubmission, plan: Edition, kept: PlanImport) -> None:
    with_articles = {one["part"] for one in kept.reading["articles"]}
    for one in kept.reading["parts"]:
        text = "" if one["number"] in with_articles else _verbatim(kept, one)
        known = plan.parts.get(one["number"])
        title = one["title"] or kept.reading["title"] or "—"
        part = (
            known.model_copy(update={"text": text})
            if known
            else Part(number=one["number"], title=_same(title), text=text)
        )
        if part != known:
            drafting.put(session, draft, Kind.PART, str(part.number), part)


def _put_articles(session: Session, draft: PlanSubmission, plan: Edition, kept: PlanImport) -> None:
    for one in kept.reading["articles"]:
        known, text = plan.articles.get(one["number"]), _verbatim(kept, one)
        title = _same(one["title"] or one["label"])
        article = (
            known.model_copy(update={"text": text})
            if known
            else Article(number=one["number"], part=one["part"], title=title, summary=title, text=text)
        )
        if article != known:
            drafting.put(session, draft, Kind.ARTICLE, str(article.number), article)


def _put_targets(session: Session, draft: PlanSubmission, plan: Edition, kept: PlanImport) -> None:
    taken = {*plan.targets, *plan.commitments}
    for index, found in enumerate(kept.reading["candidates"]):
        form = DecideFind.model_validate({"version": 1, **kept.decisions[str(index)]})
        if form.wish is Wish.REJECT:
            continue
        known = _known_target(plan, found["article"], form)
        if known is not None:
            quoted = known.model_copy(update={"quote": found["quote"], "wording": found["wording"] or known.wording})
            if quoted != known:
                drafting.put(session, draft, Kind.TARGET, known.key, quoted)
            continue
        number = next(count for count in range(1, 1000) if f"t{count:02}" not in taken)
        key = f"t{number:02}"
        taken.add(key)
        indicator = _indicator(f"{key}-{new_id().hex[:6]}", form)
        target = _target(key, indicator.key, found["part"] or 1, found["article"], form)
        drafting.put(session, draft, Kind.INDICATOR, indicator.key, indicator)
        drafting.put(
            session,
            draft,
            Kind.TARGET,
            key,
            target.model_copy(update={"quote": found["quote"], "wording": found["wording"]}),
        )


def _known_target(plan: Edition, article: int | None, form: DecideFind) -> Target | None:
    """Return the target that says the same in the same article already."""
    for one in plan.targets.values():
        numbers = (one.operator.value, one.value, one.low, one.high, one.base_year)
        if one.article == article and numbers == (form.operator.value, form.value, form.low, form.high, form.base_year):
            return one
    return None


def _target(key: str, indicator: str, part: int, article: int | None, form: DecideFind) -> Target:
    return Target.model_validate(
        {
            "key": key,
            "indicator": indicator,
            "part": part,
            "article": article,
            "operator": form.operator,
            "value": form.value,
            "low": form.low,
            "high": form.high,
            "base_year": form.base_year,
            "due": form.due,
            "due_basis": form.due_basis,
        },
        strict=False,
    )


def _indicator(key: str, form: DecideFind) -> Indicator:
    falls = form.operator is Operator.AT_MOST or (form.value is not None and form.value < 0)
    share = form.unit == "%" and form.operator is not Operator.CHANGE
    return Indicator(
        key=key,
        name=_same(form.name),
        definition=_same(form.name),
        unit=_same(form.unit or "—"),
        trend=Trend.DOWN if falls else Trend.UP,
        minimum=Decimal(0) if share else None,
        maximum=Decimal(100) if share else None,
    )


def _same(text: str) -> Words:
    """Return a text for both languages; an editor translates it in the draft."""
    return Words(zh=text, en=text)
