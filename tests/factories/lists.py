"""Lists as organisers send them: a CSV, and an XLSX written by hand, with or without a formula."""

import io
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape

_TYPES = """<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>
<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>
</Types>"""
_RELS = """<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" Target="{target}"/>
</Relationships>"""
_BOOK = """<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"
 xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">
<sheets><sheet name="list" sheetId="1" r:id="r1"/></sheets></workbook>"""
_SHEET = """<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">
<sheetData>{rows}</sheetData></worksheet>"""


def as_csv(*rows: Sequence[object], head: str = "phone,quantity,reference") -> bytes:
    """Return a list as CSV."""
    return "\r\n".join([head, *(",".join(map(str, row)) for row in rows)]).encode()


def as_xlsx(*rows: Sequence[object], formula: str | None = None) -> bytes:
    """Return a list as XLSX; numbers are numbers, as spreadsheets keep them."""
    lines = [("手机号", "数量", "凭证号"), *rows]
    written = "".join(
        f'<row r="{y}">' + "".join(_cell(x, y, cell) for x, cell in enumerate(line)) + "</row>"
        for y, line in enumerate(lines, 1)
    )
    if formula:
        written += f'<row r="{len(lines) + 1}"><c r="A{len(lines) + 1}"><f>{escape(formula)}</f><v>1</v></c></row>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", _TYPES)
        package.writestr("_rels/.rels", _RELS.format(kind="officeDocument", target="xl/workbook.xml"))
        package.writestr("xl/_rels/workbook.xml.rels", _RELS.format(kind="worksheet", target="worksheets/sheet1.xml"))
        package.writestr("xl/workbook.xml", _BOOK)
        package.writestr("xl/worksheets/sheet1.xml", _SHEET.format(rows=written))
    return out.getvalue()


def _cell(column: int, row: int, value: object) -> str:
    place = f"{'ABC'[column]}{row}"
    if isinstance(value, int | float):
        return f'<c r="{place}"><v>{value}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t>{escape(str(value))}</t></is></c>'
