"""What stands in the columns of 月別集計: each figure with its words, its rule and its rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from hubs.ledger.rules.counting import COUNTING, Source

_CONFIRMED = (
    "課題解決件数のうち、相談者が解決を確認した記録です。課題解決日の月に数えます"
    "（相談者が確認した日の月ではありません）。"
)
_CHECKED = "課題解決件数のうち、国または全国本部が抽出して結果を記録したものです。"


@dataclass(frozen=True)
class MonthlyFigure:
    """One column: ``name`` in ``MonthFigures``, and the conditions of the list that shows its rows.

    ``short`` heads the column where ten of them stand side by side.
    ``adds_up`` is False where twelve months do not add up to a year (distinct clients).
    """

    name: str
    label: str
    short: str
    unit: str
    sentence: str
    source: Source = Source.CONSULTATION
    rows: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    adds_up: bool = True


def _of_indicator(name: str, label: str, short: str, unit: str, indicator: str) -> MonthlyFigure:
    rule = COUNTING[indicator]
    rows = MappingProxyType({"indicator": indicator})
    return MonthlyFigure(name, label, short, unit, rule.sentence, rule.source, rows)


def _of_solved(name: str, label: str, short: str, sentence: str, layer: str) -> MonthlyFigure:
    rows = MappingProxyType({"indicator": "SOLVE", "layer": layer})
    return MonthlyFigure(name, label, short, "件", sentence, rows=rows)


MONTHLY: Mapping[str, MonthlyFigure] = MappingProxyType(
    {
        row.name: row
        for row in (
            _of_indicator("consultations", "相談対応件数", "相談対応", "件", "CONS"),
            MonthlyFigure(
                "clients",
                "相談者数（実数）",
                "相談者（実）",
                "者",
                "その月の有効な相談記録にある相談者番号を、拠点ごとに重なりなく数えます。"
                "同じ相談者が何度来ても1者です。年間の実数は12か月の計ではなく、年間で数え直します。",
                rows=MappingProxyType({"indicator": "CONS"}),
                adds_up=False,
            ),
            _of_indicator(
                "visiting_clients", "来訪相談者数（延べ）", "来訪（延べ）", "者", "VISIT"
            ),
            MonthlyFigure(
                "minutes",
                "相談時間",
                "相談時間",
                "分",
                "有効な相談記録の相談時間を、相談日の月に合計します。",
                rows=MappingProxyType({"indicator": "CONS"}),
            ),
            _of_indicator("issues_resolved", "課題解決件数", "課題解決", "件", "SOLVE"),
            _of_solved(
                "issues_client_confirmed",
                "うち相談者が確認",
                "相談者が確認",
                _CONFIRMED,
                "confirmed",
            ),
            _of_solved("issues_checked", "うち抽出確認", "抽出確認", _CHECKED, "looked"),
            _of_solved(
                "issues_check_confirmed",
                "うち抽出で解決を確認",
                "抽出で解決",
                "抽出確認のうち、解決を確認できたものです。",
                "checked",
            ),
            _of_indicator(
                "network_activities", "ネットワーク活動件数", "ネットワーク", "件", "NETW"
            ),
            MonthlyFigure(
                "network_joined",
                "ほかの拠点の活動への参加",
                "他拠点へ参加",
                "件",
                "ほかの拠点が報告した活動に参加した件数です。報告した拠点で1件に数えるため、"
                "ネットワーク活動件数には加えません。",
                Source.ACTIVITY,
                MappingProxyType({"part": "attended"}),
            ),
        )
    }
)
