"""Scenes on land in the demo's photos: dumped bags and rubble, felled trees, farm film, a street."""

import math

from backend.demo.canvas import HEIGHT, WIDTH, XY, Canvas, Colour, below, mix, shade
from backend.demo.landscape import (
    BRICK,
    CONCRETE,
    EARTH,
    GRASS,
    LEAF,
    LOESS_EARTH,
    bush,
    ground,
    hills,
    poplar,
    road,
    stone,
    town,
)
from backend.demo.scenes_night import person


def dumped_bags(canvas: Canvas) -> None:
    """Bags of waste thrown down beside a country road."""
    rng = canvas.rng
    horizon = _roadside(canvas)
    spots = [(rng.gauss(1080, 210), 0.35 + 0.65 * rng.random()) for _ in range(46)]
    for x, near in sorted(spots, key=lambda spot: spot[1]):
        y = horizon + 240 + 330 * near - max(0, 90 - abs(x - 1080) * 0.4) * rng.random()
        _bag(canvas, x, y, 34 + 66 * near * rng.uniform(0.7, 1.1))
    _litter(canvas, 1080, horizon + 500, 70)
    canvas.light_up()


def _roadside(canvas: Canvas) -> float:
    """Lay out road, trees and field; return the horizon."""
    rng = canvas.rng
    horizon = rng.uniform(400, 470)
    canvas.sky(horizon)
    hills(canvas, horizon, green=rng.uniform(0.2, 0.6))
    top = [(x, horizon + 20) for x in range(-40, WIDTH + 41, 40)]
    ground(
        canvas,
        top,
        mix(GRASS, canvas.mood.haze, 0.4),
        GRASS,
        mix(GRASS, EARTH, 0.5),
        shade(EARTH, 0.75),
        tufts=900,
        tuft=GRASS,
    )
    vanish = (rng.uniform(560, 700), horizon + 22)
    road(canvas, vanish, -760, 560)
    for i in range(7):
        far = (i / 7) ** 1.8
        poplar(canvas, vanish[0] + 46 + 860 * far, horizon + 40 + 260 * far, 130 + 560 * far, haze=0.4 * (1 - far))
        if i % 2:
            poplar(canvas, vanish[0] - 50 - 900 * far, horizon + 40 + 200 * far, 130 + 520 * far, haze=0.4 * (1 - far))
    return horizon


def _bag(canvas: Canvas, x: float, y: float, size: float) -> None:
    rng = canvas.rng
    tone = rng.choice(
        [
            (44, 46, 50),
            (52, 54, 60),
            (60, 60, 62),
            (40, 42, 44),
            (214, 210, 200),
            (72, 98, 132),
            (186, 172, 132),
            (120, 124, 120),
        ]
    )
    canvas.oval(x + size * 0.2, y + size * 0.1, size * 1.15, size * 0.26, (26, 24, 18), 120)
    lumps = [
        (
            x + size * math.cos(t / 10 * math.tau) * rng.uniform(0.78, 1.05),
            y - size * 0.5 + size * 0.62 * math.sin(t / 10 * math.tau) * rng.uniform(0.85, 1.05),
        )
        for t in range(10)
    ]
    canvas.gradient(lumps, shade(tone, 1.12), tone, shade(tone, 0.6))
    canvas.polygon(
        [
            (x - size * 0.12, y - size),
            (x + size * 0.02, y - size * 1.32),
            (x + size * 0.2, y - size * 1.24),
            (x + size * 0.12, y - size),
        ],
        shade(tone, 0.85),
    )
    for _ in range(5):
        a, b = x + rng.uniform(-0.6, 0.6) * size, y - size * rng.uniform(0.3, 0.9)
        canvas.line(
            [(a, b), (a + rng.uniform(-0.2, 0.2) * size, b + size * 0.3)], shade(tone, rng.choice((0.6, 1.35))), 2, 150
        )


def _litter(canvas: Canvas, x: float, y: float, count: int) -> None:
    rng = canvas.rng
    for _ in range(count):
        a, b, size = rng.gauss(x, 260), rng.gauss(y, 60), rng.uniform(5, 17)
        tone = rng.choice(
            [(238, 236, 230), (214, 70, 54), (70, 130, 184), (236, 206, 96), (184, 160, 128), (120, 168, 120)]
        )
        turn = rng.uniform(0, math.pi)
        corners = [
            (a + size * math.cos(turn + t) * rng.uniform(0.7, 1.4), b + size * 0.5 * math.sin(turn + t))
            for t in (0, 1.4, 3.0, 4.6)
        ]
        canvas.polygon(corners, shade(tone, rng.uniform(0.75, 1.1)), 235)


def rubble(canvas: Canvas) -> None:
    """A heap of broken brick and concrete tipped out by the road."""
    rng = canvas.rng
    horizon = _roadside(canvas)
    heap: list[XY] = [
        (640, 1010),
        (740, 880),
        (860, 800),
        (1000, 720),
        (1150, 700),
        (1300, 770),
        (1450, 880),
        (1600, 1010),
    ]
    canvas.gradient(below(heap, 1060), (176, 156, 130), (140, 120, 98), (104, 88, 72))
    canvas.mottle(below(heap, 1060), (84, 72, 60), 0.7, 16)
    for _ in range(240):
        x = rng.uniform(620, 1620)
        rise = max(0.0, 1 - abs(x - 1120) / 500)
        y = 1040 - 330 * rise * rng.random() + rng.uniform(0, 50)
        tone = rng.choice([BRICK, BRICK, CONCRETE, (190, 180, 164), (126, 112, 98)])
        if canvas.happens(0.5):  # bricks and lumps
            stone(canvas, x, y, rng.uniform(10, 34), shade(tone, rng.uniform(0.75, 1.1)))
        else:
            _brick(canvas, x, y, rng.uniform(16, 36), shade(tone, rng.uniform(0.75, 1.1)))
    for _ in range(9):
        x, y = rng.uniform(760, 1450), rng.uniform(780, 960)
        canvas.line([(x, y), (x + rng.uniform(-90, 90), y - rng.uniform(30, 120))], (92, 70, 56), 3.5)
    _litter(canvas, 1100, 1060, 36)
    del horizon
    canvas.light_up()


def _brick(canvas: Canvas, x: float, y: float, size: float, tone: Colour) -> None:
    turn = canvas.rng.uniform(-0.6, 0.6)
    a, b = size * math.cos(turn), size * math.sin(turn)
    canvas.polygon([(x, y), (x + a, y + b), (x + a, y + b + size * 0.4), (x, y + size * 0.4)], shade(tone, 0.7))
    canvas.polygon([(x, y), (x + a, y + b), (x + a * 1.25, y + b - size * 0.28), (x + a * 0.25, y - size * 0.28)], tone)


def stumps(canvas: Canvas) -> None:
    """A slope where the trees have been cut; their stumps and branches lie about."""
    rng = canvas.rng
    horizon = rng.uniform(380, 450)
    canvas.sky(horizon)
    hills(canvas, horizon, green=0.85)
    canvas.gradient(
        below([(-40, horizon), (WIDTH + 40, horizon)], horizon + 140),
        mix(GRASS, canvas.mood.haze, 0.5),
        mix(GRASS, canvas.mood.haze, 0.2),
    )
    for _ in range(30):
        poplar(
            canvas, rng.uniform(-20, WIDTH + 20), horizon + 60 + rng.uniform(-20, 30), rng.uniform(120, 220), haze=0.2
        )
    top = [(x, horizon + 70 + 40 * math.sin(x / 420 + 1)) for x in range(-40, WIDTH + 41, 40)]
    ground(canvas, top, shade(GRASS, 0.9), mix(GRASS, EARTH, 0.6), shade(EARTH, 0.72), tufts=600, tuft=GRASS)
    spots = [(rng.uniform(40, 1560), rng.random()) for _ in range(34)]
    for x, near in sorted(spots, key=lambda spot: spot[1]):
        y = horizon + 170 + 560 * near**1.2
        if canvas.happens(0.3):  # trunks among the stumps
            _trunk(canvas, x, y, 120 + 260 * near)
        else:
            _stump(canvas, x, y, 14 + 52 * near)
    canvas.light_up()


def _stump(canvas: Canvas, x: float, y: float, size: float) -> None:
    bark, wood = (96, 74, 54), (222, 188, 136)
    canvas.oval(x + size * 0.4, y + size * 0.2, size * 1.5, size * 0.36, (24, 20, 14), 120)
    canvas.gradient(
        [
            (x - size, y - size * 0.9),
            (x + size, y - size * 0.9),
            (x + size * 1.2, y + size * 0.2),
            (x - size * 1.2, y + size * 0.2),
        ],
        shade(bark, 1.1),
        shade(bark, 0.65),
    )
    canvas.oval(x, y - size * 0.9, size, size * 0.4, shade(wood, 0.85))
    canvas.oval(x, y - size * 0.92, size * 0.9, size * 0.33, wood)
    for ring in (0.66, 0.44, 0.2):
        canvas.oval(x, y - size * 0.92, size * ring, size * ring * 0.37, shade(wood, 0.82 if ring != 0.44 else 1.05))  # noqa: PLR2004
    for _ in range(10):
        a = canvas.rng.gauss(0, size * 1.5)
        canvas.oval(x + a, y + size * 0.3 + canvas.rng.uniform(-4, 10), 5, 3, shade(wood, canvas.rng.uniform(0.8, 1.1)))


def _trunk(canvas: Canvas, x: float, y: float, length: float) -> None:
    rng = canvas.rng
    turn = rng.uniform(-0.25, 0.25)
    a, b, thick = length * math.cos(turn), length * math.sin(turn) * 0.6, length * 0.09
    canvas.polygon(
        [(x, y + thick), (x + a, y + b + thick), (x + a, y + b + thick * 1.7), (x, y + thick * 1.7)], (24, 20, 14), 110
    )
    canvas.gradient(
        [(x, y - thick), (x + a, y + b - thick * 0.7), (x + a, y + b + thick * 0.7), (x, y + thick)],
        (128, 104, 78),
        (70, 54, 40),
    )
    canvas.oval(x, y, thick * 0.6, thick, (222, 188, 136))
    for _ in range(4):
        part = rng.uniform(0.4, 1)
        canvas.line(
            [(x + a * part, y + b * part), (x + a * part + rng.uniform(-40, 60), y + b * part - rng.uniform(30, 90))],
            (84, 66, 50),
            4,
        )
    bush(canvas, x + a * 1.05, y + b + 14, length * 0.2, shade(LEAF, 0.9))


def farm_film(canvas: Canvas) -> None:
    """Torn mulch film and bottles left on terraced fields."""
    rng = canvas.rng
    horizon = rng.uniform(380, 440)
    canvas.sky(horizon)
    hills(canvas, horizon, green=0.45)
    top = [(x, horizon + 26) for x in range(-40, WIDTH + 41, 40)]
    ground(canvas, top, mix(LOESS_EARTH, canvas.mood.haze, 0.3), shade(LOESS_EARTH, 0.9), shade(EARTH, 0.85), tufts=300)
    for row in range(-9, 10):
        far, near = 800 + row * 62, 800 + row * 300
        strip = [(far, horizon + 30), (far + 20, horizon + 30), (near + 120, HEIGHT + 40), (near, HEIGHT + 40)]
        canvas.polygon(strip, (226, 230, 228), 120)
        canvas.mottle(strip, (150, 120, 84), 0.9, 16, 0.6)
    for _ in range(70):
        x, near = rng.uniform(0, WIDTH), rng.random() ** 0.7
        y, size = horizon + 80 + 680 * near, 10 + 60 * near * rng.random()
        shape = [
            (x + size * math.cos(t), y + size * 0.42 * math.sin(t) * rng.uniform(0.5, 1.4))
            for t in (0, 0.8, 1.9, 2.6, 3.5, 4.4, 5.4)
        ]
        canvas.polygon(shape, rng.choice([(236, 240, 240), (206, 212, 214), (250, 250, 248)]), 200)
        canvas.line(shape[:4], (170, 176, 178), 2, 160)
    _litter(canvas, 800, 1060, 24)
    for _ in range(3):
        bush(canvas, rng.uniform(0, WIDTH), horizon + rng.uniform(50, 90), rng.uniform(30, 60))
    canvas.light_up()


def street(canvas: Canvas) -> None:
    """A street of the old town: shops, trees, scooters, somebody walking."""
    rng = canvas.rng
    horizon = 560
    canvas.sky(horizon)
    hills(canvas, horizon, count=2, green=0.5)
    town(canvas, horizon + 30, count=6, high=180, haze=0.5)
    vanish = (rng.uniform(740, 860), float(horizon + 10))
    canvas.gradient(below([(-40, horizon + 30), (WIDTH + 40, horizon + 30)]), (178, 172, 162), (196, 190, 178))
    road(canvas, vanish, 60, 1560)
    for side in (-1, 1):
        for i in range(6):
            far = ((6 - i) / 6) ** 2
            _shop(canvas, vanish, side, far, ((5 - i) / 6) ** 2)
    for i in range(4):
        far = ((i + 1) / 5) ** 1.6
        for side in (-1, 1):
            poplar(
                canvas,
                vanish[0] + side * (40 + 620 * far),
                horizon + 40 + 430 * far,
                150 + 520 * far,
                leaf=rng.choice([LEAF, (166, 146, 58)]),
                haze=0.3 * (1 - far),
            )
    for _ in range(5):
        far = rng.uniform(0.15, 0.7)
        side = rng.choice((-1, 1))
        person(canvas, vanish[0] + side * (30 + 560 * far), horizon + 60 + 520 * far, 50 + 300 * far)
    canvas.light_up()


def _shop(canvas: Canvas, vanish: XY, side: int, near: float, far: float) -> None:
    """One house front of the row on the left (-1) or right (1), seen in perspective."""
    rng = canvas.rng
    a, b = vanish[0] + side * (46 + 1000 * near), vanish[0] + side * (46 + 1000 * far)
    foot_a, foot_b = vanish[1] + 26 + 380 * near, vanish[1] + 26 + 380 * far
    high = rng.uniform(0.85, 1.15)
    top_a, top_b = vanish[1] - (40 + 640 * near) * high, vanish[1] - (40 + 640 * far) * high
    wall = mix(
        rng.choice([(206, 190, 164), (188, 152, 126), (214, 208, 198), (168, 150, 136)]),
        canvas.mood.haze,
        0.4 * (1 - near),
    )
    wall = shade(wall, 0.8 if side > 0 else 1.0)
    canvas.polygon([(a, foot_a), (b, foot_b), (b, top_b), (a, top_a)], wall)

    def at(across: float, up: float) -> XY:
        foot, top = foot_a + (foot_b - foot_a) * across, top_a + (top_b - top_a) * across
        return a + (b - a) * across, foot + (top - foot) * up

    def pane(x: float, y: float, wide: float, high: float, colour: Colour) -> None:
        canvas.polygon([at(x, y), at(x + wide, y), at(x + wide, y + high), at(x, y + high)], colour)

    sign = rng.choice([(178, 44, 40), (40, 92, 140), (44, 116, 84), (206, 160, 60), (120, 60, 96)])
    pane(0.06, 0.03, 0.88, 0.24, rng.choice([(72, 64, 58), (96, 108, 114), (150, 146, 138)]))
    pane(0.1, 0.05, 0.34, 0.2, (196, 186, 150))
    pane(0.02, 0.29, 0.96, 0.1, shade(sign, 0.9))
    for i in range(4):
        pane(0.2 + i * 0.16, 0.315, 0.09, 0.05, (244, 236, 214))
    for floor in range(3):
        for room in range(3):
            pane(
                0.1 + room * 0.3,
                0.46 + floor * 0.18,
                0.2,
                0.1,
                mix((86, 106, 120), canvas.mood.sky[1], rng.random() * 0.6),
            )
