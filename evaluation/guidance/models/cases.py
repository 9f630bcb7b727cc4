"""The guidance case: why it was opened, its plan, who agreed, how it ended; and what was said."""

import json
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from evaluation.guidance.rules import LEVELS
from evaluation.scoring.models import EvaluationRun
from hubs.network.models import Hub
from yorozu.core import clock
from yorozu.core.access import ScopedQuerySet
from yorozu.core.fiscal import nendo


class CaseState(models.TextChoices):
    """Where a case stands; the last five are ends, after which nothing changes."""

    OPENED = "opened", "発動"
    PLANNING = "planning", "計画作成"
    AGREED = "agreed", "合意"
    RUNNING = "running", "実施"
    REVIEW = "review", "点検"
    RELEASED = "released", "解除"
    CONTINUED = "continued", "継続"
    RAISED = "raised", "引上げ"
    CANCELLED = "cancelled", "取消し"
    WAIVED = "waived", "見送り"


DECIDED = (CaseState.RELEASED, CaseState.CONTINUED, CaseState.RAISED)
CLOSED = (*DECIDED, CaseState.CANCELLED, CaseState.WAIVED)


class Origin(models.TextChoices):
    """Why there is a case: by the rule, by hand beside the rule, or following an earlier case."""

    RULE = "rule", "基準による発動"
    MANUAL = "manual", "基準と異なる判断"
    FOLLOWING = "following", "前の案件からの引継ぎ"


# What both sides agree on; fixed from the agreement until the plan is opened again.
PLAN_COLUMNS = (
    "causes",
    "goal",
    "project_manager",
    "supporter",
    "training_seats",
    "support_yen",
    "support_note",
)


class GuidanceCase(models.Model):
    """Guidance of one hub after one published run, in the fiscal year that follows it.

    ``facts`` (canonical text, hashed) hold the triggers with their numbers, the proposed level and
    the watched items as they were when the case was opened; they never change. ``level`` 0 only
    for a waived case. The plan's columns are empty until it is written. Yen are whole.
    """

    hub = models.ForeignKey(Hub, on_delete=models.PROTECT, related_name="+", verbose_name="拠点")
    run = models.ForeignKey(
        EvaluationRun, on_delete=models.PROTECT, related_name="+", verbose_name="評価"
    )
    fiscal_year = models.PositiveSmallIntegerField("指導年度")
    previous = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="following",
        verbose_name="前の案件",
    )
    origin = models.CharField("発動の理由", max_length=10, choices=Origin.choices)
    origin_reason = models.TextField("基準と異なる判断の理由", blank=True)
    proposed_level = models.PositiveSmallIntegerField("基準による段階")
    level = models.PositiveSmallIntegerField("段階")
    renewal_referred = models.BooleanField("CCの更新を審査委員会に付す", default=False)
    full_loss_limit = models.BooleanField("配分の外側の下限を全て用いてよい", default=False)
    method_version = models.CharField("基準の版", max_length=20)
    facts = models.TextField("発動時の事実")
    facts_hash = models.CharField("発動時の事実のハッシュ", max_length=64)
    state = models.CharField(
        "状態", max_length=10, choices=CaseState.choices, default=CaseState.OPENED
    )
    opened_at = models.DateTimeField("発動日時", default=clock.now)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="発動した利用者",
    )
    opened_by_name = models.CharField("発動した人", max_length=200)
    plan_due = models.DateField("計画の期限")
    version = models.PositiveIntegerField("版", default=0)

    causes = models.TextField("原因", blank=True)
    goal = models.TextField("目標とする状態", blank=True)
    project_manager = models.CharField("担当プロジェクトマネージャー", max_length=80, blank=True)
    supporter = models.CharField("サポーター", max_length=80, blank=True)
    training_seats = models.PositiveSmallIntegerField("研修の受講枠", default=0)
    support_yen = models.BigIntegerField("留保からの支援額（円）", default=0)
    support_note = models.TextField("支援の内容", blank=True)
    hub_agreed_at = models.DateTimeField("拠点の合意日時", null=True, blank=True)
    hub_agreed_by = models.CharField("拠点の合意者", max_length=200, blank=True)
    bureau_agreed_at = models.DateTimeField("経済産業局の合意日時", null=True, blank=True)
    bureau_agreed_by = models.CharField("経済産業局の合意者", max_length=200, blank=True)
    started_at = models.DateTimeField("実施の開始日時", null=True, blank=True)
    closed_at = models.DateTimeField("終了日時", null=True, blank=True)
    closed_by_name = models.CharField("終了を決めた人", max_length=200, blank=True)
    rule_outcome = models.CharField("基準による結論", max_length=10, blank=True)
    close_reason = models.TextField("終了の理由", blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "重点指導"
        verbose_name_plural = "重点指導"
        ordering = ["-fiscal_year", "hub", "-opened_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["hub"],
                condition=~Q(state__in=CLOSED),
                name="one_open_guidance_case_per_hub",
            ),
            models.UniqueConstraint(
                fields=["run", "hub"],
                condition=Q(previous__isnull=True) & ~Q(state=CaseState.CANCELLED),
                name="one_guidance_decision_per_run",
            ),
            models.CheckConstraint(
                condition=Q(state=CaseState.WAIVED, level=0)
                | (~Q(state=CaseState.WAIVED) & Q(level__gte=1, level__lte=3)),
                name="guidance_level_is_1_to_3",
            ),
            models.CheckConstraint(
                condition=Q(level=3, renewal_referred=True, full_loss_limit=True)
                | (~Q(level=3) & Q(renewal_referred=False, full_loss_limit=False)),
                name="level_3_goes_to_the_committee",
            ),
            models.CheckConstraint(
                condition=Q(origin=Origin.RULE) | ~Q(origin_reason=""),
                name="guidance_beside_the_rule_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(support_yen__gte=0), name="guidance_support_is_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(state__in=CLOSED, closed_at__isnull=False)
                | (~Q(state__in=CLOSED) & Q(closed_at__isnull=True)),
                name="closed_guidance_has_a_date",
            ),
        ]
        indexes = [models.Index(fields=["fiscal_year", "state"], name="guidance_by_year")]

    def __str__(self) -> str:
        return f"{self.hub} {nendo(self.fiscal_year)}重点指導"

    @property
    def read(self) -> dict[str, Any]:
        """The facts: triggers, proposed level and sentence, watched items, score and grade."""
        found: dict[str, Any] = json.loads(self.facts)
        return found

    @property
    def level_label(self) -> str:
        """1 助言, 2 重点指導, 3 特別指導; 見送り for none."""
        return f"{self.level} {LEVELS[self.level]}" if self.level else CaseState.WAIVED.label

    @property
    def is_open(self) -> bool:
        """Somebody still has to act."""
        return self.state not in CLOSED

    @property
    def is_planning(self) -> bool:
        """The plan may be written."""
        return self.state in {CaseState.OPENED, CaseState.PLANNING}

    @property
    def is_running(self) -> bool:
        """Agreed and begun: actions fall due, checkpoints are held."""
        return self.state in {CaseState.RUNNING, CaseState.REVIEW}


class GuidanceNote(models.Model):
    """What hub, bureau or HQ say about a case; never changed, more may follow."""

    case = models.ForeignKey(
        GuidanceCase, on_delete=models.PROTECT, related_name="notes", verbose_name="重点指導"
    )
    text = models.TextField("意見")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="記入した利用者",
    )
    by_name = models.CharField("記入者", max_length=200)
    at = models.DateTimeField("記入日時", default=clock.now)

    class Meta:
        verbose_name = "重点指導への意見"
        verbose_name_plural = "重点指導への意見"
        ordering = ["case", "at", "id"]

    def __str__(self) -> str:
        return f"{self.case}：{self.text[:40]}"
