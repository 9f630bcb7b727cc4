"""Paths of analyses, below their run."""

from django.urls import path

from evaluation.scoring.analysis import views

FILE = views.run_analysis_file

urlpatterns = [
    path("", views.run_analysis, name="run_analysis"),
    path("start/", views.run_analysis_start, name="run_analysis_start"),
    path("hubs.csv", FILE, {"table": "hubs", "ending": "csv"}, "run_analysis_hubs_csv"),
    path("hubs.xlsx", FILE, {"table": "hubs", "ending": "xlsx"}, "run_analysis_hubs_xlsx"),
    path("shifts.csv", FILE, {"table": "shifts", "ending": "csv"}, "run_analysis_shifts_csv"),
    path("shifts.xlsx", FILE, {"table": "shifts", "ending": "xlsx"}, "run_analysis_shifts_xlsx"),
]
