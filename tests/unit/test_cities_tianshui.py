"""Tianshui's own data against what the bureau handed over, as literals: a slip of the pen in a file must show."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from backend.cities import City, UnknownCode, load_city
from backend.cities.deadlines import Stage, deadline_for
from backend.cities.schema import PLACEHOLDERS, Step

TILES = ["sewage", "black_water", "smoke", "dust", "dumping", "noise", "ecology", "other"]

# The twelve lines of handling, and the bodies that the bureau names for each.
HANDLING = {
    "偷排直排乱排污水": ["environment"],
    "黑臭水体": ["environment"],
    "废气、冒烟、恶臭": ["environment"],
    "餐饮油烟": ["environment", "urban_management"],
    "扬尘": ["housing", "urban_management"],
    "工业或建筑噪声": ["environment", "urban_management"],
    "固体废物、危险废物倾倒": ["environment"],
    "秸秆、垃圾焚烧": ["environment", "agriculture"],
    "非法采砂": ["water"],
    "毁林、破坏生态": ["forestry", "natural_resources"],
    "过度包装、虚标绿色产品、不可降解塑料": ["market"],
    "农膜、农药包装废弃": ["agriculture"],
}

# Step, start, stage, last day; Monday 23 November 2026 as a start, natural days unless the bureau says otherwise.
DEADLINES: list[tuple[Step, Stage | None, date]] = [
    (Step.ACCEPTANCE, None, date(2026, 12, 8)),
    (Step.HANDLING, None, date(2027, 1, 22)),
    (Step.HANDLING_EXTENSION, None, date(2026, 12, 23)),
    (Step.REPLY_AFTER_HANDLING, None, date(2026, 12, 8)),
    (Step.SIMPLE_ACCEPTANCE, None, date(2026, 11, 26)),
    (Step.SIMPLE_ANSWER, None, date(2026, 12, 7)),
    (Step.CRIME_TRANSFER_DECISION, None, date(2026, 11, 26)),
    (Step.CRIME_TRANSFER_HANDOVER, None, date(2026, 11, 24)),
    (Step.POLICE_DECISION, None, date(2026, 11, 26)),
    (Step.POLICE_DECISION, "to_be_checked", date(2026, 11, 30)),
    (Step.POLICE_DECISION, "major", date(2026, 12, 23)),
    (Step.CRIME_REFUSAL_REVIEW, None, date(2026, 11, 26)),
    (Step.PUBLICATION_OF_PENALTY, None, date(2026, 12, 21)),
]


@pytest.fixture(scope="module")
def tianshui() -> City:
    return load_city("tianshui")


def test_all_divisions_are_there(tianshui: City) -> None:
    assert [county.code[-2:] for county in tianshui.counties] == ["02", "03", "21", "22", "23", "24", "25"]
    assert [len(county.townships) for county in tianshui.counties] == [23, 26, 19, 17, 15, 15, 15]
    types = [township.type for township in tianshui.townships]
    assert {kind: types.count(kind) for kind in sorted(set(types))} == {
        "park": 7,
        "subdistrict": 10,
        "town": 101,
        "township": 12,
    }


def test_divisions_have_names_in_both_languages(tianshui: City) -> None:
    assert tianshui.name("zh") == "天水市"
    assert tianshui.county("620522").name("en") == "Qin'an County"
    assert tianshui.township("620503103").name("en") == "Weinan Town"
    assert tianshui.division_name("620502002", "en") == "Qilidun Subdistrict"
    assert tianshui.division_name(None, "zh") == ""
    english = [township.name("en") for township in tianshui.townships]
    assert all(name.isascii() for name in english)
    assert len({(township.county_code, township.name("en")) for township in tianshui.townships}) == len(english)


def test_the_eight_tiles_stand_in_order(tianshui: City) -> None:
    assert [kind.code for kind in tianshui.kinds] == TILES
    assert all(kind.icon == f"kind-{kind.code}" for kind in tianshui.kinds)


def test_every_line_of_handling_has_its_bodies(tianshui: City) -> None:
    subkinds = {subkind.name("zh"): subkind for kind in tianshui.kinds for subkind in kind.subkinds}
    assert {name: [body.code for body in subkinds[name].bodies] for name in HANDLING} == HANDLING
    unsure = {name for name in HANDLING if subkinds[name].confidence == "memory"}
    assert unsure == {"餐饮油烟", "扬尘", "工业或建筑噪声", "秸秆、垃圾焚烧"}


def test_every_kind_asks_when(tianshui: City) -> None:
    assert all(kind.questions[0].asks == "when" for kind in tianshui.kinds)


def test_every_picture_is_drawn(tianshui: City) -> None:
    names = {kind.icon for kind in tianshui.kinds}
    names |= {choice.icon for question in tianshui.questions for choice in question.choices}
    drawn = {path.stem for path in Path("static/icons").glob("*.svg")}
    assert names - drawn == set()


@pytest.mark.parametrize(("step", "stage", "last"), DEADLINES)
def test_a_limit_becomes_a_date(tianshui: City, step: Step, stage: Stage | None, last: date) -> None:
    start = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
    assert deadline_for(step, start, stage=stage, of_city=tianshui).date == last


def test_a_limit_of_the_configured_city_is_found_by_its_name() -> None:
    start = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)  # already Monday in the city
    assert deadline_for("simple_acceptance", start).date == date(2026, 11, 26)


def test_a_stage_that_a_limit_does_not_have_is_refused(tianshui: City) -> None:
    with pytest.raises(ValueError, match="no stage"):
        deadline_for("acceptance", datetime(2026, 11, 23, tzinfo=UTC), stage="major", of_city=tianshui)


def test_templates_answer_every_step_and_reason(tianshui: City) -> None:
    assert {template.purpose for template in tianshui.templates()} == {"accept", "decline", "refer", "message", "close"}
    assert {template.finding for template in tianshui.templates("close")} == {
        "substantiated",
        "unsubstantiated",
        "unverifiable",
    }
    assert [t.reason for t in tianshui.templates("decline")] == [reason.code for reason in tianshui.decline_reasons]


def test_a_template_is_filled_in_and_keeps_what_is_missing_as_a_blank(tianshui: City) -> None:
    refer = tianshui.templates("refer")[0]
    text = refer.write("zh", {"number": "TS-7K4M-92", "body": tianshui.body("market").name("zh"), "phone": "12315"})
    assert "TS-7K4M-92" in text
    assert "天水市市场监督管理局" in text
    assert "{" not in text
    assert "〔body〕" in refer.write("en", {"number": "TS-7K4M-92"})


def test_every_template_can_be_filled_in_both_languages(tianshui: City) -> None:
    facts = dict.fromkeys(PLACEHOLDERS, "x")
    for template in tianshui.templates():
        assert template.write("zh", facts)
        assert template.write("en", facts)


def test_a_code_that_is_unknown_is_named(tianshui: City) -> None:
    with pytest.raises(UnknownCode, match="aliens"):
        tianshui.kind("aliens")
    with pytest.raises(UnknownCode):
        tianshui.county("990000")
    assert tianshui.division_name("990000", "zh") == "990000"


def test_codes_lead_to_their_things(tianshui: City) -> None:
    assert tianshui.subkind("sand_mining").kind_code == "ecology"
    assert [body.code for body in tianshui.kind("ecology").bodies] == ["water", "forestry", "natural_resources"]
    assert tianshui.question("who").choices[0].id == "factory"
    assert tianshui.hotline("general").number == "12345"
    assert tianshui.decline_reason("out_of_remit").needs_body
    assert tianshui.limit("acceptance").days == 15
