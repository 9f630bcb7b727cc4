"""Marks on the pages of results and plans that lead to the flags; one query for any hubs."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date

from django.urls import reverse

from hubs.integrity.models import FlagState, IntegrityFlag
from hubs.integrity.rules import Check
from yorozu.core.access import Scope, decide
from yorozu.core.marks import Mark, Marks, provides

WORD = "確認事項"


def _open_flags(
    scope: Scope, hub_ids: Collection[int], fiscal_year: int
) -> Mapping[int, list[IntegrityFlag]]:
    if not decide(scope, "hubs.integrity.view").allowed:
        return {}
    rows = IntegrityFlag.objects.visible_to(scope).filter(
        hub__in=hub_ids, term__fiscal_year=fiscal_year
    )
    found: dict[int, list[IntegrityFlag]] = defaultdict(list)
    for flag in rows.exclude(state=FlagState.CLOSED).order_by("pk"):
        found[flag.hub_id or 0].append(flag)
    return found


def _mark(flag: IntegrityFlag) -> Mark:
    return Mark(WORD, flag.sentence, reverse("integrity_detail", args=[flag.pk]))


@provides("results")
def marks_of_results(
    scope: Scope, hub_ids: Collection[int], fiscal_year: int
) -> Mapping[int, Marks]:
    """Flags of a month stand at their figure, those of the whole year above the table."""
    found = _open_flags(scope, hub_ids, fiscal_year)
    return {hub_id: _marks(flags) for hub_id, flags in found.items()}


def _marks(flags: Iterable[IntegrityFlag]) -> Marks:
    at_figures: dict[tuple[date, str], Mark] = {}
    on_page = []
    for flag in flags:
        if flag.month is None:
            on_page.append(_mark(flag))
        else:
            at_figures.setdefault((flag.month, flag.indicator_code), _mark(flag))
    return Marks(at_figures, on_page)


@provides("plans")
def marks_of_plan(scope: Scope, hub_ids: Collection[int], fiscal_year: int) -> Mapping[int, Marks]:
    """What the start interview should talk about: targets that sink while results are stable."""
    found = _open_flags(scope, hub_ids, fiscal_year)
    return {
        hub_id: Marks(on_page=[_mark(flag) for flag in flags if flag.kind == Check.RATCHET])
        for hub_id, flags in found.items()
    }
