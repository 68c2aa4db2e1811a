"""Turns WGS-84 degrees into points of a drawing and back; the page's script does the same from the drawing's data attributes.

It is equirectangular: `x = (lon - west) * scale_x` and `y = (north - lat) * scale_y`. Over a city that is as good as any
other, and it is two multiplications in every language.
"""

import math
from dataclasses import dataclass

from backend.cities.schema import Bounds, Point

METRES_PER_DEGREE = 111_195.0


@dataclass(frozen=True, slots=True)
class Projection:
    """A sheet of `width` × `height` whose upper left corner is (`north`, `west`); scales are units for each degree."""

    west: float
    north: float
    scale_x: float
    scale_y: float
    width: float
    height: float

    @classmethod
    def fit(cls, bounds: Bounds, width: float, height: float) -> "Projection":
        """Return the projection that shows all of `bounds`, centred, without distorting its middle."""
        middle_lat, middle_lon = (bounds.south + bounds.north) / 2, (bounds.west + bounds.east) / 2
        squeeze = math.cos(math.radians(middle_lat))
        scale_y = min(height / (bounds.north - bounds.south), width / (bounds.east - bounds.west) / squeeze)
        scale_x = scale_y * squeeze
        return cls(
            west=middle_lon - width / 2 / scale_x,
            north=middle_lat + height / 2 / scale_y,
            scale_x=scale_x,
            scale_y=scale_y,
            width=width,
            height=height,
        )

    def project(self, lat: float, lon: float) -> tuple[float, float]:
        """Return the point of the sheet for a place in WGS-84."""
        return (lon - self.west) * self.scale_x, (self.north - lat) * self.scale_y

    def unproject(self, x: float, y: float) -> Point:
        """Return the place (lat, lon) for a point of the sheet."""
        return self.north - y / self.scale_y, self.west + x / self.scale_x

    def units_for(self, metres: float) -> float:
        """Return how long a distance is on the sheet."""
        return metres / METRES_PER_DEGREE * self.scale_y

    def shows(self, lat: float, lon: float) -> bool:
        """Whether the place lies on the sheet."""
        x, y = self.project(lat, lon)
        return 0 <= x <= self.width and 0 <= y <= self.height

    @property
    def facts(self) -> dict[str, str]:
        """What a script needs to place points, as data attributes of the drawing."""
        return {
            "data-west": f"{self.west:.6f}",
            "data-north": f"{self.north:.6f}",
            "data-scale-x": f"{self.scale_x:.6f}",
            "data-scale-y": f"{self.scale_y:.6f}",
        }
