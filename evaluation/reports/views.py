"""Screens and files of the reports: each view asks one query and draws it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from evaluation.budget import comparing
from evaluation.budget.comparing import Comparison
from evaluation.budget.models import BudgetScenario
from evaluation.reports import files, money_files, operations, queries, tables
from evaluation.reports.forms import RemarksForm
from evaluation.reports.queries import HubSheet
from evaluation.reports.sheets import Encoding
from evaluation.scoring.models import EvaluationRun
from evaluation.scoring.queries import visible_results, visible_runs
from yorozu.core.access import allow, decide, scope_of
from yorozu.core.errors import Conflict
from yorozu.core.fiscal import nendo
from yorozu.core.pdf import pdf_available
from yorozu.core.web import tiles
from yorozu.core.web.crumbs import Crumb
from yorozu.core.web.downloads import XLSX, attachment
from yorozu.core.web.forms import status_of

PDF = "application/pdf"
VIEW = "evaluation.reports.view"
NATIONAL = "evaluation.reports.national"
REMARK = "evaluation.reports.remark"
BUDGET = "evaluation.budget.view"


def _encoding(request: HttpRequest) -> Encoding:
    return "cp932" if request.GET.get("encoding") == "cp932" else "utf-8-sig"


def _csv(request: HttpRequest, data: bytes, name: str) -> HttpResponse:
    charset = "cp932" if _encoding(request) == "cp932" else "utf-8"
    return attachment(data, f"{name}.csv", f"text/csv; charset={charset}")


def _run(request: HttpRequest, run_id: int) -> EvaluationRun:
    return get_object_or_404(visible_runs(scope_of(request)), pk=run_id)


def _scenario(request: HttpRequest, scenario_id: int) -> BudgetScenario:
    return get_object_or_404(queries.visible_scenarios(scope_of(request)), pk=scenario_id)


def _run_crumbs(run: EvaluationRun, *more: Crumb) -> list[Crumb]:
    here = Crumb(str(run), reverse("run_detail", args=[run.pk]))
    return [Crumb("ホーム", "/"), Crumb("評価", reverse("run_list")), here, *more]


# --- Hub sheet ----------------------------------------------------------------------------------


def _sheet(request: HttpRequest, run_id: int, code: str) -> HubSheet:
    run, scope = _run(request, run_id), scope_of(request)
    result = get_object_or_404(visible_results(run, scope), hub__code=code)
    return queries.hub_sheet(run, result.hub, scope)


@require_safe
@allow(VIEW)
def hub_sheet(request: HttpRequest, run_id: int, code: str) -> HttpResponse:
    """The evaluation sheet of one hub on the screen."""
    sheet = _sheet(request, run_id, code)
    title = f"{sheet.result.hub_name}の評価票"
    context = {
        **files.hub_sheet_context(sheet),
        "title": title,
        "breadcrumbs": _run_crumbs(sheet.run, Crumb(title)),
        "pdf_problem": pdf_available(),
        "may_remark": sheet.run.is_pending and decide(scope_of(request), REMARK).allowed,
    }
    return render(request, "evaluation/reports/hub_sheet.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@allow(REMARK)
def remarks(request: HttpRequest, run_id: int, code: str) -> HttpResponse:
    """Write strengths, issues and next steps; what two people wrote stands side by side."""
    run, scope = _run(request, run_id), scope_of(request)
    result = get_object_or_404(visible_results(run, scope), hub__code=code)
    sheet = reverse("report_hub_sheet", args=[run.pk, code])
    operations.require_open(run, result.hub)
    row = queries.remarks_to_edit(run, result.hub)
    form = RemarksForm(request.POST if request.method == "POST" else None, standing=row)
    other = None
    if request.method == "POST" and form.is_valid():
        texts = {name: form.cleaned_data[name] for name in operations.TEXTS}
        version = form.cleaned_data["version"]
        try:
            operations.write_remarks(scope, run=run, hub=result.hub, texts=texts, version=version)
        except Conflict as conflict:
            if conflict.way is not None:
                raise
            other = queries.remarks_to_edit(run, result.hub)
            form.data = {**request.POST.dict(), "version": str(other.version)}
            form.add_error(None, conflict.message)
        else:
            messages.success(request, "講評を保存しました。")
            return redirect(sheet)
    title = f"{result.hub_name}の講評"
    context = {
        "title": title,
        "breadcrumbs": _run_crumbs(run, Crumb(f"{result.hub_name}の評価票", sheet), Crumb(title)),
        "form": form,
        "other": other,
        "is_taken_over": row.version == 0 and any(getattr(row, name) for name in operations.TEXTS),
        "sheet": sheet,
    }
    return render(request, "evaluation/reports/remarks.html", context, status=status_of(form))


@require_safe
@allow(VIEW)
def hub_sheet_print(request: HttpRequest, run_id: int, code: str) -> HttpResponse:
    """The print view: the same inside as the PDF, for machines that cannot make one."""
    sheet = _sheet(request, run_id, code)
    context = files.print_context(files.hub_sheet_context(sheet))
    context["back_url"] = reverse("report_hub_sheet", args=[run_id, code])
    return render(request, "evaluation/reports/hub_sheet_print.html", context)


@require_safe
@allow(VIEW)
def hub_sheet_file(request: HttpRequest, run_id: int, code: str, ending: str) -> HttpResponse:
    """The sheet as PDF, CSV (the arithmetic) or XLSX (all tables)."""
    sheet = _sheet(request, run_id, code)
    name = files.hub_sheet_name(sheet)
    if ending == "pdf":
        return attachment(files.hub_sheet_pdf(sheet), f"{name}.pdf", PDF)
    if ending == "xlsx":
        return attachment(files.hub_sheet_xlsx(sheet), f"{name}.xlsx", XLSX)
    return _csv(request, files.hub_sheet_csv(sheet, _encoding(request)), name)


@require_POST
@allow("evaluation.reports.make")
def hub_sheets_start(request: HttpRequest, run_id: int) -> HttpResponse:
    """Start the batch of all hub sheets and show its progress."""
    job = operations.start_hub_sheets(scope_of(request), run=_run(request, run_id))
    return redirect("job_detail", job.pk)


# --- Evaluation results -------------------------------------------------------------------------


@require_safe
@allow(VIEW)
def results_file(request: HttpRequest, run_id: int, ending: str) -> HttpResponse:
    """The evaluation result table of the hubs in the scope."""
    run, scope = _run(request, run_id), scope_of(request)
    name = f"{nendo(run.term.fiscal_year)}_評価結果"
    if ending == "xlsx":
        return attachment(files.evaluation_xlsx(run, scope), f"{name}.xlsx", XLSX)
    return _csv(request, files.evaluation_csv(run, scope, _encoding(request)), name)


# --- National compilation -----------------------------------------------------------------------


@require_safe
@allow(NATIONAL)
def compilation(request: HttpRequest, run_id: int) -> HttpResponse:
    """The national compilation on the screen."""
    run, scope = _run(request, run_id), scope_of(request)
    found = queries.compilation(run, scope)
    title = f"{nendo(run.term.fiscal_year)} 実績取りまとめ"
    urls = {
        line.result.hub.code: reverse("report_hub_sheet", args=[run.pk, line.result.hub.code])
        for line in found.hubs
    }
    context = {
        **files.compilation_context(found),
        "title": title,
        "breadcrumbs": _run_crumbs(run, Crumb(title)),
        "tiles": tiles.rows(tables.tile_values(found), urls),
        "legend": tables.LEGEND,
        "may_make_sheets": decide(scope, "evaluation.reports.make").allowed,
        "pdf_problem": pdf_available(),
    }
    return render(request, "evaluation/reports/compilation.html", context)


@require_safe
@allow(NATIONAL)
def compilation_print(request: HttpRequest, run_id: int) -> HttpResponse:
    """The print view of the compilation."""
    found = queries.compilation(_run(request, run_id), scope_of(request))
    context = files.print_context(files.compilation_context(found))
    context["back_url"] = reverse("report_compilation", args=[run_id])
    return render(request, "evaluation/reports/compilation_print.html", context)


@require_safe
@allow(NATIONAL)
def compilation_file(request: HttpRequest, run_id: int, ending: str) -> HttpResponse:
    """The compilation as PDF, CSV (indicators) or XLSX (all tables)."""
    found = queries.compilation(_run(request, run_id), scope_of(request))
    name = files.compilation_name(found)
    if ending == "pdf":
        return attachment(files.compilation_pdf(found), f"{name}.pdf", PDF)
    if ending == "xlsx":
        return attachment(files.compilation_xlsx(found), f"{name}.xlsx", XLSX)
    return _csv(request, files.compilation_csv(found, _encoding(request)), name)


# --- Budget table -------------------------------------------------------------------------------


@require_safe
@allow(BUDGET)
def budget(request: HttpRequest, scenario_id: int) -> HttpResponse:
    """The budget table of one scenario on the screen."""
    scenario = _scenario(request, scenario_id)
    found = queries.budget_table(scenario, scope_of(request))
    title = f"{nendo(scenario.fiscal_year)} 配分案「{scenario.title}」"
    context = {
        **files.budget_context(found),
        "title": title,
        "breadcrumbs": _run_crumbs(scenario.run, Crumb(title)),
        "may_make_pdf": decide(scope_of(request), "evaluation.budget.paper").allowed,
        "pdf_problem": pdf_available(),
    }
    return render(request, "evaluation/reports/budget.html", context)


@require_safe
@allow(BUDGET)
def budget_print(request: HttpRequest, scenario_id: int) -> HttpResponse:
    """The print view of the budget table."""
    found = queries.budget_table(_scenario(request, scenario_id), scope_of(request))
    context: dict[str, Any] = files.print_context(files.budget_context(found))
    context["back_url"] = reverse("report_budget", args=[scenario_id])
    return render(request, "evaluation/reports/budget_print.html", context)


@require_safe
@allow(BUDGET)
def budget_file(request: HttpRequest, scenario_id: int, ending: str) -> HttpResponse:
    """The budget table as CSV (whole yen, no totals) or XLSX."""
    scenario, scope = _scenario(request, scenario_id), scope_of(request)
    name = files.budget_name(scenario)
    if ending == "csv":
        return _csv(request, files.budget_csv(scenario, scope, _encoding(request)), name)
    found = queries.budget_table(scenario, scope)
    return attachment(files.budget_xlsx(found), f"{name}.xlsx", XLSX)


@require_POST
@allow("evaluation.budget.paper")
def budget_paper(request: HttpRequest, scenario_id: int) -> HttpResponse:
    """Have the PDF made of what the page shows, and show the progress."""
    scenario = _scenario(request, scenario_id)
    job = operations.start_budget_paper(scope_of(request), scenario=scenario)
    return redirect("job_detail", job.pk)


@require_safe
@allow(BUDGET)
def ministry_file(request: HttpRequest, scenario_id: int, ending: str) -> HttpResponse:
    """The ministry's table in thousand yen, columns in their fixed order, as CSV or XLSX."""
    found = queries.budget_table(_scenario(request, scenario_id), scope_of(request))
    name = f"{files.budget_name(found.scenario)}_提出用"
    if ending == "xlsx":
        return attachment(money_files.ministry_xlsx(found), f"{name}.xlsx", XLSX)
    return _csv(request, money_files.ministry_csv(found, _encoding(request)), name)


# --- Scenarios side by side ---------------------------------------------------------------------


def _compared(request: HttpRequest) -> Comparison | None:
    """The comparison that ?s= asks for; None when these scenarios cannot stand side by side."""
    wanted = comparing.chosen(request.GET.getlist("s"))
    if comparing.problem_of(wanted):
        return None
    return comparing.compare(wanted, scope_of(request))


def _choose(request: HttpRequest) -> HttpResponse:
    return redirect(f"{reverse('scenario_compare')}?{request.GET.urlencode()}")


@require_safe
@allow(BUDGET)
def compare_print(request: HttpRequest) -> HttpResponse:
    """The comparison on paper, in thousand yen."""
    found = _compared(request)
    if found is None:
        return _choose(request)
    context = files.print_context(money_files.compare_context(found))
    context["back_url"] = f"{reverse('scenario_compare')}?{found.query}"
    return render(request, "evaluation/reports/compare_print.html", context)


@require_safe
@allow(BUDGET)
def compare_file(request: HttpRequest, ending: str) -> HttpResponse:
    """The comparison as CSV (hubs x scenarios in whole yen) or XLSX (all tables)."""
    found = _compared(request)
    if found is None:
        return _choose(request)
    name = f"{nendo(found.fiscal_year)}_配分案の比較"
    if ending == "xlsx":
        return attachment(money_files.compare_xlsx(found), f"{name}.xlsx", XLSX)
    return _csv(request, money_files.compare_csv(found, _encoding(request)), name)
