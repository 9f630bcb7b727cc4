"""Marks on the pages of results and plans that lead to the flags; one query each."""

from collections.abc import Iterable
from datetime import date

from django.urls import reverse

from hubs.integrity.models import FlagState, IntegrityFlag
from hubs.integrity.rules import Check
from yorozu.core.access import Scope, decide
from yorozu.core.marks import Mark, Marks, provides

WORD = "確認事項"


def _open_flags(scope: Scope, hub_id: int, fiscal_year: int) -> Iterable[IntegrityFlag]:
    if not decide(scope, "hubs.integrity.view", hub_id=hub_id).allowed:
        return []
    rows = IntegrityFlag.objects.visible_to(scope).filter(
        hub_id=hub_id, term__fiscal_year=fiscal_year
    )
    return rows.exclude(state=FlagState.CLOSED).order_by("pk")


def _mark(flag: IntegrityFlag) -> Mark:
    return Mark(WORD, flag.sentence, reverse("integrity_detail", args=[flag.pk]))


@provides("results")
def marks_of_results(scope: Scope, hub_id: int, fiscal_year: int) -> Marks:
    """Flags of a month stand at their figure, those of the whole year above the table."""
    at_figures: dict[tuple[date, str], Mark] = {}
    on_page = []
    for flag in _open_flags(scope, hub_id, fiscal_year):
        if flag.month is None:
            on_page.append(_mark(flag))
        else:
            at_figures.setdefault((flag.month, flag.indicator_code), _mark(flag))
    return Marks(at_figures, on_page)


@provides("plans")
def marks_of_plan(scope: Scope, hub_id: int, fiscal_year: int) -> Marks:
    """What the start interview should talk about: targets that sink while results are stable."""
    rows = _open_flags(scope, hub_id, fiscal_year)
    return Marks(on_page=[_mark(flag) for flag in rows if flag.kind == Check.RATCHET])
