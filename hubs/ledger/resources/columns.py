"""The columns of a file of consultations, and how each is read."""

from collections.abc import Callable, Mapping
from datetime import date

from hubs.ledger.queries import CodeBook
from hubs.ledger.rules import (
    LABELS,
    MAX_COORDINATOR,
    MAX_MINUTES,
    MAX_NOTE,
    client_key_problem,
    read_client_key,
    read_record_no,
    record_no_problem,
)
from hubs.network.models import Hub
from yorozu.core.figures import DIGITS, Blank
from yorozu.core.fiscal import fiscal_year_of, nendo
from yorozu.core.sheets import Column, cells, match_key, trim
from yorozu.core.sheets.cells import CellError, Parser

# The programme began in June 2014; a day before that is a slip.
FIRST_DAY = date(2014, 6, 1)
CODE_KINDS = ("channel", "theme", "industry", "employees_band")
# As far as the rules of the ledger take a number as it stands.
USUAL_NUMBER = r"[A-Za-z0-9][A-Za-z0-9._-]*"
ALIASES = {
    "held_on": ("相談年月日", "相談実施日", "実施日"),
    "channel": ("相談形態", "相談手段", "対応方法"),
    "theme": ("相談内容", "相談分野", "テーマ", "相談項目"),
    "industry": ("業種名", "日本標準産業分類", "業種（大分類）"),
    "employees_band": ("従業員規模区分", "従業員数区分"),
    "coordinator_name": ("担当者", "担当者名", "担当コーディネーター", "対応者"),
    "client_key": ("相談者コード", "相談者ID", "顧客番号", "事業者番号"),
    "minutes": ("相談時間", "所要時間", "所要時間（分）"),
    "resolved_on": ("解決日", "課題解決年月日"),
    "client_confirmed_on": ("相談者の確認日", "確認日"),
    "note": ("相談概要", "相談の概要"),
}


def hub(mine: Mapping[str, Hub], everywhere: Mapping[str, Hub]) -> Parser:
    """The id of a hub of the scope, by its code; a dropped leading zero comes back."""

    def read(cell: str) -> int:
        typed = trim(cell).translate(DIGITS)
        code = typed.zfill(2) if typed.isascii() and typed.isdigit() else typed
        if code in mine:
            return int(mine[code].pk)
        if code in everywhere:
            raise CellError(
                f"{everywhere[code].name}は担当する拠点ではありません。担当する拠点の行だけを"
                "取り込めます。"
            )
        raise CellError(
            "この拠点コードの拠点はありません。01から47までのコードを入力してください。"
        )

    return Parser(read)


def number(read_number: Callable[[str], str], problem_of: Callable[[str], str]) -> Parser:
    """A number of the ledger under its own rule."""

    def read(cell: str) -> str:
        found = read_number(trim(cell))
        if problem := problem_of(found):
            raise CellError(problem)
        return found

    return Parser(read)


def held_on(earliest: date, today: date, closed_years: set[int]) -> Parser:
    """The day of a consultation, not in a year that is closed."""
    read_day = cells.date(earliest, today)

    def read(cell: str) -> date:
        day: date = read_day(cell)
        year = fiscal_year_of(day)
        if year in closed_years:
            raise CellError(
                f"{nendo(year)}の期は終了しているため、取り込めません。この行を除いてください。"
            )
        return day

    return Parser(read)


def code(book: CodeBook, kind: str) -> Parser:
    """A code of the list of a year, by code, label or another spelling."""
    labels = book.labels[kind]
    spellings = {text: labels[found] for text, found in book.spellings[kind].items()}
    return cells.choice({label: found for found, label in labels.items()}, spellings)


def minutes() -> Parser:
    """Whole minutes; a dash is no answer here."""
    read_count = cells.count(1, MAX_MINUTES)

    def read(cell: str) -> int:
        value = read_count(cell)
        if isinstance(value, Blank):
            raise CellError("「－」は使えません。相談時間を分の整数で入力してください。")
        return int(value)

    return Parser(read)


def hub_name() -> Parser:
    """The name beside the code, folded for comparison with the hub of the code."""
    return Parser(match_key)


def consultation_columns(parsers: Mapping[str, Parser]) -> list[Column]:
    """The columns in the order of the template."""

    def column(name: str, *, blank: bool = False) -> Column:
        return Column(name, LABELS[name], parsers[name], ALIASES[name], optional=blank, blank=blank)

    return [
        Column("hub_id", "拠点コード", parsers["hub_id"], ("拠点番号",), key=True),
        Column("hub_name", "拠点名", parsers["hub_name"], optional=True, blank=True),
        Column(
            "record_no",
            "受付番号",
            parsers["record_no"],
            ("受付No", "整理番号", "相談番号"),
            key=True,
        ),
        column("held_on"),
        *(column(kind) for kind in CODE_KINDS),
        column("coordinator_name"),
        column("client_key"),
        column("minutes"),
        column("resolved_on", blank=True),
        column("client_confirmed_on", blank=True),
        column("note", blank=True),
    ]


def plain_parsers(earliest: date, today: date) -> dict[str, Parser]:
    """The parsers that need nothing but the calendar."""
    return {
        "hub_name": hub_name(),
        "record_no": number(read_record_no, record_no_problem),
        "coordinator_name": cells.text(MAX_COORDINATOR),
        "client_key": number(read_client_key, client_key_problem),
        "minutes": minutes(),
        "resolved_on": cells.date(earliest, today),
        "client_confirmed_on": cells.date(earliest, today),
        "note": cells.text(MAX_NOTE, multiline=True),
    }
