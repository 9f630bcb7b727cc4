"""Paths of the home page, the process matrix and the record of a hub."""

from django.urls import path

from yorozu.portal.home import views

urlpatterns = [
    path("", views.home, name="home"),
    path("matrix/", views.process_matrix, name="process_matrix"),
    path("matrix/export.<slug:kind>", views.matrix_export, name="matrix_export"),
    path("hubs/<str:code>/record/", views.hub_record, name="hub_record"),
]
