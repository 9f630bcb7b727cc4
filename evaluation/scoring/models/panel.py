"""Adjustments by the panel (総合的な勘案): at most five points, a reason, two names."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from evaluation.scoring.models.runs import EvaluationRun
from hubs.network.models import Hub
from yorozu.core import clock
from yorozu.core.guards import Guard, frozen_columns

LIMIT = Decimal("5.00")


class AdjustmentState(models.TextChoices):
    """Proposed by one, confirmed by another; then computed into the run that follows."""

    PROPOSED = "proposed", "提案"
    CONFIRMED = "confirmed", "承認"
    WITHDRAWN = "withdrawn", "取下げ"


class PanelAdjustment(models.Model):
    """Points that the panel adds to a hub's mechanical score, or takes from it (evaluation.md 2.7).

    0.00 takes an earlier adjustment back. ``applied_run`` is the run computed with it.
    """

    run = models.ForeignKey(
        EvaluationRun, on_delete=models.PROTECT, related_name="adjustments", verbose_name="評価"
    )
    hub = models.ForeignKey(Hub, on_delete=models.PROTECT, related_name="+", verbose_name="拠点")
    points = models.DecimalField("調整点", max_digits=4, decimal_places=2)
    reason = models.TextField("理由")
    evidence = models.TextField("根拠")
    state = models.CharField(
        "状態", max_length=10, choices=AdjustmentState.choices, default=AdjustmentState.PROPOSED
    )
    proposed_at = models.DateTimeField("提案日時", default=clock.now)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="提案した利用者",
    )
    proposed_by_name = models.CharField("提案者", max_length=200)
    confirmed_at = models.DateTimeField("承認日時", null=True, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="承認した利用者",
    )
    confirmed_by_name = models.CharField("承認者", max_length=200, blank=True)
    applied_run = models.ForeignKey(
        EvaluationRun,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="反映した評価",
    )

    class Meta:
        verbose_name = "審査会の調整"
        verbose_name_plural = "審査会の調整"
        ordering = ["run", "hub", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(points__gte=-LIMIT, points__lte=LIMIT),
                name="adjustment_within_five_points",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("proposed_by")),
                name="adjustment_has_two_people",
            ),
            models.CheckConstraint(
                condition=~Q(state=AdjustmentState.CONFIRMED) | Q(confirmed_at__isnull=False),
                name="adjustment_confirmed_has_date",
            ),
            models.UniqueConstraint(
                fields=["run", "hub"],
                condition=~Q(state=AdjustmentState.WITHDRAWN),
                name="one_adjustment_per_hub",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hub} {self.run} 調整"


_TABLE = "evaluation_paneladjustment"
_HELD = "審査会の調整は変更も削除もできません。"
GUARDS = [
    frozen_columns(
        _TABLE,
        [
            "run_id",
            "hub_id",
            "points",
            "reason",
            "evidence",
            "proposed_at",
            "proposed_by_id",
            "proposed_by_name",
        ],
        "1 = 1",
        _HELD,
    ),
    Guard(
        _TABLE,
        "UPDATE",
        "OLD.state <> 'proposed' AND (OLD.state <> NEW.state OR OLD.confirmed_at IS DISTINCT FROM "
        "NEW.confirmed_at OR OLD.confirmed_by_id IS DISTINCT FROM NEW.confirmed_by_id)",
        _HELD,
        "confirmed",
    ),
    Guard(
        _TABLE,
        "UPDATE",
        "OLD.applied_run_id IS NOT NULL AND OLD.applied_run_id IS DISTINCT FROM NEW.applied_run_id",
        _HELD,
        "applied",
    ),
    Guard(_TABLE, "DELETE", "", _HELD),
]
