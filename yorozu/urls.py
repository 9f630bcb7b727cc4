"""All addresses of the portal; each app lists its own slices."""

from django.urls import include, path

from yorozu.core.web import health

urlpatterns = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("accounts/", include("allauth.account.urls")),
    path("", include("hubs.urls")),
    path("", include("evaluation.urls")),
]
