"""Checklist and hearing items: raters, evidence, not applicable (evaluation.md 1.6)."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from evaluation.scoring.rules import items
from evaluation.scoring.rules.items import Item, Scored
from evaluation.scoring.rules.scheme import CheckScores, Component, Scheme, points
from yorozu.core import exact

CHECK_KEYS = frozenset({"code", "weight", "scores", "evidence", "na"})


def score_checks(
    hub: dict[str, Any], component: Component, scheme: Scheme, drop: str | None
) -> Scored:
    """Score one checklist of one hub; no item at all means 0 points.

    An approved N/A only moves weight between the items, so the component stays fully covered
    while one item counts (vector V07).
    """
    entries = hub.get("checks", {}).get(component.code, [])
    if not entries:
        zero = exact.rounded(Decimal(0), 4)
        return Scored(component, items.MISSING, zero, "1", Fraction(1), [])
    scored = [
        items.drop_item(_item(entry, component, scheme, hub["code"]), drop) for entry in entries
    ]
    total = items.weighted_points(scored)
    detail = [_printed(item) for item in scored]
    if total is None:
        return Scored(component, items.NA, None, "0", Fraction(0), detail)
    return Scored(component, items.OK, total, "1", Fraction(1), detail)


def refuse_checks(hub: dict[str, Any], scheme: Scheme) -> None:
    """Refuse lists the scheme does not know, unknown keys and doubled item codes.

    A scheme without any checklist component leaves all lists aside (vector V05).
    """
    known = {entry.code for entry in scheme.components if entry.kind == "check"}
    lists = hub.get("checks", {})
    exact.refuse_unknown(lists, frozenset(known or lists), f"{hub['code']}: チェックリスト")
    for name, entries in lists.items():
        for entry in entries:
            _refuse_entry(entry, f"{hub['code']}.{name}")
        codes = [entry["code"] for entry in entries]
        if len(set(codes)) != len(codes):
            message = f"{hub['code']}.{name}: 同じ記号の項目が2つあります。"
            raise ValueError(message)


def rater_scores(entry: dict[str, Any], scale: CheckScores, name: str) -> list[int]:
    """Return the raters' scores of an item as given, or refuse one outside the scale."""
    given = entry.get("scores") or {}
    read = []
    for rater, score in given.items():
        value = exact.whole(score, f"{name}: {rater}の点")
        if not scale.lowest <= value <= scale.highest:
            message = f"{name}: 点は{scale.lowest}から{scale.highest}までです: {score}({rater})"
            raise ValueError(message)
        read.append(value)
    return read


def counted_scores(scores: list[int], scale: CheckScores, *, evidence: bool) -> list[int]:
    """Return the scores as they count: without evidence 3 and 4 count as 2."""
    if evidence:
        return scores
    return [scale.without_evidence if score >= scale.evidence_from else score for score in scores]


def _item(entry: dict[str, Any], component: Component, scheme: Scheme, hub: str) -> Item:
    name = f"{hub}.{component.code}.{entry['code']}"
    scores = rater_scores(entry, scheme.checks, name)
    weight = exact.number(entry.get("weight", scheme.default_item_weight), f"{name}: 重み")
    if weight <= 0:
        message = f"{name}: 重みは0より大きい数にしてください: {weight}"
        raise ValueError(message)
    if entry.get("na", False):
        return Item(entry["code"], weight, items.NA, None, {})
    if not scores:
        return Item(entry["code"], weight, items.MISSING, exact.rounded(Decimal(0), 4), {})
    counted = counted_scores(scores, scheme.checks, evidence=entry.get("evidence", False))
    mean = exact.quotient(Decimal(sum(counted)), Decimal(len(counted)), 4)
    figures = {
        "mean": items.text(mean),
        "reconcile": max(scores) - min(scores) >= scheme.checks.reconcile_range,
    }
    return Item(entry["code"], weight, items.OK, points(mean, component.anchors), figures)


def _printed(item: Item) -> dict[str, Any]:
    return {"code": item.code, **item.printed()}


def _refuse_entry(entry: dict[str, Any], name: str) -> None:
    exact.refuse_unknown(entry, CHECK_KEYS, name)
    if not isinstance(entry.get("code"), str) or not entry["code"]:
        message = f"{name}: 項目の記号がありません。"
        raise ValueError(message)
    for flag in ("evidence", "na"):
        if not isinstance(entry.get(flag, False), bool):
            message = f"{name}.{entry['code']}: {flag} は真偽で書いてください: {entry[flag]!r}"
            raise TypeError(message)
