"""The axis of a chart holds its values, by property."""

from decimal import Decimal

from hypothesis import example, given
from hypothesis import strategies as st

from backend.plan.drawing import TICKS, axis

PERCENT = Decimal(100)
percents = st.integers(0, 1000).map(lambda tenths: tenths / 10)


@given(percents, percents)
@example(97.3, 97.3)
@example(0.0, 100.0)
def test_an_axis_of_percents_holds_its_values_and_does_not_pass_a_hundred(one: float, other: float):
    low, high = min(one, other), max(one, other)
    begin, end, step = axis(low, high, PERCENT)
    assert 0 <= begin <= low
    assert high <= end <= 100 + 1e-9
    assert abs(begin + TICKS * step - end) < 1e-9


figures = st.decimals(-1_000_000, 1_000_000_000, places=3).map(float)


@given(figures, figures)
def test_an_axis_without_a_limit_holds_its_values(one: float, other: float):
    low, high = min(one, other), max(one, other)
    begin, end, step = axis(low, high, None)
    assert step > 0
    assert begin <= low
    assert high <= end
