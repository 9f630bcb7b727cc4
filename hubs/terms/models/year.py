"""The rules of a year: who decided each part, what was registered, how it was lawfully changed."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from hubs.terms.models.signing import SIGNATURE_COLUMNS, TwoSignatures, both_signed
from hubs.terms.models.term import Term
from yorozu.core.guards import Guard, append_only, frozen_columns

# Code of a part -> its Japanese name; filled by hubs.terms.parts when the parts are registered.
PART_LABELS: dict[str, str] = {}


class DecisionKind(models.TextChoices):
    """How a part of the year came to be."""

    TAKEN_OVER = "taken_over", "引継ぎ"
    CHANGED = "changed", "変更"


class PartDecision(models.Model):
    """One act on one part of a year (calendar, indicators, scheme ...): who, when, what, why.

    The newest row of a part is the one in force; ``content`` is the canonical text of the part.
    """

    term = models.ForeignKey(
        Term, on_delete=models.PROTECT, related_name="decisions", verbose_name="期"
    )
    part = models.CharField("項目", max_length=20)
    kind = models.CharField("決め方", max_length=12, choices=DecisionKind.choices)
    content = models.TextField("内容")
    content_hash = models.CharField("ハッシュ", max_length=64)
    reason = models.TextField("理由", blank=True)
    decided_at = models.DateTimeField("決定日時")
    decided_by_id = models.BigIntegerField("決定者番号", null=True, blank=True)
    decided_by_name = models.CharField("決定者", max_length=200)

    class Meta:
        verbose_name = "年度の項目の決定"
        verbose_name_plural = "年度の項目の決定"
        ordering = ["term", "-id"]
        indexes = [models.Index(fields=["term", "part"], name="decision_by_part")]

    def __str__(self) -> str:
        return f"{self.term} {self.part_label} {self.get_kind_display()}"

    @property
    def part_label(self) -> str:
        """The part in Japanese."""
        return PART_LABELS.get(self.part, self.part)


class YearRules(models.Model):
    """The registered rules of a year as canonical text with its hash; a change is a new version.

    Version 1 is registered before the first start interview. Each later version carries its reason
    and the consent of both sides, and shows on every result of the year (evaluation.md 5).
    """

    term = models.ForeignKey(
        Term, on_delete=models.PROTECT, related_name="year_rules", verbose_name="期"
    )
    version = models.PositiveSmallIntegerField("版")
    content = models.TextField("内容")
    content_hash = models.CharField("ハッシュ", max_length=64)
    previous_hash = models.CharField("前の版のハッシュ", max_length=64, blank=True)
    changed_parts = models.CharField("変更した項目", max_length=200, blank=True)
    reason = models.TextField("理由", blank=True)
    published_at = models.DateTimeField("登録日時")
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="登録者",
    )
    published_by_name = models.CharField("登録者名", max_length=200)
    agency_consent_at = models.DateTimeField("中小企業庁の同意日時", null=True, blank=True)
    agency_consent_name = models.CharField("中小企業庁の同意者", max_length=200, blank=True)
    hq_consent_at = models.DateTimeField("全国本部の同意日時", null=True, blank=True)
    hq_consent_name = models.CharField("全国本部の同意者", max_length=200, blank=True)

    class Meta:
        verbose_name = "年度の規則"
        verbose_name_plural = "年度の規則"
        ordering = ["term", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["term", "version"], name="one_rules_per_version"),
            models.CheckConstraint(
                condition=Q(version=1)
                | (
                    ~Q(reason="")
                    & Q(agency_consent_at__isnull=False)
                    & Q(hq_consent_at__isnull=False)
                ),
                name="changed_rules_have_reason_and_consents",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.term} 年度の規則（第{self.version}版）"


class ChangeState(models.TextChoices):
    """States of a proposed change of the registered rules."""

    DRAFT = "draft", "作成中"
    SIGNED = "signed", "一方が同意"
    PUBLISHED = "published", "登録済"
    WITHDRAWN = "withdrawn", "取下げ"


OPEN_CHANGES = (ChangeState.DRAFT.value, ChangeState.SIGNED.value)


class RuleChange(TwoSignatures):
    """A proposed change of the registered rules: nothing moves before both sides consent."""

    term = models.ForeignKey(
        Term, on_delete=models.PROTECT, related_name="rule_changes", verbose_name="期"
    )
    number = models.PositiveSmallIntegerField("番号")
    base_version = models.PositiveSmallIntegerField("もとの版")
    reason = models.TextField("理由")
    content = models.TextField("変更する項目の内容", default="{}")
    state = models.CharField(
        "状態", max_length=12, choices=ChangeState.choices, default=ChangeState.DRAFT
    )
    made_at = models.DateTimeField("作成日時")
    made_by_name = models.CharField("作成者", max_length=200)

    class Meta:
        verbose_name = "年度の規則の変更案"
        verbose_name_plural = "年度の規則の変更案"
        ordering = ["term", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["term", "number"], name="one_change_per_number"),
            models.UniqueConstraint(
                fields=["term"],
                condition=Q(state__in=OPEN_CHANGES),
                name="one_open_change_per_term",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.term} 年度の規則の変更案（第{self.number}号）"


_RULES = "登録した年度の規則は変更も削除もできません。"
_CHANGE = "終わった変更案は変更できません。"
_OVER = "OLD.state IN ('published', 'withdrawn')"
GUARDS = [
    *append_only("hubs_yearrules", _RULES),
    *append_only("hubs_partdecision", "年度の項目の決定は変更も削除もできません。"),
    frozen_columns(
        "hubs_rulechange",
        ["state", "term_id", "number", "base_version", "reason", "content", *SIGNATURE_COLUMNS],
        _OVER,
        _CHANGE,
    ),
    Guard("hubs_rulechange", "DELETE", "", "年度の規則の変更案は削除できません。"),
    both_signed("hubs_rulechange", "年度の規則は双方の同意がなければ変更できません。"),
]
