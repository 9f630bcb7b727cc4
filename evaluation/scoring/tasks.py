"""Jobs of the runs: computing one, the nightly recomputation, the reminders of the morning."""

from typing import Any

from celery import shared_task
from django.urls import reverse

from evaluation.evidence.models import EvidenceBook
from evaluation.scoring.analysis import operations as analyses
from evaluation.scoring.models import EvaluationRun, RunKind, ScoringScheme
from evaluation.scoring.operations import (
    RunInput,
    apply_adjustments,
    build_snapshot,
    planned_adjustments,
    recheck_runs,
    remind_hubs,
    store_run,
)
from evaluation.scoring.operations.panel import APPLY_JOB
from evaluation.scoring.rules.analysis import STEPS as ANALYSIS_STEPS
from hubs.terms.models import Term
from yorozu.core import clock
from yorozu.core.access import system_scope
from yorozu.core.errors import NotReady
from yorozu.core.jobs.operations import enqueue
from yorozu.core.jobs.registry import handles
from yorozu.core.jobs.runner import JobContext, actor_of

READING = 2
STEPS = READING + len(ANALYSIS_STEPS) + 2
RECHECK_JOB, REMIND_JOB = "evaluation.recheck", "evaluation.remind_facts"
NIGHT, MORNING = "夜間の再計算", "朝の期限の連絡"


@handles("evaluation.run")
def run_evaluation(context: JobContext) -> dict[str, Any]:
    """Read the books in one query, compute all hubs, and store the run with the end of the job."""
    params = context.params
    term = Term.objects.get(pk=params["term_id"])
    scheme = ScoringScheme.objects.get(pk=params["scheme_id"])
    context.progress(0, STEPS, "証拠台帳を読んでいます")
    held = EvidenceBook.objects.select_related("hub").filter(pk__in=params["book_ids"])
    books = {book.hub.code: book for book in held.order_by("hub__code")}
    context.progress(1, STEPS, f"{len(books)}拠点の証拠台帳をまとめています")
    given = RunInput(term=term, kind=params["kind"], scheme=scheme, books=books)
    snapshot = build_snapshot(given)
    context.progress(READING, STEPS, "得点の算定")
    try:
        analysis = None
        # A trial is for a first look: its analysis is asked for on its page.
        if given.kind != RunKind.TRIAL:
            analysis = analyses.compute(
                snapshot,
                books,
                lambda done, name: context.progress(READING + 1 + done, STEPS, name),
            )
        context.progress(STEPS - 1, STEPS, "点数・評語・順位を計算し、保存しています")
        with context.closing() as result:
            actor, job_id = actor_of(context.job), context.job_id
            run = store_run(actor, given=given, snapshot=snapshot, job_id=job_id)
            if analysis is not None:
                analyses.store(actor, run=run, found=analysis, job_id=job_id)
            result.update(
                run_id=run.pk,
                result_hash=run.result_hash,
                url=f"/evaluation/runs/{run.pk}/",
            )
    except (ValueError, TypeError) as refusal:
        raise NotReady(f"証拠台帳の内容を計算できません。{refusal}") from refusal
    return result


@handles(APPLY_JOB)
def apply_the_panels_adjustments(context: JobContext) -> dict[str, Any]:
    """Compute the run with its confirmed adjustments, with its analysis, and store both."""
    run = EvaluationRun.objects.get(pk=context.params["run_id"])
    context.progress(0, STEPS, "承認された調整を読んでいます")
    try:
        snapshot, books = planned_adjustments(run)
        found = analyses.compute(
            snapshot,
            books,
            lambda done, name: context.progress(READING + done, STEPS, name),
        )
        with context.closing() as result:
            actor = actor_of(context.job)
            made = apply_adjustments(actor, run=run)
            analyses.store(actor, run=made, found=found, job_id=context.job_id)
            result.update(run_id=made.pk, result_hash=made.result_hash)
            result.update(url=reverse("run_panel", args=[made.pk]))
    except (ValueError, TypeError) as refusal:
        raise NotReady(f"調整を反映した評価を計算できません。{refusal}") from refusal
    return result


@handles(RECHECK_JOB)
def recheck_all(context: JobContext) -> dict[str, Any]:
    """Recompute every run that was ever fixed; what differs is an alarm."""
    context.progress(0, 1, "確定した評価を再計算しています")
    with context.closing() as result:
        found = recheck_runs(actor_of(context.job))
        result.update(runs=len(found), different=sum(not row.is_same for row in found))
    return result


@shared_task(name="scoring.recheck_runs")
def recheck_nightly() -> int:
    """Ask for the recomputation of this night; asking twice gives one job."""
    key = f"{RECHECK_JOB}:{clock.today():%Y%m%d}"
    label = "確定した評価の再計算"
    return enqueue(system_scope(NIGHT), kind=RECHECK_JOB, key=key, label=label).pk


@handles(REMIND_JOB)
def remind_of_facts(context: JobContext) -> dict[str, Any]:
    """Remind the hubs whose deadline comes near, and national HQ of checks that are over."""
    with context.closing() as result:
        result["notices"] = remind_hubs(actor_of(context.job))
    return result


@shared_task(name="scoring.remind_of_facts")
def remind_daily() -> int:
    """Ask for the reminders of this morning; asking twice gives one job."""
    key = f"{REMIND_JOB}:{clock.today():%Y%m%d}"
    label = "事実確認の期限の連絡"
    return enqueue(system_scope(MORNING), kind=REMIND_JOB, key=key, label=label).pk
