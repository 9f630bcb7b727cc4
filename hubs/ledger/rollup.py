"""What records add up to: one set-based statement for any number of hubs and months.

Always counted from the rows, never by adding differences: distinct clients do not add up. The
statement is put together from querysets, so that SQLite and PostgreSQL count the same, and what an
indicator counts is read from the one table of rules.
"""

from collections.abc import Sequence
from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db import connection
from django.db.models import Count, DateField, F, Func, Q, QuerySet, Sum, Value
from django.db.models.expressions import Combinable

from hubs.ledger.models import (
    CheckOutcome,
    IndividualConsultation,
    LedgerMonth,
    NetworkActivity,
    NetworkParticipation,
    SampleCheck,
)
from hubs.ledger.rules import COUNTING, FIGURES, MonthFigures, Span
from yorozu.core.locks import Turn, take_turn

Key = tuple[int, date]
Rows = QuerySet[Any, dict[str, Any]]
# More conditions than this in one statement help no planner.
MOST_SPANS = 40


class FirstOfMonth(Func):
    """The first day of the month of a date."""

    output_field = DateField()
    template = "CAST(date_trunc('month', CAST(%(expressions)s AS timestamp)) AS date)"

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """Dates are texts there: the first eight characters, and the first day."""
        template = "(substr(%(expressions)s, 1, 8) || '01')"
        return self.as_sql(compiler, connection, template=template, **extra)


def lock_roll_up() -> None:
    """One roll-up at a time: an older count must never be written over a newer one."""
    take_turn(Turn.LEDGER_ROLL_UP)


def count_rows(spans: Sequence[Span] | None = None) -> dict[Key, MonthFigures]:
    """Count these months (None: all there are) from the rows, now, writing nothing."""
    found: dict[Key, MonthFigures] = {}
    for chunk in _chunks(spans):
        held: dict[Key, dict[str, int]] = {}
        for row in _parts(chunk):
            sums = held.setdefault((row["hub_id"], row["month"]), dict.fromkeys(FIGURES, 0))
            for name in FIGURES:
                sums[name] += row[_part(name)] or 0
        found |= {key: MonthFigures(**sums) for key, sums in held.items()}
    return found


def write_months(at: datetime, spans: Sequence[Span] | None = None) -> None:
    """Count these months (None: all) and store them, in the caller's transaction.

    A month in which nothing counts any more loses its row.
    """
    columns = ", ".join(("hub_id", "month", *FIGURES, "computed_at"))
    changes = ", ".join(f"{name} = excluded.{name}" for name in (*FIGURES, "computed_at"))
    sums = ", ".join(f"COALESCE(SUM({_part(name)}), 0)" for name in FIGURES)
    moment = connection.ops.adapt_datetimefield_value(at)
    for chunk in _chunks(spans):
        parts, parameters = _parts(chunk).query.sql_with_params()
        # "WHERE 1 = 1" keeps SQLite from reading the ON of the upsert as that of a join.
        statement = (
            f"INSERT INTO {LedgerMonth._meta.db_table} ({columns})",
            f"SELECT hub_id, month, {sums}, %s",
            f"FROM ({parts}) AS parts WHERE 1 = 1 GROUP BY hub_id, month",
            f"ON CONFLICT (hub_id, month) DO UPDATE SET {changes}",
        )
        with connection.cursor() as cursor:
            cursor.execute(" ".join(statement), [moment, *parameters])
        gone = LedgerMonth.objects.exclude(computed_at=at)
        gone.filter(_within(chunk, "hub_id", "month") if chunk else Q()).delete()


def _chunks(spans: Sequence[Span] | None) -> list[Sequence[Span]]:
    if spans is None:
        return [()]
    return [spans[at : at + MOST_SPANS] for at in range(0, len(spans), MOST_SPANS)]


def _within(spans: Sequence[Span], hub: str, day: str) -> Q:
    parts = [
        Q(**{f"{hub}__in": span.hub_ids, f"{day}__gte": span.first, f"{day}__lte": span.last})
        for span in spans
    ]
    return reduce(or_, parts)


def _part(figure: str) -> str:
    """The column of a figure in the counts per kind; its own name may be a field of the record."""
    return f"part_{figure}"


def _parts(spans: Sequence[Span]) -> Rows:
    """The counts per kind of record and date, side by side; the months are theirs to add up."""
    records = IndividualConsultation.objects.filter(is_current=True)
    solved = COUNTING["SOLVE"].month_field
    parts = [
        _grouped(
            records,
            "hub_id",
            COUNTING["CONS"].month_field,
            spans,
            consultations=_count("CONS"),
            visiting_clients=_count("VISIT"),
            clients=Count("client_key", distinct=True),
            minutes=Sum("minutes"),
        ),
        _grouped(
            records.filter(**{f"{solved}__isnull": False}),
            "hub_id",
            solved,
            spans,
            issues_resolved=_count("SOLVE"),
            issues_client_confirmed=Count("client_confirmed_on"),
        ),
        _grouped(
            SampleCheck.objects.filter(consultation__is_current=True).exclude(outcome=""),
            "consultation__hub_id",
            f"consultation__{solved}",
            spans,
            issues_checked=Count("pk"),
            issues_check_confirmed=Count("pk", filter=Q(outcome=CheckOutcome.CONFIRMED)),
        ),
        _grouped(
            NetworkActivity.objects.filter(is_current=True),
            "hub_id",
            COUNTING["NETW"].month_field,
            spans,
            network_activities=_count("NETW"),
        ),
        _grouped(
            NetworkParticipation.objects.filter(activity__is_current=True),
            "hub_id",
            "activity__held_on",
            spans,
            network_joined=Count("pk"),
        ),
    ]
    return parts[0].union(*parts[1:], all=True)


def _count(indicator: str) -> Count:
    """What the rule of the indicator counts, among the current records of its kind."""
    only = {f"{name}__in": list(codes) for name, codes in COUNTING[indicator].only.items()}
    return Count("pk", filter=Q(**only) if only else None)


def _grouped(
    records: QuerySet[Any], hub: str, day: str, spans: Sequence[Span], **counts: Combinable
) -> Rows:
    if spans:
        records = records.filter(_within(spans, hub, day))
    columns = {_part(name): counts.get(name, Value(0)) for name in FIGURES}
    if hub != "hub_id":
        records = records.annotate(hub_id=F(hub))
    months = records.annotate(month=FirstOfMonth(day)).order_by()
    grouped: Rows = months.values("hub_id", "month").annotate(**columns)
    return grouped
