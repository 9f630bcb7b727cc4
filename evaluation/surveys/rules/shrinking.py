"""Shrinkage towards the national mean (evaluation.md 1.4-1.5), for the score and the screens."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from yorozu.core import exact

# The constants of the default scheme; a run uses those of its own scheme.
SURVEY_K, PARTNER_K = Decimal(20), Decimal(8)


@dataclass(frozen=True)
class Heard:
    """The answers one hub received: their number and their sum."""

    n: int
    total: Decimal

    @property
    def mean(self) -> Decimal:
        """The printed mean, 4 decimals; later stages read this rounded value (2.9)."""
        return exact.quotient(self.total, Decimal(self.n), 4)


@exact.exactly
def prior_mean(heard: Iterable[Heard], n_min: int) -> Decimal | None:
    """Mean of the hub means with enough answers, 4 decimals; each such hub counts once.

    When no hub has enough, the mean of all answers; None without any answer.
    """
    answered = [entry for entry in heard if entry.n > 0]
    enough = [entry.mean for entry in answered if entry.n >= n_min]
    if enough:
        return exact.quotient(sum(enough, Decimal(0)), Decimal(len(enough)), 4)
    n = sum(entry.n for entry in answered)
    if n == 0:
        return None
    return exact.quotient(sum((entry.total for entry in answered), Decimal(0)), Decimal(n), 4)


@exact.exactly
def shrunk_mean(n: int, mean: Decimal, *, prior: Decimal, k: Decimal, n_min: int) -> Decimal:
    """The shrunk mean, 4 decimals; few answers (n < n_min) never lift a hub above the prior."""
    value = exact.quotient(n * mean + k * prior, n + k, 4)
    return min(value, prior) if n < n_min else value
