"""What the screens of the hearings share: term, crumbs, tabs, the rows of the scope."""

from typing import Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from evaluation.hearings import queries
from evaluation.hearings.models import Hearing, HearingState, PanelMember
from hubs.network.models import Hub
from hubs.terms.models import Term
from yorozu.core.access import Role, Scope, decide, scope_of
from yorozu.core.fiscal import nendo
from yorozu.core.web.chips import Chip, Status
from yorozu.core.web.crumbs import Crumb

CHIPS = {
    HearingState.FILED: Chip(Status.APPLIED, "ファイル"),
    HearingState.PREPARING: Chip(Status.PREPARING),
    HearingState.SCHEDULED: Chip(Status.SCHEDULED),
    HearingState.SCORING: Chip(Status.SCORING),
    HearingState.RECONCILING: Chip(Status.RECONCILING),
    HearingState.SETTLED: Chip(Status.FINALIZED),
}
# These roles carry no hubs of their own, or only as advisers: they read from a seat.
BY_SEAT = {Role.BOARD_MEMBER, Role.PROJECT_MANAGER}
# (address, label, policy) of the pages of a term, in the order in which the work goes.
TABS = (
    ("hearing_term", "評点", "evaluation.hearings.view"),
    ("hearing_schedule", "日程とパネル", "evaluation.hearings.plan"),
    ("evaluator_list", "評価者", "evaluation.hearings.plan"),
    ("checklist_detail", "チェックリスト", "evaluation.hearings.view"),
)


def chip_of(hearing: Hearing | None) -> Chip | Status:
    """The state of a hearing as a chip."""
    return Status.NOT_STARTED if hearing is None else CHIPS[HearingState(hearing.state)]


def term_of(year: int) -> Term:
    """The term, or 404."""
    return get_object_or_404(Term, fiscal_year=year)


def frame(
    request: HttpRequest, term: Term, title: str, *crumbs: Crumb, page: str = ""
) -> dict[str, Any]:
    """Title, crumbs and tabs of a page of a term."""
    scope = scope_of(request)
    return {
        "title": title,
        "term": term,
        "years": queries.years(),
        "tabs": [
            {"label": label, "url": reverse(name, args=[term.fiscal_year]), "current": name == page}
            for name, label, action in TABS
            if decide(scope, action).allowed
        ],
        "page": page,
        "may_import": decide(scope, "evaluation.hearings.import").allowed,
        "may_adopt": decide(scope, "evaluation.hearings.adopt").allowed,
        "may_author": decide(scope, "evaluation.hearings.author").allowed,
        "may_plan": decide(scope, "evaluation.hearings.panel").allowed,
        "breadcrumbs": [Crumb("ホーム", "/"), *crumbs, Crumb(title)],
    }


def term_crumb(term: Term) -> Crumb:
    """The step that leads to the hearings of the term."""
    label = f"ヒアリング（{nendo(term.fiscal_year)}）"
    return Crumb(label, reverse("hearing_schedule", args=[term.fiscal_year]))


def desk_crumb() -> Crumb:
    """The step that leads to one's own seats."""
    return Crumb("担当するヒアリング", reverse("hearing_desk"))


def hub_of(scope: Scope, code: str) -> Hub:
    """A hub of the scope, or 404."""
    found: Hub = get_object_or_404(
        Hub.objects.visible_to(scope).select_related("bureau"), code=code
    )
    return found


def hearing_of_hub(scope: Scope, year: int, code: str) -> Hearing:
    """The hearing of a hub of the scope; 404 without one."""
    rows = Hearing.objects.visible_to(scope).select_related("hub__bureau", "term", "checklist")
    return get_object_or_404(rows, term__fiscal_year=year, hub__code=code)


def seated_hearing(scope: Scope, pk: int) -> tuple[Hearing, PanelMember]:
    """A hearing on whose panel the person sits, with the seat; 404 for everybody else."""
    rows = PanelMember.objects.filter(evaluator__user_id=scope.user_id or 0, hearing_id=pk)
    member = rows.select_related("hearing__hub__bureau", "hearing__term", "evaluator").first()
    if member is None or scope.user_id is None:
        raise Http404
    return member.hearing, member
