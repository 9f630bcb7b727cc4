"""The job that makes the compilation of the results as PDF."""

import io
from typing import Any

from hubs.results import files
from hubs.results.operations.papers import ACTION, KIND
from hubs.results.queries.compilation import compilation, period_of
from hubs.terms.models import Term
from yorozu.core.access import require
from yorozu.core.errors import NotReady
from yorozu.core.fiscal import parse_month
from yorozu.core.jobs.files import keep_file
from yorozu.core.jobs.registry import handles
from yorozu.core.jobs.runner import JobContext, actor_of

STEPS = 2


@handles(KIND)
def make_compilation(context: JobContext) -> dict[str, Any]:
    """Compile with the rights the person has now, and print it."""
    actor, params = actor_of(context.job), context.params
    require(actor, ACTION)
    term = Term.objects.filter(pk=params["term_id"]).first()
    month = parse_month(params["month"])
    period = period_of(term, month, single=params["single"]) if term is not None else None
    if term is None or period is None:
        raise NotReady("実績を取りまとめられません。期がないか、まだ終わった月がありません。")
    context.progress(0, STEPS, "実績を取りまとめています")
    found = compilation(actor, term, period, with_shares=params["shares"])
    context.progress(1, STEPS, "PDFを作成しています")
    made = io.BytesIO(files.compilation_pdf(found))
    with context.closing() as result:
        result.update(
            file=keep_file(context.job_id, made, "compilation.pdf"),
            filename=f"{files.compilation_name(found)}.pdf",
        )
    return result
