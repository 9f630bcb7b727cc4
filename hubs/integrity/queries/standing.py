"""What stands of the flags: findings that last, and how many wait for whom."""

from collections import defaultdict

from django.db.models import Count

from hubs.integrity.models import FlagState, IntegrityFlag
from hubs.terms.models import Term
from yorozu.core.access import Scope


def findings_in_force(term: Term) -> dict[int, list[IntegrityFlag]]:
    """Decided findings of a term that are not settled, by hub, with their decisions."""
    found: dict[int, list[IntegrityFlag]] = defaultdict(list)
    rows = IntegrityFlag.objects.filter(term=term, state=FlagState.FINDING, hub__isnull=False)
    for flag in rows.prefetch_related("decisions").order_by("hub__code", "pk"):
        found[flag.hub_id or 0].append(flag)
    return dict(found)


def open_counts(scope: Scope) -> dict[str, int]:
    """How many flags of the scope stand in each state that still needs somebody."""
    rows = IntegrityFlag.objects.visible_to(scope).exclude(state=FlagState.CLOSED)
    return dict(rows.order_by().values_list("state").annotate(Count("pk")))
