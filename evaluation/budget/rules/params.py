"""The budget rule's parameters as data, their reading and refusals (evaluation.md 3.2)."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from yorozu.core import exact

DEFAULT_PARAMS: MappingProxyType[str, Any] = MappingProxyType(
    {
        "reserve": "0.02",
        "base": "0.60",
        "need": "0.40",
        "need_factors": {"sme": "1"},
        "loss": "0.05",
        "gain": "0.08",
        "rate": "0.15",
        "multiplier_centre": "80",
        "multiplier_slope": "60",
        "multiplier_min": "0.4",
        "multiplier_max": "1.5",
        "multiplier_ungraded": "1",
        "loss_total": "0.15",
        "gain_total": "0.20",
        "floor": 0,
        "unit": 1000,
        "limit_basis": "pool",
    }
)

POOL = "pool"
BASES = (POOL, "absolute")
SHARES_FROM_0_TO_1 = ("reserve", "base", "need", "loss", "rate", "loss_total")


@dataclass(frozen=True)
class Params:
    """One complete parameter set; every number of the allocation comes from here."""

    reserve: Fraction
    base: Fraction
    need: Fraction
    need_factors: MappingProxyType[str, Fraction]
    loss: Fraction
    gain: Fraction
    rate: Fraction
    multiplier_centre: Decimal
    multiplier_slope: Decimal
    multiplier_min: Decimal
    multiplier_max: Decimal
    multiplier_ungraded: Decimal
    loss_total: Fraction
    gain_total: Fraction
    floor: int
    unit: int
    limit_basis: str


def merged(overrides: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the default parameters with the given ones put in their place."""
    given = {} if overrides is None else overrides
    exact.refuse_unknown(given, frozenset(DEFAULT_PARAMS), "配分基準")
    return {**DEFAULT_PARAMS, **given}


def read_params(overrides: dict[str, Any] | None = None) -> Params:
    """Read a parameter set (the default, changed by overrides); refuse a contradictory one."""
    data = merged(overrides)
    exact.refuse_unknown(data["need_factors"], frozenset(data["need_factors"]), "必要度の要素")
    factors = {
        name: Fraction(exact.amount(weight, f"必要度の要素 {name}"))
        for name, weight in data["need_factors"].items()
    }
    numbers: dict[str, Any] = {
        name: Fraction(exact.amount(data[name], f"配分基準 {name}"))
        for name in (*SHARES_FROM_0_TO_1, "gain", "gain_total")
    }
    numbers |= {
        name: exact.amount(data[name], f"配分基準 {name}")
        for name in DEFAULT_PARAMS
        if name.startswith("multiplier_")
    }
    params = Params(
        need_factors=MappingProxyType(factors),
        floor=exact.whole(data["floor"], "配分基準 floor"),
        unit=exact.whole(data["unit"], "配分基準 unit"),
        limit_basis=data["limit_basis"],
        **numbers,
    )
    _refuse_shares(params)
    _refuse_limits(params)
    return params


def _refuse_shares(params: Params) -> None:
    over = [name for name in SHARES_FROM_0_TO_1 if getattr(params, name) > 1]
    if over:
        message = f"割合が1を超えています: {'、'.join(over)}"
        raise ValueError(message)
    if params.base == 0:
        message = "基礎の割合は0より大きくしてください。"
        raise ValueError(message)
    if params.base + params.need != 1:
        message = "基礎と必要度の割合の合計が1ではありません。"
        raise ValueError(message)
    if sum(params.need_factors.values(), Fraction(0)) != 1:
        message = "必要度の要素の重みの合計が1ではありません。"
        raise ValueError(message)


def _refuse_limits(params: Params) -> None:
    if params.unit == 0 or params.floor % params.unit:
        message = "下限額は配分単位の倍数にし、配分単位は1円以上にしてください。"
        raise ValueError(message)
    if params.limit_basis not in BASES:
        message = f"増減の基準は {'、'.join(BASES)} のどちらかにしてください: {params.limit_basis}"
        raise ValueError(message)
    if params.multiplier_slope == 0 or params.multiplier_min > params.multiplier_max:
        message = "係数の傾きは0より大きくし、係数の下限は上限以下にしてください。"
        raise ValueError(message)
    if params.multiplier_min == 0:
        message = "係数の下限は0より大きくしてください。"
        raise ValueError(message)
