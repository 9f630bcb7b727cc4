"""Cases as lists and as one page: filters, actions, checkpoints, what happened when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q, QuerySet

from evaluation.guidance.models import (
    CLOSED,
    ActionState,
    CaseState,
    GuidanceAction,
    GuidanceCase,
    GuidanceCheckpoint,
    GuidanceEvidence,
    GuidanceNote,
)
from evaluation.guidance.rules import LEVELS
from evaluation.scoring.models import RunItemResult
from yorozu.core import clock
from yorozu.core.access import Scope
from yorozu.core.audit.models import AuditEvent
from yorozu.core.audit.queries import action_label
from yorozu.core.figures import format_decimal
from yorozu.core.fiscal import nendo, wareki

OPEN_ONLY = "open"


@dataclass(frozen=True)
class CaseFilter:
    """What the list is narrowed to; empty means all. Unknown words count as empty."""

    fiscal_year: int | None = None
    state: str = ""
    level: int | None = None
    bureau: str = ""
    hub: str = ""

    @classmethod
    def read(cls, given: Mapping[str, str]) -> "CaseFilter":
        """From the query of an address."""
        year, level = given.get("fiscal_year", ""), given.get("level", "")
        state = given.get("state", "")
        return cls(
            int(year) if year.isascii() and year.isdigit() and len(year) == 4 else None,
            state if state == OPEN_ONLY or state in CaseState.values else "",
            int(level) if level in {str(one) for one in LEVELS} else None,
            given.get("bureau", "")[:20],
            given.get("hub", "")[:2],
        )

    def query(self, **changed: Any) -> str:
        """The address's query with some parts changed."""
        parts = {
            "fiscal_year": self.fiscal_year,
            "state": self.state,
            "level": self.level,
            "bureau": self.bureau,
            "hub": self.hub,
        } | changed
        return urlencode({name: value for name, value in parts.items() if value})


def visible_cases(scope: Scope) -> QuerySet[GuidanceCase]:
    """Cases of the hubs in the scope, with hub and run."""
    rows: QuerySet[GuidanceCase] = GuidanceCase.objects.visible_to(scope)
    rows = rows.select_related("hub__bureau", "run__term", "run__scheme", "previous__hub")
    # The run's own texts are long, and a case keeps what it needs of them.
    return rows.defer("run__snapshot", "run__result", "run__scheme__content")


def visible_actions(scope: Scope) -> QuerySet[GuidanceAction]:
    """Actions of those cases."""
    rows: QuerySet[GuidanceAction] = GuidanceAction.objects.visible_to(scope)
    rows = rows.select_related("case__hub__bureau", "case__run__term")
    return rows.defer("case__run__snapshot", "case__run__result")


def visible_evidence(scope: Scope) -> QuerySet[GuidanceEvidence]:
    """Evidence of those actions."""
    return GuidanceEvidence.objects.visible_to(scope).select_related("action__case__hub")


def filtered(scope: Scope, wanted: CaseFilter) -> QuerySet[GuidanceCase]:
    """The list: the newest year first, within it the highest level, with counts of actions."""
    rows = _narrowed(scope, wanted)
    if wanted.state == OPEN_ONLY:
        rows = rows.exclude(state__in=CLOSED)
    elif wanted.state:
        rows = rows.filter(state=wanted.state)
    today = clock.today()
    kept = ~Q(actions__state=ActionState.DROPPED)
    # What is reported waits for somebody else: no more late than to the nightly escalation.
    late = Q(actions__state=ActionState.OPEN, actions__due__lt=today)
    rows = rows.annotate(
        action_count=Count("actions", filter=kept, distinct=True),
        done_count=Count("actions", filter=Q(actions__state=ActionState.DONE), distinct=True),
        late_count=Count("actions", filter=late, distinct=True),
    ).prefetch_related("checkpoints")
    return rows.order_by("-fiscal_year", "-level", "hub__code", "-opened_at", "-pk")


def state_counts(scope: Scope, wanted: CaseFilter) -> dict[str, int]:
    """How many cases each state has under the other filters."""
    rows = _narrowed(scope, wanted).order_by().values_list("state").annotate(Count("pk"))
    found = dict(rows)
    counts = {state.value: found.get(state.value, 0) for state in CaseState}
    return {OPEN_ONLY: sum(n for state, n in counts.items() if state not in CLOSED), **counts}


def level_counts(scope: Scope, wanted: CaseFilter) -> dict[int, int]:
    """How many cases in force each level has."""
    rows = _narrowed(scope, wanted).exclude(state__in=CLOSED)
    found = dict(rows.order_by().values_list("level").annotate(Count("pk")))
    return {level: found.get(level, 0) for level in LEVELS}


def _narrowed(scope: Scope, wanted: CaseFilter) -> QuerySet[GuidanceCase]:
    rows = visible_cases(scope)
    if wanted.fiscal_year is not None:
        rows = rows.filter(fiscal_year=wanted.fiscal_year)
    if wanted.level is not None:
        rows = rows.filter(level=wanted.level)
    if wanted.bureau:
        rows = rows.filter(hub__bureau__code=wanted.bureau)
    if wanted.hub:
        rows = rows.filter(hub__code=wanted.hub)
    return rows


# --- One case -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Event:
    """One line of what happened: when, what, by whom, why."""

    at: datetime
    label: str
    what: str
    who: str
    reason: str


@dataclass(frozen=True)
class CasePage:
    """Everything the page of a case shows beside the case itself."""

    actions: Sequence[GuidanceAction]
    checkpoints: Sequence[GuidanceCheckpoint]
    notes: Sequence[GuidanceNote]
    events: Sequence[Event]
    following: GuidanceCase | None


def case_page(case: GuidanceCase) -> CasePage:
    """Rows of one case; a fixed number of queries."""
    actions = list(case.actions.annotate(shown=Count("evidence")).order_by("number"))
    return CasePage(
        actions=actions,
        checkpoints=list(case.checkpoints.order_by("number")),
        notes=list(case.notes.order_by("at", "pk")),
        events=_events(case, actions),
        following=GuidanceCase.objects.filter(previous=case).first(),
    )


def _events(case: GuidanceCase, actions: Sequence[GuidanceAction]) -> list[Event]:
    """From the trail, so that nothing that was done is missing; the newest first."""
    keys = [str(action.pk) for action in actions]
    rows = AuditEvent.objects.filter(hub_id=case.hub_id).filter(
        Q(object_type="evaluation.GuidanceCase", object_id=str(case.pk))
        | Q(object_type="evaluation.GuidanceAction", object_id__in=keys)
    )
    numbers = {str(action.pk): f"取組{action.number}" for action in actions}
    return [
        Event(
            row.at,
            action_label(row.action),
            "" if row.object_type.endswith("Case") else numbers[row.object_id],
            row.actor_label,
            row.reason,
        )
        for row in rows.defer("before", "after").order_by("-sequence")
    ]


def choices_of_links(case: GuidanceCase) -> list[tuple[str, str]]:
    """Items of the run that an action may be meant to move: (component.item, name with points)."""
    rows = RunItemResult.objects.filter(
        hub_result__run=case.run, hub_result__hub=case.hub, level="item"
    )
    found = []
    for row in rows.order_by("order"):
        points = "" if row.points is None else f"（{format_decimal(row.points, 2)}点）"
        found.append((f"{row.component}.{row.item}", f"{row.label}{points}"))
    return found


FILE_HEADER = [
    "指導年度",
    "拠点コード",
    "拠点",
    "経済産業局",
    "段階",
    "状態",
    "発動の理由",
    "総合点",
    "評語",
    "発動日",
    "計画の期限",
    "取組の数",
    "完了",
    "期限超過",
    "最近の点検日",
    "取組の完了率（%）",
    "進み具合（%）",
    "留保からの支援額（円）",
    "CCの更新を審査委員会に付す",
]


def file_rows(cases: QuerySet[GuidanceCase]) -> list[list[Any]]:
    """The list as rows of a file, in the order of FILE_HEADER."""
    return [_file_row(case) for case in cases]


def _file_row(case: Any) -> list[Any]:
    facts = case.read
    last = last_checkpoint(case)
    return [
        nendo(case.fiscal_year),
        case.hub.code,
        case.hub.name,
        case.hub.bureau.name,
        case.level_label,
        case.get_state_display(),
        reasons(case),
        Decimal(facts["final"]) if facts["final"] else "",
        facts["grade"],
        wareki(_day(case.opened_at)),
        wareki(case.plan_due),
        case.action_count,
        case.done_count,
        case.late_count,
        wareki(last.held_on) if last else "",
        "" if last is None or last.share is None else last.share * 100,
        "" if last is None or last.rate is None else last.rate * 100,
        case.support_yen,
        "はい" if case.renewal_referred else "",
    ]


def _day(moment: datetime) -> date:
    return moment.astimezone(clock.now().tzinfo).date()


def reasons(case: GuidanceCase) -> str:
    """The sentences of the triggers, or why it was opened beside the rule."""
    said = [str(row["sentence"]) for row in case.read["triggers"]]
    return "".join(said) or case.origin_reason


def last_checkpoint(case: GuidanceCase) -> GuidanceCheckpoint | None:
    """The newest checkpoint of a case whose checkpoints are loaded."""
    rows = sorted(case.checkpoints.all(), key=lambda row: row.number)
    return rows[-1] if rows else None
