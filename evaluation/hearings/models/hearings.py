"""The hearing of one hub, the findings on its items, and scores that came as a file (S89, S90)."""

from typing import Self

from django.db import models
from django.db.models import F, Q

from evaluation.hearings.models.checklists import Checklist, ChecklistItem
from hubs.network.models import Hub
from hubs.terms.models import Term
from yorozu.core.access import Row_co, ScopedQuerySet
from yorozu.core.guards import Guard, frozen_children, frozen_columns


class HearingState(models.TextChoices):
    """How far a hearing has come. One whose scores came as a file has no panel in the portal."""

    FILED = "filed", "取込"
    PREPARING = "preparing", "準備中"
    SCHEDULED = "scheduled", "日程確定"
    SCORING = "scoring", "採点中"
    RECONCILING = "reconciling", "協議中"
    SETTLED = "settled", "確定"


# Before the first score can be written; the checklist and the panel may still change.
BEFORE_SCORING = (HearingState.PREPARING, HearingState.SCHEDULED)
# All first scores are locked: the raters, and those who look on, see them side by side.
COMPARED = (HearingState.RECONCILING, HearingState.SETTLED)
SCORED = (HearingState.SCORING, *COMPARED)
# The panel scores or talks; what it finds may still change.
AT_WORK = (HearingState.SCORING, HearingState.RECONCILING)


class HearingQuerySet(ScopedQuerySet[Row_co]):
    """The door to hearings: by the hubs of the scope, or by one's own seat on the panel."""

    def seated(self, user_id: int | None) -> Self:
        """Hearings on whose panel this account sits."""
        if user_id is None:
            return self.none()
        return self.filter(members__evaluator__user_id=user_id).distinct()


class Hearing(models.Model):
    """The end-of-term hearing of one hub: when, where, by whom, and how far it has come."""

    hub = models.ForeignKey(Hub, on_delete=models.PROTECT, related_name="+", verbose_name="拠点")
    term = models.ForeignKey(Term, on_delete=models.PROTECT, related_name="+", verbose_name="期")
    checklist = models.ForeignKey(
        Checklist, on_delete=models.PROTECT, related_name="hearings", verbose_name="チェックリスト"
    )
    held_on = models.DateField("実施日", null=True, blank=True)
    state = models.CharField(
        "状態", max_length=12, choices=HearingState.choices, default=HearingState.FILED
    )
    starts_at = models.DateTimeField("開始", null=True, blank=True)
    ends_at = models.DateTimeField("終了", null=True, blank=True)
    place = models.CharField("場所", max_length=120, blank=True)
    initiatives_due = models.DateTimeField("独自の取組の提出期限", null=True, blank=True)
    opened_at = models.DateTimeField("採点の開始日時", null=True, blank=True)
    compared_at = models.DateTimeField("協議の開始日時", null=True, blank=True)
    settled_at = models.DateTimeField("確定日時", null=True, blank=True)
    settled_by_name = models.CharField("確定した人", max_length=200, blank=True)
    version = models.PositiveIntegerField("版", default=0)

    objects = HearingQuerySet.as_manager()

    class Meta:
        verbose_name = "ヒアリング"
        verbose_name_plural = "ヒアリング"
        ordering = ["term", "hub"]
        constraints = [
            models.UniqueConstraint(fields=["term", "hub"], name="one_hearing_per_hub"),
            models.CheckConstraint(
                condition=Q(starts_at=None, ends_at=None) | Q(ends_at__gt=F("starts_at")),
                name="hearing_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hub} {self.term} ヒアリング"

    @property
    def is_filed(self) -> bool:
        """Its scores come from a file."""
        return self.state == HearingState.FILED


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
    """The score of one rater on one item, as a file brought it."""

    response = models.ForeignKey(
        ChecklistResponse, on_delete=models.CASCADE, related_name="ratings", verbose_name="確認"
    )
    evaluator_name = models.CharField("評価者", max_length=80)
    evaluator_organization = models.CharField("所属", max_length=80)
    score = models.PositiveSmallIntegerField("評点")
    import_batch_id = models.BigIntegerField("取込番号", null=True, blank=True)
    import_row = models.PositiveIntegerField("取込元の行", null=True, blank=True)

    class Meta:
        verbose_name = "評点（取込）"
        verbose_name_plural = "評点（取込）"
        ordering = ["response", "evaluator_name"]
        constraints = [
            models.UniqueConstraint(
                fields=["response", "evaluator_name"], name="one_score_per_evaluator"
            ),
            models.CheckConstraint(condition=Q(score__lte=4), name="score_0_to_4"),
        ]

    def __str__(self) -> str:
        return f"{self.response} {self.evaluator_name} {self.score}"


_SETTLED = "確定したヒアリングは変更できません。"
_BEGUN = "採点が始まったヒアリングは削除できません。"
_FROM_FILE = "評価者が画面で採点するヒアリングには、評点を取り込めません。"
_COLUMNS = [
    str(field.column)
    for field in Hearing._meta.concrete_fields
    if not field.primary_key and field.column is not None
]
GUARDS = [
    frozen_columns("evaluation_hearing", _COLUMNS, "OLD.state = 'settled'", _SETTLED),
    Guard(
        "evaluation_hearing",
        "DELETE",
        "OLD.state IN ('scoring', 'reconciling', 'settled')",
        _BEGUN,
    ),
    *frozen_children(
        "evaluation_checklistresponse",
        "evaluation_hearing",
        "hearing_id",
        "p.state = 'settled'",
        _SETTLED,
    ),
    Guard(
        "evaluation_rating",
        "INSERT",
        "EXISTS (SELECT 1 FROM evaluation_checklistresponse r"
        " JOIN evaluation_hearing h ON h.id = r.hearing_id"
        " WHERE r.id = NEW.response_id AND h.state <> 'filed')",
        _FROM_FILE,
        "panel",
    ),
]
