"""Monthly results: one report per hub and month, one row per indicator or focus area."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from hubs.network.models import Hub
from hubs.plans.models import FocusArea
from hubs.terms.models import ActivityIndicator, FigureSource, Term
from yorozu.core.access import ScopedQuerySet
from yorozu.core.fiscal import wareki_month
from yorozu.core.guards import Guard, frozen_children, frozen_columns


class ReportState(models.TextChoices):
    """States of a monthly report (product.md 2); re-opening an accepted month does not exist."""

    OPEN = "open", "入力中"
    SUBMITTED = "submitted", "提出済"
    CONFIRMED = "confirmed", "実施機関確認済"
    ACCEPTED = "accepted", "確認済"
    RETURNED = "returned", "差戻し"


class MonthlyReport(models.Model):
    """The results of one hub for one month (``month`` is its first day)."""

    hub = models.ForeignKey(
        Hub, on_delete=models.PROTECT, related_name="monthly_reports", verbose_name="拠点"
    )
    term = models.ForeignKey(
        Term, on_delete=models.PROTECT, related_name="monthly_reports", verbose_name="期"
    )
    month = models.DateField("対象月")
    state = models.CharField(
        "状態", max_length=12, choices=ReportState.choices, default=ReportState.OPEN
    )
    version = models.PositiveIntegerField("更新番号", default=1)
    updated_at = models.DateTimeField("更新日時", auto_now=True)
    updated_by_name = models.CharField("更新者", max_length=80, blank=True)
    return_reason = models.TextField("差戻しの理由", blank=True)
    first_submitted_at = models.DateTimeField("最初の提出日時", null=True, blank=True)
    submitted_at = models.DateTimeField("提出日時", null=True, blank=True)
    confirmed_at = models.DateTimeField("実施機関の確認日時", null=True, blank=True)
    accepted_at = models.DateTimeField("確認日時", null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="確認者",
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "月次実績"
        verbose_name_plural = "月次実績"
        ordering = ["hub", "month"]
        constraints = [
            models.UniqueConstraint(fields=["hub", "month"], name="one_report_per_hub_and_month"),
            models.CheckConstraint(
                condition=~Q(state=ReportState.ACCEPTED) | Q(accepted_at__isnull=False),
                name="accepted_report_has_date",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hub} {wareki_month(self.month)} 月次実績"


class ValueState(models.TextChoices):
    """Blank, zero and not applicable are three states (domain.md 4.3)."""

    NOT_REPORTED = "not_reported", "未報告"
    REPORTED = "reported", "報告"
    NOT_APPLICABLE = "not_applicable", "該当なし"


class MonthlyResult(models.Model):
    """One figure of a monthly report: for an activity indicator or for a focus area of the plan.

    ``source`` says whether ``value`` was drawn from the ledger or declared; ``counted`` is what the
    ledger counted when the month was sent, None where the hub kept no records of it. Both stay as
    they were sent, whatever happens to the ledger afterwards.
    """

    report = models.ForeignKey(
        MonthlyReport, on_delete=models.CASCADE, related_name="results", verbose_name="月次実績"
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
    value_state = models.CharField(
        "報告の状態",
        max_length=16,
        choices=ValueState.choices,
        default=ValueState.NOT_REPORTED,
    )
    value = models.PositiveIntegerField("実績値", null=True, blank=True)
    draft_text = models.CharField("入力中の文字", max_length=40, blank=True)
    reason = models.CharField("理由", max_length=200, blank=True)
    source = models.CharField(
        "集計元", max_length=8, choices=FigureSource.choices, default=FigureSource.DECLARED
    )
    counted = models.PositiveIntegerField("提出時の相談記録の件数", null=True, blank=True)
    import_batch_id = models.BigIntegerField("取込番号", null=True, blank=True)
    import_row = models.PositiveIntegerField("取込元の行", null=True, blank=True)

    class Meta:
        verbose_name = "実績値"
        verbose_name_plural = "実績値"
        ordering = ["report", "indicator__order", "focus_area__order"]
        constraints = [
            models.UniqueConstraint(
                fields=["report", "indicator"],
                condition=Q(indicator__isnull=False),
                name="one_result_per_indicator",
            ),
            models.UniqueConstraint(
                fields=["report", "focus_area"],
                condition=Q(focus_area__isnull=False),
                name="one_result_per_focus_area",
            ),
            models.CheckConstraint(
                condition=Q(indicator__isnull=False, focus_area__isnull=True)
                | Q(indicator__isnull=True, focus_area__isnull=False),
                name="result_of_indicator_or_focus_area",
            ),
            models.CheckConstraint(
                condition=Q(value_state=ValueState.REPORTED, value__isnull=False)
                | (~Q(value_state=ValueState.REPORTED) & Q(value__isnull=True)),
                name="value_only_when_reported",
            ),
            models.CheckConstraint(
                condition=Q(source=FigureSource.DECLARED) | Q(value__isnull=False),
                name="figure_from_ledger_has_value",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report} {self.indicator or self.focus_area}"


_HELD = "確認済みの月次実績は変更できません。"
GUARDS = [
    frozen_columns(
        "hubs_monthlyreport",
        ["state", "hub_id", "term_id", "month", "version", "accepted_at", "accepted_by_id"],
        "OLD.state = 'accepted'",
        _HELD,
    ),
    Guard("hubs_monthlyreport", "DELETE", "OLD.state = 'accepted'", _HELD),
    *frozen_children(
        "hubs_monthlyresult", "hubs_monthlyreport", "report_id", "p.state = 'accepted'", _HELD
    ),
]
