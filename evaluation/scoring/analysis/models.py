"""The analysis of a run: its own input and its result as canonical text, held by triggers."""

from django.db import models

from evaluation.scoring.models import EvaluationRun
from yorozu.core import clock
from yorozu.core.guards import Guard

__all__ = ["RunAnalysis"]


class RunAnalysis(models.Model):
    """Intervals, variants, verdicts, agreement of raters, shadow values of one run (2.11-2.13).

    The row is inserted complete and never changes. The result follows from the run's snapshot and
    the analysis's own input alone.
    """

    run = models.OneToOneField(
        EvaluationRun, on_delete=models.CASCADE, related_name="analysis", verbose_name="評価"
    )
    method = models.CharField("計算方式", max_length=10)
    snapshot = models.TextField("入力")
    input_hash = models.CharField("入力のハッシュ", max_length=64)
    result = models.TextField("結果")
    result_hash = models.CharField("結果のハッシュ", max_length=64)
    job_id = models.BigIntegerField("ジョブ番号", null=True, blank=True)
    computed_at = models.DateTimeField("算定日時", default=clock.now)
    computed_by_name = models.CharField("算定した人", max_length=200)

    class Meta:
        verbose_name = "ばらつきと頑健性"
        verbose_name_plural = "ばらつきと頑健性"
        ordering = ["run"]

    def __str__(self) -> str:
        return f"{self.run} ばらつきと頑健性"

    def record(self) -> dict[str, str]:
        """The analysis as the certificate of its run holds it."""
        return {
            "method": self.method,
            "snapshot": self.snapshot,
            "input_hash": self.input_hash,
            "result": self.result,
            "result_hash": self.result_hash,
        }


_HELD = "ばらつきと頑健性の分析は変更できません。"
GUARDS = [
    Guard("evaluation_runanalysis", "UPDATE", "", _HELD),
    Guard(
        "evaluation_runanalysis",
        "DELETE",
        "EXISTS (SELECT 1 FROM evaluation_evaluationrun r WHERE r.id = OLD.run_id "
        "AND (r.kind <> 'trial' OR r.state <> 'computed'))",
        _HELD,
    ),
]
