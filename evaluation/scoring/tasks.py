"""The job of an evaluation run."""

from typing import Any

from evaluation.evidence.models import EvidenceBook
from evaluation.scoring.models import ScoringScheme
from evaluation.scoring.operations import RunInput, build_snapshot, store_run
from hubs.terms.models import Term
from yorozu.core.errors import NotReady
from yorozu.core.jobs.registry import handles
from yorozu.core.jobs.runner import JobContext, actor_of

STEPS = 3


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
    context.progress(2, STEPS, "点数・評語・順位を計算し、保存しています")
    with context.closing() as result:
        try:
            run = store_run(
                actor_of(context.job), given=given, snapshot=snapshot, job_id=context.job_id
            )
        except (ValueError, TypeError) as refusal:
            raise NotReady(f"証拠台帳の内容を計算できません。{refusal}") from refusal
        result.update(run_id=run.pk, result_hash=run.result_hash, url=f"/evaluation/runs/{run.pk}/")
    return result
