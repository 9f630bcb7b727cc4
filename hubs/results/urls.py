"""Paths of this slice."""

from django.urls import path

from hubs.results.views import (
    bulk,
    compilation,
    corrections,
    files,
    grid,
    month,
    overview,
    reminders,
    sources,
)

_GRID = "term/<int:pk>/hub/<int:hub_pk>"
urlpatterns = [
    path("", overview.results_overview, name="results_overview"),
    path("term/<int:pk>/", overview.results_list, name="results_list"),
    path("term/<int:pk>/submit/", bulk.results_submit_many, name="results_submit_many"),
    path("term/<int:pk>/confirm/", bulk.results_confirm_many, name="results_confirm_many"),
    path("term/<int:pk>/accept/", bulk.results_accept_many, name="results_accept_many"),
    path("term/<int:pk>/remind/", reminders.results_remind, name="results_remind"),
    path("term/<int:pk>/changed/", corrections.results_changed, name="results_changed"),
    path(
        "term/<int:pk>/changed.csv",
        corrections.results_changed_file,
        {"kind": "csv"},
        name="results_changed_csv",
    ),
    path(
        "term/<int:pk>/changed.xlsx",
        corrections.results_changed_file,
        {"kind": "xlsx"},
        name="results_changed_xlsx",
    ),
    path(
        "term/<int:pk>/matrix.csv",
        overview.results_matrix_file,
        {"kind": "csv"},
        name="results_matrix_csv",
    ),
    path(
        "term/<int:pk>/matrix.xlsx",
        overview.results_matrix_file,
        {"kind": "xlsx"},
        name="results_matrix_xlsx",
    ),
    path(
        "term/<int:pk>/compilation/",
        compilation.results_compilation,
        name="results_compilation",
    ),
    path(
        "term/<int:pk>/compilation/print/",
        compilation.results_compilation_print,
        name="results_compilation_print",
    ),
    path(
        "term/<int:pk>/compilation.csv",
        compilation.results_compilation_file,
        {"kind": "csv"},
        name="results_compilation_csv",
    ),
    path(
        "term/<int:pk>/compilation.xlsx",
        compilation.results_compilation_file,
        {"kind": "xlsx"},
        name="results_compilation_xlsx",
    ),
    path(
        "term/<int:pk>/compilation/pdf/",
        compilation.results_compilation_pdf,
        name="results_compilation_pdf",
    ),
    path(f"{_GRID}/", grid.results_grid, name="results_grid"),
    path(f"{_GRID}/check/", sources.results_check, name="results_check"),
    path(f"{_GRID}/take/", sources.results_take, name="results_take"),
    path(f"{_GRID}/autosave/", grid.results_autosave, name="results_autosave"),
    path(f"{_GRID}/print/", files.results_print, name="results_print"),
    path(f"{_GRID}/export.csv", files.results_export, {"kind": "csv"}, name="results_csv"),
    path(f"{_GRID}/export.xlsx", files.results_export, {"kind": "xlsx"}, name="results_xlsx"),
    path("<int:pk>/", month.month_detail, name="month_detail"),
    path("<int:pk>/submit/", month.month_submit, name="month_submit"),
    path("<int:pk>/confirm/", month.month_confirm, name="month_confirm"),
    path("<int:pk>/accept/", month.month_accept, name="month_accept"),
    path("<int:pk>/return/", month.month_return, name="month_return"),
    path("<int:pk>/withdraw/", month.month_withdraw, name="month_withdraw"),
    path("<int:pk>/correct/", corrections.correction_new, name="correction_new"),
    path("corrections/<int:pk>/", corrections.correction_detail, name="correction_detail"),
    path(
        "corrections/<int:pk>/confirm/",
        corrections.correction_confirm,
        name="correction_confirm",
    ),
    path(
        "corrections/<int:pk>/accept/",
        corrections.correction_accept,
        name="correction_accept",
    ),
    path(
        "corrections/<int:pk>/decline/",
        corrections.correction_decline,
        name="correction_decline",
    ),
    path(
        "corrections/<int:pk>/refuse/",
        corrections.correction_refuse,
        name="correction_refuse",
    ),
    path(
        "corrections/<int:pk>/withdraw/",
        corrections.correction_withdraw,
        name="correction_withdraw",
    ),
]
