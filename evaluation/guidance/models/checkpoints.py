"""Checkpoints of a case: monthly visits and quarterly checks, with the figures of their day."""

import json
from typing import Any

from django.conf import settings
from django.db import models

from evaluation.guidance.models.cases import GuidanceCase
from yorozu.core import clock


class CheckpointKind(models.TextChoices):
    """The exit rule counts the quarterly ones."""

    MONTHLY = "monthly", "月次の訪問"
    QUARTERLY = "quarterly", "四半期の点検"


class GuidanceCheckpoint(models.Model):
    """What was found on a day; never changed, a mistake is put right by the next one.

    ``share``: done among due actions, ``rate``: mean run-rate of the watched items (4 decimals
    each, empty when it cannot be said). ``rates``: the items as canonical text.
    """

    case = models.ForeignKey(
        GuidanceCase, on_delete=models.PROTECT, related_name="checkpoints", verbose_name="重点指導"
    )
    number = models.PositiveSmallIntegerField("回")
    kind = models.CharField("種類", max_length=10, choices=CheckpointKind.choices)
    held_on = models.DateField("実施日")
    due_actions = models.PositiveSmallIntegerField("期限の来た取組")
    done_actions = models.PositiveSmallIntegerField("うち完了")
    share = models.DecimalField("取組の完了率", max_digits=5, decimal_places=4, null=True)
    rates = models.TextField("項目ごとの進み具合")
    rate = models.DecimalField("進み具合", max_digits=5, decimal_places=4, null=True)
    sit_ins = models.PositiveSmallIntegerField("同席した相談の件数", default=0)
    sit_in_score = models.DecimalField(
        "同席の評点（0～4）", max_digits=3, decimal_places=2, null=True
    )
    findings = models.TextField("所見")
    next_on = models.DateField("次の予定日", null=True, blank=True)
    meets = models.BooleanField("解除の条件を満たす")
    method_version = models.CharField("基準の版", max_length=20)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="記録した利用者",
    )
    by_name = models.CharField("記録した人", max_length=200)
    at = models.DateTimeField("記録日時", default=clock.now)

    class Meta:
        verbose_name = "重点指導の点検"
        verbose_name_plural = "重点指導の点検"
        ordering = ["case", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "number"], name="one_guidance_checkpoint_per_number"
            )
        ]

    def __str__(self) -> str:
        return f"{self.case} 第{self.number}回{self.get_kind_display()}"

    @property
    def items(self) -> list[dict[str, Any]]:
        """The watched items: code, label, unit, actual, expected, rate, months."""
        found: list[dict[str, Any]] = json.loads(self.rates)
        return found
