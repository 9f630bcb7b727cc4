"""What the tables of all reports share: words, facts, days."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils import timezone

from evaluation.scoring.models import EvaluationRun
from yorozu.core import figures, fiscal
from yorozu.core.web.tables import Empty

LEVELS = ("1 不満", "2 やや不満", "3 どちらともいえない", "4 満足", "5 大変満足")


GRADE_LEVELS = {"S": 4, "A": 3, "B": 2, "C": 1, "D": 1}


LEGEND = [(4, "S"), (3, "A"), (2, "B"), (1, "C・D"), (0, "評語なし")]


NOT_HERE = Empty("該当するものはありません。")


ROUNDING_NOTE = "円単位の整数です。配分案の合計と留保額の和は、予算総額に一致します。"


@dataclass(frozen=True)
class Fact:
    """One line of a list of facts; an amount keeps its yen for files that calculate with it."""

    label: str
    value: str
    yen: int | None = None


def yen_fact(label: str, yen: int) -> Fact:
    """An amount as a fact."""
    return Fact(label, figures.format_yen(yen), yen)


def plain(value: Decimal | None) -> Decimal | None:
    """A weight without the zeros that the column of the database adds."""
    return None if value is None else figures.q(value, 4).normalize()


def day_of(moment: str | datetime | None) -> str:
    """The Japanese date of a moment, also of one frozen as text; empty for none."""
    if not moment:
        return ""
    read = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return fiscal.wareki(
        timezone.localtime(read).date() if timezone.is_aware(read) else read.date()
    )


def grade_word(sheet_grade: str) -> str:
    return sheet_grade or "評語なし"


def run_label(run: EvaluationRun) -> str:
    """Number and kind of a run: 第1回（確定）."""
    return f"第{run.number}回（{run.get_kind_display()}）"
