"""What the consultations of a period were about, from the ledger: theme, channel, industry, size.

One pass over the records per counting rule, whatever the number of hubs; asked for only when
somebody wants to see it, because a nation's year has a million records.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count

from hubs.ledger.models import CodeKind, IndividualConsultation
from hubs.ledger.queries import code_labels, last_of_month
from hubs.ledger.rules import COUNTING
from yorozu.core import figures
from yorozu.core.access import Scope
from yorozu.core.fiscal import fiscal_year_of

KINDS = (CodeKind.THEME, CodeKind.CHANNEL, CodeKind.INDUSTRY, CodeKind.EMPLOYEES_BAND)
Counts = Mapping[tuple[str, str], int]


@dataclass(frozen=True)
class Share:
    """One code of one kind: how many consultations, of all of them, and how many resolved."""

    code: str
    label: str
    consultations: int
    resolved: int
    share: Decimal | None


@dataclass(frozen=True)
class Shares:
    """The codes of one kind in the order of their list; together they are all records."""

    kind: CodeKind
    rows: Sequence[Share]
    consultations: int
    resolved: int


def shares_of(scope: Scope, first_month: date, last_month: date) -> list[Shares]:
    """The breakdowns over the hubs of the scope; empty when there is no record at all."""
    span = (first_month, last_of_month(last_month))
    consultations, resolved = _counts(scope, "CONS", span), _counts(scope, "SOLVE", span)
    if not consultations and not resolved:
        return []
    year = fiscal_year_of(first_month)
    labels = code_labels([year])[year].labels
    return [_shares(kind, labels[kind], consultations, resolved) for kind in KINDS]


def _counts(scope: Scope, indicator: str, span: tuple[date, date]) -> Counts:
    rows = IndividualConsultation.objects.visible_to(scope).filter(
        **COUNTING[indicator].lookups(*span)
    )
    names = [kind.value for kind in KINDS]
    found: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows.order_by().values(*names).annotate(count=Count("pk")):
        for name in names:
            found[name, row[name]] += row["count"]
    return found


def _shares(
    kind: CodeKind, labels: Mapping[str, str], consultations: Counts, resolved: Counts
) -> Shares:
    met = {code for name, code in [*consultations, *resolved] if name == kind}
    known = [code for code in labels if code in met]
    codes = [*known, *sorted(met.difference(known))]
    total = sum(consultations.get((kind, code), 0) for code in codes)
    rows = [
        Share(
            code=code,
            label=labels.get(code, code),
            consultations=(count := consultations.get((kind, code), 0)),
            resolved=resolved.get((kind, code), 0),
            share=figures.percent(count, total),
        )
        for code in codes
    ]
    return Shares(kind, rows, total, sum(row.resolved for row in rows))
