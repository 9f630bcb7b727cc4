"""Paths of the network: the list, its files, and the page of a hub by its JIS code."""

from django.urls import path

from hubs.network import views

urlpatterns = [
    path("", views.hub_list, name="hub_list"),
    path("export.<slug:kind>", views.hub_export, name="hub_export"),
    path("<str:code>/", views.hub_detail, name="hub_detail"),
]
