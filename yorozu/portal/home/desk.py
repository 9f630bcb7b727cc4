"""What a home page is made of, and what every role's page reads first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from hubs.network.models import Hub
from hubs.terms.models import Phase, Term, TermState
from hubs.terms.queries import current_phase
from yorozu.core import clock
from yorozu.core.access import Scope
from yorozu.core.fiscal import last_day, nendo
from yorozu.core.web.chips import Chip, Status
from yorozu.core.web.tables import Empty
from yorozu.portal.home import matrix
from yorozu.portal.home.matrix import Line, Matrix
from yorozu.portal.home.steps import Need, Stage

# Terms that run at the same time: one is judged, one is worked in, one is planned.
RUNNING_TERMS = 3


@dataclass(frozen=True)
class Task:
    """One line of a task list; ``due`` sorts it, ``hint`` says whose turn it is."""

    label: str
    url: str = ""
    hint: str = ""
    due: datetime | None = None
    status: Status | Chip | str = ""


@dataclass(frozen=True)
class Work:
    """What one role has on the desk: own tasks, what others owe, words for an empty desk."""

    tasks: Sequence[Task] = ()
    waiting: Sequence[Task] = ()
    empty: Empty = field(
        default_factory=lambda: Empty(
            "いま対応が必要なことはありません。", "期限や依頼が来ると、ここに表示します。"
        )
    )


def joined(*parts: Work) -> Work:
    """Several pieces of work as one; the words of the first one stand."""
    tasks = [task for part in parts for task in part.tasks]
    waiting = [task for part in parts for task in part.waiting]
    return Work(tasks, waiting, parts[0].empty) if parts else Work()


def by_due(tasks: Iterable[Task]) -> list[Task]:
    """Earliest deadline first; tasks without one keep their order at the end."""
    rows = list(tasks)
    dated = [task for task in rows if task.due is not None]
    return [*sorted(dated, key=_due), *(task for task in rows if task.due is None)]


def _due(task: Task) -> Any:
    return task.due


class Desk:
    """The scope at work today: running terms with their matrix, terms under judgement."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.today: date = clock.today()
        self.now: datetime = clock.now()

    @cached_property
    def terms(self) -> list[Term]:
        """The open terms, the oldest first: what is late comes before what is new."""
        rows = Term.objects.filter(state=TermState.OPEN).prefetch_related("deadlines")
        return sorted(rows[:RUNNING_TERMS], key=lambda term: term.fiscal_year)

    @cached_property
    def matrices(self) -> list[Matrix]:
        """The process matrix of every open term."""
        return [matrix.matrix(self.scope, term) for term in self.terms]

    @cached_property
    def judged(self) -> list[Term]:
        """Open terms in their last phase or after their year: now they are judged."""
        return [term for term in self.terms if self._is_judged(term)]

    def _is_judged(self, term: Term) -> bool:
        if self.today > last_day(term.fiscal_year):
            return True
        return current_phase(list(term.deadlines.all()), self.now) == Phase.END


def hub_task(found: Matrix, text: str, stage: Stage, need: Need, **more: Any) -> list[Task]:
    """One line for the hubs of a filter; its number is the length of the list it opens."""
    lines = found.waiting(need, stage)
    if not lines:
        return []
    names = named(lines)
    label = f"{text}（{len(lines)}拠点）"
    url = matrix.address(found.term, need, stage)
    return [Task(label, url, f"{nendo(found.term.fiscal_year)}　{names}", **more)]


def named(lines: Sequence[Line]) -> str:
    """The first hubs of a list of lines, and how many more."""
    return hub_names([line.hub for line in lines])


def hub_names(hubs: Sequence[Hub], shown: int = 3) -> str:
    """The first names and how many more."""
    names = "、".join(hub.short_name for hub in hubs[:shown])
    more = len(hubs) - shown
    return f"{names}ほか{more}拠点" if more > 0 else names
