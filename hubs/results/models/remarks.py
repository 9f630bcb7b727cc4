"""Remarks of a return: what the body or bureau asked about which figure, and the hub's answer."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from hubs.plans.models import FocusArea
from hubs.results.models.monthly import MonthlyReport, ValueState
from hubs.terms.models import ActivityIndicator
from yorozu.core import clock
from yorozu.core.access import ScopedQuerySet
from yorozu.core.guards import Guard, frozen_columns


class RemarkQuerySet(ScopedQuerySet["ReturnRemark"]):
    """The door to remarks: those of the hubs in the scope."""

    hub_path = "report__hub_id"


class ReturnRemark(models.Model):
    """One remark of one return (``round`` counts the returns of a month from 1).

    Without a column it is the reason of the whole return. ``value_*`` is the figure as it stood
    when it was asked about, so that a changed figure answers by itself.
    """

    report = models.ForeignKey(
        MonthlyReport, on_delete=models.PROTECT, related_name="remarks", verbose_name="月次実績"
    )
    round = models.PositiveSmallIntegerField("差戻しの回")
    indicator = models.ForeignKey(
        ActivityIndicator,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="活動指標",
    )
    focus_area = models.ForeignKey(
        FocusArea,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="重点分野",
    )
    value_state = models.CharField(
        "指摘時の状態", max_length=16, choices=ValueState.choices, blank=True
    )
    value = models.PositiveIntegerField("指摘時の値", null=True, blank=True)
    text = models.TextField("指摘")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="指摘した利用者",
    )
    by_name = models.CharField("指摘した人", max_length=200)
    at = models.DateTimeField("指摘日時", default=clock.now)
    answer = models.TextField("回答", blank=True)
    answered_at = models.DateTimeField("回答日時", null=True, blank=True)
    answered_by_name = models.CharField("回答した人", max_length=200, blank=True)

    objects = RemarkQuerySet.as_manager()

    class Meta:
        verbose_name = "差戻しの指摘"
        verbose_name_plural = "差戻しの指摘"
        ordering = ["report", "round", "indicator__order", "focus_area__order", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["report", "round", "indicator"],
                condition=Q(indicator__isnull=False),
                name="one_remark_per_indicator_and_round",
            ),
            models.UniqueConstraint(
                fields=["report", "round", "focus_area"],
                condition=Q(focus_area__isnull=False),
                name="one_remark_per_focus_area_and_round",
            ),
            models.UniqueConstraint(
                fields=["report", "round"],
                condition=Q(indicator__isnull=True, focus_area__isnull=True),
                name="one_reason_per_round",
            ),
            models.CheckConstraint(
                condition=Q(indicator__isnull=True) | Q(focus_area__isnull=True),
                name="remark_of_one_column_at_most",
            ),
        ]

    def __str__(self) -> str:
        column = self.indicator or self.focus_area or "全体"
        return f"{self.report} 差戻し{self.round}回目 {column}"

    @property
    def hub_id(self) -> int:
        """The hub that is asked, for scope and audit; select ``report`` for lists."""
        return int(self.report.hub_id)

    @property
    def owner(self) -> tuple[int | None, int | None]:
        """How a stored figure names its column; two Nones for the month as a whole."""
        return self.indicator_id, self.focus_area_id


_TABLE = "hubs_returnremark"
_HELD = "差戻しの指摘は記録として残り、変更も削除もできません。"
_ACCEPTED = (
    "EXISTS (SELECT 1 FROM hubs_monthlyreport p "
    "WHERE p.id = {side}.report_id AND p.state = 'accepted')"
)
GUARDS = [
    Guard(_TABLE, "INSERT", _ACCEPTED.format(side="NEW"), "確認済の月次実績は差し戻せません。"),
    frozen_columns(
        _TABLE,
        [
            "report_id",
            "round",
            "indicator_id",
            "focus_area_id",
            "value_state",
            "value",
            "text",
            "by_id",
            "by_name",
            "at",
        ],
        "1 = 1",
        _HELD,
    ),
    Guard(_TABLE, "UPDATE", _ACCEPTED.format(side="OLD"), _HELD, "accepted"),
    Guard(_TABLE, "DELETE", "", _HELD),
]
