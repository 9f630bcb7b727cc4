"""Counts of the satisfaction survey and values of the partner assessment, per hub and term."""

from django.db import models
from django.db.models import F, Q

from hubs.network.models import Hub
from hubs.partners.models import OrganizationType
from hubs.terms.models import Term
from yorozu.core.access import ScopedQuerySet


class SatisfactionSurvey(models.Model):
    """Satisfaction survey of one hub (S87): counts per level 1-5, sent and returned.

    Never a percentage alone. The row comes from a closed wave of the portal or from a file.
    """

    hub = models.ForeignKey(Hub, on_delete=models.PROTECT, related_name="+", verbose_name="拠点")
    term = models.ForeignKey(Term, on_delete=models.PROTECT, related_name="+", verbose_name="期")
    sent = models.PositiveIntegerField("送付数")
    returned = models.PositiveIntegerField("回収数")
    level_1 = models.PositiveIntegerField("1 不満")
    level_2 = models.PositiveIntegerField("2 やや不満")
    level_3 = models.PositiveIntegerField("3 どちらともいえない")
    level_4 = models.PositiveIntegerField("4 満足")
    level_5 = models.PositiveIntegerField("5 大変満足")
    is_excused = models.BooleanField("対象外の承認", default=False)
    wave = models.ForeignKey(
        "SurveyWave",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="調査回",
    )
    import_batch_id = models.BigIntegerField("取込番号", null=True, blank=True)
    import_row = models.PositiveIntegerField("取込元の行", null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "顧客満足度調査"
        verbose_name_plural = "顧客満足度調査"
        ordering = ["term", "hub"]
        constraints = [
            models.UniqueConstraint(fields=["term", "hub"], name="one_satisfaction_per_hub"),
            models.CheckConstraint(
                condition=Q(returned__lte=F("sent")), name="returned_at_most_sent"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hub} {self.term} 顧客満足度調査"

    @property
    def histogram(self) -> list[int]:
        """Answers per level, 1 to 5."""
        return [self.level_1, self.level_2, self.level_3, self.level_4, self.level_5]


class PartnerAssessment(models.Model):
    """Rating of a hub by one support organisation (S88): one organisation, one value 1.00-5.00.

    The row comes from a closed wave of the portal or from a file.
    """

    hub = models.ForeignKey(Hub, on_delete=models.PROTECT, related_name="+", verbose_name="拠点")
    term = models.ForeignKey(Term, on_delete=models.PROTECT, related_name="+", verbose_name="期")
    organization_name = models.CharField("支援機関", max_length=80)
    organization_key = models.CharField("照合用の名称", max_length=120)
    organization_type = models.CharField("種別", max_length=32, choices=OrganizationType.choices)
    value = models.DecimalField("評価値", max_digits=3, decimal_places=2)
    respondents = models.PositiveSmallIntegerField("回答者数", default=1)
    is_excluded = models.BooleanField("除外", default=False)
    excluded_reason = models.CharField("除外の理由", max_length=120, blank=True)
    wave = models.ForeignKey(
        "SurveyWave",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="調査回",
    )
    import_batch_id = models.BigIntegerField("取込番号", null=True, blank=True)
    import_row = models.PositiveIntegerField("取込元の行", null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "支援機関による評価"
        verbose_name_plural = "支援機関による評価"
        ordering = ["term", "hub", "organization_key"]
        constraints = [
            models.UniqueConstraint(
                fields=["term", "hub", "organization_key"], name="one_value_per_organization"
            ),
            models.CheckConstraint(
                condition=Q(value__gte=1, value__lte=5), name="partner_value_1_to_5"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hub} {self.organization_name}"
