"""Paths of this slice."""

from django.urls import path

from evaluation.evidence import views

urlpatterns = [
    path("", views.evidence_list, name="evidence_list"),
    path("<int:year>/", views.evidence_term, name="evidence_term"),
    path("<int:year>/freeze/", views.evidence_check, name="evidence_check"),
    path("<int:year>/freeze/start/", views.evidence_freeze, name="evidence_freeze"),
    path(
        "<int:year>/hubs/<slug:code>/freeze/", views.evidence_freeze_hub, name="evidence_freeze_hub"
    ),
    path("books/<int:pk>/", views.evidence_book, name="evidence_book"),
    path("books/<int:pk>/difference/", views.evidence_difference, name="evidence_difference"),
    path("books/<int:pk>.json", views.evidence_json, name="evidence_json"),
]
