"""One item's evidence and whether it applies; files of the evidence."""

from typing import Any

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from evaluation.hearings import operations
from evaluation.hearings.forms import (
    DocumentForm,
    NotApplicableForm,
    PortfolioFileForm,
    ProposalDecisionForm,
    SitInForm,
)
from evaluation.hearings.models import (
    AT_WORK,
    ChecklistResponse,
    Hearing,
    HearingEvidence,
    InitiativeFile,
    NotApplicableProposal,
    ProposalState,
)
from evaluation.hearings.operations import Proof
from evaluation.hearings.operations.seats import own_seat
from evaluation.hearings.views.frame import BY_SEAT, desk_crumb, seated_hearing
from yorozu.core.access import Role, Scope, allow, scope_of
from yorozu.core.errors import InvalidInput
from yorozu.core.web.crumbs import Crumb

RATE = "evaluation.hearings.rate"


def _files(hearing: Hearing) -> list[tuple[int, str]]:
    rows = InitiativeFile.objects.filter(
        initiative__hub=hearing.hub_id, initiative__term=hearing.term_id
    ).select_related("initiative")
    return [
        (row.pk, f"{row.initiative.order} {row.initiative.title}：{row.name}")
        for row in rows.order_by("initiative__order", "pk")
    ]


@require_safe
@allow(RATE)
def hearing_finding(request: HttpRequest, pk: int, item: str) -> HttpResponse:
    """What proves an item, and whether it applies to this hub."""
    scope = scope_of(request)
    hearing, _ = seated_hearing(scope, pk)
    own_seat(scope, hearing)
    return _page(request, hearing, item)


def _page(
    request: HttpRequest, hearing: Hearing, item: str, problems: Any = (), status: int = 200
) -> HttpResponse:
    scope = scope_of(request)
    rows = ChecklistResponse.objects.filter(hearing=hearing).select_related("item")
    response = get_object_or_404(rows, item__code=item)
    files = _files(hearing)
    proposals = list(response.proposals.all())
    waits = next((row for row in proposals if row.state == ProposalState.PROPOSED), None)
    is_open = hearing.state in AT_WORK
    mine = waits is not None and waits.proposed_by_id == scope.user_id
    context = {
        "title": f"{item}の根拠と該当なし",
        "breadcrumbs": [
            Crumb("ホーム", "/"),
            desk_crumb(),
            Crumb(hearing.hub.name, reverse("hearing_score", args=[hearing.pk])),
            Crumb(item),
        ],
        "hearing": hearing,
        "response": response,
        "evidence": [
            {"row": row, "is_mine": is_open and row.added_by_id == scope.user_id}
            for row in response.evidence.all()
        ],
        "proposals": proposals,
        "waits": waits,
        "problems": problems,
        "is_open": is_open,
        "document_form": DocumentForm(auto_id="doc_%s"),
        "sit_in_form": SitInForm(auto_id="sit_%s"),
        "portfolio_form": PortfolioFileForm(choices=files, auto_id="own_%s") if files else None,
        "na_form": (
            NotApplicableForm()
            if is_open and waits is None and not response.is_not_applicable
            else None
        ),
        "decision_form": ProposalDecisionForm() if is_open and waits and not mine else None,
    }
    return render(request, "evaluation/hearings/finding.html", context, status=status)


@require_POST
@allow(RATE)
def hearing_evidence(request: HttpRequest, pk: int, item: str) -> HttpResponse:
    """Attach a proof of one of three kinds."""
    scope = scope_of(request)
    hearing, _ = seated_hearing(scope, pk)
    try:
        proof = _proof(request, hearing)
        operations.add_evidence(scope, hearing=hearing, item=item, proof=proof)
    except InvalidInput as error:
        return _page(request, hearing, item, error.problems, 422)
    messages.success(request, "根拠を登録しました。")
    return redirect("hearing_finding", pk=pk, item=item)


def _proof(request: HttpRequest, hearing: Hearing) -> Proof:
    """What was sent; a form with faults proves nothing and is named by the operation."""
    kind = request.POST.get("kind", "")
    if kind == "document":
        form = DocumentForm(request.POST, request.FILES)
        if form.is_valid():
            file = form.cleaned_data["file"]
            return Proof(form.cleaned_data["title"], file=file, filename=file.name)
    elif kind == "portfolio":
        chosen = PortfolioFileForm(request.POST, choices=_files(hearing))
        if chosen.is_valid():
            return Proof("", initiative_file_id=chosen.cleaned_data["initiative_file"])
    elif kind == "sit_in":
        sat = SitInForm(request.POST)
        if sat.is_valid():
            return Proof(sat.cleaned_data["title"], sat_in_on=sat.cleaned_data["sat_in_on"])
        return Proof(request.POST.get("title", "")[:120])
    return Proof(request.POST.get("title", "")[:120] or "根拠")


def _evidence(scope: Scope, pk: int, *, seat_only: bool = False) -> HearingEvidence:
    """A proof of a hearing that the person may read: by a seat, or by the hubs of the scope."""
    rows = HearingEvidence.objects.select_related(
        "response__item", "response__hearing__hub", "response__hearing__term", "initiative_file"
    )
    row = get_object_or_404(rows, pk=pk)
    hearing = row.response.hearing
    seated = Hearing.objects.seated(scope.user_id).filter(pk=hearing.pk).exists()
    if seated:
        own_seat(scope, hearing)
    elif seat_only or scope.role in BY_SEAT or not scope.covers(hearing.hub_id):
        raise Http404
    return row


@require_safe
@allow("evaluation.hearings.evidence_view")
def hearing_evidence_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file of a proof, as a download only."""
    row = _evidence(scope_of(request), pk)
    path = row.initiative_file.path if row.initiative_file is not None else row.path
    if not path or not default_storage.exists(path):
        raise Http404
    ending = path.rsplit(".", 1)[-1]
    name = row.title if row.title.lower().endswith(f".{ending}") else f"{row.title}.{ending}"
    return FileResponse(default_storage.open(path), as_attachment=True, filename=name)


@require_POST
@allow(RATE)
def hearing_evidence_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a proof off an item."""
    scope = scope_of(request)
    row = _evidence(scope, pk, seat_only=True)
    hearing, item = row.response.hearing, row.response.item.code
    operations.remove_evidence(scope, evidence=row)
    messages.success(request, "根拠を外しました。")
    return redirect("hearing_finding", pk=hearing.pk, item=item)


@require_POST
@allow(RATE)
def hearing_na(request: HttpRequest, pk: int, item: str) -> HttpResponse:
    """Propose that an item does not apply."""
    scope = scope_of(request)
    hearing, _ = seated_hearing(scope, pk)
    operations.propose_not_applicable(
        scope, hearing=hearing, item=item, reason=request.POST.get("reason", "")[:400]
    )
    messages.success(request, "該当なしを提案しました。ほかの委員か全国本部の承認を待ちます。")
    return redirect("hearing_finding", pk=pk, item=item)


@require_POST
@allow("evaluation.hearings.decide_na")
def hearing_na_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve or refuse a proposal of somebody else."""
    scope = scope_of(request)
    rows = NotApplicableProposal.objects.select_related(
        "response__item", "response__hearing__hub", "response__hearing__term"
    )
    proposal = get_object_or_404(rows, pk=pk)
    hearing = proposal.response.hearing
    seated = Hearing.objects.seated(scope.user_id).filter(pk=hearing.pk).exists()
    if not seated and scope.role != Role.NATIONAL_HQ:
        raise Http404
    form = ProposalDecisionForm(request.POST)
    if not form.is_valid():
        messages.error(request, "認めるか認めないかを選んでください。")
    else:
        said = form.cleaned_data
        decided = operations.decide_not_applicable(
            scope, proposal=proposal, approve=said["approve"] == "yes", note=said["note"]
        )
        messages.success(request, f"該当なしの提案を「{decided.get_state_display()}」としました。")
    if seated:
        return redirect("hearing_finding", pk=hearing.pk, item=proposal.response.item.code)
    return redirect("hearing_hub", year=hearing.term.fiscal_year, code=hearing.hub.code)
