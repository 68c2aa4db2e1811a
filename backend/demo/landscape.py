"""What stands in the scenes of the demo's photos: loess hills, water, poplars, houses, roads, stones."""

import math
from collections.abc import Sequence

from backend.demo.canvas import HEIGHT, WIDTH, XY, Canvas, Colour, along, below, mix, shade

LOESS_EARTH = (196, 164, 114)
GRASS = (112, 132, 72)
DRY_GRASS = (168, 156, 98)
EARTH = (142, 112, 80)
CONCRETE = (178, 174, 164)
ASPHALT = (96, 98, 102)
LEAF = (74, 112, 58)
BRICK = (158, 92, 72)

_EDGE = 40
_STEP = 20


def ridge(canvas: Canvas, level: float, height: float, waves: float = 3) -> list[XY]:
    """Return the outline of a range of rounded hills from left to right."""
    rng = canvas.rng
    parts = [(rng.uniform(0.6, 1.3) * waves * 2**i, rng.uniform(0, 7), 0.46**i) for i in range(4)]
    line: list[XY] = []
    for x in range(-_EDGE, WIDTH + _EDGE + 1, _STEP):
        rise = sum(size * math.sin(x / WIDTH * often * math.pi + shift) for often, shift, size in parts)
        line.append((x, level - height * (0.5 + rise / 2.4)))
    return line


def hills(canvas: Canvas, horizon: float, *, count: int = 3, green: float = 0.35) -> None:
    """Draw ranges of loess hills, the far ones paler, with their terraces; they end at the horizon."""
    for layer in range(count):
        near = (layer + 1) / count
        outline = ridge(canvas, horizon - 30 + 20 * near, 240 * (1.25 - near * 0.7), 2 + layer)
        earth = mix(
            mix(LOESS_EARTH, GRASS, green + canvas.rng.uniform(-0.1, 0.15)), canvas.mood.haze, 0.78 - 0.5 * near
        )
        shape = below(outline, horizon + 30)
        canvas.gradient(shape, shade(earth, 1.06), earth, mix(earth, canvas.mood.haze, 0.35))
        _gullies(canvas, outline, horizon, shade(earth, 0.86))
        for terrace in range(1, 7):
            drop = terrace * (10 + 9 * near)
            flat = 1 - terrace * 0.1
            level = sum(y for _, y in outline) / len(outline)
            line = [(x, level + (y - level) * flat + drop) for x, y in outline]
            canvas.line(line, shade(earth, 0.9 if terrace % 2 else 1.12), 2 + 2 * near, 120)
        canvas.mottle(shape, mix(shade(earth, 0.72), LEAF, 0.35), 0.4 * near + 0.1, 46)


def _gullies(canvas: Canvas, outline: Sequence[XY], horizon: float, colour: Colour) -> None:
    for x, y in outline[:: canvas.rng.choice((3, 4))]:
        shift = canvas.rng.uniform(-50, 50)
        foot = y + (horizon - y) * canvas.rng.uniform(0.4, 0.9)
        canvas.polygon([(x - 4, y + 8), (x + 3, y + 6), (x + shift + 26, foot), (x + shift - 12, foot)], colour, 70)


def ground(canvas: Canvas, top: Sequence[XY], *colours: Colour, tufts: int = 700, tuft: Colour = DRY_GRASS) -> None:
    """Fill the land below a line and let grass stand on it, taller towards the viewer."""
    shape = below(top)
    canvas.gradient(shape, *colours)
    canvas.mottle(shape, shade(colours[-1], 0.6), 0.55, 60, 2.2)
    canvas.mottle(shape, shade(colours[0], 1.25), 0.4, 22, 2.5)
    canvas.mottle(shape, shade(colours[-1], 0.5), 0.3, 7, 1.6)
    grass(canvas, top, tufts, tuft)


def grass(canvas: Canvas, top: Sequence[XY], count: int, colour: Colour, bottom: float = HEIGHT + 20) -> None:
    """Scatter blades below a line, small and pale far away, long and dark near."""
    rng = canvas.rng
    spots: list[XY] = []
    for _ in range(count):
        x = rng.uniform(-20, WIDTH + 20)
        start = along(top, x)
        spots.append((x, start + (bottom - start) * rng.random() ** 1.4))
    for x, y in sorted(spots, key=lambda spot: spot[1]):
        near = max(0.05, (y - 500) / 700)
        tall = 6 + 40 * near * rng.uniform(0.5, 1.2)
        tone = shade(mix(colour, canvas.mood.haze, 0.35 * (1 - near)), rng.uniform(0.6, 1.15))
        for _ in range(3):
            lean = rng.uniform(-0.5, 0.5) * tall
            canvas.line([(x, y), (x + lean * 0.4, y - tall * 0.6), (x + lean, y - tall)], tone, 1 + 2 * near, 210)


def stones(
    canvas: Canvas, top: Sequence[XY], count: int, colour: Colour, *, size: float = 26, depth: float = 120
) -> None:
    """Lay stones along a line, each with a lit top and a shadow."""
    rng = canvas.rng
    spots = [(rng.uniform(-20, WIDTH + 20), rng.random()) for _ in range(count)]
    for x, near in sorted(spots, key=lambda spot: spot[1]):
        y = along(top, x) + depth * near
        stone(canvas, x, y, size * (0.35 + near) * rng.uniform(0.5, 1.2), shade(colour, rng.uniform(0.7, 1.15)))


def stone(canvas: Canvas, x: float, y: float, size: float, colour: Colour) -> None:
    """Lay one stone."""
    rng = canvas.rng
    turns = [i * math.pi / 4 for i in range(8)]
    rim = [
        (math.cos(t) * size * rng.uniform(0.8, 1.15), math.sin(t) * size * 0.62 * rng.uniform(0.8, 1.1)) for t in turns
    ]
    canvas.oval(x + size * 0.25, y + size * 0.45, size * 1.1, size * 0.35, (30, 26, 20), 90)
    canvas.polygon([(x + a, y + b) for a, b in rim], shade(colour, 0.72))
    canvas.polygon([(x + a * 0.8 - size * 0.12, y + b * 0.66 - size * 0.16) for a, b in rim], colour)
    canvas.polygon([(x + a * 0.4 - size * 0.22, y + b * 0.3 - size * 0.28) for a, b in rim], shade(colour, 1.14), 170)


def water(canvas: Canvas, shape: Sequence[XY], far: Colour, near: Colour, *, ripples: int = 420) -> None:
    """Fill a shape with water: the sky far away, its own colour near, light on every wave."""
    top, bottom = min(y for _, y in shape), max(y for _, y in shape)
    canvas.gradient(shape, mix(far, canvas.mood.sky[2], 0.55), mix(far, near, 0.5), near, shade(near, 0.84))
    canvas.mottle(shape, shade(near, 0.55), 0.5, 34, 7)
    canvas.mottle(shape, mix(near, canvas.mood.sky[1], 0.75), 0.5, 16, 10)
    canvas.mottle(shape, mix(near, canvas.mood.sky[2], 0.9), 0.42, 6, 12)
    rng = canvas.rng
    left, right = min(x for x, _ in shape), max(x for x, _ in shape)
    for _ in range(ripples):
        near_by = rng.random() ** 1.5
        y = top + (bottom - top) * near_by
        x = rng.uniform(left, right)
        if _holds(shape, x, y):
            wide = 8 + 60 * near_by * rng.random()
            tone = mix(near, canvas.mood.sky[2], rng.uniform(0.5, 1)) if canvas.happens(0.6) else shade(near, 0.6)
            canvas.oval(x, y, wide, 0.8 + 2 * near_by, tone, 80)


def _holds(shape: Sequence[XY], x: float, y: float) -> bool:
    """Whether the point lies in the shape."""
    inside = False
    for (x_a, y_a), (x_b, y_b) in zip(shape, [*shape[1:], shape[0]], strict=True):
        if (y_a > y) != (y_b > y) and x < x_a + (y - y_a) / (y_b - y_a) * (x_b - x_a):
            inside = not inside
    return inside


def poplar(canvas: Canvas, x: float, foot: float, tall: float, *, leaf: Colour = LEAF, haze: float = 0) -> None:
    """Plant a poplar, the tree of every road here."""
    rng = canvas.rng
    trunk = mix((96, 84, 68), canvas.mood.haze, haze)
    canvas.oval(x + tall * 0.08, foot, tall * 0.16, tall * 0.018, (40, 40, 26), 80)
    canvas.polygon(
        [(x - tall * 0.012, foot), (x + tall * 0.014, foot), (x + 1.5, foot - tall * 0.9), (x - 1, foot - tall * 0.9)],
        trunk,
    )
    for i in range(190):
        up = 0.16 + 0.84 * i / 190
        wide = tall * 0.115 * math.sin(min(1, (up - 0.1) * 1.25) * math.pi * 0.92) ** 0.7
        a = max(-0.9, min(0.9, rng.gauss(0, 0.45)))
        tone = shade(mix(leaf, canvas.mood.haze, haze), 0.78 + 0.28 * (0.5 - a) + rng.uniform(-0.12, 0.12))
        size = tall * rng.uniform(0.009, 0.024)
        canvas.oval(x + a * wide, foot - tall * up + rng.gauss(0, 4), size, size * 1.5, tone, 225)


def bush(canvas: Canvas, x: float, y: float, size: float, colour: Colour = LEAF) -> None:
    """Grow a bush; (x, y) is its foot."""
    rng = canvas.rng
    canvas.oval(x, y, size * 1.1, size * 0.16, (26, 30, 18), 90)
    for i in range(80):
        turn, far = rng.uniform(0, math.pi), math.sqrt(rng.random())
        a, b = math.cos(turn) * size * far, math.sin(turn) * size * 0.8 * far
        tone = shade(colour, 0.55 + 0.5 * (b / size) + 0.15 * i / 80 + rng.uniform(-0.1, 0.1))
        leaf = size * rng.uniform(0.05, 0.14)
        canvas.oval(x + a, y - b, leaf, leaf * 0.75, tone, 235)


def reeds(canvas: Canvas, line: Sequence[XY], count: int, tall: float, colour: Colour = DRY_GRASS) -> None:
    """Let reeds stand along a line."""
    rng = canvas.rng
    for _ in range(count):
        x = rng.uniform(line[0][0], line[-1][0])
        y = along(line, x) + rng.uniform(-4, 18)
        high, lean = tall * rng.uniform(0.5, 1.1), rng.gauss(0, 0.16)
        tip = (x + lean * high, y - high)
        canvas.line(
            [(x, y), (x + lean * high * 0.3, y - high * 0.6), tip], shade(colour, rng.uniform(0.55, 1.1)), 2.5, 230
        )
        if canvas.happens(0.3):  # every third carries its plume
            canvas.oval(*tip, 3.5, 13, shade((190, 160, 116), rng.uniform(0.8, 1.1)), 230)


def block(  # noqa: PLR0913 -- a house has this many measures
    canvas: Canvas, x: float, foot: float, wide: float, high: float, colour: Colour, *, haze: float = 0.3
) -> None:
    """Build an apartment house of six or more floors, with its side in the shade."""
    face = mix(colour, canvas.mood.haze, haze)
    deep = wide * 0.16
    canvas.polygon(
        [(x + wide, foot), (x + wide + deep, foot), (x + wide + deep, foot - high * 0.97), (x + wide, foot - high)],
        shade(face, 0.7),
    )
    canvas.gradient(
        [(x, foot), (x, foot - high), (x + wide, foot - high), (x + wide, foot)], shade(face, 1.06), shade(face, 0.92)
    )
    canvas.box(x - 3, foot - high - 6, wide + 6, 8, shade(face, 0.8))
    floors, rooms = max(3, round(high / 34)), max(3, round(wide / 34))
    step_x, step_y = wide / rooms, high / floors
    for floor in range(floors):
        canvas.line([(x, foot - floor * step_y), (x + wide, foot - floor * step_y)], shade(face, 0.84), 1.5, 150)
        for room in range(rooms):
            glass = mix(mix((84, 104, 120), canvas.mood.sky[1], canvas.rng.uniform(0, 0.6)), canvas.mood.haze, haze)
            canvas.box(x + (room + 0.24) * step_x, foot - (floor + 0.78) * step_y, step_x * 0.52, step_y * 0.48, glass)


def town(canvas: Canvas, foot: float, *, count: int = 7, high: float = 190, haze: float = 0.55) -> None:
    """Draw a row of apartment houses in the haze."""
    rng = canvas.rng
    x = rng.uniform(-120, 60)
    for _ in range(count):
        wide = rng.uniform(90, 190)
        wall = rng.choice([(214, 200, 176), (196, 176, 150), (206, 206, 202), (188, 158, 132)])
        block(canvas, x, foot, wide, high * rng.uniform(0.5, 1.1), wall, haze=haze)
        x += wide + rng.uniform(24, 130)


def shed(  # noqa: PLR0913 -- a hall has this many measures
    canvas: Canvas, x: float, foot: float, wide: float, high: float, colour: Colour, *, haze: float = 0.1
) -> None:
    """Build a factory hall with a ribbed wall and a flat gable."""
    wall, roof = mix(colour, canvas.mood.haze, haze), mix((96, 116, 134), canvas.mood.haze, haze)
    canvas.gradient(
        [(x, foot), (x, foot - high), (x + wide, foot - high), (x + wide, foot)], shade(wall, 1.08), shade(wall, 0.8)
    )
    for rib in range(0, round(wide), 14):
        canvas.line([(x + rib, foot - high), (x + rib, foot)], shade(wall, 0.82), 1.5, 90)
    canvas.polygon([(x - 14, foot - high), (x + wide / 2, foot - high * 1.32), (x + wide + 14, foot - high)], roof)
    canvas.polygon(
        [(x + wide / 2, foot - high * 1.32), (x + wide + 14, foot - high), (x + wide * 0.6, foot - high)],
        shade(roof, 0.8),
    )
    canvas.box(x + wide * 0.4, foot - high * 0.6, wide * 0.2, high * 0.6, shade(wall, 0.55))


def road(canvas: Canvas, vanish: XY, left: float, right: float, colour: Colour = ASPHALT) -> None:
    """Lay a road from the lower edge to where it vanishes, with a broken line in the middle."""
    shape = [(vanish[0] - 14, vanish[1]), (vanish[0] + 14, vanish[1]), (right, HEIGHT + 40), (left, HEIGHT + 40)]
    canvas.gradient(shape, mix(colour, canvas.mood.haze, 0.5), colour, shade(colour, 0.9))
    canvas.mottle(shape, shade(colour, 0.62), 0.4, 40, 2)
    canvas.mottle(shape, shade(colour, 1.2), 0.34, 5, 1.4)
    middle, deep = (left + right) / 2, HEIGHT + 40 - vanish[1]
    for dash in range(9):
        start, end = (dash / 9) ** 2, ((dash + 0.5) / 9) ** 2
        a, b = _toward(vanish, (middle, HEIGHT + 40), start), _toward(vanish, (middle, HEIGHT + 40), end)
        wide = 9 * (b[1] - vanish[1]) / deep + 0.6
        canvas.polygon(
            [(a[0] - wide * 0.6, a[1]), (a[0] + wide * 0.6, a[1]), (b[0] + wide, b[1]), (b[0] - wide, b[1])],
            (226, 222, 204),
            190,
        )


def _toward(start: XY, end: XY, part: float) -> XY:
    return start[0] + (end[0] - start[0]) * part, start[1] + (end[1] - start[1]) * part
