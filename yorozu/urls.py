"""All addresses of the portal; each app and slice brings its own."""

from django.urls import include, path

from yorozu.core.web import health

urlpatterns = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("", include("yorozu.portal.home.urls")),
    path("search/", include("yorozu.portal.search.urls")),
    path("account/", include("yorozu.core.accounts.urls")),
    path("accounts/", include("yorozu.core.accounts.signin_urls")),
    path("jobs/", include("yorozu.core.jobs.urls")),
    path("imports/", include("yorozu.core.imports.urls")),
    path("audit/", include("yorozu.core.audit.urls")),
    path("notices/", include("yorozu.core.notices.urls")),
    path("", include("hubs.urls")),
    path("", include("evaluation.urls")),
]
