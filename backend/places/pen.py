"""Draws SVG: elements with escaped text, and lines rounded as a hand would draw them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

Dot = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A finished SVG. Every text in it went through `escape`, so a template may put it on the page as it is."""

    svg: str

    def __str__(self) -> str:
        return self.svg

    def __html__(self) -> str:
        """Say to the template that this is markup."""
        return self.svg


def element(name: str, attributes: Mapping[str, str | float], inside: str = "") -> str:
    """Write one element; `inside` is markup already."""
    pairs = "".join(f' {key}="{escape(number(value))}"' for key, value in attributes.items())
    return f"<{name}{pairs}>{inside}</{name}>" if inside else f"<{name}{pairs}/>"


def escaped(words: str) -> str:
    """Make a text safe between two tags."""
    return escape(words, quote=False)


def number(value: str | float) -> str:
    """Write a number with one decimal and without a needless zero; a text stays."""
    if isinstance(value, str):
        return value
    text = f"{value:.1f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def smooth(dots: Sequence[Dot], *, join: bool = False) -> str:
    """Return a path through all dots without corners (Catmull-Rom); `join` goes on from an earlier line's end.

    A line and the same line backwards give the same curve, so neighbours that share a line have no gap between them.
    """
    before = [dots[0], *dots[:-2]]
    after = [*dots[2:], dots[-1]]
    path = "" if join else f"M{_pair(dots[0])}"
    for p0, p1, p2, p3 in zip(before, dots[:-1], dots[1:], after, strict=True):
        out = (p1[0] + (p2[0] - p0[0]) / 6, p1[1] + (p2[1] - p0[1]) / 6)
        back = (p2[0] - (p3[0] - p1[0]) / 6, p2[1] - (p3[1] - p1[1]) / 6)
        path += f"C{_pair(out)} {_pair(back)} {_pair(p2)}"
    return path


def _pair(dot: Dot) -> str:
    return f"{number(dot[0])} {number(dot[1])}"
