"""Realistic and hostile files, made here byte by byte, each with the outcome it must have."""

import datetime
import io
import re
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook

from yorozu.core.figures import Blank
from yorozu.core.sheets import Column, cells

HEADINGS = ("拠点コード", "氏名", "対象月", "相談対応件数", "中小企業診断士", "備考")
COLUMNS = [
    Column("hub", "拠点コード", cells.code(2), ("拠点番号",), key=True),
    Column("name", "氏名", cells.text(20)),
    Column("month", "対象月", cells.month(latest=datetime.date(2026, 4, 1)), ("月",)),
    Column("cases", "相談対応件数", cells.count(), ("相談件数",)),
    Column("sme", "中小企業診断士", cells.mark(), ("診断士",)),
    Column("note", "備考", cells.text(200, multiline=True), optional=True, blank=True),
]
APRIL = datetime.date(2026, 4, 1)
NR, NA = Blank.NOT_REPORTED, Blank.NOT_APPLICABLE
GOOD = ("01", "山田太郎", "2026-04", "12", "○", "")
GOOD_ROW = ("01", "山田太郎", APRIL, 12, True, None)
SECOND = ("47", "比嘉花子", "2026年4月", "1,234", "", "")
SECOND_ROW = ("47", "比嘉花子", APRIL, 1234, False, None)

SHORT_ROW = (*GOOD_ROW[:3], NR, False, None)

Fault = tuple[int | None, str, str]


@dataclass(frozen=True)
class Case:
    """A file and its outcome: the rows it gives, or the faults it must name."""

    name: str
    data: bytes
    rows: tuple[tuple[Any, ...], ...] = ()
    faults: tuple[Fault, ...] = ()
    filename: str = "upload.csv"
    note: str = ""


def csv_text(*lines: Iterable[str], header: Iterable[str] = HEADINGS, end: str = "\r\n") -> str:
    """Comma-separated text; cells with commas, quotes or breaks are quoted."""

    def quoted(cell: str) -> str:
        needs = any(ch in cell for ch in ',"\r\n')
        return '"' + cell.replace('"', '""') + '"' if needs else cell

    return "".join(",".join(map(quoted, line)) + end for line in (tuple(header), *lines))


def utf8(*lines: Iterable[str], **options: Any) -> bytes:
    """A UTF-8 file with BOM, as the portal itself writes it."""
    return csv_text(*lines, **options).encode("utf-8-sig")


def with_cell(place: int, value: str) -> tuple[str, ...]:
    """The good line with one cell changed."""
    return (*GOOD[:place], value, *GOOD[place + 1 :])


def expect(place: int, value: Any) -> tuple[Any, ...]:
    """The good row with one value changed."""
    return (*GOOD_ROW[:place], value, *GOOD_ROW[place + 1 :])


def workbook(
    *lines: Iterable[Any],
    header: Iterable[Any] = HEADINGS,
    change: Callable[[Workbook], None] | None = None,
) -> bytes:
    """An XLSX as a spreadsheet program would save it (shared strings)."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for line in (header, *lines):
        sheet.append(list(line))
    if change:
        change(book)
    out = io.BytesIO()
    book.save(out)
    return share_strings(out.getvalue())


def rezip(
    data: bytes,
    replace: dict[str, bytes] | None = None,
    add: dict[str, bytes] | None = None,
    drop: Iterable[str] = (),
) -> bytes:
    """The same package with some parts exchanged, added or left out."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            if name not in set(drop):
                new.writestr(name, (replace or {}).get(name, old.read(name)))
        for name, content in (add or {}).items():
            new.writestr(name, content)
    return out.getvalue()


def part(data: bytes, name: str) -> bytes:
    """One part of a package."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(name)


SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"
TYPES = "[Content_Types].xml"
MAIN = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
INLINE = re.compile(rb't="inlineStr"([^>]*)><is>(.*?)</is>', re.DOTALL)


def share_strings(data: bytes) -> bytes:
    """Move inline texts to the shared table, which is how Excel itself saves them."""
    items: list[bytes] = []

    def shared(found: re.Match[bytes]) -> bytes:
        items.append(b"<si>" + found.group(2) + b"</si>")
        return b't="s"%b><v>%d</v>' % (found.group(1), len(items) - 1)

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
        changed = {name: INLINE.sub(shared, archive.read(name)) for name in sheets}
        types = archive.read(TYPES)
    override = (
        b'<Override PartName="/xl/sharedStrings.xml" ContentType="application/'
        b'vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>'
    )
    if STRINGS.encode() not in types:
        changed[TYPES] = types.replace(b"</Types>", override)
    table = b'<sst xmlns="%b">%b</sst>' % (MAIN, b"".join(items))
    return rezip(data, changed, {STRINGS: table}, drop=[STRINGS])


def plain_zip(**members: bytes) -> bytes:
    """A ZIP of the given members (__ stands for /, and _dot_ for .)."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return out.getvalue()


BASE = workbook(GOOD)
SHEET_OPEN = (
    b'<?xml version="1.0" encoding="UTF-8"?>'
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
)
SHEET_CLOSE = b"</sheetData></worksheet>"


def raw_sheet(body: bytes) -> bytes:
    """A workbook whose sheet data is written by hand."""
    return rezip(BASE, replace={SHEET: SHEET_OPEN + body + SHEET_CLOSE})


# ------------------------------------------------------------------ cells of a CSV

COUNTS_TAKEN: dict[str, Any] = {
    "0": 0,
    "": NR,
    "　": NR,
    "-": NA,
    "－": NA,
    "―": NA,
    "ー": NA,
    "−": NA,
    "１２": 12,
    "１，２３４": 1234,
    "1,234,567": 1234567,
    " 12 ": 12,
    "　１２　": 12,
    "007": 7,
    "999999999999999": 999999999999999,
    "▲0": 0,
}
COUNTS_REFUSED = {
    "12.9": "小数は使えません",
    "12.0": "小数は使えません",
    "１２．５": "小数は使えません",
    "1e3": "指数表記",
    "1E+3": "指数表記",
    "1_000": "下線",
    "①": "丸数字",
    "㉑": "丸数字",
    "Ⅲ": "ローマ数字",
    "½": "上付き",
    "²": "上付き",
    "十二": "漢数字",
    "１２万": "漢数字",
    "١٢": "算用数字（0～9）以外",
    "१२": "算用数字（0～9）以外",
    "True": "真偽値",
    "FALSE": "真偽値",
    "1234567890123456": "15桁",
    "9" * 5000: "15桁",
    "1,23": "桁区切り",
    "12,34,567": "桁区切り",
    ",123": "桁区切り",
    "1、234": "桁区切り",
    "12件": "単位",
    "¥100": "単位",
    "+5": "「＋」",
    "85%": "「％」",
    "1 234": "空白",
    "(5)": "括弧",
    "-5": "負の数",
    "▲5": "負の数",
    "△１，２３４": "負の数",
    "－５": "負の数",
    "--5": "重なって",
    "12\u200b": "目に見えない",
    "約10": "数として読めません",
    "N/A": "数として読めません",
    "0x10": "数として読めません",
    "nan": "数として読めません",
    "Infinity": "数として読めません",
    "=1+1": "数式",
    "＝1": "数式",
}
MONTHS_TAKEN = [
    "2026-04",
    "2026/4",
    "2026/04",
    "2026年4月",
    "2026年４月",
    "２０２６年４月",
    "令和8年4月",
    "令和８年４月分",
    "R8.4",
    "Ｒ８．４",
    "r8/4",
    "202604",
    "2026/4/1",
    "2026-04-01",
]
MONTHS_REFUSED = {
    "2026-05": "2026-04より後の月",
    "2027/1": "2026-04より後の月",
    "2026-13": "暦にない",
    "2026-00": "暦にない",
    "4月": "年がありません",
    "4/1": "年がありません",
    "Apr-26": "表計算ソフトが変えた",
    "26-Apr": "表計算ソフトが変えた",
    "46113": "シリアル値",
    "2026/4/15": "日まで入力",
    "平成31年5月": "令和元年5月",
    "令和0年4月": "令和0年",
    "昭和64年2月": "平成元年2月",
    "26.4.1": "西暦4桁か元号",
    "0001-01": "1926年から",
    "来月": "日付として読めません",
    "2" * 3000: "長すぎます",
}
MARKS_TAKEN = {
    "○": True, "◯": True, "〇": True, "1": True, "１": True, "✓": True, "x": True, "X": True,
    "レ": True, "有": True, "": False, "－": False, "-": False, "0": False, "×": False,
    "無": False, "FALSE": False, "TRUE": True,
}  # fmt: skip
MARKS_REFUSED = ["△", "2", "?", "①", "はいいいえ", "✕", "○○", "-1"]
CODES_TAKEN = {"1": "01", "１": "01", "01": "01", " 47 ": "47", "０７": "07"}
CODES_REFUSED = {
    "001": "2桁まで",
    "A1": "2桁の数字",
    "①": "2桁の数字",
    "1.0": "2桁の数字",
    "": "必須です",
    "1 2": "2桁の数字",
    "-1": "2桁の数字",
}
NAMES_KEPT = [
    "髙橋一郎", "山﨑花子", "德川", "①㈱", "神谷", "隆", "ﾔﾏﾀﾞ", "𠮷野", "葛󠄀城", "O'Brien", "'quote",
    "山田　太郎", "～〜－−", "José", "-", "合計花子", "Ａｎｎａ", "a\"b", "山,田", "か゚",
]  # fmt: skip
NAMES_REFUSED = {
    "": "必須です",
    "　 ": "必須です",
    "あ" * 21: "20文字以内",
    "山田\n太郎": "改行やタブ",
    "山田\t太郎": "改行やタブ",
    "山\x00田": "制御文字（U+0000）",
    "山\x07田": "制御文字（U+0007）",
    "山\ue000田": "外字（U+E000）",
    "山\ufffd田": "文字化け",
    "山\u202e田": "目に見えない文字（U+202E）",
    "山\u200b田": "目に見えない文字（U+200B）",
    "=cmd|'/c calc'!A0": "数式",
    '="01"': "数式",
    "長" * 10_001: "10,000文字を超えて",
}


def cell_cases() -> list[Case]:
    """One file per cell content, good or bad, with a good second line that must be read too."""
    taken: list[tuple[int, str, Any]] = [(3, text, value) for text, value in COUNTS_TAKEN.items()]
    taken += [(2, text, APRIL) for text in MONTHS_TAKEN]
    taken += [(4, text, value) for text, value in MARKS_TAKEN.items()]
    taken += [(0, text, value) for text, value in CODES_TAKEN.items()]
    taken += [(1, text, text) for text in NAMES_KEPT if text != "'quote"] + [
        (1, "'quote", "'quote")
    ]
    refused: list[tuple[int, str, str]] = [(3, t, why) for t, why in COUNTS_REFUSED.items()]
    refused += [(2, text, why) for text, why in MONTHS_REFUSED.items()]
    refused += [(4, text, "読めません") for text in MARKS_REFUSED]
    refused += [(0, text, why) for text, why in CODES_REFUSED.items()]
    refused += [(1, text, why) for text, why in NAMES_REFUSED.items()]
    cases = [
        Case(
            f"cell {HEADINGS[place]} {text[:12]!r} taken",
            utf8(with_cell(place, text), SECOND),
            rows=(expect(place, value), SECOND_ROW),
        )
        for place, text, value in taken
    ]
    for place, text, why in refused:
        fault = (2, HEADINGS[place], why)
        data = utf8(with_cell(place, text), SECOND)
        cases.append(
            Case(f"cell {HEADINGS[place]} {text[:12]!r} refused", data, (SECOND_ROW,), (fault,))
        )
    return cases


# ------------------------------------------------------------------ whole CSV files

TEXT = csv_text(GOOD, SECOND)
BOTH = (GOOD_ROW, SECOND_ROW)
TITLE_LINES = "\ufeff令和8年度 実績,,,\r\n（単位：件）\r\n\r\n".encode()
SAVE = "UTF-8またはShift_JIS（CP932）のCSVで保存し直してください"


def csv_cases() -> list[Case]:
    """Encodings, headings, line ends, quotes, totals, sizes."""
    head = list(HEADINGS)
    swapped = [head[i] for i in (5, 4, 3, 2, 1, 0)]
    broken_utf8 = TEXT.encode("utf-8-sig").replace("太郎".encode(), "太".encode() + b"\xe9\x83")
    total = ("合計", "", "", "13", "", "")
    return [
        Case("utf-8 with bom", TEXT.encode("utf-8-sig"), BOTH),
        Case("utf-8 without bom", TEXT.encode(), BOTH),
        Case("cp932", TEXT.encode("cp932"), BOTH),
        Case("cp932 with nec and ibm kanji", utf8_to_cp932("髙﨑①㈱～－"),
             (expect(1, "髙﨑①㈱～－"),)),
        Case("utf-16 le", TEXT.encode("utf-16"), faults=((None, "", "UTF-16"),)),
        Case("utf-16 be", b"\xfe\xff" + TEXT.encode("utf-16-be"), faults=((None, "", "UTF-16"),)),
        Case("utf-16 without bom", TEXT.encode("utf-16-le"), faults=((None, "", SAVE),)),
        Case("utf-16 ascii without bom", ("a,b,c\r\n1,2,3\r\n" * 9).encode("utf-16-le"),
             faults=((None, "", "UTF-16"),)),
        Case("iso-2022-jp", TEXT.encode("iso2022_jp"), faults=((None, "", "ISO-2022-JP"),)),
        Case("euc-jp", TEXT.encode("euc_jp"), faults=((None, "", "保存し直して"),)),
        Case("utf-8 broken in line 2", broken_utf8, faults=((None, "", "テキストの2行目"),)),
        Case("utf-8 with a latin byte", b"\xef\xbb\xbf" + TEXT.encode() + b"\xe9,x",
             faults=((None, "", "テキストの4行目"),)),
        Case("neither encoding", TEXT.encode("cp932") + b"\xff\xff,\xa0\r\n",
             faults=((None, "", "テキストの4行目"),)),
        Case("windows-1252 hole in cp932", TEXT.encode("cp932") + b"caf\x80\r\n",
             faults=((None, "", "テキストの4行目"),)),
        Case("empty", b"", faults=((None, "", "ファイルが空です"),)),
        Case("bom only", b"\xef\xbb\xbf", faults=((None, "", "ファイルが空です"),)),
        Case("blank lines only", b"\r\n\r\n  \r\n", faults=((None, "", "ファイルが空です"),)),
        Case("commas only", b",,,\r\n,,,\r\n", faults=((None, "", "先頭の10行が空です"),)),
        Case("header only", utf8(), faults=((None, "", "データの行がありません"),)),
        Case("header and blank rows", utf8(("",) * 6, ("", "　", "", "", "", "")),
             faults=((None, "", "データの行がありません"),)),
        Case("no header", utf8(header=GOOD), faults=((None, "", "見出しの行が"),)),
        Case("tabs", TEXT.replace(",", "\t").encode(), faults=((None, "", "タブかセミコロン"),)),
        Case("semicolons", TEXT.replace(",", ";").encode(), faults=((None, "", "セミコロン"),)),
        Case("html", b"<html><table><tr><td>1</td></tr></table>", faults=((None, "", "HTML"),)),
        Case("xml", b"<?xml version='1.0'?><a/>", faults=((None, "", "HTMLまたはXML"),)),
        Case("pdf", b"%PDF-1.7\n%\xe2\xe3", faults=((None, "", "PDFファイル"),)),
        Case("png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), faults=((None, "", "文字コード"),)),
        Case("line feeds only", csv_text(GOOD, SECOND, end="\n").encode(), BOTH),
        Case("carriage returns only", csv_text(GOOD, SECOND, end="\r").encode(), BOTH),
        Case("no end of last line", TEXT.encode().rstrip(), BOTH),
        Case("blank lines between", utf8((), GOOD, ("",) * 6, ("", " ", "　", "", "", ""), SECOND),
             BOTH),
        Case("row numbers after blank lines", utf8((), GOOD, (), with_cell(3, "x")),
             (GOOD_ROW,), ((5, "相談対応件数", "数として"),)),
        Case("row numbers count records, not lines", utf8(with_cell(5, "a\nb\nc"),
             with_cell(3, "x")), (expect(5, "a\nb\nc"),), ((3, "相談対応件数", "数として"),)),
        Case("quoted commas and quotes", utf8(with_cell(5, 'a,"b",c')), (expect(5, 'a,"b",c'),)),
        Case("quote never closed", TEXT.encode() + b'01,"open,2026-04,1,,\r\n' + TEXT.encode(),
             BOTH, ((4, "", "テキストの4行目から"),)),
        Case("quote never closed in a large file", TEXT.encode() + b'01,"' + b"x,\n" * 90_000,
             BOTH, ((4, "", "テキストの4行目から"),)),
        Case("text after a closing quote", TEXT.encode() + b'01,"a"b,2026-04,1,,\r\n',
             BOTH, ((4, "", "引用符"),)),
        Case("short row", utf8(("01", "山田太郎", "2026-04")), (SHORT_ROW,)),
        Case("short row lacks a required cell", utf8(("01",)), (),
             ((2, "氏名", "必須"), (2, "対象月", "必須"))),
        Case("long row with blanks", utf8((*GOOD, "", " ")), (GOOD_ROW,)),
        Case("long row with a value", utf8((*GOOD, "", "x")), (), ((2, "H列", "はみ出した"),)),
        Case("title lines above", utf8(GOOD, header=HEADINGS).replace(
             b"\xef\xbb\xbf", TITLE_LINES, 1), (GOOD_ROW,)),
        Case("header in row 10", ("説明\r\n" * 9).encode() + TEXT.encode(), BOTH),
        Case("header in row 11", ("説明\r\n" * 10).encode() + TEXT.encode(),
             faults=((None, "", "先頭の10行に見つかりません"),)),
        Case("columns in another order",
             utf8(tuple(GOOD[i] for i in (5, 4, 3, 2, 1, 0)), header=swapped), (GOOD_ROW,)),
        Case("optional column absent", utf8(GOOD[:5], header=head[:5]), (GOOD_ROW,)),
        Case("headings with spaces, breaks and notes", utf8(GOOD, header=[
             "拠点 コード", "氏\n名", "対象月（注1）", "相談対応件数※",
             "中小企業診断士 (必須)", "備　考"]),
             (GOOD_ROW,)),
        Case("full-width and half-width headings", utf8(GOOD, header=[
             "拠点ｺｰﾄﾞ", "氏名", "対象月", "相談対応件数", "中小企業診断士", "備考"]), (GOOD_ROW,)),
        Case("long vowel left out", utf8(GOOD, header=["拠点コド", *head[1:]]), (GOOD_ROW,)),
        Case("aliases", utf8(GOOD, header=["拠点番号", "氏名", "月", "相談件数", "診断士", "備考"]),
             (GOOD_ROW,)),
        Case("column missing", utf8(GOOD[:3] + GOOD[4:], header=head[:3] + head[4:]), (),
             ((1, "相談対応件数", "列がありません"),)),
        Case("two columns missing", utf8(("01", "山田太郎", "2026-04"), header=head[:3]), (),
             ((1, "相談対応件数", "列がありません"), (1, "中小企業診断士", "列がありません"))),
        Case("double column", utf8((*GOOD, "1"), header=[*head, "相談件数"]), (),
             ((1, "相談対応件数", "D列とG列"),)),
        Case("unknown column", utf8((*GOOD, "1"), header=[*head, "血液型"]), (),
             ((1, "血液型", "使わない見出し"),)),
        Case("header fault and cell fault together",
             utf8((*with_cell(3, "x"), "1"), header=[*head, "血液型"]), (),
             ((1, "血液型", "使わない見出し"), (2, "相談対応件数", "数として"))),
        *[Case(f"totals row {word}", utf8(GOOD, (word, *total[1:])), (GOOD_ROW,),
               ((3, "拠点コード", "合計の行"),))
          for word in ("合計", "計", "小計", "合　計", "総計", "【合計】", "全国計", "Total")],
        Case("every fault of every row", utf8(("x", "", "y", "z", "?", ""), GOOD,
             ("", "あ" * 30, "2026-99", "1.5", "", "")), (GOOD_ROW,), (
             (2, "拠点コード", "数字"), (2, "氏名", "必須"), (2, "対象月", "日付"),
             (2, "相談対応件数", "数として"), (2, "中小企業診断士", "読めません"),
             (4, "拠点コード", "必須"), (4, "氏名", "20文字"), (4, "対象月", "暦にない"),
             (4, "相談対応件数", "小数"))),
        Case("csv named xlsx", TEXT.encode(), BOTH, filename="a.xlsx", note="中身はCSV"),
        Case("301 columns", utf8((*GOOD, *("",) * 295)), (), ((2, "", "300列まで"),)),
        Case("line of commas", TEXT.encode() + b"," * 1_100_000, BOTH,
             ((None, "", "4行目が長すぎます"),)),
    ]  # fmt: skip


def utf8_to_cp932(name: str) -> bytes:
    """The good line under another name, in CP932."""
    return csv_text(with_cell(1, name)).encode("cp932")


# ------------------------------------------------------------------ workbooks


def _two_sheets(book: Workbook) -> None:
    book.create_sheet("別表").append(["x"])


def _hidden_first(book: Workbook) -> None:
    good = book.active
    assert good is not None
    hidden = book.create_sheet("作業用", 0)
    hidden.append(["秘密"])
    hidden.sheet_state = "hidden"
    book.active = 1


def _merge(address: str) -> Callable[[Workbook], None]:
    def change(book: Workbook) -> None:
        assert book.active is not None
        book.active.merge_cells(address)

    return change


def xlsx_cases() -> list[Case]:
    """Workbooks as people send them, and as nobody should."""
    number_row = ("1", "山田太郎", datetime.datetime(2026, 4, 1), 12, 1, None)  # noqa: DTZ001
    broken = "壊れているか"
    strings = part(BASE, STRINGS)
    sheet = part(BASE, SHEET)
    dtd = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>'
    phonetic = strings.replace(
        "<t>山田太郎</t>".encode(), "<t>山田太郎</t><rPh sb='0' eb='2'><t>ヤマダ</t></rPh>".encode()
    )
    rich = strings.replace(
        "<t>山田太郎</t>".encode(), "<r><t>山田</t></r><r><t>太郎</t></r>".encode()
    )
    cases = [
        Case("plain workbook", workbook(GOOD, SECOND), BOTH),
        Case("numbers and dates as typed cells", workbook(number_row), (GOOD_ROW,)),
        Case("whole float", workbook((1, "山田太郎", "2026-04", 12.0, True, None)), (GOOD_ROW,)),
        Case("leading zero lost", workbook((1, *GOOD[1:])), (GOOD_ROW,)),
        Case("decimal number", workbook((1, "山田太郎", "2026-04", 12.9, 1, None)), (),
             ((2, "相談対応件数", "小数"),)),
        Case("negative number", workbook((1, "山田太郎", "2026-04", -3, 1, None)), (),
             ((2, "相談対応件数", "負の数"),)),
        Case("boolean as a count", workbook((1, "山田太郎", "2026-04", True, 1, None)), (),
             ((2, "相談対応件数", "真偽値"),)),
        Case("date as a count", workbook((1, "山田太郎", "2026-04", datetime.date(2026, 1, 2), 1)),
             (), ((2, "相談対応件数", "数として"),)),
        Case("mid-month date", workbook((1, "山田太郎", datetime.date(2026, 4, 15), 1, 1)), (),
             ((2, "対象月", "日まで"),)),
        Case("serial number without a date format", workbook((1, "山田太郎", 46113, 1, 1)), (),
             ((2, "対象月", "シリアル値"),)),
        Case("formula", workbook(GOOD, (2, "乙", "2026-04", "=1+1", "", "")), (GOOD_ROW,),
             ((3, "相談対応件数", "数式のセルです（D3）"),)),
        Case("formula in the header", workbook(GOOD, header=[*HEADINGS[:5], "=A1"]), (),
             ((1, "F列", "数式のセルです（F1）"),)),
        Case("error value", workbook((1, "山田太郎", "2026-04", "#N/A", 1)), (),
             ((2, "相談対応件数", "エラー値（#N/A）"),)),
        Case("totals row", workbook(GOOD, ("合計", None, None, 12)), (GOOD_ROW,),
             ((3, "拠点コード", "合計の行"),)),
        Case("blank rows keep row numbers", workbook((), GOOD, (), with_cell(3, "x")),
             (GOOD_ROW,), ((5, "相談対応件数", "数として"),)),
        Case("title rows above", workbook(HEADINGS, GOOD, header=["令和8年度 実績"]), (GOOD_ROW,)),
        Case("second visible sheet", workbook(GOOD, change=_two_sheets), (GOOD_ROW,),
             note="「別表」は読んでいません"),
        Case("hidden first sheet", workbook(GOOD, change=_hidden_first), (GOOD_ROW,),
             note="非表示のシート「作業用」"),
        Case("merged data cells", workbook(GOOD, SECOND, change=_merge("A2:A3")), (),
             ((2, "A2:A3", "結合"), (3, "拠点コード", "必須"))),
        Case("merged title above the header", workbook(HEADINGS, GOOD, header=["実績"],
             change=_merge("A1:F1")), (GOOD_ROW,)),
        Case("header only workbook", workbook(), (), ((None, "", "データの行がありません"),)),
        Case("empty workbook", workbook(header=[]), (), ((None, "", "先頭の10行が空"),)),
        Case("xlsx named csv", workbook(GOOD), (GOOD_ROW,), filename="a.csv", note="中身はXLSX"),
        Case("phonetic reading is not text", rezip(BASE, {STRINGS: phonetic}), (GOOD_ROW,)),
        Case("rich text", rezip(BASE, {STRINGS: rich}), (GOOD_ROW,)),
        Case("macro", rezip(BASE, add={"xl/vbaProject.bin": b"x"}), (), ((None, "", "マクロ"),)),
        Case("macro named otherwise in case", rezip(BASE, add={"XL/VBAPROJECT.BIN": b"x"}), (),
             ((None, "", "マクロ"),)),
        Case("macro sheet", rezip(BASE, add={"xl/macrosheets/s.xml": b"<a/>"}), (),
             ((None, "", "マクロシート"),)),
        Case("external link", rezip(BASE, add={"xl/externalLinks/externalLink1.xml": b"<a/>"}),
             (), ((None, "", "リンク"),)),
        Case("data connection", rezip(BASE, add={"xl/connections.xml": b"<a/>"}), (),
             ((None, "", "外部データ"),)),
        Case("embedded object", rezip(BASE, add={"xl/embeddings/o.bin": b"x"}), (),
             ((None, "", "埋め込み"),)),
        Case("activex", rezip(BASE, add={"xl/activeX/a.xml": b"<a/>"}), (),
             ((None, "", "ActiveX"),)),
        Case("old xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), (),
             ((None, "", "古い形式"),)),
        Case("password", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(64)
             + "EncryptedPackage".encode("utf-16-le"), (), ((None, "", "パスワード"),)),
        Case("xlsb", plain_zip(xl__workbook_dot_bin=b"x"), (), ((None, "", ".xlsb"),)),
        Case("docx", plain_zip(word__document_dot_xml=b"<a/>"), (), ((None, "", "Word"),)),
        Case("pptx", plain_zip(ppt__presentation_dot_xml=b"<a/>"), (), ((None, "", "PowerPoint"),)),
        Case("ods", plain_zip(content_dot_xml=b"<a/>"), (), ((None, "", ".ods"),)),
        Case("zip of a csv", plain_zip(a_dot_csv=TEXT.encode()), (), ((None, "", "展開して"),)),
        Case("empty zip", b"PK\x05\x06" + bytes(18), (), ((None, "", "ZIPファイル"),)),
        Case("zip magic only", b"PK\x03\x04", (), ((None, "", broken),)),
        Case("dtd in the sheet", rezip(BASE, {SHEET: sheet.replace(b"<worksheet", dtd
             + b"<worksheet", 1)}), (), ((None, "", "安全でないXML"),)),
        Case("dtd in the strings", rezip(BASE, {STRINGS: dtd + strings}), (),
             ((None, "", "安全でないXML"),)),
        Case("utf-16 sheet", rezip(BASE, {SHEET: sheet.decode().encode("utf-16")}), (),
             ((None, "", "安全でないXML"),)),
        Case("sheet in another encoding", rezip(BASE, {SHEET:
             b'<?xml version="1.0" encoding="cp037"?><worksheet/>'}), (),
             ((None, "", "安全でないXML"),)),
        Case("sheet part missing", rezip(BASE, drop=[SHEET]), (),
             ((None, "", "表示されているシートがありません"),)),
        Case("content types missing", rezip(BASE, drop=["[Content_Types].xml"]), (),
             ((None, "", broken),)),
        Case("workbook relations missing", rezip(BASE, drop=["xl/_rels/workbook.xml.rels"]), (),
             ((None, "", broken),)),
        Case("strings missing", rezip(BASE, drop=[STRINGS]), (), ((None, "", broken),)),
        Case("strings cut", rezip(BASE, {STRINGS: strings[:-40]}), (), ((None, "", broken),)),
        Case("sheet cut", rezip(BASE, {SHEET: sheet[:-60]}), (GOOD_ROW,), ((None, "", broken),)),
        Case("sheet is no xml", rezip(BASE, {SHEET: b"\x00\x01garbage"}), (),
             ((None, "", broken),)),
        Case("styles are no xml", rezip(BASE, {"xl/styles.xml": b"garbage"}), (),
             ((None, "", broken),)),
        Case("string index out of range", raw_sheet(b'<row r="1"><c r="A1" t="s"><v>999</v></c>'
             b"</row>"), (), ((None, "", broken),)),
        Case("bad address", raw_sheet(b'<row r="1"><c r="1A"><v>9</v></c></row>'), (),
             ((None, "", broken),)),
        Case("bad number", raw_sheet(b'<row r="1"><c r="A1"><v>nine</v></c></row>'), (),
             ((None, "", broken),)),
        Case("number of 5,000 digits", raw_sheet(b'<row r="1"><c r="A1"><v>' + b"9" * 5000
             + b"</v></c></row>"), (), ((None, "", broken),)),
        Case("row numbers going back", raw_sheet(b'<row r="5"/><row r="4"/>'), (),
             ((None, "", broken),)),
        Case("row beyond the sheet", raw_sheet(b'<row r="99999999999"><c><v>1</v></c></row>'), (),
             ((None, "", broken),)),
        Case("column beyond the limit", raw_sheet(b'<row r="1"><c r="XFD1"><v>1</v></c></row>'),
             (), ((1, "", "300列まで"),)),
    ]  # fmt: skip
    # A workbook holds its time of writing, so its length differs by a byte or two: names may not.
    cuts = {
        "cut after 30 bytes": BASE[:30],
        "cut after 100 bytes": BASE[:100],
        "cut in the middle": BASE[: len(BASE) // 2],
        "cut 30 bytes before the end": BASE[:-30],
        "cut one byte before the end": BASE[:-1],
    }
    cases += [Case(name, start, (), ((None, "", broken),)) for name, start in cuts.items()]
    damaged = bytearray(BASE)
    at = BASE.index(b"xl/worksheets/sheet1.xml") + 60
    damaged[at : at + 20] = bytes(20)
    cases.append(Case("flipped bytes in the sheet", bytes(damaged), (), ((None, "", broken),)))
    return cases


def all_cases() -> list[Case]:
    """The whole corpus."""
    return [*cell_cases(), *csv_cases(), *xlsx_cases()]
