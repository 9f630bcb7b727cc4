"""Starting the batch of hearing sheets."""

from evaluation.hearings.models import Hearing, HearingState
from hubs.terms.models import Term
from yorozu.core.access import Scope, require
from yorozu.core.canonical import canonical_hash
from yorozu.core.errors import NotReady
from yorozu.core.fiscal import nendo
from yorozu.core.jobs.models import Job
from yorozu.core.jobs.operations import TrailEntry, enqueue_once

KIND = "hearings.sheets"
MAKE = "evaluation.hearings.make_sheets"


def planned_hearings(term: Term) -> list[Hearing]:
    """Hearings of the term that have a panel in the portal, in code order."""
    rows = Hearing.objects.filter(term=term).exclude(state=HearingState.FILED)
    return list(rows.select_related("hub__bureau", "term", "checklist").order_by("hub__code"))


def start_sheets(actor: Scope, *, term: Term) -> Job:
    """Queue the sheets of every planned hearing of the term as one zip.

    The same hearings in the same state give the same job, so a double click makes one file.
    """
    require(actor, MAKE)
    hearings = planned_hearings(term)
    if not hearings:
        raise NotReady("この期のヒアリングがまだないため、ヒアリング票を作成できません。")
    states = [
        [row.pk, row.state, row.version, str(row.compared_at), str(row.settled_at)]
        for row in hearings
    ]
    what = {"hearings": states, "reader": actor.user_id or 0}
    return enqueue_once(
        actor,
        TrailEntry(MAKE, term, {"hearings": len(hearings)}),
        kind=KIND,
        key=f"{KIND}:{term.pk}:{canonical_hash(what)[:20]}",
        label=f"{nendo(term.fiscal_year)} ヒアリング票の一括作成（{len(hearings)}拠点）",
        params={"term_id": term.pk},
    )
