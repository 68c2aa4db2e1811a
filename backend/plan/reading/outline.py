"""The parts and articles of a plan, by the labels that its house uses: 一、 with （一）, 第一章 with 第一条, 1. with 1.1."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from backend.plan.reading.errors import NotAPlan
from backend.plan.reading.folding import Block, folded_lines
from backend.plan.reading.numerals import NUMERAL, number_in

LONGEST_TITLE = 40
LONGEST_NAME = 80
LEAST_HEADINGS = 2
LINES_OF_A_SIGNATURE = 6
_LABELS: Mapping[str, re.Pattern[str]] = {
    "chapter": re.compile(rf"^第({NUMERAL}+|\d+)[编篇章]"),
    "clause": re.compile(rf"^第({NUMERAL}+|\d+)条"),
    "comma": re.compile(rf"^({NUMERAL}+)[、.]"),
    "bracket": re.compile(rf"^\(({NUMERAL}+)\)"),
    "point": re.compile(r"^(\d{1,3})(?:[、.](?!\d)|(?=[^\d.、)%年月日]))"),
    "decimal": re.compile(r"^(\d{1,2})\.(\d{1,2})(?![\d.%])[.、]?"),
}
_STYLES: Sequence[tuple[str, str]] = (
    ("chapter", "clause"), ("chapter", "comma"), ("chapter", "bracket"), ("comma", "bracket"), ("comma", "point"),
    ("point", "decimal"), ("", "clause"), ("comma", ""), ("chapter", ""), ("point", ""),
)  # fmt: skip
"""Label of parts and label of articles, the surest pair first; an empty one is not used."""
_ANNEX = re.compile(r"^(?:附件|附表|附录)[\d一二三四五六七八九十]*[::]?")
_KINDS = re.compile(r"(方案|规划|计划|纲要|意见|办法|条例|行动|细则)(?:\(.{2,12}\))?$")
_ISSUER = re.compile(r"^[\u4e00-\u9fff]{2,24}(?:人民政府|办公室|办公厅|委员会|委|局|厅|部)$")
_DAY = re.compile(r"^(?:\(?印发日期:?)?((?:19|20)\d\d)年(\d{1,2})月(\d{1,2})日\)?$")
_FILE_NUMBER = re.compile(r"^[\u4e00-\u9fff]{1,12}[〔\[(](?:19|20)\d\d[〕\])]第?\d+号$")
_BASIS = re.compile(r"[\u4e00-\u9fff]{1,8}〔(?:19|20)\d\d〕\d+号")


@dataclass(frozen=True)
class Part:
    """A chapter with its place in the verbatim text."""

    number: int
    title: str
    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Article:
    """An article with its place in the verbatim text."""

    number: int
    part: int
    label: str
    title: str
    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Heading:
    """A block that begins a part or an article; `number` runs through the document."""

    index: int
    is_part: bool
    number: int
    label: str
    title: str


@dataclass(frozen=True)
class Outline:
    """Everything about a plan but its numbers."""

    title: str
    issuer: str | None
    issued_on: date | None
    number: str | None
    basis: str | None
    parts: tuple[Part, ...]
    articles: tuple[Article, ...]
    units: tuple["Unit", ...] = field(default=())


@dataclass(frozen=True)
class Unit:
    """Blocks that belong to one article, or to a part and no article; both `None` before the first and after the last."""

    part: int | None
    article: int | None
    blocks: tuple[Block, ...]


def outline_of(text: str, blocks: Sequence[Block]) -> Outline:
    """Return parts, articles and what stands above them; raise `NotAPlan` where there are none."""
    headings = max((_headings(blocks, *style) for style in _STYLES), key=_worth)
    if len(headings) < LEAST_HEADINGS:
        raise NotAPlan
    annex = next((i for i, block in enumerate(blocks) if i > headings[-1].index and _ANNEX.match(block.text)), None)
    last = (annex if annex is not None else len(blocks)) - 1
    first = headings[0].index
    parts, articles = _cut(text, blocks, headings, last)
    return Outline(
        **_head(folded_lines(text[: blocks[first].start]), folded_lines(text)[-LINES_OF_A_SIGNATURE:]),
        parts=parts,
        articles=articles,
        units=_units(blocks, headings, last),
    )


def _worth(headings: Sequence[Heading]) -> tuple[int, int]:
    """Return how well a pair of labels explains a document: both of them found, then how often."""
    parts = sum(one.is_part for one in headings)
    articles = len(headings) - parts
    return (2 if parts > 1 and articles > 1 else 1 if len(headings) >= LEAST_HEADINGS else 0, len(headings))


def _headings(blocks: Sequence[Block], part_label: str, article_label: str) -> list[Heading]:
    """Return the blocks whose labels count on from one another: a label out of its turn is part of the text."""
    found: list[Heading] = []
    part = article = in_part = 0
    for index, block in enumerate(blocks):
        if block.is_row:
            continue
        if number := _label(block, part_label, part + 1):
            part, in_part = part + 1, 0
            found.append(_heading(index, block, number, is_part=True, count=part))
        elif number := _label(block, article_label, in_part + 1, article + 1, of_part=part if part_label else 0):
            article, in_part = article + 1, number[1]
            found.append(_heading(index, block, number, is_part=False, count=article))
    return found


def _label(block: Block, name: str, *expected: int, of_part: int = 0) -> tuple[str, int] | None:
    """Return the label with which a block begins and its number, if it is one of those expected."""
    match = _LABELS[name].match(block.text) if name else None
    if match is None:
        return None
    if name == "decimal":
        return (match[0], int(match[2])) if int(match[1]) == of_part and int(match[2]) in expected else None
    number = number_in(match[1])
    return (match[0], number) if number in expected else None


def _heading(index: int, block: Block, label: tuple[str, int], *, is_part: bool, count: int) -> Heading:
    rest = block.text[len(label[0]) :].lstrip(" 、.:")
    sentence = re.split(r"[。:]", rest, maxsplit=1)[0]
    if len(sentence) > LONGEST_TITLE:
        sentence = re.split(r"[,，;；]", sentence, maxsplit=1)[0][:LONGEST_TITLE]
    return Heading(index, is_part, count, label[0].strip(" 、."), sentence.strip())


def _cut(
    text: str, blocks: Sequence[Block], headings: Sequence[Heading], last: int
) -> tuple[tuple[Part, ...], tuple[Article, ...]]:
    """Cut the verbatim text at the headings."""
    parts: list[Part] = []
    articles: list[Article] = []
    for place, heading in enumerate(headings):
        start = blocks[heading.index].start
        following = headings[place + 1 :]
        if heading.is_part:
            following = [one for one in following if one.is_part]
        end = blocks[following[0].index - 1].end if following else blocks[last].end
        if heading.is_part:
            parts.append(Part(heading.number, heading.title, start, end, text[start:end]))
        else:
            part = parts[-1].number if parts else 1
            articles.append(Article(heading.number, part, heading.label, heading.title, start, end, text[start:end]))
    if not parts:
        start, end = articles[0].start, articles[-1].end
        parts.append(Part(1, "", start, end, text[start:end]))
    return tuple(parts), tuple(articles)


def _units(blocks: Sequence[Block], headings: Sequence[Heading], last: int) -> tuple[Unit, ...]:
    found = [Unit(None, None, tuple(blocks[: headings[0].index]))]
    part = 0 if headings[0].is_part else 1
    for place, heading in enumerate(headings):
        part = heading.number if heading.is_part else part
        end = headings[place + 1].index if place + 1 < len(headings) else last + 1
        found.append(Unit(part, None if heading.is_part else heading.number, tuple(blocks[heading.index : end])))
    found.append(Unit(None, None, tuple(blocks[last + 1 :])))
    return tuple(found)


def _head(above: Sequence[str], below: Sequence[str]) -> dict[str, Any]:
    """Return title, issuer, day, file number and what it carries out; `below` is where a signature may stand."""
    named = [line for line in above if len(line) <= LONGEST_NAME and _KINDS.search(line)]
    everywhere = [*above, *below]
    basis = _first(_BASIS.search(line) for line in above if not _FILE_NUMBER.match(line))
    return {
        "title": named[-1] if named else above[0][:LONGEST_NAME] if above else "",
        "issuer": next((line for line in everywhere if _ISSUER.match(line)), None),
        "issued_on": _day(_first(_DAY.match(line) for line in everywhere)),
        "number": next((line for line in above if _FILE_NUMBER.match(line)), None),
        "basis": basis[0] if basis else None,
    }


def _first(matches: Iterable[re.Match[str] | None]) -> re.Match[str] | None:
    return next((match for match in matches if match is not None), None)


def _day(match: re.Match[str] | None) -> date | None:
    try:
        return date(int(match[1]), int(match[2]), int(match[3])) if match else None
    except ValueError:
        return None
