"""All themes of the demo city: one a scene, so that photo, words and answer fit each other."""

from backend.demo.theme import Theme
from backend.demo.themes_air import AIR_AND_NOISE
from backend.demo.themes_land import WATER_AND_LAND

THEMES: tuple[Theme, ...] = (*WATER_AND_LAND, *AIR_AND_NOISE)
