"""The file of network activities: compared row by row with the ledger of all hubs."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction

from hubs.ledger.forms.files import AlikeForm
from hubs.ledger.models import NetworkActivity, NetworkParticipation
from hubs.ledger.operations import mark_dirty
from hubs.ledger.queries.imports import (
    accepted_months,
    all_hubs,
    registered_names,
)
from hubs.ledger.resources.activity_rows import (
    ActivityReader,
    ActivityRow,
    Held,
    activity_columns,
)
from hubs.ledger.resources.moved import (
    ACCEPTED_UNDO,
    CORRECTED,
    NOT_YOURS,
    first_numbers,
    named_months,
    refuse_closed,
)
from yorozu.core import clock
from yorozu.core.access import Scope
from yorozu.core.errors import Conflict
from yorozu.core.imports.kinds import Change, Comparison, ImportKind
from yorozu.core.sheets import Column, Table, read_table

JOINED = "この取込の活動に、ほかの拠点が参加を記録しているため、取り消せません。"
NUMBER_TAKEN = (
    "確認のあとで、同じ受付番号の活動がほかから登録されました。もう一度ファイルを取り込み、"
    "内容を確認してください。"
)
BATCH_ROWS = 2_000


class ActivityImport(ImportKind):
    """Network activities as CSV or XLSX; each row is one new activity, counted at its hub."""

    code = "ledger.activities"
    label = "ネットワーク活動"
    action = "hubs.ledger.import"
    description = (
        "1行に1件のネットワーク活動を入力したファイルを取り込みます。支援機関は、登録した名称を"
        "「、」で区切って入力してください。登録済みの活動の訂正はできません。"
    )
    params_form = AlikeForm

    def columns(self, params: dict[str, Any]) -> list[Column]:
        """As the template shows them."""
        return activity_columns()

    def read(self, data: bytes, filename: str, params: dict[str, Any]) -> Table:
        """One row per hub and receipt number: a second one is a fault."""
        return read_table(data, filename, self.columns(params), unique=("hub_code", "record_no"))

    def compare(self, table: Table, params: dict[str, Any], actor: Scope) -> Comparison:
        """Compare with what is stored: a fixed number of queries for the file, none per row."""
        days = [row["held_on"] for row in table.rows]
        mine, everywhere = all_hubs(actor)
        names = registered_names(hub.pk for hub in mine.values())
        held = Held.load(mine, everywhere, names, days)
        reader = ActivityReader(held, self.columns(params), params)
        changes = [change for row in table.rows if (change := reader.change(row)) is not None]
        return Comparison(changes, [*table.problems, *reader.problems])

    def write(
        self, changes: Sequence[Change], params: dict[str, Any], actor: Scope, batch_id: int
    ) -> list[dict[str, Any]]:
        """Store the activities with their organisations; undone by the number of the file."""
        rows = [(change.row, ActivityRow.from_data(change.data)) for change in changes]
        try:
            with transaction.atomic():
                stored = NetworkActivity.objects.bulk_create(
                    [_new(row, line, actor, batch_id) for line, row in rows], BATCH_ROWS
                )
        except IntegrityError as error:
            raise Conflict(NUMBER_TAKEN) from error
        link = NetworkActivity.organizations.through
        link.objects.bulk_create(
            [
                link(networkactivity_id=new.pk, supportorganization_id=pk)
                for new, (_, row) in zip(stored, rows, strict=True)
                for pk in row.organization_ids
            ],
            BATCH_ROWS,
        )
        mark_dirty((row.hub_id, row.held_on) for _, row in rows)
        return []

    def revert(
        self, undo: list[dict[str, Any]], params: dict[str, Any], actor: Scope, batch_id: int
    ) -> None:
        """Delete the activities, unless one has a history, was joined or counts for good."""
        rows = NetworkActivity.objects.filter(import_batch_id=batch_id)
        if numbers := first_numbers(rows.filter(is_current=False)):
            raise Conflict(CORRECTED.format(numbers=numbers))
        if NetworkParticipation.objects.filter(activity__in=rows.order_by()).exists():
            raise Conflict(JOINED)
        days = set(rows.order_by().values_list("hub_id", "held_on").distinct())
        _refuse_months(days, actor)
        link = NetworkActivity.organizations.through
        link.objects.filter(networkactivity__in=rows.order_by()).delete()
        rows.delete()
        mark_dirty(days)

    def example_rows(self, params: dict[str, Any]) -> list[list[Any]]:
        """Two activities, the second with two organisations."""
        hub = ["13", "東京都よろず支援拠点"]
        return [
            [*hub, "N-0001", "2026-04-08", "訪問", "連携の打合せ", "見本 太郎", "見本商工会議所"],
            [
                *hub,
                "N-0002",
                "令和8年4月20日",
                "共同相談会",
                "資金繰り相談会",
                "見本 花子",
                "見本商工会議所、見本信用金庫",
            ],
        ]


def _new(row: ActivityRow, line: int, actor: Scope, batch_id: int) -> NetworkActivity:
    values = asdict(row)
    values.pop("organization_ids")
    return NetworkActivity(
        **values,
        import_batch_id=batch_id,
        import_line=line,
        created_by_name=actor.name[:80],
        created_at=clock.now(),
    )


def _refuse_months(days: Iterable[tuple[int, date]], actor: Scope) -> None:
    months = {(hub_id, f"{day:%Y-%m}") for hub_id, day in days}
    if not all(actor.covers(hub_id) for hub_id, _ in months):
        raise Conflict(NOT_YOURS)
    if accepted := months & accepted_months():
        raise Conflict(ACCEPTED_UNDO.format(months=named_months(accepted)))
    refuse_closed(months)
