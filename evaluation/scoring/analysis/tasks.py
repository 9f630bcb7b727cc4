"""The job that analyses a run that was computed without, or by an older release."""

from typing import Any

from celery import shared_task

from evaluation.scoring.analysis import operations
from evaluation.scoring.queries import visible_runs
from evaluation.scoring.rules.analysis import STEPS
from yorozu.core.access import system_scope
from yorozu.core.errors import NotReady
from yorozu.core.jobs.registry import handles
from yorozu.core.jobs.runner import JobContext, actor_of

KEEPING = "結果を保存しています"


@handles("evaluation.analysis")
def analyse_run(context: JobContext) -> dict[str, Any]:
    """Read the run and its books, compute, and keep the analysis with the end of the job."""
    actor = actor_of(context.job)
    run = visible_runs(actor).filter(pk=context.params["run_id"]).first()
    if run is None:
        raise NotReady("評価が見つからないか、見る権限がなくなりました。")
    total = len(STEPS) + 1
    try:
        found = operations.compute_for(run, lambda done, name: context.progress(done, total, name))
    except (ValueError, TypeError) as refusal:
        raise NotReady(f"この評価を分析できません。{refusal}") from refusal
    context.progress(len(STEPS), total, KEEPING)
    with context.closing() as result:
        row = operations.store(actor, run=run, found=found, job_id=context.job_id)
        result.update(
            run_id=run.pk,
            result_hash=row.result_hash,
            url=f"/evaluation/runs/{run.pk}/analysis/",
        )
    return result


@shared_task(name="scoring.analyse_missing")
def analyse_missing() -> int:
    """Ask for the analyses that are missing; returns how many runs lack one."""
    return len(operations.start_missing(system_scope("夜間の分析")))
