"""Several funding lines: hubs x lines in whole units, every row and every column exact (3.5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from evaluation.budget.rules.redistribute import largest_remainder
from yorozu.core import exact

LINE_KEYS = frozenset({"name", "total"})
NAME_LENGTH = 40
# Behind every code of a hub: of equal remainders the reserve takes its unit last.
RESERVE = "\uffff"


@dataclass(frozen=True)
class Line:
    """One funding line of the envelope, in yen."""

    name: str
    total: int


@dataclass(frozen=True)
class Split:
    """Yen by row (the hubs in their order) and line, and what each line keeps in reserve."""

    rows: tuple[tuple[int, ...], ...]
    reserve: tuple[int, ...]


def read_lines(entries: object, total: int, unit: int) -> list[Line]:
    """Read the lines of an envelope; none means that the envelope is one line without a name.

    ValueError when they do not add up to the envelope, share a name, or are no whole units
    (several lines only: the odd yen of a single one stay in the reserve).
    """
    if entries is None:
        return []
    if not isinstance(entries, list) or not entries:
        message = "予算区分は1つ以上の一覧にしてください。"
        raise ValueError(message)
    lines = [_read_line(entry) for entry in entries]
    names = [line.name for line in lines]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        message = f"同じ予算区分が2回あります: {'、'.join(doubled)}"
        raise ValueError(message)
    summed = sum(line.total for line in lines)
    if summed != total:
        message = f"予算区分の額の合計 {summed:,}円が、予算総額 {total:,}円と一致しません。"
        raise ValueError(message)
    if len(lines) > 1:
        odd = [line.name for line in lines if line.total % unit]
        if odd:
            message = (
                f"予算区分の額は配分の単位（{unit:,}円）の倍数にしてください: {'、'.join(odd)}"
            )
            raise ValueError(message)
    return lines


def _read_line(entry: object) -> Line:
    read = exact.refuse_unknown(entry, LINE_KEYS, "予算区分")
    name = read.get("name")
    if not isinstance(name, str) or not name.strip() or len(name) > NAME_LENGTH:
        message = f"予算区分の名称は1文字以上{NAME_LENGTH}文字以内にしてください。"
        raise ValueError(message)
    total = exact.whole(read.get("total"), f"予算区分 {name}")
    if total == 0:
        message = f"予算区分 {name}: 0円の区分は入れないでください。"
        raise ValueError(message)
    return Line(name, total)


def split(
    amounts: Sequence[int], codes: Sequence[str], reserve: int, lines: Sequence[Line], unit: int
) -> Split:
    """Spread the amounts and the reserve over the lines in proportion to the lines' totals.

    Line by line, the largest remainders of what each row has left take the units; the last line
    takes the rest. So every row adds up to its amount and every column to its line's total.
    """
    rows, names = [*amounts, reserve], [*codes, RESERVE]
    if len(lines) == 1:
        return Split(tuple((amount,) for amount in amounts), (reserve,))
    left = sum(line.total for line in lines)
    columns = []
    for line in lines[:-1]:
        wanted = [Fraction(amount * line.total, left) for amount in rows]
        column = largest_remainder(wanted, names, unit)
        rows = [amount - part for amount, part in zip(rows, column, strict=True)]
        left -= line.total
        columns.append(column)
    columns.append(rows)
    by_row = tuple(zip(*columns, strict=True))
    return Split(by_row[:-1], by_row[-1])


def as_record(line: Line, kept: int) -> dict[str, Any]:
    """Return a line as the result states it: its total, what the hubs get, what it keeps."""
    return {
        "name": line.name,
        "total": line.total,
        "distributed": line.total - kept,
        "reserve": kept,
    }
