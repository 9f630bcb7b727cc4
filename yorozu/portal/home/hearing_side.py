"""What hearings put on a desk: declarations and scores of members, initiatives of hubs."""

from django.urls import reverse

from evaluation.hearings.models import (
    ConflictDeclaration,
    Evaluator,
    Hearing,
    HearingState,
    NotApplicableProposal,
    OwnInitiative,
    PanelMember,
    ProposalState,
)
from hubs.terms.models import TermState
from yorozu.core.access import Role
from yorozu.core.fiscal import nendo
from yorozu.core.web.chips import Status
from yorozu.portal.home.desk import Desk, Task, Work, hub_names


def hearing_work(desk: Desk) -> Work:
    """The seats of a person: what to sign, to score, to talk about again, to close."""
    user = desk.scope.user_id or 0
    open_term = {"term__state": TermState.OPEN}
    listed = Evaluator.objects.filter(user_id=user, is_active=True, **open_term)
    tasks = []
    signed = ConflictDeclaration.objects.values("evaluator_id")
    for row in listed.exclude(pk__in=signed).select_related("term").order_by("term"):
        year = row.term.fiscal_year
        text = f"{nendo(year)}のヒアリングの宣誓をする"
        url = reverse("hearing_declaration", args=[year])
        tasks.append(Task(text, url, "採点の前に必要です。", None, Status.NOT_SUBMITTED))
    rows = PanelMember.objects.filter(evaluator__user_id=user, hearing__term__state=TermState.OPEN)
    seats = list(
        rows.select_related("hearing__hub", "hearing__term").order_by("hearing__starts_at", "pk")
    )
    tasks += _seat_tasks(desk, seats)
    if desk.scope.role == Role.NATIONAL_HQ:
        tasks += _proposals()
    return Work(tasks)


def _seat_tasks(desk: Desk, seats: list[PanelMember]) -> list[Task]:
    tasks = []
    to_score = [
        row for row in seats if row.hearing.state == HearingState.SCORING and row.locked_at is None
    ]
    to_talk = [row for row in seats if row.hearing.state == HearingState.RECONCILING]
    for row in to_score:
        text = f"{row.hearing.hub.name}のヒアリングを採点する"
        url = reverse("hearing_score", args=[row.hearing_id])
        tasks.append(Task(text, url, str(row.hearing.term), None, Status.SCORING))
    for row in to_talk:
        act = "を確定する（主査）" if row.is_chair else "の評点を見比べる"
        url = reverse("hearing_score", args=[row.hearing_id])
        text = f"{row.hearing.hub.name}のヒアリング{act}"
        tasks.append(Task(text, url, str(row.hearing.term), None, Status.RECONCILING))
    ahead = [row for row in seats if row.hearing.state == HearingState.SCHEDULED]
    if ahead:
        hubs = hub_names([row.hearing.hub for row in ahead])
        text = f"担当するヒアリング（{len(ahead)}拠点）"
        due = ahead[0].hearing.starts_at
        tasks.append(Task(text, reverse("hearing_desk"), hubs, due, Status.SCHEDULED))
    return tasks


def _proposals() -> list[Task]:
    """Items said not to apply, which HQ may decide on as the second person."""
    rows = NotApplicableProposal.objects.filter(
        state=ProposalState.PROPOSED, response__hearing__term__state=TermState.OPEN
    )
    found = list(
        rows.select_related("response__hearing__hub", "response__hearing__term").order_by("pk")
    )
    return [
        Task(
            f"{row.response.hearing.hub.name}の該当なしの提案を判断する",
            reverse(
                "hearing_hub",
                args=[row.response.hearing.term.fiscal_year, row.response.hearing.hub.code],
            ),
            "提案した委員のほかの人が判断します。",
            None,
            Status.WAITING,
        )
        for row in found
    ]


def initiative_work(desk: Desk) -> Work:
    """A hub whose hearing is fixed: own initiatives until the deadline."""
    rows = Hearing.objects.visible_to(desk.scope).filter(
        state=HearingState.SCHEDULED, initiatives_due__gte=desk.now, term__state=TermState.OPEN
    )
    tasks = []
    for row in rows.select_related("hub", "term").order_by("initiatives_due", "pk"):
        written = OwnInitiative.objects.filter(hub=row.hub_id, term=row.term_id).exclude(title="")
        count = written.count()
        status = Status.DRAFT if count else Status.NOT_STARTED
        url = reverse("initiatives", args=[row.term.fiscal_year, row.hub.code])
        text = "ヒアリングの独自の取組を入力する"
        hint = f"{row.term}　{count} / 3"
        tasks.append(Task(text, url, hint, row.initiatives_due, status))
    return Work(tasks)
