"""Network activities: what a hub did with support organisations, perhaps with other hubs."""

from typing import Self

from django.db import models
from django.db.models import Q

from hubs.network.models import Hub
from hubs.partners.models import SupportOrganization
from yorozu.core.access import Row_co, Scope, ScopedQuerySet


class NetworkActivityQuerySet(ScopedQuerySet[Row_co]):
    """The door to activities: one's own and those one's hub took part in."""

    def visible_to(self, scope: Scope) -> Self:
        """Activities reported or attended by a hub of the scope."""
        if scope.hub_ids is None:
            return self
        attended = NetworkParticipation.objects.filter(hub_id__in=scope.hub_ids)
        return self.filter(Q(hub_id__in=scope.hub_ids) | Q(pk__in=attended.values("activity_id")))


class NetworkActivity(models.Model):
    """One activity with support organisations; it counts once, at the reporting hub.

    Corrected like a consultation: a new row, the old one stays.
    """

    hub = models.ForeignKey(
        Hub, on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="報告拠点"
    )
    record_no = models.CharField("受付番号", max_length=20)
    held_on = models.DateField("実施日")
    kind = models.CharField("種類", max_length=4)
    title = models.CharField("件名", max_length=120)
    organizations = models.ManyToManyField(
        SupportOrganization, related_name="+", verbose_name="支援機関"
    )
    coordinator_name = models.CharField("担当", max_length=40)
    revision = models.PositiveSmallIntegerField("改訂番号", default=1, db_default=1)
    is_current = models.BooleanField("有効", default=True, db_default=True)
    is_withdrawn = models.BooleanField("取消", default=False, db_default=False)
    correction_reason = models.CharField("訂正の理由", max_length=200, blank=True, db_default="")
    import_batch_id = models.BigIntegerField("取込番号", null=True, blank=True)
    import_line = models.PositiveIntegerField("取込元の行", null=True, blank=True)
    created_by_name = models.CharField("記録者", max_length=80)
    created_at = models.DateTimeField("記録日時")

    objects = NetworkActivityQuerySet.as_manager()

    class Meta:
        verbose_name = "ネットワーク活動"
        verbose_name_plural = "ネットワーク活動"
        ordering = ["-held_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["hub", "record_no"],
                condition=Q(is_current=True),
                name="one_current_activity_per_number",
            ),
            models.CheckConstraint(
                condition=Q(is_current=False) | Q(is_withdrawn=False),
                name="withdrawn_activity_not_current",
            ),
        ]
        indexes = [
            models.Index(
                fields=["hub", "held_on"], condition=Q(is_current=True), name="activity_rollup"
            ),
            models.Index(
                fields=["held_on", "kind"], condition=Q(is_current=True), name="activity_by_day"
            ),
            models.Index(
                fields=["hub", "record_no"],
                condition=Q(is_current=False),
                name="activity_history",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.record_no} {self.title}"

    @property
    def partners(self) -> list[SupportOrganization]:
        """The organisations as the register knows them today, a merged one under its kept name."""
        return list({one.kept.pk: one.kept for one in self.organizations.all()}.values())


class NetworkParticipation(models.Model):
    """A further hub that took part: it sees the activity among its own, which is not counted."""

    activity = models.ForeignKey(
        NetworkActivity,
        on_delete=models.CASCADE,
        related_name="participations",
        verbose_name="ネットワーク活動",
    )
    hub = models.ForeignKey(
        Hub, on_delete=models.PROTECT, related_name="+", verbose_name="参加拠点"
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "ネットワーク活動への参加"
        verbose_name_plural = "ネットワーク活動への参加"
        ordering = ["activity", "hub"]
        constraints = [
            models.UniqueConstraint(fields=["activity", "hub"], name="one_participation_per_hub")
        ]

    def __str__(self) -> str:
        return f"{self.activity}（{self.hub}）"
