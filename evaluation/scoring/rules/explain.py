"""The arithmetic of one hub's score as rows for screens and sheets (evaluation.md 2.13)."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from evaluation.scoring.rules import items
from evaluation.scoring.rules.scheme import Anchors, Component, Scheme, read_scheme
from yorozu.core import exact

STATUS_SENTENCES = {
    items.NA: "対象外のため計算から外し、重みを他に移します。",
    items.MISSING: "値がないため0点です。重みは残ります。",
    items.DROPPED: "比較のため計算から外しています。",
}


@exact.exactly
def explain(
    hub_result: dict[str, Any],
    scheme: dict[str, Any] | None,
    hub_input: dict[str, Any] | None = None,
) -> list[dict[str, Any]]:
    """List how a hub's score came about, row by row.

    Each row: `level` ("item", "component", "rounding", "adjustment" or "total"), `component`,
    `item`, `formula` (a sentence in Japanese), `status`, `weight`, `points` and `contribution`
    to the composite (4 decimals, None where nothing is contributed or, with geometric
    aggregation, where parts do not add). Component contributions, rounding and adjustment add
    up to the final score exactly. `hub_input` (the hub's frozen input) gives the weights of
    focus areas and checklist items and the targets and actuals; without it they stay None.
    """
    read = read_scheme(scheme)
    components = {entry.code: entry for entry in read.components}
    rows: list[dict[str, Any]] = []
    counted = sum(
        (
            Decimal(entry["weight"])
            for entry in hub_result["components"]
            if entry["points"] is not None
        ),
        Decimal(0),
    )
    for result in hub_result["components"]:
        builder = _Rows(components[result["code"]], result, read, counted, hub_input)
        rows.extend(builder.items())
        rows.append(builder.component())
    return [*rows, *_closing(hub_result, rows, read)]


class _Rows:
    """The rows of one component."""

    def __init__(
        self,
        component: Component,
        result: dict[str, Any],
        scheme: Scheme,
        counted: Decimal,
        hub_input: dict[str, Any] | None,
    ) -> None:
        self.part = component
        self.result = result
        self.scheme = scheme
        self.counted = counted
        self.hub_input = hub_input
        self.weights = self._item_weights()

    def items(self) -> Iterator[dict[str, Any]]:
        """Yield the items of the component (none for a survey or partner component)."""
        for code, detail in self._details():
            weight = self.weights.get(code)
            yield {
                "level": "item",
                "component": self.part.code,
                "item": code,
                "formula": self._item_sentence(code, detail),
                "status": detail["status"],
                "weight": items.text(weight),
                "points": detail["points"],
                "contribution": self._item_contribution(detail, weight),
            }

    def component(self) -> dict[str, Any]:
        """Return the row of the component itself."""
        contribution = self._contribution()
        return {
            "level": "component",
            "component": self.part.code,
            "item": None,
            "formula": self._component_sentence(contribution),
            "status": self.result["status"],
            "weight": self.result["weight"],
            "points": self.result["points"],
            "contribution": items.text(contribution),
        }

    def _details(self) -> list[tuple[str, dict[str, Any]]]:
        detail = self.result["detail"]
        if self.part.kind == "check":
            return [(entry["code"], entry) for entry in detail]
        return list(detail.items()) if self.part.kind in ("indicator", "focus") else []

    def _entries(self) -> dict[str, dict[str, Any]]:
        """Return the frozen input of the component's items by code."""
        given = self.hub_input or {}
        if self.part.kind == "indicator":
            return dict(given.get("indicators", {}))
        listed = given.get("checks", {}).get(self.part.code, [])
        if self.part.kind == "focus":
            listed = given.get("focus") or []
        return {entry["code"]: entry for entry in listed}

    def _item_weights(self) -> dict[str, Decimal]:
        if self.part.kind == "indicator":
            return dict(self.part.items)
        default = self.scheme.default_item_weight
        return {
            code: exact.number(entry.get("weight", default), code)
            for code, entry in self._entries().items()
        }

    def _contribution(self) -> Decimal | None:
        if self.result["points"] is None or self.scheme.aggregation != "arithmetic":
            return None
        return exact.quotient(self.part.weight * Decimal(self.result["points"]), self.counted, 4)

    def _item_contribution(self, detail: dict[str, Any], weight: Decimal | None) -> str | None:
        if detail["points"] is None or weight is None or self.result["points"] is None:
            return None
        if self.scheme.aggregation != "arithmetic":
            return None
        inside = sum(
            (self.weights[code] for code, entry in self._details() if entry["points"] is not None),
            Decimal(0),
        )
        share = self.part.weight * weight * Decimal(detail["points"])
        return items.text(exact.quotient(share, self.counted * inside, 4))

    def _item_sentence(self, code: str, detail: dict[str, Any]) -> str:
        if detail["status"] in STATUS_SENTENCES:
            return STATUS_SENTENCES[detail["status"]]
        if self.part.kind == "check":
            name, value = "評価者の平均", detail["mean"]
        else:
            name, value = "達成率", detail["ratio"]
        source = self._source(self._entries().get(code, {}))
        return f"{source}{name} {value} → {detail['points']}点({_scale(self.part.anchors)})"

    def _source(self, entry: dict[str, Any]) -> str:
        """Return the sentence about the frozen figures behind an item, if they are at hand."""
        if not entry:
            return ""
        if self.part.kind == "check":
            scores = "、".join(str(score) for score in (entry.get("scores") or {}).values())
            scale = self.scheme.checks
            capped = f"証拠なし({scale.evidence_from}以上は{scale.without_evidence}と数えます)"
            evidence = "証拠あり" if entry.get("evidence", False) else capped
            return f"評価者の点 {scores}、{evidence}。"
        challenge = entry.get("challenge", self.scheme.default_challenge)
        direction = "(少ないほど良い項目)" if entry.get("lower_is_better", False) else ""
        return (
            f"目標 {entry['target']}{self._months(entry)}、実績 {entry['actual']}{direction}、"
            f"挑戦係数 {challenge}。"
        )

    def _months(self, entry: dict[str, Any]) -> str:
        """Return the note on a target cut to the months in operation."""
        given, term = self.hub_input or {}, self.scheme.term_months
        months = given.get("months", term)
        prorated = entry.get("target_is_prorated", given.get("target_is_prorated", False))
        return "" if prorated or months == term else f"×{months}÷{term}か月"

    def _component_sentence(self, contribution: Decimal | None) -> str:
        status, points = self.result["status"], self.result["points"]
        if status in STATUS_SENTENCES and (status != items.MISSING or not self._details()):
            return STATUS_SENTENCES[status]
        if self.part.kind in ("survey", "partner"):
            detail = self.result["detail"]
            few = "(回答が少ないため全国の平均まで)" if status == items.SMALL_N else ""
            first = (
                f"回答 {detail['n']}件、平均 {detail['raw_mean']} → 補正後 {detail['value']}{few}"
                f" → {points}点({_scale(self.part.anchors)})"
            )
        else:
            first = f"対象となる項目の加重平均 {points}点"
        if contribution is None:
            return f"{first}。"
        return f"{first}。{points}点×{self.part.weight}÷{self.counted}={contribution}点"


def _closing(
    hub_result: dict[str, Any], rows: list[dict[str, Any]], scheme: Scheme
) -> Iterator[dict[str, Any]]:
    """Yield rounding, adjustment and total, so that the rows add up to the final score."""
    if hub_result["final"] is None:
        return
    mechanical, final = Decimal(hub_result["mechanical"]), Decimal(hub_result["final"])
    if scheme.aggregation == "arithmetic":
        parts = sum(
            (
                Decimal(row["contribution"])
                for row in rows
                if row["level"] == "component" and row["contribution"] is not None
            ),
            Decimal(0),
        )
        yield _closing_row("rounding", "小数第2位への四捨五入", mechanical - parts)
    if final != mechanical:
        yield _closing_row("adjustment", "審査会による調整", final - mechanical)
    method = "加重平均" if scheme.aggregation == "arithmetic" else "加重幾何平均"
    yield _closing_row("total", f"総合点({method})", final)


def _closing_row(level: str, sentence: str, value: Decimal) -> dict[str, Any]:
    return {
        "level": level,
        "component": None,
        "item": None,
        "formula": sentence,
        "status": items.OK,
        "weight": None,
        "points": None,
        "contribution": items.text(exact.rounded(value, 4)),
    }


def _scale(anchors: Anchors) -> str:
    steps = "、".join(f"{x}で{y}点" for x, y in anchors)
    return f"{steps}、間は直線"
