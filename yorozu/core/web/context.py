"""What every page's frame needs: role, other roles, notices, navigation."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.module_loading import import_string

from yorozu.core.access import scope_of
from yorozu.core.notices.queries import unread_count


def frame(request: HttpRequest) -> dict[str, Any]:
    """Template context of base.html; navigation comes from the top floor by dotted path."""
    scope = scope_of(request)
    said = {"is_sample_data": settings.IS_SAMPLE_DATA, "support_contact": settings.SUPPORT_CONTACT}
    if scope.user_id is None:
        return {"scope": scope, "nav": [], "unread_notices": 0, "memberships": [], **said}
    navigation = import_string(settings.NAVIGATION)
    memberships = getattr(request.user, "memberships_of_today", None)
    if memberships is None:
        memberships = import_string(settings.MEMBERSHIPS)(scope.user_id)
    return {
        "scope": scope,
        "nav": navigation(request),
        "memberships": memberships,
        "unread_notices": unread_count(request),
        **said,
    }
