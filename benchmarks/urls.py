"""The product's addresses, and one view that does nothing: the other side of every page."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import path

from yorozu import urls


@login_not_required
def empty(request: HttpRequest) -> HttpResponse:
    """Passes all middleware, asks nothing, draws nothing."""
    return HttpResponse("ok")


urlpatterns = [path("bench/empty/", empty), *urls.urlpatterns]
