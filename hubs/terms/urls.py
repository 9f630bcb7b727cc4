"""Paths of this slice."""

from django.urls import path

from hubs.terms import views

urlpatterns = [
    path("", views.term_list, name="term_list"),
    path("open/", views.term_open, name="term_open"),
    path("<int:pk>/", views.term_detail, name="term_detail"),
    path("<int:pk>/close/", views.term_close, name="term_close"),
    path("<int:pk>/policy/", views.policy_edit, name="policy_edit"),
    path("policies/<int:pk>/", views.policy_detail, name="policy_detail"),
    path("policies/<int:pk>/publish/", views.policy_publish, name="policy_publish"),
]
