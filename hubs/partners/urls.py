"""Addresses of the register of support organisations."""

from django.urls import path

from hubs.partners import views

urlpatterns = [
    path("", views.partner_list, name="partner_list"),
    path("new/", views.partner_new, name="partner_new"),
    path("<int:pk>/tie/", views.partner_tie, name="partner_tie"),
]
