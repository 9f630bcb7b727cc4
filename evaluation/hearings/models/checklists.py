"""Versions of the checklist, written by HQ (S90, G8)."""

from decimal import Decimal

from django.db import models

from hubs.terms.models import Term
from yorozu.core.guards import Guard, frozen_children, frozen_columns


class Checklist(models.Model):
    """A version of the checklist, written by HQ (G8).

    A draft becomes the term's checklist when it is adopted; from then on it is locked. Of the
    locked versions the latest is in use.
    """

    term = models.ForeignKey(Term, on_delete=models.PROTECT, related_name="+", verbose_name="期")
    version = models.PositiveSmallIntegerField("版")
    title = models.CharField("標題", max_length=120)
    is_locked = models.BooleanField("確定", default=False)
    reason = models.CharField("この版を作る理由", max_length=400, blank=True)
    drafted_by_name = models.CharField("作成者", max_length=200, blank=True)
    adopted_at = models.DateTimeField("採用日時", null=True, blank=True)
    adopted_by_name = models.CharField("採用した人", max_length=200, blank=True)

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


_HELD = "確定したチェックリストは変更できません。"
GUARDS = [
    frozen_columns(
        "evaluation_checklist",
        ["term_id", "version", "title", "is_locked", "reason"],
        "OLD.is_locked",
        _HELD,
    ),
    Guard("evaluation_checklist", "DELETE", "OLD.is_locked", _HELD),
    *frozen_children(
        "evaluation_checklistitem", "evaluation_checklist", "checklist_id", "p.is_locked", _HELD
    ),
]
