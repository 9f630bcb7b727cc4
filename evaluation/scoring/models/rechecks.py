"""What the nightly recomputation of the runs found."""

from django.db import models

from evaluation.scoring.models.runs import EvaluationRun
from yorozu.core import clock
from yorozu.core.guards import append_only


class RunRecheck(models.Model):
    """One recomputation of one run: the same to the last byte, or what differs.

    ``faults`` holds one Japanese sentence per line and is empty when everything agrees.
    """

    run = models.ForeignKey(
        EvaluationRun, on_delete=models.PROTECT, related_name="rechecks", verbose_name="評価"
    )
    checked_at = models.DateTimeField("再計算日時", default=clock.now)
    is_same = models.BooleanField("一致")
    faults = models.TextField("相違点", blank=True)

    class Meta:
        verbose_name = "評価の再計算"
        verbose_name_plural = "評価の再計算"
        ordering = ["run", "-checked_at", "-id"]

    def __str__(self) -> str:
        return f"{self.run} 再計算"


GUARDS = append_only("evaluation_runrecheck", "再計算の記録は変更も削除もできません。")
