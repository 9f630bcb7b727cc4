"""The months of the ledger against the bare counting they are made of (P2, P2b, P2c).

Both sides of P2 count the same rows with the same statement: "bare" runs the SELECT of the product
and reads the result, "full" counts, compares and stores. "grouped" is the plainest GROUP BY of the
records alone, for orientation. P2b is one month of one hub with its note, as after a day of typing.
"""

import csv
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Q, Sum

from benchmarks import ground
from benchmarks.frame import Bench, checkpoint, same, timed
from benchmarks.generate import FISCAL_YEAR, Manifest, Shape, write
from benchmarks.judging import Metric, Target, at_most, exponent, ratio
from hubs.ledger.models import GUARDS, DirtyMonth, IndividualConsultation, LedgerMonth
from hubs.ledger.operations.rollup import compare_months, rebuild_months, roll_up
from hubs.ledger.queries import CodeBook, code_book
from hubs.ledger.rollup import FirstOfMonth, count_rows, write_months
from hubs.ledger.rules import VISIT_CHANNEL
from hubs.network.models import Hub
from yorozu.core import clock, guards

COST = Metric("P2", "full roll-up / the bare GROUP BY it runs", at_most(1.5, 1.15), ("bare",))
MONTH = Metric("P2b", "one hub-month / full roll-up", at_most(1 / 100, 1 / 500), ("full",))
ROWS = Metric("P2c", "growth exponent of the full roll-up in rows", Target(None, None, more=False))
TABLE = IndividualConsultation._meta.db_table
COLUMNS = (
    "hub_id",
    "record_no",
    "held_on",
    "channel",
    "theme",
    "industry",
    "employees_band",
    "coordinator_name",
    "client_key",
    "minutes",
    "resolved_on",
    "client_confirmed_on",
    "note",
    "created_by_name",
    "created_at",
)


def run(bench: Bench) -> None:
    """P2 and P2b on one file; P2c with a tenth of it."""
    rows = bench.options.rows or 1_000_000
    ground.make_hubs(bench.options.hubs)
    small = _loaded(bench, max(1_000, rows // 10))
    few = bench.rounds({"full": lambda: _full(small)})
    _empty()
    manifest = _loaded(bench, rows)
    hub_id, month = _middle(manifest)
    times = bench.rounds(
        {
            "full": lambda: _full(manifest),
            "bare": _bare,
            "grouped": _grouped,
            "month": lambda: _month(hub_id, month),
        }
    )
    same("nightly differences", compare_months(), [])
    same("nightly rebuild", rebuild_months(ground.actor()), [])
    facts = {"rows": manifest.stored, "hubs": bench.options.hubs, "months": len(_stored())}
    bench.report(
        COST,
        ratio(times["full"], times["bare"]),
        {name: times[name] for name in ("bare", "full", "grouped")},
        to_grouped=round(ratio(times["full"], times["grouped"]), 4),
        **facts,
    )
    bench.report(
        MONTH,
        ratio(times["month"], times["full"]),
        {name: times[name] for name in ("full", "month")},
        **facts,
    )
    growth = exponent(few["full"], times["full"], manifest.stored / small.stored)
    bench.report(ROWS, growth, {"small": few["full"], "large": times["full"]}, **facts)


def _loaded(bench: Bench, rows: int) -> Manifest:
    """A file without faults, written into the table as fast as the database takes it."""
    shape = Shape(
        rows,
        bench.options.hubs,
        bench.options.seed,
        realistic=bench.options.realistic,
        clean=True,
    )
    path, manifest = write(shape, bench.folder)
    bench.say(f"loading {manifest.stored} rows")
    _load(_records(path))
    same("rows stored", IndividualConsultation.objects.count(), manifest.stored)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return manifest


def _records(path: Path) -> Iterator[tuple[Any, ...]]:
    # Asked here and not by the first row: a COPY on its way lets no other query through.
    return _rows(path, code_book(FISCAL_YEAR), dict(Hub.objects.values_list("code", "pk")))


def _rows(path: Path, book: CodeBook, hubs: Mapping[str, int]) -> Iterator[tuple[Any, ...]]:
    kinds = ("channel", "theme", "industry", "employees_band")
    known: dict[tuple[str, str], str | None] = {}

    def code(kind: str, text: str) -> str:
        if (kind, text) not in known:
            known[kind, text] = book.find(kind, text)
        found = known[kind, text]
        if found is None:
            raise ValueError(f"{kind}: {text}")
        return found

    made = clock.now()
    with path.open(encoding="utf-8", newline="") as stream:
        rows = csv.reader(stream)
        next(rows)
        for row in rows:
            codes = [code(kind, text) for kind, text in zip(kinds, row[3:7], strict=True)]
            days = [row[10] or None, row[11] or None]
            yield (
                hubs[row[0]],
                row[1],
                row[2],
                *codes,
                *row[7:9],
                int(row[9]),
                *days,
                row[12],
                "ベンチマーク",
                made,
            )


def _load(records: Iterator[tuple[Any, ...]]) -> None:
    names = ", ".join(COLUMNS)
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {TABLE} ({names}) FROM STDIN") as copy:
                for record in records:
                    copy.write_row(record)
            return
        marks = ", ".join(["%s"] * len(COLUMNS))
        insert = " ".join(("INSERT INTO", TABLE, f"({names}) VALUES ({marks})"))
        adapt = connection.ops.adapt_datetimefield_value
        while chunk := [(*row[:-1], adapt(row[-1])) for row in islice(records, 10_000)]:
            cursor.executemany(insert, chunk)


def _empty() -> None:
    """Take the rows away below the triggers, which hold every single row."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"TRUNCATE {TABLE} RESTART IDENTITY CASCADE")
        else:
            guards.remove(connection, [row for row in GUARDS if row.table == TABLE])
            cursor.execute(" ".join(("DELETE FROM", TABLE)))
    LedgerMonth.objects.all().delete()


def _grouped() -> float:
    """The plainest counting of the records alone: one GROUP BY with distinct clients."""
    records = IndividualConsultation.objects.filter(is_current=True).order_by()
    months = records.annotate(month=FirstOfMonth("held_on")).values("hub_id", "month")
    counted = months.annotate(
        records=Count("pk"),
        visits=Count("pk", filter=Q(channel=VISIT_CHANNEL)),
        confirmed=Count("client_confirmed_on"),
        resolved=Count("resolved_on"),
        time=Sum("minutes"),
        clients=Count("client_key", distinct=True),
    )
    seconds, found = timed(lambda: list(counted))
    same("months of records", len(found), len(_stored()))
    return seconds


def _bare() -> float:
    """The counting alone, with the statement of the product."""
    seconds, found = timed(count_rows)
    same("months counted", len(found), len(_stored()))
    return seconds


def _full(manifest: Manifest) -> float:
    """Count everything and store it; the table must be that of the manifest."""
    checkpoint()

    def work() -> None:
        with transaction.atomic():
            write_months(clock.now())

    seconds, _ = timed(work)
    _check(manifest)
    return seconds


def _month(hub_id: int, month: date) -> float:
    """One note, rolled up."""
    before = _stored()
    DirtyMonth.objects.create(hub_id=hub_id, month=month)
    seconds, months = timed(roll_up)
    same("months rolled up", months, 1)
    same("table after one month", _stored(), before)
    return seconds


def _stored() -> dict[tuple[int, date], tuple[int, ...]]:
    rows = LedgerMonth.objects.order_by("hub_id", "month")
    names = (
        "consultations",
        "visiting_clients",
        "clients",
        "issues_resolved",
        "issues_client_confirmed",
    )
    return {
        (hub, month): tuple(rest)
        for hub, month, *rest in rows.values_list("hub_id", "month", *names)
    }


def _check(manifest: Manifest) -> None:
    """The stored months are those of the file: visits are counted each time (延べ)."""
    codes = dict(Hub.objects.values_list("pk", "code"))
    found = {(codes[hub], f"{month:%Y-%m}"): row for (hub, month), row in _stored().items()}
    expected = {
        (code, month): (row[0], row[1], row[2], row[4], row[5])
        for code, months in manifest.monthly.items()
        for month, row in months.items()
    }
    same("monthly table", found, expected)


def _middle(manifest: Manifest) -> tuple[int, date]:
    """The hub-month of middle size."""
    sizes = sorted(
        (row[0], code, month)
        for code, months in manifest.monthly.items()
        for month, row in months.items()
    )
    _, code, month = sizes[len(sizes) // 2]
    return Hub.objects.get(code=code).pk, date.fromisoformat(f"{month}-01")
