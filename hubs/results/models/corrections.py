"""Corrections: new dated rows beside accepted figures, which themselves never move."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from hubs.plans.models import FocusArea
from hubs.results.models.monthly import MonthlyReport, ValueState
from hubs.terms.models import ActivityIndicator
from yorozu.core import clock
from yorozu.core.access import ScopedQuerySet
from yorozu.core.guards import Guard, frozen_columns


class CorrectionState(models.TextChoices):
    """States of a correction; after 反映済, 不承認 and 取下げ nothing moves any more."""

    REQUESTED = "requested", "修正申請中"
    CONFIRMED = "confirmed", "実施機関確認済"
    ACCEPTED = "accepted", "反映済"
    REFUSED = "refused", "不承認"
    WITHDRAWN = "withdrawn", "取下げ"


OPEN_STATES = (CorrectionState.REQUESTED.value, CorrectionState.CONFIRMED.value)


class CorrectionQuerySet(ScopedQuerySet["ResultCorrection"]):
    """The door to corrections: those of the hubs in the scope."""

    hub_path = "report__hub_id"


class ResultCorrection(models.Model):
    """What one figure of an accepted month shall count as instead, from the day it is accepted.

    ``old_*`` is what counted when the correction was asked for: the accepted figure, or the
    correction accepted last. One cell has at most one correction that is not yet decided.
    """

    report = models.ForeignKey(
        MonthlyReport,
        on_delete=models.PROTECT,
        related_name="corrections",
        verbose_name="月次実績",
    )
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
    old_state = models.CharField("修正前の状態", max_length=16, choices=ValueState.choices)
    old_value = models.PositiveIntegerField("修正前の値", null=True, blank=True)
    new_state = models.CharField("修正後の状態", max_length=16, choices=ValueState.choices)
    new_value = models.PositiveIntegerField("修正後の値", null=True, blank=True)
    reason = models.TextField("修正の理由")
    evidence = models.TextField("根拠")
    state = models.CharField(
        "状態",
        max_length=12,
        choices=CorrectionState.choices,
        default=CorrectionState.REQUESTED,
    )
    requested_at = models.DateTimeField("申請日時", default=clock.now)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="申請した利用者",
    )
    requested_by_name = models.CharField("申請者", max_length=200)
    confirmed_at = models.DateTimeField("実施機関の確認日時", null=True, blank=True)
    confirmed_by_name = models.CharField("実施機関の確認者", max_length=200, blank=True)
    decided_at = models.DateTimeField("決定日時", null=True, blank=True)
    decided_by_name = models.CharField("決定者", max_length=200, blank=True)
    refusal_reason = models.TextField("不承認の理由", blank=True)

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        verbose_name = "実績の修正"
        verbose_name_plural = "実績の修正"
        ordering = ["report", "requested_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["report", "indicator"],
                condition=Q(indicator__isnull=False, state__in=OPEN_STATES),
                name="one_open_correction_per_indicator",
            ),
            models.UniqueConstraint(
                fields=["report", "focus_area"],
                condition=Q(focus_area__isnull=False, state__in=OPEN_STATES),
                name="one_open_correction_per_focus_area",
            ),
            models.CheckConstraint(
                condition=Q(indicator__isnull=False, focus_area__isnull=True)
                | Q(indicator__isnull=True, focus_area__isnull=False),
                name="correction_of_indicator_or_focus_area",
            ),
            models.CheckConstraint(
                condition=(
                    Q(old_state=ValueState.REPORTED, old_value__isnull=False)
                    | (~Q(old_state=ValueState.REPORTED) & Q(old_value__isnull=True))
                )
                & (
                    Q(new_state=ValueState.REPORTED, new_value__isnull=False)
                    | Q(new_state=ValueState.NOT_APPLICABLE, new_value__isnull=True)
                ),
                name="correction_values_fit_their_states",
            ),
            models.CheckConstraint(
                condition=Q(state__in=OPEN_STATES) | Q(decided_at__isnull=False),
                name="decided_correction_has_date",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report} {self.indicator or self.focus_area} 修正{self.pk or ''}".strip()

    @property
    def hub_id(self) -> int:
        """The hub whose figure it is, for scope and audit; select ``report`` for lists."""
        return int(self.report.hub_id)

    @property
    def owner(self) -> tuple[int | None, int | None]:
        """How a stored figure names its column."""
        return self.indicator_id, self.focus_area_id


_TABLE = "hubs_resultcorrection"
_HELD = "実績の修正は記録として残り、変更も削除もできません。"
_ACCEPTED_ONLY = (
    "NEW.state <> 'requested' OR NOT EXISTS (SELECT 1 FROM hubs_monthlyreport p "
    "WHERE p.id = NEW.report_id AND p.state = 'accepted')"
)
GUARDS = [
    Guard(_TABLE, "INSERT", _ACCEPTED_ONLY, "修正は、確認済の月次実績についてだけ申請できます。"),
    frozen_columns(
        _TABLE,
        [
            "report_id",
            "indicator_id",
            "focus_area_id",
            "old_state",
            "old_value",
            "new_state",
            "new_value",
            "reason",
            "evidence",
            "requested_at",
            "requested_by_id",
            "requested_by_name",
        ],
        "1 = 1",
        _HELD,
    ),
    Guard(
        _TABLE,
        "UPDATE",
        "OLD.state IN ('accepted', 'refused', 'withdrawn')",
        "決定した修正は変更できません。",
        "decided",
    ),
    Guard(_TABLE, "DELETE", "", _HELD),
]
