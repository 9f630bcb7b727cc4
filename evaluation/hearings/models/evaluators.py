"""Evaluators of a term, their declarations, and who may not rate whom (evaluation.md 1.7)."""

from typing import Self

from django.conf import settings
from django.db import models

from hubs.network.models import Bureau, Hub
from hubs.terms.models import Term
from yorozu.core import clock
from yorozu.core.access import Row_co, Scope, ScopedQuerySet
from yorozu.core.guards import append_only


class EvaluatorQuerySet(ScopedQuerySet[Row_co]):
    """The door to evaluators."""

    def visible_to(self, scope: Scope) -> Self:
        """All of them for a national scope; otherwise oneself only."""
        if scope.hub_ids is None:
            return self
        return self.filter(user_id=scope.user_id)


class Evaluator(models.Model):
    """An account that may sit on panels of a term, with the organisation it speaks for (S65).

    ``bureau`` is the area the person belongs to; blank for HQ, board members and others, who stand
    outside every area.
    """

    term = models.ForeignKey(Term, on_delete=models.PROTECT, related_name="+", verbose_name="期")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name="利用者",
    )
    name = models.CharField("氏名", max_length=80)
    organization = models.CharField("所属", max_length=80)
    organization_key = models.CharField("照合用の所属", max_length=120)
    bureau = models.ForeignKey(
        Bureau,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="経済産業局",
    )
    is_active = models.BooleanField("有効", default=True)
    added_at = models.DateTimeField("登録日時", default=clock.now)
    added_by_name = models.CharField("登録した人", max_length=200)

    objects = EvaluatorQuerySet.as_manager()

    class Meta:
        verbose_name = "評価者"
        verbose_name_plural = "評価者"
        ordering = ["term", "organization_key", "name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["term", "user"], name="one_evaluator_per_account")
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.organization}）"


class ConflictDeclaration(models.Model):
    """What an evaluator signed for the term, before seeing any data; never changed afterwards."""

    evaluator = models.OneToOneField(
        Evaluator, on_delete=models.PROTECT, related_name="declaration", verbose_name="評価者"
    )
    text = models.TextField("宣誓の文面")
    signed_at = models.DateTimeField("宣誓日時", default=clock.now)
    signed_by_name = models.CharField("宣誓した人", max_length=200)

    class Meta:
        verbose_name = "利益相反の宣誓"
        verbose_name_plural = "利益相反の宣誓"
        ordering = ["evaluator"]

    def __str__(self) -> str:
        return f"{self.evaluator} 利益相反の宣誓"


class InterestKind(models.TextChoices):
    """Why an evaluator may not rate a hub, in the order of the method."""

    BODY = "body", "実施機関の役職員"
    CONTRACTED = "contracted", "過去3年以内の契約"
    ADVISER = "adviser", "期中の助言（担当）"
    PREFECTURE = "prefecture", "同じ都道府県のCC・CO"
    RELATIVE = "relative", "親族などの関係（申告）"
    OTHER = "other", "その他の利害関係（申告）"


class ConflictBlock(models.Model):
    """An evaluator may not rate this hub. A block is never taken back, it can only be waived."""

    evaluator = models.ForeignKey(
        Evaluator, on_delete=models.PROTECT, related_name="blocks", verbose_name="評価者"
    )
    hub = models.ForeignKey(Hub, on_delete=models.PROTECT, related_name="+", verbose_name="拠点")
    kind = models.CharField("理由", max_length=12, choices=InterestKind.choices)
    detail = models.CharField("内容", max_length=200, blank=True)
    found_at = models.DateTimeField("判明日時", default=clock.now)
    found_by_name = models.CharField("記録した人", max_length=200)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "評価の制限"
        verbose_name_plural = "評価の制限"
        ordering = ["evaluator", "hub", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["evaluator", "hub", "kind"], name="one_block_per_kind")
        ]

    def __str__(self) -> str:
        return f"{self.evaluator} {self.hub} {self.get_kind_display()}"

    @property
    def reason(self) -> str:
        """Kind and detail in one line."""
        word = str(InterestKind(self.kind).label)
        return f"{word}：{self.detail}" if self.detail else word

    @property
    def is_waived(self) -> bool:
        """HQ has lifted it (prefetch ``waiver`` for lists)."""
        return hasattr(self, "waiver")


class ConflictWaiver(models.Model):
    """HQ lifts a block, with its reason; kept beside the block for ever."""

    block = models.OneToOneField(
        ConflictBlock, on_delete=models.PROTECT, related_name="waiver", verbose_name="評価の制限"
    )
    reason = models.CharField("解除の理由", max_length=400)
    waived_at = models.DateTimeField("解除日時", default=clock.now)
    waived_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="解除した人",
    )
    waived_by_name = models.CharField("解除した人の氏名", max_length=200)

    class Meta:
        verbose_name = "制限の解除"
        verbose_name_plural = "制限の解除"
        ordering = ["block"]

    def __str__(self) -> str:
        return f"{self.block} 解除"


GUARDS = [
    *append_only("evaluation_conflictdeclaration", "利益相反の宣誓は変更も削除もできません。"),
    *append_only("evaluation_conflictblock", "評価の制限は変更も削除もできません。"),
    *append_only("evaluation_conflictwaiver", "制限の解除は変更も削除もできません。"),
]
