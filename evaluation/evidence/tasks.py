"""Jobs of this slice: ids in, one operation out."""

from datetime import date
from typing import Any

from django.urls import reverse

from evaluation.evidence.operations import (
    JOB_KIND,
    in_operation,
    require_ready,
    write_books,
)
from evaluation.evidence.queries import collect
from hubs.terms.models import Term
from yorozu.core.canonical import canonical_hash
from yorozu.core.jobs.registry import handles
from yorozu.core.jobs.runner import JobContext, actor_of

STEPS = 20


@handles(JOB_KIND)
def freeze_all(context: JobContext) -> dict[str, Any]:
    """Read all hubs in sets, fold them with a moving bar, write all books in one transaction."""
    term = Term.objects.get(pk=context.params["term_id"])
    as_of = date.fromisoformat(context.params["as_of"])
    context.progress(0, 0, "証拠を集めています")
    found = in_operation(collect(term, as_of))
    require_ready(found)
    seen: dict[int, str] = {}
    every = -(-len(found) // STEPS)
    for done, one in enumerate(found, start=1):
        seen[one.hub.pk] = canonical_hash(one.content)
        if done % every == 0 or done == len(found):
            context.progress(done, len(found), f"{one.hub.name}の証拠をまとめています")
    with context.closing(url=reverse("evidence_term", args=[term.fiscal_year])) as result:
        result.update(write_books(actor_of(context.job), term=term, as_of=as_of, seen=seen))
    return result
