"""Paths of this slice."""

from django.urls import path

from yorozu.core.accounts import views

urlpatterns = [
    path("role/", views.role_switch, name="role_switch"),
    path("users/", views.account_list, name="account_list"),
    path("users/<int:pk>/", views.account_detail, name="account_detail"),
    path("users/<int:pk>/lock/", views.account_lock, name="account_lock"),
]
