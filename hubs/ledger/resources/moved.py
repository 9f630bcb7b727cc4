"""Why a file can no longer be written or taken back: months, years and records moved on."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from hubs.ledger.queries.imports import HubMonth, closed_years
from hubs.network.models import Hub
from yorozu.core.errors import Conflict
from yorozu.core.fiscal import fiscal_year_of, nendo, parse_month, wareki_month

NAMED = 3
NOT_YOURS = "担当しなくなった拠点の行が含まれています。もう一度ファイルを取り込んでください。"
CLOSED_SINCE = "{year}の期が終了したため、この取込は行えません。"
CORRECTED = (
    "受付番号{numbers}は、取込のあとに訂正または取消されています。取込を取り消すと訂正の経過が"
    "失われるため、取り消せません。"
)
ACCEPTED_UNDO = (
    "{months}の月次実績が確認済みのため、この取込は取り消せません。1件ずつ訂正してください。"
)


def refuse_closed(months: Iterable[HubMonth]) -> None:
    """Conflict when the term of one of these months is closed."""
    years = {fiscal_year_of(parse_month(month)) for _, month in months}
    if closed := years & closed_years():
        raise Conflict(CLOSED_SINCE.format(year=nendo(min(closed))))


def named_months(months: set[HubMonth]) -> str:
    """Some months of hubs by name, at most three."""
    chosen = sorted(months)[:NAMED]
    hubs = Hub.objects.in_bulk([hub_id for hub_id, _ in chosen])
    said = "、".join(
        f"{hubs[hub_id].name}の{wareki_month(parse_month(month))}" for hub_id, month in chosen
    )
    return said + ("ほか" if len(months) > NAMED else "")


def first_numbers(rows: QuerySet[Any]) -> str:
    """The receipt numbers of some rows of a file, at most three; "" when there are none."""
    numbers = list(rows.order_by("import_line").values_list("record_no", flat=True)[: NAMED + 1])
    more = "ほか" if len(numbers) > NAMED else ""
    return "、".join(numbers[:NAMED]) + more
