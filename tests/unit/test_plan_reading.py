"""Plans in the house styles of six governments, files that are no plans, and whatever else somebody may send."""

import io
import re
import time
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from backend.core.errors import Invalid
from backend.plan.reading import Candidate, Reading, errors, read_plan
from backend.plan.reading.numerals import chinese, number_in
from tests.factories import plan_texts as texts

SHARED = Path(__file__).parents[3] / "shared"
TIANSHUI, FACTS = SHARED / "plan" / "tianshui-2022.txt", SHARED / "facts" / "plan-targets.yaml"


def told(one: Candidate) -> tuple[object, ...]:
    """Return a candidate in short: article, name, comparator, numbers, unit, year."""
    numbers = f"{one.low}-{one.high}" if one.operator == "between" else str(one.value) if one.value is not None else ""
    return one.article, one.name, one.operator, numbers, one.unit, one.due


def read(text: str) -> Reading:
    return read_plan(text.encode())


def test_a_city_counts_its_articles_through() -> None:
    plan = read(texts.CITY)
    assert (plan.title, plan.number, plan.basis) == (
        "平川市绿色发展实施方案",
        "平政发〔2023〕8号",
        "省政发〔2022〕31号",
    )
    assert [(one.number, one.title) for one in plan.parts] == [(1, "总体要求"), (2, "重点任务"), (3, "保障措施")]
    assert [(one.number, one.part, one.title) for one in plan.articles] == [
        (1, 2, "做强绿色工业"), (2, 2, "发展绿色农业"), (3, 3, "加强组织领导"),
    ]  # fmt: skip
    assert [told(one) for one in plan.candidates] == [
        (None, "森林覆盖率", "ge", "42.5", "%", 2025),
        (None, "单位地区生产总值能耗", "change", "-13.5", "%", 2025),
        (None, "碳排放强度", "external", "", "", 2025),
        (1, "零碳园区", "ge", "3", "个", 2025),
        (1, "工业固体废物综合利用率", "ge", "65", "%", 2025),
        (1, "规模以上工业企业重复用水率", "ge", "94", "%", 2025),
        (2, "综合利用率", "ge", "88", "%", 2024),
        (2, "收储中心", "between", "2-3", "家", 2024),
        (2, "化肥利用率", "ge", "43", "%", 2024),
    ]
    assert [one.base_year for one in plan.candidates if one.operator == "change"] == [2020]
    assert [one.due_basis for one in plan.candidates if one.name == "零碳园区"] == ["inherited"]


def test_a_province_has_chapters_and_clauses() -> None:
    plan = read(texts.PROVINCE)
    assert [one.title for one in plan.parts] == ["总则", "目标"]
    assert [(one.number, one.label) for one in plan.articles] == [(n, f"第{chinese(n)}条") for n in range(1, 6)]
    assert [told(one)[1:] for one in plan.candidates] == [
        ("单位生产总值二氧化碳排放", "change", "-65", "%", 2030),
        ("非化石能源消费比重", "ge", "25", "%", 2030),
        ("细颗粒物浓度", "le", "35", "微克/立方米", 2030),
        ("重污染天数", "le", "3", "天", 2030),
        ("用水总量", "external", "", "", 2030),
    ]
    assert [one.is_sure for one in plan.candidates if "左右" in one.wording] == [False]


def test_a_district_counts_with_points() -> None:
    plan = read(texts.DECIMAL)
    assert [one.title for one in plan.parts] == ["发展目标", "主要任务"]
    assert [(one.label, one.title) for one in plan.articles] == [
        ("1.1", "能源"), ("1.2", "交通"), ("2.1", "建筑"), ("2.2", "生活"),
    ]  # fmt: skip
    assert [told(one)[1:5] for one in plan.candidates if one.article in {1, 2}] == [
        ("光伏装机容量", "ge", "120", "万千瓦"),
        ("可再生能源电力消纳比重", "ge", "35", "%"),
        ("新能源公交车占比", "ge", "90", "%"),
        ("公共充电桩", "ge", "1500", "个"),
    ]
    assert [(one.name, str(one.value), one.is_sure) for one in plan.candidates if one.article == 4] == [
        ("城市", "98", False), ("县城污水处理率", "95", True), ("垃圾分类覆盖率", "90", True),
    ]  # fmt: skip


def test_a_county_begins_anew_in_each_part_and_breaks_its_lines() -> None:
    plan = read(texts.RESTARTING)
    assert [(one.number, one.part, one.label, one.title) for one in plan.articles] == [
        (1, 1, "(一)", "户厕改造"), (2, 1, "(二)", "管护"), (3, 2, "(一)", "污水"), (4, 2, "(二)", "饮水"),
    ]  # fmt: skip
    assert [told(one) for one in plan.candidates] == [
        (1, "卫生厕所普及率", "ge", "85", "%", 2025),
        (1, "公厕", "ge", "20", "座", 2025),
        (3, "农村生活污水治理率", "ge", "40", "%", 2025),
        (4, "自来水普及率", "ge", "90", "%", 2025),
    ]
    assert plan.candidates[0].quote == "卫生厕所普及\n率达 85 %以上"


def test_word_counts_by_itself_and_ends_with_a_table() -> None:
    plan = read_plan(texts.WORD)
    assert [one.title for one in plan.parts] == ["总体目标", "重点任务", "附则"]
    assert [(one.number, one.title) for one in plan.articles][:2] == [(1, "治理大气"), (2, "治理水")]
    assert [(*told(one)[1:], one.is_sure) for one in plan.candidates] == [
        ("细颗粒物浓度", "change", "-10", "%", 2025, False),
        ("森林覆盖率", "ge", "40", "%", 2025, True),
        ("细颗粒物浓度", "le", "36", "微克/立方米", 2025, False),
        ("单位生产总值能耗下降", "change", "-13.5", "%", 2025, False),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_notice_has_wide_digits_and_any_encoding(encoding: str) -> None:
    plan = read_plan(texts.NOTICE.encode(encoding))
    assert (len(plan.parts), [one.number for one in plan.articles]) == (1, [1, 2, 3, 4])
    assert [told(one) for one in plan.candidates] == [
        (2, "快递包装回收率", "ge", "85", "%", 2025),
        (2, "一次性餐具消耗量", "change", "-30", "%", 2025),
        (3, "可降解农膜使用面积", "ge", "10", "万亩", 2025),
    ]
    assert "２０２５" in plan.text


HOUSES = [texts.CITY, texts.PROVINCE, texts.DECIMAL, texts.RESTARTING, texts.NOTICE, texts.long_plan(10)]


@pytest.mark.parametrize("text", HOUSES, ids=range(len(HOUSES)))
def test_every_find_is_shown_where_it_stands_word_by_word(text: str) -> None:
    plan = read(text)
    for one in (*plan.parts, *plan.articles):
        assert plan.text[one.start : one.end] == one.text
    for one in plan.candidates:
        assert plan.text[one.start : one.end] == one.quote
    assert plan.text == text


@given(st.sampled_from(HOUSES[:1] + HOUSES[3:5]), st.data())
def test_a_line_that_is_broken_inside_a_sentence_changes_nothing(text: str, data: st.DataObject) -> None:
    plain = [told(one) for one in read(text).candidates]
    # After a Chinese letter that goes on with a Chinese letter, in a line that is no heading.
    places = [
        match.start() + 1
        for match in re.finditer(r"(?<=[\u4e00-\u9fff]{2})[\u4e00-\u9fff](?=[\u4e00-\u9fff]{3})", text)
        if "。" in text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
        and not re.match(r"[一二三四五六七八九十第]", text[match.start() + 1 :])
    ]
    if places:
        place = data.draw(st.sampled_from(places))
        broken = text[:place] + data.draw(st.sampled_from(["\n", "\n\n", "\r\n", "\n　　"])) + text[place:]
        assert [told(one) for one in read(broken).candidates] == plain


@given(st.sampled_from([text.encode() for text in HOUSES] + [texts.WORD]), st.data())
def test_a_damaged_plan_is_read_or_refused_and_nothing_else(content: bytes, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(content)))
    last = data.draw(st.integers(first, min(len(content), first + 400)))
    damaged = content[:first] + data.draw(st.binary(max_size=12)) + content[last:]
    try:
        plan = read_plan(damaged)
    except Invalid:
        return
    assert all(plan.text[one.start : one.end] == one.quote for one in plan.candidates)


@given(st.binary(max_size=400) | st.text(max_size=400).map(str.encode))
def test_whatever_is_sent_is_refused_with_one_of_our_sentences(content: bytes) -> None:
    try:
        read_plan(content)
    except Invalid as refused:
        assert refused.text  # noqa: PT017 -- any of ours


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("word/document.xml", b"0" * 80_000_000)
    return out.getvalue()


@pytest.mark.parametrize(("content", "refusal"), [
    (b"", errors.EmptyFile), (b"  \r\n\t ", errors.EmptyFile), (b"\xef\xbb\xbf", errors.EmptyFile),
    (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", errors.IsPdf), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, errors.IsOldWord),
    ("绿".encode() * 1_700_000, errors.TooLarge), (("绿色" * 300_000).encode("gb18030"), errors.TooLarge),
    (b"PK\x03\x04 no package", errors.Unreadable), (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4, errors.Unreadable),
])  # fmt: skip
def test_what_is_no_plan_says_what_to_do(content: bytes, refusal: type[Invalid]) -> None:
    with pytest.raises(refusal):
        read_plan(content)


def test_a_package_that_swells_is_not_unpacked() -> None:
    with pytest.raises(errors.TooLarge):
        read_plan(bomb())


@pytest.mark.parametrize("text", list(texts.NOT_PLANS.values()), ids=list(texts.NOT_PLANS))
def test_a_text_that_is_no_plan_is_refused(text: str) -> None:
    with pytest.raises(errors.NotAPlan):
        read(text)


def test_sixty_pages_are_read_in_far_less_than_two_seconds() -> None:
    text = texts.long_plan(60)
    begun = time.perf_counter()
    plan = read(text)
    assert time.perf_counter() - begun < 2
    assert (len(plan.parts), len(plan.articles), len(plan.candidates)) == (10, 60, 60)


@given(st.integers(1, 999))
def test_chinese_numerals_are_read_as_they_are_written(number: int) -> None:
    assert number_in(chinese(number)) == number


@pytest.mark.skipif(not TIANSHUI.is_file(), reason="the plan's text is not here")
def test_the_plan_of_tianshui_is_read_whole_and_nothing_is_invented() -> None:
    plan, facts = read_plan(TIANSHUI.read_bytes()), yaml.safe_load(FACTS.read_text(encoding="utf-8"))
    assert (plan.title, plan.issuer) == ("关于加快建立健全绿色低碳循环发展经济体系实施方案", "天水市人民政府")
    assert (str(plan.issued_on), plan.basis, plan.number) == ("2022-04-26", "甘政发〔2021〕62号", None)
    assert len(plan.parts) == 8
    assert {one.number: one.title for one in plan.articles} == facts["articles"]
    assert len(plan.candidates) == len(facts["targets"]) == 14
    for one, fact in zip(plan.candidates, facts["targets"], strict=True):
        wanted = fact["value"] if isinstance(fact["value"], list) else [fact["value"]]
        found = [one.low, one.high] if one.operator == "between" else [one.value]
        assert found == [None if number is None else Decimal(number) for number in wanted]
        assert (one.operator, one.article, one.due, one.due_basis) == (
            fact["operator"], fact["article"], fact["due"], fact["due_basis"],
        )  # fmt: skip
        assert one.base_year == fact.get("base_year")
