"""The sample check: bureau or HQ looks at some resolved records, drawn by chance."""

from django.db import models
from django.db.models import Q

from hubs.ledger.models.records import IndividualConsultation
from hubs.network.models import Hub
from yorozu.core.access import ScopedQuerySet
from yorozu.core.fiscal import wareki_month


class SampleDraw(models.Model):
    """One drawing among the records of a hub that were resolved in a month.

    ``population`` and ``seed`` are kept, so that the drawing can be repeated and explained.
    """

    hub = models.ForeignKey(Hub, on_delete=models.PROTECT, related_name="+", verbose_name="拠点")
    month = models.DateField("対象月")
    seed = models.CharField("乱数の種", max_length=40)
    population = models.PositiveIntegerField("抽出対象の件数")
    drawn_by_name = models.CharField("抽出者", max_length=80)
    drawn_at = models.DateTimeField("抽出日時")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "抽出"
        verbose_name_plural = "抽出"
        ordering = ["-month", "hub", "-id"]

    def __str__(self) -> str:
        return f"{self.hub} {wareki_month(self.month)} 抽出"


class CheckOutcome(models.TextChoices):
    """What the check found; empty while nobody has looked."""

    CONFIRMED = "confirmed", "解決を確認"
    NOT_CONFIRMED = "not_confirmed", "確認できず"


class SampleCheckQuerySet(ScopedQuerySet):
    """The door to sample checks: through the record that is checked."""

    hub_path = "consultation__hub_id"


class SampleCheck(models.Model):
    """The look at one drawn record, as it stood when it was drawn; one for each revision."""

    draw = models.ForeignKey(
        SampleDraw, on_delete=models.PROTECT, related_name="checks", verbose_name="抽出"
    )
    consultation = models.OneToOneField(
        IndividualConsultation,
        on_delete=models.PROTECT,
        related_name="sample_check",
        verbose_name="相談記録",
    )
    outcome = models.CharField("結果", max_length=16, choices=CheckOutcome.choices, blank=True)
    checked_on = models.DateField("確認した日", null=True, blank=True)
    checked_by_name = models.CharField("確認者", max_length=80, blank=True)
    remark = models.CharField("所見", max_length=200, blank=True)

    objects = SampleCheckQuerySet.as_manager()

    class Meta:
        verbose_name = "抽出確認"
        verbose_name_plural = "抽出確認"
        ordering = ["draw", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="", checked_on__isnull=True)
                | (~Q(outcome="") & Q(checked_on__isnull=False)),
                name="check_outcome_has_date",
            )
        ]

    def __str__(self) -> str:
        return f"{self.consultation} {self.get_outcome_display() or '未確認'}"
