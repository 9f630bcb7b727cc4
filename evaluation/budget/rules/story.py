"""From last year's contract to the proposal in whole yen, and the sentences that say it (3.6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from evaluation.budget.rules.redistribute import CAP, FLOOR
from yorozu.core import exact

THOUSAND = 1000
BOUND_WORDS: MappingProxyType[str, str] = MappingProxyType({FLOOR: "下限", CAP: "上限"})


@dataclass(frozen=True)
class Amounts:
    """One hub's frozen yen: the bars of the waterfall, what they start from, what they give.

    ``prior`` is None for a new hub; ``bounds`` are the limits of the two stages ("" = none).
    """

    prior: int | None
    base: int
    need: int
    limits_1: int
    performance: int
    limits_2: int
    rounding: int
    budget: int
    bounds: tuple[str, str] = ("", "")

    @property
    def structure(self) -> int:
        """The amount of stage 1, as the sum of its bars."""
        return self.base + self.need + self.limits_1


@dataclass(frozen=True)
class FromLastYear:
    """Steps from the prior contract to the proposal; they add up to the yen."""

    prior: int
    across: int
    towards_formula: int
    performance: int
    limits_2: int
    rounding: int
    budget: int


def from_last_year(own: Amounts, everyone: Sequence[Amounts]) -> FromLastYear | None:
    """Return the steps of a hub, None for a new one.

    ``across`` is what the hub would gain or lose if every hub with a contract changed alike
    (structural amounts of those hubs over their contracts); ``towards_formula`` is the rest of
    stage 1.
    """
    if own.prior is None:
        return None
    old = [row for row in everyone if row.prior is not None]
    structure = sum(row.structure for row in old)
    priors = sum(row.prior or 0 for row in old)
    alike = int(exact.fraction_rounded(Fraction(own.prior * structure, priors), 0))
    return FromLastYear(
        prior=own.prior,
        across=alike - own.prior,
        towards_formula=own.structure - alike,
        performance=own.performance,
        limits_2=own.limits_2,
        rounding=own.rounding,
        budget=own.budget,
    )


def sentences(own: Amounts, steps: FromLastYear | None) -> list[str]:
    """Say in Japanese what made the amount, the largest things first told, in thousand yen."""
    found = []
    if steps is None:
        found.append(
            f"前年度の契約がない拠点のため、配分式（均等分と需要分）から{_thousand(own.budget)}千円"
            "としました。"
        )
    else:
        found.append(_change(steps))
        if steps.across:
            found.append(f"全拠点の総額の増減に応じた分は{_signed(steps.across)}です。")
        found.append(_move(own, steps))
    found.append(_performance(own))
    if own.bounds[1]:
        found.append(
            f"評価を反映した後の額が全体の{BOUND_WORDS[own.bounds[1]]}に達したため、"
            f"{_signed(own.limits_2)}の調整がありました。"
        )
    elif own.limits_2:
        found.append(
            "他の拠点が全体の上下限に達した分を全拠点で調整したため、"
            f"{_signed(own.limits_2)}となりました。"
        )
    return found


def _change(steps: FromLastYear) -> str:
    change = steps.budget - steps.prior
    percent = exact.fraction_rounded(Fraction(abs(change) * 100, steps.prior), 1)
    return (
        f"前年度契約額{_thousand(steps.prior)}千円（年額換算）に対し、"
        f"配分案は{_thousand(steps.budget)}千円で、{_signed(change)}"
        f"（{'▲' if change < 0 else ''}{percent}%）です。"
    )


def _move(own: Amounts, steps: FromLastYear) -> str:
    formula = own.base + own.need
    said = f"配分式の額は{_thousand(formula)}千円です。"
    if own.bounds[0]:
        limit = BOUND_WORDS[own.bounds[0]]
        return (
            f"{said}第1段階の{limit}に達したため、今回は{_signed(steps.towards_formula)}だけ"
            "近づけます。"
            if _comes_nearer(steps, formula)
            else f"{said}第1段階の{limit}が掛かり、{_signed(steps.towards_formula)}となりました。"
        )
    return f"{said}配分式に合わせた増減は{_signed(steps.towards_formula)}です。"


def _comes_nearer(steps: FromLastYear, formula: int) -> bool:
    before = steps.prior + steps.across
    return abs(before + steps.towards_formula - formula) < abs(before - formula)


def _performance(own: Amounts) -> str:
    if own.performance == 0:
        return "評価による増減はありません。"
    way = "上回った" if own.performance > 0 else "下回った"
    return f"評価が全国平均を{way}ため、{_signed(own.performance)}となりました。"


def _thousand(yen: int) -> str:
    return f"{int(exact.fraction_rounded(Fraction(yen, THOUSAND), 0)):,}"


def _signed(yen: int) -> str:
    thousands = int(exact.fraction_rounded(Fraction(yen, THOUSAND), 0))
    if thousands == 0:
        return "ほぼ0千円"
    return f"+{thousands:,}千円" if thousands > 0 else f"▲{-thousands:,}千円"


# ---- what one point moves -------------------------------------------------------------------

FLAT_LOW = "係数が下限にあるため、少し上がっても増えません。"
FLAT_HIGH = "係数が上限にあるため、これ以上は増えません。"
AT_CAP = "全体の上限に達しているため、これ以上は増えません。"
AT_FLOOR = "全体の下限に守られているため、すぐには増えません。"
UNGRADED = "評語がないため、評価は金額に影響しません。"


def point_note(
    graded: bool, multiplier: Fraction, limits: tuple[Fraction, Fraction], bound: str
) -> str:
    """Say why one more point would not move the yen now; empty when it does.

    ``limits`` are the lowest and the highest multiplier of the rule, ``bound`` the outer limit hit.
    """
    low, high = limits
    cases = (
        (not graded, UNGRADED),
        (bound == CAP, AT_CAP),
        (bound == FLOOR, AT_FLOOR),
        (multiplier <= low, FLAT_LOW),
        (multiplier >= high, FLAT_HIGH),
    )
    return next((text for holds, text in cases if holds), "")
