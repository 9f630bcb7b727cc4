"""Pure rules of the hearing: raters needed, reconciliation, evidence, N/A (evaluation.md 1.6)."""

from decimal import Decimal

from yorozu.core import exact

RATERS_NEEDED = {"CHK": 2, "UNQ": 3}
RECONCILE_RANGE = 2
EVIDENCE_FROM = 3
HIGHEST = 4


def mean_score(scores: list[int]) -> Decimal | None:
    """Return the mean of the raters as given, 4 decimals, or None without scores."""
    return exact.quotient(Decimal(sum(scores)), Decimal(len(scores)), 4) if scores else None


def needs_reconciling(scores: list[int]) -> bool:
    """True when the raters lie two or more steps apart and must talk (1.6)."""
    return bool(scores) and max(scores) - min(scores) >= RECONCILE_RANGE


def lacks_evidence(scores: list[int], *, has_evidence: bool) -> bool:
    """True when a 3 or 4 stands without a document; it will count as 2 (1.6)."""
    return not has_evidence and any(score >= EVIDENCE_FROM for score in scores)


def lacks_raters(component: str, raters: int) -> bool:
    """True when fewer raters scored the item than the component asks for: shown, not refused."""
    return raters < RATERS_NEEDED[component]
