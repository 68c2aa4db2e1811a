"""Scenes with smoke and dust in the demo's photos: a chimney, burning straw, a building site, a dirt road."""

import math

from backend.demo.canvas import HEIGHT, WIDTH, XY, Canvas, Colour, below, mix, shade
from backend.demo.landscape import (
    BRICK,
    CONCRETE,
    DRY_GRASS,
    EARTH,
    GRASS,
    LOESS_EARTH,
    ground,
    hills,
    poplar,
    road,
    shed,
    stones,
    town,
)


def chimney(canvas: Canvas) -> None:
    """Chimneys behind factory halls, their smoke drawn away by the wind."""
    rng = canvas.rng
    horizon = rng.uniform(620, 700)
    canvas.sky(horizon)
    hills(canvas, horizon, green=rng.uniform(0.1, 0.5))
    foot = horizon + 90
    canvas.gradient(
        below([(-40, horizon), (WIDTH + 40, horizon)], foot + 40),
        mix(GRASS, canvas.mood.haze, 0.5),
        mix(GRASS, EARTH, 0.4),
    )
    tone = rng.choice([(58, 56, 56), (92, 88, 84), (226, 222, 214), (196, 178, 128)])
    stacks = sorted((rng.uniform(300, 1050), rng.uniform(380, 560)) for _ in range(rng.choice((1, 2, 2))))
    for x, high in stacks:
        _smoke(canvas, x, foot - high, tone)
    for x, high in stacks:
        _stack(canvas, x, foot, high)
    for i in range(3):
        wall = rng.choice([(186, 192, 196), (150, 170, 184), (204, 196, 178)])
        shed(
            canvas,
            60 + i * 470 + rng.uniform(-60, 60),
            foot + 20 + 12 * (i % 2),
            rng.uniform(330, 460),
            rng.uniform(110, 170),
            wall,
        )
    top = [(x, foot + 16) for x in range(-40, WIDTH + 41, 40)]
    ground(canvas, top, mix(GRASS, EARTH, 0.4), shade(EARTH, 1.0), shade(EARTH, 0.7), tufts=700)
    _fence(canvas, foot + 60)
    for _ in range(rng.randint(2, 5)):
        poplar(canvas, rng.uniform(0, WIDTH), foot + rng.uniform(60, 130), rng.uniform(240, 380))
    canvas.light_up()


def _stack(canvas: Canvas, x: float, foot: float, high: float) -> None:
    wall = canvas.rng.choice([BRICK, shade(CONCRETE, 0.9)])
    wide = high * 0.055
    left, right = (x - wide * 1.35, x - wide * 0.8), (x + wide * 0.8, x + wide * 1.35)
    canvas.gradient(
        [(left[0], foot), (left[1], foot - high), (right[0], foot - high), (right[1], foot)], shade(wall, 0.95), wall
    )
    canvas.polygon(
        [(x + wide * 0.2, foot), (x + wide * 0.15, foot - high), (right[0], foot - high), (right[1], foot)],
        (30, 24, 24),
        95,
    )
    for band in (0.03, 0.16):
        y = foot - high * (1 - band)
        canvas.box(x - wide * 0.86, y, wide * 1.74, high * 0.05, (196, 62, 50), 220)
    canvas.box(x - wide * 0.95, foot - high - 5, wide * 1.9, 10, shade(wall, 0.5))


def _smoke(canvas: Canvas, x: float, y: float, tone: Colour) -> None:
    rng = canvas.rng
    wind = rng.uniform(0.7, 1.5)
    puffs: list[tuple[float, float, float, float]] = []
    for i in range(60):
        t = i / 60
        puffs.append(
            (
                x + wind * 640 * t**1.3 + rng.gauss(0, 10 + 40 * t),
                y - 20 - 330 * t**0.7 + rng.gauss(0, 8 + 34 * t),
                16 + 105 * t * rng.uniform(0.6, 1.1),
                0.62 * (1 - t) ** 0.8 + 0.05,
            )
        )
    canvas.vapour(puffs, tone)
    canvas.vapour([(a + 6, b - r * 0.4, r * 0.6, d * 0.5) for a, b, r, d in puffs[::2]], shade(tone, 1.28), 0.8)


def _fence(canvas: Canvas, y: float) -> None:
    for x in range(-30, WIDTH + 40, 56):
        canvas.line([(x, y), (x, y - 74)], (122, 128, 128), 4)
    for up in (12, 40, 68):
        canvas.line([(-40, y - up), (WIDTH + 40, y - up - 4)], (138, 142, 142), 2.5)


def straw_fire(canvas: Canvas) -> None:
    """Straw burning in lines across a stubble field, the smoke low over the valley."""
    rng = canvas.rng
    horizon = rng.uniform(480, 560)
    canvas.sky(horizon)
    hills(canvas, horizon, green=0.25)
    for _ in range(9):
        poplar(canvas, rng.uniform(0, WIDTH), horizon + 30, rng.uniform(90, 170), haze=0.4)
    top = [(x, horizon + 20 + 10 * math.sin(x / 300)) for x in range(-40, WIDTH + 41, 40)]
    ground(
        canvas,
        top,
        mix(DRY_GRASS, canvas.mood.haze, 0.4),
        (186, 158, 96),
        (134, 108, 62),
        tufts=1500,
        tuft=(202, 176, 112),
    )
    fires = [(rng.uniform(150, 1450), horizon + rng.uniform(90, 420)) for _ in range(6)]
    canvas.light_up()
    for x, y in sorted(fires, key=lambda fire: fire[1]):
        near = (y - horizon) / 430
        canvas.oval(x, y + 8, 60 + 190 * near, 8 + 24 * near, (36, 30, 26), 210)
        puffs = [
            (
                x + i * (9 + 8 * near) + rng.gauss(0, 16),
                y - 16 - i * (7 + 5 * near) + rng.gauss(0, 14),
                20 + (2 + 4 * near) * i,
                0.2 * (1 - i / 44),
            )
            for i in range(40)
        ]
        canvas.vapour(puffs, (206, 198, 186), 1.2)
        _flames(canvas, x, y, 30 + 130 * near)


def _flames(canvas: Canvas, x: float, y: float, wide: float) -> None:
    rng = canvas.rng
    canvas.glow(x, y, wide * 1.7, (255, 140, 50), 0.75)
    for _ in range(26):
        a, high = x + rng.uniform(-wide, wide), wide * rng.uniform(0.2, 0.75)
        tone = rng.choice([(255, 150, 40), (255, 190, 70), (240, 96, 30)])
        canvas.polygon(
            [(a - wide * 0.07, y + 6), (a + rng.uniform(-8, 14), y - high), (a + wide * 0.08, y + 6)], tone, 190
        )
        canvas.polygon(
            [(a - wide * 0.03, y + 6), (a + 3, y - high * 0.55), (a + wide * 0.04, y + 6)], (255, 236, 150), 200
        )


def building_site(canvas: Canvas) -> None:
    """Unfinished towers and a crane over bare earth, dust in the air."""
    rng = canvas.rng
    horizon = rng.uniform(600, 670)
    canvas.sky(horizon)
    hills(canvas, horizon, count=2, green=0.15)
    town(canvas, horizon + 20, count=6, high=170, haze=0.7)
    canvas.gradient(
        below([(-40, horizon), (WIDTH + 40, horizon)], horizon + 110),
        mix(LOESS_EARTH, canvas.mood.haze, 0.5),
        mix(LOESS_EARTH, canvas.mood.haze, 0.3),
    )
    x = rng.uniform(120, 240)
    for _ in range(3):
        wide = rng.uniform(190, 250)
        _shell(canvas, x, horizon + 70, wide, rng.uniform(300, 440))
        x += wide + rng.uniform(110, 210)
    _crane(canvas, rng.uniform(980, 1180), horizon + 70, rng.uniform(500, 560))
    top = [(a, horizon + 60 + 16 * math.sin(a / 210) + rng.uniform(-4, 4)) for a in range(-40, WIDTH + 41, 40)]
    ground(
        canvas,
        top,
        mix(LOESS_EARTH, canvas.mood.haze, 0.3),
        shade(LOESS_EARTH, 0.95),
        shade(LOESS_EARTH, 0.7),
        tufts=60,
    )
    _mounds(canvas, horizon)
    _tracks(canvas, horizon)
    stones(canvas, [(a, horizon + 330) for a in range(-40, WIDTH + 41, 40)], 70, (150, 132, 106), size=18, depth=200)
    puffs = [(rng.uniform(200, 1500), horizon + rng.gauss(60, 50), rng.uniform(60, 190), 0.2) for _ in range(34)]
    canvas.vapour(puffs, (214, 192, 152), 2)
    canvas.light_up()


def _tracks(canvas: Canvas, horizon: float) -> None:
    """Press the wheels of trucks into the earth."""
    for wheel in (0, 46):
        canvas.polygon(
            [
                (700 + wheel, horizon + 90),
                (712 + wheel, horizon + 90),
                (560 + wheel * 6, HEIGHT + 40),
                (440 + wheel * 6, HEIGHT + 40),
            ],
            (112, 90, 62),
            130,
        )


def _shell(canvas: Canvas, x: float, foot: float, wide: float, high: float) -> None:
    """A tower without walls yet, its scaffold hung with green net on one side."""
    rng = canvas.rng
    raw = mix(CONCRETE, canvas.mood.haze, 0.25)
    floors = round(high / 42)
    canvas.box(x, foot - high, wide, high, shade(raw, 0.5))
    for floor in range(floors + 1):
        canvas.box(x - 4, foot - floor * high / floors - 6, wide + 8, 9, raw)
    for post in range(7):
        canvas.box(x + post * wide / 6 - 4, foot - high, 8, high, shade(raw, 0.86))
    net = [
        (x - 12, foot),
        (x - 12, foot - high * rng.uniform(0.6, 0.9)),
        (x + wide * 0.55, foot - high * rng.uniform(0.6, 0.95)),
        (x + wide * 0.55, foot),
    ]
    canvas.polygon(net, mix((70, 122, 84), canvas.mood.haze, 0.25), 200)
    canvas.mottle(net, (44, 84, 58), 0.5, 16)
    for pole in range(12):
        canvas.line([(x + pole * wide / 12, foot - high - 34), (x + pole * wide / 12, foot - high)], shade(raw, 0.6), 2)


def _crane(canvas: Canvas, x: float, foot: float, high: float) -> None:
    steel = (212, 160, 48)
    for side in (-9, 9):
        canvas.line([(x + side, foot), (x + side, foot - high)], steel, 4)
    for i in range(round(high / 20)):
        y = foot - i * 20
        canvas.line([(x - 9, y), (x + 9, y - 20)] if i % 2 else [(x + 9, y), (x - 9, y - 20)], shade(steel, 0.8), 2)
    top = foot - high
    canvas.line([(x, top - 66), (x - 9, top), (x + 9, top), (x, top - 66)], steel, 4)
    for up in (0, -16):
        canvas.line([(x - 430, top + up), (x + 150, top + up)], steel, 3)
    for i in range(29):
        a = x - 430 + i * 20
        canvas.line([(a, top), (a + 10, top - 16), (a + 20, top)], shade(steel, 0.85), 1.5)
    canvas.line([(x, top - 66), (x - 330, top - 16)], shade(steel, 0.7), 2)
    canvas.line([(x, top - 66), (x + 130, top - 16)], shade(steel, 0.7), 2)
    canvas.box(x + 112, top, 36, 34, (120, 116, 110))
    canvas.box(x + 8, top + 4, 24, 30, (228, 228, 222))
    canvas.line([(x - 300, top), (x - 300, top + 190)], (60, 60, 60), 1.5)
    canvas.box(x - 322, top + 190, 44, 18, (130, 100, 74))


def _mounds(canvas: Canvas, horizon: float) -> None:
    rng = canvas.rng
    for _ in range(4):
        x, foot, wide = rng.uniform(100, 1500), horizon + rng.uniform(120, 240), rng.uniform(120, 260)
        high = wide * rng.uniform(0.35, 0.5)
        heap: list[XY] = [
            (x + wide * math.cos(t / 12 * math.pi), foot - high * math.sin(t / 12 * math.pi) * rng.uniform(0.85, 1.1))
            for t in range(13)
        ]
        canvas.gradient(heap, shade(LOESS_EARTH, 1.05), shade(LOESS_EARTH, 0.72))
        canvas.mottle(heap, shade(LOESS_EARTH, 0.5), 0.5, 14)


def dirt_road(canvas: Canvas) -> None:
    """A truck full of earth pulls a cloud of dust along the road."""
    rng = canvas.rng
    horizon = rng.uniform(430, 500)
    canvas.sky(horizon)
    hills(canvas, horizon, green=0.3)
    top = [(x, horizon + 20) for x in range(-40, WIDTH + 41, 40)]
    ground(canvas, top, mix(DRY_GRASS, canvas.mood.haze, 0.4), mix(GRASS, EARTH, 0.4), shade(EARTH, 0.8), tufts=800)
    vanish = (rng.uniform(640, 800), horizon + 22)
    road(canvas, vanish, -240, 1500, rng.choice([(168, 150, 118), (128, 124, 118)]))
    for i in range(6):
        far = (i / 6) ** 1.7
        for side in (-1, 1):
            x = vanish[0] + side * (60 + 900 * far)
            poplar(canvas, x, horizon + 40 + 420 * far, 130 + 560 * far, haze=0.35 * (1 - far))
    cloud = [(vanish[0] + rng.gauss(0, 170), horizon + rng.gauss(90, 80), rng.uniform(60, 190), 0.3) for _ in range(38)]
    canvas.vapour(cloud, (216, 196, 158), 1.6)
    _truck(canvas, vanish[0] + 40, horizon + 290, rng.choice([(180, 64, 46), (44, 96, 150), (206, 150, 44)]))
    dust = [
        (vanish[0] + 130 + rng.gauss(0, 240), horizon + 310 + rng.gauss(0, 40), rng.uniform(50, 150), 0.3)
        for _ in range(30)
    ]
    canvas.vapour(dust, (222, 202, 164), 1.4)
    canvas.light_up()


def _truck(canvas: Canvas, x: float, foot: float, paint: Colour) -> None:
    """From behind, because it has just gone by."""
    canvas.oval(x + 120, foot + 8, 190, 22, (40, 36, 30), 130)
    canvas.gradient(
        [(x - 10, foot - 46), (x - 16, foot - 260), (x + 256, foot - 260), (x + 250, foot - 46)],
        shade(paint, 1.05),
        shade(paint, 0.65),
    )
    for rib in range(6):
        canvas.box(x + rib * 50 - 6, foot - 256, 8, 208, shade(paint, 0.55))
    canvas.polygon(
        [
            (x - 12, foot - 260),
            (x + 40, foot - 306),
            (x + 120, foot - 290),
            (x + 200, foot - 312),
            (x + 252, foot - 260),
        ],
        shade(LOESS_EARTH, 0.85),
    )
    for wheel in (x + 4, x + 186):
        canvas.box(wheel, foot - 62, 52, 70, (30, 30, 32))
    canvas.box(x + 84, foot - 70, 76, 24, (232, 222, 120))
    for lamp in (x + 2, x + 220):
        canvas.box(lamp, foot - 92, 20, 14, (220, 40, 36))
    canvas.mottle(below([(x - 16, foot - 200), (x + 256, foot - 200)], foot), (190, 170, 134), 0.7, 26)
