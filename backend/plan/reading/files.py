"""From the bytes of a file to its text: plain text in the encodings of China, or .docx with its lists and tables."""

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import docx
from docx.document import Document
from docx.oxml.ns import qn
from docx.table import Table
from docx.text.paragraph import Paragraph

from backend.plan.reading import errors
from backend.plan.reading.numerals import chinese

BYTES_MAX = 5_000_000
LETTERS_MAX = 500_000
UNPACKED_MAX = 60_000_000
PARTS_MAX = 2_000
LEAST_READABLE = 0.97
"""Share of letters that are no control characters; a picture that decodes by chance has fewer."""
CHINESE_FORMATS = frozenset({
    "chineseCounting", "chineseCountingThousand", "chineseLegalSimplified", "ideographDigital", "japaneseCounting",
    "taiwaneseCounting", "taiwaneseCountingThousand",
})  # fmt: skip


def text_of(content: bytes) -> str:
    """Return the text, with line breaks made equal and nothing else changed; a row of a table is cells between tabs.

    Raises `EmptyFile`, `TooLarge`, `IsPdf`, `IsOldWord` or `Unreadable`.
    """
    if not content.strip():
        raise errors.EmptyFile
    if len(content) > BYTES_MAX:
        raise errors.TooLarge
    if content[:1024].lstrip().startswith(b"%PDF"):
        raise errors.IsPdf
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise errors.IsOldWord
    text = _from_docx(content) if content.startswith(b"PK") else _decoded(content)
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    if not text.strip():
        raise errors.EmptyFile
    if len(text) > LETTERS_MAX:
        raise errors.TooLarge
    return text


def _decoded(content: bytes) -> str:
    encodings = ["utf-8-sig", "gb18030"]
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _is_readable(text):
            return text
    raise errors.Unreadable


def _is_readable(text: str) -> bool:
    good = sum(letter.isprintable() or letter in "\n\r\t\f\u3000" for letter in text)
    return good >= LEAST_READABLE * len(text)


def _from_docx(content: bytes) -> str:
    _check_package(content)
    try:
        document = docx.Document(io.BytesIO(content))
        return "\n".join(_lines(document))
    except Exception:  # noqa: BLE001 -- the library raises whatever the XML below it raises; to the sender it is one thing
        raise errors.Unreadable from None


def _check_package(content: bytes) -> None:
    """Look into the package before anybody unpacks it."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = package.infolist()
            if len(parts) > PARTS_MAX or sum(part.file_size for part in parts) > UNPACKED_MAX:
                raise errors.TooLarge
            if not any(part.filename == "word/document.xml" for part in parts):
                raise errors.Unreadable
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError):
        raise errors.Unreadable from None


def _lines(document: Document) -> Iterator[str]:
    numbering = _Numbering(document)
    for block in document.iter_inner_content():
        if isinstance(block, Table):
            for row in block.rows:
                yield "\t".join(_cell(cell.text) for cell in row.cells)
        else:
            yield numbering.label(block) + block.text


def _cell(text: str) -> str:
    return " ".join(text.split())


class _Numbering:
    """Writes the labels that Word counts by itself, such as （一）, which are not in the text of a paragraph."""

    def __init__(self, document: Document) -> None:
        self.levels: dict[tuple[str, int], tuple[str, str, int]] = {}
        self.counts: dict[tuple[str, int], int] = {}
        try:
            root: Any = document.part.numbering_part.element
        except (KeyError, NotImplementedError, AttributeError):
            return
        abstract = {one.get(qn("w:abstractNumId")): one for one in root.findall(qn("w:abstractNum"))}
        for num in root.findall(qn("w:num")):
            link = num.find(qn("w:abstractNumId"))
            of_it = abstract.get(link.get(qn("w:val"))) if link is not None else None
            for level in of_it.findall(qn("w:lvl")) if of_it is not None else ():
                place = (str(num.get(qn("w:numId"))), int(level.get(qn("w:ilvl"))))
                self.levels[place] = (
                    _value(level, "w:numFmt"),
                    _value(level, "w:lvlText"),
                    int(_value(level, "w:start") or 1),
                )

    def label(self, paragraph: Paragraph) -> str:
        """Return the label of a paragraph, or nothing where it has none."""
        place = self._place(paragraph)
        if place is None or place not in self.levels:
            return ""
        kind, pattern, start = self.levels[place]
        self.counts[place] = self.counts.get(place, start - 1) + 1
        for deeper in [one for one in self.counts if one[0] == place[0] and one[1] > place[1]]:
            del self.counts[deeper]
        for level in range(place[1] + 1):
            count = self.counts.get((place[0], level), 1)
            written = (
                chinese(count) if self.levels.get((place[0], level), (kind,))[0] in CHINESE_FORMATS else str(count)
            )
            pattern = pattern.replace(f"%{level + 1}", written)
        return "" if kind == "bullet" else pattern

    def _place(self, paragraph: Paragraph) -> tuple[str, int] | None:
        """Return the list and level of a paragraph: its own, else that of its style."""
        own: Any = paragraph._p  # noqa: SLF001 -- the library has no name for it
        style: Any = getattr(paragraph.style, "_element", None)
        for element in (own, style):
            numbered: Any = element.find(f"{qn('w:pPr')}/{qn('w:numPr')}") if element is not None else None
            if numbered is not None and _value(numbered, "w:numId"):
                return _value(numbered, "w:numId"), int(_value(numbered, "w:ilvl") or 0)
        return None


def _value(element: Any, name: str) -> str:
    found = element.find(qn(name))
    return "" if found is None else str(found.get(qn("w:val")) or "")
