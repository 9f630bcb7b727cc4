"""Paths of this slice."""

from django.urls import path

from hubs.integrity import views

urlpatterns = [
    path("", views.integrity_list, name="integrity_list"),
    path("export.csv", views.integrity_export, {"kind": "csv"}, name="integrity_csv"),
    path("export.xlsx", views.integrity_export, {"kind": "xlsx"}, name="integrity_xlsx"),
    path("method/", views.integrity_method, name="integrity_method"),
    path("<int:pk>/", views.integrity_detail, name="integrity_detail"),
    path("<int:pk>/note/", views.integrity_note, name="integrity_note"),
    path("<int:pk>/decide/", views.integrity_decide, name="integrity_decide"),
    path("<int:pk>/settle/", views.integrity_settle, name="integrity_settle"),
    path(
        "<int:pk>/close-national/",
        views.integrity_close_national,
        name="integrity_close_national",
    ),
]
