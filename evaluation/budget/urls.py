"""Paths of the budget."""

from django.urls import path

from evaluation.budget import views

urlpatterns = [
    path("", views.scenario_list, name="scenario_list"),
    path("compare/", views.scenario_compare, name="scenario_compare"),
    path("runs/<int:run_id>/new/", views.scenario_new, name="scenario_new"),
    path("<int:scenario_id>/", views.scenario_detail, name="scenario_detail"),
    path("<int:scenario_id>/hubs/<str:code>/", views.scenario_hub, name="scenario_hub"),
    path("<int:scenario_id>/formula/", views.scenario_formula, name="scenario_formula"),
    path("<int:scenario_id>/adopt/", views.scenario_adopt, name="scenario_adopt"),
    path("<int:scenario_id>/certificate/", views.scenario_certificate, name="scenario_certificate"),
]
