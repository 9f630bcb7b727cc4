"""One run taking the place of others: each that gives way is named in the trail."""

from evaluation.scoring.flow import line_of
from evaluation.scoring.models import EvaluationRun, RunState
from evaluation.scoring.queries import of_one_family
from yorozu.core.access import Scope
from yorozu.core.audit.operations import Act, record_many

GIVE_WAY = "evaluation.scoring.supersede"


def give_way(actor: Scope, run: EvaluationRun, *, published: bool = False) -> list[EvaluationRun]:
    """Runs of the family that this one replaces now, in the caller's transaction.

    What is under way gives way to the run that corrects it, with every other computation made to
    correct the same. A published run stays until the correction is published itself.
    """
    states = {RunState.COMPUTED, RunState.FACT_CHECK, RunState.PANEL, RunState.FIXED}
    rows = of_one_family(run.term, run.kind).exclude(pk=run.pk)
    if published:
        rows = rows.filter(number__lt=run.number, state=RunState.PUBLISHED)
    else:
        rows = rows.filter(state__in=states, number__lt=run.number)
    line = set(line_of(run))
    gone = [
        row
        for row in rows.order_by("number")
        if published or row.pk in line or row.supersedes_id in line
    ]
    acts = [
        Act(
            row,
            before={"state": row.state},
            after={"state": RunState.SUPERSEDED.value, "by_run": run.number},
        )
        for row in gone
    ]
    for row in gone:
        EvaluationRun.objects.filter(pk=row.pk, state=row.state).update(state=RunState.SUPERSEDED)
    record_many(actor, GIVE_WAY, acts)
    return gone
