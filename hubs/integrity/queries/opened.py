"""One flag with its numbers opened: the picture, the table, the reckoning, what was said."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.safestring import SafeString

from hubs.integrity.models import FlagDecision, FlagNote, IntegrityFlag
from yorozu.core import charts
from yorozu.core.charts import Bar, Figure, Series


@dataclass(frozen=True)
class Row:
    """One value of the table; the marked ones are what is asked about."""

    label: str
    value: Figure
    is_marked: bool


@dataclass(frozen=True)
class FlagPage:
    """Everything the page of a flag shows."""

    flag: IntegrityFlag
    title: str
    unit: str
    rows: Sequence[Row]
    facts: Sequence[tuple[str, str]]
    picture: SafeString
    notes: Sequence[FlagNote]
    decisions: Sequence[FlagDecision]
    earlier: Sequence[IntegrityFlag]


def flag_page(flag: IntegrityFlag) -> FlagPage:
    """The flag as its figures were kept; four queries."""
    opened = flag.opened
    rows = [Row(label, _figure(value), bool(marked)) for label, value, marked in opened["rows"]]
    earlier = IntegrityFlag.objects.filter(
        hub=flag.hub,
        term_id=flag.term_id,
        check_code=flag.check_code,
        subject=flag.subject,
        round__lt=flag.round,
    )
    return FlagPage(
        flag=flag,
        title=opened["title"],
        unit=opened["unit"],
        rows=rows,
        facts=[(label, text) for label, text in opened["facts"]],
        picture=_picture(opened, rows),
        notes=list(flag.notes.all()),
        decisions=list(flag.decisions.all()),
        earlier=list(earlier.order_by("-round")),
    )


def _figure(value: int | str) -> Figure:
    return value if isinstance(value, int) else Decimal(value)


def _picture(opened: dict[str, Any], rows: Sequence[Row]) -> SafeString:
    lines = [(label, Decimal(value)) for label, value in opened["lines"]]
    if opened["kind"] == "line":
        series = [
            Series("実績", [row.value for row in rows]),
            *(Series(label, [value] * len(rows)) for label, value in lines),
        ]
        marked = [row.value if row.is_marked else None for row in rows]
        if len(series) < len(charts.SERIES_LOOK):
            series.append(Series("確認したい値", marked))
        labels = [row.label for row in rows]
        return charts.line(opened["title"], labels, series, unit=opened["unit"])
    mark = lines[0][1] if lines else None
    bars = [Bar(row.label, row.value, mark=mark) for row in rows]
    return charts.bar(opened["title"], bars, unit=opened["unit"])
