"""CSV bytes -> rows: strict UTF-8, then strict CP932, then refusal naming the line."""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from typing import BinaryIO

from yorozu.core.errors import InvalidInput
from yorozu.core.sheets.escaping import unescape
from yorozu.core.sheets.grid import Cell, CellFault, Grid, NumberedRow, refuse, too_long_cell
from yorozu.core.sheets.limits import Limits

SAVE_AGAIN = "UTF-8またはShift_JIS（CP932）のCSVで保存し直してください。"
FORMULA = "数式（=で始まるセル）は使えません。値を入力してください。"

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_ISO_2022_JP = re.compile(rb"\x1b(?:\$[@B]|\([BJI])")
_MARKUP = re.compile(rb"\s*(?:<!doctype|<html|<\?xml|<table|<!--)", re.IGNORECASE)
_PDF = b"%PDF-"
_CHUNK = 1 << 20
# Python's cp932 gives these bytes a meaning that Windows does not: they are never real text.
_CP932_HOLES = re.compile("[\x80-\x9f\xa0\uf8f0-\uf8f3]")


def open_csv(data: bytes, limits: Limits) -> Grid:
    """Decide the encoding and open the rows; refuses what is not text at all."""
    refuse_other_formats(data)
    encoding = encoding_of(io.BytesIO(data))
    return Grid("CSV", _rows(data, encoding, limits), encoding=encoding)


def refuse_other_formats(data: bytes) -> None:
    """Refuse what the first bytes show not to be a CSV at all."""
    if data.startswith(_UTF16) or _looks_like_utf16(data):
        raise refuse(f"文字コードがUTF-16（Unicodeテキスト）です。{SAVE_AGAIN}")
    if _ISO_2022_JP.search(data, 0, 1 << 16):
        raise refuse(f"文字コードがISO-2022-JP（JIS）です。{SAVE_AGAIN}")
    if data.startswith(_PDF):
        raise refuse("PDFファイルです。CSVまたはExcel（.xlsx）のファイルを選んでください。")
    if _MARKUP.match(data, 3 if data.startswith(codecs.BOM_UTF8) else 0):
        raise refuse("HTMLまたはXMLのファイルです。CSVまたはExcel（.xlsx）で保存し直してください。")


def _looks_like_utf16(data: bytes) -> bool:
    """Without a mark: every comma and digit has a zero byte, always on the same side."""
    head = data[:4000]
    fewer, more = sorted((head[0::2].count(0), head[1::2].count(0)))
    return fewer == 0 and more > 4 and more * 20 > len(head)


def encoding_of(source: BinaryIO) -> str:
    """utf-8-sig or cp932, by reading the whole source strictly; refuses anything else.

    Reads in pieces, so that a large file stays small in memory.
    """
    source.seek(0)
    has_mark = source.read(3) == codecs.BOM_UTF8
    utf8_error = _first_error(source, "utf-8-sig")
    if utf8_error is None:
        return "utf-8-sig"
    if has_mark:
        raise refuse(
            f"UTF-8として読めない文字があります（テキストの{_line_at(source, utf8_error)}行目）。"
            f"{SAVE_AGAIN}"
        )
    cp932_error = _first_error(source, "cp932")
    if cp932_error is None:
        return "cp932"
    line = _line_at(source, max(utf8_error, cp932_error))
    raise refuse(
        "文字コードがUTF-8でもShift_JIS（CP932）でもないか、壊れた文字があります"
        f"（テキストの{line}行目）。{SAVE_AGAIN}"
    )


def _first_error(source: BinaryIO, encoding: str) -> int | None:
    """Offset of the first byte that does not decode."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    start = 0
    source.seek(0)
    while True:
        piece = source.read(_CHUNK)
        try:
            decoded = decoder.decode(piece, final=not piece)
        except UnicodeDecodeError as error:
            # The decoder may have kept up to three bytes of the piece before.
            return max(0, start + len(piece) - len(error.object) + error.start)
        if encoding == "cp932" and (hole := _CP932_HOLES.search(decoded)):
            return start + len(decoded[: hole.start()].encode("cp932", "replace"))
        if not piece:
            return None
        start += len(piece)


def _line_at(source: BinaryIO, offset: int) -> int:
    """The line of the text in which a byte lies."""
    source.seek(0)
    lines, ends_in_return = 1, False
    while offset > 0 and (piece := source.read(min(_CHUNK, offset))):
        offset -= len(piece)
        lines += piece.count(b"\n") + piece.count(b"\r") - piece.count(b"\r\n")
        lines -= ends_in_return and piece.startswith(b"\n")
        ends_in_return = piece.endswith(b"\r")
    return lines


def _lines(data: bytes, encoding: str, limits: Limits) -> Iterator[str]:
    with io.TextIOWrapper(io.BytesIO(data), encoding=encoding, newline="") as stream:
        number = 0
        while line := stream.readline(limits.max_line_characters + 1):
            number += 1
            if number > limits.max_lines:
                raise refuse(f"行数が多すぎます（空行を含めて{limits.max_lines:,}行まで）。")
            if len(line) > limits.max_line_characters:
                raise refuse(f"テキストの{number}行目が長すぎます。CSVか確かめてください。")
            yield line


def _rows(data: bytes, encoding: str, limits: Limits) -> Iterator[NumberedRow]:
    reader = csv.reader(_lines(data, encoding, limits), strict=True)
    number = 0
    while True:
        begins = reader.line_num + 1
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise broken_record(error, number, begins) from error
        yield number, [_cell(cell, limits) for cell in cells]


def broken_record(error: csv.Error, number: int | None, begins: int) -> InvalidInput:
    """The refusal of a record whose quotes do not close; nothing after it can be read."""
    where = f"（テキストの{begins}行目から）"
    if "field larger" in str(error):
        message = f'1つのセルが長すぎます。引用符「"」が閉じられているか確かめてください{where}。'
    else:
        message = f'引用符「"」の対応が取れていません{where}。以後の行は読めません。'
    return refuse(message, number)


def _cell(cell: str, limits: Limits) -> Cell:
    if len(cell) > limits.max_cell_characters:
        return too_long_cell(limits)
    if cell.startswith("="):
        return CellFault(FORMULA)
    return unescape(cell) if cell.startswith("'") else cell
