"""Rows -> CSV or XLSX: every text inert, numbers stay numbers, nothing lost in silence."""

import csv
import datetime
import io
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from yorozu.core.errors import InvalidInput, Problem
from yorozu.core.figures import Blank
from yorozu.core.sheets.escaping import escape, to_xml_text

Encoding = Literal["utf-8-sig", "cp932"]
GETA = "〓"
MAX_PROBLEMS = 1_000
MAX_XLSX_TEXT = 32_767
MAX_EXACT_DIGITS = 15


def to_csv(
    header: Sequence[str],
    rows: Iterable[Sequence[Any]],
    encoding: Encoding = "utf-8-sig",
    *,
    replace: bool = False,
) -> bytes:
    """A CSV with CRLF. In CP932, characters it lacks are refused by place, or become 〓."""
    lines = [[_csv_cell(cell) for cell in row] for row in (header, *rows)]
    if encoding == "cp932":
        _fit_cp932(lines, list(header), replace=replace)
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows(lines)
    return out.getvalue().encode(encoding)


def _csv_cell(value: Any) -> str:
    if isinstance(value, str):
        return escape(value)
    plain = _plain(value)
    if isinstance(plain, datetime.datetime):
        return plain.isoformat(" ", "minutes")
    if isinstance(plain, datetime.date):
        return plain.isoformat()
    return f"{plain:f}" if isinstance(plain, Decimal) else str(plain)


def _plain(value: Any) -> Any:
    """None and the blanks as they print, a tick as ○; anything else must be exact."""
    if value is None:
        return ""
    if isinstance(value, Blank):
        return value.value
    if isinstance(value, bool):
        return "○" if value else ""
    if isinstance(value, int | Decimal | datetime.date | datetime.datetime):
        return value
    raise TypeError(f"a sheet takes no {type(value).__name__}")


def _fit_cp932(lines: list[list[str]], header: list[str], *, replace: bool) -> None:
    problems: list[Problem] = []
    for number, line in enumerate(lines, start=1):
        for place, cell in enumerate(line):
            lacking = _lacking(cell)
            if lacking and replace:
                line[place] = "".join(GETA if ch in lacking else ch for ch in cell)
            elif lacking:
                heading = header[place] if place < len(header) else ""
                named = "、".join(f"{ch}（U+{ord(ch):04X}）" for ch in lacking)
                message = f"Shift_JIS（CP932）で表せない文字があります：{named}"
                problems.append(Problem(number, heading, message))
    if problems:
        left = len(problems) - MAX_PROBLEMS
        rest = [Problem(None, "", f"ほか{left:,}件の問題があります。")] if left > 0 else []
        raise InvalidInput(
            problems[:MAX_PROBLEMS] + rest,
            "Shift_JIS（CP932）で表せない文字があります。UTF-8で出力するか、〓に置き換えてください。",
        )


def _lacking(cell: str) -> list[str]:
    try:
        cell.encode("cp932")
    except UnicodeEncodeError:
        return [ch for ch in dict.fromkeys(cell) if not _fits(ch)]
    return []


def _fits(character: str) -> bool:
    try:
        character.encode("cp932")
    except UnicodeEncodeError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet to write. `formats` maps a heading to a number format such as "#,##0"."""

    title: str
    header: Sequence[str]
    rows: Iterable[Sequence[Any]]
    caption: str = ""
    formats: Mapping[str, str] = field(default_factory=dict)
    widths: Mapping[str, float] = field(default_factory=dict)


_EDGE = Side(style="thin", color="FF808080")
_BORDER = Border(left=_EDGE, right=_EDGE, top=_EDGE, bottom=_EDGE)
_HEADER_FILL = PatternFill("solid", fgColor="FFE6ECF2")
_FORBIDDEN_IN_TITLE = re.compile(r"[\[\]:*?/\\]")
_NUMBER = "#,##0;[Red]▲#,##0"
_DATE = "yyyy-mm-dd"


def to_xlsx(sheets: Sequence[Sheet]) -> bytes:
    """A workbook for screen and print: A4 landscape, heading frozen and repeated."""
    # Every value is checked before the first is written: a half-written book cannot be closed.
    checked = [(sheet, _checked(sheet)) for sheet in sheets]
    book = Workbook(write_only=True)
    taken: set[str] = set()
    for sheet, rows in checked:
        target = book.create_sheet(_title(sheet.title, taken))
        _lay_out(target, sheet, rows)
        if sheet.caption:
            target.append([_text_cell(target, sheet.caption, Font(size=10))])
        target.append([_heading_cell(target, heading) for heading in sheet.header])
        formats = [sheet.formats.get(heading) for heading in sheet.header]
        for row in rows:
            target.append(
                [_value_cell(target, value, form) for value, form in zip(row, formats, strict=True)]
            )
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _checked(sheet: Sheet) -> list[list[Any]]:
    rows: list[list[Any]] = []
    for number, row in enumerate(sheet.rows, start=3 if sheet.caption else 2):
        values = [value if isinstance(value, str) else _plain(value) for value in row]
        for heading, value in zip(sheet.header, values, strict=False):
            if isinstance(value, str) and len(to_xml_text(escape(value))) > MAX_XLSX_TEXT:
                message = f"Excelの1つのセルに入る{MAX_XLSX_TEXT:,}文字を超えています。"
                raise InvalidInput([Problem(number, heading, message)])
        if len(values) > len(sheet.header):
            raise TypeError("a row is longer than its heading")
        rows.append(values + [""] * (len(sheet.header) - len(values)))
    return rows


def _title(wanted: str, taken: set[str]) -> str:
    base = _FORBIDDEN_IN_TITLE.sub("・", wanted).strip("'")[:31] or "Sheet"
    title, number = base, 2
    while title.casefold() in taken:
        suffix = f"({number})"
        title, number = base[: 31 - len(suffix)] + suffix, number + 1
    taken.add(title.casefold())
    return title


def _lay_out(target: Any, sheet: Sheet, rows: list[list[Any]]) -> None:
    heading_row = 2 if sheet.caption else 1
    target.freeze_panes = f"A{heading_row + 1}"
    target.print_title_rows = f"1:{heading_row}"
    target.page_setup.orientation = "landscape"
    target.page_setup.paperSize = 9  # A4
    target.page_setup.fitToWidth, target.page_setup.fitToHeight = 1, 0
    target.sheet_properties.pageSetUpPr.fitToPage = True
    target.oddFooter.center.text = "&P / &N"
    for place, heading in enumerate(sheet.header):
        widest = max((_width(row[place]) for row in rows[:500] if place < len(row)), default=0)
        fitted = min(60.0, max(_width(heading), widest, 6) + 2)
        letter = get_column_letter(place + 1)
        target.column_dimensions[letter].width = sheet.widths.get(heading, fitted)


def _width(value: Any) -> float:
    """Columns a value takes on screen: full-width characters count double."""
    shown = _csv_cell(value) if not isinstance(value, str) else value
    longest = max(shown[:200].splitlines() or [""], key=len)
    return sum(2 if unicodedata.east_asian_width(ch) in "WFA" else 1 for ch in longest)


def _text_cell(target: Any, text: str, font: Font | None = None) -> WriteOnlyCell:
    # Control characters are coded only after the escape, which looks at the first of them.
    cell = WriteOnlyCell(target, to_xml_text(escape(text)))
    # Whatever the text looks like (an error value, a formula), it stays a text.
    cell.data_type = "s"
    if font is not None:
        cell.font = font
    return cell


def _heading_cell(target: Any, heading: str) -> WriteOnlyCell:
    cell = _text_cell(target, heading, Font(bold=True))
    cell.fill, cell.border = _HEADER_FILL, _BORDER
    cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    return cell


def _value_cell(target: Any, plain: Any, number_format: str | None) -> WriteOnlyCell:
    exact = not isinstance(plain, int | Decimal) or _digits(plain) <= MAX_EXACT_DIGITS
    if isinstance(plain, str) or not exact:
        text = plain if isinstance(plain, str) else _csv_cell(plain)
        cell = _text_cell(target, text)
        _dress(cell, "@wrap" if "\n" in text else "@")
    else:
        cell = WriteOnlyCell(target, plain)
        _dress(cell, number_format or _default_format(plain))
    return cell


def _dress(cell: Any, look: str) -> None:
    """Border and format; styled once per workbook and look, since styling is slow."""
    book = cell.parent.parent
    looks = book.__dict__.setdefault("_yorozu_looks", {})
    if look not in looks:
        cell.border = _BORDER
        if look.startswith("@"):
            cell.alignment = Alignment(vertical="top", wrap_text=look == "@wrap")
        else:
            cell.number_format = look
        looks[look] = cell._style  # noqa: SLF001 (no public name)
    cell._style = looks[look]  # noqa: SLF001 (as above)


def _digits(value: int | Decimal) -> int:
    return len(Decimal(value).as_tuple().digits)


def _default_format(value: Any) -> str:
    if isinstance(value, datetime.datetime):
        return f"{_DATE} hh:mm"
    if isinstance(value, datetime.date):
        return _DATE
    if isinstance(value, Decimal) and (places := -int(value.as_tuple().exponent)) > 0:
        return f"#,##0.{'0' * places};[Red]▲#,##0.{'0' * places}"
    return _NUMBER
