"""The plan of a city's folder: Tianshui's is whole and invents nothing, and a slip in any file is shown where it is."""

import shutil
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from backend.cities import CityDataError, load_city, load_folder
from backend.cities.plan import DueBasis, Operator, PlanFile

MINIMAL = Path(__file__).parents[1] / "fixtures" / "city_minimal"
FACTS = Path(__file__).parents[3] / "shared" / "facts" / "plan-targets.yaml"
CHINESE_LEAST = 8


@pytest.fixture(scope="module")
def plan() -> PlanFile:
    return load_city("tianshui").plan


def test_it_has_all_parts_articles_and_targets(plan: PlanFile) -> None:
    assert [part.number for part in plan.parts] == list(range(1, 9))
    assert [article.number for article in plan.articles] == list(range(1, 28))
    assert [target.key for target in plan.targets] == [f"t{number:02}" for number in range(1, 15)]


def test_a_year_that_is_not_printed_is_marked_as_inherited(plan: PlanFile) -> None:
    assert [one.key for one in plan.targets if one.due_basis is DueBasis.INHERITED] == ["t08", "t09"]


def test_no_value_is_written_where_the_province_sets_it(plan: PlanFile) -> None:
    (external,) = [one for one in plan.targets if one.operator is Operator.EXTERNAL]
    assert (external.key, external.value) == ("t04", None)


def test_every_figure_has_an_address_and_the_only_start_is_the_published_one(plan: PlanFile) -> None:
    addresses = {source.key: source.url for source in plan.sources}
    assert all(addresses[figure.source] for figure in plan.figures)
    assert [(one.target, one.period) for one in plan.baselines] == [("t07", "2020")]
    assert [one.value for one in plan.figures if one.indicator == "film_recovery"] == [Decimal("83.25")]


def test_it_speaks_both_languages_and_no_english_stands_for_chinese(plan: PlanFile) -> None:
    for article in plan.articles:
        assert sum("\u4e00" <= letter <= "\u9fff" for letter in article.summary.zh) >= CHINESE_LEAST
        assert article.summary.en.isascii() or "“" in article.summary.en or "张" in article.summary.en


@pytest.mark.skipif(not FACTS.is_file(), reason="the facts that it was written from are not here")
def test_it_says_what_the_facts_say(plan: PlanFile) -> None:
    facts = yaml.safe_load(FACTS.read_text(encoding="utf-8"))
    assert {one.number: one.title.zh for one in plan.articles} == facts["articles"]
    names = {one.key: one.name.zh for one in plan.indicators}
    for target, fact in zip(plan.targets, facts["targets"], strict=True):
        wanted = fact["value"] if isinstance(fact["value"], list) else [fact["value"]]
        numbers = [target.low, target.high] if target.operator is Operator.BETWEEN else [target.value]
        assert (target.key, target.article, target.operator) == (fact["id"], fact["article"], fact["operator"])
        assert numbers == [None if number is None else Decimal(number) for number in wanted]
        assert (target.due, target.due_basis, target.scope) == (fact["due"], fact["due_basis"], fact["scope"])
        assert names[target.indicator] in {fact["indicator"], fact["indicator"].removesuffix("下降")}


# file, what stands there, what is written instead, what is said
MISTAKES = [
    (
        "plan.yaml",
        "number: 12, part: 1",
        "number: 11, part: 1",
        "plan.yaml:13: articles[1].number: 11 is there a second",
    ),
    ("plan.yaml", "number: 12, part: 1", "number: 12, part: 2", "plan.yaml:13: articles[1].part: there is no part 2"),
    ("plan.yaml", "key: t01, indicator: forest", "key: t01, indicator: trees", "trees is no indicator with a target"),
    ("plan.yaml", "part: 1, operator: ge", "part: 1, article: 9, operator: ge", "part 1 has no article 9"),
    ("plan.yaml", 'value: "39"', 'low: "39"', "targets[0]: operator ge takes value"),
    (
        "plan.yaml",
        'area: "990100", period: "2020", value',
        'area: "990199", period: "2020", value',
        "no city or county",
    ),
    ("plan.yaml", 'value: "36.84"', 'value: "136.84"', "lies outside the limits of forest"),
    ("plan.yaml", 'value: "36.84", source: bulletin', 'value: "36.84", source: hearsay', "there is no source hearsay"),
    ("plan.yaml", 'period: "2020", value', 'period: "2020-07", value', "forest is measured by year"),
    ("plan.yaml", 'period: "2020", value', 'period: "2025年底", value', "is no period: write 2025"),
    (
        "plan.yaml",
        'period: "2020", reason',
        'period: "2021", reason',
        "baselines[0]: no figure of this file stands there",
    ),
    ("plan.yaml", "target: t01", "target: t02", "baselines[0].target: there is no target t02"),
    ("plan.yaml", 'minimum: "0"', 'minimum: "100"', "minimum must be less than maximum"),
    ("behaviours.yaml", "article: 12", "article: 13", "behaviours[0].article: the plan has no article 13"),
]


@pytest.mark.parametrize(("name", "old", "new", "expected"), MISTAKES)
def test_a_slip_is_shown_with_its_place(tmp_path: Path, name: str, old: str, new: str, expected: str) -> None:
    folder = Path(shutil.copytree(MINIMAL, tmp_path / "smallville"))
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CityDataError) as caught:
        load_folder(folder)
    assert any(expected in problem for problem in caught.value.problems), caught.value.problems
