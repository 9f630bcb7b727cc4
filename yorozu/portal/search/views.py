"""The search page: one box, grouped results."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from yorozu.core.access import allow, scope_of
from yorozu.core.web.crumbs import Crumb
from yorozu.portal.search.queries import MAX_QUERY, PER_GROUP
from yorozu.portal.search.queries import search as search_for


@require_safe
@allow("portal.search")
def search(request: HttpRequest) -> HttpResponse:
    """?q= of at most 100 characters; a longer text is refused with the reason, not cut silently."""
    text = request.GET.get("q", "").strip()
    too_long = len(text) > MAX_QUERY
    context = {
        "title": f"「{text}」の検索結果" if text and not too_long else "検索",
        "breadcrumbs": [Crumb("ホーム", reverse("home")), Crumb("検索")],
        "query": text[:MAX_QUERY],
        "asked": bool(text) and not too_long,
        "problem": f"検索する語は{MAX_QUERY}文字以内で入力してください。" if too_long else "",
        "groups": [] if too_long else search_for(scope_of(request), text),
        "limit": PER_GROUP,
        "has_errors": too_long,
    }
    return render(request, "portal/search/results.html", context, status=422 if too_long else 200)
