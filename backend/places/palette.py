"""The colours of the drawn maps, light and dark; `frontend/styles/map.css` says the same for drawings inside a page."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Palette:
    """One colour for each class of shape."""

    name: str
    land_1: str
    land_2: str
    land_on: str
    border: str
    edge: str
    hill: str
    hill_light: str
    river: str
    seat: str
    word: str
    river_word: str
    note: str
    panel: str
    pin: str
    pin_eye: str


LIGHT = Palette(
    name="light",
    land_1="#dcead6",
    land_2="#cde1c9",
    land_on="#ffe7a8",
    border="#ffffff",
    edge="#b3cdb2",
    hill="#a9c9a6",
    hill_light="#bdd7b7",
    river="#7fb2e5",
    seat="#15231c",
    word="#15231c",
    river_word="#114b91",
    note="#46564d",
    panel="#ffffff",
    pin="#9a2a18",
    pin_eye="#ffffff",
)

DARK = Palette(
    name="dark",
    land_1="#21352b",
    land_2="#294034",
    land_on="#4a421f",
    border="#0f1713",
    edge="#16231c",
    hill="#355443",
    hill_light="#406350",
    river="#3f74b5",
    seat="#eaf2ec",
    word="#eaf2ec",
    river_word="#8fc1ff",
    note="#b4c3b9",
    panel="#18221c",
    pin="#ff9e8c",
    pin_eye="#40180f",
)

THEMES = (LIGHT, DARK)
