"""Addresses of the register of support organisations."""

from django.urls import path

from hubs.partners import views

urlpatterns = [
    path("", views.partner_list, name="partner_list"),
    path("new/", views.partner_new, name="partner_new"),
    path("<int:pk>/tie/", views.partner_tie, name="partner_tie"),
    path("<int:pk>/edit/", views.partner_edit, name="partner_edit"),
    path("<int:pk>/merge/", views.partner_merge, name="partner_merge"),
]
