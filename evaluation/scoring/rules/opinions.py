"""Survey and partner opinions: shrinkage towards the national mean (evaluation.md 1.4-1.5)."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from evaluation.scoring.rules import items
from evaluation.scoring.rules.items import Scored
from evaluation.scoring.rules.scheme import Component, Scheme, points
from evaluation.surveys import rules as surveys
from yorozu.core import exact

FIELD_OF_KIND = {"survey": "survey", "partner": "partners"}


@dataclass(frozen=True)
class Answers:
    """The answers one hub received: number, sum, sum of squares."""

    n: int
    total: Decimal
    squares: Decimal

    @property
    def mean(self) -> Decimal:
        """The printed mean, 4 decimals; later stages read this rounded value (2.9)."""
        return exact.quotient(self.total, Decimal(self.n), 4)

    @property
    def spread(self) -> Fraction:
        """Sum of squared distances from the hub's own mean."""
        return Fraction(self.squares) - Fraction(self.total) ** 2 / self.n


@dataclass(frozen=True)
class Prior:
    """What all hubs together say: the prior mean and the shrinkage constant."""

    mean: Decimal | None
    k: Decimal

    def printed(self) -> list[str | None]:
        """Return prior and k as the result shows them."""
        return [items.text(self.mean), items.text(self.k)]


@exact.exactly
def read_answers(hub: dict[str, Any], kind: str) -> Answers:
    """Read a hub's histogram (survey) or one value per organisation (partner)."""
    if kind == "survey":
        counts = hub.get("survey")
        row = [0] * len(surveys.SCALE) if counts is None else counts
        surveys.check_histogram(row, f"{hub['code']}: アンケート")
        pairs = list(zip(surveys.SCALE, row, strict=True))
        return Answers(
            n=sum(row),
            total=Decimal(surveys.answer_total(row)),
            squares=Decimal(sum(value * value * count for value, count in pairs)),
        )
    values = [_partner_value(value, hub["code"]) for value in hub.get("partners") or []]
    return Answers(
        n=len(values),
        total=sum(values, Decimal(0)),
        squares=sum((value * value for value in values), Decimal(0)),
    )


def prior(pool: list[Answers], component: Component, scheme: Scheme) -> Prior:
    """Return prior mean and k of a component over the answers of all hubs (1.4)."""
    answered = [entry for entry in pool if entry.n > 0]
    k = estimate_k(answered, scheme.k_range) if component.k is None else component.k
    return Prior(prior_mean(answered, component.n_min), k)


@exact.exactly
def prior_mean(answered: list[Answers], n_min: int) -> Decimal | None:
    """Return the mean of the hub means with enough answers; each such hub counts once."""
    return surveys.prior_mean([surveys.Heard(entry.n, entry.total) for entry in answered], n_min)


def estimate_k(answered: list[Answers], limits: tuple[Decimal, Decimal]) -> Decimal:
    """Estimate k by the ANOVA method, 2 decimals, within the limits of the scheme (1.4).

    Where the variance between hubs is zero or cannot be told, the upper limit holds.
    """
    low, high = limits
    hubs, n = len(answered), sum(entry.n for entry in answered)
    if hubs < 2 or n == hubs:
        return high
    within = sum((entry.spread for entry in answered), Fraction(0)) / (n - hubs)
    grand = sum((Fraction(entry.total) for entry in answered), Fraction(0)) / n
    between = sum(
        (entry.n * (Fraction(entry.total) / entry.n - grand) ** 2 for entry in answered),
        Fraction(0),
    )
    size = n - Fraction(sum(entry.n**2 for entry in answered), n)
    variance = (between - (hubs - 1) * within) / size
    if variance <= 0:
        return high
    return min(max(exact.fraction_rounded(within / variance, 2), low), high)


@exact.exactly
def shrunk(answers: Answers, known: Prior, n_min: int) -> Decimal:
    """Return the shrunk mean, 4 decimals; few answers never lift a hub above the prior."""
    if known.mean is None:
        message = "回答があるのに全国の平均がありません。"
        raise ValueError(message)
    return surveys.shrunk_mean(answers.n, answers.mean, prior=known.mean, k=known.k, n_min=n_min)


def score_opinion(hub: dict[str, Any], component: Component, known: Prior) -> Scored:
    """Score the survey or partner component of one hub."""
    answers = read_answers(hub, component.kind)
    if hub.get(f"{FIELD_OF_KIND[component.kind]}_excused", False):
        detail = {"status": items.NA, "n": answers.n}
        return Scored(component, items.NA, None, "0", Fraction(0), detail)
    if answers.n == 0:
        detail = {"status": items.MISSING, "n": 0}
        zero = exact.rounded(Decimal(0), 4)
        return Scored(component, items.MISSING, zero, "1", Fraction(1), detail)
    value = shrunk(answers, known, component.n_min)
    status = items.SMALL_N if answers.n < component.n_min else items.OK
    figures = {
        "status": status,
        "n": answers.n,
        "raw_mean": items.text(answers.mean),
        "value": items.text(value),
    }
    scored = points(value, component.anchors)
    return Scored(component, status, scored, "1", Fraction(1), figures)


def _partner_value(value: object, code: str) -> Decimal:
    read = exact.number(value, f"{code}: 支援機関の評価")
    if not surveys.SCALE[0] <= read <= surveys.SCALE[-1]:
        message = f"{code}: 支援機関の評価は1から5までです: {value}"
        raise ValueError(message)
    return read
