"""The drawn maps: complete, small, safe to put into a page, and equal to the files in static/img."""

import gzip
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import jinja2
import pytest

from backend.cities import City, load_city, load_folder
from backend.places import pen
from backend.places.drawing import city_map, city_projection, image_name, locator_map, write_images
from backend.places.palette import DARK, LIGHT
from backend.places.pen import Drawing

MINIMAL = Path(__file__).parents[1] / "fixtures" / "city_minimal"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def tianshui() -> City:
    return load_city("tianshui")


def _texts(drawing: Drawing) -> list[str]:
    return [text.text or "" for text in ET.fromstring(drawing.svg).iter(f"{SVG}text")]  # noqa: S314 -- our own drawing


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("zh", {"秦州", "麦积", "清水", "秦安", "甘谷", "武山", "张家川", "渭河", "藉河", "麦积山", "20 公里", "示意图，不作界线依据"}),
        ("en", {"Qinzhou", "Maiji", "Qin'an", "Zhangjiachuan", "Wei River", "20 km", "Schematic, not a boundary"}),
    ],
)  # fmt: skip
def test_the_city_map_names_what_it_shows(tianshui: City, lang: str, words: set[str]) -> None:
    assert words <= set(_texts(city_map(tianshui, lang)))


def test_the_files_are_what_the_data_draws(tianshui: City, tmp_path: Path) -> None:
    for path in write_images(tianshui, tmp_path):
        shipped = Path("static/img") / path.name
        assert shipped.read_text(encoding="utf-8") == path.read_text(encoding="utf-8"), "run `green city map`"


def test_each_language_and_theme_has_its_file(tianshui: City) -> None:
    assert image_name(tianshui, "zh", LIGHT) == "map-tianshui.svg"
    assert image_name(tianshui, "en", DARK) == "map-tianshui-en-dark.svg"


def test_the_map_is_small(tianshui: City) -> None:
    assert len(gzip.compress(city_map(tianshui, "zh").svg.encode())) <= 8 * 1024


def test_the_map_carries_what_a_script_needs_to_place_points(tianshui: City) -> None:
    root = ET.fromstring(city_map(tianshui, "zh").svg)  # noqa: S314 -- our own drawing
    x = (105.724 - float(root.attrib["data-west"])) * float(root.attrib["data-scale-x"])
    y = (float(root.attrib["data-north"]) - 34.58) * float(root.attrib["data-scale-y"])
    assert (x, y) == (pytest.approx(city_projection(tianshui).project(34.58, 105.724), abs=0.01))
    assert city_projection(tianshui).shows(34.58, 105.724)
    counties = {
        path.attrib["data-code"]: path.attrib["data-name"]
        for path in root.iter(f"{SVG}path")
        if "data-code" in path.attrib
    }
    assert counties == {county.code: county.name("zh") for county in tianshui.counties}
    assert root.attrib["role"] == "img"
    assert "天水市" in root.attrib["aria-label"]


def test_a_drawing_holds_nothing_that_the_security_policy_forbids(tianshui: City) -> None:
    drawing = locator_map(tianshui, "zh", county_code="620503", point=(34.57, 105.9), accuracy_m=5000).svg
    assert not re.search(r"\sstyle=|<style|<script|\son\w+=|href=|url\(|\sid=", drawing)


def test_a_drawing_stands_in_a_template_as_it_is_and_its_words_are_escaped(tianshui: City) -> None:
    page = jinja2.Environment(autoescape=True).from_string("{{ map }}")
    assert page.render(map=city_map(tianshui, "zh")).startswith("<svg ")
    assert str(city_map(tianshui, "zh")) == city_map(tianshui, "zh").svg
    hostile = pen.element("g", {"aria-label": '"><script>'})
    assert hostile == '<g aria-label="&quot;&gt;&lt;script&gt;"/>'
    assert pen.escaped("<script>&") == "&lt;script&gt;&amp;"


def test_the_locator_brings_one_county_forward_and_pins_the_place(tianshui: City) -> None:
    drawing = locator_map(tianshui, "zh", county_code="620502", point=(34.58, 105.72), accuracy_m=2000).svg
    assert drawing.count("map__land--on") == 1
    assert drawing.count('class="map__pin"') == 1
    assert drawing.count("map__around") == 1
    assert 'aria-label="秦州区"' in drawing


def test_the_locator_without_a_point_has_no_pin_and_a_close_fix_no_circle(tianshui: City) -> None:
    assert "map__pin" not in locator_map(tianshui, "zh", county_code="620524").svg
    assert (
        "map__around" not in locator_map(tianshui, "zh", county_code="620524", point=(34.72, 104.9), accuracy_m=9).svg
    )


def test_the_locator_grows_to_a_point_that_the_resident_put_into_the_next_county(tianshui: City) -> None:
    drawing = locator_map(tianshui, "zh", county_code="620524", point=(34.58, 105.72)).svg
    assert drawing.count('class="map__pin"') == 1


def test_a_place_outside_the_city_shows_the_whole_city(tianshui: City) -> None:
    near = locator_map(tianshui, "zh", point=(34.3, 104.9)).svg
    assert "map__land--on" not in near
    assert near.count('class="map__pin"') == 1
    assert "map__pin" not in locator_map(tianshui, "zh", point=(39.9, 116.4)).svg


def test_a_county_with_a_point_far_outside_the_city_keeps_its_own_map(tianshui: City) -> None:
    drawing = locator_map(tianshui, "zh", county_code="620502", point=(39.9, 116.4)).svg
    assert drawing.count("map__land--on") == 1
    assert "map__pin" not in drawing


def test_neighbours_share_their_line_without_a_gap() -> None:
    line = [(0.0, 0.0), (10.0, 5.0), (20.0, 0.0), (30.0, 8.0)]
    there = [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", pen.smooth(line))]
    back = [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", pen.smooth(line[::-1]))]
    assert there == [n for pair in list(zip(back[::2], back[1::2], strict=True))[::-1] for n in pair]


@pytest.mark.parametrize(("value", "text"), [(1.0, "1"), (0.04, "0"), (-0.04, "0"), (10.26, "10.3"), (100, "100")])
def test_numbers_are_short(value: float, text: str) -> None:
    assert pen.number(value) == text


def test_another_city_draws_itself() -> None:
    drawing = city_map(load_folder(MINIMAL), "en")
    assert {"West", "East", "Schematic"} <= set(_texts(drawing))
