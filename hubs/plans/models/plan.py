"""The plan of a hub for a term: analysis, business plan, targets, focus areas, interview."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q

from hubs.network.models import Hub
from hubs.terms.models import ActivityIndicator, Term
from yorozu.core.access import ScopedQuerySet
from yorozu.core.guards import Guard, frozen_children, frozen_columns


class PlanState(models.TextChoices):
    """States of a plan (product.md 2)."""

    DRAFT = "draft", "作成中"
    SUBMITTED = "submitted", "提出済"
    RETURNED = "returned", "差戻し"
    FINALIZED = "finalized", "確定"


class Plan(models.Model):
    """The plan of one hub for one term; finalized content is held by triggers."""

    hub = models.ForeignKey(
        Hub, on_delete=models.PROTECT, related_name="plans", verbose_name="拠点"
    )
    term = models.ForeignKey(
        Term, on_delete=models.PROTECT, related_name="plans", verbose_name="期"
    )
    state = models.CharField(
        "状態", max_length=12, choices=PlanState.choices, default=PlanState.DRAFT
    )
    regional_figures = models.JSONField("地域の数値（控え）", default=list, blank=True)
    figures_taken_on = models.DateField("地域の数値の取得日", null=True, blank=True)
    regional_analysis = models.TextField("地域分析", blank=True)
    support_analysis = models.TextField("支援の状況", blank=True)
    regional_issues = models.TextField("地域の課題", blank=True)
    business_plan = models.TextField("事業計画", blank=True)
    staffing = models.TextField("体制", blank=True)
    adequacy = models.JSONField("目標の目安（確定したときの控え）", default=list, blank=True)
    draft_texts = models.JSONField("確認が必要な入力", default=dict, blank=True)
    version = models.PositiveIntegerField("更新番号", default=1)
    field_versions = models.JSONField("項目ごとの更新番号", default=dict, blank=True)
    updated_at = models.DateTimeField("更新日時", auto_now=True)
    updated_by_name = models.CharField("更新者", max_length=80, blank=True)
    return_reason = models.TextField("差戻しの理由", blank=True)
    submitted_at = models.DateTimeField("提出日時", null=True, blank=True)
    finalized_at = models.DateTimeField("確定日時", null=True, blank=True)
    finalized_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="確定者",
    )
    content_hash = models.CharField("ハッシュ", max_length=64, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "事業計画"
        verbose_name_plural = "事業計画"
        ordering = ["-term", "hub"]
        constraints = [
            models.UniqueConstraint(fields=["hub", "term"], name="one_plan_per_hub_and_term"),
            models.CheckConstraint(
                condition=~Q(state=PlanState.FINALIZED)
                | (Q(finalized_at__isnull=False) & ~Q(content_hash="")),
                name="finalized_plan_has_date_and_hash",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hub} {self.term} 事業計画"


class PhasingMethod(models.TextChoices):
    """Where the months of a target come from."""

    OWN = "own", "自拠点の前年度の季節の動き"
    BUREAU = "bureau", "経済産業局の前年度の季節の動き"
    NATION = "nation", "全国の前年度の季節の動き"
    EQUAL = "equal", "均等"
    ENTERED = "entered", "拠点の入力"


class Target(models.Model):
    """Numeric target of one indicator (S72), with the challenge factor agreed at the interview.

    ``phasing`` holds twelve whole numbers, April to March, that add up to ``value``; an empty list
    is a target from before phasing.
    """

    plan = models.ForeignKey(
        Plan, on_delete=models.CASCADE, related_name="targets", verbose_name="計画"
    )
    indicator = models.ForeignKey(
        ActivityIndicator, on_delete=models.PROTECT, related_name="+", verbose_name="活動指標"
    )
    value = models.PositiveIntegerField("目標値")
    phasing = models.JSONField("月別の目標", default=list, blank=True)
    phasing_method = models.CharField(
        "月別の決め方", max_length=8, choices=PhasingMethod.choices, blank=True
    )
    challenge = models.DecimalField(
        "挑戦係数", max_digits=4, decimal_places=2, default=Decimal("1.00")
    )
    challenge_reason = models.CharField("挑戦係数の理由", max_length=200, blank=True)
    is_challenge_approved = models.BooleanField("挑戦係数の承認", default=False)
    is_zero_approved = models.BooleanField("目標0の承認", default=False)

    class Meta:
        verbose_name = "数値目標"
        verbose_name_plural = "数値目標"
        ordering = ["plan", "indicator__order"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "indicator"], name="one_target_per_indicator"),
            models.CheckConstraint(
                condition=Q(challenge__in=[Decimal("1.00"), Decimal("1.05"), Decimal("1.10")]),
                name="challenge_is_one_of_three",
            ),
            models.CheckConstraint(
                condition=Q(challenge=Decimal("1.00")) | ~Q(challenge_reason=""),
                name="challenge_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan} {self.indicator} {self.value}"


class FocusArea(models.Model):
    """A focus area the hub chose for its region, with a numeric target (S73).

    Counted as an ``indicator`` of the portal counts (within the field), or by a ``measure`` of its
    own; ``evidence_rule`` says what counts as evidence.
    """

    plan = models.ForeignKey(
        Plan, on_delete=models.CASCADE, related_name="focus_areas", verbose_name="計画"
    )
    code = models.CharField("コード", max_length=4)
    name = models.CharField("重点分野", max_length=60)
    description = models.TextField("内容", blank=True)
    indicator = models.ForeignKey(
        ActivityIndicator,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="数え方を使う活動指標",
    )
    measure = models.CharField("独自の指標", max_length=60, blank=True)
    evidence_rule = models.CharField("根拠の定め", max_length=400, blank=True)
    unit = models.CharField("単位", max_length=10, default="件")
    target = models.PositiveIntegerField("目標値", null=True, blank=True)
    phasing = models.JSONField("月別の目標", default=list, blank=True)
    phasing_method = models.CharField(
        "月別の決め方", max_length=8, choices=PhasingMethod.choices, blank=True
    )
    weight = models.DecimalField("重み", max_digits=3, decimal_places=2, null=True, blank=True)
    challenge = models.DecimalField(
        "挑戦係数", max_digits=4, decimal_places=2, default=Decimal("1.00")
    )
    challenge_reason = models.CharField("挑戦係数の理由", max_length=200, blank=True)
    is_challenge_approved = models.BooleanField("挑戦係数の承認", default=False)
    order = models.PositiveSmallIntegerField("並び順")
    added_in = models.ForeignKey(
        "PlanVersion",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="追加した版",
    )

    class Meta:
        verbose_name = "重点分野"
        verbose_name_plural = "重点分野"
        ordering = ["plan", "order"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "code"], name="one_focus_area_per_code"),
            models.CheckConstraint(
                condition=Q(weight=None) | Q(weight__gte=Decimal("0.1"), weight__lte=Decimal(1)),
                name="focus_weight_within_range",
            ),
            models.CheckConstraint(
                condition=Q(challenge__in=[Decimal("1.00"), Decimal("1.05"), Decimal("1.10")]),
                name="focus_challenge_is_one_of_three",
            ),
            models.CheckConstraint(
                condition=Q(challenge=Decimal("1.00")) | ~Q(challenge_reason=""),
                name="focus_challenge_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class StartInterview(models.Model):
    """Record of the start-of-term interview (S74)."""

    plan = models.OneToOneField(
        Plan, on_delete=models.CASCADE, related_name="start_interview", verbose_name="計画"
    )
    held_on = models.DateField("実施日")
    minutes = models.TextField("記録")
    agreed_points = models.TextField("合意した事項", blank=True)
    recorded_by_name = models.CharField("記録者", max_length=80)

    class Meta:
        verbose_name = "期初面談"
        verbose_name_plural = "期初面談"
        ordering = ["-held_on"]

    def __str__(self) -> str:
        return f"{self.plan} 期初面談"


_HELD = "確定した事業計画は変更できません。"
_FINAL = "p.state = 'finalized'"
# An amended version may bring a new focus area; the row is what its results are reported under.
_LATER = "FROM hubs_planversion w WHERE w.plan_id = v.plan_id AND w.number > v.number"
_BROUGHT = (
    "FROM hubs_planversion v WHERE v.id = NEW.added_in_id AND v.plan_id = NEW.plan_id"
    " AND v.kind = 'amendment' AND v.content LIKE '%\"code\":\"' || NEW.code || '\"%'"
    f" AND NOT EXISTS (SELECT 1 {_LATER})"
)
_FIXED = "FROM hubs_plan p WHERE p.id = NEW.plan_id AND p.state = 'finalized'"
_AREA_GUARDS = [
    Guard(
        "hubs_focusarea",
        "INSERT",
        f"EXISTS (SELECT 1 {_FIXED}) AND NOT EXISTS (SELECT 1 {_BROUGHT})",
        _HELD,
        "child",
    ),
    *(
        guard
        for guard in frozen_children("hubs_focusarea", "hubs_plan", "plan_id", _FINAL, _HELD)
        if guard.event != "INSERT"
    ),
]
GUARDS = [
    frozen_columns(
        "hubs_plan",
        [
            "state",
            "hub_id",
            "term_id",
            "regional_figures",
            "figures_taken_on",
            "regional_analysis",
            "support_analysis",
            "regional_issues",
            "business_plan",
            "staffing",
            "adequacy",
            "version",
            "content_hash",
            "finalized_at",
            "finalized_by_id",
            "submitted_at",
        ],
        "OLD.state = 'finalized'",
        _HELD,
    ),
    Guard("hubs_plan", "DELETE", "OLD.state = 'finalized'", _HELD),
    *frozen_children("hubs_target", "hubs_plan", "plan_id", _FINAL, _HELD),
    *_AREA_GUARDS,
    *frozen_children("hubs_startinterview", "hubs_plan", "plan_id", _FINAL, _HELD),
]
