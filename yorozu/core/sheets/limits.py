"""How large an uploaded sheet may be, and the collecting of its faults."""

from collections.abc import Iterator
from dataclasses import dataclass

from yorozu.core.errors import Problem

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds checked before or while reading, so that no file costs more than a small one."""

    max_bytes: int = 50 * MEGABYTE
    max_rows: int = 200_000
    max_columns: int = 300
    max_cells: int = 2_000_000
    max_cell_characters: int = 10_000
    max_line_characters: int = 1_000_000
    max_lines: int = 1_048_576
    max_workbook_cells: int = 300_000
    max_members: int = 1_000
    max_unpacked: int = 150 * MEGABYTE
    max_ratio: int = 150
    max_side_member: int = 4 * MEGABYTE
    max_shared_strings: int = 300_000
    max_problems: int = 1_000
    stop_after_problems: int = 20_000


DEFAULT_LIMITS = Limits()


class TooManyProblems(Exception):  # noqa: N818 (named by what happened)
    """Reading stops here: the file is beyond mending by a list."""


class Problems:
    """All faults of one file in the order found, up to a cap closed by 「ほか n 件」."""

    def __init__(self, limits: Limits = DEFAULT_LIMITS) -> None:
        self._limits = limits
        self._kept: list[Problem] = []
        self._count = 0

    def add(self, row: int | None, column: str, message: str) -> None:
        """Note a fault; raises TooManyProblems when going on would only cost time."""
        self._count += 1
        if len(self._kept) < self._limits.max_problems:
            self._kept.append(Problem(row, column, message))
        if self._count >= self._limits.stop_after_problems:
            raise TooManyProblems

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Problem]:
        return iter(self.as_list())

    def as_list(self) -> list[Problem]:
        """The faults by row, and the closing line when some were left off."""
        faults = sorted(self._kept, key=lambda problem: problem.row or 0)
        left = self._count - len(self._kept)
        if left:
            at_least = "以上" if self._count >= self._limits.stop_after_problems else ""
            faults.append(Problem(None, "", f"ほか{left:,}件{at_least}の問題があります。"))
        return faults
