"""The list of flags under its filters."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, F, QuerySet

from hubs.integrity.models import FlagState, IntegrityFlag
from hubs.integrity.rules import Check
from hubs.terms.models import Term
from yorozu.core.access import Scope

# Shown first: whoever's turn it is, then what lasts, then what is over.
ORDER = list(FlagState)


@dataclass(frozen=True)
class FlagFilter:
    """What the list is narrowed to; empty means all. Unknown words count as empty."""

    fiscal_year: int | None = None
    state: str = ""
    check: str = ""
    bureau: str = ""
    hub: str = ""

    @classmethod
    def read(cls, given: Mapping[str, str]) -> "FlagFilter":
        """From the query of an address."""
        year = given.get("fiscal_year", "")
        return cls(
            int(year) if year.isascii() and year.isdigit() and len(year) == 4 else None,
            given.get("state", "") if given.get("state") in FlagState.values else "",
            given.get("check", "") if given.get("check") in set(Check) else "",
            given.get("bureau", "")[:20],
            given.get("hub", "")[:2],
        )

    def query(self, **changed: Any) -> str:
        """The address's query with some parts changed."""
        parts = {
            "fiscal_year": self.fiscal_year,
            "state": self.state,
            "check": self.check,
            "bureau": self.bureau,
            "hub": self.hub,
        } | changed
        return urlencode({name: value for name, value in parts.items() if value})


def visible_flags(scope: Scope) -> QuerySet[IntegrityFlag]:
    """Flags the scope may know of, with hub and term."""
    rows: QuerySet[IntegrityFlag] = IntegrityFlag.objects.visible_to(scope)
    return rows.select_related("hub__bureau", "term")


def filtered(scope: Scope, wanted: FlagFilter) -> QuerySet[IntegrityFlag]:
    """The list in its order: newest first, within a day by hub."""
    rows = _narrowed(scope, wanted)
    if wanted.state:
        rows = rows.filter(state=wanted.state)
    # NULLs (the network) stand first on both databases.
    by_hub = F("hub__code").asc(nulls_first=True)
    return rows.order_by("-first_seen", by_hub, "check_code", "subject", "-round")


def state_counts(scope: Scope, wanted: FlagFilter) -> dict[str, int]:
    """How many flags each state has under the other filters."""
    rows = _narrowed(scope, wanted).order_by().values_list("state").annotate(Count("pk"))
    found = dict(rows)
    return {state.value: found.get(state.value, 0) for state in ORDER}


def _narrowed(scope: Scope, wanted: FlagFilter) -> QuerySet[IntegrityFlag]:
    rows = visible_flags(scope)
    if wanted.fiscal_year is not None:
        rows = rows.filter(term__in=Term.objects.filter(fiscal_year=wanted.fiscal_year))
    if wanted.check:
        rows = rows.filter(check_code=wanted.check)
    if wanted.bureau:
        rows = rows.filter(hub__bureau__code=wanted.bureau)
    if wanted.hub:
        rows = rows.filter(hub__code=wanted.hub)
    return rows
