"""The checks and their thresholds, in versions: one table, shown on the page word for word.

The rules are those of evaluation.md 6. What that table leaves open (from which value on a check
makes sense, how much is "stable") is a product default, marked as such. Benford's law is not among
them: monthly counts span too few orders of magnitude, and it would suspect nearly every honest hub.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType

from yorozu.core.exact import fraction_rounded


class Check(StrEnum):
    """What is looked at; the value is stored with each flag."""

    LOGIC = "logic"
    LEDGER = "ledger"
    HEAPING = "heaping"
    JUST_OVER = "just_over"
    BUNCHING = "bunching"
    JUMP = "jump"
    REPEAT = "repeat"
    RATCHET = "ratchet"
    LATE = "late"
    SURVEY_TIME = "survey_time"
    SURVEY_TOP = "survey_top"
    SURVEY_AGAIN = "survey_again"

    @property
    def label(self) -> str:
        """The check in Japanese."""
        return _LABELS[self]


_LABELS = {
    Check.LOGIC: "数値どうしの関係",
    Check.LEDGER: "相談記録との一致",
    Check.HEAPING: "末尾が0・5の数の多さ",
    Check.JUST_OVER: "目標をわずかに上回る数の多さ",
    Check.BUNCHING: "3月への集中",
    Check.JUMP: "急な増減",
    Check.REPEAT: "同じ値の連続",
    Check.RATCHET: "目標水準の引下げ",
    Check.LATE: "確認済の後の修正",
    Check.SURVEY_TIME: "調査の回答が届いた時刻",
    Check.SURVEY_TOP: "調査の同じ回答の連続",
    Check.SURVEY_AGAIN: "調査の回答者の偏り",
}
# Raised when a survey wave is counted, from answers this floor does not know.
RAISED_ABOVE = frozenset({Check.SURVEY_TIME, Check.SURVEY_TOP, Check.SURVEY_AGAIN})


@dataclass(frozen=True)
class Method:
    """One version of all thresholds; a flag names the version it was raised by."""

    version: str
    heaping_share: Fraction
    heaping_p: Fraction
    heaping_from: int
    just_over_width: Fraction
    just_over_p: Fraction
    robust_limit: Fraction
    bunching_years: int
    bunching_gain: Fraction
    history_months: int
    repeat_months: int
    repeat_from: int
    ratchet_fall: Fraction
    ratchet_stable: Fraction
    late_from: int
    answer_days: int
    survey_from: int
    survey_minutes: int
    survey_together: int
    survey_window_share: Fraction
    survey_run: int
    survey_p: Fraction


CURRENT = Method(
    version="integrity-1",
    heaping_share=Fraction(20, 100),
    heaping_p=Fraction(1, 1000),
    heaping_from=10,
    just_over_width=Fraction(2, 100),
    just_over_p=Fraction(1, 100),
    robust_limit=Fraction(7, 2),
    bunching_years=3,
    bunching_gain=Fraction(3, 100),
    history_months=24,
    repeat_months=3,
    repeat_from=10,
    ratchet_fall=Fraction(5, 100),
    ratchet_stable=Fraction(10, 100),
    late_from=3,
    answer_days=10,
    survey_from=10,
    survey_minutes=10,
    survey_together=5,
    survey_window_share=Fraction(30, 100),
    survey_run=8,
    survey_p=Fraction(1, 1000),
)
METHODS: Mapping[str, Method] = MappingProxyType({CURRENT.version: CURRENT})


def version_name(version: str) -> str:
    """A version as people read it: integrity-1 is 第1版."""
    return f"第{version.rpartition('-')[2]}版"


@dataclass(frozen=True)
class MethodRow:
    """One check for the page: what is looked at, when it asks, from where on it is applied."""

    check: Check
    rule: str
    applies: str


def method_rows(method: Method) -> list[MethodRow]:
    """All checks with the thresholds of this version, in the order of evaluation.md 6."""
    return [
        MethodRow(
            Check.LOGIC,
            "来訪相談者数または課題解決件数が相談対応件数を上回る、または負の数である",
            "提出した月",
        ),
        MethodRow(
            Check.LEDGER,
            "相談記録から集計した実績が、いま数え直した件数と一致しない",
            "相談記録から集計した月",
        ),
        MethodRow(
            Check.HEAPING,
            f"末尾が0か5の月の割合が{_percent(method.heaping_share)}より多く、"
            f"二項検定の確率が{_decimal(method.heaping_p, 3)}未満である",
            f"年度ごと、{method.heaping_from}以上の値（既定値）",
        ),
        MethodRow(
            Check.JUST_OVER,
            f"全国で、達成率が100%以上{_percent(1 + method.just_over_width)}未満の数が、"
            f"{_percent(1 - method.just_over_width)}以上100%未満の数より多く、"
            f"二項検定の確率が{_decimal(method.just_over_p, 2)}未満である",
            "年度の全月がそろった拠点（拠点ごとの確認事項にはしません）",
        ),
        MethodRow(
            Check.BUNCHING,
            f"3月の割合の頑健zスコア（MAD）が、過去{method.bunching_years}年の3月に対して"
            f"{_decimal(method.robust_limit, 1)}を超える",
            f"年度の全月がそろった拠点、{_points(method.bunching_gain)}以上の増加（既定値）",
        ),
        MethodRow(
            Check.JUMP,
            f"月の値の頑健zスコア（MAD）が、直前の{method.history_months}か月に対して"
            f"±{_decimal(method.robust_limit, 1)}を超える",
            "直前に6か月以上の実績がある月（既定値）",
        ),
        MethodRow(
            Check.REPEAT,
            f"同じ値が{method.repeat_months}か月以上続く",
            f"{method.repeat_from}以上の値（既定値）",
        ),
        MethodRow(
            Check.RATCHET,
            "前年度実績に対する目標の割合が、"
            f"前年度の同じ割合より{_percent(method.ratchet_fall)}以上下がり、"
            f"実績の増減は±{_percent(method.ratchet_stable)}以内である",
            "提出した事業計画（期初面談で確認します。幅は既定値）",
        ),
        MethodRow(
            Check.LATE,
            "確認済の後に反映した修正が、すべて値を増やす修正である",
            f"年度ごと、修正{method.late_from}件以上（既定値）",
        ),
        *_survey_rows(method),
    ]


def _survey_rows(method: Method) -> list[MethodRow]:
    """The checks of a counted survey wave; devices are not told apart, as no address is kept."""
    counted = "集計を確定した調査回"
    return [
        MethodRow(
            Check.SURVEY_TIME,
            f"画面からの回答のうち{_percent(method.survey_window_share)}以上"
            f"（{method.survey_together}件以上）が、{method.survey_minutes}分間に届いている",
            f"{counted}、画面からの回答{method.survey_from}件以上（既定値）",
        ),
        MethodRow(
            Check.SURVEY_TOP,
            f"最も高い回答が{method.survey_run}件以上続けて届き、全国の割合から見て偶然に"
            f"そうなる確率の上限が{_decimal(method.survey_p, 3)}未満である",
            f"{counted}（件数は既定値）",
        ),
        MethodRow(
            Check.SURVEY_AGAIN,
            "回答者の全員が2回以上の相談者であり、偶然にそうなる確率が"
            f"{_decimal(method.survey_p, 3)}未満である",
            f"{counted}、回答{method.survey_from}件以上（既定値）",
        ),
    ]


def _percent(share: Fraction) -> str:
    return f"{fraction_rounded(share * 100, 0)}%"


def _points(share: Fraction) -> str:
    return f"{fraction_rounded(share * 100, 0)}ポイント"


def _decimal(value: Fraction, places: int) -> Decimal:
    return fraction_rounded(value, places)
