"""The scoring scheme as data, its reading and its refusals (evaluation.md section 1)."""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from yorozu.core import exact

Anchors = tuple[tuple[Decimal, Decimal], ...]

DEFAULT_SCHEME: MappingProxyType[str, Any] = MappingProxyType(
    {
        "code": "default-1",
        "components": [
            {
                "code": "IND",
                "name": "活動指標",
                "kind": "indicator",
                "weight": "40",
                "items": {"CONS": "10", "VISIT": "8", "SOLVE": "14", "NETW": "8"},
            },
            {"code": "FOC", "name": "重点分野", "kind": "focus", "weight": "15"},
            {
                "code": "SAT",
                "name": "顧客満足度調査",
                "kind": "survey",
                "weight": "15",
                "k": "20",
                "n_min": 10,
            },
            {
                "code": "PAR",
                "name": "支援機関による評価",
                "kind": "partner",
                "weight": "10",
                "k": "8",
                "n_min": 3,
            },
            {"code": "CHK", "name": "チェックリスト", "kind": "check", "weight": "12"},
            {"code": "UNQ", "name": "独自の取組", "kind": "check", "weight": "8"},
        ],
        "anchors": {
            "ratio": [["0", "0"], ["1", "80"], ["1.2", "100"]],
            "scale5": [["1", "0"], ["4", "80"], ["5", "100"]],
            "check": [["0", "0"], ["3", "80"], ["4", "100"]],
        },
        "grades": [["S", "90"], ["A", "80"], ["B", "65"], ["C", "50"], ["D", "0"]],
        "gates": [
            {"rule": "component_below", "limit": "40", "cap": "B"},
            {"rule": "integrity_finding", "cap": "C"},
        ],
        "aggregation": "arithmetic",
        "geometric_floor": "1",
        "min_coverage": "70",
        "min_months": 6,
        "term_months": 12,
        "adjust_limit": "5.00",
        "challenges": ["1.00", "1.05", "1.10"],
        "default_challenge": "1.00",
        "default_item_weight": "1",
        "focus_areas": {"most": 5, "share_min": "0.1", "share_max": "0.6"},
        "k_estimate": {"lowest": "5", "highest": "50"},
        "check_scores": {
            "lowest": 0,
            "highest": 4,
            "evidence_from": 3,
            "without_evidence": 2,
            "reconcile_range": 2,
        },
    }
)

ANCHORS_OF_KIND = MappingProxyType(
    {
        "indicator": "ratio",
        "focus": "ratio",
        "survey": "scale5",
        "partner": "scale5",
        "check": "check",
    }
)
KEYS_OF_KIND = MappingProxyType(
    {
        "indicator": frozenset({"items"}),
        "focus": frozenset(),
        "survey": frozenset({"k", "n_min"}),
        "partner": frozenset({"k", "n_min"}),
        "check": frozenset(),
    }
)
COMMON_KEYS = frozenset({"code", "kind", "weight"})
KEYS_OF_GATE = MappingProxyType(
    {
        "component_below": frozenset({"rule", "limit", "cap"}),
        "integrity_finding": frozenset({"rule", "cap"}),
    }
)
SINGLE_KINDS = ("focus", "survey", "partner")
AGGREGATIONS = ("arithmetic", "geometric")
ESTIMATE = "estimate"
WEIGHT_TOTAL = 100
POINTS_TOP = 100


@dataclass(frozen=True)
class Component:
    """One component of the scheme, read; `items` only for indicators, `k`/`n_min` for opinions."""

    code: str
    name: str
    kind: str
    weight: Decimal
    anchors: Anchors
    items: MappingProxyType[str, Decimal]
    k: Decimal | None
    n_min: int


@dataclass(frozen=True)
class Gate:
    """One visible limit on the grade (2.8)."""

    rule: str
    cap: str
    limit: Decimal | None


@dataclass(frozen=True)
class CheckScores:
    """The scale of the hearing: range, evidence rule and reconcile range (1.6)."""

    lowest: int
    highest: int
    evidence_from: int
    without_evidence: int
    reconcile_range: int


@dataclass(frozen=True)
class Scheme:
    """A complete scheme, read from data; the engine takes every number from here."""

    code: str
    components: tuple[Component, ...]
    grades: tuple[tuple[str, Decimal], ...]
    gates: tuple[Gate, ...]
    aggregation: str
    geometric_floor: Decimal
    min_coverage: Decimal
    min_months: int
    term_months: int
    adjust_limit: Decimal
    challenges: tuple[Decimal, ...]
    default_challenge: Decimal
    default_item_weight: Decimal
    focus_most: int
    focus_share: tuple[Decimal, Decimal]
    k_range: tuple[Decimal, Decimal]
    checks: CheckScores


def merged(overrides: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the default scheme with whole top-level entries replaced by the given ones."""
    given = {} if overrides is None else overrides
    exact.refuse_unknown(given, frozenset(DEFAULT_SCHEME), "評価基準")
    return deepcopy({**DEFAULT_SCHEME, **given})


@exact.exactly
def read_scheme(overrides: dict[str, Any] | None = None) -> Scheme:
    """Read a scheme (the default, changed by overrides); refuse what cannot be computed."""
    data = merged(overrides)
    anchors = _read_anchors(data["anchors"])
    components = tuple(_read_component(entry, anchors) for entry in data["components"])
    _refuse_components(components)
    grades = _read_grades(data["grades"])
    return Scheme(
        code=_text(data["code"], "評価基準の名称"),
        components=components,
        grades=grades,
        gates=tuple(_read_gate(entry, grades) for entry in data["gates"]),
        aggregation=_one_of(data["aggregation"], AGGREGATIONS, "総合の方法"),
        geometric_floor=_positive(data["geometric_floor"], "幾何平均の下限"),
        min_coverage=exact.amount(data["min_coverage"], "必要な充足率"),
        min_months=exact.whole(data["min_months"], "必要な月数"),
        term_months=_positive_whole(data["term_months"], "期の月数"),
        adjust_limit=exact.amount(data["adjust_limit"], "調整の上限"),
        challenges=tuple(_positive(entry, "挑戦係数") for entry in data["challenges"]),
        default_challenge=_positive(data["default_challenge"], "挑戦係数の既定値"),
        default_item_weight=_positive(data["default_item_weight"], "項目の重みの既定値"),
        **_read_groups(data),
    )


def approval_faults(overrides: dict[str, Any] | None = None) -> list[str]:
    """List what forbids approval of a scheme; an empty list means it may be approved.

    Beyond what the engine itself refuses, an approved scheme has component weights that add
    up to 100 and indicator items that add up to their component. Variants of the sensitivity
    table (2.12) break these two on purpose, so the engine computes them all the same.
    """
    try:
        scheme = read_scheme(overrides)
    except (ValueError, TypeError) as refusal:
        return [str(refusal)]
    faults = []
    total = sum((entry.weight for entry in scheme.components), Decimal(0))
    if total != WEIGHT_TOTAL:
        faults.append(f"項目の重みの合計が100ではありません: {total}")
    for entry in scheme.components:
        items = sum(entry.items.values(), Decimal(0))
        if entry.kind == "indicator" and items != entry.weight:
            faults.append(
                f"{entry.code}: 指標の重みの合計 {items} が項目の重み {entry.weight} と違います"
            )
    return faults


def refuse_approval(overrides: dict[str, Any] | None = None) -> None:
    """Raise ValueError when a scheme may not be approved, naming every fault."""
    faults = approval_faults(overrides)
    if faults:
        raise ValueError(" / ".join(faults))


@exact.exactly
def points(value: Decimal, anchors: Anchors) -> Decimal:
    """Interpolate between anchors, constant outside them, 4 decimals half up (1.1)."""
    if value <= anchors[0][0]:
        return exact.rounded(anchors[0][1], 4)
    for (x0, y0), (x1, y1) in pairwise(anchors):
        if value <= x1:
            return exact.quotient(y0 * (x1 - x0) + (value - x0) * (y1 - y0), x1 - x0, 4)
    return exact.rounded(anchors[-1][1], 4)


def _read_groups(data: dict[str, Any]) -> dict[str, Any]:
    """Read the three nested groups of the scheme."""
    focus, estimate, checks = data["focus_areas"], data["k_estimate"], data["check_scores"]
    _exact_keys(focus, ("most", "share_min", "share_max"), "重点分野の決まり")
    _exact_keys(estimate, ("lowest", "highest"), "kの推定")
    fields = ("lowest", "highest", "evidence_from", "without_evidence", "reconcile_range")
    _exact_keys(checks, fields, "チェックリストの尺度")
    k_range = (_positive(estimate["lowest"], "kの下限"), _positive(estimate["highest"], "kの上限"))
    if k_range[0] > k_range[1]:
        message = "kの下限が上限を超えています。"
        raise ValueError(message)
    return {
        "focus_most": _positive_whole(focus["most"], "重点分野の数"),
        "focus_share": (
            exact.amount(focus["share_min"], "重点分野の割合の下限"),
            exact.amount(focus["share_max"], "重点分野の割合の上限"),
        ),
        "k_range": k_range,
        "checks": CheckScores(**{name: exact.whole(checks[name], name) for name in fields}),
    }


def _read_component(entry: dict[str, Any], anchors: dict[str, Anchors]) -> Component:
    exact.refuse_unknown(entry, COMMON_KEYS | {"name", "items", "k", "n_min"}, "評価基準の項目")
    code = _text(entry.get("code"), "項目の記号")
    kind = _one_of(entry.get("kind"), tuple(ANCHORS_OF_KIND), f"{code}: 種類")
    wanted = COMMON_KEYS | KEYS_OF_KIND[kind]
    exact.refuse_unknown(entry, wanted | {"name"}, code)
    missing = sorted(wanted - set(entry))
    if missing:
        message = f"{code}: 決まっていない値があります: {'、'.join(missing)}"
        raise ValueError(message)
    items = {
        _text(item, code): _positive(weight, f"{code}.{item}: 重み")
        for item, weight in entry.get("items", {}).items()
    }
    if kind == "indicator" and not items:
        message = f"{code}: 指標がありません。"
        raise ValueError(message)
    given_k = entry.get("k")
    return Component(
        code=code,
        name=_text(entry.get("name", code), f"{code}: 名称"),
        kind=kind,
        weight=_positive(entry["weight"], f"{code}: 重み"),
        anchors=anchors[ANCHORS_OF_KIND[kind]],
        items=MappingProxyType(items),
        k=None if given_k in (None, ESTIMATE) else _positive(given_k, f"{code}: k"),
        n_min=exact.whole(entry.get("n_min", 0), f"{code}: n_min"),
    )


def _refuse_components(components: Sequence[Component]) -> None:
    codes = [entry.code for entry in components]
    if not codes or len(set(codes)) != len(codes):
        message = "項目がないか、同じ記号の項目が2つあります。"
        raise ValueError(message)
    for kind in SINGLE_KINDS:
        if sum(entry.kind == kind for entry in components) > 1:
            message = f"種類 {kind} の項目は1つだけです。"
            raise ValueError(message)
    items = [item for entry in components for item in entry.items]
    if len(set(items)) != len(items):
        message = "同じ指標が2つの項目に入っています。"
        raise ValueError(message)


def _read_anchors(data: dict[str, Any]) -> dict[str, Anchors]:
    _exact_keys(data, tuple(sorted(set(ANCHORS_OF_KIND.values()))), "換算点")
    return {name: read_anchor_row(row, name) for name, row in data.items()}


def read_anchor_row(row: Sequence[Sequence[object]], name: str) -> Anchors:
    """Read anchors `[[x, points], ...]`; both must rise strictly, points stay within 0-100."""
    read = tuple((exact.number(x, name), exact.number(y, name)) for x, y in row)
    rises = all(a[0] < b[0] and a[1] < b[1] for a, b in pairwise(read))
    if len(read) < 2 or not rises:
        message = f"換算点 {name}: 2つ以上を小さい順に並べ、点も増えるようにしてください。"
        raise ValueError(message)
    if read[0][1] < 0 or read[-1][1] > POINTS_TOP:
        message = f"換算点 {name}: 点は0から100までです。"
        raise ValueError(message)
    return read


def _read_grades(data: Sequence[Sequence[object]]) -> tuple[tuple[str, Decimal], ...]:
    grades = tuple((_text(name, "評語"), exact.number(cut, f"評語 {name}")) for name, cut in data)
    if not grades or any(a[1] <= b[1] for a, b in pairwise(grades)) or grades[-1][1] != 0:
        message = "評語の区切りは大きい順に並べ、最後を0にしてください。"
        raise ValueError(message)
    if len({name for name, _ in grades}) != len(grades):
        message = "同じ評語が2つあります。"
        raise ValueError(message)
    return grades


def _read_gate(entry: dict[str, Any], grades: tuple[tuple[str, Decimal], ...]) -> Gate:
    exact.refuse_unknown(entry, frozenset({"rule", "limit", "cap"}), "上限の決まり")
    rule = _one_of(entry.get("rule"), tuple(KEYS_OF_GATE), "上限の決まり")
    _exact_keys(entry, tuple(KEYS_OF_GATE[rule]), f"上限の決まり {rule}")
    limit = entry.get("limit")
    return Gate(
        rule=rule,
        cap=_one_of(entry["cap"], tuple(name for name, _ in grades), f"{rule}: 評語の上限"),
        limit=None if limit is None else exact.amount(limit, f"{rule}: 基準の点"),
    )


def _exact_keys(entry: object, keys: tuple[str, ...], name: str) -> None:
    missing = sorted(set(keys) - set(exact.refuse_unknown(entry, frozenset(keys), name)))
    if missing:
        message = f"{name}: 決まっていない値があります: {'、'.join(missing)}"
        raise ValueError(message)


def _text(value: object, name: str) -> str:
    if not isinstance(value, str) or not value:
        message = f"{name}: 文字列にしてください: {value!r}"
        raise ValueError(message)
    return value


def _one_of(value: object, choices: Sequence[str], name: str) -> str:
    if not isinstance(value, str) or value not in choices:
        message = f"{name}: {'、'.join(choices)} のどれかにしてください: {value}"
        raise ValueError(message)
    return value


def _positive(value: object, name: str) -> Decimal:
    read = exact.number(value, name)
    if read <= 0:
        message = f"{name}: 0より大きい数にしてください: {value}"
        raise ValueError(message)
    return read


def _positive_whole(value: object, name: str) -> int:
    read = exact.whole(value, name)
    if read == 0:
        message = f"{name}: 1以上にしてください。"
        raise ValueError(message)
    return read
