"""A text as it is meant: lines that were broken inside a sentence joined, widths made equal, spaces around digits gone.

Every letter remembers where it stands in the verbatim text, so that what is found can be shown there.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from backend.plan.reading.numerals import NUMERAL

_ENDS = "。；;！？：:”’』」）》…"
_LONGEST_HEADING = 40
_HEADING = re.compile(
    rf"^\s*(?:第{NUMERAL}+[编篇章节条]|第\s*\d+\s*[编篇章节条]|{NUMERAL}+[、.．]|[(（]\s*(?:{NUMERAL}+|\d+)\s*[)）]"
    r"|[㈠-㈩]|\d+(?:[.．]\d+)*[.．、]?(?=\s*[^\d\s.．、年月日%％]))"
)
_FINAL = re.compile(r"^\s*(?:附件|附表|附录|目\s*录)")
_LEADER = re.compile(r"[.．…·]{3,}\s*\d*\s*$")
"""Dots to a page number: a line of a table of contents."""


@dataclass(frozen=True)
class Block:
    """A heading or a paragraph: the folded text, and where each of its letters stands."""

    text: str
    places: Sequence[int]
    end: int
    """Behind the last letter, in the verbatim text."""

    @property
    def start(self) -> int:
        """The first letter, in the verbatim text."""
        return self.places[0] if self.places else self.end

    def place(self, first: int, last: int) -> tuple[int, int]:
        """Return where the folded letters from `first` to before `last` stand in the verbatim text."""
        return self.places[first], self.places[last - 1] + 1

    @property
    def is_row(self) -> bool:
        """Whether it is a row of a table."""
        return "\t" in self.text


def blocks_of(text: str) -> list[Block]:
    """Return the headings, paragraphs and rows of a text in their order."""
    found: list[Block] = []
    lines: list[tuple[int, str]] = []
    for offset, line in _lines(text):
        if not line.strip() or _LEADER.search(line):
            continue
        if lines and _begins(line, lines[-1][1], is_first=len(lines) == 1):
            found.append(_fold(lines))
            lines = []
        lines.append((offset, line))
    if lines:
        found.append(_fold(lines))
    return [block for block in found if block.text]


def folded_lines(text: str) -> list[str]:
    """Return the lines as they stand, each folded by itself: a title page is no sentence."""
    return [line for _, raw in _lines(text) if (line := _fold([(0, raw)]).text)]


def _lines(text: str) -> Iterator[tuple[int, str]]:
    offset = 0
    for line in text.split("\n"):
        yield offset, line
        offset += len(line) + 1


def _begins(line: str, before: str, *, is_first: bool) -> bool:
    """Whether a line begins something of its own, or goes on with the sentence of the line `before` it."""
    last = before.rstrip()
    if "\t" in line or "\t" in before:
        return True
    if _HEADING.match(line) or _FINAL.match(line):
        # 到 20⏎25 年: a number that was broken is no heading.
        return not (last[-1:].isdigit() and line.lstrip()[:1].isdigit())
    if last[-1] in _ENDS:
        return True
    is_heading = _HEADING.match(before) is not None or _FINAL.match(before) is not None
    is_short = len(last) <= _LONGEST_HEADING and not re.search("[。，,；;]", last)
    return is_first and is_heading and is_short


def _fold(lines: Sequence[tuple[int, str]]) -> Block:
    letters: list[str] = []
    places: list[int] = []
    for offset, line in lines:
        for index, letter in enumerate(line):
            for folded in unicodedata.normalize("NFKC", letter):
                if folded == "\t" or not folded.isspace():
                    letters.append(_PLAIN.get(folded, folded))
                    places.append(offset + index)
                elif letters and letters[-1].isascii() and letters[-1].isalpha():
                    letters.append(" ")
                    places.append(offset + index)
    offset, line = lines[-1]
    while letters and letters[-1] in " \t":
        letters.pop()
        places.pop()
    return Block("".join(letters), places, offset + len(line.rstrip()))


_PLAIN = {"～": "~", "—": "-", "–": "-", "−": "-", "﹣": "-", "〜": "~"}
