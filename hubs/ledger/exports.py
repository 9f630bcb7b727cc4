"""Records as a file: the columns of the import and the history beside them, written in pieces."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import IO, Any, Literal

from django.db.models import QuerySet
from django.utils import timezone

from hubs.ledger.models import IndividualConsultation
from hubs.ledger.queries import CodeBook, code_labels
from hubs.ledger.rules import LABELS
from yorozu.core.fiscal import fiscal_year_of
from yorozu.core.sheets import Sheet, to_csv, to_xlsx

CODED = ("channel", "theme", "industry", "employees_band")
HEADER = [
    "拠点コード",
    "受付番号",
    *LABELS.values(),
    "版",
    "抽出確認",
    "記録者",
    "記録日時",
    "取込番号",
]
# Rows held in memory at a time.
PIECE = 5_000
# What a sheet of a spreadsheet still opens in reasonable time.
MAX_XLSX_ROWS = 100_000
Encoding = Literal["utf-8-sig", "cp932"]


def lines(rows: QuerySet[IndividualConsultation]) -> Iterator[list[Any]]:
    """The rows of the file, read from the database in pieces."""
    books: dict[int, CodeBook] = {}
    for row in rows.select_related("hub", "sample_check").iterator(chunk_size=2_000):
        year = fiscal_year_of(row.held_on)
        if year not in books:
            books |= code_labels([year])
        yield _line(row, books[year])


def _line(row: IndividualConsultation, book: CodeBook) -> list[Any]:
    content = [
        book.label(name, getattr(row, name)) if name in CODED else getattr(row, name)
        for name in LABELS
    ]
    check = getattr(row, "sample_check", None)
    return [
        row.hub.code,
        row.record_no,
        *content,
        row.revision,
        check.get_outcome_display() if check else "",
        row.created_by_name,
        timezone.localtime(row.created_at).replace(tzinfo=None),
        row.import_batch_id,
    ]


def write_csv(target: IO[bytes], found: Iterable[list[Any]], encoding: Encoding) -> Iterator[int]:
    """Write the rows piece by piece, with 〓 for what CP932 lacks; yields the rows written."""
    target.write(to_csv(HEADER, [], encoding, replace=True))
    source, done = iter(found), 0
    while piece := list(islice(source, PIECE)):
        text = to_csv(HEADER, piece, encoding, replace=True)
        target.write(text.split(b"\r\n", 1)[1])
        done += len(piece)
        yield done


def xlsx(found: Iterable[list[Any]], title: str) -> bytes:
    """The rows as a workbook."""
    return to_xlsx([Sheet("相談記録", HEADER, list(found), caption=title)])
