"""Starting the batch of PDF forms."""

from hubs.plans.models import Plan
from hubs.terms.models import Term
from yorozu.core.access import Scope, require
from yorozu.core.canonical import canonical_hash
from yorozu.core.errors import NotReady
from yorozu.core.fiscal import nendo
from yorozu.core.jobs.models import Job
from yorozu.core.jobs.operations import TrailEntry, enqueue_once

KIND = "plans.forms"


def start_forms(*, actor: Scope, term: Term) -> Job:
    """Queue the forms of every plan of the term in the scope as one zip.

    The same plans in the same state give the same job, so a double click makes one file.
    """
    require(actor, "hubs.plans.make_forms")
    plans = Plan.objects.visible_to(actor).filter(term=term)
    states = plans.order_by("pk").values_list("pk", "state", "version", "versions__number")
    what = {
        "plans": [list(row) for row in states.order_by("pk", "versions__number")],
        "reader": actor.user_id or 0,
        "role": str(actor.role or ""),
    }
    count = plans.count()
    if not count:
        raise NotReady("この期の事業計画がまだないため、様式を作成できません。")
    key = f"{KIND}:{term.pk}:{canonical_hash(what)[:20]}"
    return enqueue_once(
        actor,
        TrailEntry("hubs.plans.make_forms", term, {"plans": count}),
        kind=KIND,
        key=key,
        label=f"{nendo(term.fiscal_year)} 事業計画書の一括作成（{count}拠点）",
        params={"term_id": term.pk},
    )
