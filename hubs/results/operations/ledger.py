"""Drawing the figures of a month from the ledger, and keeping what it counted when it was sent."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction

from hubs.network.models import Hub
from hubs.results import rules
from hubs.results.models import MonthlyReport, MonthlyResult, ReportState
from hubs.results.operations.entry import Entered, enter_month, open_months
from hubs.results.origins import month_origins, problems_of
from hubs.results.queries import GridCell, results_grid
from hubs.results.rules import Standing
from hubs.terms.queries import term_for
from yorozu.core.access import Scope, require
from yorozu.core.errors import Missing, NotReady
from yorozu.core.fiscal import fiscal_year_of, nendo, wareki_month

NOT_KEPT = "{month}の相談記録はありません。月次実績に数値を入力してください。"


def take_over(
    *, actor: Scope, hub: Hub, month: date, version: int, only_blank: bool = False
) -> Entered:
    """Write the ledger's counts of the month into its figures, over what stands there.

    With ``only_blank`` typed figures stay. A reason that explained another figure goes with it.
    Raises what ``enter_month`` raises, and NotReady when the ledger has nothing to give.
    """
    require(actor, "hubs.results.enter", hub_id=hub.pk)
    with transaction.atomic():
        cells = list(_takeable(hub, month, only_blank=only_blank))
        if not cells and not only_blank:
            raise NotReady(NOT_KEPT.format(month=wareki_month(month)))
        return enter_month(
            actor=actor,
            hub=hub,
            month=month,
            values={cell.column.key: str(cell.origin.now) for cell in cells},
            version=version,
            reasons={cell.column.key: "" for cell in cells if _is_explained_away(cell)},
        )


def _takeable(hub: Hub, month: date, *, only_blank: bool) -> Iterable[GridCell]:
    """Cells of the month that the ledger would fill otherwise than they stand."""
    term = term_for(fiscal_year_of(month))
    row = results_grid(hub, term).row(month) if term is not None else None
    for cell in row.cells if row else ():
        if cell.origin.now is None:
            continue
        is_blank = cell.standing is Standing.BLANK and not cell.reason
        if is_blank or not only_blank:
            yield cell


def _is_explained_away(cell: GridCell) -> bool:
    return bool(cell.reason) and cell.entry.value != cell.origin.now


def ready_month(*, actor: Scope, hub: Hub, month: date, version: int) -> MonthlyReport:
    """The report of the month for its check page: what is blank is drawn from the ledger.

    A month nobody has touched is opened, so that its check page names what is missing.
    """
    term = term_for(fiscal_year_of(month))
    if term is None:
        raise NotReady(f"{nendo(fiscal_year_of(month))}の期が開始されていません。")
    with transaction.atomic():
        entered = take_over(actor=actor, hub=hub, month=month, version=version, only_blank=True)
        if entered.report is not None:
            return entered.report
        open_months(actor=actor, term=term, hubs=[hub])
        return MonthlyReport.objects.get(hub=hub, month=month)


def keep_counts(report: MonthlyReport) -> None:
    """Keep beside every figure what the ledger counts as the month is sent; in its transaction.

    The count is taken anew: NotReady when records changed since the month was checked.
    """
    origins = month_origins(report, state=ReportState.OPEN)
    if problems := problems_of(origins):
        raise NotReady(
            "提出の直前に相談記録が変わりました。内容を確認してください。",
            [Missing(text, "results_grid") for text in problems],
        )
    changed: list[MonthlyResult] = []
    for one in origins:
        if one.result is not None:
            one.result.counted = one.origin.now
            one.result.source = rules.source_of(one.entry, one.origin.now)
            changed.append(one.result)
    MonthlyResult.objects.bulk_update(changed, ["counted", "source"])
