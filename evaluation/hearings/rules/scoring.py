"""First scores, talking again and closing (evaluation.md 1.6). Pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from evaluation.hearings.rules.items import HIGHEST, needs_reconciling

LONGEST_COMMENT = 2_000


@dataclass(frozen=True)
class ItemFacts:
    """One item when first scores are locked: its code and what was decided about N/A."""

    code: str
    is_not_applicable: bool = False
    is_proposed: bool = False


def read_score(text: str) -> int | None:
    """A typed score; None for a blank. ValueError in Japanese for anything but 0 to 4."""
    plain = text.strip()
    if not plain:
        return None
    folded = plain.translate(str.maketrans("０１２３４", "01234"))
    if folded not in {str(level) for level in range(HIGHEST + 1)}:
        raise ValueError(f"評点は0から{HIGHEST}までの整数で入力してください。")
    return int(folded)


def open_items(items: Iterable[ItemFacts], scored: Collection[str]) -> list[str]:
    """Codes that stop a rater's first scores from being locked: neither scored nor excused.

    A proposal of N/A that nobody has decided on holds the lock too, unless the rater scored it.
    """
    return [item.code for item in items if not item.is_not_applicable and item.code not in scored]


def to_reconcile(first: Mapping[str, Mapping[int, int]]) -> list[str]:
    """Codes on which first scores lie two steps or more apart; ``first``: code -> rater -> score.

    Only the scores of raters who count are to be given.
    """
    return [code for code, scores in first.items() if needs_reconciling(list(scores.values()))]


def lacking_second(
    flagged: Iterable[str],
    raters: Collection[int],
    second: Mapping[str, Mapping[int, int]],
) -> dict[str, set[int]]:
    """Raters who still owe a second score, by code."""
    owed = {code: set(raters) - set(second.get(code, {})) for code in flagged}
    return {code: who for code, who in owed.items() if who}
