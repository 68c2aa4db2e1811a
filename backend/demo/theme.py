"""What a theme of the demo is: a scene with the words and answers that fit it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Theme:
    """One thing that can be seen in the city. `weight` says how often; hours are those at which it is reported."""

    code: str
    kind: str
    weight: float
    hours: tuple[int, ...]
    words: tuple[str, ...]
    english: tuple[str, ...]
    landmarks: tuple[str, ...]
    details: dict[str, tuple[str, ...]]
    found: tuple[str, ...]
    """What the officers found when it was true; each is a whole sentence without its full stop."""
    seen: tuple[str, ...]
    """What they saw when it was not."""
    subkind: str | None = None
    pictured: bool = True


DAY = (7, 8, 8, 9, 10, 11, 12, 14, 15, 16, 17, 18, 18, 19)
EVENING = (17, 18, 19, 19, 20, 20, 21, 21, 22, 22, 23)
NIGHT = (21, 22, 22, 23, 23, 0, 1, 5, 6)
DAWN = (5, 6, 6, 7, 7, 8, 18, 19, 20, 22)
