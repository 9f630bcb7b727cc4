"""Paths of this slice."""

from django.urls import path

from hubs.results import views

_GRID = "term/<int:pk>/hub/<int:hub_pk>"
urlpatterns = [
    path("", views.results_overview, name="results_overview"),
    path("term/<int:pk>/", views.results_list, name="results_list"),
    path("term/<int:pk>/submit/", views.results_submit_many, name="results_submit_many"),
    path("term/<int:pk>/confirm/", views.results_confirm_many, name="results_confirm_many"),
    path("term/<int:pk>/accept/", views.results_accept_many, name="results_accept_many"),
    path(f"{_GRID}/", views.results_grid, name="results_grid"),
    path(f"{_GRID}/autosave/", views.results_autosave, name="results_autosave"),
    path(f"{_GRID}/print/", views.results_print, name="results_print"),
    path(f"{_GRID}/export.csv", views.results_export, {"kind": "csv"}, name="results_csv"),
    path(f"{_GRID}/export.xlsx", views.results_export, {"kind": "xlsx"}, name="results_xlsx"),
    path("<int:pk>/", views.month_detail, name="month_detail"),
    path("<int:pk>/submit/", views.month_submit, name="month_submit"),
    path("<int:pk>/confirm/", views.month_confirm, name="month_confirm"),
    path("<int:pk>/accept/", views.month_accept, name="month_accept"),
    path("<int:pk>/return/", views.month_return, name="month_return"),
]
