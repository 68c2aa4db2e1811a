"""The layers of a drawn map: land, hills, rivers, names, legend, pin. `drawing.py` says which map has which."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence

from backend.cities import City
from backend.cities.city import line_named
from backend.cities.schema import Area, Point
from backend.places.palette import Palette
from backend.places.pen import Dot, Drawing, element, escaped, smooth
from backend.places.projection import Projection
from backend.places.rules import distance_m

SCALE_BARS_KM = (20, 10, 5, 2, 1)
FONT = "'PingFang SC','Noto Sans CJK SC','Microsoft YaHei',system-ui,sans-serif"

# How the coast is lifted from the page, in units of the drawing.
_EDGE_DEPTH = 3
_LEGEND_SIZE = (126.0, 40.0)
_BAR_MOST = 0.42
"""How much of the width the scale may take."""
_SPOT_RADIUS = 7.5
_SPOT_APART = 14.0


class Sheet:
    """A map on the way: each method draws one layer as elements."""

    def __init__(self, city: City, lang: str, projection: Projection, palette: Palette) -> None:
        self.city = city
        self.lang = lang
        self.projection = projection
        self.palette = palette

    def dots(self, points: Sequence[Point]) -> list[Dot]:
        """Place points on the sheet."""
        return [self.projection.project(*point) for point in points]

    def finish(self, name: str, title: str, parts: Sequence[str]) -> Drawing:
        """Put the layers into one svg element that says what it shows and how to place points on it."""
        attributes: dict[str, str | float] = {
            "xmlns": "http://www.w3.org/2000/svg",
            "class": f"map {name}",
            "viewBox": f"0 0 {self.projection.width:.0f} {self.projection.height:.0f}",
            "role": "img",
            "aria-label": title,
            "font-family": FONT,
            **self.projection.facts,
        }
        return Drawing(element("svg", attributes, "".join(parts)))

    def land(self, highlighted: str | None) -> list[str]:
        """Draw the counties in two tones, one of them brought forward, with white lines between.

        Lines keep their width when a script looks closer, or a river would flood the window. The code and name of a
        county stand on its shape, so that the script can say where the crosshair is.
        """
        areas = [self._area(area, highlighted) for area in self.city.places.areas]
        lines = "".join(smooth(self.dots(line)) for line in self._inner_lines())
        borders = element(
            "path",
            {
                "class": "map__border",
                "d": lines,
                "fill": "none",
                "stroke": self.palette.border,
                "stroke-width": 1.6,
                "vector-effect": "non-scaling-stroke",
                "stroke-linecap": "round",
            },
        )
        return [self._coast(), *areas, borders]

    def hills(self) -> list[str]:
        """Draw the wheat-stack hills and the one hill that has a name."""
        drawn = [self._hill(self.projection.project(lat, lon), size) for lat, lon, size in self.city.places.hills]
        if landmark := self.city.places.landmark:
            x, y = self.projection.project(*landmark.at)
            name = self._text("map__note", (x, y + 9), landmark.name(self.lang), self.palette.note, 9)
            drawn += [self._hill((x, y), 1.5), name]
        return drawn

    def rivers(self) -> list[str]:
        """Draw the rivers and their names."""
        lines = [
            element(
                "path",
                {
                    "class": "map__river",
                    "d": smooth(self.dots(river.course)),
                    "fill": "none",
                    "stroke": self.palette.river,
                    "stroke-width": river.width,
                    "vector-effect": "non-scaling-stroke",
                    "stroke-linecap": "round",
                },
            )
            for river in sorted(self.city.places.rivers, key=lambda river: river.width)
        ]
        names = [
            self._text(
                "map__river-name",
                self.projection.project(*river.label),
                river.name(self.lang),
                self.palette.river_word,
                9.5,
            )
            for river in self.city.places.rivers
            if river.label is not None and self._has_room(river.label)
        ]
        return [*lines, *names]

    def names(self) -> list[str]:
        """Draw the seat of every county as a dot, and the county's name."""
        middle = (self.city.centre.lat, self.city.centre.lon)
        capital = min(self.city.counties, key=lambda county: distance_m(middle, county.centre))
        seats = [self._seat(county.centre, 3.4 if county is capital else 2.6) for county in self.city.counties]
        size = 12 if self.lang == "en" else 15
        names = [
            self._text("map__name", self.projection.project(*area.label), area.short_name(self.lang),
                       self.palette.word, size, weight=600)
            for area in self.city.places.areas
            if self._has_room(area.label)
        ]  # fmt: skip
        return [*seats, *names]

    def panel(self) -> str:
        """Draw the paper under the legend, for a map whose land reaches into that corner."""
        width, height = _LEGEND_SIZE
        box = {"class": "map__panel", "x": -12, "y": self.projection.height - height, "width": width + 12}
        return element("rect", {**box, "height": height + 12, "rx": 12, "fill": self.palette.panel, "opacity": "0.85"})

    def legend(self) -> list[str]:
        """Draw the scale and the sentence that this is no boundary, in the lower left corner."""
        reach = self.projection.width * _BAR_MOST
        fitting = (km for km in SCALE_BARS_KM if self.projection.units_for(km * 1000) <= reach)
        bar_km = next(fitting, SCALE_BARS_KM[-1])
        length = self.projection.units_for(bar_km * 1000)
        left, bottom = 8.0, self.projection.height - 8
        bar = element(
            "path",
            {
                "class": "map__scale",
                "d": f"M{left:.1f} {bottom - 19:.1f}v4h{length:.1f}v-4",
                "fill": "none",
                "stroke": self.palette.note,
            },
        )
        kilometres = "km" if self.lang == "en" else "公里"
        return [
            bar,
            self._text("map__note", (left + length + 5, bottom - 14), f"{bar_km} {kilometres}",
                       self.palette.note, 9, anchor="start"),
            self._text("map__note", (left, bottom), self.city.places.note(self.lang), self.palette.note, 9,
                       anchor="start"),
        ]  # fmt: skip

    def pin(self, point: Point, accuracy_m: float | None) -> list[str]:
        """Draw a pin whose tip is the point, and the circle within which the phone says the point lies."""
        x, y = self.projection.project(*point)
        drop = f"M{x:.1f} {y:.1f}c-2-6-8-9-8-15.5a8 8 0 0 1 16 0c0 6.5-6 9.5-8 15.5Z"
        parts = [
            element(
                "path",
                {
                    "class": "map__pin",
                    "d": drop,
                    "fill": self.palette.pin,
                    "stroke": self.palette.border,
                    "stroke-width": 1.4,
                },
            ),
            element("circle", {"class": "map__pin-eye", "cx": x, "cy": y - 15.5, "r": 3, "fill": self.palette.pin_eye}),
        ]
        radius = self.projection.units_for(accuracy_m or 0)
        if radius > 2:  # noqa: PLR2004 -- a smaller circle hides under the pin's tip
            circle = {"class": "map__around", "cx": x, "cy": y, "r": min(radius, 60.0)}
            parts.insert(0, element("circle", {**circle, "fill": self.palette.pin, "fill-opacity": "0.16"}))
        return parts

    def spots(self, points: Sequence[Point]) -> list[str]:
        """Draw dots with the numbers of a list beside the map; one that would cover an earlier number stays without."""
        plain: list[str] = []
        numbered: list[str] = []
        taken: list[Dot] = []
        for number, point in enumerate(points, 1):
            dot = self.projection.project(*point)
            if any(math.dist(dot, other) < _SPOT_APART for other in taken):
                plain.append(self._spot(dot, _SPOT_RADIUS / 2))
                continue
            taken.append(dot)
            label = self._text("map__spot-word", (dot[0], dot[1] + 3), str(number), self.palette.panel, 8.5, weight=700)
            numbered += [self._spot(dot, _SPOT_RADIUS), label]
        return [*plain, *numbered]

    def _spot(self, dot: Dot, radius: float) -> str:
        look = {"class": "map__spot-dot", "fill": self.palette.river_word, "stroke": self.palette.border}
        return element("circle", {**look, "cx": dot[0], "cy": dot[1], "r": radius, "stroke-width": 1.2})

    def _area(self, area: Area, highlighted: str | None) -> str:
        is_on = area.code == highlighted
        tone = self.palette.land_1 if area.tone == 1 else self.palette.land_2
        return element(
            "path",
            {
                "data-code": area.code,
                "data-name": self.city.county(area.code).name(self.lang),
                "class": "map__land map__land--on" if is_on else f"map__land map__land--{area.tone}",
                "d": self._closed([line_named(name, self.city.places.lines) for name in area.outline]),
                "fill": self.palette.land_on if is_on else tone,
            },
        )

    def _coast(self) -> str:
        path = self._closed(self._outer_lines())
        return element(
            "path",
            {"class": "map__edge", "d": path, "fill": self.palette.edge, "transform": f"translate(0 {_EDGE_DEPTH})"},
        )

    def _closed(self, lines: Sequence[Sequence[Point]]) -> str:
        return "".join(smooth(self.dots(line), join=i > 0) for i, line in enumerate(lines)) + "Z"

    def _uses(self) -> Counter[str]:
        return Counter(name.removeprefix("-") for area in self.city.places.areas for name in area.outline)

    def _inner_lines(self) -> Iterator[Sequence[Point]]:
        """Lines with a county on both sides."""
        return (self.city.places.lines[name] for name, uses in self._uses().items() if uses > 1)

    def _outer_lines(self) -> list[Sequence[Point]]:
        """The lines with a county on one side only, each beginning where the last one ended."""
        uses = self._uses()
        names = [name for area in self.city.places.areas for name in area.outline if uses[name.removeprefix("-")] == 1]
        begins = {line[0]: line for line in (line_named(name, self.city.places.lines) for name in names)}
        line = next(iter(begins.values()))
        ordered: list[Sequence[Point]] = []
        while begins.pop(line[0], None):
            ordered.append(line)
            line = begins.get(line[-1], line)
        return ordered

    def _hill(self, dot: Dot, size: float) -> str:
        """A wheat stack: a rounded cone with its sunny side lighter."""
        move = f"translate({dot[0]:.1f} {dot[1]:.1f}) scale({size:g})"
        body = {"class": "map__hill", "d": "M-9 0C-8-7-5-13 0-13S8-7 9 0Z", "fill": self.palette.hill}
        light = {"class": "map__hill-light", "d": "M-9 0C-8-7-5-13 0-13-2-9-3-5-3 0Z", "fill": self.palette.hill_light}
        return element("g", {"class": "map__stack", "transform": move}, element("path", body) + element("path", light))

    def _has_room(self, point: Point) -> bool:
        """Whether a word around the point would stand on the sheet as a whole and off the legend."""
        x, y = self.projection.project(*point)
        is_on_sheet = 24 <= x <= self.projection.width - 24 and 16 <= y <= self.projection.height - 6  # noqa: PLR2004
        return is_on_sheet and not (x < _LEGEND_SIZE[0] and y > self.projection.height - _LEGEND_SIZE[1])

    def _seat(self, point: Point, radius: float) -> str:
        x, y = self.projection.project(*point)
        dot = {"class": "map__seat", "cx": x, "cy": y, "r": radius}
        return element("circle", {**dot, "fill": self.palette.seat, "stroke": self.palette.border, "stroke-width": 1.4})

    def _text(  # noqa: PLR0913 -- the parts of a label
        self,
        name: str,
        dot: Dot,
        words: str,
        colour: str,
        size: float,
        *,
        anchor: str = "middle",
        weight: int | None = None,
    ) -> str:
        attributes: dict[str, str | float] = {
            "class": name, "x": dot[0], "y": dot[1], "fill": colour, "font-size": size, "text-anchor": anchor,
        }  # fmt: skip
        if weight:
            attributes["font-weight"] = weight
        return element("text", attributes, escaped(words))
