"""The budget rule's parameters and their values in Japanese."""

from types import MappingProxyType

PARAMETER_WORDS: MappingProxyType[str, str] = MappingProxyType(
    {
        "reserve": "留保の割合",
        "base": "均等分の割合",
        "need": "需要分の割合",
        "need_factors": "需要の要素",
        "loss": "第1段階の下限",
        "gain": "第1段階の上限",
        "rate": "評価反映の割合",
        "multiplier_centre": "係数1となる点数",
        "multiplier_slope": "係数の傾き",
        "multiplier_min": "係数の下限",
        "multiplier_max": "係数の上限",
        "multiplier_ungraded": "評語なしの係数",
        "loss_total": "全体の下限",
        "gain_total": "全体の上限",
        "floor": "1拠点の下限額（円）",
        "unit": "配分の単位（円）",
        "limit_basis": "上下限の基準",
    }
)
VALUE_WORDS: MappingProxyType[str, str] = MappingProxyType(
    {
        "pool": "一律の増減との比較",
        "absolute": "前年度額との比較",
        "sme": "中小企業数",
        "area": "面積",
    }
)
