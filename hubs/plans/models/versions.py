"""What was agreed and when: submissions, finalized versions, amendments; none of it moves."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from hubs.plans.models.plan import Plan
from yorozu.core.access import Row_co, ScopedQuerySet
from yorozu.core.guards import Guard, append_only, frozen_columns


class OfPlanQuerySet(ScopedQuerySet[Row_co]):
    """Rows that belong to a hub through their plan."""

    hub_path = "plan__hub_id"


class PlanSubmission(models.Model):
    """The content as it was submitted, so that a returned plan shows what changed since."""

    plan = models.ForeignKey(
        Plan, on_delete=models.PROTECT, related_name="submissions", verbose_name="計画"
    )
    number = models.PositiveSmallIntegerField("提出回")
    submitted_at = models.DateTimeField("提出日時")
    submitted_by_name = models.CharField("提出者", max_length=80)
    content = models.TextField("内容")
    content_hash = models.CharField("ハッシュ", max_length=64)

    objects = OfPlanQuerySet.as_manager()

    class Meta:
        verbose_name = "計画の提出"
        verbose_name_plural = "計画の提出"
        ordering = ["plan", "number"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="one_submission_per_number")
        ]

    def __str__(self) -> str:
        return f"{self.plan} 第{self.number}回提出"


class VersionKind(models.TextChoices):
    """How a version came about."""

    ORIGINAL = "original", "当初"
    AMENDMENT = "amendment", "変更"


class PlanVersion(models.Model):
    """One finalized version: the canonical text of everything agreed, with its hash.

    ``effective_month`` is the first day of the month from which the version holds; of the versions
    that have begun the highest number is in force. The text of an amended version names the hash
    it replaces.
    """

    plan = models.ForeignKey(
        Plan, on_delete=models.PROTECT, related_name="versions", verbose_name="計画"
    )
    number = models.PositiveSmallIntegerField("版")
    kind = models.CharField("種類", max_length=12, choices=VersionKind.choices)
    effective_month = models.DateField("適用開始月")
    reason = models.TextField("変更の理由", blank=True)
    content = models.TextField("内容")
    content_hash = models.CharField("ハッシュ", max_length=64)
    amendment = models.OneToOneField(
        "PlanAmendment",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="approved_version",
        verbose_name="計画変更",
    )
    finalized_at = models.DateTimeField("確定日時")
    finalized_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="確定者",
    )
    finalized_by_name = models.CharField("確定者名", max_length=80, blank=True)

    objects = OfPlanQuerySet.as_manager()

    class Meta:
        verbose_name = "事業計画の版"
        verbose_name_plural = "事業計画の版"
        ordering = ["plan", "number"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="one_version_per_number"),
            models.CheckConstraint(
                condition=Q(number=1, kind=VersionKind.ORIGINAL, amendment=None)
                | Q(number__gt=1, kind=VersionKind.AMENDMENT, amendment__isnull=False),
                name="first_version_is_the_original",
            ),
            models.CheckConstraint(
                condition=Q(kind=VersionKind.ORIGINAL) | ~Q(reason=""),
                name="amended_version_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan} 第{self.number}版"


class AmendmentState(models.TextChoices):
    """States of an amendment."""

    DRAFT = "draft", "作成中"
    SUBMITTED = "submitted", "申請済"
    RETURNED = "returned", "差戻し"
    APPROVED = "approved", "承認"
    REFUSED = "refused", "不承認"
    WITHDRAWN = "withdrawn", "取下げ"


OPEN_AMENDMENTS = (AmendmentState.DRAFT, AmendmentState.SUBMITTED, AmendmentState.RETURNED)
DECIDED_AMENDMENTS = (AmendmentState.APPROVED, AmendmentState.REFUSED, AmendmentState.WITHDRAWN)


class PlanAmendment(models.Model):
    """A change the hub asks for on top of the version in force; at most one is open at a time.

    ``texts`` holds the fields that differ from ``base``, as typed (field names of the plan form).
    """

    plan = models.ForeignKey(
        Plan, on_delete=models.PROTECT, related_name="amendments", verbose_name="計画"
    )
    number = models.PositiveSmallIntegerField("番号")
    base = models.ForeignKey(
        PlanVersion, on_delete=models.PROTECT, related_name="+", verbose_name="変更前の版"
    )
    state = models.CharField(
        "状態", max_length=12, choices=AmendmentState.choices, default=AmendmentState.DRAFT
    )
    effective_month = models.DateField("適用開始月", null=True, blank=True)
    reason = models.TextField("変更の理由", blank=True)
    texts = models.JSONField("変更後の入力", default=dict, blank=True)
    version = models.PositiveIntegerField("更新番号", default=1)
    updated_at = models.DateTimeField("更新日時", auto_now=True)
    updated_by_name = models.CharField("更新者", max_length=80, blank=True)
    submitted_at = models.DateTimeField("申請日時", null=True, blank=True)
    submitted_by_name = models.CharField("申請者", max_length=80, blank=True)
    return_reason = models.TextField("差戻しの理由", blank=True)
    decided_at = models.DateTimeField("決定日時", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="決定者",
    )
    decided_by_name = models.CharField("決定者名", max_length=80, blank=True)
    decision_reason = models.TextField("決定の理由", blank=True)
    retroactive_reason = models.TextField("さかのぼる理由", blank=True)
    zero_approved = models.JSONField("目標0を承認した指標", default=list, blank=True)

    objects = OfPlanQuerySet.as_manager()

    class Meta:
        verbose_name = "計画変更"
        verbose_name_plural = "計画変更"
        ordering = ["plan", "number"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="one_amendment_per_number"),
            models.UniqueConstraint(
                fields=["plan"],
                condition=Q(state__in=OPEN_AMENDMENTS),
                name="one_open_amendment_per_plan",
            ),
            models.CheckConstraint(
                condition=~Q(state=AmendmentState.APPROVED)
                | (Q(decided_at__isnull=False, effective_month__isnull=False) & ~Q(reason="")),
                name="approved_amendment_is_complete",
            ),
            models.CheckConstraint(
                condition=~Q(state=AmendmentState.REFUSED)
                | (Q(decided_at__isnull=False) & ~Q(decision_reason="")),
                name="refused_amendment_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan} 計画変更{self.number}"

    @property
    def hub_id(self) -> int:
        """The hub the amendment belongs to, for the policy."""
        return self.plan.hub_id


_KEPT = "事業計画の版と提出の記録は変更できません。"
_DECIDED = "決定した計画変更は変更できません。"
_OVER = ", ".join(f"'{state.value}'" for state in DECIDED_AMENDMENTS)


def _exists(table: str, condition: str) -> str:
    """SQL: a row of the table (alias r) that belongs to the plan of the new row."""
    rows = f"FROM {table} r WHERE r.plan_id = NEW.plan_id AND {condition}"
    return f"EXISTS (SELECT 1 {rows})"


def _plan_is(condition: str) -> str:
    rows = f"FROM hubs_plan p WHERE p.id = NEW.plan_id AND {condition}"
    return f"EXISTS (SELECT 1 {rows})"


_SUBMITTED, _FINAL = "p.state = 'submitted'", "p.state = 'finalized'"
_IS_NEXT = (
    f"NOT {_exists('hubs_planversion', 'r.number >= NEW.number')}"
    f" AND (NEW.number = 1 OR {_exists('hubs_planversion', 'r.number = NEW.number - 1')})"
)
_ASKED_AND_APPROVED = _exists(
    "hubs_planamendment",
    "r.id = NEW.amendment_id AND r.state = 'approved'"
    " AND r.effective_month = NEW.effective_month AND r.reason = NEW.reason",
)
_ORIGINAL = (
    f"NEW.kind = 'original' AND {_plan_is(f'{_FINAL} AND p.content_hash = NEW.content_hash')}"
)
_AMENDED = f"NEW.kind = 'amendment' AND {_plan_is(_FINAL)} AND {_ASKED_AND_APPROVED}"
GUARDS = [
    *append_only("hubs_plansubmission", _KEPT),
    Guard(
        "hubs_plansubmission",
        "INSERT",
        f"NOT {_plan_is(_SUBMITTED)}",
        "提出の記録は、事業計画の提出によってだけ作成できます。",
    ),
    *append_only("hubs_planversion", _KEPT),
    Guard(
        "hubs_planversion",
        "INSERT",
        f"NOT ({_IS_NEXT} AND (({_ORIGINAL}) OR ({_AMENDED})))",
        "事業計画の版は、計画の確定か計画変更の承認によってだけ作成できます。",
    ),
    Guard(
        "hubs_planamendment",
        "INSERT",
        f"NOT {_plan_is(_FINAL)}",
        "計画変更は、確定した事業計画についてだけ作成できます。",
    ),
    frozen_columns(
        "hubs_planamendment",
        [
            "plan_id",
            "number",
            "base_id",
            "state",
            "effective_month",
            "reason",
            "texts",
            "version",
            "submitted_at",
            "submitted_by_name",
            "decided_at",
            "decided_by_id",
            "decided_by_name",
            "decision_reason",
            "retroactive_reason",
            "zero_approved",
        ],
        f"OLD.state IN ({_OVER})",
        _DECIDED,
    ),
    Guard("hubs_planamendment", "DELETE", "", _DECIDED),
]
