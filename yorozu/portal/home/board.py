"""The home page of a role: the four blocks of ui.md 6.1, always in the same order."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.urls import reverse

from hubs.terms.models import TermDeadline, TermState
from yorozu.core.access import Role, Scope, decide
from yorozu.core.audit.models import AuditEvent, AuditEventQuerySet
from yorozu.core.audit.queries import action_label
from yorozu.core.fiscal import nendo
from yorozu.core.notices.models import Notice
from yorozu.core.web.tables import Empty
from yorozu.portal.home import center_side, hub_side, state_side
from yorozu.portal.home.desk import Desk, Task, Work, by_due

ROLE_WORK: Mapping[Role, Callable[[Desk], Work]] = {
    Role.CHIEF_COORDINATOR: hub_side.chief_coordinator,
    Role.COORDINATOR: hub_side.coordinator,
    Role.IMPLEMENTING_BODY: hub_side.implementing_body,
    Role.BUREAU: state_side.bureau,
    Role.PROJECT_MANAGER: state_side.project_manager,
    Role.SME_AGENCY: state_side.agency,
    Role.NATIONAL_HQ: center_side.national_hq,
    Role.SYSTEM_ADMIN: center_side.system_admin,
    Role.AUDITOR: center_side.auditor,
    Role.HQ_SUPPORTER: center_side.supporter,
    Role.LIAISON_EXPERT: center_side.liaison,
    Role.BOARD_MEMBER: center_side.board_member,
}
UPDATES = 6
# Acts that the hub side reads of its own hub without the right to the audit trail.
_OPEN_ACTS = (("hubs.plans.", "hubs.plans.view"), ("hubs.results.", "hubs.results.view"))


@dataclass(frozen=True)
class Update:
    """One line of 最近の更新."""

    at: datetime
    text: str
    who: str = ""
    url: str = ""


@dataclass(frozen=True)
class Home:
    """What the template draws: the nearest task or deadline, tasks, waiting, updates."""

    nearest: Task | None
    next_deadline: TermDeadline | None
    tasks: Sequence[Task]
    waiting: Sequence[Task]
    notices: Sequence[Notice]
    updates: Sequence[Update]
    empty: Empty
    is_late: bool


def home_of(scope: Scope) -> Home:
    """The page of the active role; a role without a page is an error, not an empty page."""
    if scope.role is None:
        raise ValueError("a home page needs a role")
    desk = Desk(scope)
    work = ROLE_WORK[scope.role](desk)
    tasks = by_due(work.tasks)
    nearest = tasks[0] if tasks and tasks[0].due is not None else None
    return Home(
        nearest=nearest,
        next_deadline=None if nearest else _next_deadline(desk),
        tasks=tasks,
        waiting=by_due(work.waiting),
        notices=list(Notice.objects.visible_to(scope)[:UPDATES]),
        updates=_updates(scope),
        empty=work.empty,
        is_late=nearest is not None and nearest.due is not None and nearest.due < desk.now,
    )


def _next_deadline(desk: Desk) -> TermDeadline | None:
    """The next line of the calendar of any open term, for those whom nothing waits for."""
    rows = TermDeadline.objects.filter(due_at__gte=desk.now, term__state=TermState.OPEN)
    return rows.select_related("term").order_by("due_at").first()


def deadline_text(deadline: TermDeadline) -> str:
    """What is due, with its year."""
    return f"{nendo(deadline.term.fiscal_year)}　{deadline.label}"


def _updates(scope: Scope) -> list[Update]:
    """The last acts in the scope: all for readers of the trail, else plans and results."""
    events = AuditEvent.objects.visible_to(scope)
    if not decide(scope, "core.audit.view").allowed:
        events = _open_acts(scope, events)
    return [
        Update(
            event.at,
            f"{action_label(event.action)}：{event.object_label}",
            event.actor_label,
            _url(scope, event),
        )
        for event in events.defer("before", "after", "reason").order_by("-sequence")[:UPDATES]
    ]


def _open_acts(scope: Scope, events: AuditEventQuerySet) -> AuditEventQuerySet:
    prefixes = [start for start, action in _OPEN_ACTS if decide(scope, action).allowed]
    if not prefixes or scope.hub_ids is None:
        return events.none()
    wanted = Q()
    for start in prefixes:
        wanted |= Q(action__startswith=start)
    return events.filter(wanted)


# Pages of objects that are never deleted; trial runs may be, so runs are not among them.
_PAGES = {
    "hubs.Plan": ("plan_detail", "hubs.plans.view"),
    "evaluation.BudgetScenario": ("scenario_detail", "evaluation.budget.view"),
    "hubs.Term": ("term_detail", "hubs.terms.view"),
}


def _url(scope: Scope, event: AuditEvent) -> str:
    """The page of the object, where it has one that surely still exists."""
    name, action = _PAGES.get(event.object_type, ("", ""))
    if not name or not event.object_id.isdigit() or not decide(scope, action).allowed:
        return ""
    return reverse(name, args=[int(event.object_id)])
