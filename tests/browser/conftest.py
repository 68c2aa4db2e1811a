"""One real service for each worker, a browser, and devices that complain about every error in a console."""

import os
import shutil
from asyncio import AbstractEventLoop
from asyncio.events import _get_running_loop, _set_running_loop
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.city import RunningCity, copy_of, running
from tests.browser.devices import Shop

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def pytest_collection_modifyitems(items: list[pytest.Item]):
    for item in items:
        if item.path.parent.name == "browser":
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def city(
    server_uri: str, template: str, worker_id: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningCity]:
    """Serve a city that nobody has reported to yet."""
    database = copy_of(server_uri, template, f"browser_{worker_id}")
    with running(database, tmp_path_factory.mktemp("city")) as service:
        yield service


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Drive the machine's own Chromium; as root it has no sandbox."""
    arguments = ["--disable-gpu", "--disable-background-networking"]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    return browser_type_launch_args | {"executable_path": found, "args": arguments}


@dataclass(frozen=True)
class Driver:
    """The browser, and the event loop that drives it."""

    browser: Browser
    loop: AbstractEventLoop | None


@pytest.fixture(scope="session")
def driver(browser: Browser) -> Iterator[Driver]:
    """Let the driver's loop count as running only while a test drives: else nobody's `asyncio.run` works in between."""
    opened = Driver(browser, _get_running_loop())
    _set_running_loop(None)
    yield opened
    _set_running_loop(opened.loop)


@pytest.fixture
def shop(driver: Driver, city: RunningCity, tmp_path: Path) -> Iterator[Shop]:
    """Hand out devices; at the end no console may have said anything that the test did not expect."""
    _set_running_loop(driver.loop)
    opened = Shop(driver.browser, city.url, tmp_path)
    yield opened
    said = opened.close()
    _set_running_loop(None)
    assert said == []
