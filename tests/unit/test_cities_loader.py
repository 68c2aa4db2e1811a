"""A wrong city file stops the start, and says file, line and reason."""

import shutil
from pathlib import Path

import pytest

from backend.cities import CityDataError, check, load_city, load_folder

MINIMAL = Path(__file__).parents[1] / "fixtures" / "city_minimal"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(MINIMAL, tmp_path / "smallville"))


def _change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_another_city_is_another_folder() -> None:
    city = load_folder(MINIMAL)
    assert (city.case_prefix, city.name("en"), len(city.counties)) == ("SV", "Smallville", 2)
    assert city.county("990102").townships[0].centre is None
    assert check(MINIMAL) == []


def test_the_shipped_city_is_in_order() -> None:
    assert check(Path("backend/cities/tianshui")) == []


@pytest.mark.parametrize("name", ["atlantis", "../tianshui", "", "Tianshui"])
def test_a_city_that_is_not_there_is_named_with_those_that_are(name: str) -> None:
    with pytest.raises(CityDataError, match="can be one of: tianshui"):
        load_city(name)


# file, what stands there, what is written instead, where and why
MISTAKES = [
    ("city.yaml", 'case_prefix: SV', "case_prefix: sv", "city.yaml:6: case_prefix: String should match"),
    ("city.yaml", 'code: "990100"', "code: 990100", "city.yaml:2: code: Input should be a valid string (it says 990100)"),
    ("city.yaml", "case_prefix: SV\n", "", "city.yaml:2: case_prefix: Field required"),
    ("city.yaml", "west: 100,", "west: 103,", "city.yaml:9: bounds: west must be less than east"),
    ("city.yaml", "lat: 30.5", "lat: 29.5", "city.yaml:8: centre: the centre lies outside the bounds"),
    ("city.yaml", "lat: 30.5", "lat: high", "city.yaml:8: centre.lat: Input should be a valid number (it says 'high')"),
    ("city.yaml", "timezone:", "time_zone:", "city.yaml:7: time_zone: Extra inputs are not permitted"),
    ("city.yaml", "  farthest_km: 50", "  farthest_km: 50\n  farthest_km: 60", "city.yaml:15: the key 'farthest_km' stands"),
    ("city.yaml", "neighbours: []", "neighbours: [", "city.yaml:16: not valid YAML"),
    ("divisions.csv", "990103,东区", "990102,东区", "divisions.csv:4: [2].code: 990102 is there a second time"),
    ("divisions.csv", "subdistrict,990102", "subdistrict,990109", "divisions.csv:5: [3].parent: 990109 is no county"),
    ("divisions.csv", "990102001,", "990103001,", "divisions.csv:5: [3].code: 990103001 does not start like its parent"),
    ("divisions.csv", "county,district,990100", "shire,district,990100", "divisions.csv:3: level: Input should be"),
    ("divisions.csv", "990100,小城市", "990200,小城市", "there must be one city, with the code 990100"),
    ("divisions.csv", "name_en", "english", "divisions.csv:1: the first line must be code,name,name_en"),
    ("divisions.csv", "district,990100\n", "district\n", "divisions.csv:3: parent: Input should be a valid string"),
    ("divisions.csv", "district,990100\n", "district,990100,7\n", "divisions.csv:3: more columns than the first line"),
    ("bodies.yaml", "code: police", "code: environment", "bodies.yaml:3: bodies[1].code: environment is there a second"),
    ("report_kinds.yaml", "questions: [when]", "questions: [who]", "report_kinds.yaml:6: kinds[0].questions[0]: there is no"),
    ("report_kinds.yaml", "questions: [when]", "questions: []", "questions[0].id: no kind asks when"),
    ("report_kinds.yaml", "bodies: [environment, police]", "bodies: [nasa]", "kinds[1].subkinds[0].bodies[0]: there is no body nasa"),
    ("report_kinds.yaml", "code: other, ", "code: sewage, ", "report_kinds.yaml:15: kinds[1].subkinds[0].code: sewage is"),
    ("report_kinds.yaml", "id: night", "id: now", "report_kinds.yaml:22: questions[0].choices[1].id: now is there a second"),
    ("report_kinds.yaml", "icon: choice-now", "icon: Now!", "questions[0].choices[0].icon: String should match"),
    ("deadlines.yaml", "step: handling,", "step: acceptance,", "deadlines.yaml:8: limits[1].step: acceptance is there"),
    ("deadlines.yaml", "step: handling,", "step: holding,", "deadlines.yaml:8: limits[1].step: Input should be"),
    ("deadlines.yaml", "  - {step: simple_answer, days: 1, confidence: memory}\n", "", "the limit of simple_answer is missing"),
    ("deadlines.yaml", "days: 2, from", "from", "deadlines.yaml:7: limits[0]: give either days or hours"),
    ("deadlines.yaml", "hours: 24", "hours: 24, unit: workday", "limits[7]: a limit in hours has no unit"),
    ("deadlines.yaml", "days: 20", "days: 20, major: 5", "limits[10]: days, to_be_checked and major must grow"),
    ("deadlines.yaml", "first_day_counted: false", "first_day_counted: true", "deadlines.yaml:3: counting.first_day_counted"),
    ("answer_templates.yaml", "bodies: [police]", "bodies: []", "decline_reasons[0]: a reason that needs a body"),
    ("answer_templates.yaml", "bodies: [police]", "bodies: [nasa]", "decline_reasons[0].bodies[0]: there is no body nasa"),
    ("answer_templates.yaml", "请找{body}", "请找{bodi}", "templates[1].text.zh: unknown placeholder {bodi}"),
    ("answer_templates.yaml", "请找{body}", "请找{body", "templates[1].text.zh: braces do not close"),
    ("answer_templates.yaml", "    reason: out_of_remit\n", "", "templates[1]: a template for decline"),
    ("answer_templates.yaml", "    reason: out_of_remit", "    reason: nope", "templates[1].reason: there is no reason nope"),
    ("answer_templates.yaml", "purpose: accept", "purpose: close", "templates[0]: a template for close"),
    ("places.yaml", "[east, middle]", "[east, -middle]", "places.yaml:9: areas[1].outline[0]: ends at (31.0, 101.0), but"),
    ("places.yaml", "[east, middle]", "[east, centre]", "areas[1].outline[1]: there is no line centre"),
    ("places.yaml", "  west: [[31, 101], [31, 100]", "  west: [[31, 101], [33, 100]", "lines.west[1]: lies outside the bounds"),
    ("places.yaml", '  "990103": [30.5, 101.5]\n', "", "places.yaml:11: centres: the county 990103 has no centre"),
    ("places.yaml", '  "990103": [30.5', '  "990103999": [30.5', "centres.990103999: there is no county or township"),
    ("places.yaml", '{code: "990103"', '{code: "990102"', "places.yaml:8: areas: two areas have the same code"),
    ("places.yaml", '{code: "990103"', '{code: "990109"', "places.yaml:9: areas[1].code: there is no county 990109"),
    ("places.yaml", "lines:\n", "lines:\n  spare: [[30, 100], [31, 101]]\n", "places.yaml:4: lines.spare: no area uses"),
    ("places.yaml", "tone: 1", "tone: 7", "places.yaml:8: areas[0].tone: Input should be 1 or 2"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new", "expected"), MISTAKES)
def test_a_mistake_is_shown_with_file_line_and_reason(
    folder: Path, name: str, old: str, new: str, expected: str
) -> None:
    _change(folder / name, old, new)
    problems = check(folder)
    assert any(expected in problem for problem in problems), problems
    assert all(problem.startswith(f"{folder}/") for problem in problems), problems
    with pytest.raises(CityDataError, match="cannot be used"):
        load_folder(folder)


QUIZ = """questions:
""" + "".join(
    f"""  - code: {code}
    article: 11
    behaviour: car_free_day
    ask: {{zh: 问, en: Ask}}
    choices:
      - {{zh: 是, en: "Yes"}}
      - {{zh: 否, en: "No"}}
    right: 2
    why: {{zh: 因为, en: Because}}
"""
    for code in ("one", "two", "three")
)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "", None),
        ("code: two", "code: one", "quiz.yaml:11: questions[1].code: one is there a second time"),
        ("car_free_day", "fly", "quiz.yaml:4: questions[0].behaviour: there is no behaviour fly"),
        ("right: 2", "right: 3", "quiz.yaml:2: questions[0]: right counts the choices from 1"),
        ("right: 2", "right: 0", "quiz.yaml:9: questions[0].right: Input should be greater than"),
        ("zh: 否", "zh: 是", "quiz.yaml:7: questions[0].choices: two choices read the same in zh"),
        (QUIZ[QUIZ.index("  - code: three") :], "", "quiz.yaml:2: questions: a quiz asks 3 questions"),
    ],
)
def test_a_slip_in_the_quiz_is_shown(folder: Path, old: str, new: str, expected: str | None) -> None:
    (folder / "quiz.yaml").write_text(QUIZ.replace(old, new, 1) if old else QUIZ, encoding="utf-8")
    problems = check(folder)
    assert any(expected in problem for problem in problems) if expected else problems == [], problems


def test_every_file_is_looked_at_in_one_run(folder: Path) -> None:
    _change(folder / "city.yaml", "case_prefix: SV", "case_prefix: sv")
    _change(folder / "divisions.csv", "name_en", "english")
    (folder / "bodies.yaml").unlink()
    (folder / "places.yaml").write_text("", encoding="utf-8")
    (folder / "deadlines.yaml").write_bytes(b"\xff\xfe\x00")
    problems = "\n".join(check(folder))
    for told in ("case_prefix", "the first line must be", "the file is missing", "the file is empty", "UTF-8"):
        assert told in problems


def test_a_yes_or_a_date_without_quotes_stays_a_text(folder: Path) -> None:
    _change(folder / "bodies.yaml", "en: Police", "en: yes")
    _change(folder / "bodies.yaml", "en: Environment Bureau", "en: 2026-11-23")
    city = load_folder(folder)
    assert [body.name("en") for body in city.bodies] == ["2026-11-23", "yes"]


def test_the_data_cannot_be_changed_after_loading() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_folder(MINIMAL).facts.case_prefix = "XX"  # pyright: ignore[reportAttributeAccessIssue]
