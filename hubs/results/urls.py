"""Paths of this slice."""

from django.urls import path

from hubs.results.views import bulk, files, grid, month, overview

_GRID = "term/<int:pk>/hub/<int:hub_pk>"
urlpatterns = [
    path("", overview.results_overview, name="results_overview"),
    path("term/<int:pk>/", overview.results_list, name="results_list"),
    path("term/<int:pk>/submit/", bulk.results_submit_many, name="results_submit_many"),
    path("term/<int:pk>/confirm/", bulk.results_confirm_many, name="results_confirm_many"),
    path("term/<int:pk>/accept/", bulk.results_accept_many, name="results_accept_many"),
    path(f"{_GRID}/", grid.results_grid, name="results_grid"),
    path(f"{_GRID}/autosave/", grid.results_autosave, name="results_autosave"),
    path(f"{_GRID}/print/", files.results_print, name="results_print"),
    path(f"{_GRID}/export.csv", files.results_export, {"kind": "csv"}, name="results_csv"),
    path(f"{_GRID}/export.xlsx", files.results_export, {"kind": "xlsx"}, name="results_xlsx"),
    path("<int:pk>/", month.month_detail, name="month_detail"),
    path("<int:pk>/submit/", month.month_submit, name="month_submit"),
    path("<int:pk>/confirm/", month.month_confirm, name="month_confirm"),
    path("<int:pk>/accept/", month.month_accept, name="month_accept"),
    path("<int:pk>/return/", month.month_return, name="month_return"),
]
