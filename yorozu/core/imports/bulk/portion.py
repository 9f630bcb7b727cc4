"""Rows of a file, or of one part of it: good ones to files, faults to findings, all counted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from yorozu.core.imports.bulk.duplicates import Keys
from yorozu.core.imports.bulk.files import WARNING, Findings, LoadFiles
from yorozu.core.imports.bulk.reading import ChunkReader, Taken
from yorozu.core.sheets.grid import Cell

SHOWN_PROBLEMS = 2_000
SHOWN_ROWS = 100
_FIRST_LINES = 3 * SHOWN_ROWS


@dataclass
class Tally:
    """How many rows of which sort, and the first good ones as lines of COPY for the preview."""

    rows_total: int = 0
    good: int = 0
    faulty_rows: int = 0
    warned_rows: int = 0
    first: list[str] = field(default_factory=list)

    def add(self, taken: Taken) -> None:
        """Count a chunk."""
        self.rows_total += taken.filled
        self.good += len(taken.lines)
        self.faulty_rows += taken.faulty_rows
        self.warned_rows += len({warning.row for warning in taken.warnings})
        self._note(taken.lines)

    def _note(self, lines: Sequence[str]) -> None:
        self.first += lines[: max(0, _FIRST_LINES - len(self.first))]

    def hand_over(self) -> dict[str, Any]:
        """What ``take_over`` of another process needs (JSON-able)."""
        names = ("rows_total", "good", "faulty_rows", "warned_rows", "first")
        return {name: getattr(self, name) for name in names}

    def take_over(self, handed: Mapping[str, Any]) -> None:
        """Add the rows behind those counted here."""
        self.rows_total += handed["rows_total"]
        self.good += handed["good"]
        self.faulty_rows += handed["faulty_rows"]
        self.warned_rows += handed["warned_rows"]
        self._note(handed["first"])


class Portion:
    """Where the rows go that one process reads."""

    def __init__(
        self, chunks: ChunkReader, load: LoadFiles, keys: Keys, findings: Findings, tally: Tally
    ) -> None:
        self._chunks, self._load, self._keys = chunks, load, keys
        self._findings, self._tally = findings, tally

    def take(self, first: int, rows: Sequence[list[Cell]]) -> None:
        """The rows from row ``first`` of the file on."""
        taken = self._chunks.take(first, rows)
        self._tally.add(taken)
        self._findings.add("rows", taken.problems)
        self._findings.add("warnings", taken.warnings, WARNING)
        self._load.add(taken.keys[0], taken.lines)
        self._keys.add(taken.keys, taken.numbers)

    def take_over(self, found: Mapping[str, Any], folder: Path) -> None:
        """Append what another process made of the rows behind these."""
        self._tally.take_over(found["tally"])
        self._findings.take_over(found["findings"])
        self._load.take_over(folder)
