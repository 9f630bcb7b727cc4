"""When a hub is in operation: opened, not closed, and commissioned. Pure."""

from collections.abc import Iterable
from datetime import date

Span = tuple[date, date | None]


def operation_span(opened_on: date, closed_on: date | None, contracts: Iterable[Span]) -> Span:
    """First and last day of operation as far as a fiscal year's contracts tell (evaluation.md 1.2).

    A hub whose commission began late or ended early (a change of body, S24) answers only for the
    days between; without a contract on record its opening and closing dates alone count.
    """
    spans = list(contracts)
    if not spans:
        return opened_on, closed_on
    first = max(opened_on, min(start for start, _ in spans))
    ends = [end for _, end in spans if end is not None]
    last = max(ends) if len(ends) == len(spans) else None
    if closed_on is not None:
        last = closed_on if last is None else min(last, closed_on)
    return first, last
