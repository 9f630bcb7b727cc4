"""What HQ says about a hub in words, beside the figures of a run (evaluation.md 2.13)."""

from django.db import models

from evaluation.scoring.models import EvaluationRun
from hubs.network.models import Hub
from yorozu.core import clock
from yorozu.core.access import ScopedQuerySet
from yorozu.core.guards import frozen_children


class HubRemarks(models.Model):
    """Strengths, issues and next steps of one hub in one run; fixed when the run is published.

    ``version`` counts the writings, so that two people do not overwrite each other.
    """

    run = models.ForeignKey(
        EvaluationRun, on_delete=models.CASCADE, related_name="remarks", verbose_name="評価"
    )
    hub = models.ForeignKey(Hub, on_delete=models.PROTECT, related_name="+", verbose_name="拠点")
    strengths = models.TextField("強み", max_length=1000, blank=True)
    issues = models.TextField("課題", max_length=1000, blank=True)
    next_steps = models.TextField("今後の取組", max_length=1000, blank=True)
    version = models.PositiveIntegerField("版", default=1)
    written_at = models.DateTimeField("記入日時", default=clock.now)
    written_by_name = models.CharField("記入者", max_length=200)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "講評"
        verbose_name_plural = "講評"
        ordering = ["run", "hub"]
        constraints = [models.UniqueConstraint(fields=["run", "hub"], name="one_remark_per_hub")]

    def __str__(self) -> str:
        return f"{self.run} {self.hub} 講評"


GUARDS = frozen_children(
    "evaluation_hubremarks",
    "evaluation_evaluationrun",
    "run_id",
    "p.state IN ('published', 'superseded')",
    "公表した評価の講評は変更できません。",
)
