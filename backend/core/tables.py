"""Reads a list as a table of texts: CSV as anybody saves it, XLSX without formulas, both within bounds."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence

from python_calamine import CalamineError, CalamineWorkbook

from backend.core.errors import N_, Invalid

BYTES_MAX = 1_000_000
UNPACKED_MAX = 20_000_000
PARTS_MAX = 200
LINES_MAX = 2_000
COLUMNS_MAX = 20
TOO_LARGE = N_("This file is too large. Split it into lists of at most %(lines)s lines.")
_FORMULA = re.compile(rb"<f[\s>/]")

BYTE_ORDER_MARK = "\ufeff"
"""Without it Excel takes the Chinese of a CSV file for something else."""
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

Row = tuple[int, list[str]]


class ListUnreadable(Invalid):
    """Not a list in one of the two forms."""

    message = N_("This file cannot be read as a CSV or XLSX list.")


class ListHoldsFormulas(Invalid):
    """What a formula shows depends on who opens it."""

    message = N_("This file holds formulas. Save the values only, then send it again.")


def read(content: bytes, lines_max: int = LINES_MAX) -> list[Row]:
    """Return the lines that hold something, each with its number in the file; raise `ListUnreadable` for anything else."""
    if len(content) > BYTES_MAX:
        raise ListUnreadable(TOO_LARGE, lines=f"{lines_max:,}")
    rows = _from_xlsx(content) if content.startswith(b"PK") else _from_csv(content)
    found = [(number, [cell.strip() for cell in cells]) for number, cells in rows]
    found = [(number, cells) for number, cells in found if any(cells)]
    if len(found) > lines_max + 1:
        raise ListUnreadable(TOO_LARGE, lines=f"{lines_max:,}")
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


def write(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Write a table as CSV (RFC 4180) that Excel opens as well."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)
    return (BYTE_ORDER_MARK + out.getvalue()).encode()


def plain(text: str) -> str:
    """Keep a spreadsheet from taking a text for a formula (S-62)."""
    return f"'{text}" if text.lstrip("'").startswith(FORMULA_STARTS) else text


def unquoted(cell: str) -> str:
    """Undo `plain`."""
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(FORMULA_STARTS) else cell
