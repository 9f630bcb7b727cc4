"""Reading the rows of a file of consultations, a column at a time."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from operator import lt
from typing import Any

from hubs.ledger.queries import CodeBook
from hubs.ledger.queries.imports import name_key
from hubs.ledger.resources.columns import FIRST_DAY, USUAL_NUMBER
from hubs.ledger.rules import (
    MAX_CLIENT_KEY,
    MAX_NOTE,
    MAX_RECORD_NO,
    RecordValues,
    may_hold_personal_data,
    personal_data_in,
    problems_of,
)
from hubs.network.models import Hub
from yorozu.core.errors import Problem
from yorozu.core.fiscal import fiscal_year_of, parse_month, wareki_month
from yorozu.core.imports.bulk.kinds import Facts, RowReader, Texts
from yorozu.core.sheets import Column, match_key
from yorozu.core.sheets.columnwise import (
    FAULT,
    MEMO_KEYS,
    NULL,
    ClosedReader,
    ColumnReader,
    OpenReader,
    TextReader,
    copy_text,
    uncopy_text,
)
from yorozu.core.sheets.grid import Cell

ACCEPTED = (
    "{hub}の{month}の月次実績は確認済みのため、取り込めません。この行を除き、相談記録の画面で"
    "1件ずつ入力したうえで、月次実績の訂正を提出してください。"
)
OTHER_NAME = "拠点コード{code}の拠点は「{name}」です。コードか名称を直してください。"
PERSONAL = "個人情報らしい記載（{kinds}）があります。記載を確かめ、個人情報は取り除いてください。"


class CodeReader(ColumnReader):
    """A coded column, read by the list of the year in which the consultation was held."""

    def __init__(self, by_year: Mapping[int, Column]) -> None:
        newest = by_year[max(by_year)]
        super().__init__(newest)
        # Years with one and the same list share one reader.
        shared: dict[int, ClosedReader] = {}
        self._by_year = {
            year: shared.setdefault(id(column), ClosedReader(column))
            for year, column in by_year.items()
        }
        self._newest = self._by_year[max(by_year)]
        self.is_one = len(shared) == 1

    def read(self, cells: Sequence[Cell]) -> Sequence[str]:
        """By the newest list."""
        return self._newest.read(cells)

    def read_in(self, years: Sequence[int], cells: Sequence[Cell]) -> Sequence[str]:
        """Each by the list of its year."""
        if self.is_one:
            return self._newest.read(cells)
        return [
            self._by_year.get(year, self._newest).read_one(cell)
            for year, cell in zip(years, cells, strict=True)
        ]

    def read_as(self, *, csv: bool) -> None:
        """Of a CSV or of a workbook: so for every list."""
        super().read_as(csv=csv)
        for reader in self._by_year.values():
            reader.read_as(csv=csv)

    def problem(self, row: int, cell: Cell) -> Problem:
        """Why no list has it; of several lists the newest speaks."""
        at_fault = [reader for reader in self._by_year.values() if reader.read_one(cell) == FAULT]
        return (at_fault[-1] if at_fault else self._newest).problem(row, cell)


class _Kept(dict[Any, Any]):
    """What a function said of a key, for as many keys as a memo may hold."""

    def __init__(self, ask: Any) -> None:
        super().__init__()
        self._ask = ask

    def __missing__(self, key: Any) -> Any:
        answer = self._ask(key)
        if len(self) < MEMO_KEYS:
            self[key] = answer
        return answer


@dataclass(frozen=True)
class Ground:
    """What the rows are held against beside their own cells.

    ``mine`` and ``everywhere``: hubs by code, those of the scope and all. ``books``: the coded
    lists by year. ``accepted``: months by the text of the hub's id; ``names`` of staff likewise.
    """

    mine: dict[str, Hub]
    everywhere: dict[str, Hub]
    books: dict[int, CodeBook]
    today: date
    closed: set[int]
    accepted: frozenset[tuple[str, str]]
    names: Mapping[str, Mapping[str, str]]

    @property
    def newest(self) -> CodeBook:
        """The lists of the running year."""
        return self.books[max(self.books)]

    @cached_property
    def hubs(self) -> dict[str, Hub]:
        """Hubs of the scope by the text of their id."""
        return {str(hub.pk): hub for hub in self.mine.values()}


class ConsultationReader(RowReader):
    """The rules of the ledger over columns; suspicious rows go through the rules of the records."""

    noted = ("hub_id", "held_on", "resolved_on", "note")

    def __init__(
        self, columns: Mapping[str, Column], codes: Mapping[str, CodeReader], ground: Ground
    ) -> None:
        closed = {
            name: ClosedReader(columns[name])
            for name in ("hub_id", "held_on", "coordinator_name", "minutes", "resolved_on")
        }
        super().__init__(
            {
                **closed,
                **codes,
                "record_no": OpenReader(columns["record_no"], USUAL_NUMBER, MAX_RECORD_NO),
                "client_key": OpenReader(columns["client_key"], USUAL_NUMBER, MAX_CLIENT_KEY),
                "client_confirmed_on": ClosedReader(columns["client_confirmed_on"]),
                "note": TextReader(columns["note"], MAX_NOTE),
                "hub_name": ClosedReader(columns["hub_name"]),
            }
        )
        self._codes, self._ground = codes, ground
        self._month_of = _Kept(lambda text: "" if text in {NULL, FAULT} else text[:7])
        self._year_of = _Kept(_year_of)
        self._spelled = _Kept(self._spell)
        self._opened = {hub_id: hub.opened_on.isoformat() for hub_id, hub in ground.hubs.items()}
        # Months in which not every hub was open yet.
        first_day = min((hub.opened_on for hub in ground.hubs.values()), default=FIRST_DAY)
        self._early = _months_between(first_day, max(self._opened.values(), default=""))
        self._named = {(hub_id, match_key(hub.name)) for hub_id, hub in ground.hubs.items()} | {
            (hub_id, NULL) for hub_id in ground.hubs
        }
        self._held: set[tuple[str, str]] = set()
        self._resolved: set[tuple[str, str]] = set()

    def read(self, cells: Mapping[str, Sequence[Cell]]) -> dict[str, Sequence[str]]:
        """All columns; codes by the year of the consultation, staff as registered at the hub."""
        texts = {
            name: reader.read(cells[name])
            for name, reader in self.readers.items()
            if name not in self._codes
        }
        years: Sequence[int] = ()
        if not all(reader.is_one for reader in self._codes.values()):
            years = list(map(self._year_of.__getitem__, texts["held_on"]))
        for name, reader in self._codes.items():
            texts[name] = reader.read_in(years, cells[name])
        if self._ground.names:
            pairs = zip(texts["hub_id"], texts["coordinator_name"], strict=True)
            texts["coordinator_name"] = list(map(self._spelled.__getitem__, pairs))
        return texts

    def _spell(self, pair: tuple[str, str]) -> str:
        hub_id, text = pair
        if text in {NULL, FAULT} or hub_id not in self._ground.names:
            return text
        name = uncopy_text(text) or ""
        return copy_text(self._ground.names[hub_id].get(name_key(name), name))

    def suspects(self, texts: Texts) -> Iterable[int]:
        """Rows whose days are in disorder, whose month is accepted, whose hub was not open yet."""
        held, resolved = texts["held_on"], texts["resolved_on"]
        confirmed, hubs = texts["client_confirmed_on"], texts["hub_id"]
        found: set[int] = set()
        # A missing day sorts after every day, so one comparison also finds the word of a client
        # about an issue that is not resolved.
        if any(map(lt, resolved, held)) or any(map(lt, confirmed, resolved)):
            days = enumerate(zip(held, resolved, confirmed, strict=True))
            found |= {place for place, (h, r, c) in days if r < h or c < r}
        if texts["hub_name"].count(NULL) < len(hubs):
            found |= _places(zip(hubs, texts["hub_name"], strict=True), self._named, inside=False)
        if self._ground.accepted:
            for days_of in (held, resolved):
                months = list(zip(hubs, map(self._month_of.__getitem__, days_of), strict=True))
                if not self._ground.accepted.isdisjoint(months):
                    found |= _places(months, self._ground.accepted, inside=True)
        if not self._early.isdisjoint(map(self._month_of.__getitem__, held)):
            opened, of_hubs = self._opened, enumerate(zip(hubs, held, strict=True))
            found |= {place for place, (hub_id, day) in of_hubs if day < opened.get(hub_id, "")}
        return found

    def row_problems(self, number: int, row: Mapping[str, str]) -> list[Problem]:
        """The rules of the records, for a row whose cells concerned could all be read."""
        hub = self._ground.hubs.get(row["hub_id"])
        if hub is None:
            return []
        found: dict[str, str] = {}
        if (row["hub_id"], row["hub_name"]) not in self._named and row["hub_name"] != FAULT:
            found["hub_name"] = OTHER_NAME.format(code=hub.code, name=hub.name)
        for name in ("held_on", "resolved_on"):
            month = self._month_of[row[name]]
            if (row["hub_id"], month) in self._ground.accepted:
                said = wareki_month(parse_month(month))
                found[name] = ACCEPTED.format(hub=hub.name, month=said)
        days = ("held_on", "resolved_on", "client_confirmed_on")
        if FAULT not in {row[name] for name in days}:
            values = _days_alone(row)
            wrong = problems_of(values, today=self._ground.today, opened_on=hub.opened_on)
            found |= {name: text for name, text in wrong.items() if name in days}
        return [
            Problem(number, self.readers[name].column.heading, text) for name, text in found.items()
        ]

    def warnings(self, numbers: Sequence[str], texts: Texts) -> list[Problem]:
        """Notes that seem to hold personal data."""
        notes = texts["note"]
        if not may_hold_personal_data("\n".join(notes)):
            return []
        heading = self.readers["note"].column.heading
        found = []
        for number, note in zip(numbers, notes, strict=True):
            if kinds := {one.kind for one in personal_data_in(uncopy_text(note) or "")}:
                message = PERSONAL.format(kinds="、".join(sorted(kinds)))
                found.append(Problem(int(number), heading, message))
        return found

    def accept(self, texts: Texts) -> None:
        """Keep the months whose figures change."""
        hubs, month_of = texts["hub_id"], self._month_of.__getitem__
        self._held.update(zip(hubs, map(month_of, texts["held_on"]), strict=True))
        self._resolved.update(zip(hubs, map(month_of, texts["resolved_on"]), strict=True))

    def facts(self) -> Facts:
        """The months of hubs whose figures change."""
        months = {pair for pair in self._held | self._resolved if pair[1]}
        return {"months": sorted([int(hub_id), month] for hub_id, month in months)}

    def take_over(self, facts: Facts) -> None:
        """The months of other rows."""
        self._held.update((str(hub_id), month) for hub_id, month in facts["months"])

    def shown(self, name: str, text: str) -> str:
        """Hubs by name, codes by label."""
        if name == "hub_id":
            return self._ground.hubs[text].name if text in self._ground.hubs else text
        return self._ground.newest.label(name, text)


def _months_between(first: date, last: str) -> set[str]:
    """Texts of the months from that of the first day to that of the last."""
    months, month = set(), f"{first:%Y-%m}"
    while month <= last[:7]:
        months.add(month)
        year, number = int(month[:4]), int(month[5:])
        month = f"{year + number // 12}-{number % 12 + 1:02d}"
    return months


def _places(values: Iterable[Any], wanted: Collection[Any], *, inside: bool) -> set[int]:
    return {place for place, value in enumerate(values) if (value in wanted) == inside}


def _year_of(text: str) -> int:
    return 0 if text in {NULL, FAULT} else fiscal_year_of(date.fromisoformat(text))


def _days_alone(row: Mapping[str, str]) -> RecordValues:
    """The days of a row in a record that is otherwise in order."""
    resolved, confirmed = (
        None if row[name] == NULL else date.fromisoformat(row[name])
        for name in ("resolved_on", "client_confirmed_on")
    )
    held = date.fromisoformat(row["held_on"])
    return RecordValues(held, "", "", "", "", "", "", 1, resolved, confirmed)
