"""The one check of the whole network: too many hubs just over their target."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from hubs.integrity.rules.material import PLEASE, Figures, Finding, HubMaterial, Indicator, chance
from hubs.integrity.rules.method import Check, Method
from hubs.results.rules.plausibility import binomial_tail
from yorozu.core.exact import fraction_rounded
from yorozu.core.fiscal import nendo

FAIR = Fraction(1, 2)


def achievements(
    hubs: Sequence[HubMaterial], names: Mapping[str, Indicator], fiscal_year: int
) -> list[Fraction]:
    """A / T* of every hub and indicator whose year is whole; T* is the target for its months."""
    found = []
    for hub in hubs:
        for code in names:
            total, target = hub.total(code, fiscal_year), hub.targets.get((fiscal_year, code))
            effective = Fraction((target or 0) * hub.worked.get(fiscal_year, 0), 12)
            if total is not None and effective:
                found.append(total / effective)
    return found


def just_over(
    hubs: Sequence[HubMaterial],
    names: Mapping[str, Indicator],
    fiscal_year: int,
    method: Method,
) -> list[Finding]:
    """A threshold effect: achievement just over 100 % far more often than just under it.

    A fact of the network, never of one hub: no hub is named in it.
    """
    width = method.just_over_width
    ratios = achievements(hubs, names, fiscal_year)
    over = sum(1 <= ratio < 1 + width for ratio in ratios)
    under = sum(1 - width <= ratio < 1 for ratio in ratios)
    p = binomial_tail(over, over + under, FAIR)
    if not over or p >= method.just_over_p:
        return []
    figures = Figures(f"{nendo(fiscal_year)}の達成率の分布", "bar", "件")
    for step in range(-3, 3):
        low, high = 1 + width * step, 1 + width * (step + 1)
        label = f"{_whole(low)}以上{_whole(high)}未満"
        number = sum(low <= ratio < high for ratio in ratios)
        figures.row(label, number, marked=step == 0)
    figures.fact("対象", f"{len(ratios)}件（拠点と活動指標の組）")
    figures.fact("偶然にこれ以上偏る確率", chance(p))
    figures.fact("しきい値", f"{fraction_rounded(method.just_over_p, 2)}未満")
    sentence = (
        f"{nendo(fiscal_year)}は、達成率が100%以上{_whole(1 + width)}未満のものが{over}件、"
        f"{_whole(1 - width)}以上100%未満のものが{under}件です。"
        f"目標の前後で数え方が変わっていないか、全国の状況として{PLEASE}"
    )
    return [
        Finding(
            Check.JUST_OVER,
            None,
            fiscal_year,
            f"{fiscal_year}",
            sentence,
            {"over": over, "under": under},
            figures.as_dict(),
        )
    ]


def _whole(share: Fraction) -> str:
    return f"{fraction_rounded(share * 100, 0)}%"
