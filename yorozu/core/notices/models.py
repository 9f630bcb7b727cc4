"""A notice to one account."""

from django.conf import settings
from django.db import models

from yorozu.core import clock
from yorozu.core.access import Scope


class NoticeQuerySet(models.QuerySet["Notice"]):
    """The door to notices: everybody reads only their own."""

    def visible_to(self, scope: Scope) -> "NoticeQuerySet":
        """The notices of the signed-in person."""
        return self.none() if scope.user_id is None else self.filter(user_id=scope.user_id)

    def unread(self) -> "NoticeQuerySet":
        """Notices not opened yet."""
        return self.filter(read_at=None)


class Notice(models.Model):
    """One message to one account; ``key`` makes sending it twice harmless."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name="宛先"
    )
    key = models.CharField("重複防止キー", max_length=120)
    text = models.CharField("内容", max_length=300)
    url = models.CharField("リンク先", max_length=300, blank=True)
    created_at = models.DateTimeField("作成日時", default=clock.now)
    read_at = models.DateTimeField("既読日時", null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = "通知"
        verbose_name_plural = "通知"
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="notice_once_per_user_and_key")
        ]

    def __str__(self) -> str:
        return self.text
