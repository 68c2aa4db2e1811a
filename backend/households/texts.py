"""Sentences about a household that more than one page shows."""

from collections.abc import Mapping, Sequence

from backend.core.errors import N_
from backend.households.rules import Share

# What joining means, word for word; a change here needs a new version in `rules.TERMS`.
SHARED: Sequence[tuple[str, str]] = (
    ("person", N_("The others see your nickname, and whether you logged something this week.")),
    ("gift", N_("Everybody here can use the points that you put in, those that end first first.")),
    ("choice-people", N_("Daily limits of green actions count for the whole household.")),
    ("lock", N_("They see neither your number, nor your reports, nor your own points.")),
    ("leave", N_("You can leave any time, with exactly those of your points that are still unused.")),
)

SHARES: Mapping[Share, str] = {
    Share.NONE: N_("Nothing: I put in what I like"),
    Share.HALF: N_("Half of what I earn"),
    Share.ALL: N_("All that I earn"),
}
