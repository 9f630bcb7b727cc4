"""Frame of the evaluation app."""

from django.apps import AppConfig

from yorozu.core.guards import protect


class EvaluationConfig(AppConfig):
    """Evaluation."""

    name = "evaluation"
    verbose_name = "評価"

    def ready(self) -> None:
        """Enter the policy table and register imports and jobs of the slices."""
        from evaluation.budget.models import GUARDS as BUDGET  # noqa: PLC0415
        from evaluation.evidence.models import GUARDS as EVIDENCE  # noqa: PLC0415
        from evaluation.hearings.models import GUARDS as HEARINGS  # noqa: PLC0415
        from evaluation.scoring.models import GUARDS as SCORING  # noqa: PLC0415

        protect(self, EVIDENCE, HEARINGS, SCORING, BUDGET)
        import evaluation.budget.tasks  # noqa: PLC0415
        import evaluation.evidence.tasks  # noqa: PLC0415
        import evaluation.hearings.resources  # noqa: PLC0415
        import evaluation.policy  # noqa: PLC0415
        import evaluation.reports.tasks  # noqa: PLC0415
        import evaluation.scoring.tasks  # noqa: PLC0415
        import evaluation.surveys.resources  # noqa: F401, PLC0415
