"""What the national compilation says of an analysis: a few figures and three tables."""

from typing import Any

from evaluation.scoring.analysis.queries import analysis_of, names_of
from evaluation.scoring.analysis.tables.national import (
    agreement_table,
    correlation_table,
    correlation_warnings,
    tally,
)
from evaluation.scoring.analysis.tables.variants import variant_summary
from evaluation.scoring.models import EvaluationRun


def national_part(run: EvaluationRun) -> dict[str, Any] | None:
    """Tally, agreement of the raters, variants and correlations; None without an analysis."""
    found = analysis_of(run)
    if found is None:
        return None
    return {
        "tally": tally(found),
        "agreement": agreement_table(found),
        "variants": variant_summary(found, names_of(run)),
        "correlation": correlation_table(found),
        "warnings": correlation_warnings(found),
    }
