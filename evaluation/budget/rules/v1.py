"""Engine v1: the allocation proposal of all hubs, exact to the yen (evaluation.md 3.2-3.6).

Input and result have the shape of the shipped vectors. Once an allocation is fixed with this
engine, it is never changed again.
"""

from fractions import Fraction
from typing import Any

from evaluation.budget.rules.params import Params, read_params
from evaluation.budget.rules.redistribute import largest_remainder
from evaluation.budget.rules.stages import Computed, HubInput, compute
from yorozu.core import exact

ENGINE = "v1"

INPUT_KEYS = frozenset({"total", "params", "hubs"})
HUB_KEYS = frozenset({"code", "prior", "prior_struct", "score", "need"})
SCORE_TOP = 100


def allocate(given: dict[str, Any]) -> dict[str, Any]:
    """Allocate a total over hubs; refuse contradictory input with ValueError or TypeError.

    `given`: `total` (yen), `params` (changes to the default rule) and `hubs`, each with `code`,
    `prior` (annualised contract, None if new), `score` (None if not graded), `need` (one value
    per factor) and, after the first year, `prior_struct` (stage 1 of last year).
    """
    hubs, params, total = read_input(given)
    pool = distributable(total, params, len(hubs))
    computed = compute(hubs, pool, params)
    amounts = largest_remainder(computed.final.amounts, [hub.code for hub in hubs], params.unit)
    distributed = sum(amounts)
    return {
        "distributed": distributed,
        "reserve": total - distributed,
        "flags": [computed.structure.flag, computed.final.flag],
        "lambda": [
            None if factor is None else _text(factor, 6)
            for factor in (computed.structure.factor, computed.final.factor)
        ],
        "hubs": [_line(hub, place, computed, amounts[place]) for place, hub in enumerate(hubs)],
    }


def read_input(given: dict[str, Any]) -> tuple[list[HubInput], Params, int]:
    """Read and refuse the input of an allocation; hubs come back in the order of their codes."""
    exact.refuse_unknown(given, INPUT_KEYS, "配分の入力")
    params = read_params(given.get("params"))
    total = exact.whole(given.get("total"), "予算総額")
    entries = given.get("hubs")
    if not isinstance(entries, list) or not entries:
        message = "配分する拠点がありません。"
        raise ValueError(message)
    hubs = sorted((_read_hub(entry, params) for entry in entries), key=lambda hub: hub.code)
    codes = [hub.code for hub in hubs]
    doubled = sorted({code for code in codes if codes.count(code) > 1})
    if doubled:
        message = f"同じ拠点が2回あります: {'、'.join(doubled)}"
        raise ValueError(message)
    return hubs, params, total


def distributable(total: int, params: Params, hubs: int) -> int:
    """Return the pool D in whole units; odd yen stay in the reserve (3.3)."""
    kept = total * params.reserve // 1
    pool = int((total - kept) // params.unit * params.unit)
    if pool <= 0:
        message = f"配分できる額がありません。予算総額は {total:,}円です。"
        raise ValueError(message)
    if hubs * params.floor > pool:
        message = (
            f"下限額 {params.floor:,}円 × {hubs}拠点が、配分できる額 {pool:,}円を超えています。"
        )
        raise ValueError(message)
    return pool


def _line(hub: HubInput, place: int, computed: Computed, amount: int) -> dict[str, Any]:
    structure = computed.structure.amounts[place]
    return {
        "code": hub.code,
        "budget": amount,
        "struct": _text(structure, 0),
        "multiplier": format(computed.multipliers[place], "f"),
        "bound1": computed.structure.bounds[place],
        "bound2": computed.final.bounds[place],
        "waterfall": waterfall(place, computed, amount),
        "change_vs_prior": None if hub.prior is None else amount - hub.prior,
    }


def waterfall(place: int, computed: Computed, amount: int) -> dict[str, str]:
    """Return yen bars that add up to the amount; the rounding bar takes the residue (3.6)."""
    formula = computed.formula[place]
    structure, final = computed.structure.amounts[place], computed.final.amounts[place]
    performed = computed.performed[place]
    bars = {
        "base": _yen(computed.base),
        "need": _yen(formula - computed.base),
        "limits1": _yen(structure - formula),
        "performance": _yen(performed - structure),
        "limits2": _yen(final - performed),
    }
    bars["rounding"] = amount - sum(bars.values())
    return {name: str(bar) for name, bar in bars.items()}


def _read_hub(entry: dict[str, Any], params: Params) -> HubInput:
    exact.refuse_unknown(entry, HUB_KEYS, "拠点の入力")
    code = entry.get("code")
    if not isinstance(code, str) or not code:
        message = "拠点の入力に拠点コードがありません。"
        raise ValueError(message)
    prior = _prior(entry.get("prior"), f"{code}: 前年度の額")
    structure = _prior(entry.get("prior_struct"), f"{code}: 前年度の基礎額")
    if prior is None and structure is not None:
        message = f"{code}: 前年度の額がない拠点に、前年度の基礎額があります。"
        raise ValueError(message)
    return HubInput(
        code=code,
        prior=prior,
        prior_structure=prior if structure is None else structure,
        score=_score(entry.get("score"), code),
        need=_need(entry.get("need"), code, params),
    )


def _prior(value: object, name: str) -> int | None:
    if value is None:
        return None
    read = exact.whole(value, name)
    if read == 0:
        message = f"{name}: 0円は使えません。新しい拠点は空にしてください。"
        raise ValueError(message)
    return read


def _score(value: object, code: str) -> Any:
    if value is None:
        return None
    read = exact.amount(value, f"{code}: 評価点")
    if read > SCORE_TOP:
        message = f"{code}: 評価点は{SCORE_TOP}までです: {value}"
        raise ValueError(message)
    return read


def _need(value: object, code: str, params: Params) -> dict[str, Fraction]:
    given = {} if value is None else value
    entries = exact.refuse_unknown(given, frozenset(params.need_factors), f"{code}: 必要度")
    missing = sorted(set(params.need_factors) - set(entries))
    if missing:
        message = f"{code}: 必要度の値がありません: {'、'.join(missing)}"
        raise ValueError(message)
    return {
        name: Fraction(exact.amount(amount, f"{code}: 必要度 {name}"))
        for name, amount in entries.items()
    }


def _yen(value: Fraction) -> int:
    return int(exact.fraction_rounded(value, 0))


def _text(value: Fraction, places: int) -> str:
    return format(exact.fraction_rounded(value, places), "f")
