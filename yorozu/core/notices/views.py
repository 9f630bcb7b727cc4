"""The notices of the signed-in person."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from yorozu.core.access import allow, scope_of
from yorozu.core.notices import operations
from yorozu.core.notices.models import Notice
from yorozu.core.notices.queries import wants_mail

PAGE = 50


@require_safe
@allow("core.notices.view")
def notices(request: HttpRequest) -> HttpResponse:
    """All notices, newest first."""
    scope = scope_of(request)
    rows = Notice.objects.visible_to(scope).select_related("mail")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "title": "通知",
        "page": page,
        "has_unread": rows.unread().exists(),
        "wants_mail": wants_mail(scope),
    }
    return render(request, "core/notices/list.html", context)


@require_POST
@allow("core.notices.read")
def notice_read(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one notice as read and go where it points."""
    scope = scope_of(request)
    notice = get_object_or_404(Notice.objects.visible_to(scope), pk=pk)
    operations.mark_read(scope, notice_id=notice.pk)
    return redirect(notice.url or "notices")


@require_POST
@allow("core.notices.read")
def notices_read(request: HttpRequest) -> HttpResponse:
    """Mark all notices as read."""
    operations.mark_read(scope_of(request))
    return redirect("notices")


@require_POST
@allow("core.notices.settings")
def notice_settings(request: HttpRequest) -> HttpResponse:
    """Switch the mails on or off (the button says which)."""
    wanted = request.POST.get("mail") == "on"
    operations.choose_mail(scope_of(request), wants_mail=wanted)
    said = "今後の通知をメールでも送ります。" if wanted else "通知メールを停止しました。"
    messages.success(request, said)
    return redirect("notices")
