"""Scenes at night in the demo's photos: barbecue stalls, a lit workshop, a building site under floodlights."""

import math

from backend.demo.canvas import HEIGHT, WIDTH, Canvas, Colour, below, shade
from backend.demo.landscape import LEAF, block, bush, hills, town


def barbecue(canvas: Canvas) -> None:
    """A street of evening stalls under strings of lamps, thick with the smoke of charcoal and fat."""
    rng = canvas.rng
    canvas.gradient([(-40, -40), (WIDTH + 40, -40), (WIDTH + 40, 760), (-40, 760)], *canvas.mood.sky)
    homes: list[tuple[float, float, float]] = []
    for x, wide in ((-60, 380), (330, 300), (1010, 290), (1290, 400)):
        high = rng.uniform(520, 760)
        block(canvas, x, 800, wide, high, rng.choice([(188, 160, 132), (176, 170, 164)]), haze=0.15)
        homes.append((x, wide, high))
    canvas.gradient([(-40, 780), (WIDTH + 40, 780), (WIDTH + 40, 1240), (-40, 1240)], (104, 98, 94), (70, 64, 62))
    canvas.mottle([(-40, 780), (WIDTH + 40, 780), (WIDTH + 40, 1240), (-40, 1240)], (40, 36, 34), 0.6, 30, 3)
    canvas.light_up()
    for home in homes:
        _lit_windows(canvas, *home)
    stalls = [(110 + i * 500 + rng.uniform(-40, 40), 880 + 40 * (i % 2)) for i in range(3)]
    for x, y in stalls:
        _stall(canvas, x, y, rng.choice([(196, 54, 44), (44, 108, 156), (214, 140, 44)]))
    for x, y in stalls:
        puffs = [
            (x + 170 + rng.gauss(40 + i * 5, 30 + i * 1.6), y - 130 - i * 11 + rng.gauss(0, 20), 34 + i * 2.2, 0.3)
            for i in range(34)
        ]
        canvas.vapour(puffs, (218, 206, 194), 1.3)
    for x in range(-20, WIDTH + 40, 74):
        y = 300 + 60 * math.sin(x / 250) ** 2
        canvas.glow(x, y, 54, (255, 206, 120), 0.8)
        canvas.oval(x, y, 7, 7, (255, 240, 200))


def _lit_windows(canvas: Canvas, x: float, wide: float, high: float) -> None:
    """Switch the light on in some rooms of a house that `block` has built at street level."""
    rng = canvas.rng
    floors, rooms = round(high / 34), round(wide / 34)
    for _ in range(16):
        left, sill = (
            x + (rng.randrange(rooms) + 0.24) * wide / rooms,
            800 - (rng.randrange(8, floors) + 0.78) * high / floors,
        )
        canvas.box(
            left,
            sill,
            wide / rooms * 0.52,
            high / floors * 0.48,
            rng.choice([(255, 222, 150), (250, 236, 200), (196, 214, 230)]),
            rng.randint(120, 230),
        )


def _stall(canvas: Canvas, x: float, y: float, cloth: Colour) -> None:
    rng = canvas.rng
    canvas.glow(x + 180, y - 190, 330, (255, 190, 110), 0.75)
    for pole in (x, x + 360):
        canvas.line([(pole, y), (pole, y - 300)], (60, 56, 54), 7)
    roof = [(x - 50, y - 270), (x + 20, y - 350), (x + 340, y - 350), (x + 410, y - 270)]
    canvas.gradient(roof, shade(cloth, 1.2), shade(cloth, 0.8))
    for i in range(9):
        part = x - 50 + i * 51
        canvas.polygon(
            [(part, y - 270), (part + 51, y - 270), (part + 46, y - 236), (part + 5, y - 236)],
            cloth if i % 2 else (236, 226, 210),
        )
    canvas.gradient(
        [(x + 20, y - 110), (x + 340, y - 110), (x + 330, y - 60), (x + 30, y - 60)], (74, 70, 68), (44, 42, 42)
    )
    for _ in range(90):
        canvas.oval(
            x + rng.uniform(36, 324),
            y - 112 + rng.uniform(-6, 8),
            rng.uniform(3, 8),
            3,
            rng.choice([(255, 120, 40), (255, 176, 70), (190, 50, 24)]),
            220,
        )
    canvas.glow(x + 180, y - 112, 150, (255, 120, 40), 0.5)
    for leg in (x + 44, x + 316):
        canvas.line([(leg, y - 60), (leg, y + 20)], (50, 48, 48), 6)
    for i in range(rng.randint(2, 4)):
        person(canvas, x + 10 + i * 120 + rng.uniform(-20, 20), y + rng.uniform(20, 60), rng.uniform(240, 270))


def person(canvas: Canvas, x: float, foot: float, tall: float) -> None:
    """Somebody from behind: nobody in particular."""
    coat = canvas.rng.choice([(58, 62, 78), (92, 56, 52), (70, 84, 66), (120, 112, 100), (40, 44, 50)])
    canvas.polygon(
        [
            (x - tall * 0.07, foot),
            (x - tall * 0.05, foot - tall * 0.46),
            (x + tall * 0.08, foot - tall * 0.46),
            (x + tall * 0.07, foot),
        ],
        shade(coat, 0.6),
    )
    canvas.polygon(
        [
            (x - tall * 0.11, foot - tall * 0.42),
            (x - tall * 0.12, foot - tall * 0.74),
            (x - tall * 0.05, foot - tall * 0.83),
            (x + tall * 0.06, foot - tall * 0.83),
            (x + tall * 0.13, foot - tall * 0.74),
            (x + tall * 0.12, foot - tall * 0.42),
        ],
        coat,
    )
    canvas.oval(x, foot - tall * 0.9, tall * 0.055, tall * 0.07, (48, 38, 34))


def workshop(canvas: Canvas) -> None:
    """A workshop at night, every window bright, machines running."""
    rng = canvas.rng
    horizon = 640
    canvas.sky(horizon)
    hills(canvas, horizon, count=2, green=0.4)
    town(canvas, horizon + 30, count=7, high=220, haze=0.4)
    canvas.gradient(below([(-40, horizon + 20), (WIDTH + 40, horizon + 20)], 880), (88, 96, 96), (104, 102, 98))
    for _ in range(14):
        bush(canvas, rng.uniform(0, WIDTH), rng.uniform(700, 840), rng.uniform(24, 60), shade(LEAF, 0.8))
    x, wide, high = rng.uniform(160, 300), rng.uniform(900, 1050), rng.uniform(250, 300)
    foot = 860
    wall = rng.choice([(168, 160, 150), (150, 120, 104), (140, 152, 158)])
    canvas.gradient([(x, foot), (x, foot - high), (x + wide, foot - high), (x + wide, foot)], wall, shade(wall, 0.8))
    teeth = 5
    for tooth in range(teeth):
        a, step = x + tooth * wide / teeth, wide / teeth
        canvas.polygon([(a, foot - high), (a, foot - high - 90), (a + step, foot - high)], shade(wall, 0.7))
    canvas.gradient(below([(-40, foot - 4), (WIDTH + 40, foot - 4)]), (104, 100, 96), (66, 64, 64))
    canvas.mottle(below([(-40, foot), (WIDTH + 40, foot)]), (40, 38, 38), 0.6, 26, 3)
    canvas.light_up()
    _bright_windows(canvas, x, foot, wide, high)
    _lamp(canvas, x + wide + 90, foot + 60, 470)
    canvas.vapour(
        [(x + wide * 0.8 + i * 7, foot - high - 60 - i * 13, 20 + i * 4, 0.3) for i in range(14)], (150, 150, 160)
    )


def _bright_windows(canvas: Canvas, x: float, foot: float, wide: float, high: float) -> None:
    rng = canvas.rng
    lamp = rng.choice([(255, 232, 176), (236, 246, 255), (255, 214, 140)])
    for i in range(8):
        a, y = x + wide * (0.03 + i * 0.122), foot - high * 0.86
        canvas.glow(a + wide * 0.045, y + high * 0.2, high * 0.66, lamp, 0.5)
        canvas.box(a, y, wide * 0.09, high * 0.36, lamp)
        for bar in (0.33, 0.66):
            canvas.line([(a + wide * 0.09 * bar, y), (a + wide * 0.09 * bar, y + high * 0.36)], (80, 70, 60), 3)
        if canvas.happens(0.6):  # machines behind most windows
            canvas.box(a + 8, y + high * 0.22, wide * 0.05, high * 0.14, (110, 92, 70), 200)
        canvas.glow(a + wide * 0.045, foot + 40, high * 0.34, lamp, 0.22)
    door = x + wide * 0.44
    canvas.box(door, foot - high * 0.46, wide * 0.13, high * 0.46, shade(lamp, 0.92))
    canvas.polygon(
        [(door, foot), (door + wide * 0.13, foot), (door + wide * 0.26, HEIGHT), (door - wide * 0.13, HEIGHT)], lamp, 70
    )
    person(canvas, door + wide * 0.05, foot + 14, high * 0.4)
    canvas.box(door + wide * 0.085, foot - high * 0.2, wide * 0.04, high * 0.2, (70, 62, 54))


def _distant_lights(canvas: Canvas, horizon: float) -> None:
    rng = canvas.rng
    for _ in range(70):
        x, y = rng.uniform(0, WIDTH), horizon - rng.uniform(0, 150)
        canvas.box(
            x,
            y,
            rng.uniform(5, 9),
            rng.uniform(6, 10),
            rng.choice([(255, 214, 140), (240, 236, 220), (255, 190, 120)]),
            rng.randint(90, 200),
        )


def _lamp(canvas: Canvas, x: float, foot: float, high: float) -> None:
    canvas.line([(x, foot), (x, foot - high), (x - 70, foot - high - 20)], (40, 42, 48), 8)
    canvas.glow(x - 74, foot - high - 8, 240, (255, 214, 150), 0.9)
    canvas.oval(x - 74, foot - high - 10, 22, 9, (255, 246, 220))
    canvas.glow(x - 74, foot + 20, 260, (255, 214, 150), 0.3)


def night_site(canvas: Canvas) -> None:
    """A building site that works on under floodlights when others sleep."""
    rng = canvas.rng
    horizon = 640
    canvas.sky(horizon)
    town(canvas, horizon + 30, count=8, high=300, haze=0.3)
    canvas.gradient(below([(-40, horizon + 20), (WIDTH + 40, horizon + 20)], 880), (110, 104, 96), (150, 126, 92))
    for i in range(2):
        block(
            canvas,
            210 + i * 560 + rng.uniform(-40, 40),
            860,
            rng.uniform(260, 330),
            rng.uniform(420, 560),
            (150, 146, 140),
            haze=0,
        )
    canvas.gradient(below([(-40, 850), (WIDTH + 40, 846)]), (150, 126, 92), (92, 76, 56))
    canvas.mottle(below([(-40, 850), (WIDTH + 40, 846)]), (50, 42, 32), 0.7, 24, 2)
    for x in range(-40, WIDTH + 40, 150):
        canvas.gradient([(x, 900), (x + 146, 900), (x + 146, 1010), (x, 1010)], (84, 132, 168), (60, 96, 126))
    canvas.light_up()
    _distant_lights(canvas, horizon)
    for x, y in ((340, 330), (930, 280), (1330, 420)):
        canvas.line([(x, 860), (x, y)], (50, 52, 56), 6)
        canvas.glow(x, y, 420, (236, 244, 255), 0.85)
        canvas.box(x - 34, y - 12, 68, 24, (255, 255, 250))
    canvas.vapour(
        [(rng.uniform(200, 1400), rng.gauss(800, 40), rng.uniform(60, 150), 0.14) for _ in range(20)],
        (190, 186, 176),
        2,
    )
    for _ in range(40):
        canvas.line([(720, 700), (720 + rng.gauss(0, 60), 700 + abs(rng.gauss(0, 70)))], (255, 200, 110), 2, 200)
    canvas.glow(720, 700, 90, (255, 236, 190), 0.9)
