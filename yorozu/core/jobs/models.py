"""One job: what is asked, who asked, how far it is, and the lease of the worker that holds it."""

from django.conf import settings
from django.db import models

from yorozu.core import clock
from yorozu.core.access import Role, Scope


class JobState(models.TextChoices):
    """States of a job."""

    QUEUED = "queued", "開始待ち"
    RUNNING = "running", "実行中"
    SUCCEEDED = "succeeded", "完了"
    FAILED = "failed", "失敗"


class JobQuerySet(models.QuerySet["Job"]):
    """The door to jobs: one's own; administrators and auditors see all."""

    def visible_to(self, scope: Scope) -> "JobQuerySet":
        """Jobs the person started; all of them for system administrators, auditors and commands."""
        if scope.is_system or scope.role in {Role.SYSTEM_ADMIN, Role.AUDITOR}:
            return self
        return self.filter(created_by_id=scope.user_id)


class Job(models.Model):
    """A unit of background work. ``key`` is unique: asking twice for one work gives one row."""

    kind = models.CharField("種類", max_length=60, db_index=True)
    key = models.CharField("重複防止キー", max_length=160, unique=True)
    label = models.CharField("内容", max_length=200)
    params = models.JSONField("引数", default=dict)
    state = models.CharField(
        "状態", max_length=12, choices=JobState.choices, default=JobState.QUEUED, db_index=True
    )
    attempts = models.PositiveIntegerField("実行回数", default=0)
    lease_token = models.CharField("占有トークン", max_length=36, blank=True)
    lease_until = models.DateTimeField("占有期限", null=True, blank=True)
    progress_done = models.PositiveIntegerField("進んだ数", default=0)
    progress_total = models.PositiveIntegerField("全体の数", default=0)
    step = models.CharField("いまの作業", max_length=120, blank=True)
    result = models.JSONField("結果", default=dict)
    result_url = models.CharField("結果の画面", max_length=300, blank=True)
    error = models.TextField("失敗の理由", blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="依頼した人",
    )
    created_at = models.DateTimeField("依頼日時", default=clock.now)
    sent_at = models.DateTimeField("送信日時", default=clock.now)
    started_at = models.DateTimeField("開始日時", null=True, blank=True)
    finished_at = models.DateTimeField("終了日時", null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = "ジョブ"
        verbose_name_plural = "ジョブ"
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return self.label

    @property
    def percent(self) -> int:
        """Progress as a whole percentage; 100 only when finished."""
        if self.state == JobState.SUCCEEDED:
            return 100
        if not self.progress_total:
            return 0
        return min(99, self.progress_done * 100 // self.progress_total)

    @property
    def is_over(self) -> bool:
        """True when nothing will happen any more."""
        return self.state in {JobState.SUCCEEDED, JobState.FAILED}
