"""The paper's matrix (CC and CO x 22, whole or as two stacked halves) from a file (S43-S45)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from hubs.people.models import (
    CoordinatorRole,
    QualificationAggregate,
    QualificationCategory,
    QualificationSurvey,
)
from hubs.people.person_rows import FIXED, load_names
from hubs.people.rules import CO, ROLES, CategoryNames
from yorozu.core.errors import InvalidInput, Problem
from yorozu.core.figures import Blank, format_count
from yorozu.core.imports.kinds import ADDED, CHANGED, UNCHANGED, Change
from yorozu.core.sheets import Row, Table, cells, heading_key, open_grid, trim

MAXIMUM = 99_999
ENOUGH = 3
TOTALS = frozenset(map(heading_key, ("合計", "計", "小計", "総計")))
_ROLE_OF = {
    **dict.fromkeys(map(heading_key, ("CC", "チーフコーディネーター")), "CC"),
    **dict.fromkeys(map(heading_key, ("CO", "コーディネーター")), CO),
}
_INDEX = {"role": 0, "code": 1, "count": 2}


@dataclass(slots=True)
class MatrixTable(Table):
    """A table of cells: each row is (role, category, count) with its line in the file."""


@dataclass
class Half:
    """A heading row being read: where each category stands, and where a total."""

    row: int
    places: dict[int, str] = field(default_factory=dict)
    total: int | None = None


def is_matrix(data: bytes) -> bool:
    """True when some row holds several categories and none of the headings of person rows."""
    _, names = load_names()
    person_words = {heading_key(word) for word in FIXED if word != "区分"}
    for number, row in open_grid(data).rows:
        texts = [cell for cell in row if isinstance(cell, str)]
        if person_words & {heading_key(text[:200]) for text in texts}:
            return False
        if _categories_in(texts, names) >= ENOUGH:
            return True
        if number >= ENOUGH * 10:
            break
    return False


def _categories_in(texts: list[str], names: CategoryNames) -> int:
    return len({names.find(text[:200]) for text in texts} - {None})


class MatrixReader:
    """One pass over the file: headings, then the rows of CC and CO below each of them."""

    def __init__(self, data: bytes) -> None:
        self._grid = open_grid(data)
        self._categories, self._names = load_names()
        self._labels = {row.code: row.name for row in self._categories}
        self._problems: list[Problem] = []
        self._cells: dict[tuple[str, str], tuple[int, int]] = {}

    def read(self) -> MatrixTable:
        """All cells; raises InvalidInput with every fault of the file."""
        half: Half | None = None
        for number, row in self._grid.rows:
            texts = [cell if isinstance(cell, str) else "" for cell in row]
            self._formulas(number, row)
            if _categories_in(texts, self._names) >= ENOUGH:
                half = self._heading(number, texts)
            elif half is not None and any(map(trim, texts)):
                self._figures(number, texts, half)
        self._lacking()
        if self._problems:
            raise InvalidInput(sorted(self._problems, key=lambda problem: problem.row or 0))
        table = MatrixTable(format=self._grid.format, encoding=self._grid.encoding)
        table.rows = [
            Row(line, (role, code, count), _INDEX)
            for (role, code), (line, count) in self._cells.items()
        ]
        return table

    def _formulas(self, number: int, row: list[Any]) -> None:
        for cell in row:
            if not isinstance(cell, str):
                self._problems.append(Problem(number, "", cell.message))

    def _heading(self, number: int, texts: list[str]) -> Half:
        half = Half(number)
        for place, text in enumerate(texts):
            code = self._names.find(text[:200]) if trim(text) else None
            if code is not None:
                if code in half.places.values():
                    self._fault(number, self._labels[code], "同じ見出しの列が2つあります。")
                half.places[place] = code
            elif heading_key(text) in TOTALS:
                half.total = place
            elif trim(text) and heading_key(text) != heading_key("区分"):
                self._fault(number, trim(text)[:40], "22の資格区分にない見出しです。")
        return half

    def _figures(self, number: int, texts: list[str], half: Half) -> None:
        label = next((text for text in texts if trim(text)), "")
        role = _ROLE_OF.get(heading_key(label))
        if heading_key(label) in TOTALS:
            self._fault(
                number, "区分", f"合計の行（{trim(label)}）です。合計行を削除してください。"
            )
        elif role is None:
            # Notes stand below the paper's table; a row with figures is no note.
            if any(trim(texts[place]) for place in half.places if place < len(texts)):
                text = f"「{trim(label)[:40]}」は読めません。CCかCOの行だけにしてください。"
                self._fault(number, "区分", text)
        else:
            counts = [self._count(number, texts, place, code) for place, code in _sorted(half)]
            for (_, code), count in zip(_sorted(half), counts, strict=True):
                self._keep(number, role, code, count)
            self._check_total(number, texts, half, counts)

    def _count(self, number: int, texts: list[str], place: int, code: str) -> int | None:
        cell = texts[place] if place < len(texts) else ""
        try:
            value = cells.count(0, MAXIMUM)(cell)
        except ValueError as error:
            self._fault(number, self._labels[code], str(error))
            return None
        if isinstance(value, Blank):
            text = "必須です。該当する人がいない場合は0を入力してください。"
            self._fault(number, self._labels[code], text)
            return None
        return int(value)

    def _keep(self, number: int, role: str, code: str, count: int | None) -> None:
        first = self._cells.setdefault((role, code), (number, count or 0))[0]
        if first != number:
            label = CoordinatorRole(role).label
            text = f"{label}の値が{first}行目にもあります。"
            self._fault(number, self._labels[code], text)

    def _check_total(
        self, number: int, texts: list[str], half: Half, counts: list[int | None]
    ) -> None:
        cell = trim(texts[half.total]) if half.total is not None and half.total < len(texts) else ""
        if not cell or None in counts:
            return
        inner = sum(count or 0 for count in counts)
        try:
            said = cells.count(0)(cell)
        except ValueError as error:
            self._fault(number, "合計", str(error))
            return
        if said != inner:
            text = f"合計（{cell}）が内訳の和（{format_count(inner)}）と一致しません。"
            self._fault(number, "合計", text)

    def _lacking(self) -> None:
        for code, role in _all_cells(self._categories):
            if (role, code) not in self._cells:
                label = CoordinatorRole(role).label
                self._problems.append(
                    Problem(None, self._labels[code], f"{label}の値がありません。")
                )

    def _fault(self, row: int, column: str, text: str) -> None:
        self._problems.append(Problem(row, column, text))


def _sorted(half: Half) -> list[tuple[int, str]]:
    return sorted(half.places.items())


def _all_cells(categories: list[QualificationCategory]) -> Iterator[tuple[str, str]]:
    return ((row.code, role) for row in categories for role in ROLES)


def matrix_changes(table: MatrixTable, survey: QualificationSurvey | None) -> list[Change]:
    """One change per cell of the paper's table."""
    categories = {row.code: row for row in QualificationCategory.objects.all()}
    stored: dict[tuple[str, str], int] = {}
    if survey is not None:
        rows = QualificationAggregate.objects.filter(survey=survey)
        stored = {
            (role, code): count
            for role, code, count in rows.values_list("role", "category__code", "count")
        }
    changes = []
    for row in table.rows:
        role, code, count = row["role"], row["code"], row["count"]
        before = stored.get((role, code))
        moved = UNCHANGED if before == count else CHANGED
        name = f"{CoordinatorRole(role).label} {categories[code].name}"
        changes.append(
            Change(
                row=row.number,
                key=f"{role}-{code}",
                kind=ADDED if before is None else moved,
                label=name,
                fields=(
                    ("人数", "" if before is None else format_count(before), format_count(count)),
                ),
                data={"role": role, "code": code, "before": before, "after": count},
            )
        )
    return changes


def write_cells(survey: QualificationSurvey, changes: list[dict[str, Any]]) -> None:
    """Store the cells in one statement."""
    ids = dict(QualificationCategory.objects.values_list("code", "pk"))
    QualificationAggregate.objects.bulk_create(
        [
            QualificationAggregate(
                survey=survey, role=row["role"], category_id=ids[row["code"]], count=row["after"]
            )
            for row in changes
        ],
        update_conflicts=True,
        unique_fields=["survey", "role", "category"],
        update_fields=["count"],
    )


def cells_now(survey: QualificationSurvey) -> dict[tuple[str, str], int]:
    """The stored cells by role and category code."""
    rows = QualificationAggregate.objects.filter(survey=survey)
    return {
        (role, code): count
        for role, code, count in rows.values_list("role", "category__code", "count")
    }


def take_back_cells(survey: QualificationSurvey, entries: list[dict[str, Any]]) -> None:
    """Restore the changed cells and delete the added ones."""
    for row in entries:
        if row["before"] is None:
            QualificationAggregate.objects.filter(
                survey=survey, role=row["role"], category__code=row["code"]
            ).delete()
    restored = [{**row, "after": row["before"]} for row in entries if row["before"] is not None]
    write_cells(survey, restored)
