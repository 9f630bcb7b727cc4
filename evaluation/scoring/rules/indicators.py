"""Items with a target: activity indicators and focus areas (evaluation.md 1.2-1.3)."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from evaluation.scoring.rules import items
from evaluation.scoring.rules.items import Item, Scored
from evaluation.scoring.rules.scheme import Anchors, Component, Scheme, points
from yorozu.core import exact

FLAGS = ("excused", "zero_target_approved", "target_is_prorated", "lower_is_better")
INDICATOR_KEYS = frozenset({"target", "actual", "challenge", *FLAGS})
FOCUS_KEYS = INDICATOR_KEYS | {"code", "weight"}


def score_indicators(
    hub: dict[str, Any], component: Component, scheme: Scheme, drop: str | None
) -> Scored:
    """Score the indicator component of one hub; an indicator without entry is MISSING."""
    entries = hub.get("indicators", {})
    scored = [
        items.drop_item(
            _item(code, weight, entries.get(code, {}), _Setting(hub, component, scheme)), drop
        )
        for code, weight in component.items.items()
    ]
    return _component(component, scored)


def score_focus(
    hub: dict[str, Any], component: Component, scheme: Scheme, drop: str | None
) -> Scored:
    """Score the focus areas of one hub; no area and no excuse means 0 points (1.3)."""
    if hub.get("focus_excused", False):
        return Scored(component, items.NA, None, "0", Fraction(0), {})
    areas = hub.get("focus") or []
    if not areas:
        return Scored(component, items.MISSING, exact.rounded(Decimal(0), 4), "1", Fraction(1), {})
    setting = _Setting(hub, component, scheme)
    scored = [
        items.drop_item(_item(area["code"], focus_weight(area, scheme), area, setting), drop)
        for area in areas
    ]
    return _component(component, scored)


def refuse_indicators(hub: dict[str, Any], scheme: Scheme) -> None:
    """Refuse indicator entries that the scheme does not know or cannot read.

    A scheme without any indicator component leaves all of them aside (vector V05).
    """
    known = {code for entry in scheme.components for code in entry.items}
    entries = hub.get("indicators", {})
    exact.refuse_unknown(entries, frozenset(known or entries), f"{hub['code']}: 指標")
    for code, entry in entries.items():
        _refuse_entry(entry, INDICATOR_KEYS, f"{hub['code']}.{code}")


def refuse_focus(hub: dict[str, Any]) -> None:
    """Refuse focus areas without code, with the same code twice or with unknown keys."""
    areas = hub.get("focus") or []
    for area in areas:
        _refuse_entry(area, FOCUS_KEYS, f"{hub['code']}: 重点分野")
    codes = [area.get("code") for area in areas]
    if not all(isinstance(code, str) and code for code in codes) or len(set(codes)) != len(codes):
        message = f"{hub['code']}: 重点分野には、重ならない記号が要ります。"
        raise ValueError(message)


def focus_weight(area: dict[str, Any], scheme: Scheme) -> Decimal:
    """Return the weight the hub set for an area, or the scheme's equal weight."""
    weight = exact.number(area.get("weight", scheme.default_item_weight), f"{area['code']}: 重み")
    if weight <= 0:
        message = f"{area['code']}: 重みは0より大きい数にしてください: {weight}"
        raise ValueError(message)
    return weight


def focus_faults(areas: list[dict[str, Any]], scheme: Scheme) -> list[str]:
    """List what the agreement on focus areas breaks: number of areas and share of each (1.3).

    Checked when targets are agreed and when evidence is frozen. The engine itself computes
    any weights, so that an old agreement stays computable.
    """
    faults = []
    if not 1 <= len(areas) <= scheme.focus_most:
        faults.append(f"重点分野は1から{scheme.focus_most}までです: {len(areas)}")
    if len(areas) < 2:
        return faults
    weights = {area["code"]: Fraction(focus_weight(area, scheme)) for area in areas}
    total = sum(weights.values(), Fraction(0))
    low, high = scheme.focus_share
    faults.extend(
        f"{code}: 重みは全体の{low}から{high}までにしてください。"
        for code, weight in weights.items()
        if not Fraction(low) <= weight / total <= Fraction(high)
    )
    return faults


@exact.exactly
def effective_target(target: Decimal, months: int, term_months: int) -> Decimal:
    """Return the target for the months in operation, 4 decimals (1.2 rule 1)."""
    return exact.quotient(target * months, Decimal(term_months), 4)


@exact.exactly
def ratio(actual: Decimal, target: Decimal, challenge: Decimal, *, lower: bool) -> Decimal:
    """Return the achievement ratio, 4 decimals (1.2 rule 2); one division, one rounding."""
    achieved = max(Decimal(0), 2 * target - actual) if lower else actual
    return exact.quotient(achieved * challenge, target, 4)


class _Setting:
    """What the items of one hub share: months, proration, anchors and allowed challenges."""

    def __init__(self, hub: dict[str, Any], component: Component, scheme: Scheme) -> None:
        self.name: str = hub["code"]
        self.months: int = hub.get("months", scheme.term_months)
        self.prorated: bool = hub.get("target_is_prorated", False)
        self.anchors: Anchors = component.anchors
        self.scheme = scheme

    def target(self, entry: dict[str, Any]) -> Decimal:
        target = exact.amount(entry["target"], f"{self.name}: 目標")
        if entry.get("target_is_prorated", self.prorated):
            return exact.rounded(target, 4)
        return effective_target(target, self.months, self.scheme.term_months)

    def challenge(self, entry: dict[str, Any]) -> Decimal:
        given = entry.get("challenge", self.scheme.default_challenge)
        challenge = exact.number(given, f"{self.name}: 挑戦係数")
        if challenge not in (*self.scheme.challenges, self.scheme.default_challenge):
            message = f"{self.name}: 挑戦係数 {given} は評価基準にありません。"
            raise ValueError(message)
        return challenge


def _item(code: str, weight: Decimal, entry: dict[str, Any], setting: _Setting) -> Item:
    """Score one item with a target: excused, zero target, missing or achieved."""
    if entry.get("excused", False):
        return _without_ratio(code, weight, items.NA)
    if entry.get("target") is None:
        return _without_ratio(code, weight, items.MISSING)
    target = setting.target(entry)
    if target == 0:
        approved = entry.get("zero_target_approved", False)
        return _without_ratio(code, weight, items.NA if approved else items.MISSING)
    if entry.get("actual") is None:
        return _without_ratio(code, weight, items.MISSING)
    achieved = ratio(
        exact.amount(entry["actual"], f"{setting.name}.{code}: 実績"),
        target,
        setting.challenge(entry),
        lower=entry.get("lower_is_better", False),
    )
    figures = {"ratio": items.text(achieved)}
    return Item(code, weight, items.OK, points(achieved, setting.anchors), figures)


def _without_ratio(code: str, weight: Decimal, status: str) -> Item:
    scored = None if status == items.NA else exact.rounded(Decimal(0), 4)
    return Item(code, weight, status, scored, {"ratio": None})


def _component(component: Component, scored: list[Item]) -> Scored:
    covered, share = items.coverage_of(scored)
    total = items.weighted_points(scored)
    status = items.NA if total is None else items.OK
    return Scored(
        component, status, total, covered, share, {item.code: item.printed() for item in scored}
    )


def _refuse_entry(entry: dict[str, Any], keys: frozenset[str], name: str) -> None:
    exact.refuse_unknown(entry, keys, name)
    for flag in FLAGS:
        if not isinstance(entry.get(flag, False), bool):
            message = f"{name}: {flag} は真偽で書いてください: {entry[flag]!r}"
            raise TypeError(message)
    for field in ("target", "actual"):
        if entry.get(field) is not None:
            exact.amount(entry[field], f"{name}: {field}")
