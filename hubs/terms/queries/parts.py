"""The parts of a year as its opening shows them: last year's content beside the new one."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from hubs.terms.models import PartDecision, Term, TermState
from hubs.terms.parts import Content, YearPart, find, parts
from hubs.terms.rules.comparing import Pair, Row, differing, pairs
from yorozu.core.canonical import canonical_hash


def previous_term(term: Term) -> Term | None:
    """The term a new one takes over from: the latest before it."""
    return Term.objects.filter(fiscal_year__lt=term.fiscal_year).order_by("-fiscal_year").first()


def decisions(term: Term) -> dict[str, PartDecision]:
    """The decision in force for each part of the term, by code."""
    found: dict[str, PartDecision] = {}
    for row in term.decisions.order_by("-pk"):
        found.setdefault(row.part, row)
    return found


def decided_content(term: Term, code: str) -> Content | None:
    """What was decided last for a part; None when nothing was."""
    row = term.decisions.filter(part=code).order_by("-pk").first()
    return None if row is None else json.loads(row.content)


def undecided(term: Term) -> list[YearPart]:
    """Required parts nobody has decided yet."""
    decided = set(term.decisions.values_list("part", flat=True))
    return [part for part in parts() if part.required and part.code not in decided]


@dataclass(frozen=True)
class PartView:
    """One part of a term: what was, what is proposed or holds, who decided it.

    ``shown`` is what the right column shows: a proposal while the term is being prepared and nobody
    has decided, then what holds. ``origin`` names the left column.
    """

    part: YearPart
    origin: str
    last: Content | None
    shown: Content | None
    decision: PartDecision | None
    pairs: Sequence[Pair]

    @property
    def shown_hash(self) -> str:
        """Fingerprint of what the reader saw; empty when there is nothing."""
        return "" if self.shown is None else canonical_hash(self.shown)

    @property
    def differing(self) -> list[Pair]:
        """Lines that differ from the left column."""
        return differing(self.pairs)

    @property
    def alike(self) -> list[Pair]:
        """Lines that are the same in both columns."""
        return [row for row in self.pairs if not row.differs]

    @property
    def may_take_over(self) -> bool:
        """A tick is offered: not decided yet, and there is something to take over."""
        return self.decision is None and self.shown is not None


def shown_content(
    term: Term, part: YearPart, previous: Term | None, decision: PartDecision | None
) -> Content | None:
    """A proposal while the term is being prepared and nobody has decided, then what holds."""
    if decision is None and term.state == TermState.PREPARING:
        return part.propose(term, previous)
    return part.stands(term)


def rows_of(part: YearPart, content: Content | None) -> list[Row]:
    """The lines of a content; none for no content."""
    return [] if content is None else part.rows(content)


def part_view(term: Term, part: YearPart, previous: Term | None) -> PartView:
    """One part of the term beside last year's."""
    decision = term.decisions.filter(part=part.code).order_by("-pk").first()
    return _view(term, part, previous, decision)


def opening(term: Term) -> list[PartView]:
    """All parts of the term in the order of the steps."""
    previous, decided = previous_term(term), decisions(term)
    return [_view(term, part, previous, decided.get(part.code)) for part in parts()]


def _view(
    term: Term, part: YearPart, previous: Term | None, decision: PartDecision | None
) -> PartView:
    last = part.stands(previous) if previous is not None else None
    shown = shown_content(term, part, previous, decision)
    origin = str(previous) if last is not None else "製品の既定値"
    left = part.default(term) if last is None else last
    compared = pairs(rows_of(part, left), rows_of(part, shown))
    return PartView(part, origin, left, shown, decision, compared)


@dataclass(frozen=True)
class Step:
    """One decision on a part with what it changed against the decision before."""

    decision: PartDecision
    changes: Sequence[Pair]


def history(term: Term, code: str) -> list[Step]:
    """Decisions on a part, the newest first, each with the lines it changed."""
    part, rows = find(code), list(term.decisions.filter(part=code).order_by("pk"))
    contents = [part.rows(json.loads(row.content)) for row in rows]
    steps = [
        Step(row, differing(pairs(before, after)) if before is not None else [])
        for row, before, after in zip(rows, [None, *contents], contents, strict=False)
    ]
    return steps[::-1]
