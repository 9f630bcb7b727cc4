"""Months of a hub as they were sent, written in bulk: the checks read figures, not the way."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from hubs.integrity.models import IntegrityFlag
from hubs.network.models import Hub
from hubs.results.models import MonthlyReport, MonthlyResult, ReportState, ValueState
from hubs.terms.models import Term
from tests.hubs.year import SYSTEM, open_year
from yorozu.core.fiscal import months_of

# A Friday; ten business days later it is 4 December (23 November is a holiday).
TODAY = datetime(2026, 11, 20, 10, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
CALM = {
    "CONS": (301, 312, 293, 304, 306, 297, 308),
    "VISIT": (201, 212, 193, 204, 206, 197, 208),
    "SOLVE": (91, 102, 83, 94, 96, 87, 98),
    "NETW": (41, 52, 33, 44, 46, 37, 48),
}


def term_of(fiscal_year: int = 2026) -> Term:
    """The open term."""
    found: Term | None = Term.objects.filter(fiscal_year=fiscal_year).first()
    return found or open_year(fiscal_year)


def sent(
    code: str = "13",
    figures: Mapping[str, Sequence[int]] | None = None,
    *,
    fiscal_year: int = 2026,
    state: ReportState = ReportState.SUBMITTED,
) -> list[MonthlyReport]:
    """The first months of the year of one hub with these figures (calm ones where not given)."""
    term, hub = term_of(fiscal_year), Hub.objects.get(code=code)
    values = {**CALM, **(figures or {})}
    reports = [
        MonthlyReport.objects.create(hub=hub, term=term, month=month)
        for month in months_of(fiscal_year)[: max(map(len, values.values()))]
    ]
    indicators = {row.code: row for row in term.indicators.all()}
    MonthlyResult.objects.bulk_create(
        [
            MonthlyResult(
                report=report,
                indicator=indicators[name],
                value_state=ValueState.REPORTED,
                value=value,
            )
            for name, series in values.items()
            for report, value in zip(reports, series, strict=False)
        ]
    )
    done = TODAY if state == ReportState.ACCEPTED else None
    # Last of all: what is accepted takes no figures.
    MonthlyReport.objects.filter(pk__in=[row.pk for row in reports]).update(
        state=state, accepted_at=done
    )
    return list(MonthlyReport.objects.filter(pk__in=[row.pk for row in reports]).order_by("month"))


def change(report: MonthlyReport, code: str, value: int, reason: str = "") -> None:
    """Another figure in a month that is not accepted."""
    row = report.results.get(indicator__code=code)
    row.value, row.reason = value, reason
    row.save()


def flags(code: str = "13") -> list[IntegrityFlag]:
    """The flags of a hub in the order in which they were raised."""
    return list(IntegrityFlag.objects.filter(hub__code=code).order_by("pk"))


__all__ = ["CALM", "SYSTEM", "TODAY", "change", "flags", "sent", "term_of"]
