"""Actions of a guidance plan, the evidence that they were done, whom a late one was told to."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from evaluation.guidance.models.cases import GuidanceCase
from evaluation.guidance.rules import Step
from yorozu.core import clock
from yorozu.core.access import Role, ScopedQuerySet


class OwnerRole(models.TextChoices):
    """Who answers for an action: a role of the hub's side, its bureau, or HQ."""

    CHIEF = Role.CHIEF_COORDINATOR.value, Role.CHIEF_COORDINATOR.label
    COORDINATOR = Role.COORDINATOR.value, Role.COORDINATOR.label
    BODY = Role.IMPLEMENTING_BODY.value, Role.IMPLEMENTING_BODY.label
    BUREAU = Role.BUREAU.value, Role.BUREAU.label
    HQ = Role.NATIONAL_HQ.value, Role.NATIONAL_HQ.label


class ActionState(models.TextChoices):
    """An action: to be done, reported (a second person looks), done, or dropped."""

    OPEN = "open", "未完了"
    REPORTED = "reported", "確認待ち"
    DONE = "done", "完了"
    DROPPED = "dropped", "中止"


class ActionQuerySet(ScopedQuerySet["GuidanceAction"]):
    """The door to actions, by the hub of their case."""

    hub_path = "case__hub_id"


class GuidanceAction(models.Model):
    """One action: what, who, until when, shown by what, and what it is meant to move.

    ``owner`` names one account of the owner's role, empty when the role as a whole answers.
    ``link`` is a component and item of the run (IND.CONS, CHK.C1), with its name kept beside.
    """

    case = models.ForeignKey(
        GuidanceCase, on_delete=models.PROTECT, related_name="actions", verbose_name="重点指導"
    )
    number = models.PositiveSmallIntegerField("番号")
    text = models.TextField("取組")
    owner_role = models.CharField("担当", max_length=20, choices=OwnerRole.choices)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="担当者",
    )
    owner_name = models.CharField("担当者の氏名", max_length=200, blank=True)
    due = models.DateField("期限")
    evidence_rule = models.CharField("完了を示す資料", max_length=200)
    link = models.CharField("対応する項目", max_length=24, blank=True)
    link_label = models.CharField("対応する項目の名称", max_length=200, blank=True)
    target = models.CharField("目標", max_length=120, blank=True)
    is_serious = models.BooleanField("重要な取組", default=False)
    state = models.CharField(
        "状態", max_length=10, choices=ActionState.choices, default=ActionState.OPEN
    )
    reported_at = models.DateTimeField("完了報告日時", null=True, blank=True)
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="完了を報告した利用者",
    )
    reported_by_name = models.CharField("完了を報告した人", max_length=200, blank=True)
    done_on = models.DateField("完了日", null=True, blank=True)
    confirmed_by_name = models.CharField("完了を確認した人", max_length=200, blank=True)
    return_reason = models.TextField("差戻しの理由", blank=True)

    objects = ActionQuerySet.as_manager()

    class Meta:
        verbose_name = "重点指導の取組"
        verbose_name_plural = "重点指導の取組"
        ordering = ["case", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "number"], name="one_guidance_action_per_number"
            ),
            models.CheckConstraint(
                condition=Q(state=ActionState.DONE, done_on__isnull=False)
                | (~Q(state=ActionState.DONE) & Q(done_on__isnull=True)),
                name="done_guidance_action_has_a_day",
            ),
            models.CheckConstraint(
                condition=~Q(state=ActionState.DONE, is_serious=True) | ~Q(confirmed_by_name=""),
                name="serious_action_is_confirmed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case} 取組{self.number}"

    @property
    def hub_id(self) -> int:
        """The hub of the case: what rights are asked for."""
        return self.case.hub_id

    @property
    def is_over(self) -> bool:
        """Nothing more is asked."""
        return self.state in {ActionState.DONE, ActionState.DROPPED}

    @property
    def who(self) -> str:
        """The owner as lists show it."""
        role = OwnerRole(self.owner_role).label
        return f"{role}　{self.owner_name}" if self.owner_name else role


class EvidenceQuerySet(ScopedQuerySet["GuidanceEvidence"]):
    """The door to evidence."""

    hub_path = "action__case__hub_id"


class GuidanceEvidence(models.Model):
    """What shows that an action was done: a description, and the file itself when there is one.

    The file lies in the row, so that it is held by the same trigger and saved with the database.
    """

    action = models.ForeignKey(
        GuidanceAction, on_delete=models.PROTECT, related_name="evidence", verbose_name="取組"
    )
    text = models.TextField("説明")
    filename = models.CharField("ファイル名", max_length=200, blank=True)
    content = models.BinaryField("ファイル", null=True, blank=True)
    size = models.PositiveIntegerField("大きさ（バイト）", default=0)
    file_hash = models.CharField("ファイルのハッシュ", max_length=64, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="追加した利用者",
    )
    by_name = models.CharField("追加した人", max_length=200)
    at = models.DateTimeField("追加日時", default=clock.now)

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        verbose_name = "取組の資料"
        verbose_name_plural = "取組の資料"
        ordering = ["action", "at", "id"]

    def __str__(self) -> str:
        return f"{self.action} {self.filename or self.text[:40]}"


class GuidanceEscalation(models.Model):
    """A late action was brought before somebody; once per step and due date."""

    action = models.ForeignKey(
        GuidanceAction, on_delete=models.PROTECT, related_name="escalations", verbose_name="取組"
    )
    step = models.CharField("段", max_length=8, choices=[(step.code, step.label) for step in Step])
    due = models.DateField("その時の期限")
    days = models.PositiveSmallIntegerField("超過日数")
    on = models.DateField("知らせた日")

    class Meta:
        verbose_name = "期限超過の通知"
        verbose_name_plural = "期限超過の通知"
        ordering = ["action", "on", "days", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["action", "step", "due"], name="one_escalation_per_step_and_due_date"
            )
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.get_step_display()}"
