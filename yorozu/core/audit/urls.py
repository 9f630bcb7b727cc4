"""Paths of this slice."""

from django.urls import path

from yorozu.core.audit import views

urlpatterns = [
    path("", views.audit_list, name="audit_list"),
    path("csv/", views.audit_csv, name="audit_csv"),
]
