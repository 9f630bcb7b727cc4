"""Paths of this slice."""

from django.urls import path

from evaluation.reports import views
from evaluation.reports.changes import views as changes

RUN = "runs/<int:run_id>/"
HUB = f"{RUN}hubs/<str:code>/"
BUDGET = "budget/<int:scenario_id>/"

urlpatterns = [
    path(f"{RUN}changes/", changes.changes, name="report_changes"),
    path(f"{RUN}changes.csv", changes.changes_file, {"ending": "csv"}, "report_changes_csv"),
    path(f"{RUN}changes.xlsx", changes.changes_file, {"ending": "xlsx"}, "report_changes_xlsx"),
    path(f"{RUN}verification/", changes.verification, name="report_verification"),
    path(f"{RUN}verification/file/", changes.certificate_file, name="report_certificate"),
    path(HUB, views.hub_sheet, name="report_hub_sheet"),
    path(f"{HUB}remarks/", views.remarks, name="report_remarks"),
    path(f"{HUB}print/", views.hub_sheet_print, name="report_hub_sheet_print"),
    path(f"{HUB}sheet.pdf", views.hub_sheet_file, {"ending": "pdf"}, "report_hub_sheet_pdf"),
    path(f"{HUB}sheet.csv", views.hub_sheet_file, {"ending": "csv"}, "report_hub_sheet_csv"),
    path(f"{HUB}sheet.xlsx", views.hub_sheet_file, {"ending": "xlsx"}, "report_hub_sheet_xlsx"),
    path(f"{RUN}hub-sheets/", views.hub_sheets_start, name="report_hub_sheets_start"),
    path(f"{RUN}results.csv", views.results_file, {"ending": "csv"}, "report_results_csv"),
    path(f"{RUN}results.xlsx", views.results_file, {"ending": "xlsx"}, "report_results_xlsx"),
    path(f"{RUN}compilation/", views.compilation, name="report_compilation"),
    path(f"{RUN}compilation/print/", views.compilation_print, name="report_compilation_print"),
    path(
        f"{RUN}compilation.pdf", views.compilation_file, {"ending": "pdf"}, "report_compilation_pdf"
    ),
    path(
        f"{RUN}compilation.csv", views.compilation_file, {"ending": "csv"}, "report_compilation_csv"
    ),
    path(
        f"{RUN}compilation.xlsx",
        views.compilation_file,
        {"ending": "xlsx"},
        "report_compilation_xlsx",
    ),
    path(BUDGET, views.budget, name="report_budget"),
    path(f"{BUDGET}print/", views.budget_print, name="report_budget_print"),
    path(f"{BUDGET}pdf/", views.budget_paper, name="report_budget_paper"),
    path(f"{BUDGET}budget.csv", views.budget_file, {"ending": "csv"}, "report_budget_csv"),
    path(f"{BUDGET}budget.xlsx", views.budget_file, {"ending": "xlsx"}, "report_budget_xlsx"),
    path(f"{BUDGET}ministry.csv", views.ministry_file, {"ending": "csv"}, "report_ministry_csv"),
    path(f"{BUDGET}ministry.xlsx", views.ministry_file, {"ending": "xlsx"}, "report_ministry_xlsx"),
    path("compare/print/", views.compare_print, name="report_compare_print"),
    path("compare.csv", views.compare_file, {"ending": "csv"}, "report_compare_csv"),
    path("compare.xlsx", views.compare_file, {"ending": "xlsx"}, "report_compare_xlsx"),
]
