"""Paths of this slice."""

from django.urls import path, re_path

from yorozu.core.imports import views

urlpatterns = [
    path("", views.import_list, name="import_list"),
    path("new/", views.import_new, name="import_new"),
    path("new/<str:kind>/", views.import_upload, name="import_upload"),
    re_path(
        r"^new/(?P<kind>[^/]+)/template\.(?P<extension>csv|xlsx)$",
        views.import_template,
        name="import_template",
    ),
    path("<int:pk>/", views.import_detail, name="import_detail"),
    path("<int:pk>/progress/", views.import_progress, name="import_progress"),
    path("<int:pk>/problems.csv", views.import_problems, name="import_problems"),
    path("<int:pk>/apply/", views.import_apply, name="import_apply"),
    path("<int:pk>/undo/", views.import_undo, name="import_undo"),
]
