"""A notice to one account, its delivery by mail, and whether the person wants mails at all."""

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


class MailState(models.TextChoices):
    """How far the mail of a notice is; the last three need no more work."""

    WAITING = "waiting", "メール送信待ち"
    SENT = "sent", "メール送信済"
    READ = "read", "既読のためメールなし"
    OFF = "off", "メールの受取り停止中"
    FAILED = "failed", "メールを送信できませんでした"


class NoticeMail(models.Model):
    """The delivery of one notice by mail.

    Notices of one ``act`` to one person travel in one mail. A worker takes a row by writing its
    ``token`` and a later ``due_at``; a worker that dies leaves a row that is due again.
    """

    notice = models.OneToOneField(
        Notice, on_delete=models.CASCADE, related_name="mail", verbose_name="通知"
    )
    act = models.CharField("操作", max_length=120, db_index=True)
    state = models.CharField(
        "状態", max_length=10, choices=MailState.choices, default=MailState.WAITING
    )
    attempts = models.PositiveSmallIntegerField("送信の回数", default=0)
    due_at = models.DateTimeField("次の送信", default=clock.now)
    token = models.CharField("占有トークン", max_length=36, blank=True)
    error = models.CharField("送信できなかった理由", max_length=200, blank=True)
    sent_at = models.DateTimeField("送信日時", null=True, blank=True)

    class Meta:
        verbose_name = "通知メール"
        verbose_name_plural = "通知メール"
        ordering = ["pk"]
        indexes = [models.Index(fields=["state", "due_at"], name="notice_mail_due")]

    def __str__(self) -> str:
        return f"{self.notice}（{self.get_state_display()}）"


class NoticeSetting(models.Model):
    """What a person has chosen about notices; without a row mails are sent."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name="利用者"
    )
    wants_mail = models.BooleanField("通知をメールでも受け取る", default=True)

    class Meta:
        verbose_name = "通知の設定"
        verbose_name_plural = "通知の設定"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.user}：{'受け取る' if self.wants_mail else '受け取らない'}"
