"""Every page in every state: no barrier in light and dark, no sideways scroll, no English among the Chinese, no console error."""

import pytest

from tests.browser import looks
from tests.browser.city import RunningCity
from tests.browser.devices import Lang, Shop
from tests.browser.tour import BUREAU, RESIDENT

NARROW, TABLET = 320, 768


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", RESIDENT)
def test_a_resident_page_is_there_for_everybody(shop: Shop, city: RunningCity, name: str, lang: Lang):
    phone = shop.phone(lang)
    RESIDENT[name](phone, city)
    found = looks.barriers(phone.page, "light") + looks.barriers(phone.page, "dark")
    found += looks.overflow(phone.page, NARROW)
    found += looks.english_words(phone.page) if lang == "zh" else []
    assert not found, "\n".join(found)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", BUREAU)
def test_a_page_of_the_desk_is_there_for_everybody(shop: Shop, city: RunningCity, name: str, lang: Lang):
    desk = shop.desk(lang, geolocation={"latitude": 34.5705, "longitude": 105.8902}, permissions=["geolocation"])
    BUREAU[name](desk, city)
    found = looks.barriers(desk.page, "light") + looks.barriers(desk.page, "dark")
    found += looks.overflow(desk.page, TABLET)
    found += looks.english_words(desk.page) if lang == "zh" else []
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", ["home", "report", "receipt", "progress"])
def test_the_largest_text_fits_the_smallest_screen(shop: Shop, city: RunningCity, name: str):
    phone = shop.phone(width=NARROW)
    phone.page.goto("/")
    for _ in range(2):
        phone.tap(phone.page.locator("button[name=text_size]"))
    phone.page.locator("html.text-elder").wait_for(state="attached")
    RESIDENT[name](phone, city)
    assert looks.overflow(phone.page, NARROW) == []
