"""Checks on a whole year of a hub: round numbers, March, targets that sink, late corrections."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction

from hubs.integrity.rules.material import (
    PLEASE,
    Edit,
    Figures,
    Finding,
    HubMaterial,
    Indicator,
    chance,
    count,
    percent,
)
from hubs.integrity.rules.method import Check, Method
from hubs.results.rules.plausibility import MAD_SCALE, binomial_tail, median
from yorozu.core.exact import fraction_rounded
from yorozu.core.fiscal import fiscal_year_of, nendo, wareki_month

# Scale of the mean absolute deviation where the median one is 0 (Iglewicz and Hoaglin).
MEAN_SCALE = Fraction(1_253_314, 1_000_000)


def heaping(
    hub: HubMaterial, one: Indicator, fiscal_year: int, method: Method
) -> Iterator[Finding]:
    """More months ending in 0 or 5 than chance leaves; small values always end in a few digits."""
    months = {
        month: value
        for month, value in hub.year(one.code, fiscal_year).items()
        if value >= method.heaping_from
    }
    round_ones = [month for month, value in months.items() if value % 5 == 0]
    p = binomial_tail(len(round_ones), len(months), method.heaping_share)
    if not months or p >= method.heaping_p:
        return
    figures = Figures(f"{nendo(fiscal_year)}の{one.name}", "line", one.unit)
    for month, value in months.items():
        figures.row(wareki_month(month), value, marked=month in round_ones)
    figures.fact("末尾が0か5の月", f"{len(round_ones)}か月（{len(months)}か月のうち）")
    figures.fact("末尾に偏りがないときの割合", percent(method.heaping_share))
    figures.fact("偶然にこれ以上となる確率", chance(p))
    figures.fact("しきい値", f"{fraction_rounded(method.heaping_p, 3)}未満")
    yield Finding(
        Check.HEAPING,
        hub.hub_id,
        fiscal_year,
        f"{fiscal_year}/{one.code}",
        f"{nendo(fiscal_year)}の{one.name}は、{len(months)}か月のうち{len(round_ones)}か月が"
        f"0か5で終わる数です。概数を入力していないか、{PLEASE}",
        {"months": {f"{month:%Y-%m}": months[month] for month in round_ones}},
        figures.as_dict(),
        one.code,
    )


def bunching(
    hub: HubMaterial, one: Indicator, fiscal_year: int, method: Method
) -> Iterator[Finding]:
    """A larger part of the year in March than in the hub's own Marches before."""
    now = _march_share(hub, one.code, fiscal_year)
    years = range(fiscal_year - method.bunching_years, fiscal_year)
    past = {year: _march_share(hub, one.code, year) for year in years}
    known = {year: share for year, share in past.items() if share is not None}
    if now is None or len(known) < method.bunching_years:
        return
    history = list(known.values())
    score = modified_z(now, history)
    gain = now - median(history)
    if gain < method.bunching_gain or (score is not None and score <= method.robust_limit):
        return
    figures = Figures(f"{one.name}のうち3月の割合", "bar", "%")
    for year, share in known.items():
        figures.row(nendo(year), str(fraction_rounded(share * 100, 1)))
    figures.row(nendo(fiscal_year), str(fraction_rounded(now * 100, 1)), marked=True)
    figures.line("過去の中央値", median(history) * 100)
    figures.fact("3月の実績", count(hub.series(one.code)[_march(fiscal_year)], one.unit))
    figures.fact("年度の計", count(hub.total(one.code, fiscal_year), one.unit))
    figures.fact("過去の中央値との差", f"{fraction_rounded(gain * 100, 1)}ポイント")
    shown = (
        "求められません（過去の割合がすべて同じ）" if score is None else fraction_rounded(score, 2)
    )
    figures.fact("頑健zスコア", str(shown))
    figures.fact("しきい値", str(fraction_rounded(method.robust_limit, 1)))
    shares = "、".join(percent(share) for share in history)
    yield Finding(
        Check.BUNCHING,
        hub.hub_id,
        fiscal_year,
        f"{fiscal_year}/{one.code}",
        f"{nendo(fiscal_year)}の{one.name}は、3月の割合（{percent(now)}）が過去"
        f"{method.bunching_years}年の3月（{shares}）より高くなっています。"
        f"年度末に集まった理由について、{PLEASE}",
        {
            "march": hub.series(one.code)[_march(fiscal_year)],
            "year": hub.total(one.code, fiscal_year),
        },
        figures.as_dict(),
        one.code,
        _march(fiscal_year),
    )


def _march(fiscal_year: int) -> date:
    return date(fiscal_year + 1, 3, 1)


def _march_share(hub: HubMaterial, code: str, fiscal_year: int) -> Fraction | None:
    total = hub.whole_total(code, fiscal_year)
    return Fraction(hub.series(code)[_march(fiscal_year)], total) if total else None


def modified_z(value: Fraction, history: Sequence[Fraction]) -> Fraction | None:
    """Robust z of a share against few others; None when those are all equal."""
    centre = median(history)
    deviations = [abs(one - centre) for one in history]
    spread = median(deviations)
    if spread:
        return MAD_SCALE * (value - centre) / spread
    mean = sum(deviations, Fraction(0)) / len(deviations)
    return (value - centre) / (MEAN_SCALE * mean) if mean else None


def ratchet(
    hub: HubMaterial, one: Indicator, fiscal_year: int, method: Method
) -> Iterator[Finding]:
    """The target sinks against what was reached the year before, while results are stable."""
    target, before = (hub.targets.get((year, one.code)) for year in (fiscal_year, fiscal_year - 1))
    last, earlier = (hub.whole_total(one.code, year) for year in (fiscal_year - 1, fiscal_year - 2))
    if target is None or before is None or not last or not earlier:
        return
    now, then = Fraction(target, last), Fraction(before, earlier)
    change = Fraction(last, earlier) - 1
    if abs(change) > method.ratchet_stable or now > then * (1 - method.ratchet_fall):
        return
    figures = Figures(f"{one.name}の目標（前年度実績に対する割合）", "bar", "%")
    figures.row(nendo(fiscal_year - 1), str(fraction_rounded(then * 100, 1)))
    figures.row(nendo(fiscal_year), str(fraction_rounded(now * 100, 1)), marked=True)
    for year, goal, past in (
        (fiscal_year - 1, before, earlier),
        (fiscal_year, target, last),
    ):
        figures.fact(f"{nendo(year)}の目標", count(goal, one.unit))
        figures.fact(f"{nendo(year - 1)}の実績", count(past, one.unit))
    figures.fact("実績の増減", _signed(change))
    figures.fact("しきい値", f"割合の低下{percent(method.ratchet_fall)}以上")
    yield Finding(
        Check.RATCHET,
        hub.hub_id,
        fiscal_year,
        f"{fiscal_year}/{one.code}",
        f"{nendo(fiscal_year)}の{one.name}の目標は前年度実績の{percent(now)}で、前の年度の割合"
        f"（{percent(then)}）より下がっています。実績の増減は{_signed(change)}です。"
        f"期初面談で目標の考え方を説明できるよう、{PLEASE}",
        {"targets": [before, target], "results": [earlier, last]},
        figures.as_dict(),
        one.code,
    )


def _signed(change: Fraction) -> str:
    shown = fraction_rounded(abs(change) * 100, 1)
    return f"{'▲' if change < 0 else '+'}{shown}%"


def late(
    hub: HubMaterial, names: Mapping[str, Indicator], fiscal_year: int, method: Method
) -> Iterator[Finding]:
    """Corrections after the acceptance that only help: every one of the year raised its figure."""
    edits = [edit for edit in hub.edits if fiscal_year_of(edit.month) == fiscal_year]
    if len(edits) < method.late_from or not all(_helps(edit) for edit in edits):
        return
    figures = Figures(f"{nendo(fiscal_year)}に反映した修正", "bar")
    for edit in edits:
        one = names[edit.code]
        figures.row(
            f"{wareki_month(edit.month)} {one.name}", (edit.new or 0) - (edit.old or 0), marked=True
        )
        figures.fact(
            f"{wareki_month(edit.month)} {one.name}",
            f"{count(edit.old)} → {count(edit.new, one.unit)}",
        )
    figures.fact("しきい値", f"{method.late_from}件以上で、すべて増加")
    yield Finding(
        Check.LATE,
        hub.hub_id,
        fiscal_year,
        f"{fiscal_year}",
        f"{nendo(fiscal_year)}の実績について、確認済の後に反映した修正{len(edits)}件は、"
        f"すべて値を増やす修正です。修正の根拠となる資料について、{PLEASE}",
        {"edits": [edit.number for edit in edits]},
        figures.as_dict(),
    )


def _helps(edit: Edit) -> bool:
    """Every indicator is better when higher; a figure that was missing before also helps."""
    return (edit.new or 0) > (edit.old or 0)
