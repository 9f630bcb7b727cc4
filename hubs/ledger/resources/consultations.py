"""The bulk file of consultations: a year of a hub, or of the nation, in one piece."""

from dataclasses import replace
from datetime import date
from typing import Any

from django.db import connection

from hubs.ledger.models import IndividualConsultation, SampleCheck
from hubs.ledger.operations import mark_dirty
from hubs.ledger.queries import CodeBook, code_books
from hubs.ledger.queries.imports import (
    accepted_months,
    all_hubs,
    closed_years,
    registered_names,
)
from hubs.ledger.resources import columns as reading
from hubs.ledger.resources.columns import (
    CODE_KINDS,
    FIRST_DAY,
    consultation_columns,
    plain_parsers,
)
from hubs.ledger.resources.consultation_rows import CodeReader, ConsultationReader, Ground
from hubs.ledger.resources.moved import (
    ACCEPTED_UNDO,
    CORRECTED,
    NOT_YOURS,
    first_numbers,
    named_months,
    refuse_closed,
)
from hubs.ledger.rollup import FirstOfMonth
from hubs.network.models import Hub
from yorozu.core import clock
from yorozu.core.access import Scope
from yorozu.core.errors import Conflict
from yorozu.core.fiscal import fiscal_year_of, parse_month
from yorozu.core.imports.bulk.kinds import BulkImportKind, Facts, RowReader
from yorozu.core.imports.bulk.sql import statement
from yorozu.core.sheets import Column
from yorozu.core.sheets.cells import Parser

ACCEPTED_SINCE = (
    "確認のあとで{months}の月次実績が確認済みになりました。その月の行を除いて、もう一度"
    "取り込んでください。"
)
SAMPLED = "この取込の記録が抽出確認の対象になっているため、取り消せません。"
_DELETE = "DELETE FROM $table WHERE import_batch_id = %s"


class ConsultationImport(BulkImportKind):
    """Consultations as CSV or XLSX, up to 1,100,000 rows; each row is one new record."""

    code = "ledger.consultations"
    label = "相談記録"
    action = "hubs.ledger.import"
    description = (
        "1行に1件の相談記録を入力したファイルを取り込みます（CSVは400MB、1,100,000行まで）。"
        "登録済みで内容の同じ行は、そのまま残します。登録済みの記録の訂正はできません。"
    )
    model = IndividualConsultation
    stored = (
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
    )
    key = ("hub_id", "record_no")
    current = "t.is_current"
    stands_message = (
        "受付番号{key}は、台帳では「{theirs}」、ファイルでは「{mine}」です。"
        "台帳の訂正は、相談記録の画面で理由を付けて行ってください。"
    )
    past_message = "受付番号{value}は、取り消された記録に使われています。別の番号を付けてください。"

    def columns(self, params: Facts) -> list[Column]:
        """As the template and the upload page show them; hubs and codes are those of all."""
        everywhere = {hub.code: hub for hub in Hub.objects.order_by("code")}
        today = clock.today()
        return consultation_columns(_parsers(everywhere, everywhere, _book(today), today, set()))

    def ground(self, params: Facts, actor: Scope) -> Ground:
        """In a fixed number of queries."""
        mine, everywhere = all_hubs(actor)
        today = clock.today()
        names = registered_names(hub.pk for hub in mine.values())
        return Ground(
            mine=mine,
            everywhere=everywhere,
            books=code_books(range(fiscal_year_of(FIRST_DAY), fiscal_year_of(today) + 1)),
            today=today,
            closed=closed_years(),
            accepted=frozenset((str(hub_id), month) for hub_id, month in accepted_months()),
            names={str(hub_id): known for hub_id, known in names.items()},
        )

    def reader(self, ground: Ground) -> RowReader:
        """The rules of the ledger on this ground."""
        parsers = _parsers(
            ground.mine, ground.everywhere, ground.newest, ground.today, ground.closed
        )
        columns = {column.name: column for column in consultation_columns(parsers)}
        codes = {
            kind: CodeReader(_by_year(kind, columns[kind], ground.books)) for kind in CODE_KINDS
        }
        return ConsultationReader(columns, codes, ground)

    def constants(self, batch_id: int, actor: Scope) -> dict[str, Any]:
        """Whose file it was, and when it was written."""
        return {
            "import_batch_id": batch_id,
            "created_by_name": actor.name[:80],
            "created_at": clock.now(),
        }

    def recheck(self, facts: Facts, actor: Scope) -> None:
        """Rights, accepted months and closed years may have changed since the check."""
        months = {(int(hub_id), str(month)) for hub_id, month in facts["months"]}
        if not all(actor.covers(hub_id) for hub_id, _ in months):
            raise Conflict(NOT_YOURS)
        if accepted := months & accepted_months():
            raise Conflict(ACCEPTED_SINCE.format(months=named_months(accepted)))
        refuse_closed(months)

    def written(self, facts: Facts) -> None:
        """The figures of these months are to be counted anew."""
        mark_dirty((hub_id, parse_month(month)) for hub_id, month in facts["months"])

    def revert(self, batch_id: int, actor: Scope) -> int:
        """Delete the records of the batch, unless one has a history or counts for good."""
        rows = IndividualConsultation.objects.filter(import_batch_id=batch_id)
        if numbers := first_numbers(rows.filter(is_current=False)):
            raise Conflict(CORRECTED.format(numbers=numbers))
        if SampleCheck.objects.filter(consultation__import_batch_id=batch_id).exists():
            raise Conflict(SAMPLED)
        months = {
            (hub_id, month)
            for name in ("held_on", "resolved_on")
            for hub_id, month in rows.filter(**{f"{name}__isnull": False})
            .annotate(in_month=FirstOfMonth(name))
            .order_by()
            .values_list("hub_id", "in_month")
            .distinct()
        }
        if not all(actor.covers(hub_id) for hub_id, _ in months):
            raise Conflict(NOT_YOURS)
        texts = {(hub_id, f"{month:%Y-%m}") for hub_id, month in months}
        if accepted := texts & accepted_months():
            raise Conflict(ACCEPTED_UNDO.format(months=named_months(accepted)))
        refuse_closed(texts)
        with connection.cursor() as cursor:
            cursor.execute(statement(_DELETE, table=self.table), [batch_id])
            deleted = int(cursor.rowcount)
        mark_dirty(months)
        return deleted

    def example_rows(self, params: Facts) -> list[list[Any]]:
        """Two records, the second without a result yet."""
        return [
            [
                "13",
                "東京都よろず支援拠点",
                "2026-00001",
                "2026-04-03",
                "来訪",
                "売上拡大",
                "製造業",
                "6～20人",
                "山田 花子",
                "C-00123",
                60,
                "2026-05-12",
                "2026-05-20",
                "新商品の販路について助言した。",
            ],
            [
                "13",
                "東京都よろず支援拠点",
                "2026-00002",
                "令和8年4月6日",
                "オンライン",
                "資金繰り",
                "宿泊業、飲食サービス業",
                "1～5人",
                "山田 花子",
                "C-00124",
                45,
                "",
                "",
                "",
            ],
        ]


def _book(today: date) -> CodeBook:
    year = fiscal_year_of(today)
    return code_books([year])[year]


def _parsers(
    mine: dict[str, Hub],
    everywhere: dict[str, Hub],
    book: CodeBook,
    today: date,
    closed: set[int],
) -> dict[str, Parser]:
    return {
        **plain_parsers(FIRST_DAY, today),
        "hub_id": reading.hub(mine, everywhere),
        "held_on": reading.held_on(FIRST_DAY, today, closed),
        **{kind: reading.code(book, kind) for kind in CODE_KINDS},
    }


def _by_year(kind: str, column: Column, books: dict[int, CodeBook]) -> dict[int, Column]:
    """The column as each year's list reads it; years with the same list share one column."""
    newest = books[max(books)]
    by_list: list[tuple[dict[str, str], Column]] = [(newest.spellings[kind], column)]
    found = {}
    for year, book in books.items():
        spellings = book.spellings.get(kind, {})
        known = next((one for words, one in by_list if words == spellings), None)
        if known is None:
            known = replace(column, parse=reading.code(book, kind))
            by_list.append((spellings, known))
        found[year] = known
    return found
