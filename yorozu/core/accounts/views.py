"""Switching between one's own roles, and the administrator's list of accounts."""

from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.module_loading import import_string
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yorozu.core.access import allow, decide, scope_of
from yorozu.core.accounts import operations
from yorozu.core.accounts.forms import ReasonForm
from yorozu.core.accounts.models import User
from yorozu.core.accounts.queries import AccountRow, find_accounts, with_memberships
from yorozu.core.web.chips import Chip, Status
from yorozu.core.web.crumbs import Crumb
from yorozu.core.web.middleware import MEMBERSHIP_KEY
from yorozu.core.web.tables import Cell, Column, Empty, Table

PAGE = 100
STATES = [("", "すべて"), ("active", "有効"), ("locked", "停止中")]


@require_POST
@allow("core.roles.switch")
def role_switch(request: HttpRequest) -> HttpResponse:
    """Act in another of one's own roles from now on; 404 for a membership that is not one's own."""
    wanted = request.POST.get("membership", "")
    own = import_string(settings.MEMBERSHIPS)(scope_of(request).user_id)
    chosen = next((row for row in own if str(row.pk) == wanted), None)
    if chosen is None:
        raise Http404
    request.session[MEMBERSHIP_KEY] = chosen.pk
    messages.success(request, f"役割を「{chosen.get_role_display()}」に切り替えました。")
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        target = settings.LOGIN_REDIRECT_URL
    return redirect(target)


@require_safe
@allow("core.accounts.view")
def account_list(request: HttpRequest) -> HttpResponse:
    """All accounts with their roles of today."""
    words, state = request.GET.get("q", "").strip(), request.GET.get("state", "")
    page = Paginator(find_accounts(words, state), PAGE).get_page(request.GET.get("page"))
    table = Table(
        caption="利用者",
        columns=[
            Column("name", "氏名", header=True),
            Column("email", "メールアドレス"),
            Column("roles", "今日の役割"),
            Column("state", "状態"),
            Column("last_login", "最後のログイン"),
        ],
        rows=[_row(row) for row in with_memberships(page)],
        empty=Empty("条件に合う利用者はいません。", "条件を減らして検索してください。"),
    )
    context = {
        "title": "利用者",
        "table": table,
        "page": page,
        "words": words,
        "states": STATES,
        "wanted": state,
        "query": urlencode({"q": words, "state": state}),
        "encoded_words": urlencode({"q": words}),
    }
    return render(request, "core/accounts/list.html", context)


def _row(row: AccountRow) -> dict[str, object]:
    roles = "、".join(membership.get_role_display() for membership in row.memberships)
    return {
        "name": Cell(row.user.name, url=reverse("account_detail", args=[row.user.pk])),
        "email": row.user.email,
        "roles": roles or "役割なし",
        "state": "有効" if row.user.is_active else Chip(Status.LOCKED),
        "last_login": row.user.last_login,
    }


@require_safe
@allow("core.accounts.view")
def account_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One account: its roles, its state, and for administrators the way to stop it."""
    user = get_object_or_404(User, pk=pk)
    return render(request, "core/accounts/detail.html", _detail(request, user, ReasonForm()))


def _detail(request: HttpRequest, user: User, form: ReasonForm) -> dict[str, object]:
    scope = scope_of(request)
    return {
        "title": user.name,
        "account": user,
        "memberships_of_account": with_memberships([user])[0].memberships,
        "form": form,
        "may_lock": decide(scope, "core.accounts.lock").allowed and user.pk != scope.user_id,
        "breadcrumbs": [Crumb("利用者", reverse("account_list")), Crumb(user.name)],
    }


@require_http_methods(["POST"])
@allow("core.accounts.lock")
def account_lock(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop the account, or let it sign in again (the button says which)."""
    user = get_object_or_404(User, pk=pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return render(
            request, "core/accounts/detail.html", _detail(request, user, form), status=422
        )
    reason = form.cleaned_data["reason"]
    if request.POST.get("wanted") == "active":
        operations.unlock_account(scope_of(request), user=user, reason=reason)
        messages.success(request, f"{user.name}さんの利用を再開しました。")
    else:
        operations.lock_account(scope_of(request), user=user, reason=reason)
        messages.success(
            request, f"{user.name}さんの利用を停止しました。開いている画面も使えなくなります。"
        )
    return redirect("account_detail", pk=user.pk)
