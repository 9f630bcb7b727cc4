"""Reads of notices beyond the rows themselves."""

from yorozu.core.access import Scope
from yorozu.core.notices.models import NoticeSetting


def wants_mail(scope: Scope) -> bool:
    """Whether the person's notices also go out by mail; on until the person switches it off."""
    if scope.user_id is None:
        return False
    return not NoticeSetting.objects.filter(user_id=scope.user_id, wants_mail=False).exists()
