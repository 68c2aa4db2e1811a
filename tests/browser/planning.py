"""A plan with a past for the browser tests: figures over years, a revision, news, an exposure, a dispute."""

from backend.cities import city as the_city
from backend.core import clock
from backend.core.actor import Role
from backend.demo import plan as demo
from backend.plan import editions
from tests.browser.city import RunningCity
from tests.browser.devices import Device
from tests.browser.pages.desk import Desk
from tests.factories.plan import published, value

FIGURES = {2018: "35.1", 2019: "35.6", 2020: "36.2", 2021: "36.9", 2022: "37.3", 2023: "37.8", 2024: "38.4"}


def tell_stories(city: RunningCity) -> None:
    """Publish them once."""
    with city.rows() as session:
        if editions.edition(session).exposures:
            return
        now, counties = clock.now(), [one.code for one in the_city().counties]
        figures = [
            value(str(year), text, indicator="forest_cover", source="film-2020") for year, text in FIGURES.items()
        ]
        county = value("2024", "41.5", indicator="forest_cover", source="film-2020", area=counties[1])
        published(session, {**demo.notices(now, counties), **demo.dispute(now)}, [*figures, county])
        published(
            session, None, [value("2023", "37.9", indicator="forest_cover", source="film-2020")], reason="年报更正"
        )


def sit_down(device: Device, city: RunningCity, role: Role = Role.PLAN_EDITOR, name: str = "郭晓梅") -> Desk:
    """Sign a member of staff in to the room of the plan."""
    desk = Desk(device).sign_in(city.hire(role, None, name=name))
    device.page.wait_for_url("**/bureau/plan")
    return desk


def begin(device: Device, title: str = "森林覆盖率") -> str:
    """Begin a draft, and return its address."""
    device.page.goto("/bureau/plan")
    device.page.locator("#field-title").fill(title)
    device.page.locator("#field-reason").fill("2025年公报")
    device.tap(device.page.locator("main form .big-button"))
    device.page.wait_for_url("**/bureau/plan/drafts/*")
    return device.page.url


def enter(device: Device, period: str, number: str) -> None:
    """Put a value of the forest cover into the open draft."""
    page = device.page
    page.locator("#field-indicator").select_option("forest_cover")
    page.locator("#field-period").fill(period)
    page.locator("#field-value").fill(number)
    page.locator("#field-source").select_option("film-2020")
    device.tap(page.locator("form[action$='/values'] button[type=submit]").last)
