"""A CSV as the workbook that a spreadsheet program makes of it: shared strings, real numbers."""

import csv
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

NUMBERS = frozenset({9})
_PARTS = {
    "[Content_Types].xml": (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
        'relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
        '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-'
        'officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/'
        'sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.'
        'worksheet+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="application/'
        'vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>'
    ),
    "_rels/.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
        'relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r='
        '"http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet '
        'name="台帳" sheetId="1" r:id="rId1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
        'relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
        'sharedStrings" Target="sharedStrings.xml"/></Relationships>'
    ),
}
_DECLARED = '<?xml version="1.0" encoding="UTF-8"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def write(source: Path, target: Path) -> Path:
    """Write the rows of a CSV (UTF-8) as the first sheet."""
    strings: dict[str, int] = {}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
        for name, text in _PARTS.items():
            archive.writestr(name, f"{_DECLARED}{text}")
        with (
            source.open(encoding="utf-8", newline="") as stream,
            archive.open("xl/worksheets/sheet1.xml", "w") as sheet,
        ):
            sheet.write(f'{_DECLARED}<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
            for number, row in enumerate(csv.reader(stream), start=1):
                sheet.write(_row(number, row, strings).encode())
            sheet.write(b"</sheetData></worksheet>")
        items = "".join(f"<si><t>{escape(text)}</t></si>" for text in strings)
        archive.writestr(
            "xl/sharedStrings.xml",
            f'{_DECLARED}<sst xmlns="{_MAIN}">{items}</sst>',
        )
    return target


def _row(number: int, row: list[str], strings: dict[str, int]) -> str:
    cells = []
    for place, text in enumerate(row):
        name = f"{chr(65 + place)}{number}"
        if place in NUMBERS and text.isdigit():
            cells.append(f'<c r="{name}"><v>{text}</v></c>')
        elif text:
            string = strings.setdefault(text, len(strings))
            cells.append(f'<c r="{name}" t="s"><v>{string}</v></c>')
    return f'<row r="{number}">{"".join(cells)}</row>'
