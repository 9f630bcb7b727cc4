"""The import of consultation records against what the database does with the same rows alone.

The other side is a raw load (COPY; executemany on SQLite) of exactly the rows that the import
stores, prepared beforehand, into the same table with the same keys, in one transaction. The product
reads, checks and normalises a file with 2 % invalid rows and 1 % duplicates, finds both, and stores
the rest: check and apply together, as a worker runs them. Both sides start from an empty table.
"""

import csv
import os
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from django.db import connection, transaction

from benchmarks import ground, importing, workbook
from benchmarks.frame import Bench, checkpoint, same
from benchmarks.generate import FISCAL_YEAR, HEADER, INVALID, Manifest, Shape, write
from benchmarks.judging import Metric, at_least, at_most, exponent, ratio
from hubs.ledger.queries import code_book
from hubs.network.models import Hub
from yorozu.core import clock
from yorozu.core.imports.bulk.tables import insert_lines
from yorozu.core.imports.kinds import find
from yorozu.core.sheets import Column
from yorozu.core.sheets.columnwise import NULL, copy_text
from yorozu.core.sheets.streaming import open_stream

P1 = Metric("P1", "raw load / validated import, keys kept up", at_least(0.45, 0.75), ("raw",))
P1B = Metric(
    "P1b", "raw load / validated first load, keys built after", at_least(1.2, 1.8), ("raw",)
)
P1C = Metric(
    "P1c", "growth exponent of the import less that of the raw load", at_most(0.05), ("raw",)
)
P1D = Metric("P1d", "peak memory at all rows / at a tenth of them", at_most(1.25, 1.10))
XLSX = Metric(
    "P1x", "product's reading of XLSX / bare csv.reader, 100,000 rows", at_most(15), ("csv",)
)
XLSX_ROWS = 100_000
KINDS = ("channel", "theme", "industry", "employees_band")
BLOCK_ROWS = 4_000


def run(bench: Bench) -> None:
    """All five metrics of performance.md 0 about the import, and the one of 9.1 about XLSX."""
    ground.make_hubs(bench.options.hubs)
    ground.make_term()
    rows = bench.options.rows or 1_000_000
    large, small = _Side(bench, rows), _Side(bench, rows // 10)
    times = bench.rounds(
        {
            "raw": large.raw,
            "import": partial(large.product, rebuilds_keys=False),
            "first load": partial(large.product, rebuilds_keys=True),
            "raw, a tenth": small.raw,
            "import, a tenth": partial(small.product, rebuilds_keys=False),
        }
    )
    facts = {"rows": rows, "hubs": bench.options.hubs, "cpu_seconds": large.cpu}
    p1 = {name: times[name] for name in ("raw", "import")}
    bench.report(P1, ratio(times["raw"], times["import"]), p1, **facts)
    p1b = {name: times[name] for name in ("raw", "first load")}
    bench.report(P1B, ratio(times["raw"], times["first load"]), p1b, **facts)
    growth = exponent(times["import, a tenth"], times["import"], 10)
    bare = exponent(times["raw, a tenth"], times["raw"], 10)
    bench.report(P1C, growth - bare, times, growth=round(growth, 4), bare=round(bare, 4))
    _memory(bench, large, small)
    _xlsx(bench)


class _Side:
    """Both sides for one number of rows."""

    def __init__(self, bench: Bench, rows: int) -> None:
        options = bench.options
        shape = Shape(rows, options.hubs, options.seed, realistic=options.realistic)
        bench.say(f"writing {rows} rows")
        self.path, self.manifest = write(shape, bench.folder)
        self._raw = self.path.with_suffix(".raw")
        _write_raw(self.path, self._raw, self.manifest)
        self.cpu: dict[str, list[float]] = {}

    def raw(self) -> float:
        """The rows as they are to be stored, loaded as fast as the database takes them."""
        self._fresh()
        seconds = self._timed("raw", self._load)
        importing.check_against(self.manifest)
        return seconds

    def _load(self) -> None:
        with transaction.atomic(), self._raw.open("rb") as stream:
            insert_lines(importing.TABLE, RAW_COLUMNS, _blocks(stream.readlines))

    def product(self, *, rebuilds_keys: bool) -> float:
        """The same rows out of the file as a hub would send it, through the product."""
        self._fresh()
        name = "first load" if rebuilds_keys else "import"
        found: list[importing.Brought] = []
        self._timed(
            name,
            lambda: found.append(importing.bring_in(self.path, rebuilds_keys=rebuilds_keys)),
        )
        importing.check_against(self.manifest, found[0].batch)
        return found[0].seconds

    def _fresh(self) -> None:
        importing.empty_ledger()
        checkpoint()

    def _timed(self, name: str, work: Callable[[], None]) -> float:
        """Wall seconds; beside them the CPU seconds of all processes, for a busy machine."""
        server, client = importing.server_cpu(), _client_cpu()
        began = time.perf_counter()
        work()
        seconds = time.perf_counter() - began
        spent = _client_cpu() - client + server()
        self.cpu.setdefault(name, []).append(round(spent, 2))
        return seconds


def _client_cpu() -> float:
    """CPU seconds of this process and of those it has started and seen end."""
    spent = os.times()
    return sum(spent[:4])


RAW_COLUMNS = (
    "hub_id",
    "record_no",
    "held_on",
    *KINDS,
    "coordinator_name",
    "client_key",
    "minutes",
    "resolved_on",
    "client_confirmed_on",
    "note",
    "import_line",
    "import_batch_id",
    "created_by_name",
    "created_at",
)


def _write_raw(source: Path, target: Path, manifest: Manifest) -> None:
    """The valid rows of the file as lines of COPY, in the order of the file, labels as codes."""
    book = code_book(FISCAL_YEAR)
    codes = [{label: code for code, label in book.labels[kind].items()} for kind in KINDS]
    hubs = {hub.code: str(hub.pk) for hub in Hub.objects.all()}
    now = clock.now()
    postgres = connection.vendor == "postgresql"
    moment = str(now if postgres else connection.ops.adapt_datetimefield_value(now))
    bad = {(place, text) for place, text in INVALID.values()}
    seen: set[tuple[str, str]] = set()
    written = 0
    with source.open(encoding="utf-8", newline="") as stream, target.open("w") as out:
        reader = csv.reader(stream)
        next(reader)
        for number, row in enumerate(reader, start=2):
            if not bad.isdisjoint(enumerate(row)) or (row[0], row[1]) in seen:
                continue
            seen.add((row[0], row[1]))
            written += 1
            coded = [words[row[3 + at]] for at, words in enumerate(codes)]
            days = [day or NULL for day in row[10:12]]
            fields = [hubs[row[0]], *row[1:3], *coded, *row[7:10], *days, copy_text(row[12])]
            out.write("\t".join([*fields, str(number), "0", "ベンチマーク", moment]) + "\n")
    same("rows of the raw file", written, manifest.stored)


def _blocks(read_lines: Callable[[int], list[bytes]]) -> Iterator[bytes]:
    while lines := read_lines(1 << 18):
        yield b"".join(lines)


def _memory(bench: Bench, large: _Side, small: _Side) -> None:
    """The peaks of both processes that read, added up."""
    peaks = {}
    for name, side in (("a tenth", small), ("all", large)):
        importing.empty_ledger()
        done = bench.child("benchmarks.import_child", str(side.path))
        same("rows added by the child", done["answer"]["added"], side.manifest.stored)
        importing.check_against(side.manifest)
        peaks[name] = (done["peak_kb"] + done["answer"]["second_kb"]) / 1024
        bench.say(f"peak memory, {name}: {peaks[name]:.0f} MB")
    bench.report(
        P1D,
        peaks["all"] / peaks["a tenth"],
        {},
        peak_mb={name: round(peak, 1) for name, peak in peaks.items()},
    )


def _xlsx(bench: Bench) -> None:
    """The reader alone: its rows are compared with those of the CSV, cell by cell."""
    path, _ = write(Shape(XLSX_ROWS, seed=bench.options.seed, clean=True), bench.folder)
    book = workbook.write(path, bench.folder / "book.xlsx")
    columns = find("ledger.consultations").columns({})
    _same_cells(path, book, columns)

    def bare() -> None:
        with path.open(encoding="utf-8", newline="") as stream:
            same("rows of the CSV", sum(1 for _ in csv.reader(stream)), XLSX_ROWS + 1)

    def product() -> float:
        began = time.perf_counter()
        with book.open("rb") as stream:
            rows = sum(len(chunk) for _, chunk in open_stream(stream, columns).chunks)
        seconds = time.perf_counter() - began
        same("rows of the workbook", rows, XLSX_ROWS)
        return seconds

    times = bench.rounds({"csv": bare, "xlsx": product})
    bench.report(XLSX, ratio(times["xlsx"], times["csv"]), times, rows=XLSX_ROWS)


def _same_cells(path: Path, book: Path, columns: list[Column]) -> None:
    """Cell by cell what the CSV says; the lists are gone before anything is timed."""
    with path.open(encoding="utf-8", newline="") as text, book.open("rb") as opened:
        expected = csv.reader(text)
        next(expected)
        read = (row for _, chunk in open_stream(opened, columns).chunks for row in chunk)
        for number, (mine, theirs) in enumerate(zip(read, expected, strict=True), start=2):
            padded = [*mine] + [""] * (len(HEADER) - len(mine))
            same(f"row {number} of the workbook", padded, theirs)
