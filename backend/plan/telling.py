"""The sentences of the plan's pages: a value with its unit, a period, an aim, and why a target stands as it does."""

from decimal import Decimal

from backend.cities.plan import Indicator, ObservationStatus, Operator, Target
from backend.core.errors import N_
from backend.plan import wording
from backend.plan.assessment import Assessment, Reading, Status
from backend.plan.editions import Edition
from backend.plan.opendata import number
from backend.plan.progress import Standing
from backend.plan.queries import Figure
from backend.web.preferences import Lang
from backend.web.templates import say_date, translate


def amount(lang: Lang, indicator: Indicator, value: Decimal) -> str:
    """Write a value with its unit: 83.25%, 2 个, 0.534 吨标准煤/万元."""
    text = number(round(value, indicator.decimals))
    unit = indicator.unit(lang)
    return f"{text}{unit}" if unit == "%" else f"{text} {unit}"


def points(lang: Lang, indicator: Indicator, value: Decimal) -> str:
    """Write a difference: of shares in points, because 1 % of a share is something else."""
    text = number(round(value, max(2, indicator.decimals)))
    if indicator.unit(lang) == "%":
        return translate(lang, N_("%(number)s points"), number=text)
    return f"{text} {indicator.unit(lang)}"


def period_word(lang: Lang, text: str) -> str:
    """Say a period: 2025年, 2025年上半年, 2025年第3季度, 2025年5月."""
    year, _, part = text.partition("-")
    if not part:
        return translate(lang, N_("%(year)s"), year=year)
    if part[0] == "S":
        word = N_("first half of %(year)s") if part[1] == "1" else N_("second half of %(year)s")
        return translate(lang, word, year=year)
    if part[0] == "Q":
        return translate(lang, N_("quarter %(quarter)s of %(year)s"), quarter=part[1], year=year)
    return translate(lang, N_("month %(month)s of %(year)s"), month=str(int(part)), year=year)


def goal_words(lang: Lang, indicator: Indicator, target: Target, result: Assessment | None) -> str:
    """Say what is to be reached."""
    words = wording.OPERATOR[target.operator]
    match target.operator:
        case Operator.BETWEEN:
            assert target.low is not None
            assert target.high is not None
            return translate(lang, words, low=number(target.low), high=amount(lang, indicator, target.high))
        case Operator.EXTERNAL:
            return translate(lang, words)
        case Operator.CHANGE:
            assert target.value is not None
            change = N_("%(percent)s%% less") if target.value < 0 else N_("%(percent)s%% more")
            said = translate(lang, change, percent=number(abs(target.value)))
            text = translate(lang, words, change=said, year=str(target.base_year))
            goal = result.goal if result else None
            return text if goal is None else f"{text} ({amount(lang, indicator, goal)})"
        case _:
            assert target.value is not None
            return translate(lang, words, value=amount(lang, indicator, target.value))


def sentences(lang: Lang, one: Standing) -> list[str]:
    """Say in plain sentences why a target stands as it does, and what it would take."""
    target, result = one.target, one.result
    if target is None or result is None:
        return []
    return [*_why(lang, one.indicator, result), *_missing(lang, result), *_pace(lang, one, target, result)]


_WHY = {
    Status.TARGET_NOT_PUBLISHED: N_("Another body sets the value, and it is nowhere to be read."),
    Status.NO_BASELINE: N_("Nobody published where it began, so nobody can say how fast it goes."),
    Status.NO_DATA: N_("Nothing was published since the start."),
    Status.MISSED: N_("%(value)s: short by %(gap)s."),
    Status.MET: N_("%(value)s: reached."),
    Status.MET_EARLY: N_("%(value)s: reached."),
    Status.MET_LATE: N_("%(value)s: reached."),
    Status.LOST: N_("%(value)s: it had been reached before."),
}


def _why(lang: Lang, indicator: Indicator, result: Assessment) -> list[str]:
    words = N_("%(value)s: more than was asked for.") if result.is_exceeded else _WHY.get(result.status)
    if words is None:
        return []
    gap = "" if result.gap is None else points(lang, indicator, result.gap)
    return [translate(lang, words, value=reading_words(lang, indicator, result.judged), gap=gap)]


def reading_words(lang: Lang, indicator: Indicator, reading: Reading | None) -> str:
    """Say a value with its period; nothing where there is none."""
    if reading is None or reading.value is None:
        return ""
    return f"{period_word(lang, reading.period)} {amount(lang, indicator, reading.value)}"


def _missing(lang: Lang, result: Assessment) -> list[str]:
    if result.waiting_for is None or result.expected_by is None:
        return []
    period, day = period_word(lang, result.waiting_for), say_date(lang, result.expected_by)
    if result.days_overdue:
        words = N_("The figure of %(period)s was expected by %(day)s: %(days)s days ago.")
        return [translate(lang, words, period=period, day=day, days=str(result.days_overdue))]
    return [translate(lang, N_("The figure of %(period)s is expected by %(day)s."), period=period, day=day)]


def _pace(lang: Lang, one: Standing, target: Target, result: Assessment) -> list[str]:
    if result.required is None or result.pace is None:
        return []
    more = N_("From now on it has to rise by %(step)s a year to be there in %(year)s.")
    less = N_("From now on it has to fall by %(step)s a year to be there in %(year)s.")
    step = points(lang, one.indicator, abs(result.required))
    said = [translate(lang, more if result.required > 0 else less, step=step, year=str(target.due))]
    if result.projected_year is not None:
        said.append(
            translate(lang, N_("At the present pace it is there in %(year)s."), year=str(result.projected_year))
        )
    return said


def source_words(lang: Lang, plan: Edition, figure: Figure) -> str:
    """Say where a value was published, and when if that is known."""
    source = plan.sources.get(figure.source)
    if source is None:
        return ""
    day = f" · {say_date(lang, source.published_on)}" if source.published_on else ""
    return f"{source.publisher}{day}"


def quality_word(lang: Lang, figure: Figure) -> str:
    """Say that a value is not final; nothing for one that is."""
    is_plain = figure.status is ObservationStatus.NORMAL
    return "" if is_plain else translate(lang, wording.QUALITY[figure.status])
