"""Sample photos for the demo city, drawn in a process of its own so that the service never loads a picture library.

`python -m backend.demo.pictures FOLDER PART OF` draws every OF-th picture into FOLDER, beginning with PART.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from backend.demo import canvas as light
from backend.demo import scenes_air, scenes_land, scenes_night, scenes_water
from backend.demo.canvas import XY, Canvas, Mood

Scene = Callable[[Canvas], None]

_D, _DD, _N = light.DUSK, light.MORNING, light.NOON
_G, _L, _NIGHT = light.GREY, light.LOESS, light.NIGHT

SCENES: dict[str, tuple[Scene, Sequence[Mood]]] = {
    "outfall": (scenes_water.outfall, (_DD, _N, _G, _D, _L)),
    "ditch": (scenes_water.ditch, (_N, _G, _D)),
    "pond": (scenes_water.pond, (_DD, _G)),
    "chimney": (scenes_air.chimney, (_DD, _G, _D)),
    "barbecue": (scenes_night.barbecue, (_NIGHT, _NIGHT)),
    "straw_fire": (scenes_air.straw_fire, (_DD, _D)),
    "building_site": (scenes_air.building_site, (_L, _N, _G)),
    "dirt_road": (scenes_air.dirt_road, (_L, _DD)),
    "dumped_bags": (scenes_land.dumped_bags, (_N, _G, _D)),
    "rubble": (scenes_land.rubble, (_DD, _L)),
    "workshop": (scenes_night.workshop, (_NIGHT, _NIGHT)),
    "night_site": (scenes_night.night_site, (_NIGHT, _NIGHT)),
    "dredger": (scenes_water.dredger, (_DD, _G)),
    "stumps": (scenes_land.stumps, (_N, _L)),
    "farm_film": (scenes_land.farm_film, (_DD, _L)),
    "street": (scenes_land.street, (_N, _D, _G)),
}


@dataclass(frozen=True, order=True)
class Picture:
    """One sample photo: the theme it shows and which of that theme's moods."""

    theme: str
    mood: int

    @property
    def file_name(self) -> str:
        """Return how its file is called."""
        return f"{self.theme}-{self.mood}.jpg"


def all_pictures() -> list[Picture]:
    """Return every sample photo there is."""
    return [Picture(theme, mood) for theme, (_, moods) in SCENES.items() for mood in range(len(moods))]


def draw(picture: Picture) -> bytes:
    """Draw a sample photo as a JPEG; the same picture is the same bytes every time."""
    scene, moods = SCENES[picture.theme]
    canvas = Canvas(Random(f"{picture.theme}/{picture.mood}"), moods[picture.mood])
    scene(canvas)
    return canvas.develop(MARK)


def _strokes(left: float, top: float, size: float) -> list[list[XY]]:
    """Return 样张 as strokes, since a machine need not have a Chinese font."""
    yang = [
        [(0, 28), (38, 28)],
        [(19, 4), (19, 98)],
        [(19, 32), (0, 66)],
        [(21, 34), (36, 54)],
        [(54, 4), (62, 18)],
        [(86, 2), (76, 20)],
        [(46, 24), (96, 24)],
        [(50, 46), (92, 46)],
        [(42, 69), (100, 69)],
        [(71, 24), (71, 100)],
    ]
    zhang = [
        [(4, 8), (34, 8), (34, 34), (6, 34)],
        [(6, 34), (4, 60), (36, 60)],
        [(36, 60), (34, 92), (20, 88)],
        [(86, 6), (64, 34)],
        [(46, 46), (100, 46)],
        [(58, 4), (58, 92), (76, 78)],
        [(60, 48), (74, 74), (98, 96)],
    ]
    scale = size / 100
    return [
        [(left + shift + x * scale, top + y * scale) for x, y in stroke]
        for shift, strokes in ((0, yang), (size * 1.28, zhang))
        for stroke in strokes
    ]


MARK = _strokes(1466, 1134, 40)


def main(folder: Path, part: int, of: int) -> None:
    """Draw a share of the pictures that `folder` lacks; each appears there whole or not at all."""
    for picture in all_pictures()[part::of]:
        path = folder / picture.file_name
        if path.exists():
            continue
        unfinished = path.with_suffix(".part")
        unfinished.write_bytes(draw(picture))
        unfinished.replace(path)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
