"""Words to be found by: Chinese is written without spaces, so its text is kept as pairs of characters.

`污水排放` becomes `污水 水排 排放 放`, each with its position, as a `tsvector` of PostgreSQL; a question becomes the same pairs
one after the other, so that two characters are enough and longer words are found whole. No dictionary, no extension.
Weeks stand among the words, so that the newest cases with a common word are found without reading all that have it.
"""

import re
import unicodedata
from datetime import datetime

from backend.cases.errors import NothingToSearch

LONGEST_QUESTION = 60
"""Characters; nobody types more, and each pair costs a walk through the index."""
LONGEST_WORD = 60
LAST_POSITION = 16_000
"""PostgreSQL counts positions up to 16,383 in one text."""
MOST_WORDS = 16_000
"""Different words of one case, to which more reports add none: one such text holds a megabyte, and no report is refused."""
WEEK = 7 * 24 * 3600

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af\u3005\u3007"
_RUN = re.compile(rf"(?P<han>[{_HAN}]+)|(?P<word>[^\W_{_HAN}]+)")


def vector(*texts: str) -> str:
    """Return what is found of a case, as PostgreSQL reads a `tsvector`: each word with its position."""
    words = [word for text in texts for run, is_han in _runs(text) for word in (_pairs(run) if is_han else [run])]
    return " ".join(f"'{word}':{place}" for place, word in enumerate(words[:LAST_POSITION], start=1))


def question(text: str) -> str:
    """Return what somebody looks for, as PostgreSQL reads a `tsquery`: all of it, in any order.

    The end of a word or number may be missing. Raises `NothingToSearch` for a text that has neither letter nor number,
    such as `%`, or is longer than 60 characters.
    """
    runs = _runs(text) if len(text) <= LONGEST_QUESTION else []
    if not runs:
        raise NothingToSearch
    return " & ".join(_asked(run, is_han=is_han) for run, is_han in runs)


def week_of(moment: datetime) -> int:
    """Return the number of the week in which a case was opened."""
    return int(moment.timestamp()) // WEEK


def week_word(week: int) -> str:
    """Return the word for a week; no text has it, because `@` is no letter."""
    return f"'@{week}'"


def _runs(text: str) -> list[tuple[str, bool]]:
    """Return the runs of Chinese characters and of letters and figures; full width and capitals make no difference."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return [(match[0][: None if match["han"] else LONGEST_WORD], bool(match["han"])) for match in _RUN.finditer(plain)]


def _pairs(run: str) -> list[str]:
    """Return each two neighbours, and the last character alone: it also keeps the next run from following this one."""
    return [run[place : place + 2] for place in range(len(run))]


def _asked(run: str, *, is_han: bool) -> str:
    if not is_han or len(run) == 1:
        return f"'{run}':*"
    # The last character alone is left out: it need not be the end of what is written.
    return "(" + " <-> ".join(f"'{pair}'" for pair in _pairs(run)[:-1]) + ")"
