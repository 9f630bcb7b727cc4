"""Paths of the evaluation app, in the order of the slices."""

from django.urls import include, path

from evaluation.surveys.urls import answering

urlpatterns = [
    path("s/", include(answering)),
    path("evaluation/surveys/", include("evaluation.surveys.urls")),
    path("evaluation/hearings/", include("evaluation.hearings.urls")),
    path("evaluation/evidence/", include("evaluation.evidence.urls")),
    path("evaluation/runs/", include("evaluation.scoring.urls")),
    path("evaluation/runs/<int:run_id>/analysis/", include("evaluation.scoring.analysis.urls")),
    path("evaluation/budget/", include("evaluation.budget.urls")),
    path("evaluation/guidance/", include("evaluation.guidance.urls")),
    path("evaluation/reports/", include("evaluation.reports.urls")),
    path("evaluation/desk/", include("evaluation.desk.urls")),
]
