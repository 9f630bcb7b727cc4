"""The scoring scheme as a part of the year."""

import json

from evaluation.scoring.operations import lock_scheme
from evaluation.scoring.queries import COMPONENTS, current_scheme
from evaluation.scoring.rules.scheme import DEFAULT_SCHEME, approval_faults
from hubs.terms.models import Term
from hubs.terms.parts import Content, LeafPart, register
from hubs.terms.rules.leaves import Leaf
from yorozu.core.access import Scope
from yorozu.core.canonical import canonical_json

WORDS = {
    "components": "評価区分",
    "weight": "配点",
    "items": "指標の配点",
    "name": "名称",
    "k": "縮約の強さ（k）",
    "n_min": "最少の回答数",
    "CONS": "相談対応件数",
    "VISIT": "来訪相談者数",
    "SOLVE": "課題解決件数",
    "NETW": "ネットワーク活動件数",
    "anchors": "換算点",
    "ratio": "達成率",
    "scale5": "5段階の平均",
    "check": "チェックリストの評点",
    "grades": "評語の区切り",
    "gates": "評語の上限",
    "component_below": "区分の得点が基準未満のとき",
    "integrity_finding": "不正・誤りを認定したとき",
    "limit": "基準の点",
    "cap": "評語の上限",
    "aggregation": "総合の方法（arithmetic：加重平均、geometric：加重幾何平均）",
    "geometric_floor": "幾何平均の下限",
    "min_coverage": "必要な充足率（％）",
    "min_months": "必要な月数",
    "term_months": "期の月数",
    "adjust_limit": "審査会の調整の上限（点）",
    "challenges": "挑戦係数",
    "default_challenge": "挑戦係数の既定値",
    "default_item_weight": "項目の重みの既定値",
    "focus_areas": "重点分野",
    "most": "最多の数",
    "share_min": "割合の下限",
    "share_max": "割合の上限",
    "k_estimate": "kの推定",
    "lowest": "最小",
    "highest": "最大",
    "check_scores": "チェックリストの尺度",
    "evidence_from": "根拠資料が要る評点",
    "without_evidence": "根拠がないときの評点",
    "reconcile_range": "再協議する評点の差",
}


class SchemePart(LeafPart):
    """Weights, anchors, grades and limits of the year's evaluation (evaluation.md 1)."""

    code = "scheme"
    label = "評価基準"
    order = 30
    hint = "評価区分の配点、換算点、評語の区切りと上限です。配点の合計は100点です。"
    names = {**WORDS, **dict(COMPONENTS)}
    fixed = frozenset({"code", "kind", "rule"})
    depth = 2

    def word(self, path: tuple[str, ...], place: int) -> str:
        """Pairs of numbers have no names of their own."""
        top, segment = path[0], path[place]
        if not segment.isdigit():
            return super().word(path, place)
        number = int(segment) + 1
        if top == "challenges":
            return f"{number}つ目"
        if top == "grades":
            return f"{number}番目" if place == 1 else ("評語", "下限の点")[int(segment)]
        return f"{number}点目" if place == len(path) - 2 else ("値", "点")[int(segment)]

    def group_of(self, leaf: Leaf) -> str:
        """Single values stand under one heading."""
        return super().group_of(leaf) if len(leaf.path) > 1 else "全体"

    def stands(self, term: Term) -> Content | None:
        """The locked scheme of the term."""
        scheme = current_scheme(term)
        return None if scheme is None else json.loads(scheme.content)

    def default(self, term: Term) -> Content:
        """The product's scheme default-1."""
        content: Content = json.loads(canonical_json(dict(DEFAULT_SCHEME)))
        return content

    def faults(self, content: Content) -> list[str]:
        """What forbids the approval of the scheme."""
        return approval_faults(content)

    def write(self, actor: Scope, term: Term, content: Content) -> None:
        """Lock the scheme; other content becomes the next version."""
        lock_scheme(term, content)


register(SchemePart())
