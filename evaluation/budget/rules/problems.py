"""What contradicts itself in a scenario that is being asked for, said at the field (3.2, 3.3)."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from evaluation.budget.rules.lines import read_lines
from evaluation.budget.rules.params import read_params
from evaluation.budget.rules.words import PARAMETER_WORDS

TOTAL = "total_yen"
LINES = "lines"
_LABELS = {TOTAL: "予算総額（円）", LINES: "予算区分", "": "配分基準"}


@dataclass(frozen=True)
class Fault:
    """One contradiction: the parameter it is about ("" when it is about the whole), and words."""

    field: str
    text: str

    @property
    def label(self) -> str:
        """The field's name in Japanese."""
        return _LABELS.get(self.field) or PARAMETER_WORDS[self.field]


def problems(
    params: Mapping[str, Any], total: int, hubs: int, lines: list[dict[str, Any]] | None = None
) -> list[Fault]:
    """Return every contradiction of a whole parameter set with an envelope and its lines.

    An empty list means that the engine takes it. `params` has the shape of the budget rule,
    `lines` that of engine v2's input.
    """
    found = [fault for check in CHECKS for fault in check(params)]
    if not found:
        try:
            read_params(dict(params))
        except (ValueError, TypeError) as refusal:
            found.append(Fault("", str(refusal)))
    if found:
        return found
    return [*_envelope(params, total, hubs), *_lines(params, total, lines)]


def _number(params: Mapping[str, Any], name: str) -> Decimal:
    return Decimal(str(params[name]))


def _shares(params: Mapping[str, Any]) -> Iterator[Fault]:
    summed = _number(params, "base") + _number(params, "need")
    if _number(params, "base") == 0:
        yield Fault("base", "0より大きくしてください。")
    elif summed != 1:
        yield Fault(
            "need", f"均等分と需要分の割合の合計が1ではありません（今は{summed.normalize():f}）。"
        )


def _factors(params: Mapping[str, Any]) -> Iterator[Fault]:
    summed = sum((Decimal(str(part)) for part in params["need_factors"].values()), Decimal(0))
    if summed != 1:
        yield Fault(
            "need_factors",
            f"需要の要素の重みの合計が1ではありません（今は{summed.normalize():f}）。",
        )


def _multiplier(params: Mapping[str, Any]) -> Iterator[Fault]:
    if _number(params, "multiplier_slope") == 0:
        yield Fault("multiplier_slope", "0より大きくしてください。")
    if _number(params, "multiplier_min") == 0:
        yield Fault("multiplier_min", "0より大きくしてください。")
    if _number(params, "multiplier_min") > _number(params, "multiplier_max"):
        yield Fault("multiplier_max", "係数の上限は、下限以上にしてください。")


def _floor(params: Mapping[str, Any]) -> Iterator[Fault]:
    if params["unit"] < 1:
        yield Fault("unit", "1円以上にしてください。")
    elif params["floor"] % params["unit"]:
        yield Fault("floor", f"配分の単位（{params['unit']:,}円）の倍数にしてください。")


CHECKS: tuple[Callable[[Mapping[str, Any]], Iterator[Fault]], ...] = (
    _shares,
    _factors,
    _multiplier,
    _floor,
)


def _envelope(params: Mapping[str, Any], total: int, hubs: int) -> Iterator[Fault]:
    if total < 1:
        yield Fault(TOTAL, "1円以上の整数で入力してください。")
        return
    unit, floor = params["unit"], params["floor"]
    kept = int(total * Fraction(_number(params, "reserve")) // 1)
    pool = (total - kept) // unit * unit
    if pool <= 0:
        yield Fault(
            TOTAL,
            f"留保を除くと、配分の単位（{unit:,}円）に満たず、配分できる額がありません。",
        )
    elif hubs * floor > pool:
        most = pool // hubs // unit * unit
        yield Fault(
            "floor",
            f"下限額 {floor:,}円 × {hubs}拠点 ＝ {hubs * floor:,}円が、"
            f"配分できる額 {pool:,}円を超えています。"
            f"{most:,}円以下にするか、予算総額を増やしてください。",
        )


def _lines(
    params: Mapping[str, Any], total: int, lines: list[dict[str, Any]] | None
) -> Iterator[Fault]:
    try:
        read_lines(lines, total, params["unit"])
    except (ValueError, TypeError) as refusal:
        yield Fault(LINES, str(refusal))
