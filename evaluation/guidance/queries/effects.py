"""The effect of guidance: two published terms side by side."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Max

from evaluation.guidance.models import CaseState, GuidanceCase
from evaluation.guidance.queries.judged import guidable_runs, newest_run
from evaluation.guidance.rules import (
    CURRENT,
    EffectLine,
    EffectSummary,
    Scored,
    effect_lines,
    effect_summary,
)
from evaluation.scoring.models import EvaluationRun
from yorozu.core.access import Scope


@dataclass(frozen=True)
class Effect:
    """Guided hubs of the scope between two terms, and their means."""

    before: EvaluationRun
    after: EvaluationRun
    lines: Sequence[EffectLine]
    summary: EffectSummary

    @property
    def is_same_scheme(self) -> bool:
        """Other weights move the scale itself; then the changes compare with caution."""
        return self.before.scheme.content_hash == self.after.scheme.content_hash


def effect_years() -> list[int]:
    """Judged years whose following year was published as well, the newest first."""
    years = set(guidable_runs().order_by().values_list("term__fiscal_year", flat=True))
    return sorted((year for year in years if year + 1 in years), reverse=True)


def effect_of(scope: Scope, fiscal_year: int) -> Effect | None:
    """The effect of cases opened from the run of this year; None without two terms.

    All hubs are compared; the lines are those of the scope.
    """
    before, after = newest_run(fiscal_year), newest_run(fiscal_year + 1)
    if before is None or after is None:
        return None
    cases = GuidanceCase.objects.filter(run__term=before.term)
    cases = cases.exclude(state__in=[CaseState.WAIVED, CaseState.CANCELLED])
    levels = dict(cases.order_by().values_list("hub_id").annotate(Max("level")))
    later = {row.hub_id: row for row in after.hub_results.filter(is_graded=True)}
    scored, ids = [], {}
    rows = before.hub_results.filter(is_graded=True).select_related("hub").order_by("hub__code")
    for row in rows:
        then = later.get(row.hub_id)
        if then is None or row.final is None or then.final is None:
            continue
        ids[row.hub.code] = row.hub_id
        level = levels.get(row.hub_id, 0)
        scored.append(Scored(row.hub.code, row.hub_name, row.grade, row.final, then.final, level))
    found = [line for line in effect_lines(scored, CURRENT) if scope.covers(ids[line.hub.code])]
    return Effect(before, after, found, effect_summary(found))
