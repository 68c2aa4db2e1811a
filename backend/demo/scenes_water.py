"""Scenes with water in the demo's photos: an outfall, a black ditch, a foul pond, a sand dredger."""

import math

from backend.demo.canvas import HEIGHT, WIDTH, XY, Canvas, Colour, below, mix, shade
from backend.demo.landscape import (
    CONCRETE,
    DRY_GRASS,
    EARTH,
    GRASS,
    LEAF,
    block,
    bush,
    grass,
    ground,
    hills,
    poplar,
    reeds,
    stone,
    stones,
    town,
    water,
)

BROWN, MILKY, INK, RUST = (112, 76, 42), (200, 196, 182), (40, 42, 42), (128, 66, 44)
RIVER = (104, 116, 98)


def outfall(canvas: Canvas) -> None:
    """A concrete pipe lets coloured water into a river below the hills."""
    rng = canvas.rng
    horizon = rng.uniform(410, 480)
    waste = rng.choice([BROWN, BROWN, BROWN, MILKY, INK, RUST])
    canvas.sky(horizon)
    hills(canvas, horizon, green=rng.uniform(0.2, 0.6))
    _far_bank(canvas, horizon)
    surface = [(-40, horizon + 50), (WIDTH + 40, horizon + 40), (WIDTH + 40, HEIGHT + 40), (-40, HEIGHT + 40)]
    water(canvas, surface, RIVER, mix(RIVER, (92, 88, 62), 0.4))
    mouth_x, mouth_y = rng.uniform(540, 700), rng.uniform(700, 760)
    fall = mouth_y + rng.uniform(150, 190)
    _plume(canvas, mouth_x, fall, waste)
    _embankment(canvas, mouth_x, mouth_y, fall)
    _pour(canvas, mouth_x, mouth_y, fall, waste)
    _foam(canvas, mouth_x + 30, fall, waste)
    reeds(canvas, [(-40, 1130), (460, 1220)], 60, 210)
    reeds(canvas, [(1250, 1230), (1640, 1180)], rng.choice((0, 40, 70)), 190)
    canvas.light_up()


def _far_bank(canvas: Canvas, horizon: float) -> None:
    rng = canvas.rng
    bank = [(x, horizon + 26 + 8 * math.sin(x / 180)) for x in range(-40, WIDTH + 41, 40)]
    green = mix(GRASS, canvas.mood.haze, 0.35)
    if canvas.happens(0.5):  # a town or fields on the other side
        town(canvas, horizon + 30, count=6, high=130, haze=0.6)
    canvas.gradient(below(bank, horizon + 66), green, shade(green, 0.7))
    for _ in range(rng.randint(8, 16)):
        bush(canvas, rng.uniform(0, WIDTH), horizon + 40, rng.uniform(16, 40), mix(LEAF, canvas.mood.haze, 0.3))
    for _ in range(rng.randint(3, 9)):
        poplar(canvas, rng.uniform(0, WIDTH), horizon + 40, rng.uniform(90, 170), haze=0.35)


def _embankment(canvas: Canvas, mouth_x: float, mouth_y: float, fall: float) -> None:
    """A sloping bank of set stone on the left, from which the pipe sticks out."""
    rng = canvas.rng
    edge: list[XY] = [(-40, mouth_y - 260), (mouth_x * 0.5, mouth_y - 215), (mouth_x - 60, mouth_y - 150)]
    foot: list[XY] = [(mouth_x + 20, fall + 30), (mouth_x - 130, HEIGHT + 40), (-40, HEIGHT + 40)]
    canvas.gradient([*edge, *foot], shade(CONCRETE, 0.95), shade(CONCRETE, 0.72), shade(CONCRETE, 0.5))
    for row in range(13):
        part = row / 13
        y = mouth_y - 190 + part * (HEIGHT - mouth_y + 240)
        canvas.line([(-40, y - 40), (mouth_x - 40 + 60 * math.sin(part * 3), y + 18)], shade(CONCRETE, 0.5), 2, 120)
        for x in range(-20 + 45 * (row % 2), round(mouth_x), 92):
            canvas.line([(x, y - 24), (x + 12, y + 40)], shade(CONCRETE, 0.5), 2, 90)
    canvas.mottle([*edge, *foot], (66, 70, 50), 0.5, 50)
    canvas.mottle([*edge, *foot], shade(CONCRETE, 1.1), 0.3, 6)
    grass(
        canvas,
        [(-40, mouth_y - 262), (mouth_x * 0.5, mouth_y - 218), (mouth_x - 70, mouth_y - 150)],
        90,
        GRASS,
        mouth_y - 120,
    )
    for _ in range(7):
        stone(
            canvas,
            mouth_x - 60 + rng.uniform(-110, 80),
            fall + rng.uniform(10, 90),
            rng.uniform(24, 52),
            (128, 122, 110),
        )


def _pour(canvas: Canvas, x: float, y: float, fall: float, waste: Colour) -> None:
    """The pipe itself and what comes out of it."""
    rng = canvas.rng
    size = rng.uniform(50, 68)
    body = shade(CONCRETE, 0.84)
    canvas.gradient(
        [(x - 230, y - size - 34), (x, y - size), (x, y + size), (x - 230, y + size - 26)],
        shade(body, 1.2),
        body,
        shade(body, 0.45),
    )
    canvas.mottle(
        [(x - 230, y - size - 34), (x, y - size), (x, y + size), (x - 230, y + size - 26)], (70, 64, 48), 0.5, 24
    )
    canvas.oval(x, y, size * 0.44, size, shade(body, 1.1))
    canvas.oval(x + 3, y + 2, size * 0.35, size * 0.86, (24, 22, 20))
    edges: list[tuple[list[XY], Colour, int]] = []
    for _ in range(26):
        start = (x + rng.uniform(-10, 14), y + size * rng.uniform(0.28, 0.8))
        reach = rng.uniform(30, 96)
        tone = shade(waste, rng.uniform(0.7, 1.35))
        curve = [(start[0] + reach * t, start[1] + (fall - start[1] + 14) * t * t) for t in (0, 0.25, 0.5, 0.75, 1)]
        edges.append((curve, tone, rng.randint(5, 13)))
    sheet = [
        (x - 8, y + size * 0.3),
        (x + 26, y + size * 0.4),
        (x + 82, fall),
        (x + 100, fall + 20),
        (x + 4, fall + 20),
        (x + 12, y + size),
    ]
    canvas.gradient(sheet, shade(waste, 1.05), waste, shade(waste, 1.2))
    for curve, tone, wide in edges:
        canvas.line(curve, tone, wide, 170)


def _plume(canvas: Canvas, x: float, y: float, waste: Colour) -> None:
    """The stain that spreads downstream."""
    rng = canvas.rng
    for i in range(150):
        far = rng.random() ** 0.8
        spread = 30 + 210 * far
        canvas.oval(
            x + 60 + far * 1050 + rng.gauss(0, 30),
            y + 20 + far * 120 + rng.gauss(0, spread * 0.42),
            70 + 110 * far,
            9 + 15 * far,
            shade(waste, rng.uniform(0.82, 1.2)),
            round(105 * (1 - far) + 18),
        )
        if i % 3 == 0:
            canvas.oval(x + 60 + far * 900, y + rng.gauss(20 + far * 110, spread * 0.4), 60, 2.5, shade(waste, 1.5), 60)


def _foam(canvas: Canvas, x: float, y: float, waste: Colour) -> None:
    rng = canvas.rng
    white = mix(waste, (246, 242, 232), 0.75)
    for _ in range(170):
        away = abs(rng.gauss(0, 1))
        canvas.oval(
            x + 40 + rng.gauss(0, 60) + away * 40,
            y + 22 + rng.gauss(0, 14) + away * 7,
            rng.uniform(3, 17),
            rng.uniform(2, 8),
            white,
            120,
        )


def ditch(canvas: Canvas) -> None:
    """A ditch of black water runs towards the viewer between houses and weeds."""
    rng = canvas.rng
    horizon = rng.uniform(400, 460)
    canvas.sky(horizon)
    hills(canvas, horizon, count=2, green=rng.uniform(0.2, 0.5))
    town(canvas, horizon + 24, count=7, high=rng.uniform(130, 220), haze=0.5)
    vanish = rng.uniform(620, 900)
    top = [(x, horizon + 16) for x in range(-40, WIDTH + 41, 40)]
    ground(canvas, top, mix(GRASS, canvas.mood.haze, 0.4), shade(GRASS, 0.9), shade(EARTH, 0.8), tufts=500, tuft=GRASS)
    shape = _winding(vanish, horizon + 18, rng.uniform(300, 380), rng.uniform(1180, 1320))
    wall = [(x - (12 if i < len(shape) // 2 else -12) * (y - horizon) / 160, y - 6) for i, (x, y) in enumerate(shape)]
    canvas.gradient(wall, mix(CONCRETE, canvas.mood.haze, 0.4), shade(CONCRETE, 0.8), shade(CONCRETE, 0.6))
    canvas.mottle(wall, (58, 52, 38), 0.6, 18)
    water(canvas, shape, (64, 66, 60), rng.choice([(30, 33, 32), (38, 40, 30), (26, 28, 34)]), ripples=240)
    _scum(canvas, shape, horizon)
    for side, start in ((shape[: len(shape) // 2], -70), (shape[len(shape) // 2 :][::-1], 20)):
        for x, y in side[3:]:
            if canvas.happens(0.7):  # gaps between the weeds
                near = (y - horizon) / 760
                bush(
                    canvas,
                    x + start * near + rng.uniform(-20, 20),
                    y + 6,
                    14 + 70 * near * rng.uniform(0.5, 1),
                    shade(LEAF, 0.85),
                )
    for i in range(rng.randint(2, 5)):
        poplar(
            canvas,
            rng.choice((rng.uniform(30, 330), rng.uniform(1250, 1560))),
            horizon + 90 + i * 28,
            rng.uniform(240, 420),
            haze=0.15,
        )
    canvas.light_up()


def _winding(vanish: float, top: float, left: float, right: float) -> list[XY]:
    """Return the shape of a watercourse, its left bank from far to near and its right one back."""
    lefts: list[XY] = []
    rights: list[XY] = []
    for i in range(25):
        near = (i / 24) ** 1.9
        y = top + (HEIGHT + 40 - top) * near
        bend = 240 * math.sin(i / 24 * 4.4) * (0.12 + near) * (1.06 - near)
        lefts.append((vanish - 10 + (left - vanish) * near + bend, y))
        rights.append((vanish + 10 + (right - vanish) * near + bend, y))
    return [*lefts, *reversed(rights)]


def _scum(canvas: Canvas, shape: list[XY], horizon: float) -> None:
    """What swims on it: scum, bottles, bags."""
    rng = canvas.rng
    lefts, rights = shape[: len(shape) // 2], shape[len(shape) // 2 :][::-1]
    for _ in range(46):
        i = rng.randint(6, len(lefts) - 1)
        (left, y), (right, _) = lefts[i], rights[i]
        near = (y - horizon) / 760
        x = left + (right - left) * rng.choice((rng.uniform(0.06, 0.3), rng.uniform(0.7, 0.94), rng.uniform(0.1, 0.9)))
        y += rng.uniform(-60, 60) * near
        canvas.oval(
            x,
            y,
            90 * near * rng.random() + 6,
            9 * near + 1,
            rng.choice([(92, 96, 70), (116, 110, 92), (66, 74, 48)]),
            130,
        )
        if canvas.happens(0.45):  # litter among the scum
            tone = rng.choice([(236, 236, 232), (196, 60, 48), (60, 116, 176), (240, 214, 120), (70, 140, 90)])
            canvas.oval(x, y - 3, 7 + 20 * near, 4 + 7 * near, shade(tone, 0.82), 240)
            canvas.oval(x - 3, y - 5 - 2 * near, 4 + 9 * near, 2 + 3 * near, shade(tone, 1.25), 220)


def pond(canvas: Canvas) -> None:
    """A village pond turned green and black, with houses behind."""
    rng = canvas.rng
    horizon = rng.uniform(380, 430)
    canvas.sky(horizon)
    hills(canvas, horizon, count=3, green=0.5)
    top = [(x, horizon + 14) for x in range(-40, WIDTH + 41, 40)]
    ground(canvas, top, mix(GRASS, canvas.mood.haze, 0.4), GRASS, shade(EARTH, 0.7), tufts=400, tuft=GRASS)
    for i in range(4):
        x = 60 + i * 390 + rng.uniform(-60, 60)
        block(
            canvas,
            x,
            horizon + 56,
            rng.uniform(170, 240),
            rng.uniform(70, 110),
            rng.choice([(208, 178, 148), (214, 208, 196)]),
            haze=0.25,
        )
        canvas.polygon(
            [(x - 16, horizon - 20), (x + 30, horizon - 62), (x + 190, horizon - 62), (x + 250, horizon - 20)],
            mix((150, 84, 66), canvas.mood.haze, 0.25),
        )
    rim = [(800 + 880 * math.cos(t / 24 * math.tau), 800 + 290 * math.sin(t / 24 * math.tau)) for t in range(24)]
    water(canvas, rim, (86, 94, 70), rng.choice([(44, 52, 36), (54, 62, 30), (40, 42, 40)]))
    for _ in range(70):
        turn, far = rng.uniform(0, math.tau), rng.uniform(0.5, 0.97)
        canvas.oval(
            800 + 860 * far * math.cos(turn),
            800 + 280 * far * math.sin(turn),
            rng.uniform(20, 110),
            rng.uniform(3, 12),
            (104, 122, 48),
            90,
        )
    reeds(canvas, [(-40, 1040), (500, 1160), (1000, 1190), (1640, 1080)], 170, 170, GRASS)
    reeds(canvas, [(0, 600), (400, 575), (1200, 575), (1600, 610)], 60, 60, DRY_GRASS)
    canvas.light_up()


def dredger(canvas: Canvas) -> None:
    """A sand dredger with its belt on the river, heaps of gravel on the bank."""
    rng = canvas.rng
    horizon = rng.uniform(420, 480)
    canvas.sky(horizon)
    hills(canvas, horizon, green=rng.uniform(0.3, 0.6))
    _far_bank(canvas, horizon)
    surface = [(-40, horizon + 50), (WIDTH + 40, horizon + 44), (WIDTH + 40, HEIGHT + 40), (-40, HEIGHT + 40)]
    water(canvas, surface, RIVER, (132, 116, 84))
    _heaps(canvas)
    _boat(canvas, rng.uniform(330, 520), rng.uniform(760, 810))
    shore = [(-40, 1010), (300, 1050), (760, 1080), (1200, 1030), (1640, 960)]
    canvas.gradient(below(shore), (176, 158, 126), (142, 124, 96))
    canvas.mottle(below(shore), (96, 84, 66), 0.6, 26, 2)
    stones(canvas, shore, 150, (160, 150, 132), size=20, depth=170)
    canvas.light_up()


def _heaps(canvas: Canvas) -> None:
    for x, wide, high in ((1180, 330, 210), (1450, 380, 270), (1010, 190, 110)):
        foot = 850 + canvas.rng.uniform(-10, 30)
        heap = [
            (x - wide, foot),
            (x - wide * 0.5, foot - high * 0.55),
            (x - 20, foot - high),
            (x + 30, foot - high * 0.98),
            (x + wide * 0.55, foot - high * 0.5),
            (x + wide, foot),
        ]
        sand = (196, 174, 134)
        canvas.gradient(heap, shade(sand, 1.1), sand, shade(sand, 0.75))
        canvas.polygon([heap[3], heap[4], heap[5], (x + wide * 0.2, foot)], shade(sand, 0.62), 130)
        canvas.mottle(heap, shade(sand, 0.6), 0.6, 10)
    canvas.gradient([(760, 870), (1000, 838), (1640, 826), (1640, 940), (900, 910)], (170, 150, 116), (138, 120, 92))


def _boat(canvas: Canvas, x: float, y: float) -> None:
    steel, red = (86, 96, 104), (164, 66, 44)
    canvas.oval(x + 230, y + 62, 420, 26, (50, 46, 36), 110)
    canvas.gradient([(x - 130, y), (x + 560, y), (x + 520, y + 62), (x - 90, y + 62)], red, shade(red, 0.55))
    canvas.box(x - 130, y - 12, 690, 14, shade(steel, 1.1))
    canvas.gradient(
        [(x - 70, y - 12), (x - 70, y - 150), (x + 100, y - 150), (x + 100, y - 12)], (222, 218, 204), (176, 172, 160)
    )
    canvas.box(x - 84, y - 160, 200, 14, (70, 110, 140))
    for i in range(3):
        canvas.box(x - 54 + i * 50, y - 122, 34, 44, (70, 92, 106))
    for start, end in (((x + 150, y - 20), (x + 760, y - 270)), ((x + 170, y - 2), (x + 780, y - 246))):
        canvas.line([start, end], steel, 8)
    for i in range(13):
        a, b = x + 158 + i * 50, y - 20 - i * 20.4
        canvas.line([(a, b), (a + 22, b + 16)], steel, 4)
        canvas.oval(a + 14, b - 6, 18, 9, (190, 168, 128))
    canvas.line([(x + 420, y - 12), (x + 470, y - 150)], steel, 9)
    canvas.line([(x + 520, y - 12), (x + 470, y - 150)], steel, 9)
    canvas.polygon([(x + 770, y - 262), (x + 812, y - 30), (x + 742, y - 30)], (196, 176, 140), 190)
    canvas.line([(x + 20, y - 160), (x + 20, y - 270), (x + 200, y - 60)], shade(steel, 0.7), 5)
    canvas.vapour([(x + 90 + i * 16, y - 190 - i * 22, 18 + i * 6, 0.4) for i in range(7)], (70, 70, 70))
