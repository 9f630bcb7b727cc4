"""The records of consultations (glossary 56)."""

from django.db import models
from django.db.models import Q

from hubs.network.models import Hub
from yorozu.core.access import ScopedQuerySet


class IndividualConsultation(models.Model):
    """One consultation of one client, without personal data.

    A row is never changed: a correction is a new row of the same number with ``revision`` + 1, and
    only ``is_current`` of the old row falls. A withdrawal is a row that is not current itself.
    ``resolved_on`` is what the hub reports, ``client_confirmed_on`` what the client confirmed;
    the third layer is ``SampleCheck``. Files of a million rows a year come by COPY, so the columns
    a file does not bring have defaults in the database and the indexes are few.
    """

    hub = models.ForeignKey(
        Hub, on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="拠点"
    )
    record_no = models.CharField("受付番号", max_length=20)
    held_on = models.DateField("相談日")
    channel = models.CharField("相談方法", max_length=4)
    theme = models.CharField("相談テーマ", max_length=4)
    industry = models.CharField("業種", max_length=4)
    employees_band = models.CharField("従業員規模", max_length=4)
    coordinator_name = models.CharField("担当", max_length=40)
    client_key = models.CharField("相談者番号", max_length=32)
    minutes = models.PositiveSmallIntegerField("相談時間（分）")
    resolved_on = models.DateField("課題解決日", null=True, blank=True)
    client_confirmed_on = models.DateField("相談者確認日", null=True, blank=True)
    note = models.TextField("概要", blank=True, db_default="")
    revision = models.PositiveSmallIntegerField("改訂番号", default=1, db_default=1)
    is_current = models.BooleanField("有効", default=True, db_default=True)
    is_withdrawn = models.BooleanField("取消", default=False, db_default=False)
    correction_reason = models.CharField("訂正の理由", max_length=200, blank=True, db_default="")
    import_batch_id = models.BigIntegerField("取込番号", null=True, blank=True)
    import_line = models.PositiveIntegerField("取込元の行", null=True, blank=True)
    created_by_name = models.CharField("記録者", max_length=80)
    created_at = models.DateTimeField("記録日時")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "相談記録"
        verbose_name_plural = "相談記録"
        ordering = ["-held_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["hub", "record_no"],
                condition=Q(is_current=True),
                name="one_current_record_per_number",
            ),
            models.CheckConstraint(
                condition=Q(client_confirmed_on__isnull=True) | Q(resolved_on__isnull=False),
                name="confirmed_record_is_resolved",
            ),
            models.CheckConstraint(
                condition=Q(is_current=False) | Q(is_withdrawn=False),
                name="withdrawn_record_not_current",
            ),
        ]
        indexes = [
            # Every figure of a month is read from this index alone.
            models.Index(
                fields=[
                    "hub",
                    "held_on",
                    "channel",
                    "client_key",
                    "resolved_on",
                    "client_confirmed_on",
                ],
                condition=Q(is_current=True),
                name="ledger_rollup",
            ),
            # Issues count in the month they were resolved in, which may be long after the visit.
            models.Index(
                fields=["hub", "resolved_on", "client_confirmed_on"],
                condition=Q(is_current=True, resolved_on__isnull=False),
                name="ledger_resolved",
            ),
            models.Index(
                fields=["hub", "record_no"], condition=Q(is_current=False), name="ledger_history"
            ),
            # What was typed by hand today; a file adds nothing to this index.
            models.Index(
                fields=["hub", "created_at"],
                condition=Q(import_batch_id__isnull=True),
                name="ledger_by_hand",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.record_no}（第{self.revision}版）"
