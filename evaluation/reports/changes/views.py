"""The national difference of a correction, and the certificate page of a run."""

import hashlib
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from evaluation.budget.queries import certificate_text
from evaluation.reports.changes import tables
from evaluation.reports.changes.queries import Difference, difference_of
from evaluation.reports.sheets import Encoding, as_rows, as_sheet, headings
from evaluation.reports.tables.certificates import command, file_name, run_certificate
from evaluation.scoring.models import EvaluationRun
from evaluation.scoring.queries import visible_runs
from hubs.terms.files import noted
from hubs.terms.queries import rules_stamp
from yorozu.core.access import Scope, allow, scope_of
from yorozu.core.errors import Refused
from yorozu.core.fiscal import nendo
from yorozu.core.sheets import to_csv, to_xlsx
from yorozu.core.web.crumbs import Crumb
from yorozu.core.web.downloads import XLSX, attachment

VIEW = "evaluation.reports.view"
CERTIFY = "evaluation.reports.certify"
NATIONALS_ONLY = (
    "検証用ファイルには全拠点の評価が含まれるため、全国を担当する役割だけが取り出せます。"
)


def _run(request: HttpRequest, run_id: int) -> EvaluationRun:
    return get_object_or_404(visible_runs(scope_of(request)), pk=run_id)


def _crumbs(run: EvaluationRun, title: str) -> list[Crumb]:
    here = Crumb(str(run), reverse("run_detail", args=[run.pk]))
    return [Crumb("ホーム", "/"), Crumb("評価", reverse("run_list")), here, Crumb(title)]


@require_safe
@allow(VIEW)
def changes(request: HttpRequest, run_id: int) -> HttpResponse:
    """What a run says otherwise than the one it corrects (?with= another number of the year)."""
    scope, run = scope_of(request), _run(request, run_id)
    found = difference_of(run, scope, request.GET.get("with", ""))
    title = "訂正による変化"
    context: dict[str, Any] = {
        "title": title,
        "breadcrumbs": _crumbs(run, title),
        "run": run,
        "found": found,
    }
    if found is not None:
        wanted = request.GET.get("with", "")
        table = tables.hub_table(found)
        context |= {
            "counts": tables.counts(found),
            "table": table.sorted_by(request.GET.get("sort", ""), request.GET),
            "priors": tables.prior_table(found),
            "inputs": tables.input_table(found),
            "query": f"?with={wanted}" if wanted.isascii() and wanted.isdigit() else "",
        }
    return render(request, "evaluation/reports/changes.html", context)


@require_safe
@allow(VIEW)
def changes_file(request: HttpRequest, run_id: int, ending: str) -> HttpResponse:
    """The difference as CSV (the hubs) or XLSX (hubs, national values, inputs)."""
    run = _run(request, run_id)
    found = difference_of(run, scope_of(request), request.GET.get("with", ""))
    if found is None:
        raise Http404
    name = f"{nendo(run.term.fiscal_year)}_訂正による変化_第{found.old.number}回と第{run.number}回"
    if ending == "xlsx":
        return attachment(_workbook(found), f"{name}.xlsx", XLSX)
    table, note = tables.hub_table(found), rules_stamp(run.term).note
    cp932 = request.GET.get("encoding") == "cp932"
    encoding: Encoding = "cp932" if cp932 else "utf-8-sig"
    data = to_csv(*noted(headings(table), as_rows(table), note), encoding, replace=cp932)
    charset = "cp932" if cp932 else "utf-8"
    return attachment(data, f"{name}.csv", f"text/csv; charset={charset}")


def _workbook(found: Difference) -> bytes:
    named = (
        ("拠点別の差", tables.hub_table(found)),
        ("全国の平均", tables.prior_table(found)),
        ("変わった入力", tables.input_table(found)),
    )
    return to_xlsx([as_sheet(table, title) for title, table in named])


def _refuse_others(scope: Scope) -> None:
    if scope.hub_ids is not None:
        raise Refused(NATIONALS_ONLY)


@require_safe
@allow(CERTIFY)
def verification(request: HttpRequest, run_id: int) -> HttpResponse:
    """The certificate page: hashes, engine, scheme, the command, and the file itself."""
    _refuse_others(scope_of(request))
    run = _run(request, run_id)
    text = certificate_text(run)
    title = "算定の証明"
    context = {
        "title": title,
        "breadcrumbs": _crumbs(run, title),
        "run": run,
        "facts": run_certificate(run, rules_stamp(run.term)),
        "analysis": run.analysis if hasattr(run, "analysis") else None,
        "scenarios": list(run.scenarios.order_by("number")),
        "file_name": file_name(run),
        "file_hash": hashlib.sha256(text.encode()).hexdigest(),
        "command": command(run),
        "recheck": run.rechecks.first(),
    }
    return render(request, "evaluation/reports/verification.html", context)


@require_safe
@allow(CERTIFY)
def certificate_file(request: HttpRequest, run_id: int) -> HttpResponse:
    """The certificate as JSON; it holds all hubs, so only nationals get it."""
    _refuse_others(scope_of(request))
    run = _run(request, run_id)
    return attachment(certificate_text(run).encode(), file_name(run), "application/json")
