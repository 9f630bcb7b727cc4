"""The jobs of the budget: computing a scenario, the nightly recomputation of all."""

from typing import Any

from celery import shared_task

from evaluation.budget.models import BudgetRule, BudgetScenario
from evaluation.budget.operations import Proposal, build_snapshot, store_scenario
from evaluation.budget.rechecking import RECHECK_JOB, recheck_scenarios
from evaluation.budget.rules.lines import Line
from evaluation.scoring.models import EvaluationRun
from yorozu.core import clock
from yorozu.core.access import system_scope
from yorozu.core.errors import NotReady
from yorozu.core.jobs.operations import enqueue
from yorozu.core.jobs.registry import handles
from yorozu.core.jobs.runner import JobContext, actor_of


@handles("evaluation.budget")
def compute_budget(context: JobContext) -> dict[str, Any]:
    """Collect the rule's input, allocate to the yen, store the scenario with the end of the job."""
    params = context.params
    run = EvaluationRun.objects.select_related("term").get(pk=params["run_id"])
    rule = BudgetRule.objects.get(pk=params["rule_id"])
    context.progress(1, 3, "評価と証拠台帳を読んでいます")
    proposal = Proposal(
        lines=[Line(entry["name"], entry["total"]) for entry in params["lines"]],
        note=params["note"],
        based_on=BudgetScenario.objects.filter(pk=params["based_on_id"]).first(),
    )
    try:
        snapshot = build_snapshot(run, rule, params["total_yen"], proposal)
    except ValueError as refusal:
        raise NotReady(f"配分案を計算できません。{refusal}") from refusal
    context.progress(2, 3, "配分額を計算し、保存しています")
    with context.closing() as result:
        try:
            scenario = store_scenario(
                actor_of(context.job),
                run=run,
                rule=rule,
                title=params["title"],
                snapshot=snapshot,
                job_id=context.job_id,
            )
        except (ValueError, TypeError) as refusal:
            raise NotReady(f"配分案を計算できません。{refusal}") from refusal
        url = f"/evaluation/budget/{scenario.pk}/"
        result.update(scenario_id=scenario.pk, result_hash=scenario.result_hash, url=url)
    return result


@handles(RECHECK_JOB)
def recheck_all(context: JobContext) -> dict[str, Any]:
    """Recompute every scenario; what differs is an alarm."""
    context.progress(0, 1, "配分案を再計算しています")
    with context.closing() as result:
        found = recheck_scenarios(actor_of(context.job))
        result.update(scenarios=len(found), different=sum(bool(row.faults) for row in found))
    return result


@shared_task(name="budget.recheck_scenarios")
def recheck_nightly() -> int:
    """Ask for the recomputation of this night; asking twice gives one job."""
    key = f"{RECHECK_JOB}:{clock.today():%Y%m%d}"
    return enqueue(
        system_scope("夜間の再計算"), kind=RECHECK_JOB, key=key, label="配分案の再計算"
    ).pk
