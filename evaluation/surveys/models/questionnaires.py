"""What is asked: versions of a questionnaire, locked from the first wave on that uses them."""

from django.db import models
from django.db.models import Q

from evaluation.surveys.rules import (
    OUTCOMES,
    PARTNER_LEVELS,
    SATISFACTION_LEVELS,
    reason_lines,
)


class WaveKind(models.TextChoices):
    """Whom a wave asks: clients of the hubs, or the support organisations around them."""

    SATISFACTION = "satisfaction", "顧客満足度調査"
    PARTNER = "partner_assessment", "支援機関による評価"


class Questionnaire(models.Model):
    """One version of the questions of a kind; the five levels themselves belong to the method.

    ``reasons`` are offered one a line; an empty question is not asked. From the moment a wave is
    drawn with it the version is locked, and a change is a new version.
    """

    kind = models.CharField("種類", max_length=20, choices=WaveKind.choices)
    version = models.PositiveSmallIntegerField("版")
    title = models.CharField("表題", max_length=80)
    introduction = models.TextField("前文", max_length=600)
    level_question = models.CharField("5段階の質問", max_length=120)
    reason_question = models.CharField("理由の質問", max_length=120, blank=True)
    reasons = models.TextField("理由の選択肢", blank=True)
    outcome_question = models.CharField("提案の実行についての質問", max_length=120, blank=True)
    text_question = models.CharField("自由記入の質問", max_length=120, blank=True)
    is_locked = models.BooleanField("使用中", default=False)
    made_by_name = models.CharField("作成者", max_length=80)
    made_at = models.DateTimeField("作成日時")

    class Meta:
        verbose_name = "調査票"
        verbose_name_plural = "調査票"
        ordering = ["kind", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "version"], name="one_version_per_kind"),
            models.CheckConstraint(
                condition=Q(reason_question="", reasons="")
                | (~Q(reason_question="") & ~Q(reasons="")),
                name="reasons_have_a_question",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} 第{self.version}版"

    @property
    def levels(self) -> tuple[tuple[int, str], ...]:
        """The five answers, the best first."""
        return PARTNER_LEVELS if self.kind == WaveKind.PARTNER else SATISFACTION_LEVELS

    @property
    def reason_list(self) -> list[str]:
        """The reasons to choose from."""
        return reason_lines(self.reasons)

    @property
    def outcomes(self) -> tuple[tuple[str, str], ...]:
        """The answers to the question about the proposal, none when it is not asked."""
        return OUTCOMES if self.outcome_question else ()
