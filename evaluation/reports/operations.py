"""Starting the batch of hub sheets."""

from evaluation.budget.models import ScenarioState
from evaluation.scoring.models import EvaluationRun
from evaluation.scoring.queries import visible_results
from yorozu.core.access import Scope, require
from yorozu.core.canonical import canonical_hash
from yorozu.core.fiscal import nendo
from yorozu.core.jobs.models import Job
from yorozu.core.jobs.operations import TrailEntry, enqueue_once


def start_hub_sheets(actor: Scope, *, run: EvaluationRun) -> Job:
    """Queue the sheets of all hubs in the scope as one zip.

    The same run in the same state gives the same job, so a double click makes one file.
    """
    require(actor, "evaluation.reports.make")
    adopted = run.scenarios.filter(state=ScenarioState.ADOPTED).first()
    what = {
        "result": run.result_hash,
        "state": run.state,
        "budget": adopted.result_hash if adopted else "",
        "reader": actor.user_id or 0,
        "role": str(actor.role or ""),
    }
    key = f"reports.hub_sheets:{run.pk}:{canonical_hash(what)[:20]}"
    count = visible_results(run, actor).count()
    return enqueue_once(
        actor,
        TrailEntry("evaluation.reports.make", run, {"hubs": count}),
        kind="reports.hub_sheets",
        key=key,
        label=f"{nendo(run.term.fiscal_year)} 評価票の一括作成（{count}拠点）",
        params={"run_id": run.pk},
    )
