"""Pure rules of items: raters needed, reconciliation, evidence, N/A (evaluation.md 1.6)."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

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


TEXTS = ("text", *(f"anchor_{level}" for level in range(HIGHEST + 1)))
LONGEST_TEXT = 200
HIGHEST_WEIGHT = Decimal("999.99")


def content_faults(items: Iterable[Mapping[str, Any]]) -> list[str]:
    """What forbids a checklist: a text that lacks or is too long, a weight out of range."""
    faults = []
    for row in items:
        code = row["code"]
        if any(not str(row[name]).strip() for name in TEXTS):
            faults.append(f"{code}の項目と5段階の目安をすべて入力してください。")
        if any(len(row[name]) > LONGEST_TEXT for name in TEXTS):
            faults.append(f"{code}の文は、それぞれ{LONGEST_TEXT}文字までです。")
        weight = Decimal(row["weight"])
        if not 0 < weight <= HIGHEST_WEIGHT or weight != weight.quantize(Decimal("0.01")):
            faults.append(f"{code}の重みは0より大きく、小数第2位までです。")
    return faults
