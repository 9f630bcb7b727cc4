"""Starting the batch of hub sheets; writing the remarks on a hub."""

from collections.abc import Mapping

from django.db import transaction

from evaluation.budget.models import BudgetScenario, ScenarioState
from evaluation.reports.models import HubRemarks
from evaluation.reports.queries import standing_remarks
from evaluation.scoring.models import EvaluationRun
from evaluation.scoring.queries import visible_results
from hubs.network.models import Hub
from hubs.terms.queries import rules_stamp
from yorozu.core import clock
from yorozu.core.access import Scope, require
from yorozu.core.audit.operations import record
from yorozu.core.canonical import canonical_hash
from yorozu.core.errors import Conflict, Missing
from yorozu.core.fiscal import nendo
from yorozu.core.jobs.models import Job
from yorozu.core.jobs.operations import TrailEntry, enqueue_once

BUDGET_PAPER = "reports.budget"
TEXTS = ("strengths", "issues", "next_steps")


def start_budget_paper(actor: Scope, *, scenario: BudgetScenario) -> Job:
    """Queue the PDF of a proposal as the person may see it.

    The same scenario in the same state under the same rules on the same day gives the same job: a
    double click makes one file.
    """
    require(actor, "evaluation.budget.paper")
    what = {
        "result": scenario.result_hash,
        "state": scenario.state,
        "run": scenario.run.state,
        "rules": repr(rules_stamp(scenario.run.term)),
        "reader": f"{actor.user_id}:{actor.membership_id}",
        "day": clock.today().isoformat(),
    }
    return enqueue_once(
        actor,
        TrailEntry("evaluation.budget.paper", scenario),
        kind=BUDGET_PAPER,
        key=f"{BUDGET_PAPER}:{scenario.pk}:{canonical_hash(what)[:20]}",
        label=f"{nendo(scenario.fiscal_year)} 配分案「{scenario.title}」のPDF",
        params={"scenario_id": scenario.pk},
    )


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
        "remarks": sorted((row.pk, row.version) for row in standing_remarks(run).values()),
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


def require_open(run: EvaluationRun, hub: Hub) -> None:
    """Conflict when the run is published: its remarks stand."""
    if not run.is_pending:
        way = Missing("評価票", "report_hub_sheet", link_args=(run.pk, hub.code))
        raise Conflict("公表した評価の講評は変更できません。", way)


def write_remarks(
    actor: Scope, *, run: EvaluationRun, hub: Hub, texts: Mapping[str, str], version: int
) -> HubRemarks:
    """Write the remarks of a run on a hub; ``version`` is the writing they are based on, 0 = none.

    Conflict when the run is published already, or somebody wrote in the meantime.
    """
    require(actor, "evaluation.reports.remark", hub_id=hub.pk)
    with transaction.atomic():
        held = EvaluationRun.objects.select_for_update().get(pk=run.pk)
        require_open(held, hub)
        row = HubRemarks.objects.filter(run=held, hub=hub).first() or HubRemarks(
            run=held, hub=hub, version=0
        )
        before = {name: getattr(row, name) for name in TEXTS}
        after = {name: texts[name].strip() for name in TEXTS}
        if before == after and (row.pk or hub.pk not in standing_remarks(held)):
            return row
        if row.version != version:
            raise Conflict("ほかの担当者が先に講評を記入しました。両方の内容を確認してください。")
        for name, text in after.items():
            setattr(row, name, text)
        row.version += 1
        row.written_at, row.written_by_name = clock.now(), actor.label
        row.save()
        record(actor, "evaluation.reports.remark", row, before=before, after=after)
    return row
