"""Paths of the hubs app, in the order of the slices."""

from django.urls import include, path

urlpatterns = [
    path("hubs/", include("hubs.network.urls")),
    path("people/", include("hubs.people.urls")),
    path("partners/", include("hubs.partners.urls")),
    path("terms/", include("hubs.terms.urls")),
    path("plans/", include("hubs.plans.urls")),
    path("ledger/", include("hubs.ledger.urls")),
    path("integrity/", include("hubs.integrity.urls")),
    path("results/", include("hubs.results.urls")),
]
