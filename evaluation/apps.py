"""Frame of the evaluation app."""

from django.apps import AppConfig

from yorozu.core.guards import protect


class EvaluationConfig(AppConfig):
    """Evaluation."""

    name = "evaluation"
    verbose_name = "評価"

    def ready(self) -> None:
        """Enter the policy table and register imports and jobs of the slices."""
        from evaluation.budget.models import GUARDS as BUDGET
        from evaluation.evidence.models import GUARDS as EVIDENCE
        from evaluation.guidance.models import GUARDS as GUIDANCE
        from evaluation.hearings.models import GUARDS as HEARINGS
        from evaluation.reports.models import GUARDS as REPORTS
        from evaluation.scoring.analysis.models import GUARDS as ANALYSIS
        from evaluation.scoring.models import GUARDS as SCORING
        from evaluation.surveys.models import GUARDS as SURVEYS

        protect(self, EVIDENCE, SURVEYS, HEARINGS, SCORING, ANALYSIS, BUDGET, REPORTS, GUIDANCE)
        import evaluation.budget.tasks
        import evaluation.budget.year_part
        import evaluation.evidence.tasks
        import evaluation.guidance.tasks
        import evaluation.hearings.resources
        import evaluation.hearings.tasks
        import evaluation.hearings.year_part
        import evaluation.policy
        import evaluation.reports.tasks
        import evaluation.scoring.analysis.tasks
        import evaluation.scoring.tasks
        import evaluation.scoring.year_part
        import evaluation.surveys.resources
        import evaluation.surveys.tasks  # noqa: F401
