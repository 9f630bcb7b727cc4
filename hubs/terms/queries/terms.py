"""Reading terms: the current one, its calendar by phase, its indicators."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Min, QuerySet

from hubs.terms.models import ActivityIndicator, Phase, Term, TermDeadline, TermState
from hubs.terms.rules.calendar import report_code
from yorozu.core import clock
from yorozu.core.fiscal import fiscal_year_of
from yorozu.core.web.chips import Chip, Status

TERM_CHIPS = {
    TermState.PREPARING: Status.NOT_STARTED,
    TermState.OPEN: Status.RUNNING,
    TermState.CLOSED: Status.FINISHED,
}


def term_for(fiscal_year: int) -> Term | None:
    """The term of a fiscal year, None when it has not been opened."""
    return Term.objects.filter(fiscal_year=fiscal_year).first()


def current_term() -> Term | None:
    """The term of today's fiscal year; before it is opened, the latest one there is."""
    return term_for(fiscal_year_of(clock.today())) or Term.objects.first()


def terms() -> QuerySet[Term]:
    """All terms, the newest first."""
    return Term.objects.all()


def indicators(term: Term) -> list[ActivityIndicator]:
    """The activity indicators of the term in their order (S82-S85)."""
    return list(term.indicators.all())


@dataclass(frozen=True)
class PhaseCalendar:
    """One phase of the term with its deadlines; ``is_current`` marks the running one."""

    phase: Phase
    deadlines: Sequence[TermDeadline]
    is_current: bool


def calendar(term: Term) -> list[PhaseCalendar]:
    """Deadlines by phase in the paper's order (S95)."""
    rows = list(term.deadlines.all())
    running = current_phase(rows, clock.now())
    return [
        PhaseCalendar(phase, [row for row in rows if row.phase == phase], phase == running)
        for phase in Phase
    ]


def current_phase(deadlines: Sequence[TermDeadline], at: datetime) -> Phase | None:
    """The phase of a moment: 期初 until its last deadline, 期末 from the answers' deadline on."""
    by_code = {row.code: row.due_at for row in deadlines}
    if "finalize" not in by_code or "survey" not in by_code:
        return None
    if at <= by_code["finalize"]:
        return Phase.START
    if at < by_code["survey"]:
        return Phase.MID
    return Phase.END


def deadline(term: Term, code: str) -> TermDeadline | None:
    """One line of the calendar by its code."""
    return term.deadlines.filter(code=code).first()


def next_due(at: datetime) -> datetime | None:
    """The next deadline of any term from a moment on: until then no line falls overdue."""
    dues = TermDeadline.objects.filter(due_at__gte=at).aggregate(next=Min("due_at"))
    next_one: datetime | None = dues["next"]
    return next_one


def report_deadline(term: Term, month: date) -> TermDeadline | None:
    """When the report of a month is due."""
    return deadline(term, report_code(month))


def term_chip(term: Term) -> Chip:
    """The state of a term as a chip."""
    return Chip(TERM_CHIPS[TermState(term.state)], "サンプル" if term.is_sample else "")
