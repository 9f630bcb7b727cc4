"""The words of an analysis: names of variants, verdicts, agreement, severity."""

from collections.abc import Mapping, Sequence
from typing import Any

from evaluation.scoring.rules.reliability import CAUTIOUS, RELIABLE, UNKNOWN, UNRELIABLE
from evaluation.scoring.rules.severity import ALIKE, APART, FEW, TOLD

TITLE = "ばらつきと頑健性"
ROBUST = "頑健"
AGREEMENT = {
    RELIABLE: "信頼できる（α 0.80以上）",
    CAUTIOUS: "暫定的な結論に限る（α 0.667以上0.80未満）",
    UNRELIABLE: "拠点の差を判断できる信頼性がない（α 0.667未満）",
    UNKNOWN: "判定できない（複数の評価者の採点がないか、すべて同じ評点）",
}
SEVERITY = {
    TOLD: "評価者の間に厳しさの差があります。補正を前提の一つとして計算しました（参考値）。",
    ALIKE: "評価者の厳しさに、偶然を超える差は認められません（補正は0）。",
    APART: "評価者の組が{groups}つに分かれて共通の評価者がいないため、"
    "厳しさと拠点の差を区別できません。",
    FEW: "採点が少なく、評価者の厳しさを推定できません。",
}
MOVES = {"+25": "＋25％", "-25": "－25％"}
AGGREGATIONS = {"arithmetic": "加重平均", "geometric": "加重幾何平均"}
K = {"estimate": "kを推定", "fixed": "kを既定値に固定"}


def variant_word(code: str, names: Mapping[str, str]) -> str:
    """One other assumption in words; ``names`` are those of components and indicators."""
    kind, _, subject = code.partition(":")
    part, _, move = subject.partition(":")
    named = names.get(part, part)
    words = {
        "drop": f"{named}を除く",
        "weight": f"{named}の重み{MOVES.get(move, move)}",
        "aggregation": f"{AGGREGATIONS.get(subject, subject)}で総合",
        "cap": f"達成率の上限{subject}",
        "k": f"回答の補正：{K.get(subject, subject)}",
        "adjustment": "審査会の調整なし",
        "severity": "評価者の厳しさを補正（参考値）",
        "regional": "地域の条件で目標を調整（参考値）",
    }
    return words.get(kind, code)


def chances_word(chances: Sequence[tuple[str, Any]]) -> str:
    """Chance of each grade that was drawn at all: A 89.1％、B 10.9％."""
    return "、".join(f"{name} {chance}％" for name, chance in chances if chance)


def near_word(near: Sequence[str]) -> str:
    """Which cuts lie inside the interval: the grade could be either side of them by noise."""
    return f"評語{'・'.join(near)}の境目が区間内" if near else ""


def severity_word(found: Mapping[str, Any]) -> str:
    """What can be said of the severity of the raters."""
    return SEVERITY[found["state"]].format(groups=found["groups"])


def rank_range(rank: Sequence[int] | None) -> str:
    """A rank as the range of its 90 % interval: 12～24位."""
    if not rank:
        return ""
    low, high = rank[0], rank[-1]
    return f"{low}位" if low == high else f"{low}～{high}位"


def score_range(score: Sequence[Any]) -> str:
    """A score as the range of its 90 % interval: 78.68～85.64点."""
    return f"{score[0]}～{score[-1]}点" if score else ""
