"""What a file of records is held against: accepted months, closed years, names as registered."""

from collections import defaultdict
from collections.abc import Iterable

from django.db import connection

from hubs.network.models import Hub
from hubs.people.models import Engagement
from hubs.terms.models import Term, TermState
from yorozu.core.access import Scope
from yorozu.core.sheets import match_key

# Hub and month (2025-04).
HubMonth = tuple[int, str]
_ACCEPTED = """
SELECT hub_id, CAST(month AS char(7)) FROM hubs_monthlyreport WHERE state = 'accepted'
"""


def accepted_months() -> set[HubMonth]:
    """Months whose results the bureau has accepted.

    The reports belong to a higher slice, so the table is named here and no model is imported.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ACCEPTED)
        return {(int(hub_id), str(month)[:7]) for hub_id, month in cursor.fetchall()}


def closed_years() -> set[int]:
    """Fiscal years whose term is closed: their records no longer move."""
    closed = Term.objects.filter(state=TermState.CLOSED)
    return set(closed.values_list("fiscal_year", flat=True))


def all_hubs(actor: Scope) -> tuple[dict[str, Hub], dict[str, Hub]]:
    """Hubs by code: those of the scope, and all."""
    everywhere = {hub.code: hub for hub in Hub.objects.order_by("code")}
    mine = {code: hub for code, hub in everywhere.items() if actor.covers(hub.pk)}
    return mine, everywhere


def registered_names(hub_ids: Iterable[int]) -> dict[int, dict[str, str]]:
    """Names of the people ever engaged at these hubs, by hub and folded name."""
    names: defaultdict[int, dict[str, str]] = defaultdict(dict)
    engaged = Engagement.objects.filter(hub_id__in=list(hub_ids)).order_by("starts_on", "pk")
    for hub_id, name in engaged.values_list("hub_id", "person__name"):
        names[hub_id][name_key(name)] = name
    return dict(names)


def name_key(name: str) -> str:
    """A name for comparison: blanks within make no second person."""
    return match_key(name).replace(" ", "")
