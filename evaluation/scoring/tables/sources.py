"""The frozen figures behind a score, each with its row and where it came from."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from django.apps import apps
from django.urls import reverse

from evaluation.evidence import readings
from yorozu.core.access import Scope, decide
from yorozu.core.web.tables import Cell, Column, Empty, Table

# What stands for the name of somebody who judged, by component.
NAMELESS = {"CHK": "評価者", "UNQ": "評価者", "PAR": "支援機関"}


def source_tables(content: Mapping[str, Any], scope: Scope) -> dict[str, list[Table]]:
    """The frozen values by component; each names its row, linked to its import where allowed.

    Who gave a score or a value stays with those who judge; the hub sees the figures without names.
    """
    may_open = decide(scope, "core.imports.view").allowed and scope.hub_ids is None
    judges = decide(scope, "evaluation.hearings.view").allowed
    found: dict[str, list[Table]] = {}
    for source in readings.sources(content):
        nameless = "" if judges else NAMELESS.get(source.component, "")
        table = _source_table(source, scope, may_open=may_open, nameless=nameless)
        found.setdefault(source.component, []).append(table)
    return found


@cache
def _record_names() -> Mapping[str, str]:
    """What a reader calls the records of a table: 月次実績の値, not its name in the database."""
    return {model._meta.db_table: str(model._meta.verbose_name) for model in apps.get_models()}


def _month_url(row: readings.SourceRow, scope: Scope) -> str:
    """The page of the month, which leads on to the rows that were counted."""
    if row.report_id is None or not decide(scope, "hubs.results.view").allowed:
        return ""
    return reverse("month_detail", args=[row.report_id])


def _source_table(
    source: readings.SourceTable, scope: Scope, *, may_open: bool, nameless: str
) -> Table:
    rows = []
    for place, row in enumerate(source.rows, start=1):
        line = "" if row.import_row is None else f" {row.import_row}行目"
        origin = f"取込{row.import_batch}{line}" if row.import_batch else "画面での入力"
        url = (
            reverse("import_detail", args=[row.import_batch])
            if row.import_batch and may_open
            else ""
        )
        rows.append(
            {
                "label": f"{nameless}{place}"
                if nameless
                else Cell(row.label, _month_url(row, scope)),
                "value": row.value,
                "state": row.state,
                "record": f"{_record_names().get(row.table, row.table)} {row.row_id}",
                "origin": Cell(origin, url),
            }
        )
    return Table(
        caption=source.caption,
        columns=[
            Column("label", "対象", header=True),
            Column("value", "値", numeric=True),
            Column("state", "備考"),
            Column("record", "記録番号"),
            Column("origin", "入力元"),
        ],
        rows=rows,
        empty=Empty("記録はありません。"),
    )
