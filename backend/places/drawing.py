"""Draws the city's base map and the small locator map of one case from `places.yaml`; no tiles and no foreign map data.

Inside a page every shape has a class, and `frontend/styles/map.css` turns its colour with the theme; the light colour stands
there as an attribute. A file for `<img>` cannot see the page's styles, so `write_images` writes one for each theme.
"""

from collections.abc import Sequence
from itertools import product
from pathlib import Path

from backend.cities import City
from backend.cities.schema import LANGUAGES, Bounds, Point
from backend.places.palette import DARK, LIGHT, THEMES, Palette
from backend.places.pen import Drawing
from backend.places.projection import Projection
from backend.places.rules import is_inside
from backend.places.sheet import Sheet

CITY_MAP_SIZE = (400.0, 260.0)
LOCATOR_SIZE = (300.0, 200.0)

_MARGIN_DEGREES = 0.03
_ROOM = 0.65
# A pin is drawn upwards from its tip, and the tip may stand at the northern line.
_LOCATOR_MARGIN_DEGREES = 0.06
_LEAST_DEGREES = 0.02
"""Half a side of the smallest sheet: nearer, the schematic's own error would be what one sees."""


def city_projection(city: City) -> Projection:
    """Return how `city_map` places points; the same numbers stand on its svg element as data attributes."""
    return Projection.fit(_grown(city.bounds, _MARGIN_DEGREES), *CITY_MAP_SIZE)


def city_map(city: City, lang: str, *, palette: Palette = LIGHT) -> Drawing:
    """Draw the whole city: counties, rivers, hills, seats and names."""
    sheet = Sheet(city, lang, city_projection(city), palette)
    layers = [*sheet.land(None), *sheet.rivers(), *sheet.hills(), *sheet.names(), *sheet.legend()]
    return sheet.finish("map--city", _title(city, lang), layers)


def locator_map(
    city: City,
    lang: str,
    *,
    county_code: str | None = None,
    point: Point | None = None,
    accuracy_m: float | None = None,
    palette: Palette = LIGHT,
) -> Drawing:
    """Draw where one case is: its county brought forward, and a pin (WGS-84) with the circle of the phone's accuracy.

    Without a county the whole city is shown, and a pin that lies off the sheet is left out.
    """
    projection = locator_projection(city, county_code, point)
    sheet = Sheet(city, lang, projection, palette)
    layers = [*sheet.land(county_code), *sheet.rivers(), *sheet.hills(), *sheet.names()]
    layers += sheet.legend() if county_code is None else [sheet.panel(), *sheet.legend()]
    if point is not None and projection.shows(*point):
        layers += sheet.pin(point, accuracy_m)
    title = _title(city, lang) if county_code is None else city.division_name(county_code, lang)
    return sheet.finish("map--locator", title, layers)


def spots_map(
    city: City, lang: str, points: Sequence[Point], *, here: Point | None = None, palette: Palette = LIGHT
) -> Drawing:
    """Draw numbered places (WGS-84) as near as they allow, and a pin where the reader is."""
    shown = [*points, here] if here is not None and city.bounds.holds(*here) else list(points)
    sheet = Sheet(city, lang, Projection.fit(_box_of(shown), *LOCATOR_SIZE), palette)
    layers = [*sheet.land(None), *sheet.rivers(), *sheet.names()]
    layers += [sheet.panel(), *sheet.legend(), *sheet.spots(points)]
    if here is not None and sheet.projection.shows(*here):
        layers += sheet.pin(here, None)
    return sheet.finish("map--spots", _title(city, lang), layers)


def locator_projection(city: City, county_code: str | None, point: Point | None) -> Projection:
    """Show the county, and the point with it where it lies nearby; else the whole city."""
    if county_code is None:
        return Projection.fit(_grown(city.bounds, _MARGIN_DEGREES), *LOCATOR_SIZE)
    outline = city.outline(county_code)
    lats, lons = [lat for lat, _ in outline], [lon for _, lon in outline]
    if point is not None and not is_inside(point, outline) and city.bounds.holds(*point):
        lats, lons = [*lats, point[0]], [*lons, point[1]]
    box = Bounds(west=min(lons), south=min(lats), east=max(lons), north=max(lats))
    return Projection.fit(_grown(box, _LOCATOR_MARGIN_DEGREES), *LOCATOR_SIZE)


def image_name(city: City, lang: str, palette: Palette) -> str:
    """Name the file of the city map, such as `map-tianshui.svg` or `map-tianshui-en-dark.svg`."""
    return f"map-{city.folder}{'-en' if lang == 'en' else ''}{'-dark' if palette is DARK else ''}.svg"


def write_images(city: City, folder: Path) -> list[Path]:
    """Write the city map as files for each language and theme; run it again after `places.yaml` changes."""
    written: list[Path] = []
    for lang, palette in product(LANGUAGES, THEMES):
        path = folder / image_name(city, lang, palette)
        path.write_text(city_map(city, lang, palette=palette).svg + "\n", encoding="utf-8")
        written.append(path)
    return written


def _title(city: City, lang: str) -> str:
    return (
        f"{city.name(lang)} – {city.places.note(lang)}"
        if lang == "en"
        else f"{city.name(lang)}，{city.places.note(lang)}"
    )


def _box_of(points: Sequence[Point]) -> Bounds:
    """Return a box around points that is never so small that the drawing would be a few straight lines."""
    lats, lons = [lat for lat, _ in points], [lon for _, lon in points]
    middle_lat, middle_lon = (min(lats) + max(lats)) / 2, (min(lons) + max(lons)) / 2
    up = max((max(lats) - min(lats)) * _ROOM, _LEAST_DEGREES)
    across = max((max(lons) - min(lons)) * _ROOM, _LEAST_DEGREES)
    return Bounds(west=middle_lon - across, south=middle_lat - up, east=middle_lon + across, north=middle_lat + up)


def _grown(box: Bounds, degrees: float) -> Bounds:
    return Bounds(
        west=box.west - degrees, south=box.south - degrees, east=box.east + degrees, north=box.north + degrees
    )
