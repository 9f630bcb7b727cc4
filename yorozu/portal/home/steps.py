"""The six steps of the year of one hub, as cells of the process matrix 拠点 x 工程 (ui.md 6.1).

Every step is judged from loaded rows alone, so that 47 hubs cost as many queries as one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from functools import cached_property, lru_cache

from django.utils import timezone

from evaluation.scoring.models import EvaluationRun, RunHubResult, RunState
from evaluation.scoring.tables import CHIPS as RUN_CHIPS
from hubs.network.models import Hub
from hubs.plans.models import Plan, PlanState
from hubs.plans.queries import plan_chip
from hubs.results.models import ReportState
from hubs.results.queries import ReportLine
from hubs.results.rules import hub_problem, is_over
from hubs.terms.models import PolicyState, TermState
from hubs.terms.rules import report_code
from yorozu.core.fiscal import months_of
from yorozu.core.web.chips import Chip, Status, overdue


class Stage(Enum):
    """The columns of the matrix in the order of the year; the value is the name in addresses."""

    POLICY = ("policy", "方針")
    PLAN = ("plan", "計画")
    TARGET = ("target", "目標")
    INTERVIEW = ("interview", "面談")
    MONTH = ("month", "月次")
    EVALUATION = ("evaluation", "評価")

    def __init__(self, code: str, label: str) -> None:
        self.code = code
        self.label = label


class Need(Enum):
    """What a step waits for: the filters of the matrix and the counts of the home pages."""

    NOT_SUBMITTED = ("not_submitted", "未提出")
    OVERDUE = ("overdue", "期限切れ")
    RETURNED = ("returned", "差戻し")
    BODY_TURN = ("body_turn", "実施機関の確認待ち")
    BUREAU_TURN = ("bureau_turn", "経済産業局の確認待ち")

    def __init__(self, code: str, label: str) -> None:
        self.code = code
        self.label = label


@dataclass(frozen=True)
class Step:
    """One cell: the chip with the days beside it, a note, and who has to act."""

    chip: Chip | None
    note: str = ""
    needs: frozenset[Need] = frozenset()
    due: datetime | None = None
    object_id: int | None = None


@dataclass(frozen=True)
class Ground:
    """What the steps of all hubs share: the moment, the calendar, the policy, the run."""

    now: datetime
    today: date
    fiscal_year: int
    term_state: str
    deadlines: Mapping[str, datetime]
    policy_states: frozenset[str]
    run: EvaluationRun | None

    @cached_property
    def months(self) -> list[tuple[date, datetime | None]]:
        """The months that are over, with the deadlines of their reports."""
        return [
            (month, self.deadlines.get(report_code(month)))
            for month in months_of(self.fiscal_year)
            if is_over(month, self.today)
        ]

    @property
    def is_running(self) -> bool:
        """In a term that is not open nobody can act, so nothing in it waits for anybody."""
        return self.term_state == TermState.OPEN


@lru_cache(maxsize=1_024)
def days_left(due: datetime, today: date) -> int:
    """Whole days to the deadline's day in the portal's time zone; negative when it has passed."""
    return (timezone.localtime(due).date() - today).days


def timed(status: Status, due: datetime | None, ground: Ground) -> Chip:
    """The status with the days left, or 期限超過 with the days over."""
    if due is None or not ground.is_running:
        return Chip(status)
    days = days_left(due, ground.today)
    if due < ground.now:
        late = overdue(-days) if days else Chip(Status.OVERDUE, "▲ 本日の期限を超過")
        # A returned paper stays 差戻し: the word says what to do, the days say how late.
        return Chip(status, late.note) if status == Status.RETURNED else late
    return Chip(status, "本日まで" if days == 0 else f"あと{days}日")


def _lateness(due: datetime | None, ground: Ground) -> frozenset[Need]:
    return frozenset({Need.OVERDUE}) if due is not None and due < ground.now else frozenset()


def _waits(ground: Ground, *needs: Need, late: datetime | None = None) -> frozenset[Need]:
    if not ground.is_running:
        return frozenset()
    return frozenset(needs) | _lateness(late, ground)


def policy_step(ground: Ground) -> Step:
    """方針: published for all hubs at once."""
    if PolicyState.PUBLISHED in ground.policy_states:
        return Step(Chip(Status.PUBLISHED))
    due = ground.deadlines.get("policy")
    status = Status.DRAFT if ground.policy_states else Status.NOT_STARTED
    return Step(timed(status, due, ground), needs=_waits(ground, late=due), due=due)


def plan_step(plan: Plan | None, ground: Ground) -> Step:
    """計画: from nothing to finalized; the hub's turn until it is submitted."""
    chip = plan_chip(plan)
    key = plan.pk if plan else None
    if plan is not None and plan.state == PlanState.FINALIZED:
        return Step(chip, object_id=key)
    if plan is not None and plan.state == PlanState.SUBMITTED:
        needs = _waits(ground, Need.BUREAU_TURN)
        return Step(chip, needs=needs, due=ground.deadlines.get("finalize"), object_id=key)
    due = ground.deadlines.get("plan")
    is_back = plan is not None and plan.state == PlanState.RETURNED
    need = Need.RETURNED if is_back else Need.NOT_SUBMITTED
    return Step(timed(chip.status, due, ground), "", _waits(ground, need, late=due), due, key)


def target_step(plan: Plan | None, targets: int, areas: int, ground: Ground) -> Step:
    """目標: how many are set; they are fixed together with the plan (S74)."""
    note = f"指標{targets}・重点{areas}" if targets or areas else ""
    key = plan.pk if plan else None
    if plan is not None and plan.state == PlanState.FINALIZED:
        return Step(Chip(Status.FINALIZED), note, object_id=key)
    due = ground.deadlines.get("finalize")
    status = Status.DRAFT if note else Status.NOT_STARTED
    if plan is not None and plan.state == PlanState.SUBMITTED:
        status = Status.WAITING
    return Step(timed(status, due, ground), note, _waits(ground, late=due), due, key)


def interview_step(plan: Plan | None, ground: Ground) -> Step:
    """面談: recorded or still due; the bureau's turn once the plan is submitted."""
    interview = getattr(plan, "start_interview", None) if plan else None
    key = plan.pk if plan else None
    if interview is not None:
        day = interview.held_on
        return Step(Chip(Status.FINISHED), f"{day.month}月{day.day}日", object_id=key)
    due = ground.deadlines.get("interview")
    is_ready = plan is not None and plan.state == PlanState.SUBMITTED
    turn = (Need.BUREAU_TURN,) if is_ready else ()
    chip = timed(Status.NOT_STARTED, due, ground)
    return Step(chip, "", _waits(ground, *turn, late=due), due, key)


@dataclass(frozen=True)
class Month:
    """One month that is over: its report, if there is one, and when it was or is due."""

    month: date
    report: ReportLine | None
    due: datetime | None

    @property
    def state(self) -> str:
        """State of the report; a month nobody has opened counts as open."""
        return self.report.state if self.report else ReportState.OPEN.value


# Whose turn a month is, by its state; accepted months wait for nobody.
_TURN = {
    ReportState.OPEN.value: Need.NOT_SUBMITTED,
    ReportState.RETURNED.value: Need.RETURNED,
    ReportState.SUBMITTED.value: Need.BODY_TURN,
    ReportState.CONFIRMED.value: Need.BUREAU_TURN,
}
_HUB_TURN = {Need.NOT_SUBMITTED, Need.RETURNED}
MONTH_STATUS = {
    ReportState.SUBMITTED.value: Status.SUBMITTED,
    ReportState.CONFIRMED.value: Status.WAITING,
    ReportState.ACCEPTED.value: Status.ACCEPTED,
    ReportState.RETURNED.value: Status.RETURNED,
}


def turn_of(month: Month) -> Need | None:
    """Whose turn the month is."""
    return _TURN.get(month.state)


def months_over(
    hub: Hub, reports: Mapping[tuple[int, date], ReportLine], ground: Ground
) -> list[Month]:
    """The months of the term that are over and in which the hub was open, April first."""
    return [
        Month(month, reports.get((hub.pk, month)), due)
        for month, due in ground.months
        if not hub_problem(hub.opened_on, hub.closed_on, month)
    ]


def month_step(months: Sequence[Month], ground: Ground) -> Step:
    """月次: the latest month that is over; older months that wait are counted in the note."""
    if not months:
        return Step(None)
    last = months[-1]
    needs = frozenset(
        need for month in months for need in _month_needs(month, ground) if ground.is_running
    )
    note = f"{last.month.month}月分"
    open_before = sum(turn_of(month) in _HUB_TURN for month in months[:-1])
    if open_before and ground.is_running:
        note += f"・ほか{open_before}か月未提出"
    key = last.report.pk if last.report else None
    return Step(month_chip(last, ground), note, needs, last.due, key)


def _month_needs(month: Month, ground: Ground) -> frozenset[Need]:
    turn = turn_of(month)
    if turn is None:
        return frozenset()
    late = _lateness(month.due, ground) if turn in _HUB_TURN else frozenset()
    return late | {turn}


def month_chip(month: Month, ground: Ground) -> Chip:
    """The state of a month with the days to its deadline while it is the hub's turn."""
    status = MONTH_STATUS.get(month.state)
    if status is None:
        status = Status.DRAFT if month.report else Status.NOT_SUBMITTED
    if turn_of(month) in _HUB_TURN:
        return timed(status, month.due, ground)
    return Chip(status)


def evaluation_step(result: RunHubResult | None, ground: Ground) -> Step:
    """評価: the state of the run that stands, and the grade of the hub in it."""
    run = ground.run
    if run is None:
        return Step(Chip(Status.NOT_STARTED))
    note = f"評語 {result.grade}" if result is not None and result.is_graded else ""
    return Step(RUN_CHIPS[RunState(run.state)], note, object_id=run.pk)
