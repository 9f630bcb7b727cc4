"""Paths of this slice."""

from django.urls import path

from evaluation.hearings import views

urlpatterns = [
    path("", views.hearing_list, name="hearing_list"),
    path("<int:year>/", views.hearing_term, name="hearing_term"),
    path("<int:year>/scores.<slug:kind>", views.hearing_export, name="hearing_export"),
    path("<int:year>/checklist/", views.checklist_detail, name="checklist_detail"),
    path("<int:year>/checklist/adopt/", views.checklist_adopt, name="checklist_adopt"),
    path("<int:year>/hubs/<slug:code>/", views.hearing_hub, name="hearing_hub"),
]
