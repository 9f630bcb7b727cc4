"""Paths of this slice."""

from django.urls import path

from evaluation.desk import views

HUB = "runs/<int:run_id>/hubs/<str:code>/"

urlpatterns = [
    path(f"{HUB}why/", views.why_hub, name="why_hub"),
    path("", views.workbench_latest, name="workbench_latest"),
    path("runs/<int:run_id>/", views.workbench, name="workbench"),
    path(HUB, views.workbench_hub, name="workbench_hub"),
    path("trial/", views.trial_list, name="trial_list"),
    path("trial/<int:year>/<str:code>/", views.trial_hub, name="trial_hub"),
]
