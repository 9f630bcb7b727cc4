"""An XLSX is a ZIP of XML: its size, parts and dangers are checked before any parser sees it."""

import io
import re
import zipfile
import zlib
from dataclasses import dataclass, field
from typing import IO

from yorozu.core.errors import InvalidInput
from yorozu.core.sheets.grid import refuse
from yorozu.core.sheets.limits import MEGABYTE, Limits

BROKEN = "Excelファイルが壊れているか、途中までしか保存されていません。開いて保存し直してください。"
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP_MAGICS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")

_WORKBOOK = "xl/workbook.xml"
_STRINGS = "xl/sharedStrings.xml"
_SHEETS = re.compile(r"xl/worksheets/[^/]+\.xml")
_FORBIDDEN = (
    (
        "xl/vbaproject",
        "マクロを含むファイル（.xlsm）は受け付けられません。.xlsxで保存し直してください。",
    ),
    ("xl/macrosheets", "マクロシートを含むファイルは受け付けられません。"),
    (
        "xl/externallinks",
        "ほかのブックへのリンクを含みます。リンクを解除して（値にして）ください。",
    ),
    ("xl/connections", "外部データへの接続を含みます。接続を削除してください。"),
    ("xl/embeddings", "埋め込みオブジェクトを含みます。削除してから保存し直してください。"),
    ("xl/activex", "ActiveXコントロールを含みます。削除してから保存し直してください。"),
)
_OTHER_KINDS = (
    ("xl/workbook.bin", "Excelバイナリ形式（.xlsb）です。.xlsxで保存し直してください。"),
    ("word/document.xml", "Wordのファイルです。Excel（.xlsx）かCSVを選んでください。"),
    ("ppt/presentation.xml", "PowerPointのファイルです。Excel（.xlsx）かCSVを選んでください。"),
    ("content.xml", "OpenDocument形式（.ods）です。Excel（.xlsx）かCSVで保存し直してください。"),
)
_DTD = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_ROWS = re.compile(rb"<(?:[A-Za-z0-9]+:)?row[\s>/]")
_CELLS = re.compile(rb"<(?:[A-Za-z0-9]+:)?c[\s>/]")
_STRING_ITEMS = re.compile(rb"<(?:[A-Za-z0-9]+:)?(?:si|r|t)[\s>/]")
_MERGES = re.compile(
    rb"<(?:[A-Za-z0-9]+:)?mergeCell\s[^>]{0,200}?ref=\"([A-Z]{1,3}[0-9]{1,7}:"
    rb"[A-Z]{1,3}[0-9]{1,7})\""
)
_ENCODING = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([^\"']*)")
_CHUNK = 1 << 20
_OVERLAP = 256
_MAX_MERGES = 1_000
_MAX_ROW_BYTES = 3 * MEGABYTE
_SPARE_TAGS = 300_000
_UTF16 = {b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<"}


@dataclass(slots=True)
class SheetFacts:
    """What a quick look at one sheet's XML tells before it is parsed."""

    rows: int = 0
    cells: int = 0
    strings: int = 0
    tags: int = 0
    merged: list[str] = field(default_factory=list)


def refuse_ole(data: bytes) -> InvalidInput:
    """Old .xls and password-protected files share one container: say which it is."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        return refuse(
            "パスワードで保護されたExcelファイルです。パスワードを外して保存し直してください。"
        )
    return refuse("古い形式のExcelファイル（.xls）です。.xlsxで保存し直してください。")


def check_package(source: IO[bytes], limits: Limits) -> dict[str, SheetFacts]:
    """Refuse bombs, macros, links, passwords and other formats; facts by sheet path."""
    try:
        packed = source.seek(0, io.SEEK_END)
        with zipfile.ZipFile(source) as archive:
            members = archive.infolist()
            _check_sizes(members, packed, limits)
            _check_names(members)
            _check_side_members(members, limits)
            return _scan(archive, members, limits)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise refuse(BROKEN) from error
    except (RuntimeError, UnicodeDecodeError, ValueError, OverflowError) as error:
        raise refuse(BROKEN) from error


def _check_sizes(members: list[zipfile.ZipInfo], packed: int, limits: Limits) -> None:
    if len(members) > limits.max_members:
        raise refuse(f"ファイルの中の部品が多すぎます（{limits.max_members:,}個まで）。")
    unpacked = sum(member.file_size for member in members)
    if unpacked > limits.max_unpacked:
        allowed = limits.max_unpacked // MEGABYTE
        raise refuse(f"展開すると大きすぎるExcelファイルです（{allowed:,}MBまで）。")
    if unpacked > 10 * MEGABYTE and unpacked > packed * limits.max_ratio:
        raise refuse("圧縮率が異常に高いため、安全のため受け付けられません。")


def _check_names(members: list[zipfile.ZipInfo]) -> None:
    names = [member.filename.lower() for member in members]
    for prefix, message in _FORBIDDEN:
        if any(name.startswith(prefix) for name in names):
            raise refuse(message)
    if any(member.flag_bits & 1 for member in members):
        raise refuse("パスワード付きのZIPファイルです。パスワードを外して保存し直してください。")
    if _WORKBOOK not in names:
        kinds = (message for name, message in _OTHER_KINDS if name in names)
        raise refuse(
            next(kinds, "ZIPファイルです。展開して中のCSVかExcel（.xlsx）を選んでください。")
        )
    if len(set(names)) != len(names):
        raise refuse(BROKEN)


def _check_side_members(members: list[zipfile.ZipInfo], limits: Limits) -> None:
    """Parts read into memory whole (styles, theme, relations) must be small."""
    for member in members:
        name = member.filename
        streamed = name == _STRINGS or _SHEETS.fullmatch(name) or name.startswith("xl/media/")
        if not streamed and member.file_size > limits.max_side_member:
            raise refuse(
                "書式などの付属情報が大きすぎます。値だけを新しいブックに貼り付けてください。"
            )


def _scan(
    archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], limits: Limits
) -> dict[str, SheetFacts]:
    """Look through every part: a workbook may call any of them a sheet."""
    facts: dict[str, SheetFacts] = {}
    for member in members:
        with archive.open(member) as stream:
            is_sheet = _SHEETS.fullmatch(member.filename) is not None
            found = _scan_part(stream, limits, is_sheet=is_sheet)
        if is_sheet:
            facts[member.filename] = found
            usual = 8 * found.cells + 4 * found.rows
        else:
            usual = 14 * found.strings
            if found.strings > limits.max_shared_strings:
                raise refuse("文字列が多すぎるExcelファイルです。CSVで取り込んでください。")
        # More tags than values could need: a part made to fill the memory.
        if found.tags > usual + _SPARE_TAGS:
            raise refuse("ファイルの構造が異常に複雑なため、安全のため受け付けられません。")
    return facts


def _scan_part(stream: IO[bytes], limits: Limits, *, is_sheet: bool) -> SheetFacts:
    found, tail, since_row = SheetFacts(), b"", 0
    while piece := stream.read(_CHUNK):
        window = tail + piece
        if (b"<!" in window and _DTD.search(window)) or (not tail and _odd_encoding(window)):
            raise refuse("安全でないXML（DTDなど）を含むため受け付けられません。")
        # Counting in the new piece alone may miss a tag on the seam: bounds, not accounts.
        rows = _count(_ROWS, piece, b"row")
        found.rows += rows
        found.cells += _count(_CELLS, piece, b"c")
        if not is_sheet:
            found.strings += len(_STRING_ITEMS.findall(piece))
        found.tags += piece.count(b"<")
        _note_merges(found, window)
        _check_counts(found, limits)
        since_row = len(piece) - _last_row(piece) if rows else since_row + len(piece)
        if found.rows and since_row > _MAX_ROW_BYTES:
            raise refuse("1行が大きすぎるExcelファイルです。CSVで取り込んでください。")
        tail = window[-_OVERLAP:]
    return found


def _odd_encoding(start: bytes) -> bool:
    """Any encoding but UTF-8 could hide a DTD from the search above."""
    declared = _ENCODING.search(start[:400])
    plain = declared is None or declared.group(1).lower() in {b"utf-8", b"us-ascii", b"ascii"}
    return start[:2] in _UTF16 or not plain


def _check_counts(found: SheetFacts, limits: Limits) -> None:
    if found.cells > limits.max_workbook_cells or found.rows > limits.max_lines:
        raise refuse(
            f"セルが多すぎます（Excelでは{limits.max_workbook_cells:,}個まで）。"
            "CSVで取り込むか、ファイルを分けてください。"
        )


def _count(pattern: re.Pattern[bytes], piece: bytes, name: bytes) -> int:
    """Tags of this name; without prefixes in sight a count at sight, never too low."""
    return len(pattern.findall(piece)) if b":" + name in piece else piece.count(b"<" + name)


def _last_row(piece: bytes) -> int:
    """Where the last row of a piece begins, or where something begins that is spelled alike."""
    return max(piece.rfind(b"<row"), piece.rfind(b":row"))


def _note_merges(found: SheetFacts, window: bytes) -> None:
    if b"mergeCell" not in window:
        return
    for match in _MERGES.finditer(window):
        address = match.group(1).decode("ascii")
        if len(found.merged) < _MAX_MERGES and address not in found.merged[-3:]:
            found.merged.append(address)
