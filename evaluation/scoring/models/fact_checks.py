"""The fact check: what each hub is asked to look through, what it says, and the answers."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from evaluation.evidence.models import EvidenceBook
from evaluation.scoring.models.runs import EvaluationRun
from hubs.network.models import Hub
from yorozu.core import clock
from yorozu.core.access import ScopedQuerySet
from yorozu.core.guards import Guard, frozen_columns


class FactCheckState(models.TextChoices):
    """How far a hub is with its facts."""

    WAITING = "waiting", "確認待ち"
    CONFIRMED = "confirmed", "確認済"
    SILENT = "silent", "期限までに回答なし"


class FactCheck(models.Model):
    """One hub's part of the fact check of one run: its evidence book and its deadline.

    ``carried_from`` names the part of the run before whose answer still holds, because the book is
    the same one.
    """

    run = models.ForeignKey(
        EvaluationRun, on_delete=models.PROTECT, related_name="fact_checks", verbose_name="評価"
    )
    hub = models.ForeignKey(Hub, on_delete=models.PROTECT, related_name="+", verbose_name="拠点")
    evidence_book = models.ForeignKey(
        EvidenceBook,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="証拠台帳",
    )
    opened_at = models.DateTimeField("依頼日時", default=clock.now)
    due_at = models.DateTimeField("回答期限")
    state = models.CharField(
        "状態", max_length=10, choices=FactCheckState.choices, default=FactCheckState.WAITING
    )
    answered_at = models.DateTimeField("確認日時", null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="確認した利用者",
    )
    answered_by_name = models.CharField("確認した人", max_length=200, blank=True)
    carried_from = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="引き継いだ事実確認",
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "事実確認"
        verbose_name_plural = "事実確認"
        ordering = ["-run", "hub"]
        constraints = [
            models.UniqueConstraint(fields=["run", "hub"], name="one_fact_check_per_hub"),
            models.CheckConstraint(
                condition=Q(state=FactCheckState.WAITING, answered_at__isnull=True)
                | (~Q(state=FactCheckState.WAITING) & Q(answered_at__isnull=False)),
                name="fact_check_answered_has_date",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hub} {self.run} 事実確認"


class RemarkKind(models.TextChoices):
    """What a hub says of a fact: a comment, or that it is wrong."""

    COMMENT = "comment", "意見"
    OBJECTION = "objection", "異議"


class RemarkState(models.TextChoices):
    """Where a remark stands; everything but OPEN is an end."""

    OPEN = "open", "回答待ち"
    ACCEPTED = "accepted", "認める"
    REJECTED = "rejected", "認めない"
    NOTED = "noted", "承知"
    WITHDRAWN = "withdrawn", "取下げ"


class FactRemark(models.Model):
    """A comment or objection of a hub to one fact of its evidence book, with the answer.

    ``cell`` names the fact (evaluation.scoring.rules.facts), ``shown`` is its value as the hub saw
    it. An accepted objection is in effect once ``effect_run`` judges by a corrected book.
    """

    check_part = models.ForeignKey(
        FactCheck, on_delete=models.PROTECT, related_name="remarks", verbose_name="事実確認"
    )
    hub = models.ForeignKey(Hub, on_delete=models.PROTECT, related_name="+", verbose_name="拠点")
    kind = models.CharField("区分", max_length=10, choices=RemarkKind.choices)
    cell = models.CharField("項目の番地", max_length=240)
    label = models.CharField("項目", max_length=240)
    shown = models.CharField("台帳の値", max_length=240, blank=True)
    proposed = models.CharField("正しいと考える値", max_length=120, blank=True)
    text = models.TextField("内容")
    evidence_name = models.CharField("根拠資料", max_length=200, blank=True)
    evidence_path = models.CharField("根拠資料の置き場所", max_length=240, blank=True)
    evidence_hash = models.CharField("根拠資料のハッシュ", max_length=64, blank=True)
    made_at = models.DateTimeField("提出日時", default=clock.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="提出した利用者",
    )
    made_by_name = models.CharField("提出者", max_length=200)
    state = models.CharField(
        "状態", max_length=10, choices=RemarkState.choices, default=RemarkState.OPEN
    )
    answer = models.TextField("回答", blank=True)
    answered_at = models.DateTimeField("回答日時", null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="回答した利用者",
    )
    answered_by_name = models.CharField("回答者", max_length=200, blank=True)
    effect_run = models.ForeignKey(
        EvaluationRun,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="訂正を反映した評価",
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "事実への意見・異議"
        verbose_name_plural = "事実への意見・異議"
        ordering = ["check_part", "made_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(
                    state__in=[RemarkState.ACCEPTED, RemarkState.REJECTED, RemarkState.NOTED]
                )
                | (Q(answered_at__isnull=False) & ~Q(answer="")),
                name="remark_answered_has_text",
            ),
            models.CheckConstraint(
                condition=Q(kind=RemarkKind.OBJECTION)
                | ~Q(state__in=[RemarkState.ACCEPTED, RemarkState.REJECTED]),
                name="only_objections_are_decided",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hub}「{self.label}」への{self.get_kind_display()}"


_PART = "evaluation_factcheck"
_REMARK = "evaluation_factremark"
_HELD = "事実確認の記録は変更も削除もできません。"
_ASKED = ["run_id", "hub_id", "evidence_book_id", "opened_at", "due_at", "carried_from_id"]
_SAID = [
    "check_part_id",
    "hub_id",
    "kind",
    "cell",
    "label",
    "shown",
    "proposed",
    "text",
    "evidence_name",
    "evidence_path",
    "evidence_hash",
    "made_at",
    "made_by_id",
    "made_by_name",
]
_ANSWERED = ["state", "answer", "answered_at", "answered_by_id", "answered_by_name"]
GUARDS = [
    frozen_columns(_PART, _ASKED, "1 = 1", _HELD),
    Guard(
        _PART,
        "UPDATE",
        "OLD.state <> 'waiting' AND (OLD.state <> NEW.state OR OLD.answered_at IS DISTINCT FROM "
        "NEW.answered_at OR OLD.answered_by_id IS DISTINCT FROM NEW.answered_by_id "
        "OR OLD.answered_by_name <> NEW.answered_by_name)",
        _HELD,
        "answer",
    ),
    Guard(_PART, "DELETE", "", _HELD),
    frozen_columns(_REMARK, _SAID, "1 = 1", _HELD),
    Guard(
        _REMARK,
        "UPDATE",
        "OLD.state <> 'open' AND ("
        + " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in _ANSWERED)
        + ")",
        _HELD,
        "answer",
    ),
    Guard(
        _REMARK,
        "UPDATE",
        "OLD.effect_run_id IS NOT NULL AND OLD.effect_run_id IS DISTINCT FROM NEW.effect_run_id",
        _HELD,
        "effect",
    ),
    Guard(_REMARK, "DELETE", "", _HELD),
]
