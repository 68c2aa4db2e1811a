"""Reads a list as a table of texts: CSV as anybody saves it, XLSX without formulas, both within bounds."""

import csv
import io
import re
import zipfile
from collections.abc import Iterator

from python_calamine import CalamineError, CalamineWorkbook

from backend.activities.errors import ListHoldsFormulas, ListUnreadable
from backend.core.errors import N_

BYTES_MAX = 1_000_000
UNPACKED_MAX = 20_000_000
PARTS_MAX = 200
LINES_MAX = 2_000
COLUMNS_MAX = 20
_FORMULA = re.compile(rb"<f[\s>/]")

Row = tuple[int, list[str]]


def read(content: bytes) -> list[Row]:
    """Return the lines that hold something, each with its number in the file."""
    if len(content) > BYTES_MAX:
        raise ListUnreadable(N_("This file is too large. Split it into lists of at most 2,000 lines."))
    rows = _from_xlsx(content) if content.startswith(b"PK") else _from_csv(content)
    found = [(number, [cell.strip() for cell in cells]) for number, cells in rows]
    found = [(number, cells) for number, cells in found if any(cells)]
    if len(found) > LINES_MAX + 1:
        raise ListUnreadable(N_("This file is too large. Split it into lists of at most 2,000 lines."))
    return found


def _from_csv(content: bytes) -> Iterator[Row]:
    text = _decoded(content)
    reader = csv.reader(io.StringIO(text), strict=True)
    try:
        for cells in reader:
            yield reader.line_num, cells[:COLUMNS_MAX]
    except csv.Error:
        raise ListUnreadable from None


def _decoded(content: bytes) -> str:
    """Return UTF-8, or the Chinese of Windows."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise ListUnreadable


def _from_xlsx(content: bytes) -> Iterator[Row]:
    _check_package(content)
    try:
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
        rows = sheet.to_python(skip_empty_area=False)
    except (CalamineError, IndexError, ValueError):
        raise ListUnreadable from None
    for number, cells in enumerate(rows, 1):
        yield number, [_text(cell) for cell in cells[:COLUMNS_MAX]]


def _check_package(content: bytes) -> None:
    """Look into the package before anybody unpacks it: bounded, and without a formula anywhere."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = package.infolist()
            if len(parts) > PARTS_MAX or sum(part.file_size for part in parts) > UNPACKED_MAX:
                raise ListUnreadable
            for part in parts:
                if part.filename.startswith("xl/worksheets/") and _FORMULA.search(package.read(part)):
                    raise ListHoldsFormulas
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError):
        raise ListUnreadable from None


def _text(cell: object) -> str:
    """Write a cell as a person would: a number that is whole without its point, a phone number without an exponent."""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    return str(cell)
