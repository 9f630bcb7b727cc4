"""The job of an evaluation run."""

from typing import Any

from evaluation.evidence.models import EvidenceBook
from evaluation.scoring.analysis import operations as analyses
from evaluation.scoring.models import RunKind, ScoringScheme
from evaluation.scoring.operations import RunInput, build_snapshot, store_run
from evaluation.scoring.rules.analysis import STEPS as ANALYSIS_STEPS
from hubs.terms.models import Term
from yorozu.core.errors import NotReady
from yorozu.core.jobs.registry import handles
from yorozu.core.jobs.runner import JobContext, actor_of

READING = 2
STEPS = READING + len(ANALYSIS_STEPS) + 2


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
