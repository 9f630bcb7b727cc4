"""One audit event: who did what to which record, with before and after, chained by hash."""

from django.db import models

from yorozu.core.access import Scope
from yorozu.core.guards import append_only


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    """The door to the trail."""

    def visible_to(self, scope: Scope) -> "AuditEventQuerySet":
        """National scopes read everything; others read the events of their hubs."""
        if scope.hub_ids is None:
            return self
        return self.filter(hub_id__in=scope.hub_ids)


class AuditEvent(models.Model):
    """An accepted act. Rows are never changed: a trigger refuses UPDATE and DELETE."""

    sequence = models.BigIntegerField("連番", unique=True)
    at = models.DateTimeField("日時", db_index=True)
    actor_id = models.BigIntegerField("利用者番号", null=True)
    actor_label = models.CharField("行った人", max_length=200)
    role = models.CharField("役割", max_length=40, blank=True)
    action = models.CharField("操作", max_length=80, db_index=True)
    object_type = models.CharField("対象の種類", max_length=80)
    object_id = models.CharField("対象の番号", max_length=64)
    object_label = models.CharField("対象", max_length=255)
    hub_id = models.BigIntegerField("拠点番号", null=True, db_index=True)
    before = models.TextField("変更前", blank=True)
    after = models.TextField("変更後", blank=True)
    reason = models.TextField("理由", blank=True)
    previous_hash = models.CharField("前のハッシュ", max_length=64)
    event_hash = models.CharField("ハッシュ", max_length=64, unique=True)

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        verbose_name = "監査記録"
        verbose_name_plural = "監査記録"
        ordering = ["-sequence"]

    def __str__(self) -> str:
        return f"{self.sequence} {self.action} {self.object_label}"


GUARDS = append_only("audit_auditevent", "監査記録は変更も削除もできません。")
