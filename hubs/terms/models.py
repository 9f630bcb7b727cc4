"""The term of a fiscal year: calendar, activity policy, definitions of the indicators."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from yorozu.core.fiscal import nendo
from yorozu.core.guards import Guard, frozen_columns


class Holiday(models.Model):
    """A statutory holiday as data (domain.md 4.1): the law may change it, a row may be cancelled.

    What follows by law (振替休日, 国民の休日) and the year's end are rules, not rows.
    """

    day = models.DateField("日付", unique=True)
    name = models.CharField("祝日", max_length=40)
    basis = models.CharField("根拠", max_length=120)
    is_provisional = models.BooleanField("見込み", default=False)
    is_cancelled = models.BooleanField("取消し", default=False)

    class Meta:
        verbose_name = "祝日"
        verbose_name_plural = "祝日"
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d} {self.name}"


class TermState(models.TextChoices):
    """States of a term."""

    PREPARING = "preparing", "準備中"
    OPEN = "open", "実施中"
    CLOSED = "closed", "終了"


class Term(models.Model):
    """One fiscal-year cycle (glossary 34), April to March, named by its April year."""

    fiscal_year = models.PositiveSmallIntegerField("年度", unique=True)
    state = models.CharField(
        "状態", max_length=12, choices=TermState.choices, default=TermState.PREPARING
    )
    is_sample = models.BooleanField("サンプル", default=False)

    class Meta:
        verbose_name = "期"
        verbose_name_plural = "期"
        ordering = ["-fiscal_year"]

    def __str__(self) -> str:
        return nendo(self.fiscal_year)


class Phase(models.TextChoices):
    """The three phases of the paper (S95)."""

    START = "start", "期初"
    MID = "mid", "期中"
    END = "end", "期末"


class TermDeadline(models.Model):
    """One line of the calendar: what is due, to the minute, in Asia/Tokyo."""

    term = models.ForeignKey(
        Term, on_delete=models.CASCADE, related_name="deadlines", verbose_name="期"
    )
    code = models.CharField("コード", max_length=40)
    phase = models.CharField("段階", max_length=5, choices=Phase.choices)
    label = models.CharField("内容", max_length=80)
    due_at = models.DateTimeField("期限")

    class Meta:
        verbose_name = "期限"
        verbose_name_plural = "期限"
        ordering = ["term", "due_at", "code"]
        constraints = [
            models.UniqueConstraint(fields=["term", "code"], name="one_deadline_per_code")
        ]

    def __str__(self) -> str:
        return f"{self.term} {self.label}"


class PolicyState(models.TextChoices):
    """States of an activity policy version."""

    DRAFT = "draft", "作成中"
    PUBLISHED = "published", "公表"


class ActivityPolicy(models.Model):
    """The activity policy of state and HQ at the start (S69); versions, the past stays."""

    term = models.ForeignKey(
        Term, on_delete=models.PROTECT, related_name="policies", verbose_name="期"
    )
    version = models.PositiveSmallIntegerField("版")
    title = models.CharField("標題", max_length=120)
    body = models.TextField("本文")
    state = models.CharField(
        "状態", max_length=12, choices=PolicyState.choices, default=PolicyState.DRAFT
    )
    content_hash = models.CharField("ハッシュ", max_length=64, blank=True)
    published_at = models.DateTimeField("公表日時", null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="公表者",
    )

    class Meta:
        verbose_name = "活動方針"
        verbose_name_plural = "活動方針"
        ordering = ["term", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["term", "version"], name="one_policy_per_version"),
            models.CheckConstraint(
                condition=Q(state=PolicyState.DRAFT) | Q(published_at__isnull=False),
                name="published_policy_has_date",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}（第{self.version}版）"


class ActivityIndicator(models.Model):
    """Definition of an activity indicator in one term (G1), all data of the year."""

    term = models.ForeignKey(
        Term, on_delete=models.CASCADE, related_name="indicators", verbose_name="期"
    )
    code = models.CharField("コード", max_length=8)
    name = models.CharField("活動指標", max_length=40)
    unit = models.CharField("単位", max_length=4)
    is_cumulative = models.BooleanField("延べ", default=True)
    definition = models.TextField("定義")
    example = models.TextField("数える例", blank=True)
    counter_example = models.TextField("数えない例", blank=True)
    source_rule = models.CharField("集計元", max_length=80, default="拠点の申告")
    order = models.PositiveSmallIntegerField("並び順")

    class Meta:
        verbose_name = "活動指標"
        verbose_name_plural = "活動指標"
        ordering = ["term", "order"]
        constraints = [
            models.UniqueConstraint(fields=["term", "code"], name="one_indicator_per_code")
        ]

    def __str__(self) -> str:
        return self.name


_HELD = "公表した活動方針は変更できません。"
GUARDS = [
    frozen_columns(
        "hubs_activitypolicy",
        ["state", "term_id", "version", "title", "body", "content_hash", "published_at"],
        "OLD.state = 'published'",
        _HELD,
    ),
    Guard("hubs_activitypolicy", "DELETE", "OLD.state = 'published'", _HELD),
]
