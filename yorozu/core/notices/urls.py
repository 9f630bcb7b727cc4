"""Paths of this slice."""

from django.urls import path

from yorozu.core.notices import views

urlpatterns = [
    path("", views.notices, name="notices"),
    path("settings/", views.notice_settings, name="notice_settings"),
    path("read/", views.notices_read, name="notices_read"),
    path("<int:pk>/read/", views.notice_read, name="notice_read"),
]
