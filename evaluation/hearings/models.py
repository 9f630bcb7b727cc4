"""Checklist versions, and per hub the hearing with its items and the raters' scores (S89, S90)."""

from decimal import Decimal

from django.db import models
from django.db.models import Q

from hubs.network.models import Hub
from hubs.terms.models import Term
from yorozu.core.access import ScopedQuerySet
from yorozu.core.guards import Guard, frozen_children, frozen_columns


class Checklist(models.Model):
    """A version of the checklist, written by HQ (G8); a term uses it from its pre-registration."""

    term = models.ForeignKey(Term, on_delete=models.PROTECT, related_name="+", verbose_name="期")
    version = models.PositiveSmallIntegerField("版")
    title = models.CharField("標題", max_length=120)
    is_locked = models.BooleanField("確定", default=False)

    class Meta:
        verbose_name = "チェックリスト"
        verbose_name_plural = "チェックリスト"
        ordering = ["term", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["term", "version"], name="one_checklist_per_version")
        ]

    def __str__(self) -> str:
        return f"{self.title}（第{self.version}版）"


class ChecklistComponent(models.TextChoices):
    """Which component of the evaluation an item belongs to (evaluation.md 1)."""

    CHECKLIST = "CHK", "チェックリスト"
    OWN_INITIATIVE = "UNQ", "独自の取組"


class ChecklistItem(models.Model):
    """One item with five written anchors 0-4."""

    checklist = models.ForeignKey(
        Checklist, on_delete=models.CASCADE, related_name="items", verbose_name="チェックリスト"
    )
    component = models.CharField("区分", max_length=3, choices=ChecklistComponent.choices)
    code = models.CharField("コード", max_length=8)
    text = models.CharField("項目", max_length=200)
    weight = models.DecimalField("重み", max_digits=5, decimal_places=2, default=Decimal(1))
    anchor_0 = models.CharField("0 未実施", max_length=200)
    anchor_1 = models.CharField("1 着手", max_length=200)
    anchor_2 = models.CharField("2 一部実施", max_length=200)
    anchor_3 = models.CharField("3 標準", max_length=200)
    anchor_4 = models.CharField("4 模範", max_length=200)
    order = models.PositiveSmallIntegerField("並び順")

    class Meta:
        verbose_name = "チェック項目"
        verbose_name_plural = "チェック項目"
        ordering = ["checklist", "order"]
        constraints = [
            models.UniqueConstraint(fields=["checklist", "code"], name="one_item_per_code")
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.text}"


class Hearing(models.Model):
    """The end-of-term hearing of one hub."""

    hub = models.ForeignKey(Hub, on_delete=models.PROTECT, related_name="+", verbose_name="拠点")
    term = models.ForeignKey(Term, on_delete=models.PROTECT, related_name="+", verbose_name="期")
    checklist = models.ForeignKey(
        Checklist, on_delete=models.PROTECT, related_name="hearings", verbose_name="チェックリスト"
    )
    held_on = models.DateField("実施日", null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "ヒアリング"
        verbose_name_plural = "ヒアリング"
        ordering = ["term", "hub"]
        constraints = [models.UniqueConstraint(fields=["term", "hub"], name="one_hearing_per_hub")]

    def __str__(self) -> str:
        return f"{self.hub} {self.term} ヒアリング"


class ChecklistResponse(models.Model):
    """The finding on one item: evidence, or not applicable with reason and a second's approval."""

    hearing = models.ForeignKey(
        Hearing, on_delete=models.CASCADE, related_name="responses", verbose_name="ヒアリング"
    )
    item = models.ForeignKey(
        ChecklistItem, on_delete=models.PROTECT, related_name="+", verbose_name="項目"
    )
    has_evidence = models.BooleanField("根拠資料", default=False)
    evidence_note = models.CharField("根拠", max_length=200, blank=True)
    is_not_applicable = models.BooleanField("該当なし", default=False)
    not_applicable_reason = models.CharField("該当なしの理由", max_length=200, blank=True)
    not_applicable_approver = models.CharField("該当なしの承認者", max_length=80, blank=True)
    import_batch_id = models.BigIntegerField("取込番号", null=True, blank=True)
    import_row = models.PositiveIntegerField("取込元の行", null=True, blank=True)

    class Meta:
        verbose_name = "項目の確認"
        verbose_name_plural = "項目の確認"
        ordering = ["hearing", "item__order"]
        constraints = [
            models.UniqueConstraint(fields=["hearing", "item"], name="one_response_per_item"),
            models.CheckConstraint(
                condition=Q(is_not_applicable=False)
                | (~Q(not_applicable_reason="") & ~Q(not_applicable_approver="")),
                name="not_applicable_has_reason_and_approver",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hearing} {self.item.code}"


class Rating(models.Model):
    """The score of one rater on one item."""

    response = models.ForeignKey(
        ChecklistResponse, on_delete=models.CASCADE, related_name="ratings", verbose_name="確認"
    )
    evaluator_name = models.CharField("評価者", max_length=80)
    evaluator_organization = models.CharField("所属", max_length=80)
    score = models.PositiveSmallIntegerField("評点")
    import_batch_id = models.BigIntegerField("取込番号", null=True, blank=True)
    import_row = models.PositiveIntegerField("取込元の行", null=True, blank=True)

    class Meta:
        verbose_name = "評点"
        verbose_name_plural = "評点"
        ordering = ["response", "evaluator_name"]
        constraints = [
            models.UniqueConstraint(
                fields=["response", "evaluator_name"], name="one_score_per_evaluator"
            ),
            models.CheckConstraint(condition=Q(score__lte=4), name="score_0_to_4"),
        ]

    def __str__(self) -> str:
        return f"{self.response} {self.evaluator_name} {self.score}"


_HELD = "確定したチェックリストは変更できません。"
GUARDS = [
    frozen_columns(
        "evaluation_checklist",
        ["term_id", "version", "title", "is_locked"],
        "OLD.is_locked",
        _HELD,
    ),
    Guard("evaluation_checklist", "DELETE", "OLD.is_locked", _HELD),
    *frozen_children(
        "evaluation_checklistitem", "evaluation_checklist", "checklist_id", "p.is_locked", _HELD
    ),
]
