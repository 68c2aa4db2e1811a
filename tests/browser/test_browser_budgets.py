"""What a first visit costs on a slow line."""

import gzip

import pytest
from playwright.sync_api import Response

from tests.browser.city import RunningCity
from tests.browser.devices import Shop
from tests.browser.tour import RESIDENT
from tests.browser.wire import wire_to

KB = 1000
HTML, CSS = 14 * KB, 14 * KB
SCRIPT = {"home": 8 * KB, "report": 16 * KB, "receipt": 8 * KB, "no reports yet": 8 * KB, "help": 8 * KB}


@pytest.mark.parametrize("name", ["home", "report", "no reports yet", "help"])
def test_a_page_fits_its_budget(shop: Shop, city: RunningCity, name: str):
    phone, weights = shop.phone(), dict[str, int]()

    def weigh(response: Response) -> None:
        kind = response.request.resource_type
        if "worker" in response.url:  # comes when the page is already in use
            return
        if response.status == 200 and kind in {"document", "stylesheet", "script"}:
            weights[kind] = weights.get(kind, 0) + len(gzip.compress(response.body(), 9))

    phone.page.on("response", weigh)
    RESIDENT[name](phone, city)
    phone.page.wait_for_load_state("networkidle")

    assert weights["document"] <= HTML
    assert weights["stylesheet"] <= CSS
    assert weights["script"] <= SCRIPT[name]


def test_the_receipt_fits_its_budget(shop: Shop, city: RunningCity):
    phone, answers = shop.phone(), list[Response]()
    phone.page.on("response", lambda response: answers.append(response) if response.status == 201 else None)
    RESIDENT["receipt"](phone, city)
    page = next(one for one in answers if one.url.endswith("/report"))
    assert len(gzip.compress(page.body(), 9)) <= HTML


def test_a_first_visit_asks_for_six_things_at_most(shop: Shop, city: RunningCity):
    with wire_to(city.port) as wire:
        phone = shop.phone(base_url=wire.url)
        phone.page.goto("/")
        phone.page.wait_for_load_state("networkidle")
        assert len(wire.requests) <= 6, wire.requests


def test_nothing_comes_from_elsewhere(shop: Shop, city: RunningCity):
    phone, hosts = shop.phone(), set[str]()
    phone.page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    RESIDENT["report with photos"](phone, city)
    assert {host for host in hosts if host} == {f"127.0.0.1:{city.port}"}
