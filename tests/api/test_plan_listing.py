"""Lists of values: the export is the import, every wrong cell is named, and nothing is written by halves."""

import io
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session
from xlsxwriter import Workbook

from backend.cities import city
from backend.core import tables
from backend.core.ids import new_id
from backend.plan import errors, listing, queries
from backend.plan.listing import Fate, Judged
from backend.plan.models import PlanList, PlanSubmission
from backend.plan.rules import Kind
from backend.plan.schemas import TakeOver
from tests.factories.plan import CITY, EDITOR, SMALL, drafted, indicator, published, value

HEAD = "indicator,area,period,dimension,value,status,source,quote\r\n"


@pytest.fixture
def draft(session: Session) -> PlanSubmission:
    wide = indicator("power", minimum=None, maximum=None)
    published(session, {**SMALL, (Kind.INDICATOR, "power"): wide}, [value("2023", "37"), value("2024", "38")])
    return drafted(session)


def sent(session: Session, draft: PlanSubmission, content: bytes | str) -> PlanList:
    raw = content if isinstance(content, bytes) else content.encode()
    return listing.keep(session, EDITOR, draft, new_id(), "list.csv", raw)


def judged(session: Session, draft: PlanSubmission, content: bytes | str) -> Judged:
    return listing.judge(session, city(), draft, sent(session, draft, content))


def take(session: Session, draft: PlanSubmission, content: bytes | str, **choice: object) -> int:
    kept = sent(session, draft, content)
    seen = listing.judge(session, city(), draft, kept).fingerprint
    wish = TakeOver.model_validate({"version": draft.version, "seen": seen, **choice})
    return listing.take_over(session, city(), EDITOR, kept, wish)


def drafted_values(session: Session, draft: PlanSubmission) -> dict[str, Decimal | None]:
    return {one.period: one.value for one in queries.contents(session, draft.id).observations}


texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40).map(str.strip)
values = st.decimals(min_value=Decimal("-1e13"), max_value=Decimal("1e13"), places=6, allow_nan=False) | st.none()


@given(st.lists(st.tuples(values, texts), min_size=1, max_size=6))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_what_was_exported_is_the_same_when_it_is_read_in_again(
    session: Session, draft: PlanSubmission, cells: list[tuple[Decimal | None, str]]
) -> None:
    """P12: CSV and XLSX, with decimals, Chinese, formulas that are texts, blanks that are no zeros."""
    with session.begin_nested() as nested:
        news = [
            value(str(2000 + place), "0", indicator="power", quote=quote).model_copy(
                update={"value": number, "status": "M" if number is None else "A"}
            )
            for place, (number, quote) in enumerate(cells)
        ]
        published(session, None, news)
        every = list(queries.every_value(session))
        for content in (listing.as_csv(every), listing.as_xlsx(every)):
            lines = judged(session, draft, content).lines
            assert [(line.fate, line.reasons) for line in lines] == [(Fate.SAME, ())] * len(every)
        nested.rollback()


@pytest.mark.parametrize(("line", "column", "words"), [
    ("forest,620500,2025,,98％,A,bulletin,", "value", "write the number alone"),
    ("forest,620500,2025,,98%,A,bulletin,", "value", "write the number alone"),
    ("forest,620500,2025年底,,39,A,bulletin,", "period", "write %(year)s"),
    ("forest,620500,last year,,39,A,bulletin,", "period", "2025-S1"),
    ("forest,620500,2025,,about 39,A,bulletin,", "value", "is no number"),
    ("forest,620500,2025,,NaN,A,bulletin,", "value", "is no number"),
    ("forest,620500,2025,,139,A,bulletin,", "value", "outside the limits"),
    ("forest,620500,2025-Q1,,39,A,bulletin,", "period", "how often"),
    ("trees,620500,2025,,39,A,bulletin,", "indicator", "not known"),
    ("forest,110000,2025,,39,A,bulletin,", "area", "not known"),
    ("forest,620500,2025,,39,A,,", "source", "is empty"),
    ("forest,620500,2025,,39,A,hearsay,", "source", "not known"),
    ("forest,620500,2025,,39,X,bulletin,", "status", "A, E, P"),
    ("forest,620500,2025,Sector,39,A,bulletin,", "dimension", "sector=industry"),
    ("forest,620500,2025,,,A,bulletin,", "", "status M"),
])  # fmt: skip
def test_a_wrong_cell_is_named_and_nothing_is_written(
    session: Session, draft: PlanSubmission, line: str, column: str, words: str
) -> None:
    content = HEAD + line + "\r\nforest,620500,2022,,36,A,bulletin,\r\n"
    found = judged(session, draft, content).lines
    assert [one.fate for one in found] == [Fate.REFUSED, Fate.NEW]
    (reason,) = found[0].reasons
    assert (found[0].number, reason.column) == (2, column)
    assert words in reason.text
    with pytest.raises(errors.LinesRefused, match="2"):
        take(session, draft, content)
    assert drafted_values(session, draft) == {}


def test_an_editor_chooses_line_by_line(session: Session, draft: PlanSubmission) -> None:
    content = HEAD + "".join(
        f"forest,620500,{year},,{number},A,bulletin,\r\n" for year, number in ((2020, "98%"), (2021, 35), (2022, 36))
    )
    assert take(session, draft, content, leave_out="2，4") == 1
    assert drafted_values(session, draft) == {"2021": Decimal(35)}


def test_a_period_that_stands_twice_is_refused_on_both_lines(session: Session, draft: PlanSubmission) -> None:
    twice = HEAD + "forest,620500,2025,,39,A,bulletin,\r\nforest,620500,2025,,40,A,bulletin,\r\n"
    assert judged(session, draft, twice).count(Fate.REFUSED) == 2


def test_a_jump_by_a_hundred_asks_whether_the_unit_is_another(session: Session, draft: PlanSubmission) -> None:
    published(session, None, [value("2024", "500", indicator="power")])
    content = HEAD + "power,620500,2025,,50000,A,bulletin,\r\n"
    (line,) = judged(session, draft, content).lines
    assert (line.fate, line.reasons[0].params) == (Fate.DOUBTFUL, {"times": "100", "other": "500"})
    with pytest.raises(errors.LinesRefused):
        take(session, draft, content)
    assert take(session, draft, content, with_doubtful=True) == 1


@pytest.mark.parametrize(("content", "words"), [
    ("indicator,area,value\r\n", "lacks these columns"),
    (HEAD.replace("quote", "wert"), "columns that nobody knows"),
    (HEAD.replace("quote", "value"), "stands twice"),
    ("\r\n", "empty"),
])  # fmt: skip
def test_a_wrong_head_is_the_one_thing_that_is_said(
    session: Session, draft: PlanSubmission, content: str, words: str
) -> None:
    (line,) = judged(session, draft, content).lines
    assert (line.fate, words in line.reasons[0].text) == (Fate.REFUSED, True)


def test_a_workbook_with_formulas_is_refused(session: Session, draft: PlanSubmission) -> None:
    out = io.BytesIO()
    with Workbook(out) as book:
        book.add_worksheet().write_formula(0, 0, "=1+1")
    with pytest.raises(tables.ListHoldsFormulas):
        sent(session, draft, out.getvalue())


def test_a_list_that_would_do_something_else_by_now_is_shown_again(session: Session, draft: PlanSubmission) -> None:
    kept = sent(session, draft, HEAD + "forest,620500,2024,,38.5,A,bulletin,\r\n")
    seen = listing.judge(session, city(), draft, kept).fingerprint
    published(session, None, [value("2024", "38.2")])
    with pytest.raises(errors.ListMoved):
        listing.take_over(session, city(), EDITOR, kept, TakeOver(version=draft.version, seen=seen))


@pytest.mark.parametrize("text", ["three", "9-3", "1-999999", "2;x"])
def test_what_is_to_be_left_out_must_be_line_numbers(text: str) -> None:
    with pytest.raises(errors.NotLines):
        listing.lines_in(text)


def test_another_city_is_named_by_its_own_code() -> None:
    assert city().code == CITY
