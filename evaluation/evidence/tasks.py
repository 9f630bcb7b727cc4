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
from hubs.network.models import Hub
from hubs.terms.models import Term
from yorozu.core.canonical import canonical_hash
from yorozu.core.jobs.registry import handles
from yorozu.core.jobs.runner import JobContext, actor_of


@handles(JOB_KIND)
def freeze_all(context: JobContext) -> dict[str, Any]:
    """Read hub by hub with a moving bar, then write all books in the one closing transaction."""
    term = Term.objects.get(pk=context.params["term_id"])
    as_of = date.fromisoformat(context.params["as_of"])
    hubs = list(Hub.objects.select_related("bureau", "prefecture"))
    seen: dict[int, str] = {}
    for done, hub in enumerate(hubs, start=1):
        found = in_operation(collect(term, as_of, [hub]))
        require_ready(found)
        seen |= {one.hub.pk: canonical_hash(one.content) for one in found}
        context.progress(done, len(hubs), f"{hub.name}の証拠を集めています")
    with context.closing(url=reverse("evidence_term", args=[term.fiscal_year])) as result:
        result.update(write_books(actor_of(context.job), term=term, as_of=as_of, seen=seen))
    return result
