"""How records become figures: one table, read by the list, the roll-up and the explanation."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any

# The code of 来訪 in every version of the list of channels; a new version must keep it.
VISIT_CHANNEL = "1"


class Source(StrEnum):
    """The kind of record that an indicator counts."""

    CONSULTATION = "consultation"
    ACTIVITY = "activity"


@dataclass(frozen=True)
class CountingRule:
    """Which current records an indicator counts, and in which month.

    ``month_field`` is the date that decides the month; ``only`` names the codes allowed per field.
    ``counts`` and ``lookups`` say the same of one record and of a table.
    """

    indicator: str
    source: Source
    month_field: str
    sentence: str
    only: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))

    def counts(self, record: Any, first: date, last: date) -> bool:
        """Does this record count for the days from ``first`` to ``last``?"""
        day: date | None = getattr(record, self.month_field)
        return (
            bool(record.is_current)
            and day is not None
            and first <= day <= last
            and all(getattr(record, name) in codes for name, codes in self.only.items())
        )

    def lookups(self, first: date, last: date) -> dict[str, object]:
        """The same as filters of a queryset: ``queryset.filter(**rule.lookups(first, last))``."""
        days = {f"{self.month_field}__gte": first, f"{self.month_field}__lte": last}
        codes = {f"{name}__in": list(codes) for name, codes in self.only.items()}
        return {"is_current": True, **days, **codes}


COUNTING: Mapping[str, CountingRule] = MappingProxyType(
    {
        row.indicator: row
        for row in (
            CountingRule(
                "CONS",
                Source.CONSULTATION,
                "held_on",
                "有効な相談記録を、相談日の月に1件ずつ数えます（取消と訂正前の版は数えません）。",
            ),
            CountingRule(
                "VISIT",
                Source.CONSULTATION,
                "held_on",
                "相談方法が「来訪」（サテライトを含む）の有効な相談記録を、相談日の月に"
                "1者ずつ数えます（延べ）。",
                MappingProxyType({"channel": (VISIT_CHANNEL,)}),
            ),
            CountingRule(
                "SOLVE",
                Source.CONSULTATION,
                "resolved_on",
                "課題解決日のある有効な相談記録を、相談日ではなく課題解決日の月に1件ずつ数えます"
                "（拠点の報告による件数）。",
            ),
            CountingRule(
                "NETW",
                Source.ACTIVITY,
                "held_on",
                "有効なネットワーク活動を、実施日の月に報告拠点で1件ずつ数えます"
                "（ほかの拠点が参加しても1件のままです）。",
            ),
        )
    }
)
