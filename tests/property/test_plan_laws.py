"""What holds for every assessment, whatever was published and whatever was not (P1 to P6, P10, P17, P18)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from backend.cities.plan import ObservationStatus, Operator, Trend
from backend.core import clock
from backend.core.periods import Period, Resolution
from backend.plan.assessment import (
    Aim,
    Assessment,
    Inputs,
    Reading,
    Status,
    assess,
    components,
    count_by_status,
    inputs_from,
)

DUE = date(2025, 12, 31)
MET = {Status.MET, Status.MET_EARLY, Status.MET_LATE}
RANK = {
    Status.WORSENING: 0, Status.MISSED: 0, Status.LOST: 0, Status.NO_BASELINE: 0, Status.DUE_UNREPORTED: 0,
    Status.FAR_BEHIND: 1, Status.BEHIND: 2, Status.ON_TRACK: 3, Status.MET_LATE: 4, Status.MET_EARLY: 5, Status.MET: 5,
}  # fmt: skip

numbers = st.decimals(min_value=-1000, max_value=1000, places=2, allow_nan=False, allow_infinity=False)
positive = st.decimals(min_value="0.01", max_value=1000, places=2, allow_nan=False, allow_infinity=False)
years = st.integers(2016, 2028)
days = st.dates(date(2019, 1, 1), date(2030, 12, 31))
statuses = st.sampled_from([one for one in ObservationStatus if one is not ObservationStatus.MISSING])
resolutions = st.sampled_from(list(Resolution))


@st.composite
def readings(draw: st.DrawFn, resolution: Resolution, values: st.SearchStrategy[Decimal] = numbers) -> Reading:
    day = draw(st.dates(date(2016, 1, 1), date(2028, 12, 31)))
    is_missing = draw(st.integers(0, 9)) == 0
    value = None if is_missing else draw(values)
    status = ObservationStatus.MISSING if is_missing else draw(statuses)
    return Reading(Period.holding(day, resolution).text, value, status)


@st.composite
def aims(draw: st.DrawFn, operators: Sequence[Operator] = tuple(Operator)) -> Aim:
    operator, trend = draw(st.sampled_from(list(operators))), draw(st.sampled_from(list(Trend)))
    due = date(draw(st.integers(2018, 2027)), 12, 31)
    match operator:
        case Operator.EXTERNAL:
            return Aim(operator, due, trend)
        case Operator.BETWEEN:
            low, high = sorted((draw(numbers), draw(numbers)))
            return Aim(operator, due, trend, low=low, high=high)
        case _:
            return Aim(operator, due, trend, value=draw(numbers))


@st.composite
def cases(draw: st.DrawFn, operators: Sequence[Operator] = tuple(Operator)) -> Inputs:
    resolution = draw(resolutions)
    series = draw(st.lists(readings(resolution), max_size=6, unique_by=lambda one: one.period))
    base = draw(st.none() | st.sampled_from(series)) if series else None
    return Inputs(draw(aims(operators)), tuple(series), base, draw(days), resolution, draw(st.integers(0, 400)))


def yearly(values: dict[int, str], *, base: int | None = None, **changes: object) -> Inputs:
    """Return a `ge 85 by 2025` with yearly values, seen in November 2026."""
    series = {year: Reading(str(year), Decimal(value)) for year, value in values.items()}
    aim = Aim(Operator.AT_LEAST, DUE, Trend.UP, value=Decimal(85))
    found = Inputs(aim, tuple(series.values()), series.get(base) if base else None, date(2026, 11, 27))
    return replace(found, **changes)


def with_values(inputs: Inputs, change: dict[str, Decimal | None]) -> Inputs:
    def one(reading: Reading) -> Reading:
        return replace(reading, value=change.get(reading.period, reading.value))

    base = one(inputs.base) if inputs.base else None
    return replace(inputs, readings=tuple(one(reading) for reading in inputs.readings), base=base)


def scaled(inputs: Inputs, by: Decimal) -> Inputs:
    def times(value: Decimal | None) -> Decimal | None:
        return None if value is None else value * by

    aim = inputs.aim
    changed = with_values(inputs, {one.period: times(one.value) for one in inputs.readings})
    value = aim.value if aim.operator is Operator.CHANGE else times(aim.value)
    return replace(changed, aim=replace(aim, value=value, low=times(aim.low), high=times(aim.high)))


def mirrored(inputs: Inputs) -> Inputs:
    other = {Operator.AT_LEAST: Operator.AT_MOST, Operator.AT_MOST: Operator.AT_LEAST}
    turned = scaled(inputs, Decimal(-1))
    aim, trend = turned.aim, Trend.DOWN if inputs.aim.trend is Trend.UP else Trend.UP
    value = -aim.value if aim.operator is Operator.CHANGE and aim.value is not None else aim.value
    low, high = (aim.high, aim.low) if aim.operator is Operator.BETWEEN else (aim.low, aim.high)
    operator = other.get(aim.operator, aim.operator)
    return replace(turned, aim=replace(aim, operator=operator, trend=trend, value=value, low=low, high=high))


def latest_of(inputs: Inputs) -> Reading | None:
    usable = [one for one in inputs.readings if one.value is not None]
    return max(usable, key=lambda one: one.when.end) if usable else None


@given(cases(), st.sampled_from([Decimal("0.01"), Decimal(100), Decimal(3)]))
def test_percent_or_fraction_makes_no_difference(inputs: Inputs, factor: Decimal) -> None:
    one, other = assess(inputs), assess(scaled(inputs, factor))
    assert (other.status, other.pace, other.projected_year) == (one.status, one.pace, one.projected_year)


@given(cases())
def test_more_is_better_and_less_is_better_are_mirrors(inputs: Inputs) -> None:
    one, other = assess(inputs), assess(mirrored(inputs))
    assert (other.status, other.pace, other.gap) == (one.status, one.pace, one.gap)


@given(cases(operators=[Operator.AT_LEAST]), positive)
def test_a_higher_newest_value_is_never_worse(inputs: Inputs, more: Decimal) -> None:
    latest = latest_of(inputs)
    assume(latest is not None and inputs.base != latest)
    assert latest is not None
    assert latest.value is not None
    raised = with_values(inputs, {latest.period: latest.value + more})
    before, after = assess(inputs).status, assess(raised).status
    assume(Status.NO_DATA not in {before, after})
    assert RANK[after] >= RANK[before]


@pytest.mark.parametrize(("value", "status"), [("84.99", "missed"), ("85.00", "met"), ("85.01", "met")])
def test_the_bound_is_exact(value: str, status: str) -> None:
    assert assess(yearly({2025: value})).status == status


@given(cases())
@example(Inputs(Aim(Operator.AT_LEAST, DUE, Trend.UP, value=Decimal(0)), (), None, DUE))
@example(yearly({2025: "85"}, base=2025))
@example(yearly({2020: "85", 2023: "84"}, base=2020, today=date(2024, 1, 1)))
@example(yearly({2026: "80"}, base=2026))
def test_every_case_has_exactly_one_status_and_can_be_told_as_text(inputs: Inputs) -> None:
    result = assess(inputs)
    assert isinstance(result.status, Status)
    assert (result.gap is None) or result.gap >= 0
    assert components(inputs, result)["inputs_sha256"] == inputs.digest


@given(cases(), days, days)
def test_waiting_alone_makes_nothing_better(inputs: Inputs, one: date, other: date) -> None:
    first, last = sorted((one, other))
    in_time = replace(inputs, aim=replace(inputs.aim, due=date(2030, 12, 31)))
    assert assess(replace(in_time, today=first)).status == assess(replace(in_time, today=last)).status


@given(cases(operators=[Operator.AT_LEAST, Operator.AT_MOST, Operator.EQUAL, Operator.BETWEEN]))
def test_once_the_year_is_over_it_is_met_or_missed_or_unreported(inputs: Inputs) -> None:
    result = assess(replace(inputs, today=inputs.aim.due + timedelta(days=1)))
    assert result.status in {Status.MET, Status.MET_LATE, Status.MISSED, Status.DUE_UNREPORTED}


@given(cases())
def test_a_gap_of_nothing_is_what_met_means(inputs: Inputs) -> None:
    result = assess(inputs)
    if result.gap is not None:
        assert (result.status in MET) == (result.gap == 0)


@given(cases())
def test_whoever_has_the_published_inputs_computes_the_same_result(inputs: Inputs) -> None:
    published = components(inputs, assess(inputs))
    again = inputs_from(published["inputs"])
    assert components(again, assess(again)) == published


@given(cases())
def test_the_order_in_which_values_came_makes_no_difference(inputs: Inputs) -> None:
    turned = replace(inputs, readings=tuple(reversed(inputs.readings)))
    assert assess(turned) == assess(inputs)


@given(st.lists(st.sampled_from(list(Status))))
def test_the_counts_add_up_to_what_was_counted(found: list[Status]) -> None:
    assert count_by_status(Assessment(status) for status in found).total() == len(found)


@pytest.mark.parametrize(("value", "status", "exceeded"), [
    ("0", "missed", False), ("1", "met", False), ("2", "met", False), ("3", "met", True),
])  # fmt: skip
def test_one_to_two_is_met_by_one_and_two_and_more(value: str, status: str, exceeded: bool) -> None:
    aim = Aim(Operator.BETWEEN, DUE, Trend.UP, low=Decimal(1), high=Decimal(2))
    result = assess(yearly({2025: value}, aim=aim))
    assert (result.status, result.is_exceeded) == (status, exceeded)


def test_the_last_second_of_the_year_is_one_of_shanghai() -> None:
    """20 past 4 in the afternoon of 31 December in London is New Year's Day in Tianshui."""
    with clock.at(datetime(2025, 12, 31, 15, 59, tzinfo=UTC)):
        assert assess(yearly({}, today=clock.today())).status is Status.NO_DATA
    with clock.at(datetime(2025, 12, 31, 16, 20, tzinfo=UTC)):
        assert assess(yearly({}, today=clock.today())).status is Status.DUE_UNREPORTED


# What was published, the start, the day on which we look, and what is said.
STORIES: list[tuple[str, dict[int, str], int | None, date, Status]] = [
    ("nothing was published yet", {}, None, date(2024, 5, 1), Status.NO_DATA),
    ("nothing since the start", {2020: "80"}, 2020, date(2024, 5, 1), Status.NO_DATA),
    ("values without a start", {2022: "80"}, None, date(2024, 5, 1), Status.NO_BASELINE),
    ("in step: 3 of 5 points in 3 of 5 years", {2020: "80", 2023: "83"}, 2020, date(2024, 5, 1), Status.ON_TRACK),
    ("2 of 5 points in 3 of 5 years", {2020: "80", 2023: "82"}, 2020, date(2024, 5, 1), Status.BEHIND),
    ("1 of 5 points in 3 of 5 years", {2020: "80", 2023: "81"}, 2020, date(2024, 5, 1), Status.FAR_BEHIND),
    ("less than at the start", {2020: "80", 2023: "79"}, 2020, date(2024, 5, 1), Status.WORSENING),
    ("reached before its year", {2020: "80", 2023: "85"}, 2020, date(2024, 5, 1), Status.MET_EARLY),
    ("reached and lost again", {2020: "80", 2022: "86", 2023: "84"}, 2020, date(2024, 5, 1), Status.LOST),
    ("the start met it and the newest does not", {2020: "86", 2023: "84"}, 2020, date(2024, 5, 1), Status.LOST),
    ("reached in its year", {2020: "80", 2025: "85"}, 2020, date(2026, 11, 27), Status.MET),
    ("not reached in its year", {2020: "80", 2025: "84"}, 2020, date(2026, 11, 27), Status.MISSED),
    ("reached a year late", {2025: "84", 2026: "85"}, None, date(2027, 5, 1), Status.MET_LATE),
    ("met in its year, lower later", {2025: "85", 2026: "84"}, None, date(2027, 5, 1), Status.MET),
    ("still not reached later", {2026: "84"}, None, date(2027, 5, 1), Status.MISSED),
    ("the year is over and nobody says", {2020: "80"}, 2020, date(2026, 11, 27), Status.DUE_UNREPORTED),
    ("met before, and the year itself is not reported", {2023: "86"}, None, date(2026, 11, 27), Status.MET),
]  # fmt: skip


@pytest.mark.parametrize(
    ("values", "base", "today", "status"), [one[1:] for one in STORIES], ids=[one[0] for one in STORIES]
)
def test_the_method_tells_every_story(values: dict[int, str], base: int | None, today: date, status: Status) -> None:
    assert assess(yearly(values, base=base, today=today)).status is status


def test_the_days_of_silence_are_counted_from_the_day_on_which_it_was_expected() -> None:
    result = assess(yearly({2020: "83.25"}, base=2020, lag_days=180))
    assert (result.waiting_for, result.expected_by, result.days_overdue) == ("2025", date(2026, 6, 29), 151)
    early = assess(yearly({2020: "83.25"}, base=2020, today=date(2026, 2, 1)))
    assert (early.status, early.days_overdue) == (Status.DUE_UNREPORTED, 0)


def test_a_met_target_still_says_that_its_own_year_is_missing() -> None:
    result = assess(yearly({2023: "86"}))
    assert (result.status, result.judged and result.judged.period, result.waiting_for) == (Status.MET, "2023", "2025")


def test_what_is_needed_from_now_on_is_said_in_points_a_year() -> None:
    result = assess(yearly({2020: "80", 2022: "81", 2023: "82"}, base=2020, today=date(2024, 9, 1)))
    assert (result.required, result.projected_year, result.pace) == (Decimal("1.5"), 2028, Decimal("0.666667"))


def test_two_values_make_no_projection() -> None:
    assert assess(yearly({2020: "80", 2023: "82"}, base=2020, today=date(2024, 5, 1))).projected_year is None


def test_a_fall_by_eleven_percent_is_derived_from_its_base() -> None:
    aim = Aim(Operator.CHANGE, DUE, Trend.DOWN, value=Decimal(-11))
    result = assess(yearly({2020: "0.6", 2025: "0.534"}, base=2020, aim=aim))
    assert (result.status, result.goal) == (Status.MET, Decimal("0.534"))
    assert assess(yearly({2020: "0.6", 2025: "0.535"}, base=2020, aim=aim)).status is Status.MISSED
    assert assess(yearly({2025: "0.5"}, aim=aim)).status is Status.NO_BASELINE


def test_an_aim_that_another_body_sets_says_so() -> None:
    aim = Aim(Operator.EXTERNAL, DUE, Trend.UP)
    assert assess(yearly({2025: "20"}, aim=aim)).status is Status.TARGET_NOT_PUBLISHED


def test_an_estimate_is_carried_into_the_result() -> None:
    reading = Reading("2025", Decimal(86), ObservationStatus.PROVISIONAL)
    assert assess(yearly({}, readings=(reading,))).is_provisional


def test_the_ratio_of_growth_flatters_a_low_start() -> None:
    """The figures of the reference: from 5 to 15 on the way to 70, three years of five."""
    aim = Aim(Operator.AT_LEAST, DUE, Trend.UP, value=Decimal(70))
    result = assess(yearly({2020: "5", 2023: "15"}, base=2020, aim=aim, today=date(2024, 5, 1)))
    assert (result.status, round(result.pace or 0, 2), round(result.cagr_ratio or 0, 2)) == (
        Status.FAR_BEHIND, Decimal("0.26"), Decimal("0.64"),
    )  # fmt: skip
