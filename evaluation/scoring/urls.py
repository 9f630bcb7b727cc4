"""Paths of runs."""

from django.urls import path

from evaluation.scoring import views

urlpatterns = [
    path("", views.run_list, name="run_list"),
    path("<int:run_id>/", views.run_detail, name="run_detail"),
    path("<int:run_id>/hubs/<str:code>/", views.run_hub, name="run_hub"),
    path("<int:run_id>/fix/", views.run_fix, name="run_fix"),
    path("<int:run_id>/publish/", views.run_publish, name="run_publish"),
    path("<int:run_id>/delete/", views.run_delete, name="run_delete"),
    path("<int:run_id>/certificate/", views.run_certificate, name="run_certificate"),
]
