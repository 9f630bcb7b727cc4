"""The sample check: how far each month's resolved issues are confirmed, and what is drawn."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncMonth

from hubs.ledger.models import CheckOutcome, IndividualConsultation, SampleCheck, SampleDraw
from hubs.ledger.rules import COUNTING
from hubs.network.models import Hub
from yorozu.core.access import Scope
from yorozu.core.fiscal import first_day, last_day


@dataclass(frozen=True)
class CheckedMonth:
    """The three layers of one month: reported, confirmed by clients, looked at by sample."""

    month: date
    resolved: int
    client_confirmed: int
    drawn: int
    checked: int
    check_confirmed: int


_LAYERS: dict[str, Any] = {
    "resolved": Count("pk"),
    "client_confirmed": Count("client_confirmed_on"),
    "drawn": Count("sample_check"),
    "checked": Count("pk", filter=~Q(sample_check__outcome="") & Q(sample_check__isnull=False)),
    "check_confirmed": Count("pk", filter=Q(sample_check__outcome=CheckOutcome.CONFIRMED)),
}


def checked_months(hub: Hub, fiscal_year: int) -> list[CheckedMonth]:
    """The months of a year in which issues were resolved, in one query."""
    lookups = COUNTING["SOLVE"].lookups(first_day(fiscal_year), last_day(fiscal_year))
    rows = IndividualConsultation.objects.filter(hub=hub, **lookups).order_by()
    grouped = rows.annotate(month=TruncMonth("resolved_on")).values("month").annotate(**_LAYERS)
    return sorted((CheckedMonth(**row) for row in grouped), key=lambda row: row.month)


def undrawn(hub: Hub, first: date, last: date) -> QuerySet[IndividualConsultation]:
    """Current records resolved in these days that nobody has drawn yet."""
    rows = IndividualConsultation.objects.filter(hub=hub, **COUNTING["SOLVE"].lookups(first, last))
    return rows.filter(sample_check__isnull=True)


def draws(hub: Hub) -> QuerySet[Any]:
    """The drawings of a hub with ``size`` and how many are still ``open``, the newest first."""
    return (
        SampleDraw.objects.filter(hub=hub)
        .annotate(size=Count("checks"), open=Count("checks", filter=Q(checks__outcome="")))
        .order_by("-month", "-id")
    )


def checks_of(draw: SampleDraw) -> list[SampleCheck]:
    """What was drawn, in the order of the receipt numbers."""
    return list(draw.checks.select_related("consultation").order_by("consultation__record_no"))


def open_draws(scope: Scope) -> QuerySet[Any]:
    """Drawings of the scope with records nobody has looked at (``open``), and their hubs."""
    rows = SampleDraw.objects.visible_to(scope).select_related("hub")
    left = Count("checks", filter=Q(checks__outcome=""))
    return rows.annotate(open=left).filter(open__gt=0).order_by("hub__code", "month", "pk")
