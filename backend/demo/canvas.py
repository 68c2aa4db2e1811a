"""A canvas that gives drawn scenes the look of a phone's photo: light, haze, grain and a hand that is not quite level.

Everything is drawn by code from a seed, so that the repository carries no pictures of real places or people.
Coordinates are those of the finished picture, 1600 × 1200; it is drawn larger and brought down at the end.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

WIDTH, HEIGHT = 1600, 1200
QUALITY = 73

Colour = tuple[int, int, int]
XY = tuple[float, float]

# Drawn with a rim that the slight turn of the finished picture cuts away.
_SCALE = 1.1
_RIM = 30
_SIZE = (round((WIDTH + 2 * _RIM) * _SCALE), round((HEIGHT + 2 * _RIM) * _SCALE))
_WHOLE = [(-_RIM, -_RIM), (WIDTH + _RIM, -_RIM), (WIDTH + _RIM, HEIGHT + _RIM), (-_RIM, HEIGHT + _RIM)]


@dataclass(frozen=True)
class Mood:
    """The light of an hour: the sky from top to horizon, the haze in front of the hills, and a tint over the land."""

    sky: tuple[Colour, Colour, Colour]
    haze: Colour
    tint: Colour
    sun: tuple[float, float, Colour] | None = None
    clouds: float = 0.5


MORNING = Mood(
    ((120, 168, 205), (188, 212, 222), (246, 226, 196)), (222, 214, 200), (255, 246, 228), (330, 380, (255, 240, 205))
)
NOON = Mood(((70, 132, 196), (134, 184, 222), (208, 226, 232)), (196, 212, 214), (255, 255, 250), None)
GREY = Mood(((150, 162, 168), (182, 190, 193), (208, 210, 206)), (196, 198, 194), (232, 236, 238), None, 1.0)
DUSK = Mood(
    ((84, 96, 142), (196, 146, 138), (252, 196, 128)), (214, 166, 138), (255, 222, 190), (1240, 430, (255, 214, 140))
)
LOESS = Mood(
    ((176, 172, 152), (204, 194, 166), (222, 208, 176)),
    (212, 196, 164),
    (250, 240, 220),
    (900, 250, (250, 240, 205)),
    0.8,
)
NIGHT = Mood(((10, 16, 34), (22, 30, 54), (52, 50, 66)), (38, 40, 58), (92, 98, 138), None, 0.2)


def mix(a: Colour, b: Colour, part: float) -> Colour:
    """Return the colour `part` of the way from `a` to `b`."""
    return (
        round(a[0] + (b[0] - a[0]) * part),
        round(a[1] + (b[1] - a[1]) * part),
        round(a[2] + (b[2] - a[2]) * part),
    )


def shade(colour: Colour, factor: float) -> Colour:
    """Return the colour darker (below 1) or lighter (above 1)."""
    return mix((0, 0, 0), colour, factor) if factor <= 1 else mix(colour, (255, 255, 255), min(1, factor - 1))


class Canvas:
    """One picture in the making. Scenes draw on it from far to near and then `develop` it."""

    def __init__(self, rng: Random, mood: Mood) -> None:
        self.rng = rng
        self.mood = mood
        self.image = Image.new("RGB", _SIZE)
        self._pen = ImageDraw.Draw(self.image, "RGBA")

    def happens(self, chance: float) -> bool:
        """Throw a coin that falls so with this chance."""
        return self.rng.random() < chance

    def polygon(self, points: Sequence[XY], colour: Colour, alpha: int = 255) -> None:
        """Fill a shape."""
        self._pen.polygon(_scaled(points), fill=(*colour, alpha))

    def box(self, x: float, y: float, width: float, height: float, colour: Colour, alpha: int = 255) -> None:
        """Fill an upright rectangle; (x, y) is its upper left corner."""
        self._pen.rectangle(_scaled([(x, y), (x + width, y + height)]), fill=(*colour, alpha))

    def oval(self, x: float, y: float, rx: float, ry: float, colour: Colour, alpha: int = 255) -> None:
        """Fill an ellipse around (x, y)."""
        self._pen.ellipse(_scaled([(x - rx, y - ry), (x + rx, y + ry)]), fill=(*colour, alpha))

    def line(self, points: Sequence[XY], colour: Colour, width: float = 2, alpha: int = 255) -> None:
        """Draw a line through the points."""
        self._pen.line(_scaled(points), fill=(*colour, alpha), width=max(1, round(width * _SCALE)), joint="curve")

    def gradient(self, points: Sequence[XY], *colours: Colour) -> None:
        """Fill a shape with colours that run evenly from its top to its bottom."""
        box, mask = _stencil(points)
        column = Image.new("RGB", (1, len(colours)))
        column.putdata(list(colours))
        filled = column.resize((1, mask.height), Image.Resampling.BILINEAR).resize(mask.size, Image.Resampling.NEAREST)
        self.image.paste(filled, box, mask)

    def mottle(self, points: Sequence[XY], colour: Colour, strength: float, grain: float, stretch: float = 1) -> None:
        """Break up a shape with soft spots of `colour`, about `grain` wide and `stretch` times wider than high."""
        box, mask = _stencil(points)
        cells = (max(2, round(mask.width / grain / stretch)), max(2, round(mask.height / grain)))
        spots = Image.frombytes("L", cells, self.rng.randbytes(cells[0] * cells[1])).point(_steep(strength))
        spots = spots.resize(mask.size, Image.Resampling.BILINEAR)
        self.image.paste(colour, box, ImageChops.multiply(spots, mask))

    def glow(self, x: float, y: float, radius: float, colour: Colour, strength: float = 1) -> None:
        """Shine a soft round light."""
        size = round(2 * radius * _SCALE)
        disc = Image.radial_gradient("L").point(
            [round((1 - min(v / 180, 1)) ** 2 * 255 * strength) for v in range(256)]
        )
        self.image.paste(colour, (_at(x - radius), _at(y - radius)), disc.resize((size, size)))

    def vapour(self, puffs: Iterable[tuple[float, float, float, float]], colour: Colour, soft: float = 1) -> None:
        """Let smoke or dust hang in the air: puffs of (x, y, radius, density), torn by a little turbulence."""
        small = 10
        cloud = Image.new("L", (_SIZE[0] // small, _SIZE[1] // small))
        for x, y, radius, density in puffs:
            one = Image.new("L", cloud.size)
            place = [_at(v) / small for v in (x - radius, y - radius, x + radius, y + radius)]
            ImageDraw.Draw(one).ellipse(place, fill=round(255 * density))
            cloud = ImageChops.screen(cloud, one)
        cloud = cloud.filter(ImageFilter.GaussianBlur(2.4 * soft))
        cloud = ImageChops.multiply(cloud, self._turbulence(cloud.size)).filter(ImageFilter.GaussianBlur(0.8 * soft))
        found = cloud.getbbox()
        if found:
            left, top, right, bottom = found
            size = ((right - left) * small, (bottom - top) * small)
            hanging = cloud.crop(found).resize(size, Image.Resampling.BICUBIC)
            self.image.paste(colour, (left * small, top * small), hanging)

    def light_up(self) -> None:
        """Lay the tint of the hour over all that is drawn; lamps and fires are drawn after it."""
        self.image = ImageChops.multiply(self.image, Image.new("RGB", _SIZE, self.mood.tint))
        self._pen = ImageDraw.Draw(self.image, "RGBA")

    def sky(self, horizon: float) -> None:
        """Fill the sky down to a little below the horizon, with sun and clouds."""
        self.gradient([*_WHOLE[:2], (WIDTH + _RIM, horizon + 40), (-_RIM, horizon + 40)], *self.mood.sky)
        if self.mood.sun:
            x, y, colour = self.mood.sun
            self.glow(x, min(y, horizon - 60), 620, colour, 0.85)
            self.glow(x, min(y, horizon - 60), 90, (255, 252, 240), 1)
        pale = shade(mix(self.mood.sky[1], self.mood.sky[2], 0.5), 1.35)
        puffs: list[tuple[float, float, float, float]] = []
        for _ in range(round(6 * self.mood.clouds)):
            x, y = self.rng.uniform(0, WIDTH), self.rng.uniform(20, horizon * 0.6)
            wide = self.rng.uniform(120, 300)
            puffs += [
                (x + self.rng.gauss(0, wide), y + self.rng.gauss(0, wide / 9), self.rng.uniform(20, wide / 3), 0.16)
                for _ in range(7)
            ]
        self.vapour(puffs, pale, 1.6)

    def develop(self, mark: Sequence[Sequence[XY]]) -> bytes:
        """Finish the photo as a JPEG: mirrored or not, turned a little, darker at the rim, with grain and the mark."""
        image = self.image
        if self.happens(0.5):  # as often as not
            image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        image = _turned(image, self.rng.uniform(-0.017, 0.017))
        image = ImageChops.multiply(image, _vignette()).filter(ImageFilter.BoxBlur(0.55))
        image = _with_grain(image, self.rng)
        pen = ImageDraw.Draw(image, "RGBA")
        for stroke in mark:
            pen.line([(x + 2, y + 2) for x, y in stroke], fill=(0, 0, 0, 110), width=4)
            pen.line(list(stroke), fill=(255, 255, 255, 215), width=4)
        file = BytesIO()
        image.save(file, "JPEG", quality=QUALITY, subsampling="4:2:0")
        return file.getvalue()

    def _turbulence(self, size: tuple[int, int]) -> Image.Image:
        """Return large and small eddies between half and full."""
        large, small = (self._noise(size, part) for part in (10, 4))
        return Image.blend(large, small, 0.4).point([min(255, 90 + round(v * 0.95)) for v in range(256)])

    def _noise(self, size: tuple[int, int], grain: int) -> Image.Image:
        """Return smooth noise with spots of about `grain` pixels."""
        cells = (max(2, size[0] // grain), max(2, size[1] // grain))
        spots = Image.frombytes("L", cells, self.rng.randbytes(cells[0] * cells[1]))
        return spots.resize(size, Image.Resampling.BICUBIC)


def below(points: Sequence[XY], bottom: float = HEIGHT + _RIM) -> list[XY]:
    """Close a line from left to right into a shape that reaches down to `bottom`."""
    return [*points, (points[-1][0], bottom), (points[0][0], bottom)]


def along(points: Sequence[XY], x: float) -> float:
    """Return the height of a line from left to right at `x`."""
    for (x_a, y_a), (x_b, y_b) in pairwise(points):
        if x_a <= x <= x_b and x_b > x_a:
            return y_a + (y_b - y_a) * (x - x_a) / (x_b - x_a)
    return points[-1][1]


def _at(value: float) -> int:
    return round((value + _RIM) * _SCALE)


def _scaled(points: Sequence[XY]) -> list[tuple[float, float]]:
    return [((x + _RIM) * _SCALE, (y + _RIM) * _SCALE) for x, y in points]


def _stencil(points: Sequence[XY]) -> tuple[tuple[int, int, int, int], Image.Image]:
    """Return the box around a shape, as far as it is on the canvas, and the shape within it as a mask."""
    scaled = _scaled(points)
    left, top = (max(0, math.floor(min(values))) for values in zip(*scaled, strict=True))
    right, bottom = (
        max(low + 1, min(high, math.ceil(max(values)) + 1))
        for values, low, high in zip(zip(*scaled, strict=True), (left, top), _SIZE, strict=True)
    )
    mask = Image.new("L", (right - left, bottom - top))
    ImageDraw.Draw(mask).polygon([(x - left, y - top) for x, y in scaled], fill=255)
    return (left, top, right, bottom), mask


def _steep(strength: float) -> list[int]:
    """Return the curve that leaves the darker half of a noise out and lets the rest through up to `strength`."""
    return [round(max(0, v - 105) / 150 * 255 * strength) for v in range(256)]


def _turned(image: Image.Image, angle: float) -> Image.Image:
    """Turn by a small angle (radians) around the middle and bring down to the size of the photo, in one go."""
    half_x, half_y = image.width / 2, image.height / 2
    return image.transform(
        (WIDTH, HEIGHT),
        Image.Transform.AFFINE,
        (
            _SCALE,
            _SCALE * angle,
            half_x - _SCALE * (WIDTH / 2 + angle * HEIGHT / 2),
            -_SCALE * angle,
            _SCALE,
            half_y - _SCALE * (HEIGHT / 2 - angle * WIDTH / 2),
        ),
        Image.Resampling.BILINEAR,
    )


def _vignette() -> Image.Image:
    rim = Image.radial_gradient("L").point([255 - round(max(0, v - 100) ** 2 / 520) for v in range(256)])
    return Image.merge("RGB", [rim.resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR)] * 3)


def _with_grain(image: Image.Image, rng: Random) -> Image.Image:
    """Add the noise of a small sensor: one patch, laid four times turned, since nobody compares the quarters."""
    half = (WIDTH // 2, HEIGHT // 2)
    patch = Image.frombytes("L", half, rng.randbytes(half[0] * half[1]))
    patch = patch.filter(ImageFilter.BoxBlur(0.5)).point([128 + round((v - 128) * 0.13) for v in range(256)])
    grain = Image.new("L", (WIDTH, HEIGHT))
    grain.paste(patch, (0, 0))
    grain.paste(patch.transpose(Image.Transpose.FLIP_LEFT_RIGHT), (half[0], 0))
    grain.paste(patch.transpose(Image.Transpose.FLIP_TOP_BOTTOM), (0, half[1]))
    grain.paste(patch.transpose(Image.Transpose.ROTATE_180), half)
    return ImageChops.add(image, Image.merge("RGB", [grain] * 3), 1, -128)
