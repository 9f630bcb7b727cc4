"""One uploaded file on its way: what it is, what was found and written, how to undo it."""

from django.conf import settings
from django.db import models

from yorozu.core import clock
from yorozu.core.access import Role, Scope


class BatchState(models.TextChoices):
    """States of an import."""

    CHECKING = "checking", "確認中"
    REFUSED = "refused", "取込不可"
    READY = "ready", "反映待ち"
    UNCHANGED = "unchanged", "変更なし"
    APPLYING = "applying", "反映中"
    APPLIED = "applied", "反映済"
    UNDOING = "undoing", "取消中"
    UNDONE = "undone", "取消済"


class ImportBatchQuerySet(models.QuerySet["ImportBatch"]):
    """The door to imports: one's own; administrators, HQ and auditors see all."""

    def light(self) -> "ImportBatchQuerySet":
        """Without the file and the undo records, which no screen shows."""
        return self.defer("content", "undo")

    def visible_to(self, scope: Scope) -> "ImportBatchQuerySet":
        """Imports the person made, or all of them for national administration."""
        wide = {Role.SYSTEM_ADMIN, Role.NATIONAL_HQ, Role.AUDITOR}
        if scope.is_system or scope.role in wide:
            return self
        return self.filter(created_by_id=scope.user_id)


class ImportBatch(models.Model):
    """An uploaded file of one kind. Nothing of it is in the domain tables before it is applied.

    A small file lies in ``content``. A bulk file lies in ``folder`` of the storage, with the rows
    and problems of its check in the folder ``work`` below.
    """

    kind = models.CharField("種類", max_length=60, db_index=True)
    params = models.JSONField("条件", default=dict)
    filename = models.CharField("ファイル名", max_length=200)
    sha256 = models.CharField("ファイルのハッシュ", max_length=64, db_index=True)
    content = models.BinaryField("ファイル", default=bytes)
    folder = models.CharField("保存先", max_length=100, blank=True)
    work = models.CharField("確認結果の保存先", max_length=40, blank=True)
    size = models.PositiveBigIntegerField("大きさ（バイト）", default=0)
    encoding = models.CharField("文字コード", max_length=20, blank=True)
    state = models.CharField(
        "状態", max_length=12, choices=BatchState.choices, default=BatchState.CHECKING
    )
    rows_total = models.PositiveIntegerField("行数", default=0)
    rows_added = models.PositiveIntegerField("追加", default=0)
    rows_changed = models.PositiveIntegerField("変更", default=0)
    rows_unchanged = models.PositiveIntegerField("変更なし", default=0)
    rows_left_out = models.PositiveIntegerField("除く行", default=0)
    problems_total = models.PositiveIntegerField("誤りの数", default=0)
    problems = models.JSONField("誤り", default=list)
    changes = models.JSONField("差分", default=list)
    changes_hash = models.CharField("差分のハッシュ", max_length=64, blank=True)
    undo = models.JSONField("取消用の記録", default=list)
    summary = models.JSONField("内訳", default=list)
    refusal = models.CharField("行えなかった理由", max_length=500, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="取り込んだ人",
    )
    created_by_name = models.CharField("取り込んだ人の氏名", max_length=200)
    created_at = models.DateTimeField("取込日時", default=clock.now)
    applied_at = models.DateTimeField("反映日時", null=True, blank=True)
    undone_at = models.DateTimeField("取消日時", null=True, blank=True)
    check_job_id = models.BigIntegerField("確認ジョブ", null=True, blank=True)
    apply_job_id = models.BigIntegerField("反映ジョブ", null=True, blank=True)
    undo_job_id = models.BigIntegerField("取消ジョブ", null=True, blank=True)

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        verbose_name = "取込"
        verbose_name_plural = "取込"
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.filename}"
